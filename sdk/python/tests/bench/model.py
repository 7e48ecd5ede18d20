"""Handwritten pydantic models, with the constraints of the schemas."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

UInt16 = Annotated[int, Field(ge=0, le=65_535)]
UInt32 = Annotated[int, Field(ge=0, le=4_294_967_295)]
UInt64 = Annotated[int, Field(ge=0, le=18_446_744_073_709_551_615)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
PipelineId = Annotated[
    str, Field(min_length=1, max_length=128, pattern="^[A-Za-z0-9_-]+$")
]
Name = Annotated[str, Field(min_length=1, max_length=256)]


class Model(BaseModel):
    """Refuses values of another type, as JSON Schema does."""

    model_config = ConfigDict(strict=True)


class Capacity(Model):
    cpu_cores: UInt16
    pipelines_running: UInt32
    max_pipelines: UInt32


class Register(Model):
    worker_id: Id
    address: Annotated[str, Field(max_length=2_048)]
    api_key: Annotated[str, Field(min_length=1, max_length=512)]
    capacity: Capacity
    instance: Id | None = None
    draining: Literal[True] | None = None
    confirm: Literal[True] | None = None


class Deploy(Model):
    name: Name
    source: Annotated[str, Field(max_length=1_000_000)]


class ConnectorHealth(Model):
    connector_name: Name
    connector_type: Annotated[str, Field(min_length=1, max_length=64)]
    connected: bool
    last_error: Annotated[str, Field(max_length=16_384)] | None = None
    messages_received: UInt64
    seconds_since_last_message: UInt64


class PipelineMetrics(Model):
    pipeline_name: Name
    events_in: UInt64
    events_out: UInt64
    connector_health: Annotated[list[ConnectorHealth], Field(max_length=1_000)] = []


class Heartbeat(Model):
    events_processed: UInt64
    pipelines_running: UInt32
    pipeline_metrics: Annotated[list[PipelineMetrics], Field(max_length=10_000)] = []
    saturated: Literal[True] | None = None


class InputEvent(Model):
    event_type: Name
    fields: Annotated[dict[str, Any], Field(max_length=1_024)] = {}


class InjectBatch(Model):
    pipeline_id: PipelineId
    events: Annotated[list[InputEvent], Field(max_length=10_000)]
