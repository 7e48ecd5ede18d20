"""A worker, before and after its start."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Literal

import msgspec
from natsgen_runtime import (
    Connection,
    DedupOptions,
    PublishError,
    RpcError,
    ServeOptions,
    Server,
    Stats,
    SubscribeError,
)
from natsgen_runtime.waiting import is_set_within

from ..coordinator import REGISTER, CoordinatorClient, Heartbeat
from ..types import ApiKey, WorkerAddress, WorkerId
from ..worker import WorkerServer, WorkerService, WorkerSubscriber
from .drain import DrainLayer
from .in_flight import InFlight
from .registrar import Registrar, Settings

_LOG = logging.getLogger("varpulis_sdk")

_HANDOVER = 0.3
"""The time in seconds in which an older instance unsubscribes."""

_DRAINING_LIMIT = 1.0
"""The time in seconds in which a stopping worker tells the coordinators that it drains."""

WorkerPhase = Literal["joining", "ready", "rejected", "draining", "drained", "replaced"]
"""The phase of a worker.

- `joining`: no coordinator has answered yet, or no coordinator answers any more.
- `ready`: it is registered and takes new work.
- `rejected`: the coordinators have refused its API key too often. It registers no more.
- `draining`: it refuses new work and finishes running work.
- `drained`: it refuses new work, and no work runs.
- `replaced`: another instance has replaced it.
"""


class WorkerNode:
    """A worker: `async with WorkerNode(...).start(connection) as node`.

    Args:
        id: The id of the worker.
        api_key: The key for the coordinators.
        service: Executes the commands.
        address: The address of the worker's HTTP interface; empty if it is reached over NATS only.
        max_pipelines: The number of pipelines that coordinators may deploy. The service enforces the limit.
        first_pause: The pause in seconds after a failed registration. It doubles up to `longest_pause`.
        longest_pause: The longest pause in seconds.
        renewal: The interval in seconds between registrations; default: three heartbeat intervals. `math.inf`
            disables renewal: Varpulis 0.11 discards its state of a worker that registers again.
        api_key_attempts: How often in succession coordinators may refuse the API key. 0 is no limit.
        options: The limits of the server. The default deduplicates commands.
        heartbeat: Returns the payload of a heartbeat, in place of the node's own counters.
    """

    def __init__(
        self,
        id: WorkerId,  # noqa: A002  # its name in all languages
        api_key: ApiKey,
        service: WorkerService,
        *,
        address: WorkerAddress = "",
        max_pipelines: int = 100,
        first_pause: float = 1.0,
        longest_pause: float = 30.0,
        renewal: float | None = None,
        api_key_attempts: int = 5,
        options: ServeOptions | None = None,
        heartbeat: Callable[[], Heartbeat] | None = None,
    ) -> None:
        self._settings = Settings(
            id,
            api_key,
            address,
            max_pipelines,
            first_pause,
            longest_pause,
            renewal,
            api_key_attempts,
        )
        options = options or ServeOptions()
        if options.deduplicate is None:
            options = replace(options, deduplicate=DedupOptions())
        self._in_flight = InFlight()
        self._source = heartbeat
        self._last_heartbeat: Heartbeat | None = None
        self._commands = WorkerServer(DrainLayer(service, self._in_flight), id, options)
        self._drain_limit = options.drain
        self._server: Server | None = None
        self._registrar: Registrar | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._replaced = asyncio.Event()
        self.heartbeats = 0
        """The number of sent heartbeats."""

    async def start(self, connection: Connection) -> WorkerNode:
        """Registers the worker, serves commands and sends heartbeats. Returns the node itself.

        Commands are served once the first attempt to register has been answered or has failed. While another live
        instance has the id, this method registers again and returns only when the id is free.

        Raises:
            SubscribeError: If a subscription is refused, or the connection is lost or closed.
        """
        connection = connection.identity(REGISTER.caller, self._settings.id)
        self._connection = connection
        self._registrar = registrar = Registrar(
            connection,
            self._settings,
            self._heartbeat,
            self._in_flight.draining,
            self._on_state,
        )
        try:
            await self._listen(registrar)
            await registrar.join()
            if registrar.is_successor:
                await asyncio.sleep(_HANDOVER)
            self._server = await self._commands.start(connection)
        except BaseException:
            # A refused subscription, or a cancellation.
            await self._stop_tasks()
            raise
        self._on_state()
        self._tasks += [
            asyncio.create_task(registrar.run()),
            asyncio.create_task(self._send_heartbeats(registrar)),
            asyncio.create_task(self._report_draining(registrar)),
        ]
        return self

    @property
    def instance(self) -> str:
        """The id of this run of the worker, chosen at random; empty before the start."""
        return "" if self._registrar is None else self._registrar.instance

    @property
    def phase(self) -> WorkerPhase:
        """The phase of the worker."""
        registrar = self._registrar
        if registrar is None:
            return "joining"
        if registrar.is_replaced:
            return "replaced"
        if self._in_flight.draining.is_set():
            return "draining" if self._in_flight.running else "drained"
        if registrar.is_rejected:
            return "rejected"
        return (
            "ready"
            if registrar.is_registered and not registrar.is_paused
            else "joining"
        )

    @property
    def registrations(self) -> int:
        """How often a coordinator has registered the worker."""
        return 0 if self._registrar is None else self._registrar.registrations

    @property
    def failure(self) -> RpcError | None:
        """Why the last registration failed, if it did."""
        return None if self._registrar is None else self._registrar.failure

    @property
    def stats(self) -> Stats:
        """The counters of the server."""
        return Stats() if self._server is None else self._server.stats

    async def registered(self) -> None:
        """Waits until a coordinator has registered the worker."""
        if self._registrar is not None:
            await self._registrar.registered.wait()

    async def replaced(self) -> None:
        """Waits until a newer instance under the same id has replaced this one. Stop the node then."""
        await self._replaced.wait()

    async def drain(self) -> int:
        """Refuses new work, and waits until no work runs or the drain limit of the options is over.

        Returns the number of commands that still run.
        """
        self._in_flight.draining.set()
        await is_set_within(self._in_flight.idle, self._drain_limit)
        return self._in_flight.running

    async def stop(self) -> Stats:
        """Unsubscribes, finishes all received commands, and ends registration and heartbeats."""
        registrar, server = self._registrar, self._server
        if server is not None and not self._replaced.is_set():
            await server.shutdown()
        elif server is not None:
            await server.closed()
        if (
            registrar is not None
            and self._in_flight.draining.is_set()
            and self._connection.is_connected
        ):
            await is_set_within(registrar.told_draining, _DRAINING_LIMIT)
        await self._stop_tasks()
        return self.stats

    async def __aenter__(self) -> WorkerNode:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _stop_tasks(self) -> None:
        if self._registrar is not None:
            self._registrar.close()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, registrar: Registrar) -> None:
        """Subscribes to the notices under the worker's id. The user may have no permission for that."""
        notices = WorkerSubscriber(self._connection).registration(
            worker_id=self._settings.id
        )
        try:
            await notices.start()
        except SubscribeError as error:
            _LOG.warning("no notices of registrations: %s", error)
            return

        async def read() -> None:
            try:
                async for _, notice in notices:
                    registrar.notice(notice)
            finally:
                await notices.stop()

        self._tasks.append(asyncio.create_task(read()))

    def _on_state(self) -> None:
        """Makes the server follow the state of the registration."""
        registrar, server = self._registrar, self._server
        if registrar is None or server is None or self._replaced.is_set():
            return
        if registrar.is_replaced:
            self._replaced.set()
            self._tasks.append(asyncio.create_task(server.hand_over()))
        elif registrar.is_paused:
            server.pause()
        else:
            server.resume()

    def _heartbeat(self) -> Heartbeat:
        """Returns the payload of a heartbeat: the previous one if the user's callback fails."""
        if self._source is not None:
            try:
                self._last_heartbeat = self._source()
            except Exception:  # the callback can raise anything
                _LOG.exception("the callback of the heartbeat failed")
        return self._last_heartbeat or self._in_flight.heartbeat()

    async def _send_heartbeats(self, registrar: Registrar) -> None:
        """Sends a heartbeat after each registration, and after each interval."""
        client = CoordinatorClient(self._connection)
        while not registrar.is_replaced:
            await is_set_within(registrar.changed, registrar.interval)
            registrar.changed.clear()
            if registrar.registrations == 0:
                continue
            await self._send_heartbeat(client)

    async def _send_heartbeat(self, client: CoordinatorClient) -> None:
        heartbeat = self._heartbeat()
        if self.stats.saturation is not None:
            # The user's callback may return the same object again.
            heartbeat = msgspec.structs.replace(heartbeat, saturated=True)
        try:
            try:
                await client.heartbeat(self._settings.id, heartbeat)
            except PublishError as error:
                if error.reason != "too_large":
                    raise
                # Without the metrics it still shows that the worker lives.
                heartbeat.pipeline_metrics = []
                await client.heartbeat(self._settings.id, heartbeat)
            self.heartbeats += 1
        except PublishError as error:
            # The next heartbeat contains all counters.
            _LOG.info("no heartbeat: %s", error)

    async def _report_draining(self, registrar: Registrar) -> None:
        await self._in_flight.draining.wait()
        registrar.wake()
