"""A transport inside a process, for tests without a server."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import NamedTuple

from ..subject import matches
from .base import Message, Receive, Transport, TransportError

_LIMIT = 1 << 20
_NO_RESPONDERS = b"NATS/1.0 503\r\n\r\n"


class _Subscription(NamedTuple):
    owner: MemoryTransport
    pattern: str
    queue: str
    receive: Receive


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

    def remove(self, number: int) -> None:
        """Removes a subscription."""
        self._subscriptions.pop(number, None)

    def remove_all(self, owner: MemoryTransport) -> None:
        """Removes the subscriptions of a transport."""
        for number in [
            number
            for number, each in self._subscriptions.items()
            if each.owner is owner
        ]:
            del self._subscriptions[number]

    def route(self, message: Message) -> None:
        """Delivers a message: to each subscription, and to a single member of each queue group."""
        groups: dict[str, list[tuple[int, _Subscription]]] = {}
        found: list[tuple[int, _Subscription]] = []
        for entry in self._subscriptions.items():
            if matches(entry[1].pattern, message.subject):
                group = (
                    groups.setdefault(entry[1].queue, []) if entry[1].queue else found
                )
                group.append(entry)
        found += [random.choice(members) for members in groups.values()]
        if not found and message.reply:
            self.route(Message(message.reply, "", _NO_RESPONDERS, b""))
        loop = asyncio.get_running_loop()
        for number, _ in found:
            loop.call_soon(self._deliver, number, message)

    def _deliver(self, number: int, message: Message) -> None:
        subscription = self._subscriptions.get(number)
        if subscription is not None:
            subscription.receive(message)


class MemoryTransport(Transport):
    """A connection to a [`MemoryBroker`][natsgen_runtime.transport.memory.MemoryBroker]."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__()
        self._broker = broker
        self._is_closed = False

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
        # The messages that are under way are delivered before.
        asyncio.get_running_loop().call_soon(self._broker.remove, number)

    def forget(self, number: int) -> None:
        self._broker.remove(number)

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
