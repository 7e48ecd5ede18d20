"""Subscriptions to events."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from ..codec.violation import DecodeError, Violation
from ..transport.base import Listener, Message
from .connection import Connection
from .operation import Event

_Params = TypeVar("_Params")
_Payload = TypeVar("_Payload")

_LOG = logging.getLogger("natsgen_runtime")

_QUEUE = 65_536
_BYTES = 64 << 20


class Subscriber:
    """Subscribes to events. Generated code uses this class."""

    def __init__(self, connection: Connection, prefix: str) -> None:
        self._connection = connection
        self._prefix = connection.prefix_or(prefix)

    def subscribe(
        self, event: Event[_Params, _Payload], params: tuple[Any, ...]
    ) -> Subscription[_Params, _Payload]:
        """Returns a subscription. It starts with `async with` or `async for`."""
        return Subscription(self._connection, self._prefix, event, params)


class Subscription(Generic[_Params, _Payload]):
    """The events of a subscription: `async for params, event in subscription`.

    The subscription keeps up to 65,536 events and 64 MiB for a slow reader. Beyond that, it drops the newest events.
    """

    def __init__(
        self,
        connection: Connection,
        prefix: str,
        event: Event[_Params, _Payload],
        params: tuple[Any, ...],
    ) -> None:
        self._connection = connection
        self._prefix = prefix
        self._event = event
        self._values = params
        self._number: int | None = None
        self._listener: Listener | None = None
        self._messages: deque[Message] = deque()
        self._bytes = 0
        self._is_over = False
        self._waiter: asyncio.Future[None] | None = None
        self.dropped = 0
        """The number of events that were dropped, because the reader is slow."""
        self.unreadable = 0
        """The number of events that violate their schema. They are skipped."""

    async def start(self) -> None:
        """Subscribes, and returns after the server has confirmed it.

        Raises:
            SubscribeError: If the server denies the subscription, or the connection is lost or closed.
            SubjectError: If a fixed parameter is not valid.
        """
        if self._number is not None or self._is_over:
            return
        pattern = self._event.template.pattern(self._prefix, self._values)
        self._number = await self._connection.listen(
            pattern, self._event.queue or "", self._receive
        )
        self._listener = self._connection.on_closed(self._end)

    async def stop(self) -> None:
        """Ends the subscription. It still yields the events that it has received."""
        if self._number is not None:
            transport = self._connection.transport
            number, self._number = self._number, None
            transport.unsubscribe(number)
            await self._connection.flush()
            transport.forget(number)
        if self._listener is not None:
            self._connection.remove(self._listener)
        self._end()

    async def __aenter__(self) -> Subscription[_Params, _Payload]:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def __aiter__(self) -> AsyncIterator[tuple[_Params, _Payload]]:
        return self

    async def __anext__(self) -> tuple[_Params, _Payload]:
        await self.start()
        while True:
            while self._messages:
                message = self._messages.popleft()
                self._bytes -= len(message.payload)
                received = self._read(message)
                if received is not None:
                    return received
            if self._is_over:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _receive(self, message: Message) -> None:
        size = len(message.payload)
        if len(self._messages) >= _QUEUE or self._bytes + size > _BYTES:
            self.dropped += 1
            if self._connection.observer is not None:
                self._connection.observer.events_dropped(self._event.name, 1)
            return
        self._messages.append(message)
        self._bytes += size
        self._wake()

    def _read(self, message: Message) -> tuple[_Params, _Payload] | None:
        try:
            return self._params(message.subject), self._event.codec.decode_open(
                message.payload
            )
        except (DecodeError, Violation) as error:
            self.unreadable += 1
            if self.unreadable & (self.unreadable - 1) == 0:
                _LOG.warning(
                    "unreadable %s, %d until now: %s",
                    self._event.name,
                    self.unreadable,
                    error,
                )
            return None

    def _params(self, subject: str) -> Any:
        if self._event.params is None:
            return None
        values = self._event.template.parse(subject.removeprefix(f"{self._prefix}."))
        if values is None:
            raise Violation("expected another subject")
        return self._event.params(*values)

    def _end(self) -> None:
        self._is_over = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
