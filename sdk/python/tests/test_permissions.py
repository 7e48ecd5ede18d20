"""Worker nodes under the permissions that `natsgen acl` writes, and the inboxes of roles."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from conftest import NatsServer
from natsgen_runtime import (
    Connection,
    MemoryBroker,
    ServeOptions,
    SubjectError,
    connect,
)
from natsgen_runtime.transport.base import Message
from store import BUCKET, KEY, Store
from test_worker_node import DEPLOY, ID, Coordinator, Engine, until, worker_node

from keyvalue.store import GetFault, GetRequest, StoreClient, StoreServer
from varpulis_sdk import worker
from varpulis_sdk.coordinator import (
    CoordinatorServer,
    CoordinatorSubscriber,
    Heartbeat,
)
from varpulis_sdk.worker import WorkerClient, WorkerServer
from varpulis_sdk.worker_node import WorkerNode

_FILE = Path(__file__).parents[3] / "tests/golden/acl/varpulis.conf"


def permissions() -> str:
    """Returns the users that `natsgen acl` writes, with the password `pw`."""
    return re.sub(r"\$\w+_PASSWORD", "pw", _FILE.read_text())


async def login(server: NatsServer, user: str) -> Connection:
    """Connects as a user of `permissions`."""
    return await connect(server.url, user=user, password="pw")


async def test_worker_node_works_with_the_permissions_of_natsgen(
    tmp_path: Path,
) -> None:
    nats = NatsServer(tmp_path, permissions())
    shared, connection = await login(nats, "c1"), await login(nats, "w0")
    other = await login(nats, "w1")
    async with shared, connection, other:
        own = shared.identity(worker.DEPLOY.caller, 1)
        await CoordinatorServer(Coordinator()).start(own)
        beats = CoordinatorSubscriber(own).heartbeat()
        await beats.start()
        async with await worker_node(Engine()).start(connection) as node:
            await node.registered()
            params, _ = await anext(aiter(beats))
            assert params.worker_id == ID
            assert (await WorkerClient(own).deploy(ID, DEPLOY)).name == DEPLOY.name

            replies: list[Message] = []
            inbox = "_INBOX_worker.w1.x"
            await other.transport.subscribe(inbox, "", replies.append)
            shared.transport.publish("varpulis.cluster.cmd.w0.deploy", b"{}", inbox)
            await until(lambda: node.stats.ignored == 1)
            await other.flush()
            assert replies == []
        await beats.stop()
    nats.kill()


async def test_worker_node_keeps_the_inbox_prefix_of_the_options(
    tmp_path: Path,
) -> None:
    allowed = 'permissions: { subscribe: ["_OWN.>", "varpulis.>"] }'
    users = f"[{{ user: w, password: pw, {allowed} }}]"
    nats = NatsServer(tmp_path, f"authorization {{ users: {users} }}")
    async with await connect(
        nats.url, user="w", password="pw", inbox_prefix="_OWN"
    ) as connection:
        await CoordinatorServer(Coordinator()).start(connection)
        async with await worker_node(Engine()).start(connection) as node:
            await node.registered()
    nats.kill()


async def test_saturated_worker_node_says_so_in_its_heartbeats() -> None:
    connection = Connection.memory()
    await CoordinatorServer(Coordinator()).start(connection)
    beats: list[Heartbeat] = []
    events = CoordinatorSubscriber(connection).heartbeat()
    await events.start()

    async def read() -> None:
        async for _, beat in events:
            beats.append(beat)

    reader = asyncio.create_task(read())
    engine = Engine()
    options = ServeOptions(concurrency=1)
    node = WorkerNode(ID, "secret", engine, options=options)
    async with await node.start(connection):
        await until(lambda: bool(beats))
        assert beats[0].saturated is not True
        engine.released.clear()
        client = WorkerClient(connection)
        calls = [asyncio.create_task(client.deploy(ID, DEPLOY)) for _ in range(2)]
        await until(lambda: any(beat.saturated is True for beat in beats))
        assert node.stats.saturation == "handlers"
        engine.released.set()
        await asyncio.gather(*calls)
        assert node.stats.saturation is None
    await events.stop()
    await reader


async def test_server_answers_only_inboxes_of_callers() -> None:
    broker = MemoryBroker()
    server = await WorkerServer(Engine(), ID).start(Connection(broker.connect()))
    peer = broker.connect()
    replies: list[str] = []

    def receive(message: Message) -> None:
        if not message.reply:
            replies.append(message.subject)

    await peer.subscribe(">", "", receive)
    callers = ["_INBOX_coordinator.1.x", "_INBOX_other.x"]
    others = ["_INBOX_worker.w1.x", "_GR_.a.b._INBOX_worker.w1.x"]
    for inbox in (*others, *callers):
        for command in ("drain", "none"):
            peer.publish(f"varpulis.cluster.cmd.w0.{command}", b"{}", inbox)
    await until(lambda: len(replies) >= 4)
    await server.shutdown()
    assert sorted(replies) == sorted([*callers, *callers])
    assert server.stats.ignored == 4


async def test_identity_selects_the_inbox_of_calls() -> None:
    connection = Connection.memory()
    await StoreServer(Store()).start(connection)
    replies: list[str] = []

    def receive(message: Message) -> None:
        if not message.reply:
            replies.append(message.subject.rsplit(".", 2)[0])

    await connection.transport.subscribe(">", "", receive)
    for handle in (connection.identity("app", "a1"), connection):
        with pytest.raises(GetFault):
            await StoreClient(handle).get(BUCKET, KEY, GetRequest())
    assert replies == ["_INBOX_app.a1", "_INBOX"]
    with pytest.raises(SubjectError):
        connection.identity("app", "a b")
    assert connection.pending_requests == 0
