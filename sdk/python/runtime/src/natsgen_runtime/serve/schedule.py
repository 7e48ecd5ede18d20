"""The order of requests.

Requests with the same ordering key run in sequence, in the order of their arrival. All other requests run in parallel,
up to the concurrency limit. Control requests have reserved places, start before other requests, and overtake the
queued requests with their ordering key.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ..rpc.fault import KEY_OVERLOADED, OVERLOADED, ErrorKind
from .context import Context
from .options import ServeOptions
from .stats import Saturation

_RESERVED_BYTES = 65_536
"""The size that a reserved place adds to the limit of bytes."""

_STALL = 1.0
"""The time in seconds after which a server counts as saturated if requests are ready and none was started."""


class Job:
    """A request that is queued or runs."""

    __slots__ = (
        "context",
        "dedup_key",
        "is_ended",
        "key",
        "params",
        "reply",
        "request",
        "route",
        "size",
        "task",
    )

    def __init__(
        self,
        route: Any,
        context: Context,
        params: Any,
        request: Any,
        reply: str,
        size: int,
    ) -> None:
        self.route = route
        self.context = context
        self.params = params
        self.request = request
        self.reply = reply
        self.size = size
        self.key: Any = None
        """The ordering key; `None` without an order."""
        self.dedup_key: bytes | None = None
        self.is_ended = False
        """Whether the request is answered although its handler runs."""
        self.task: asyncio.Task[None] | None = None

    @property
    def is_control(self) -> bool:
        """Whether the request overtakes others."""
        return self.route.operation.control  # type: ignore[no-any-return]


class _Lane:
    """The jobs with an ordering key."""

    __slots__ = ("bytes", "current", "waiting")

    def __init__(self) -> None:
        self.current: Job | None = None
        """The job that is ready or runs."""
        self.waiting: deque[Job] = deque()
        self.bytes = 0


class Schedule:
    """The jobs of a server."""

    def __init__(self, options: ServeOptions) -> None:
        self._options = options
        self._per_key = (
            max(1, options.queue // 8)
            if options.per_key is None
            else max(1, options.per_key)
        )
        self._bytes_per_key = options.bytes // max(1, options.queue // self._per_key)
        self._control: deque[Job] = deque()
        self._ready: deque[Job] = deque()
        self._lanes: dict[Any, _Lane] = {}
        self.running = 0
        self.waiting = 0
        self.bytes = 0
        self._progress = 0.0
        """When a job was started last, or became ready while no other job was ready."""

    @property
    def saturation(self) -> Saturation | None:
        """The reason why the server is saturated, if it is."""
        options = self._options
        has_ready = bool(self._ready or self._control)
        if has_ready and time.monotonic() - self._progress > _STALL:
            return "handlers"
        if self.waiting and _is_almost(self.waiting, options.queue):
            return "queue"
        has_others = self.running + self.waiting > 1
        return "bytes" if has_others and _is_almost(self.bytes, options.bytes) else None

    def check(self, job: Job) -> ErrorKind | None:
        """Returns the fault if there is no room for a job. A job without other jobs has room in any case."""
        options = self._options
        reserve = options.reserve if job.is_control else 0
        present = self.running + self.waiting
        has_bytes = self.bytes + job.size <= options.bytes + reserve * _RESERVED_BYTES
        if present >= options.concurrency + options.queue + reserve or (
            present > 0 and not has_bytes
        ):
            return OVERLOADED
        lane = None if job.key is None else self._lanes.get(job.key)
        return (
            KEY_OVERLOADED
            if lane is not None and not self._has_room(lane, job)
            else None
        )

    def push(self, job: Job) -> None:
        """Queues a job."""
        self.waiting += 1
        self.bytes += job.size
        lane = None if job.key is None else self._lanes.get(job.key)
        if lane is not None:
            lane.waiting.append(job)
            lane.bytes += job.size
            return
        if job.key is not None:
            lane = self._lanes[job.key] = _Lane()
            lane.current = job
        self._make_ready(job)

    def overtake(self, job: Job) -> tuple[list[Job], Job | None]:
        """Removes the queued jobs that a control job overtakes. Returns them, and the running job with its key."""
        if job.key not in self._lanes:
            return [], None
        removed = self.remove(
            lambda other: other.key == job.key and not other.is_control
        )
        lane = self._lanes.get(job.key)
        current = None if lane is None else lane.current
        if current is None or current.is_control or current.task is None:
            return removed, None
        return removed, current

    def next(self) -> Job | None:
        """Returns the next job that may start."""
        options = self._options
        if self._control and self.running < options.concurrency + options.reserve:
            job = self._control.popleft()
        elif self._ready and self.running < options.concurrency:
            job = self._ready.popleft()
        else:
            return None
        self.running += 1
        self.waiting -= 1
        self._progress = time.monotonic()
        return job

    def finish(self, job: Job) -> None:
        """Completes a running job."""
        self.running -= 1
        self.bytes -= job.size
        self.end(job)

    def end(self, job: Job) -> None:
        """Makes the next job with the key of a job ready, unless this was done before."""
        if job.key is None:
            return
        lane = self._lanes.get(job.key)
        if lane is not None and lane.current is job:
            self._advance(job.key, lane)

    def expired(self, now: float) -> list[Job]:
        """Removes and returns the queued jobs whose deadline has passed."""
        return self.remove(lambda job: job.context.deadline <= now)

    def remove(self, is_removed: Callable[[Job], bool]) -> list[Job]:
        """Removes and returns queued jobs."""
        removed: list[Job] = []
        for lane in self._lanes.values():
            behind = [job for job in lane.waiting if is_removed(job)]
            if behind:
                removed += behind
                lane.waiting = deque(job for job in lane.waiting if not is_removed(job))
                lane.bytes -= sum(job.size for job in behind)
        first = [*filter(is_removed, self._control), *filter(is_removed, self._ready)]
        if first:
            self._control = deque(job for job in self._control if not is_removed(job))
            self._ready = deque(job for job in self._ready if not is_removed(job))
        self.waiting -= len(removed) + len(first)
        self.bytes -= _size(removed) + _size(first)
        for job in first:
            self.end(job)
        return [*first, *removed]

    def _has_room(self, lane: _Lane, job: Job) -> bool:
        if job.is_control:
            return (
                sum(other.is_control for other in lane.waiting)
                < self._options.reserve + self._per_key
            )
        return len(lane.waiting) < self._per_key and (
            not lane.waiting or lane.bytes + job.size <= self._bytes_per_key
        )

    def _make_ready(self, job: Job) -> None:
        if not self._ready and not self._control:
            self._progress = time.monotonic()
        (self._control if job.is_control else self._ready).append(job)

    def _advance(self, key: Any, lane: _Lane) -> None:
        if not lane.waiting:
            del self._lanes[key]
            return
        job = lane.waiting.popleft()
        lane.bytes -= job.size
        lane.current = job
        self._make_ready(job)


def _is_almost(part: int, whole: int) -> bool:
    return part >= whole - whole // 8


def _size(jobs: Iterable[Job]) -> int:
    return sum(job.size for job in jobs)
