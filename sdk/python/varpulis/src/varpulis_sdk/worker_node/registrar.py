"""Registration with the coordinators, and its renewal."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import UNSET
from natsgen_runtime import CallError, Connection, RpcError
from natsgen_runtime.transport.base import Listener
from natsgen_runtime.waiting import is_set_within

from ..coordinator import (
    CoordinatorClient,
    Heartbeat,
    RegisterFault,
    RegisterReply,
    RegisterRequest,
)
from ..types import ApiKey, WorkerAddress, WorkerCapacity, WorkerId
from ..worker import Registration

_LOG = logging.getLogger("varpulis_sdk")

_HEARTBEAT_INTERVAL = 5.0
"""The heartbeat interval if the coordinator gives no interval."""

_HEARTBEATS = 3
"""A silent worker counts as unhealthy after this many heartbeat intervals."""

_CONFIRM_INTERVAL = 1.0
"""The least time between two confirmations of a registration."""

_NOTICE_INTERVAL = 10.0
"""The least time between two notices that pause commands. Any peer can send a notice."""


@dataclass(frozen=True)
class Settings:
    """The settings of a worker."""

    id: WorkerId
    api_key: ApiKey
    address: WorkerAddress
    max_pipelines: int
    first_pause: float
    longest_pause: float
    renewal: float | None
    api_key_attempts: int


class Registrar(Listener):
    """Registers the worker.

    It registers again after a reconnection, after a notice, when the worker begins to drain, and after the renewal
    interval.
    """

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        heartbeat: Callable[[], Heartbeat],
        draining: asyncio.Event,
        on_state: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._client = CoordinatorClient(connection)
        self._heartbeat = heartbeat
        self._draining = draining
        self._on_state = on_state
        self.instance = os.urandom(12).hex()
        """The id of this run of the worker."""
        self.is_registered = False
        self.is_paused = False
        """Whether the instance may have been replaced, so that commands must wait."""
        self.is_replaced = False
        self.is_rejected = False
        self.is_successor = False
        """Whether this instance replaces an older one."""
        self.knows_draining = False
        """Whether a coordinator knows that the worker drains."""
        self.told_draining = asyncio.Event()
        """Set after an attempt to tell the coordinators that the worker drains."""
        self.registrations = 0
        self.failure: RpcError | None = None
        self.interval: float | None = None
        self.changed = asyncio.Event()
        """Set after each registration, for the heartbeats."""
        self.registered = asyncio.Event()
        """Set after the first registration."""
        self._wake = asyncio.Event()
        self._is_confirming = False
        self._doubts = 0
        self._notified = float("-inf")
        self._key_refusals = 0
        connection.transport.listeners.append(self)

    def disconnected(self) -> None:
        # Another instance may replace this one meanwhile.
        self._pause()

    def reconnected(self) -> None:
        self._wake.set()

    def notice(self, notice: Registration) -> None:
        """Handles a notice about the instances under the worker's id."""
        if self.instance in notice.replaced:
            now = asyncio.get_running_loop().time()
            if now - self._notified >= _NOTICE_INTERVAL:
                self._notified = now
                self._pause()
            self._is_confirming = True
            self._wake.set()
        elif notice.instance == self.instance:
            self.is_successor = True
        else:
            # The registry decides.
            self._wake.set()

    async def join(self) -> None:
        """Registers until no other instance has the id."""
        pause = self._settings.first_pause
        while not self.is_rejected and not self.is_replaced:
            await self._register()
            if not self._is_id_in_use():
                return
            _LOG.warning(
                "another instance has the id `%s` and is alive", self._settings.id
            )
            await asyncio.sleep(random.uniform(0.5, 1) * pause)
            pause = min(2 * pause, self._settings.longest_pause)

    async def run(self) -> None:
        """Registers again, until another instance replaces this one or the API key is refused too often."""
        settings = self._settings
        pause = settings.first_pause
        while not self.is_replaced and not self.is_rejected:
            wait = pause
            if self.failure is None:
                pause = settings.first_pause
                interval = self.interval or _HEARTBEAT_INTERVAL
                wait = (
                    interval * _HEARTBEATS
                    if settings.renewal is None
                    else settings.renewal
                )
            else:
                pause = min(2 * pause, settings.longest_pause)
            # Shortened by a random part, so that workers do not all register at once.
            is_woken = await self._sleep(random.uniform(0.5, 1) * wait)
            if is_woken and not self._is_confirming and not self._begins_to_drain():
                await asyncio.sleep(random.uniform(0, 1) * settings.first_pause)
            is_confirming, self._is_confirming = self._is_confirming, False
            self._wake.clear()
            await self._register(is_confirming=is_confirming)
            if self._is_id_in_use():
                self._replace()
            if is_confirming:
                await asyncio.sleep(_CONFIRM_INTERVAL)

    def close(self) -> None:
        """Ends the use of the connection."""
        self._connection.remove(self)

    def wake(self) -> None:
        """Registers again soon."""
        self._wake.set()

    async def _sleep(self, seconds: float) -> bool:
        return await is_set_within(self._wake, min(seconds, 1e8))

    def _begins_to_drain(self) -> bool:
        return self._draining.is_set() and not self.knows_draining

    async def _register(self, *, is_confirming: bool = False) -> None:
        doubts = self._doubts
        is_draining = self._draining.is_set()
        try:
            reply = await self._client.register(
                self._request(is_draining, is_confirming)
            )
            self._check(reply)
        except RpcError as error:
            self._failed(error, doubts)
        else:
            self.failure = None
            self.is_registered = True
            self.knows_draining = is_draining
            self.registrations += 1
            self._key_refusals = 0
            interval = reply.heartbeat_interval_secs
            self.interval = (
                _HEARTBEAT_INTERVAL if interval is UNSET else float(interval)
            )
            self._resume(doubts)
            self.registered.set()
        if is_draining:
            self.told_draining.set()
        self.changed.set()
        self._on_state()

    def _check(self, reply: RegisterReply) -> None:
        if reply.worker_id != self._settings.id:
            raise CallError(
                "unreadable",
                "invalid",
                "the reply names another worker",
                operation="register",
            )
        if reply.status != "registered":
            raise CallError(
                "unreadable",
                "invalid",
                "the reply has an unknown status",
                operation="register",
            )

    def _failed(self, error: RpcError, doubts: int) -> None:
        self.failure = error
        self.is_registered = False
        code = error.code if isinstance(error, RegisterFault) else None
        if code == "worker_replaced":
            self._replace()
        elif code == "invalid_api_key":
            self._key_refusals += 1
        elif code is not None:
            self._key_refusals = 0
        attempts = self._settings.api_key_attempts
        self.is_rejected = 0 < attempts <= self._key_refusals
        is_lost = isinstance(error, CallError) and error.reason in (
            "disconnected",
            "closed",
        )
        if not is_lost and not self.is_replaced:
            # No coordinator is there to answer, or it does not say that the instance was replaced.
            self._resume(doubts)

    def _pause(self) -> None:
        self._doubts += 1
        self.is_paused = True
        self._on_state()

    def _resume(self, doubts: int) -> None:
        if doubts == self._doubts:
            self.is_paused = False

    def _replace(self) -> None:
        self.is_replaced = True
        self.is_registered = False
        self._on_state()

    def _is_id_in_use(self) -> bool:
        return (
            isinstance(self.failure, RegisterFault)
            and self.failure.code == "worker_id_in_use"
        )

    def _request(self, is_draining: bool, is_confirming: bool) -> RegisterRequest:
        settings = self._settings
        running = self._heartbeat().pipelines_running
        most = settings.max_pipelines
        return RegisterRequest(
            worker_id=settings.id,
            address=settings.address,
            api_key=settings.api_key,
            capacity=WorkerCapacity(
                cpu_cores=min(os.cpu_count() or 1, 65_535),
                pipelines_running=running,
                # Varpulis 0.11 does not know the member `draining`.
                max_pipelines=min(running, most) if is_draining else most,
            ),
            instance=self.instance,
            draining=True if is_draining else UNSET,
            confirm=True if is_confirming else UNSET,
        )
