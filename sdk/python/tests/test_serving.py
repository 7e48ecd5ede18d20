"""Servers and subscriptions, over both transports."""

from __future__ import annotations

import asyncio

import pytest
from natsgen_runtime import (
    CallError,
    CallOptions,
    Connection,
    DedupOptions,
    Retry,
    ServeOptions,
    Server,
)
from natsgen_runtime.subject import is_inbox
from natsgen_runtime.transport import headers as header
from natsgen_runtime.transport.base import Message
from store import BUCKET, KEY, PATIENT, WRITER, Store, put_request

from keyvalue.app import AppClient, AppSubscriber, Changed
from keyvalue.store import GetRequest, PutRequest, StoreClient, StoreServer
from keyvalue.types import BucketName, Key

OTHER = "0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c12"


class Gate:
    """Holds writes until it is opened, and records their order."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.started: list[PutRequest] = []

    async def __call__(self, request: PutRequest) -> None:
        self.started.append(request)
        await self.open.wait()


async def put(
    connection: Connection, text: str, writer: str = WRITER, timeout: float = 30
) -> None:
    """Writes an entry."""
    client = StoreClient(connection, PATIENT)
    await client.put(BUCKET, KEY, put_request(text, writer), timeout=timeout)


async def received(server: Server, count: int) -> None:
    """Waits until a server has received messages."""
    while server.stats.received < count:
        await asyncio.sleep(0.001)
    # The handlers of the last messages begin.
    await asyncio.sleep(0.01)


async def test_requests_with_a_key_run_in_order(connection: Connection) -> None:
    gate = Gate()
    store = Store(gate)
    server = await StoreServer(store).start(connection)
    calls = [asyncio.create_task(put(connection, str(index))) for index in range(50)]
    other = asyncio.create_task(put(connection, "other", OTHER))
    await received(server, 51)
    # A request of each writer runs.
    assert sorted(request.writer for request in gate.started) == [WRITER, OTHER]
    assert server.stats.waiting == 49
    gate.open.set()
    await asyncio.gather(*calls, other)
    texts = [request.content for request in store.writes if request.writer == WRITER]
    assert texts == [put_request(str(index)).content for index in range(50)]
    await server.shutdown()


async def test_full_queue_refuses_requests(connection: Connection) -> None:
    gate = Gate()
    options = ServeOptions(concurrency=2, queue=3)
    server = await StoreServer(Store(gate), options).start(connection)
    writers = [f"0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c{index:02}" for index in range(10)]
    calls = [asyncio.create_task(put(connection, "x", writer)) for writer in writers]
    await received(server, 10)
    assert (server.stats.running, server.stats.waiting, server.stats.refused) == (
        2,
        3,
        5,
    )
    gate.open.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    errors = [result for result in results if isinstance(result, CallError)]
    assert len(errors) == 5
    assert {(error.reason, error.retryable) for error in errors} == {
        ("overloaded", True)
    }
    await server.shutdown()


async def test_full_lane_refuses_requests(connection: Connection) -> None:
    gate = Gate()
    server = await StoreServer(Store(gate), ServeOptions(per_key=2)).start(connection)
    calls = [asyncio.create_task(put(connection, str(index))) for index in range(5)]
    await received(server, 5)
    gate.open.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    reasons = [result.reason for result in results if isinstance(result, CallError)]
    assert reasons == ["key_overloaded", "key_overloaded"]
    await server.shutdown()


async def test_limit_of_bytes_refuses_requests(connection: Connection) -> None:
    gate = Gate()
    server = await StoreServer(Store(gate), ServeOptions(bytes=50_000)).start(
        connection
    )
    calls = [asyncio.create_task(put(connection, "x" * 40_000)) for _ in range(2)]
    await received(server, 2)
    gate.open.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), CallError]
    await server.shutdown()


async def test_expired_request_is_not_executed(connection: Connection) -> None:
    gate = Gate()
    store = Store(gate)
    server = await StoreServer(store).start(connection)
    first = asyncio.create_task(put(connection, "first"))
    await received(server, 1)
    with pytest.raises(CallError) as error:
        await put(connection, "late", timeout=0.05)
    assert error.value.phase == "no_answer"
    await asyncio.sleep(0.15)
    assert server.stats.expired == 1
    gate.open.set()
    await first
    assert [request.content for request in store.writes] == [
        put_request("first").content
    ]
    await server.shutdown()


async def test_invalid_requests_are_refused(connection: Connection) -> None:
    server = await StoreServer(Store()).start(connection)
    inbox = await connection.inbox()
    subject = f"{connection.prefix_or('')}.key.colours.sky.put"
    end = asyncio.get_running_loop().time() + 5
    for payload, pointer in (
        (b"", ""),
        (b"{", ""),
        (b'{"writer":"w","content":"Empty","note":null}', "/writer"),
    ):
        reply = await inbox.request(subject, b"", payload, end)
        assert isinstance(reply, Message)
        body = reply.payload.decode()
        assert '"code":"bad_request"' in body
        assert f'"pointer":"{pointer}"' in body
        assert header.decode(reply.headers)[1]["nats-service-error-code"] == "400"
    bad = subject.replace("colours", "COLOURS")
    reply = await inbox.request(bad, b"", b"{}", end)
    assert isinstance(reply, Message)
    assert b"bad_request" in reply.payload
    assert server.stats.invalid == 4
    await server.shutdown()


async def test_message_without_inbox_is_ignored(connection: Connection) -> None:
    store = Store()
    server = await StoreServer(store).start(connection)
    subject = f"{connection.prefix_or('')}.key.colours.sky.put"
    connection.transport.publish(subject, b"{}")
    connection.transport.publish(subject, b"{}", "some.other.subject")
    await received(server, 2)
    assert (server.stats.ignored, store.writes) == (2, [])
    await server.shutdown()


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("_INBOX.a.b", True),
        ("own.a", True),
        ("_R_.x.y", True),
        ("_GR_.c.h._INBOX.a", True),
        ("_GR_.c.h.own.a", True),
        ("_GR_.c.h.cmd.w0.deploy", False),
        ("", False),
        ("cmd.w0.deploy", False),
        ("_INBOX_own.a", True),
        ("ownother.a", False),
    ],
)
def test_inbox(subject: str, expected: bool) -> None:
    assert is_inbox(subject, "own") is expected


async def test_repeated_request_is_executed_once(connection: Connection) -> None:
    gate = Gate()
    store = Store(gate)
    options = ServeOptions(deduplicate=DedupOptions())
    server = await StoreServer(store, options).start(connection)
    client = StoreClient(connection, CallOptions(request_id="r1", timeout=5))
    calls = [
        asyncio.create_task(client.put(BUCKET, KEY, put_request())) for _ in range(3)
    ]
    await received(server, 3)
    gate.open.set()
    replies = await asyncio.gather(*calls)
    again = await client.put(BUCKET, KEY, put_request())
    assert [reply.revision for reply in (*replies, again)] == [1, 1, 1, 1]
    assert len(store.writes) == 1
    assert server.stats.repeated == 3
    # Another content is another request.
    assert (await client.put(BUCKET, KEY, put_request("red"))).revision == 2
    await server.shutdown()


async def test_forgotten_reply_is_told(connection: Connection) -> None:
    options = ServeOptions(deduplicate=DedupOptions(bytes=0))
    server = await StoreServer(Store(), options).start(connection)
    client = StoreClient(connection, CallOptions(request_id="r1"))
    await client.put(BUCKET, KEY, put_request())
    with pytest.raises(CallError) as error:
        await client.put(BUCKET, KEY, put_request())
    assert (error.value.reason, error.value.retryable) == ("reply_forgotten", False)
    await server.shutdown()


async def test_deduplicated_retry_executes_once(connection: Connection) -> None:
    delays = iter((0.2, 0.0))

    async def slow(_: PutRequest) -> None:
        await asyncio.sleep(next(delays))

    store = Store(slow)
    options = ServeOptions(deduplicate=DedupOptions())
    server = await StoreServer(store, options).start(connection)
    retry = Retry(
        attempts=10, first_pause=0.01, attempt_timeout=0.05, deduplicated=True
    )
    client = StoreClient(connection, CallOptions(retry=retry, timeout=5))
    assert (await client.put(BUCKET, KEY, put_request())).revision == 1
    assert len(store.writes) == 1
    await server.shutdown()


async def test_shutdown_completes_received_requests(connection: Connection) -> None:
    async def short(_: PutRequest) -> None:
        await asyncio.sleep(0.001)

    store = Store(short)
    server = await StoreServer(store, ServeOptions(concurrency=4)).start(connection)
    calls = [asyncio.create_task(put(connection, str(index))) for index in range(100)]
    await asyncio.sleep(0.01)
    await server.shutdown()
    results = await asyncio.gather(*calls, return_exceptions=True)
    answered = [result for result in results if result is None]
    others = [result for result in results if isinstance(result, CallError)]
    assert len(answered) == len(store.writes)
    assert {error.reason for error in others} <= {"no_responders"}
    await asyncio.wait_for(server.closed(), 1)


async def test_shutdown_refuses_the_queue_after_its_limit(
    connection: Connection,
) -> None:
    gate = Gate()
    server = await StoreServer(Store(gate)).start(connection)
    calls = [asyncio.create_task(put(connection, str(index))) for index in range(3)]
    await received(server, 3)
    await server.shutdown(0.05)
    gate.open.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    reasons = [result.reason for result in results if isinstance(result, CallError)]
    assert reasons == ["draining", "draining"]
    assert results.count(None) == 1


async def test_servers_of_a_queue_group_share_requests(connection: Connection) -> None:
    stores = [Store(), Store()]
    servers = [await StoreServer(store).start(connection) for store in stores]
    await asyncio.gather(*(put(connection, str(index)) for index in range(200)))
    assert sum(len(store.writes) for store in stores) == 200
    assert all(store.writes for store in stores)
    for server in servers:
        await server.shutdown()


async def test_too_large_reply_is_told(connection: Connection) -> None:
    store = Store()
    server = await StoreServer(store).start(connection)
    content = put_request("\x01" * 65_536).content
    store.entries[BUCKET, KEY] = (1, content)
    client = StoreClient(connection, PATIENT)
    # The encoded text takes 6 bytes for each character, so it is below the limit of 1 MiB.
    assert (await client.get(BUCKET, KEY, GetRequest())).content == content
    await server.shutdown()


async def test_subscription_yields_events(connection: Connection) -> None:
    subscriber = AppSubscriber(connection)
    client = AppClient(connection)
    at = "2026-01-01T00:00:00Z"
    async with subscriber.changed(bucket=BUCKET) as events:
        for revision in range(1, 1001):
            await client.changed(
                BUCKET, KEY, Changed(revision=revision, at=at, change="Deleted")
            )
        other = Changed(revision=9, at=at, change="Expired")
        await client.changed(BucketName("other"), Key("k"), other)
        connection.transport.publish(
            f"{connection.prefix_or('')}.key.colours.sky.changed", b"{"
        )
        await client.changed(BUCKET, Key("last"), other)
        received: list[int] = []
        async for params, event in events:
            assert params.bucket == BUCKET
            if params.key == "last":
                break
            received.append(event.revision)
    assert received == list(range(1, 1001))
    assert (events.unreadable, events.dropped) == (1, 0)


async def test_stopped_subscription_yields_the_rest_and_ends(
    connection: Connection,
) -> None:
    events = AppSubscriber(connection).changed()
    await events.start()
    client = AppClient(connection)
    change = Changed(revision=1, at="2026-01-01T00:00:00Z", change="Deleted")
    for _ in range(10):
        await client.changed(BUCKET, KEY, change)
    await connection.flush()
    await events.stop()
    assert len([event async for event in events]) == 10


async def test_subscription_ends_with_its_connection(connection: Connection) -> None:
    events = AppSubscriber(connection).changed()
    await events.start()
    reader = asyncio.create_task(anext(aiter(events), None))
    await asyncio.sleep(0.01)
    await connection.close()
    assert await asyncio.wait_for(reader, 1) is None
