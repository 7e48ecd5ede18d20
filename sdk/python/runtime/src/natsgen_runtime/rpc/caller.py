"""Calls of operations, and publishing of events."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any, NoReturn, TypeVar

import msgspec

from ..codec.violation import DecodeError, EncodeError
from ..subject import SubjectError, Template
from ..transport import headers as header
from ..transport.base import Message, TransportError
from . import fault as faults
from .connection import Connection
from .error import CallError, PublishError, RpcError
from .observe import CallRecord
from .operation import Event, Operation
from .options import CallOptions, Retry

_Request = TypeVar("_Request")
_Reply = TypeVar("_Reply")
_Params = TypeVar("_Params")

_SUBJECTS = 4_096
"""The number of subjects that a caller remembers."""

_UNSENT = 8 << 20
"""While more bytes are unsent, calls and events wait."""

_UNSENT_PAUSE = 0.01

_PUBLISH_LIMIT = 10.0
"""The time limit in seconds for publishing an event on a blocked connection."""

_NO_RESPONDERS = 503

_ONCE = Retry(attempts=1)

_FAILURES: tuple[type[CallError], type[faults.Fault[Any]]] = (CallError, faults.Fault)


class Caller:
    """Calls operations and publishes events. Generated clients use this class."""

    def __init__(
        self, connection: Connection, prefix: str, options: CallOptions | None = None
    ) -> None:
        self._connection = connection
        self._prefix = connection.prefix_or(prefix)
        self._options = options or CallOptions()
        self._subjects: dict[tuple[Template, tuple[Any, ...]], str] = {}

    async def call(
        self,
        operation: Operation[_Request, _Reply],
        params: tuple[Any, ...],
        request: _Request,
        timeout: float | None = None,
    ) -> _Reply:
        """Sends a request and waits for its reply.

        Raises:
            Fault: If the server returns a declared error of the operation.
            CallError: If the call fails in another way.
        """
        call = _Call(operation)
        observer = self._connection.observer
        if observer is None and self._options.retry is None:
            try:
                return await self._attempts(call, params, request, timeout, _ONCE)  # type: ignore[no-any-return]
            except CallError as error:
                self._complete(error, call)
        started = time.perf_counter()
        failure: RpcError | None = None
        try:
            retry = self._options.retry or _ONCE
            return await self._attempts(call, params, request, timeout, retry)  # type: ignore[no-any-return]
        except CallError as error:
            failure = error
            self._complete(error, call)
        except RpcError as error:
            failure = error
            raise
        finally:
            if observer is not None:
                latency = time.perf_counter() - started
                record = CallRecord(
                    operation.name,
                    call.subject,
                    call.request_bytes,
                    call.reply_bytes,
                    latency,
                    failure,
                )
                observer.call_ended(record)

    async def publish(
        self, event: Event[Any, _Params], params: tuple[Any, ...], message: _Params
    ) -> None:
        """Publishes an event. Success does not mean that a subscriber received it.

        Raises:
            PublishError: If the event violates its schema or cannot be sent.
        """
        subject = ""
        try:
            subject = self._subject(event.template, params)
            payload = event.codec.encode(message)
            limit = (
                self._options.timeout
                if self._options.timeout is not None
                else _PUBLISH_LIMIT
            )
            await self._writable(asyncio.get_running_loop().time() + limit)
            self._connection.transport.publish(subject, payload)
        except SubjectError as error:
            raise PublishError("invalid", str(error), event=event.name) from error
        except EncodeError as error:
            raise PublishError(
                "invalid",
                error.reason,
                event=event.name,
                subject=subject,
                pointer=error.pointer,
            ) from error
        except TransportError as error:
            raise PublishError(
                error.reason, error.detail, event=event.name, subject=subject
            ) from error
        observer = self._connection.observer
        if observer is not None:
            observer.event_published(event.name, subject, len(payload))

    def _complete(self, error: CallError, call: _Call) -> NoReturn:
        error.operation = call.operation.name
        error.subject = call.subject
        raise error

    async def _attempts(
        self,
        call: _Call,
        params: tuple[Any, ...],
        request: Any,
        timeout: float | None,
        retry: Retry,
    ) -> Any:
        operation = call.operation
        try:
            call.subject = self._subject(operation.template, params)
            payload = operation.codecs[0].encode(request)
        except SubjectError as error:
            raise CallError("not_sent", "invalid", str(error)) from error
        except EncodeError as error:
            raise CallError(
                "not_sent", "invalid", error.reason, pointer=error.pointer
            ) from error
        call.request_bytes = len(payload)
        loop = asyncio.get_running_loop()
        if timeout is None:
            timeout = (
                operation.timeout
                if self._options.timeout is None
                else self._options.timeout
            )
        now = loop.time()
        deadline = now + timeout
        may_repeat = operation.idempotent or retry.deduplicated
        unanswered: CallError | None = None
        for number in range(retry.attempts):
            is_last = number + 1 == retry.attempts
            end = deadline
            if may_repeat and not is_last and retry.attempt_timeout is not None:
                end = min(deadline, now + retry.attempt_timeout)
            try:
                return await self._attempt(call, payload, deadline - now, end)
            except _FAILURES as error:
                failure = error
            if isinstance(failure, CallError) and failure.phase == "no_answer":
                failure.retryable = may_repeat and failure.reason != "stored"
                unanswered = failure
            elif unanswered is not None and _is_unexecuted(failure):
                # An earlier attempt may have been executed, even if this attempt was not.
                unanswered.retry_after = failure.retry_after
                failure = unanswered
            if is_last or not failure.retryable:
                raise failure
            pause = max(retry.pause(number), failure.retry_after or 0.0)
            if loop.time() + pause >= deadline:
                raise failure
            await asyncio.sleep(pause)
            now = loop.time()
        raise CallError(
            "not_sent", "invalid", "a retry policy allows at least one attempt"
        )

    async def _attempt(
        self, call: _Call, payload: bytes, left: float, end: float
    ) -> Any:
        connection = self._connection
        try:
            inbox = connection._slot.inbox  # pyright: ignore[reportPrivateUsage]
            if inbox is None:
                inbox = await self._open_inbox(end)
            if not call.id:
                call.id = self._options.request_id or inbox.request_id()
            headers = self._headers(call.id, left)
            if connection.transport.unsent > _UNSENT:
                await self._writable(end)
            outcome = await inbox.request(call.subject, headers, payload, end)
        except TransportError as error:
            is_retryable = error.reason in ("disconnected", "congested")
            raise CallError(
                "not_sent", error.reason, error.detail, retryable=is_retryable
            ) from error
        if isinstance(outcome, str):
            if outcome == "denied":
                raise CallError("not_sent", "denied")
            raise CallError("no_answer", outcome)
        call.reply_bytes = len(outcome.payload)
        try:
            return _read(call.operation, outcome)
        except _FAILURES as error:
            hint = header.retry_after(outcome.headers)
            if hint is not None:
                error.retry_after, error.retryable = hint, True
            raise

    async def _open_inbox(self, end: float) -> Any:
        left = max(0.0, end - asyncio.get_running_loop().time())
        opening = asyncio.ensure_future(self._connection.inbox())
        try:
            await asyncio.wait([opening], timeout=left)
        finally:
            if not opening.done():
                opening.cancel()
        if opening.cancelled() or not opening.done():
            detail = "the subscription of the inbox was not confirmed"
            raise TransportError("disconnected", detail)
        return opening.result()

    def _headers(self, request_id: str, left: float) -> bytes:
        trace = self._options.traceparent
        observer = self._connection.observer
        if trace is None and observer is not None:
            trace = observer.traceparent()
        # Rounded up, so that a server does not drop the request before the caller's deadline.
        millis = max(0, math.ceil(left * 1000)) if left < 1e15 else 10**18
        if trace is None and self._options.request_id is None:
            return f"NATS/1.0\r\nRequest-Id: {request_id}\r\nRequest-Timeout: {millis}\r\n\r\n".encode()
        headers = {header.REQUEST_ID: request_id, header.TIMEOUT: str(millis)}
        if trace is not None:
            headers[header.TRACE] = trace
        return header.encode(headers)

    def _subject(self, template: Template, params: tuple[Any, ...]) -> str:
        key = (template, params)
        try:
            subject = self._subjects.get(key)
        except TypeError:
            # A parameter of a wrong type may have no hash.
            return template.subject(self._prefix, params)
        if subject is None:
            subject = template.subject(self._prefix, params)
            if len(self._subjects) >= _SUBJECTS:
                self._subjects.clear()
            self._subjects[key] = subject
        return subject

    async def _writable(self, deadline: float) -> None:
        transport = self._connection.transport
        loop = asyncio.get_running_loop()
        while transport.unsent > _UNSENT and transport.is_connected:
            if loop.time() >= deadline:
                raise TransportError("congested", "the connection takes no messages")
            await asyncio.sleep(_UNSENT_PAUSE)


class _Call:
    __slots__ = ("id", "operation", "reply_bytes", "request_bytes", "subject")

    def __init__(self, operation: Operation[Any, Any]) -> None:
        self.operation = operation
        self.subject = ""
        self.id = ""
        self.request_bytes = 0
        self.reply_bytes: int | None = None


def _is_unexecuted(failure: CallError | faults.Fault[Any]) -> bool:
    if failure.retryable:
        return True
    return isinstance(failure, CallError) and failure.reason == "cancelled"


def _read(operation: Operation[Any, Any], message: Message) -> Any:
    headers: dict[str, str] = {}
    form = operation.error_form
    if message.headers:
        status, headers = header.decode(message.headers)
        if status == _NO_RESPONDERS and not message.payload:
            raise CallError("not_sent", "no_responders", retryable=True)
        if header.ERROR_CODE.lower() in headers and form is None:
            raise faults.read(operation.fault, headers, message.payload) or CallError(
                "refused", "unknown"
            )
    if form is not None:
        refused = faults.read_in(form, operation.fault, headers, message.payload)
        if refused is not None:
            raise refused
    try:
        return operation.codecs[1].decode_open(message.payload)
    except DecodeError as error:
        if form is not None:
            raise CallError(
                "unreadable", "invalid", error.reason, pointer=error.pointer
            ) from error
        # A reply of a peer without headers is an error if it violates the schema of the reply.
        refusal = faults.read(operation.fault, headers, message.payload) or _stored(
            message.payload
        )
        if refusal is not None:
            raise refusal from None
        raise CallError(
            "unreadable", "invalid", error.reason, pointer=error.pointer
        ) from error


def _stored(payload: bytes) -> CallError | None:
    """Decodes the acknowledgement of a JetStream stream, which contains the subjects of requests by mistake."""
    try:
        document = msgspec.json.decode(payload, type=dict[str, Any])
    except (ValueError, RecursionError):
        return None
    if not isinstance(document.get("stream"), str):
        return None
    error = document.get("error")
    if not isinstance(error, dict) and not isinstance(document.get("seq"), int):
        return None
    detail = f"the JetStream stream `{document['stream']}` contains the subject of the request"
    return CallError("no_answer", "stored", detail)
