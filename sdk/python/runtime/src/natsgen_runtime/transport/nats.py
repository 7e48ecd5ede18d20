"""The NATS transport.

It uses the client nats-py for the connection: protocol, authentication, TLS and reconnection. Messages take a shorter
path than in nats-py, which has a queue and a task for each subscription and parses headers that no caller reads. The
shorter path uses internals of nats-py, so the package requires a fixed minor version of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import ssl
from collections.abc import Sequence
from typing import Any

from nats import errors
from nats.aio.client import Client

from ..printable import printable
from .base import Message, Receive, Transport, TransportError

_LOG = logging.getLogger("natsgen_runtime")

_DENIED = re.compile(r'permissions violation for (publish|subscription) to "([^"]*)"')

_RECONNECT_WAIT = 0.25

_PING = b"PING\r\n"

_CLOSE_LIMIT = 5.0
"""The time limit in seconds for the last messages of a closed connection."""


class NatsConnectError(ConnectionError):
    """The first connection failed."""


class _Client(Client):
    """The client of nats-py, with a short path for messages."""

    def __init__(self) -> None:
        super().__init__()
        self.receivers: dict[int, Receive] = {}
        self._kick: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._kick.set_result(None)

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None
    ) -> None:
        receive = self.receivers.get(sid)
        if receive is None:
            return
        message = Message(
            subject.decode(errors="replace"),
            reply.decode(errors="replace"),
            headers or b"",
            data,
        )
        try:
            receive(message)
        except Exception:  # nats-py would stop reading
            _LOG.exception(
                "a message on `%s` was not handled", printable(message.subject)
            )

    async def stop(self) -> None:
        """Closes the client, and ends its task that tries to restore the connection.

        That task can miss a cancellation while it connects.
        """
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.close(), _CLOSE_LIMIT)
        task = self._reconnection_task
        for _ in range(20):
            if task is None or task.done():
                return
            task.cancel()
            await asyncio.wait([task], timeout=0.1)

    @property
    def unsent(self) -> int:
        """The size of the messages that the socket has not taken yet."""
        return self._pending_data_size

    async def add_subscription(self, pattern: str, queue: str) -> int:
        """Subscribes, and returns the number of the subscription."""
        subscription = await self.subscribe(pattern, queue)  # pyright: ignore[reportUnknownMemberType]
        return subscription._id  # pyright: ignore[reportPrivateUsage]

    def remove_subscription(self, number: int) -> None:
        """Forgets a subscription, so that a reconnection does not repeat it."""
        self._subs.pop(number, None)

    def ping(self) -> asyncio.Future[bool]:
        """Sends a PING behind all accepted messages, and returns the future of its PONG.

        `flush` of nats-py sends its PING before accepted messages. The future must not be cancelled.
        """
        pong: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pongs.append(pong)  # pyright: ignore[reportUnknownMemberType]
        self.send(_PING)
        return pong

    def drop_pings(self) -> None:
        """Drops the unsent PINGs of a lost connection: the next connection must not answer them."""
        kept = [command for command in self._pending if command is not _PING]
        self._pending_data_size -= len(_PING) * (len(self._pending) - len(kept))
        self._pending = kept

    def send(self, command: bytes) -> None:
        """Accepts a protocol message. The flusher of nats-py writes it."""
        self._pending.append(command)
        self._pending_data_size += len(command)
        queue = self._flush_queue
        if queue is not None and queue.empty():
            queue.put_nowait(self._kick)


class NatsTransport(Transport):
    """A connection to NATS servers."""

    def __init__(self, client: _Client, inbox_prefix: str | None) -> None:
        super().__init__()
        self._client = client
        self.inbox_prefix = inbox_prefix
        self._loss: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Ends with the connection; replaced for the next connection."""
        self._subscribing: dict[str, bool] = {}
        """The patterns whose confirmation is awaited, in lower case, and whether they were denied."""

    @property
    def max_payload(self) -> int:
        return self._client.max_payload

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected

    @property
    def is_closed(self) -> bool:
        return self._client.is_closed

    @property
    def unsent(self) -> int:
        return self._client.unsent

    def publish(
        self, subject: str, payload: bytes, reply: str = "", headers: bytes = b""
    ) -> None:
        client = self._client
        if not client.is_connected:
            raise TransportError("closed" if client.is_closed else "disconnected")
        size = len(payload) + len(headers)
        if size > client.max_payload:
            raise TransportError(
                "too_large", f"{size} bytes, the limit is {client.max_payload}"
            )
        if headers:
            line = f"HPUB {subject} {reply} {len(headers)} {size}\r\n".encode()
            client.send(b"%b%b%b\r\n" % (line, headers, payload))
        else:
            line = f"PUB {subject} {reply} {size}\r\n".encode()
            client.send(b"%b%b\r\n" % (line, payload))

    async def subscribe(self, pattern: str, queue: str, receive: Receive) -> int:
        client = self._client
        if not client.is_connected:
            raise TransportError("closed" if client.is_closed else "disconnected")
        lowered = pattern.lower()
        self._subscribing[lowered] = False
        try:
            number = await client.add_subscription(pattern, queue)
            client.receivers[number] = receive
            is_flushed = await self.flush()
            if self._subscribing.get(lowered):
                self.unsubscribe(number)
                self.forget(number)
                raise TransportError("denied", pattern)
            if not is_flushed:
                self.forget(number)
                raise TransportError("closed" if client.is_closed else "disconnected")
            return number
        except errors.Error as error:
            raise TransportError(
                "closed" if client.is_closed else "disconnected", str(error)
            ) from error
        finally:
            self._subscribing.pop(lowered, None)

    def unsubscribe(self, number: int) -> None:
        # nats-py repeats the subscriptions that it knows after a reconnection.
        self._client.remove_subscription(number)
        if self._client.is_connected:
            self._client.send(b"UNSUB %d\r\n" % number)

    def forget(self, number: int) -> None:
        self._client.remove_subscription(number)
        self._client.receivers.pop(number, None)

    async def flush(self, timeout: float = 5.0) -> bool:
        if not self._client.is_connected:
            return False
        pong = self._client.ping()
        await asyncio.wait(
            {pong, self._loss}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )
        return pong.done()

    async def close(self) -> None:
        if self._client.is_closed:
            return
        if self._client.is_connected:
            await self.flush()
        await self._client.stop()

    def _notify(self, name: str, *values: str) -> None:
        for listener in list(self.listeners):
            getattr(listener, name)(*values)

    def on_error(self, error: Exception) -> None:
        """Handles an error that nats-py reports."""
        denied = _DENIED.search(str(error).lower())
        if denied is None:
            return
        kind, subject = denied.groups()
        if kind == "publish":
            self._notify("publish_denied", subject)
        else:
            if subject in self._subscribing:
                self._subscribing[subject] = True
            self._notify("subscription_denied", subject)

    def on_disconnected(self) -> None:
        """Handles a lost connection."""
        self._client.drop_pings()
        self._loss.set_result(False)
        self._loss = asyncio.get_running_loop().create_future()
        self._notify("disconnected")

    def on_reconnected(self) -> None:
        """Handles a restored connection."""
        self._notify("reconnected")

    def on_closed(self) -> None:
        """Handles a closed connection."""
        self._notify("closed")


async def connect(
    servers: str | Sequence[str],
    *,
    name: str | None = None,
    user: str | None = None,
    password: str | None = None,
    token: str | None = None,
    nkey_seed: str | None = None,
    credentials: str | os.PathLike[str] | None = None,
    tls: ssl.SSLContext | None = None,
    inbox_prefix: str | None = None,
    timeout: float = 5.0,
) -> NatsTransport:
    """Connects to a server.

    Raises:
        NatsConnectError: If the first connection fails. Later, the transport restores a lost connection without a limit of attempts.
    """
    client = _Client()
    transport = NatsTransport(client, inbox_prefix)
    failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
    left = 1 if isinstance(servers, str) else len(servers)

    async def on_error(error: Exception) -> None:
        nonlocal left
        left -= 1
        if left <= 0 and not failed.done():
            failed.set_result(error)
        transport.on_error(error)

    async def on_disconnected() -> None:
        transport.on_disconnected()

    async def on_reconnected() -> None:
        transport.on_reconnected()

    async def on_closed() -> None:
        transport.on_closed()

    options: dict[str, Any] = {
        "servers": servers if isinstance(servers, str) else list(servers),
        "name": name,
        "user": user,
        "password": password,
        "token": token,
        "nkeys_seed_str": nkey_seed,
        "user_credentials": None if credentials is None else os.fspath(credentials),
        "tls": tls,
        "error_cb": on_error,
        "disconnected_cb": on_disconnected,
        "reconnected_cb": on_reconnected,
        "closed_cb": on_closed,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": _RECONNECT_WAIT,
        "ping_interval": 10,
    }
    # nats-py does not give up the first connection, so an error of each server ends it.
    connecting = asyncio.ensure_future(client.connect(**options))
    try:
        ends: set[asyncio.Future[Any]] = {connecting, failed}
        await asyncio.wait(ends, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if (
            connecting.done()
            and connecting.exception() is None
            and not client.is_closed
        ):
            return transport
        cause: BaseException | None
        cause = (
            failed.result()
            if failed.done()
            else connecting.exception()
            if connecting.done()
            else None
        )
    finally:
        failed.cancel()
        if not connecting.done():
            connecting.cancel()
    await _discard(client, connecting)
    raise NatsConnectError(
        f"no connection to {servers}: {cause or 'no answer'}"
    ) from cause


async def _discard(client: _Client, connecting: asyncio.Future[None]) -> None:
    await asyncio.wait([connecting], timeout=1.0)
    await client.stop()
