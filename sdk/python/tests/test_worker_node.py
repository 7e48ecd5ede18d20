"""Worker nodes: registration, heartbeats, notices, drain and stop."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import NatsServer
from natsgen_runtime import Connection, Context, ServeOptions, connect
from test_control import Worker

from varpulis_sdk.coordinator import (
    CoordinatorServer,
    CoordinatorService,
    CoordinatorSubscriber,
    GetWorkerParams,
    GetWorkerReply,
    GetWorkerRequest,
    Heartbeat,
    ListWorkersReply,
    ListWorkersRequest,
    RegisterFault,
    RegisterReply,
    RegisterRequest,
    RemoveWorkerParams,
    RemoveWorkerReply,
    RemoveWorkerRequest,
)
from varpulis_sdk.types import WorkerId
from varpulis_sdk.worker import (
    DeployFault,
    DeployReply,
    DeployRequest,
    DrainReply,
    DrainRequest,
    InjectReply,
    InjectRequest,
    Registration,
    WorkerClient,
)
from varpulis_sdk.worker_node import WorkerNode

ID = WorkerId("w0")
DEPLOY = DeployRequest(name="alerts", source="")


class Engine(Worker):
    """Deploys end when `released` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.started = 0
        self.released = asyncio.Event()
        self.released.set()

    async def deploy(self, context: Context, request: DeployRequest) -> DeployReply:
        self.started += 1
        number = self.started
        await self.released.wait()
        return DeployReply(id=f"p{number}", name=request.name, status="running")

    async def drain(self, context: Context, request: DrainRequest) -> DrainReply:
        return DrainReply(ok=True)

    async def inject(self, context: Context, request: InjectRequest) -> InjectReply:
        return InjectReply(ok=True, output_events=[])


class Coordinator(CoordinatorService):
    """Registers workers. The next answers can be faults."""

    def __init__(self) -> None:
        self.requests: list[RegisterRequest] = []
        self.faults: list[RegisterFault] = []
        self.fault: RegisterFault | None = None

    async def register(
        self, context: Context, request: RegisterRequest
    ) -> RegisterReply:
        self.requests.append(request)
        if self.faults:
            raise self.faults.pop(0)
        if self.fault is not None:
            raise self.fault
        return RegisterReply(
            worker_id=request.worker_id, status="registered", heartbeat_interval_secs=1
        )

    async def get_worker(
        self, context: Context, params: GetWorkerParams, request: GetWorkerRequest
    ) -> GetWorkerReply:
        raise NotImplementedError

    async def list_workers(
        self, context: Context, request: ListWorkersRequest
    ) -> ListWorkersReply:
        raise NotImplementedError

    async def remove_worker(
        self, context: Context, params: RemoveWorkerParams, request: RemoveWorkerRequest
    ) -> RemoveWorkerReply:
        raise NotImplementedError


def worker_node(
    engine: Engine, renewal: float = math.inf, drain: float = 2.0
) -> WorkerNode:
    """Returns a node with short pauses."""
    return WorkerNode(
        ID,
        "secret",
        engine,
        first_pause=0.02,
        longest_pause=0.1,
        renewal=renewal,
        options=ServeOptions(drain=drain),
    )


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Waits until a condition is true."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():  # the conditions have no events
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.01)


async def test_worker_node_registers_and_sends_heartbeats(
    connection: Connection,
) -> None:
    coordinator, engine = Coordinator(), Engine()
    server = await CoordinatorServer(coordinator).start(connection)
    subscriber = CoordinatorSubscriber(connection)
    async with subscriber.heartbeat() as heartbeats:  # noqa: SIM117
        async with await worker_node(engine).start(connection) as node:
            (request,) = coordinator.requests
            assert (request.worker_id, request.instance) == (ID, node.instance)
            assert request.capacity.max_pipelines == 100
            assert node.phase == "ready"
            client = WorkerClient(connection)
            reply = await client.deploy(ID, DEPLOY)
            inject = InjectRequest(pipeline_id=reply.id, event_type="A")
            await client.inject(ID, inject)
            _, first = await anext(heartbeats)
            params, second = await anext(heartbeats)
            assert (params.worker_id, first.events_processed) == (ID, 0)
            (metrics,) = second.pipeline_metrics
            assert (second.events_processed, second.pipelines_running) == (1, 1)
            assert (metrics.pipeline_name, metrics.events_in) == ("alerts", 1)
            assert node.heartbeats >= 2
    await server.shutdown()


async def test_worker_node_serves_before_a_coordinator_answers(
    connection: Connection,
) -> None:
    coordinator, engine = Coordinator(), Engine()
    async with await worker_node(engine).start(connection) as node:
        assert node.phase == "joining"
        assert node.failure is not None
        await WorkerClient(connection).deploy(ID, DEPLOY)
        server = await CoordinatorServer(coordinator).start(connection)
        await node.registered()
        await until(lambda: node.phase == "ready" and node.failure is None)
    await server.shutdown()


async def test_worker_node_renews_its_registration(connection: Connection) -> None:
    coordinator = Coordinator()
    server = await CoordinatorServer(coordinator).start(connection)
    async with await worker_node(Engine(), renewal=0.05).start(connection) as node:
        await until(lambda: node.registrations >= 3)
    await server.shutdown()


async def test_worker_node_without_valid_key_stops_to_register(
    connection: Connection,
) -> None:
    coordinator = Coordinator()
    coordinator.fault = RegisterFault.invalid_api_key()
    server = await CoordinatorServer(coordinator).start(connection)
    async with await worker_node(Engine()).start(connection) as node:
        await until(lambda: node.phase == "rejected")
        await asyncio.sleep(0.2)
        assert len(coordinator.requests) == 5
    await server.shutdown()


async def test_worker_node_waits_until_its_id_is_free(connection: Connection) -> None:
    coordinator = Coordinator()
    coordinator.faults = [RegisterFault.worker_id_in_use() for _ in range(3)]
    server = await CoordinatorServer(coordinator).start(connection)
    async with await worker_node(Engine()).start(connection) as node:
        assert (len(coordinator.requests), node.phase) == (4, "ready")
    await server.shutdown()


async def test_worker_node_confirms_a_notice_of_its_replacement(
    connection: Connection,
) -> None:
    coordinator = Coordinator()
    server = await CoordinatorServer(coordinator).start(connection)
    client = WorkerClient(connection)
    async with await worker_node(Engine()).start(connection) as node:
        notice = Registration(instance="other", replaced=[node.instance])
        # Any peer can send a notice. This one is false.
        await client.registration(ID, notice)
        await until(lambda: len(coordinator.requests) == 2)
        assert coordinator.requests[1].confirm is True
        await client.deploy(ID, DEPLOY)
        assert node.phase == "ready"

        coordinator.fault = RegisterFault.worker_replaced()
        await client.registration(ID, notice)
        await asyncio.wait_for(node.replaced(), 20)
        await until(lambda: node.phase == "replaced")
        count = len(coordinator.requests)
        await asyncio.sleep(0.2)
        assert len(coordinator.requests) == count
    await server.shutdown()


async def test_worker_node_registers_again_if_it_is_unknown(
    connection: Connection,
) -> None:
    coordinator = Coordinator()
    server = await CoordinatorServer(coordinator).start(connection)
    async with await worker_node(Engine()).start(connection) as node:
        await WorkerClient(connection).registration(ID, Registration())
        await until(lambda: node.registrations == 2)
        notice = Registration(instance=node.instance)
        await WorkerClient(connection).registration(ID, notice)
        await asyncio.sleep(0.2)
        assert node.registrations == 2
    await server.shutdown()


async def test_worker_node_drains_without_loss(connection: Connection) -> None:
    coordinator, engine = Coordinator(), Engine()
    server = await CoordinatorServer(coordinator).start(connection)
    client = WorkerClient(connection)
    async with await worker_node(engine).start(connection) as node:
        engine.released.clear()
        running = [asyncio.create_task(client.deploy(ID, DEPLOY)) for _ in range(20)]
        await until(lambda: engine.started == 20)
        draining = asyncio.create_task(node.drain())
        await until(lambda: node.phase == "draining")
        with pytest.raises(DeployFault) as refused:
            await client.deploy(ID, DEPLOY)
        assert refused.value.code == "worker_draining"
        await until(lambda: coordinator.requests[-1].draining is True)
        engine.released.set()
        assert await draining == 0
        assert node.phase == "drained"
        assert len(await asyncio.gather(*running)) == 20
    await server.shutdown()


async def test_worker_node_stops_after_its_running_commands(
    connection: Connection,
) -> None:
    engine = Engine()
    node = await worker_node(engine).start(connection)
    engine.released.clear()
    client = WorkerClient(connection)
    running = [asyncio.create_task(client.deploy(ID, DEPLOY)) for _ in range(50)]
    await until(lambda: engine.started == 50)
    stopping = asyncio.create_task(node.stop())
    await asyncio.sleep(0.05)
    engine.released.set()
    stats = await stopping
    assert (stats.received, stats.answered) == (50, 50)
    assert len(await asyncio.gather(*running)) == 50


async def test_worker_node_drain_has_a_limit(connection: Connection) -> None:
    engine = Engine()
    node = await worker_node(engine, drain=0.1).start(connection)
    engine.released.clear()
    call = asyncio.create_task(WorkerClient(connection).deploy(ID, DEPLOY))
    await until(lambda: engine.started == 1)
    assert await node.drain() == 1
    engine.released.set()
    await call
    await node.stop()


async def test_worker_node_registers_again_after_a_restart_of_the_server(
    tmp_path: Path,
) -> None:
    nats = NatsServer(tmp_path)
    coordinator = Coordinator()
    async with await connect(nats.url) as own, await connect(nats.url) as other:
        server = await CoordinatorServer(coordinator).start(other)
        async with await worker_node(Engine()).start(own) as node:
            nats.kill()
            await until(lambda: node.phase == "joining")
            nats.start()
            await until(lambda: node.phase == "ready")
            assert node.registrations >= 2
            await WorkerClient(other).deploy(ID, DEPLOY)
        await server.shutdown()
    nats.kill()


async def test_worker_node_survives_a_failing_callback(connection: Connection) -> None:
    beats = 0

    def heartbeat() -> Heartbeat:
        nonlocal beats
        beats += 1
        if beats % 2 == 0:
            raise RuntimeError("a defect of the callback")
        return Heartbeat(events_processed=beats, pipelines_running=0)

    async with await CoordinatorServer(Coordinator()).start(connection):
        node = WorkerNode(ID, "secret", Engine(), heartbeat=heartbeat)
        async with await node.start(connection):
            await until(lambda: node.heartbeats >= 2)
            assert node.phase == "ready"
