"""The running work, and the counters of the pipelines."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from ..coordinator import Heartbeat
from ..types import PipelineId, PipelineMetrics, PipelineName

_METRICS = 10_000
"""The number of pipelines in a heartbeat: the limit of the schema."""


class InFlight:
    """The running work. It counts the events of the pipelines that commands deployed."""

    def __init__(self) -> None:
        self.running = 0
        self.draining = asyncio.Event()
        """Set when new work is refused."""
        self.idle = asyncio.Event()
        """Set while no work runs."""
        self.idle.set()
        self._events = 0
        self._pipelines: dict[PipelineId, PipelineMetrics] = {}

    @contextmanager
    def work(self) -> Generator[None, None, None]:
        """Counts as running work."""
        self.running += 1
        self.idle.clear()
        try:
            yield
        finally:
            self.running -= 1
            if self.running == 0:
                self.idle.set()

    def deployed(self, pipeline: PipelineId, name: PipelineName) -> None:
        """Counts a new pipeline."""
        metrics = PipelineMetrics(pipeline_name=name, events_in=0, events_out=0)
        self._pipelines.setdefault(pipeline, metrics)

    def undeployed(self, pipeline: PipelineId) -> None:
        """Removes a pipeline."""
        self._pipelines.pop(pipeline, None)

    def injected(self, pipeline: PipelineId, events_in: int, events_out: int) -> None:
        """Counts the events of a pipeline."""
        self._events += events_in
        metrics = self._pipelines.get(pipeline)
        if metrics is not None:
            metrics.events_in += events_in
            metrics.events_out += events_out

    def heartbeat(self) -> Heartbeat:
        """Returns the payload of a heartbeat."""
        return Heartbeat(
            events_processed=self._events,
            pipelines_running=len(self._pipelines),
            pipeline_metrics=list(self._pipelines.values())[:_METRICS],
        )
