"""Faults of a real server: lost connections, permissions, credentials, slow readers."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import decentralized
import pytest
from conftest import NatsServer
from decentralized import KeyPair
from natsgen_runtime import (
    CallError,
    CallOptions,
    Connection,
    NatsConnectError,
    PublishError,
    Retry,
    SubscribeError,
    connect,
)
from natsgen_runtime.transport.base import Message
from store import BUCKET, KEY, PATIENT, Store, put_request

from keyvalue.app import AppClient, AppSubscriber, Changed
from keyvalue.store import GetFault, GetRequest, StoreClient, StoreServer
from keyvalue.types import Key

CHANGE = Changed(revision=1, at="2026-01-01T00:00:00Z", change="Deleted")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[NatsServer]:
    """A server for a single test."""
    server = NatsServer(tmp_path)
    yield server
    server.kill()


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Waits until a condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def pending_calls(
    connection: Connection, count: int
) -> list[asyncio.Task[object]]:
    """Starts calls that get no reply."""

    def ignore(_: Message) -> None:
        return None

    await connection.listen(f"{connection.prefix_or('kv')}.key.*.*.get", "", ignore)
    client = StoreClient(connection, PATIENT)
    calls = [
        asyncio.create_task(client.get(BUCKET, KEY, GetRequest(), timeout=30))
        for _ in range(count)
    ]
    await until(lambda: connection.pending_requests == count)
    await connection.flush()
    return calls  # type: ignore[return-value]


def outcomes(results: Sequence[object]) -> set[tuple[str, str, bool]]:
    """Returns the distinct failures."""
    errors = [result for result in results if isinstance(result, CallError)]
    assert len(errors) == len(results)
    return {(error.phase, error.reason, error.retryable) for error in errors}


async def test_killed_server_ends_all_calls(own: NatsServer) -> None:
    async with await connect(own.url) as connection:
        calls = await pending_calls(connection, 1_000)
        own.kill()
        started = time.monotonic()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert time.monotonic() - started < 1
        assert outcomes(results) == {("no_answer", "disconnected", True)}
        assert connection.pending_requests == 0
        started = time.monotonic()
        with pytest.raises(CallError) as error:
            await StoreClient(connection, PATIENT).get(BUCKET, KEY, GetRequest())
        assert (error.value.phase, error.value.reason) == ("not_sent", "disconnected")
        with pytest.raises(PublishError):
            await AppClient(connection).changed(BUCKET, KEY, CHANGE)
        assert time.monotonic() - started < 2


async def test_restarted_server_is_used_again(own: NatsServer) -> None:
    async with await connect(own.url) as connection:
        server = await StoreServer(Store()).start(connection)
        events = AppSubscriber(connection).changed()
        await events.start()
        options = CallOptions(timeout=10, retry=Retry(attempts=100, longest_pause=0.2))
        client = StoreClient(connection, options)
        with pytest.raises(GetFault):
            await client.get(BUCKET, KEY, GetRequest())
        own.kill()
        await until(lambda: not connection.is_connected)
        own.start()
        # Calls, servers and subscriptions are restored.
        with pytest.raises(GetFault):
            await client.get(BUCKET, KEY, GetRequest())
        await AppClient(connection).changed(BUCKET, KEY, CHANGE)
        params, change = await asyncio.wait_for(anext(aiter(events)), 5)
        assert (params.key, change) == (KEY, CHANGE)
        await events.stop()
        await server.shutdown()


async def test_killed_peer_leaves_an_unknown_outcome(own: NatsServer) -> None:
    folder = Path(__file__).parent
    path = os.pathsep.join(sys.path)
    process = subprocess.Popen(
        [sys.executable, str(folder / "server_process.py"), own.url, "kv", "30"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    async with await connect(own.url) as connection:
        client = StoreClient(connection, PATIENT)
        calls = [
            asyncio.create_task(
                client.put(BUCKET, Key(f"k{n}"), put_request(), timeout=1)
            )
            for n in range(100)
        ]
        await until(lambda: connection.pending_requests == 100)
        await connection.flush()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert outcomes(results) == {("no_answer", "timed_out", False)}
        # There is no subscriber now.
        with pytest.raises(CallError) as error:
            await client.put(BUCKET, KEY, put_request(), timeout=1)
        assert error.value.reason == "no_responders"


async def test_stalled_server_ends_calls_at_their_deadlines(own: NatsServer) -> None:
    async with await connect(own.url) as connection:
        calls = await pending_calls(connection, 1)
        calls[0].cancel()
        own.process.send_signal(signal.SIGSTOP)
        try:
            client = StoreClient(connection, PATIENT)
            started = time.monotonic()
            calls = [
                asyncio.create_task(client.get(BUCKET, KEY, GetRequest(), timeout=0.3))
                for _ in range(100)
            ]
            results = await asyncio.gather(*calls, return_exceptions=True)
            assert time.monotonic() - started < 10
            assert outcomes(results) == {("no_answer", "timed_out", True)}
        finally:
            own.process.send_signal(signal.SIGCONT)


async def test_drain_under_load_loses_no_accepted_request(own: NatsServer) -> None:
    async def short(_: object) -> None:
        await asyncio.sleep(0.002)

    stores = [Store(short), Store(short)]
    connections = [await connect(own.url) for _ in range(3)]
    servers = [
        await StoreServer(store).start(connection)
        for store, connection in zip(stores, connections[:2], strict=True)
    ]
    client = StoreClient(connections[2], PATIENT)
    acknowledged = 0
    failed: list[BaseException] = []
    is_over = False

    async def load(number: int) -> None:
        nonlocal acknowledged
        writer = f"0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c{number:02}"
        while not is_over:
            try:
                await client.put(BUCKET, Key(f"k{number}"), put_request("x", writer))
                acknowledged += 1
            except CallError as error:
                failed.append(error)

    tasks = [asyncio.create_task(load(number)) for number in range(50)]
    await asyncio.sleep(0.3)
    await servers[0].shutdown()
    await connections[0].close()
    before = len(stores[1].writes)
    await asyncio.sleep(0.3)
    is_over = True
    await asyncio.gather(*tasks)
    assert failed == []
    assert acknowledged == len(stores[0].writes) + len(stores[1].writes)
    assert len(stores[1].writes) > before
    await servers[1].shutdown()
    for connection in connections:
        await connection.close()


async def test_slow_reader_loses_the_newest_events_and_is_told(
    own: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("natsgen_runtime.rpc.subscribe._QUEUE", 100)
    async with await connect(own.url) as connection:
        events = AppSubscriber(connection).changed()
        await events.start()
        client = AppClient(connection)
        for revision in range(1, 301):
            change = Changed(revision=revision, at=CHANGE.at, change="Deleted")
            await client.changed(BUCKET, KEY, change)
        await connection.flush()
        assert events.dropped == 200
        await events.stop()
        assert [event.revision async for _, event in events] == list(range(1, 101))


PERMISSIONS = """
authorization {
  users = [
    { user: "all", password: "pw" }
    { user: "reader", password: "pw", permissions: {
        publish: ["KV.key.*.*.get"], subscribe: ["_INBOX_r.>"] } }
    { user: "mute", password: "pw", permissions: { publish: [">"], subscribe: ["x"] } }
  ]
}
"""


@pytest.fixture
def restricted(tmp_path: Path) -> Iterator[NatsServer]:
    """A server with restricted users."""
    server = NatsServer(tmp_path, PERMISSIONS)
    yield server
    server.kill()


async def test_denied_subjects_end_at_once(restricted: NatsServer) -> None:
    everything = await connect(restricted.url, user="all", password="pw", prefix="KV")
    reader = await connect(
        restricted.url,
        user="reader",
        password="pw",
        prefix="KV",
        inbox_prefix="_INBOX_r",
    )
    async with everything, reader:
        server = await StoreServer(Store()).start(everything)
        client = StoreClient(reader, PATIENT)
        with pytest.raises(GetFault):
            await client.get(BUCKET, KEY, GetRequest())
        started = time.monotonic()
        with pytest.raises(CallError) as error:
            await client.put(BUCKET, KEY, put_request())
        assert (error.value.phase, error.value.reason) == ("not_sent", "denied")
        calls = [client.put(BUCKET, KEY, put_request()) for _ in range(20)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert outcomes(results) == {("not_sent", "denied", False)}
        with pytest.raises(SubscribeError) as denied:
            await StoreServer(Store()).start(reader)
        assert denied.value.reason == "denied"
        with pytest.raises(SubscribeError):
            await AppSubscriber(reader).changed().start()
        # Far below the timeouts of the calls.
        assert time.monotonic() - started < 10
        assert server.stats.received == 1
        await server.shutdown()


async def test_denied_inbox_is_not_sent(restricted: NatsServer) -> None:
    async with await connect(restricted.url, user="mute", password="pw") as connection:
        with pytest.raises(CallError) as error:
            await StoreClient(connection, PATIENT).get(BUCKET, KEY, GetRequest())
        assert (error.value.phase, error.value.reason) == ("not_sent", "denied")


async def test_wrong_password_fails_at_once(restricted: NatsServer) -> None:
    started = time.monotonic()
    with pytest.raises(NatsConnectError):
        await connect(restricted.url, user="all", password="wrong")
    with pytest.raises(NatsConnectError):
        await connect("nats://127.0.0.1:1")
    assert time.monotonic() - started < 10


async def test_second_address_is_tried(own: NatsServer) -> None:
    async with await connect(["nats://127.0.0.1:1", own.url]) as connection:
        assert connection.is_connected


async def test_silent_server_reaches_the_timeout() -> None:
    writers: list[asyncio.StreamWriter] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    silent = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    started = time.monotonic()
    with pytest.raises(NatsConnectError):
        await connect(f"nats://127.0.0.1:{port}", timeout=0.2)
    assert time.monotonic() - started < 10
    for writer in writers:
        writer.close()
        await writer.wait_closed()
    silent.close()
    await silent.wait_closed()


async def test_token_and_nkey(tmp_path: Path) -> None:
    server = NatsServer(tmp_path, 'authorization { token: "a-token" }')
    async with await connect(server.url, token="a-token") as connection:
        assert await connection.flush()
    server.kill()
    seed = "SUACJN3OSKWWPQXME4JUNFJ3PARXPO657GGNWNU7PK7G3AUQQYHLW26XH4"
    public = "UCSTG5CRF5GEJERAFKUUYRODGABTBVWY2NPE4GGKRQVQOH74PIAKTVKO"
    config = "authorization { users = [ { nkey: %s } ] }" % public
    server = NatsServer(tmp_path, config)
    async with await connect(server.url, nkey_seed=seed) as connection:
        assert await connection.flush()
    with pytest.raises(NatsConnectError):
        await connect(server.url)
    server.kill()


async def test_credentials_file(tmp_path: Path) -> None:
    operator, account = KeyPair("OPERATOR"), KeyPair("ACCOUNT")
    stranger, user, other = KeyPair("ACCOUNT"), KeyPair("USER"), KeyPair("USER")
    server = NatsServer(tmp_path, decentralized.config(operator, account))
    user_token = decentralized.user_token(account, user)
    file = decentralized.write_file(tmp_path, user_token, user)
    async with await connect(server.url, credentials=file) as connection:
        service = await StoreServer(Store()).start(connection)
        with pytest.raises(GetFault):
            await StoreClient(connection).get(BUCKET, KEY, GetRequest())
        await service.shutdown()
    wrong = {
        "seed of another user": (user_token, other),
        "token of another account": (decentralized.user_token(stranger, user), user),
    }
    for token, key in wrong.values():
        file = decentralized.write_file(tmp_path, token, key)
        with pytest.raises(NatsConnectError):
            await connect(server.url, credentials=file)
    with pytest.raises(NatsConnectError):
        await connect(server.url)
    server.kill()


async def test_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += [
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    command += [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run(command, check=True, capture_output=True)
    server = NatsServer(
        tmp_path, f'tls {{ cert_file: "{certificate}", key_file: "{key}" }}'
    )
    context = ssl.create_default_context(cafile=str(certificate))
    url = server.url.replace("nats://", "tls://")
    async with await connect(url, tls=context) as connection:
        assert await connection.flush()
    server.kill()


async def test_connection_closed_by_a_user_ends_its_server(own: NatsServer) -> None:
    connection = await connect(own.url)
    server = await StoreServer(Store()).start(connection)
    client = StoreClient(connection, PATIENT)
    with pytest.raises(GetFault):
        await client.get(BUCKET, KEY, GetRequest())
    await server.shutdown()
    calls = await pending_calls(connection, 10)
    await connection.close()
    await asyncio.wait_for(server.closed(), 1)
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert outcomes(results) == {("no_answer", "disconnected", True)}
    assert connection.is_closed
