"""A transport inside a process, for tests without a server."""

from __future__ import annotations

import asyncio
import itertools
import random

from ..subject import matches
from .base import Message, Receive, Transport, TransportError

_LIMIT = 1 << 20
_NO_RESPONDERS = b"NATS/1.0 503\r\n\r\n"


class _Subscription:
    def __init__(
        self, owner: MemoryTransport, pattern: str, queue: str, receive: Receive
    ) -> None:
        self.owner = owner
        self.pattern = pattern
        self.queue = queue
        self.receive: Receive | None = receive
        """`None` after the subscription is forgotten."""

    def deliver(self, message: Message) -> None:
        """Delivers a message."""
        if self.receive is not None:
            self.receive(message)


class MemoryBroker:
    """Routes messages between the transports of a process."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._subscriptions: dict[int, _Subscription] = {}

    def connect(self) -> MemoryTransport:
        """Returns a new transport."""
        return MemoryTransport(self)

    def add(self, subscription: _Subscription) -> int:
        """Adds a subscription, and returns its number."""
        number = next(self._numbers)
        self._subscriptions[number] = subscription
        return number

    def remove(self, number: int) -> _Subscription | None:
        """Removes and returns a subscription."""
        return self._subscriptions.pop(number, None)

    def remove_all(self, owner: MemoryTransport) -> None:
        """Removes the subscriptions of a transport."""
        found = self._subscriptions.items()
        for number in [number for number, each in found if each.owner is owner]:
            self._subscriptions.pop(number).receive = None

    def route(self, message: Message) -> None:
        """Delivers a message to each subscription, and to one member of each group."""
        found: list[_Subscription] = []
        groups: dict[str, list[_Subscription]] = {}
        for subscription in self._subscriptions.values():
            if matches(subscription.pattern, message.subject):
                queue = subscription.queue
                group = groups.setdefault(queue, []) if queue else found
                group.append(subscription)
        found += [random.choice(members) for members in groups.values()]
        if not found and message.reply:
            self.route(Message(message.reply, "", _NO_RESPONDERS, b""))
        loop = asyncio.get_running_loop()
        for subscription in found:
            loop.call_soon(subscription.deliver, message)


class MemoryTransport(Transport):
    """A connection to a [`MemoryBroker`][natsgen_runtime.transport.memory.MemoryBroker]."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__()
        self._broker = broker
        self._is_closed = False
        self._ended: dict[int, _Subscription] = {}
        """Subscriptions that still take the messages that are under way."""

    @property
    def max_payload(self) -> int:
        return _LIMIT

    @property
    def is_connected(self) -> bool:
        return not self._is_closed

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def publish(
        self, subject: str, payload: bytes, reply: str = "", headers: bytes = b""
    ) -> None:
        self._check()
        size = len(payload) + len(headers)
        if size > _LIMIT:
            raise TransportError("too_large", f"{size} bytes, the limit is {_LIMIT}")
        self._broker.route(Message(subject, reply, headers, payload))

    async def subscribe(self, pattern: str, queue: str, receive: Receive) -> int:
        self._check()
        return self._broker.add(_Subscription(self, pattern, queue, receive))

    def unsubscribe(self, number: int) -> None:
        subscription = self._broker.remove(number)
        if subscription is not None:
            self._ended[number] = subscription

    def forget(self, number: int) -> None:
        subscription = self._ended.pop(number, None) or self._broker.remove(number)
        if subscription is not None:
            subscription.receive = None

    async def flush(self, timeout: float = 5.0) -> bool:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return not self._is_closed

    async def close(self) -> None:
        if self._is_closed:
            return
        await self.flush()
        self._is_closed = True
        self._broker.remove_all(self)
        for listener in list(self.listeners):
            listener.closed()

    def _check(self) -> None:
        if self._is_closed:
            raise TransportError("closed")
