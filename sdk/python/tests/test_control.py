"""Control requests, which overtake the requests with their ordering key."""

from __future__ import annotations

import asyncio

import pytest
from natsgen_runtime import CallError, Connection, Context, ServeOptions

from varpulis_sdk.types import WorkerId
from varpulis_sdk.worker import (
    CheckpointReply,
    CheckpointRequest,
    DeployReply,
    DeployRequest,
    DrainReply,
    DrainRequest,
    InjectBatchReply,
    InjectBatchRequest,
    InjectReply,
    InjectRequest,
    RestoreReply,
    RestoreRequest,
    UndeployFault,
    UndeployReply,
    UndeployRequest,
    WorkerClient,
    WorkerServer,
    WorkerService,
)

WORKER = WorkerId("w0")


class Worker(WorkerService):
    """Injects take as long as `release` is not set."""

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.cancelled = 0

    async def checkpoint(
        self, context: Context, request: CheckpointRequest
    ) -> CheckpointReply:
        raise NotImplementedError

    async def deploy(self, context: Context, request: DeployRequest) -> DeployReply:
        return DeployReply(id="p1", name=request.name, status="running")

    async def drain(self, context: Context, request: DrainRequest) -> DrainReply:
        raise NotImplementedError

    async def inject(self, context: Context, request: InjectRequest) -> InjectReply:
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return InjectReply(ok=True, output_events=[])

    async def inject_batch(
        self, context: Context, request: InjectBatchRequest
    ) -> InjectBatchReply:
        raise NotImplementedError

    async def restore(self, context: Context, request: RestoreRequest) -> RestoreReply:
        raise NotImplementedError

    async def undeploy(
        self, context: Context, request: UndeployRequest
    ) -> UndeployReply:
        raise UndeployFault.pipeline_not_found(request.pipeline_id)


async def test_control_request_cancels_the_queue_and_aborts_the_running_request(
    connection: Connection,
) -> None:
    worker = Worker()
    options = ServeOptions(concurrency=2, grace=0.05)
    server = await WorkerServer(worker, WORKER, options).start(connection)
    client = WorkerClient(connection)
    inject = InjectRequest(pipeline_id="p1", event_type="A")
    calls = [asyncio.create_task(client.inject(WORKER, inject)) for _ in range(4)]
    other = InjectRequest(pipeline_id="p2", event_type="A")
    others = [asyncio.create_task(client.inject(WORKER, other)) for _ in range(2)]
    await connection.flush()
    await asyncio.sleep(0.02)
    # Both places are taken, but the control request has a reserved place.
    with pytest.raises(UndeployFault) as fault:
        await client.undeploy(WORKER, UndeployRequest(pipeline_id="p1"))
    assert fault.value.detail == "p1"
    results = await asyncio.gather(*calls, return_exceptions=True)
    reasons = [result.reason for result in results if isinstance(result, CallError)]
    assert sorted(reasons) == ["aborted", "cancelled", "cancelled", "cancelled"]
    assert worker.cancelled == 1
    assert (server.stats.aborted, server.stats.cancelled) == (1, 3)
    worker.release.set()
    assert len(await asyncio.gather(*others)) == 2
    await server.shutdown()


async def test_unknown_command_is_refused(connection: Connection) -> None:
    server = await WorkerServer(Worker(), WORKER).start(connection)
    inbox = await connection.inbox()
    subject = f"{connection.prefix_or('')}.cmd.w0.reboot.now"
    end = asyncio.get_running_loop().time() + 5
    reply = await inbox.request(subject, b"", b"{}", end)
    assert not isinstance(reply, str)
    assert (
        reply.payload
        == b'{"error":"unknown command: reboot.now","code":"unknown_command"}'
    )
    await server.shutdown()


async def test_handlers_run_deep_queues_without_recursion(
    connection: Connection,
) -> None:
    worker = Worker()
    server = await WorkerServer(worker, WORKER, ServeOptions(concurrency=1)).start(
        connection
    )
    client = WorkerClient(connection)
    inject = InjectRequest(pipeline_id="p1", event_type="A")
    first = asyncio.create_task(client.inject(WORKER, inject))
    await asyncio.sleep(0)
    deploy = DeployRequest(name="p", source="")
    calls = [asyncio.create_task(client.deploy(WORKER, deploy)) for _ in range(2_000)]
    await asyncio.sleep(0.1)
    worker.release.set()
    await asyncio.gather(first, *calls)
    await server.shutdown()


def test_incomplete_service_cannot_be_created() -> None:
    class Incomplete(WorkerService):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Incomplete()  # type: ignore[abstract]


async def test_invalid_instance_is_refused() -> None:
    with pytest.raises(ValueError, match="worker_id"):
        WorkerServer(Worker(), "a.b")  # type: ignore[arg-type]
