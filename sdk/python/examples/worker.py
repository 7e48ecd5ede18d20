"""A worker with an engine of its own: it registers with a coordinator, runs commands, and drains on Ctrl-C.

Start a coordinator before or after it: `cargo run -- coordinator`. The variable `NATS_URL` names the server,
`WORKER_ID` the worker, and `API_KEY` the key of the coordinators.
"""

import asyncio
import os
import re
import signal
import time
from typing import Any

from natsgen_runtime import Context, connect

from varpulis_sdk.types import EngineCheckpoint, OutputEvent, WorkerId
from varpulis_sdk.worker import (
    CheckpointFault,
    CheckpointReply,
    CheckpointRequest,
    DeployFault,
    DeployReply,
    DeployRequest,
    DrainReply,
    DrainRequest,
    InjectBatchFault,
    InjectBatchReply,
    InjectBatchRequest,
    InjectFault,
    InjectReply,
    InjectRequest,
    RestoreFault,
    RestoreReply,
    RestoreRequest,
    UndeployFault,
    UndeployReply,
    UndeployRequest,
    WorkerService,
)
from varpulis_sdk.worker_node import WorkerNode

PROGRAM = re.compile(r"stream (\w+) = (\w+) \.where\((\w+) > (\d+)\)")
"""A program with a single stream, such as `stream Hot = Reading .where(celsius > 90)`."""


class Pipeline:
    """A pipeline with a single stream."""

    def __init__(self, name: str, source: str) -> None:
        """Raises a fault if the source is not a program of this engine."""
        program = PROGRAM.fullmatch(source)
        if program is None:
            raise DeployFault.pipeline_parse("expected a stream")
        self.emits, self.accepts, self.field, limit = program.groups()
        self.limit = float(limit)
        self.name = name
        self.received = 0
        self.emitted = 0

    def process(self, event_type: str, fields: dict[str, Any]) -> list[OutputEvent]:
        """Processes an event. Returns the events that it emits."""
        self.received += 1
        value = fields.get(self.field)
        if event_type != self.accepts or not isinstance(value, int | float):
            return []
        if value <= self.limit:
            return []
        self.emitted += 1
        return [OutputEvent(event_type=self.emits, fields=fields)]


class Engine(WorkerService):
    """The pipelines of the worker."""

    def __init__(self) -> None:
        # The number of the last pipeline begins at the start time, so ids of an earlier run are unknown.
        self.last = time.time_ns() // 1_000_000
        self.pipelines: dict[str, Pipeline] = {}

    async def deploy(self, context: Context, request: DeployRequest) -> DeployReply:
        pipeline = Pipeline(request.name, request.source)
        print(f"deployed {pipeline.name}", flush=True)
        self.last += 1
        id = f"p-{self.last}"
        self.pipelines[id] = pipeline
        return DeployReply(id=id, name=request.name, status="running")

    async def undeploy(
        self, context: Context, request: UndeployRequest
    ) -> UndeployReply:
        pipeline = self.pipelines.pop(request.pipeline_id, None)
        if pipeline is None:
            raise UndeployFault.pipeline_not_found(request.pipeline_id)
        print(f"undeployed {pipeline.name}, {pipeline.received} events", flush=True)
        return UndeployReply(ok=True)

    async def inject(self, context: Context, request: InjectRequest) -> InjectReply:
        pipeline = self.pipelines.get(request.pipeline_id)
        if pipeline is None:
            raise InjectFault.pipeline_not_found(request.pipeline_id)
        outputs = pipeline.process(request.event_type, request.fields)
        return InjectReply(ok=True, output_events=outputs)

    async def inject_batch(
        self, context: Context, request: InjectBatchRequest
    ) -> InjectBatchReply:
        started = time.monotonic_ns()
        pipeline = self.pipelines.get(request.pipeline_id)
        if pipeline is None:
            raise InjectBatchFault.pipeline_not_found(request.pipeline_id)
        outputs: list[OutputEvent] = []
        for event in request.events:
            outputs += pipeline.process(event.event_type, event.fields)
        return InjectBatchReply(
            events_sent=len(request.events),
            events_failed=0,
            output_events=outputs,
            errors=[],
            processing_time_us=(time.monotonic_ns() - started) // 1_000,
        )

    async def checkpoint(
        self, context: Context, request: CheckpointRequest
    ) -> CheckpointReply:
        pipeline = self.pipelines.get(request.pipeline_id)
        if pipeline is None:
            raise CheckpointFault.pipeline_not_found(request.pipeline_id)
        return EngineCheckpoint(
            window_states={},
            sase_states={},
            join_states={},
            variables={},
            events_processed=pipeline.received,
            output_events_emitted=pipeline.emitted,
        )

    async def restore(self, context: Context, request: RestoreRequest) -> RestoreReply:
        pipeline = self.pipelines.get(request.pipeline_id)
        if pipeline is None:
            raise RestoreFault.pipeline_not_found(request.pipeline_id)
        pipeline.received = request.checkpoint.events_processed
        pipeline.emitted = request.checkpoint.output_events_emitted
        return RestoreReply(ok=True)

    async def drain(self, context: Context, request: DrainRequest) -> DrainReply:
        # The node refuses new work from here on.
        return DrainReply(ok=True)


async def main() -> None:
    """Runs the worker until Ctrl-C."""
    url = os.environ.get("NATS_URL", "nats://localhost:4222")
    id = WorkerId(os.environ.get("WORKER_ID", "w0"))
    api_key = os.environ.get("API_KEY", "secret")
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)

    async with await connect(url) as connection:
        node = WorkerNode(id, api_key, Engine())
        async with await node.start(connection):
            await node.registered()
            print(f"worker {id} is {node.phase}", flush=True)

            await interrupted.wait()
            await node.drain()
            print(f"worker {id} is {node.phase}", flush=True)


asyncio.run(main())
