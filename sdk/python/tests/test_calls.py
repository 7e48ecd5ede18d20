"""Calls, over both transports."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from natsgen_runtime import (
    CallError,
    CallOptions,
    CallRecord,
    Connection,
    Observer,
    Retry,
)
from natsgen_runtime.transport import headers as header
from natsgen_runtime.transport.base import Message
from store import BUCKET, KEY, Store, put_request

from keyvalue.store import (
    GetFault,
    GetRequest,
    ListRequest,
    PutRequest,
    RemoveFault,
    RemoveRequest,
    StoreClient,
    StoreServer,
)
from keyvalue.types import BucketName, Key, TextContent


async def raw_server(
    connection: Connection, name: str, *answers: tuple[bytes, bytes]
) -> list[Message]:
    """Answers requests with the given headers and payloads, the last of them again and again."""
    received: list[Message] = []

    def receive(message: Message) -> None:
        received.append(message)
        headers, payload = answers[min(len(received), len(answers)) - 1]
        connection.transport.publish(message.reply, payload, "", headers)

    pattern = f"{connection.prefix_or('')}.key.*.*.{name}"
    await connection.listen(pattern, "", receive)
    return received


async def failure(
    connection: Connection, options: CallOptions | None = None
) -> CallError:
    """Returns the error of a `get`."""
    client = StoreClient(connection, options or CallOptions(timeout=5))
    with pytest.raises(CallError) as error:
        await client.get(BUCKET, KEY, GetRequest())
    return error.value


async def test_call_succeeds(connection: Connection) -> None:
    async with await StoreServer(Store()).start(connection) as server:
        client = StoreClient(connection)
        reply = await client.put(BUCKET, KEY, put_request())
        assert (reply.revision, reply.replaced) == (1, None)
        entry = await client.get(BUCKET, KEY, GetRequest())
        assert entry.content == TextContent("blue")
        assert server.stats.answered == 2
    assert connection.pending_requests == 0


async def test_declared_faults_are_typed(connection: Connection) -> None:
    async with await StoreServer(Store()).start(connection):
        client = StoreClient(connection)
        with pytest.raises(GetFault) as missing:
            await client.get(BUCKET, KEY, GetRequest())
        assert (missing.value.code, missing.value.detail) == ("key_not_found", "")
        await client.put(BUCKET, KEY, put_request())
        with pytest.raises(RemoveFault) as conflict:
            await client.remove(BUCKET, KEY, RemoveRequest(expected_revision=9))
        assert (conflict.value.code, conflict.value.detail) == (
            "revision_conflict",
            "1",
        )


async def test_defect_of_a_handler_is_internal(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    async with await StoreServer(Store()).start(connection) as server:
        with pytest.raises(CallError) as error:
            await StoreClient(connection).list(BUCKET, ListRequest())
        assert (error.value.phase, error.value.reason) == ("refused", "internal")
        assert not error.value.retryable
        assert server.stats.failed == 1
    assert "a defect of the service" in caplog.text


async def test_absent_server_is_not_sent(connection: Connection) -> None:
    error = await failure(connection)
    assert (error.phase, error.reason, error.retryable) == (
        "not_sent",
        "no_responders",
        True,
    )


async def test_invalid_request_is_not_sent(connection: Connection) -> None:
    received = await raw_server(connection, "put", (b"", b"{}"))
    client = StoreClient(connection)
    with pytest.raises(CallError) as error:
        await client.put(
            BUCKET, KEY, PutRequest(writer="w", content="Empty", note=None)
        )
    assert (error.value.phase, error.value.pointer) == ("not_sent", "/writer")
    buckets: list[Any] = ["a.b", "*", ">", "", "\u00a0", "a\r\nPUB x 0", 1, None, []]
    for bucket in buckets:
        with pytest.raises(CallError) as refused:
            await client.put(bucket, KEY, put_request())
        assert refused.value.reason == "invalid"
    assert received == []


async def test_unreadable_reply(connection: Connection) -> None:
    await raw_server(connection, "get", (b"", b'{"revision":0}'))
    error = await failure(connection)
    assert (error.phase, error.reason, error.retryable) == (
        "unreadable",
        "invalid",
        False,
    )
    assert error.pointer == "" or error.pointer.startswith("/")


@pytest.mark.parametrize(
    ("headers", "body", "phase", "reason"),
    [
        ({}, b'{"error":"boom"}', "refused", "unknown"),
        ({}, b'{"error":"overloaded"}', "refused", "overloaded"),
        ({}, b'{"error":"strange","code":"new_code"}', "refused", "new_code"),
        ({header.ERROR_CODE: "500", header.ERROR: "boom"}, b"", "refused", "unknown"),
        (
            {header.ERROR_CODE: "429"},
            b'{"error":"x","code":"overloaded"}',
            "refused",
            "overloaded",
        ),
        ({header.ERROR_CODE: "x"}, b"\xff\xff", "refused", "unknown"),
        ({}, b'{"stream":"S","seq":1}', "no_answer", "stored"),
        ({}, b"", "unreadable", "invalid"),
        ({}, b"\xff", "unreadable", "invalid"),
        ({}, b"[" * 10_000, "unreadable", "invalid"),
    ],
)
async def test_hostile_reply_is_a_call_error(
    connection: Connection,
    headers: dict[str, str],
    body: bytes,
    phase: str,
    reason: str,
) -> None:
    await raw_server(
        connection, "get", (header.encode(headers) if headers else b"", body)
    )
    error = await failure(connection)
    assert (error.phase, error.reason) == (phase, reason)
    assert str(error)


async def test_fault_without_headers_is_typed(connection: Connection) -> None:
    await raw_server(connection, "get", (b"", b'{"error":"key not found"}'))
    with pytest.raises(GetFault):
        await StoreClient(connection).get(BUCKET, KEY, GetRequest())


async def test_malformed_headers_are_ignored(connection: Connection) -> None:
    raw = b"NATS/1.0\r\nno colon\r\n: empty\r\n\xff\xfe: x\r\nA:\xff\r\n\r\n"
    await raw_server(connection, "get", (raw, b'{"error":"x"}'))
    assert (await failure(connection)).phase == "refused"


async def test_deadline_ends_a_call(connection: Connection) -> None:
    async def slow(_: PutRequest) -> None:
        await asyncio.sleep(5)

    server = await StoreServer(Store(slow)).start(connection)
    client = StoreClient(connection)
    await connection.inbox()
    started = asyncio.get_running_loop().time()
    with pytest.raises(CallError) as error:
        await client.put(BUCKET, KEY, put_request(), timeout=0.05)
    assert (error.value.phase, error.value.reason) == ("no_answer", "timed_out")
    assert not error.value.retryable
    assert asyncio.get_running_loop().time() - started < 1
    assert connection.pending_requests == 0
    await server.shutdown(0)


async def test_cancellation_removes_a_call(connection: Connection) -> None:
    await raw_server(connection, "put", (b"", b"{}"))
    release = asyncio.Event()

    async def wait(_: PutRequest) -> None:
        await release.wait()

    store = Store(wait)
    server = await StoreServer(store).start(connection)
    client = StoreClient(connection)
    call = asyncio.create_task(client.put(BUCKET, KEY, put_request()))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises((asyncio.CancelledError, CallError)):
        await call
    assert connection.pending_requests == 0
    release.set()
    await server.shutdown()


async def test_concurrent_calls_get_their_own_replies(connection: Connection) -> None:
    async with await StoreServer(Store()).start(connection):
        client = StoreClient(connection, CallOptions(timeout=30))

        async def one(number: int) -> None:
            key = Key(f"k{number}")
            await client.put(BUCKET, key, put_request(str(number)))
            entry = await client.get(BUCKET, key, GetRequest())
            assert entry.content == TextContent(str(number))

        await asyncio.gather(*(one(number) for number in range(500)))
    assert connection.pending_requests == 0
    assert connection.late_answers == 0


async def test_retry_repeats_an_idempotent_call(connection: Connection) -> None:
    overloaded = json.dumps({"error": "overloaded", "code": "overloaded"}).encode()
    valid = b'{"revision":1,"written_at":"2026-01-01T00:00:00Z","content":"Empty"}'
    received = await raw_server(connection, "get", (b"", overloaded), (b"", valid))
    options = CallOptions(retry=Retry(attempts=3, first_pause=0.001), timeout=30)
    reply = await StoreClient(connection, options).get(BUCKET, KEY, GetRequest())
    assert reply.content == "Empty"
    ids = [header.decode(message.headers)[1]["request-id"] for message in received]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_call_that_may_be_executed_is_not_repeated(
    connection: Connection,
) -> None:
    received: list[Message] = []
    pattern = f"{connection.prefix_or('')}.key.*.*.put"
    await connection.listen(pattern, "", received.append)
    options = CallOptions(timeout=0.1, retry=Retry(attempts=5, first_pause=0.001))
    with pytest.raises(CallError) as error:
        await StoreClient(connection, options).put(BUCKET, KEY, put_request())
    assert (error.value.reason, error.value.retryable) == ("timed_out", False)
    assert len(received) == 1


async def test_unknown_outcome_stays_unknown_after_a_retry(
    connection: Connection,
) -> None:
    received: list[Message] = []
    overloaded = json.dumps({"error": "overloaded", "code": "overloaded"}).encode()

    def receive(message: Message) -> None:
        received.append(message)
        if len(received) > 1:
            connection.transport.publish(message.reply, overloaded)

    await connection.listen(f"{connection.prefix_or('')}.key.*.*.get", "", receive)
    retry = Retry(attempts=2, first_pause=0.001, attempt_timeout=0.05)
    error = await failure(connection, CallOptions(retry=retry, timeout=30))
    assert (error.phase, error.reason) == ("no_answer", "timed_out")
    assert len(received) == 2


async def test_headers_carry_deadline_id_and_trace(connection: Connection) -> None:
    store = Store()
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with await StoreServer(store).start(connection):
        options = CallOptions(timeout=3, traceparent=trace, request_id="a\r\nX: b")
        with pytest.raises(GetFault):
            await StoreClient(connection, options).get(BUCKET, KEY, GetRequest())
    (context,) = store.contexts
    assert context.request_id == "a  X: b"
    assert context.traceparent == trace
    assert 2 < context.remaining <= 3
    assert context.header("x") is None


async def test_observer_receives_calls_and_requests(connection: Connection) -> None:
    class Recorder(Observer):
        def __init__(self) -> None:
            self.calls: list[CallRecord] = []
            self.requests: list[CallRecord] = []

        def traceparent(self) -> str:
            return "00-1-2-01"

        def call_ended(self, record: CallRecord) -> None:
            self.calls.append(record)

        def request_ended(self, record: CallRecord) -> None:
            self.requests.append(record)

    connection.observer = recorder = Recorder()
    store = Store()
    async with await StoreServer(store).start(connection):
        client = StoreClient(connection)
        await client.put(BUCKET, KEY, put_request())
        with pytest.raises(GetFault):
            await client.get(BUCKET, Key("other"), GetRequest())
    assert [record.operation for record in recorder.calls] == ["put", "get"]
    assert [record.error is None for record in recorder.calls] == [True, False]
    assert [record.operation for record in recorder.requests] == ["put", "get"]
    assert store.contexts[0].traceparent == "00-1-2-01"


async def test_closed_connection_refuses_calls() -> None:
    connection = Connection.memory()
    await connection.close()
    error = await failure(connection)
    assert (error.phase, error.reason, error.retryable) == ("not_sent", "closed", False)


async def test_too_large_request_is_not_sent(connection: Connection) -> None:
    await raw_server(connection, "put", (b"", b"{}"))
    request = put_request()
    request.labels = {"a" * (index % 24 + 1): "x" for index in range(16)}
    request.content = TextContent("\x01" * 65_536)
    # A control character takes six bytes, so the message is below the limit.
    with pytest.raises(CallError) as error:
        await StoreClient(connection).put(BUCKET, KEY, request)
    assert error.value.phase == "unreadable"


def test_bucket_is_validated_before_a_call() -> None:
    with pytest.raises(ValueError, match="expected"):
        BucketName("a.b")
