"""A connection: a transport, an inbox, and the state that callers, subscribers and servers share."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Sequence
from types import TracebackType

from ..subject import DEFAULT_INBOXES, ROLE_INBOX, check_prefix
from ..transport import nats
from ..transport.base import Listener, Receive, Transport, TransportError
from ..transport.memory import MemoryBroker
from .error import SubscribeError
from .inbox import Inbox
from .observe import Observer


class _InboxSlot:
    """An inbox, which the first call opens."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.inbox: Inbox | None = None
        self.opening = asyncio.Lock()


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
        self._slot = _InboxSlot(transport.inbox_prefix or DEFAULT_INBOXES)
        self._slots = [self._slot]
        """The inboxes of all handles. Each has another prefix."""
        self.observer = observer
        """Receives completed calls, requests and events."""

    @classmethod
    def memory(
        cls, *, prefix: str | None = None, observer: Observer | None = None
    ) -> Connection:
        """Returns a connection over a new in-process transport, for tests without a server."""
        return cls(MemoryBroker().connect(), prefix=prefix, observer=observer)

    def identity(self, role: str, id: str | int) -> Connection:  # noqa: A002  # its name in all languages
        """Returns a handle of the same connection that uses the inboxes `_INBOX_<role>.<id>`.

        The permissions that `natsgen acl` writes allow an instance of a role only these inboxes. A server answers a
        request only if its inbox belongs to a role that may call the operation. Returns this handle if the options of
        the connection set an inbox prefix.

        Raises:
            SubjectError: If `role` or `id` cannot be a token of a subject.
        """
        if self._transport.inbox_prefix is not None:
            return self
        prefix = check_prefix(f"{ROLE_INBOX}{role}.{id}")
        handle = Connection(
            self._transport, prefix=self._prefix, observer=self.observer
        )
        handle._slots = self._slots
        for slot in self._slots:
            if slot.prefix == prefix:
                handle._slot = slot
                return handle
        handle._slot = _InboxSlot(prefix)
        self._slots.append(handle._slot)
        return handle

    @property
    def inbox_prefix(self) -> str:
        """The prefix of the inboxes of this handle."""
        return self._slot.prefix

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
        """The number of calls that wait for a reply, on all handles of the connection."""
        return sum(len(inbox) for inbox in self._inboxes())

    @property
    def late_answers(self) -> int:
        """The number of replies that arrived after their calls had ended, on all handles of the connection."""
        return sum(inbox.late for inbox in self._inboxes())

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
        slot = self._slot
        if slot.inbox is None:
            async with slot.opening:
                if slot.inbox is None:
                    inbox = Inbox(self._transport, slot.prefix)
                    await inbox.open()
                    slot.inbox = inbox
        return slot.inbox

    def _inboxes(self) -> list[Inbox]:
        return [slot.inbox for slot in self._slots if slot.inbox is not None]

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
    inbox_prefix: str | None = None,
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
        inbox_prefix: The prefix of the reply subjects. Without it, a worker node uses `_INBOX_worker.<id>`, and other
            clients use `_INBOX`. Servers reply only to inboxes that begin with `_INBOX`.
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
        inbox_prefix=None if inbox_prefix is None else check_prefix(inbox_prefix),
        timeout=timeout,
    )
    return Connection(transport, prefix=prefix, observer=observer)
