"""A service that refuses new work while the worker drains, and counts commands."""

from __future__ import annotations

from natsgen_runtime import Context

from ..worker import (
    CheckpointReply,
    CheckpointRequest,
    DeployFault,
    DeployReply,
    DeployRequest,
    DrainReply,
    DrainRequest,
    InjectBatchFault,
    InjectBatchReply,
    InjectBatchRequest,
    InjectFault,
    InjectReply,
    InjectRequest,
    RestoreFault,
    RestoreReply,
    RestoreRequest,
    UndeployReply,
    UndeployRequest,
    WorkerService,
)
from .in_flight import InFlight


class DrainLayer(WorkerService):
    """Passes commands on to a service."""

    def __init__(self, service: WorkerService, in_flight: InFlight) -> None:
        self._service = service
        self._in_flight = in_flight

    async def checkpoint(
        self, context: Context, request: CheckpointRequest
    ) -> CheckpointReply:
        return await self._service.checkpoint(context, request)

    async def deploy(self, context: Context, request: DeployRequest) -> DeployReply:
        if self._in_flight.draining.is_set():
            raise DeployFault.worker_draining()
        with self._in_flight.work():
            reply = await self._service.deploy(context, request)
        self._in_flight.deployed(reply.id, reply.name)
        return reply

    async def drain(self, context: Context, request: DrainRequest) -> DrainReply:
        self._in_flight.draining.set()
        return await self._service.drain(context, request)

    async def inject(self, context: Context, request: InjectRequest) -> InjectReply:
        if self._in_flight.draining.is_set():
            raise InjectFault.worker_draining()
        with self._in_flight.work():
            reply = await self._service.inject(context, request)
        self._in_flight.injected(request.pipeline_id, 1, len(reply.output_events))
        return reply

    async def inject_batch(
        self, context: Context, request: InjectBatchRequest
    ) -> InjectBatchReply:
        if self._in_flight.draining.is_set():
            raise InjectBatchFault.worker_draining()
        with self._in_flight.work():
            reply = await self._service.inject_batch(context, request)
        self._in_flight.injected(
            request.pipeline_id, reply.events_sent, len(reply.output_events)
        )
        return reply

    async def restore(self, context: Context, request: RestoreRequest) -> RestoreReply:
        if self._in_flight.draining.is_set():
            raise RestoreFault.worker_draining()
        with self._in_flight.work():
            return await self._service.restore(context, request)

    async def undeploy(
        self, context: Context, request: UndeployRequest
    ) -> UndeployReply:
        reply = await self._service.undeploy(context, request)
        self._in_flight.undeployed(request.pipeline_id)
        return reply
