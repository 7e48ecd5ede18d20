"""A connection: a transport, an inbox, and the state that callers, subscribers and servers share."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Sequence
from types import TracebackType

from ..subject import check_prefix
from ..transport import nats
from ..transport.base import Listener, Receive, Transport, TransportError
from ..transport.memory import MemoryBroker
from .error import SubscribeError
from .inbox import Inbox
from .observe import Observer


class Connection:
    """A connection. Close it with [`close`][natsgen_runtime.Connection.close], or use it in `async with`."""

    def __init__(
        self,
        transport: Transport,
        *,
        prefix: str | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._transport = transport
        self._prefix = None if prefix is None else check_prefix(prefix)
        self._inbox: Inbox | None = None
        self._opening: asyncio.Lock = asyncio.Lock()
        self.observer = observer
        """Receives completed calls, requests and events."""

    @classmethod
    def memory(
        cls, *, prefix: str | None = None, observer: Observer | None = None
    ) -> Connection:
        """Returns a connection over a new in-process transport, for tests without a server."""
        return cls(MemoryBroker().connect(), prefix=prefix, observer=observer)

    @property
    def transport(self) -> Transport:
        """The transport."""
        return self._transport

    @property
    def is_connected(self) -> bool:
        """Whether the connection is established now."""
        return self._transport.is_connected

    @property
    def is_closed(self) -> bool:
        """Whether the connection is closed for good."""
        return self._transport.is_closed

    @property
    def pending_requests(self) -> int:
        """The number of calls that wait for a reply."""
        return 0 if self._inbox is None else len(self._inbox)

    @property
    def late_answers(self) -> int:
        """The number of replies that arrived after their calls had ended."""
        return 0 if self._inbox is None else self._inbox.late

    def prefix_or(self, prefix: str) -> str:
        """Returns the prefix of this connection or, if it has no prefix, `prefix`."""
        return prefix if self._prefix is None else self._prefix

    async def flush(self, timeout: float = 5.0) -> bool:
        """Waits until the server has received all earlier messages. Returns false if it does not confirm that."""
        return await self._transport.flush(timeout)

    async def close(self) -> None:
        """Sends the accepted messages and closes the connection. Pending calls, subscriptions and servers end."""
        await self._transport.close()

    async def inbox(self) -> Inbox:
        """Returns the inbox, after its subscription is confirmed.

        Raises:
            TransportError: If the server denies the subscription, or the connection is lost or closed.
        """
        if self._inbox is None:
            async with self._opening:
                if self._inbox is None:
                    inbox = Inbox(self._transport)
                    await inbox.open()
                    self._inbox = inbox
        return self._inbox

    async def listen(self, pattern: str, queue: str, receive: Receive) -> int:
        """Subscribes, and returns the number of the subscription.

        Raises:
            SubscribeError: If the server denies the subscription, or the connection is lost or closed.
        """
        try:
            return await self._transport.subscribe(pattern, queue, receive)
        except TransportError as error:
            raise SubscribeError(pattern, error.reason) from error

    def on_closed(self, function: Callable[[], None]) -> Listener:
        """Calls a function when the connection is closed for good. Remove the listener when it is not needed."""
        listener = _ClosedListener(function)
        self._transport.listeners.append(listener)
        return listener

    def remove(self, listener: Listener) -> None:
        """Removes a listener."""
        if listener in self._transport.listeners:
            self._transport.listeners.remove(listener)

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class _ClosedListener(Listener):
    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function

    def closed(self) -> None:
        self._function()


async def connect(
    servers: str | Sequence[str] = "nats://localhost:4222",
    *,
    name: str | None = None,
    user: str | None = None,
    password: str | None = None,
    token: str | None = None,
    nkey_seed: str | None = None,
    credentials: str | os.PathLike[str] | None = None,
    tls: ssl.SSLContext | None = None,
    inbox_prefix: str = "_INBOX",
    timeout: float = 5.0,
    prefix: str | None = None,
    observer: Observer | None = None,
) -> Connection:
    """Connects to a NATS server.

    Args:
        servers: One or several addresses.
        name: The name that the server's monitoring shows.
        user: The user, with `password`.
        password: The password.
        token: A token, instead of a user.
        nkey_seed: The seed of an nkey.
        credentials: The path of a `.creds` file.
        tls: The TLS context. An address with `tls://` uses the default context.
        inbox_prefix: The prefix of the reply subjects. A user with restricted permissions needs its own.
        timeout: The time limit of the first connection, in seconds.
        prefix: The prefix of subjects, instead of the prefix in the schema.
        observer: Receives completed calls, requests and events.

    Raises:
        NatsConnectError: If the first connection fails. Later, a lost connection is restored.
    """
    transport = await nats.connect(
        servers,
        name=name,
        user=user,
        password=password,
        token=token,
        nkey_seed=nkey_seed,
        credentials=credentials,
        tls=tls,
        inbox_prefix=check_prefix(inbox_prefix),
        timeout=timeout,
    )
    return Connection(transport, prefix=prefix, observer=observer)
