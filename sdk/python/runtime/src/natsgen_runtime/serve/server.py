"""A running server."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..codec.violation import DecodeError, Violation
from ..rpc import fault as faults
from ..rpc.connection import Connection
from ..rpc.observe import CallRecord
from ..subject import is_inbox
from ..transport import headers as header
from ..transport.base import Message, TransportError
from ..waiting import is_set_within
from .context import Context
from .dedup import Dedup
from .options import ServeOptions
from .schedule import Job, Schedule
from .stats import Stats

if TYPE_CHECKING:
    from .router import Route

_LOG = logging.getLogger("natsgen_runtime")

_PATIENCE = 0.05
"""The interval in seconds in which deadlines of queued requests and the unsent replies are checked."""

_IS_EAGER = sys.version_info >= (3, 12)
"""Whether a task can run its first step at once."""


class Server:
    """A running server: it decodes requests, calls the service and sends the replies."""

    def __init__(
        self,
        connection: Connection,
        prefix: str,
        routes: tuple[Route, ...],
        instance: dict[str, Any],
        options: ServeOptions,
    ) -> None:
        self._connection = connection
        self._transport = connection.transport
        self._prefix = f"{prefix}."
        self._routes = routes
        self._exact: dict[str, Route] = {}
        for route in routes:
            template = route.operation.template
            if all(name in instance for name in template.names):
                values = [instance[name] for name in template.names]
                self._exact[template.subject(prefix, values)] = route
        self._error_form = routes[0].operation.error_form if routes else None
        self._instance = instance
        self._options = options
        self._schedule = Schedule(options)
        self._dedup = (
            None if options.deduplicate is None else Dedup(options.deduplicate)
        )
        self._loop = asyncio.get_running_loop()
        self._stats = Stats()
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscriptions: list[tuple[int, str]] = []
        self._is_starting = False
        self._is_paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._ended = asyncio.Event()
        self._listener = connection.on_closed(self._ended.set)

    async def listen(self, pattern: str, queue: str) -> None:
        """Adds a subscription."""
        known = pattern.removesuffix(">")

        def receive(message: Message) -> None:
            self._receive(message, known)

        self._subscriptions.append(
            (await self._connection.listen(pattern, queue, receive), pattern)
        )

    @property
    def stats(self) -> Stats:
        """The counters since the start."""
        return replace(
            self._stats,
            running=self._schedule.running,
            waiting=self._schedule.waiting,
            saturation=None if self._is_paused else self._schedule.saturation,
        )

    def pause(self) -> None:
        """Keeps requests in the queue, up to their deadlines and up to the queue's limit."""
        self._is_paused = True

    def resume(self) -> None:
        """Starts the requests that wait since [`pause`][natsgen_runtime.Server.pause]."""
        self._is_paused = False
        self._start()

    async def hand_over(self) -> None:
        """Ends the server after another server has taken over and gets the same requests.

        Running requests are completed. Queued requests are dropped without an answer.
        """
        self._is_paused = True
        for job in self._schedule.remove(lambda _: True):
            self._release(job)
        await self._unsubscribe()
        for job in self._schedule.remove(lambda _: True):
            self._release(job)
        await self._end(self._loop.time() + self._options.drain)

    async def closed(self) -> None:
        """Waits until the server is shut down, or its connection is closed."""
        await self._ended.wait()

    async def shutdown(self, drain: float | None = None) -> None:
        """Ends the subscriptions, completes the received requests and sends their replies.

        Args:
            drain: The time limit in seconds; default: `ServeOptions.drain`.
        """
        drain = self._options.drain if drain is None else drain
        end = self._loop.time() + drain
        self.resume()
        await self._unsubscribe()
        await self._end(end)

    async def _unsubscribe(self) -> None:
        subscriptions, self._subscriptions = self._subscriptions, []
        for number, _ in subscriptions:
            self._transport.unsubscribe(number)
        if subscriptions:
            # The requests that were under way have arrived after that.
            await self._connection.flush()
        for number, _ in subscriptions:
            self._transport.forget(number)

    async def _end(self, end: float) -> None:
        await self._settle(end)
        for job in self._schedule.remove(lambda _: True):
            self._stats.refused += 1
            self._refuse_unexecuted(job, faults.DRAINING)
        if self._timer is not None:
            self._timer.cancel()
        await self._connection.flush()
        self._connection.remove(self._listener)
        self._ended.set()

    def _release(self, job: Job) -> None:
        """Drops a request and its duplicates without a reply."""
        self._stats.left += 1
        if self._dedup is not None and job.dedup_key is not None:
            self._dedup.release(job.dedup_key)

    async def _settle(self, end: float) -> None:
        while self._schedule.running or self._schedule.waiting:
            left = end - self._loop.time()
            if left <= 0 or self._transport.is_closed:
                return
            self._idle.clear()
            await is_set_within(self._idle, min(left, 1.0))

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.shutdown()

    def _receive(self, message: Message, known: str) -> None:
        """Decodes a request, and runs or queues it."""
        stats = self._stats
        stats.received += 1
        subject, reply, raw, payload = message
        if not is_inbox(reply, self._connection.inbox_prefix):
            stats.ignored += 1
            return
        try:
            route = self._exact.get(subject)
            params = None
            if route is None:
                route, params = self._match(subject)
            if not self._is_caller(route, reply):
                stats.ignored += 1
                return
            if route is None:
                stats.invalid += 1
                self._refuse(reply, faults.UNKNOWN_COMMAND, subject.removeprefix(known))
                return
            request = route.decode(payload)
        except (DecodeError, Violation) as error:
            stats.invalid += 1
            pointer = error.pointer if isinstance(error, DecodeError) else ""
            self._refuse(reply, faults.BAD_REQUEST, error.reason, pointer)
            return
        operation = route.operation
        now = self._loop.time()
        headers = header.decode(raw)[1] if raw else {}
        context = Context(subject, headers, operation.timeout, now)
        job = Job(
            route,
            context,
            params,
            request,
            reply,
            len(payload) + len(raw) + len(subject),
        )
        if operation.ordering is not None:
            job.key = str(getattr(request, operation.ordering))
        if (
            self._dedup is not None
            and not operation.idempotent
            and not self._is_new(self._dedup, job, payload, now)
        ):
            return
        self._admit(job)

    def _is_caller(self, route: Route | None, inbox: str) -> bool:
        """Returns false if the inbox belongs to a role that may not call the operation.

        Without a route, the inbox must belong to a role that may call some operation.
        """
        routes = self._routes if route is None else (route,)
        return any(each.operation.may_call(inbox) for each in routes)

    def _match(self, subject: str) -> tuple[Route | None, Any]:
        if not subject.startswith(self._prefix):
            return None, None
        tail = subject[len(self._prefix) :]
        for route in self._routes:
            operation = route.operation
            values = operation.template.parse(tail)
            if values is None:
                continue
            named = dict(zip(operation.template.names, values, strict=True))
            if any(
                named.get(name, value) != value
                for name, value in self._instance.items()
            ):
                continue
            if operation.params is None:
                return route, None
            return route, operation.params(
                *(named[name] for name in operation.params.__struct_fields__)
            )
        return None, None

    def _is_new(self, dedup: Dedup, job: Job, payload: bytes, now: float) -> bool:
        request_id = job.context.request_id
        if not request_id:
            return True
        key = dedup.key(job.context.subject, job.reply, request_id, payload)
        found = dedup.begin(key, job.reply, now)
        if found == "new":
            job.dedup_key = key
            return True
        if found == "full":
            self._stats.refused += 1
            self._refuse(job.reply, faults.OVERLOADED)
            return False
        self._stats.repeated += 1
        if found == "forgotten":
            self._refuse(job.reply, faults.REPLY_FORGOTTEN)
        elif not isinstance(found, str):
            self._send(job.reply, *found)
        return False

    def _admit(self, job: Job) -> None:
        schedule = self._schedule
        kind = schedule.check(job)
        if kind is not None and schedule.waiting:
            self._expire()
            kind = schedule.check(job)
        if kind is not None:
            self._stats.refused += 1
            self._refuse_unexecuted(job, kind)
            return
        if job.is_control and job.key is not None:
            cancelled, running = schedule.overtake(job)
            for other in cancelled:
                self._stats.cancelled += 1
                self._refuse_unexecuted(other, faults.CANCELLED)
            if running is not None:
                self._loop.call_later(self._options.grace, self._abort, running)
        schedule.push(job)
        self._start()

    def _start(self) -> None:
        """Starts the jobs that may start."""
        # A job that ends in its first step calls this function again.
        if self._is_starting or self._loop.is_closed():
            return
        self._is_starting = True
        schedule = self._schedule
        try:
            while schedule.waiting:
                job = schedule.next() if self._may_start() else None
                if job is None:
                    if self._timer is None:
                        self._timer = self._loop.call_later(_PATIENCE, self._watch)
                    return
                if job.context.deadline > self._loop.time():
                    self._spawn(job)
                    continue
                schedule.finish(job)
                self._stats.expired += 1
                self._refuse_unexecuted(job, faults.DEADLINE_EXCEEDED)
            if not schedule.running:
                self._idle.set()
        finally:
            self._is_starting = False

    def _may_start(self) -> bool:
        return not self._is_paused and self._transport.unsent <= self._options.bytes

    def _spawn(self, job: Job) -> None:
        work = self._run(job)
        task: asyncio.Task[None]
        if _IS_EAGER:
            task = asyncio.Task(work, loop=self._loop, eager_start=True)  # type: ignore[call-arg]
        else:
            task = self._loop.create_task(work)
        if not task.done():
            job.task = task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _watch(self) -> None:
        self._timer = None
        self._expire()
        self._start()

    def _expire(self) -> None:
        # A little later than the deadline, so that the caller gives up first.
        for job in self._schedule.expired(self._loop.time() - _PATIENCE):
            self._stats.expired += 1
            self._refuse_unexecuted(job, faults.DEADLINE_EXCEEDED)

    async def _run(self, job: Job) -> None:
        started = time.perf_counter() if self._connection.observer is not None else 0.0
        error: Exception | None = None
        answer: tuple[bytes, bytes] | None = None
        try:
            answer = b"", await _reply(job)
            self._stats.answered += 1
        except asyncio.CancelledError:
            if not job.is_ended:
                answer = self._failed(job)
        except Exception as exception:  # a handler can raise anything
            error = exception
            fault, hint = job.route.operation.fault, job.context.retry_hint
            answer = faults.declared(fault, exception, hint, self._error_form)
            if answer is None:
                answer = self._failed(job)
            else:
                self._stats.answered += 1
        finally:
            if answer is not None:
                self._complete(job, answer)
            self._schedule.finish(job)
            self._start()
        observer = self._connection.observer
        if observer is not None and answer is not None:
            latency = time.perf_counter() - started
            name, subject = job.route.operation.name, job.context.subject
            observer.request_ended(
                CallRecord(name, subject, job.size, len(answer[1]), latency, error)
            )

    def _failed(self, job: Job) -> tuple[bytes, bytes]:
        self._stats.failed += 1
        _LOG.exception("the handler of `%s` failed", job.route.operation.name)
        return faults.write(faults.INTERNAL, "", form=self._error_form)

    def _abort(self, job: Job) -> None:
        """Ends a running job that a control job waits for."""
        if job.is_ended or job.task is None or job.task.done():
            return
        self._stats.aborted += 1
        self._complete(job, faults.write(faults.ABORTED, "", form=self._error_form))
        job.is_ended = True
        self._schedule.end(job)
        job.task.cancel()
        self._start()

    def _complete(self, job: Job, answer: tuple[bytes, bytes]) -> None:
        if job.is_ended:
            return
        others: list[str] = []
        if self._dedup is not None and job.dedup_key is not None:
            if header.retry_after(answer[0]) is None:
                others = self._dedup.complete(job.dedup_key, answer, self._loop.time())
            else:
                # A request that may be sent again was not executed.
                others = self._dedup.release(job.dedup_key)
        for reply in (job.reply, *others):
            self._send(reply, *answer)

    def _refuse_unexecuted(self, job: Job, kind: faults.ErrorKind) -> None:
        """Refuses a request that was not executed, and its duplicates."""
        if self._dedup is not None and job.dedup_key is not None:
            for reply in self._dedup.release(job.dedup_key):
                self._refuse(reply, kind)
        self._refuse(job.reply, kind)

    def _refuse(
        self,
        reply: str,
        kind: faults.ErrorKind,
        detail: str = "",
        pointer: str | None = None,
    ) -> None:
        if self._transport.unsent > 2 * self._options.bytes:
            self._stats.unsent += 1
            return
        self._send(reply, *faults.write(kind, detail, pointer, form=self._error_form))

    def _send(self, reply: str, headers: bytes, payload: bytes) -> None:
        try:
            try:
                self._transport.publish(reply, payload, "", headers)
            except TransportError as error:
                if error.reason != "too_large":
                    raise
                headers, payload = faults.write(
                    faults.REPLY_TOO_LARGE, error.detail, form=self._error_form
                )
                self._transport.publish(reply, payload, "", headers)
        except TransportError:
            self._stats.unsent += 1


async def _reply(job: Job) -> bytes:
    route = job.route
    if job.params is None:
        reply = await route.handler(job.context, job.request)
    else:
        reply = await route.handler(job.context, job.params, job.request)
    return route.encode(reply)  # type: ignore[no-any-return]
