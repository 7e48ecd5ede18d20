"""The interface of a transport."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple


class Message(NamedTuple):
    """A received message."""

    subject: str
    reply: str
    """The subject for the reply; empty without a reply."""
    headers: bytes
    """The headers in the wire format; empty without headers."""
    payload: bytes


Receive = Callable[[Message], None]
"""Takes a message. It must not block."""


class TransportError(Exception):
    """A message that was not sent, or a subscription that failed."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        """`disconnected`, `closed`, `denied`, `too_large` or `invalid_subject`."""
        self.detail = detail


class Listener:
    """Receives the events of a transport."""

    def disconnected(self) -> None:
        """The connection is lost. The transport tries to restore it."""

    def reconnected(self) -> None:
        """The connection is restored."""

    def closed(self) -> None:
        """The transport is closed for good."""

    def publish_denied(self, subject: str) -> None:
        """The server denied a message to this subject. The subject is in lower case."""

    def subscription_denied(self, pattern: str) -> None:
        """The server denied a subscription. The pattern is in lower case."""


class Transport(ABC):
    """Sends and receives messages. All functions run in the event loop of the transport."""

    inbox_prefix: str | None = None
    """The prefix of inboxes, if the options of the connection set it."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    @property
    @abstractmethod
    def max_payload(self) -> int:
        """The maximum size of headers and payload in bytes."""

    @property
    @abstractmethod
    def is_connected(self) -> bool:
        """Whether the connection is established now."""

    @property
    @abstractmethod
    def is_closed(self) -> bool:
        """Whether the transport is closed for good."""

    @property
    def unsent(self) -> int:
        """The size of the accepted messages that the network has not taken yet, in bytes."""
        return 0

    @abstractmethod
    def publish(
        self, subject: str, payload: bytes, reply: str = "", headers: bytes = b""
    ) -> None:
        """Accepts a message.

        Raises:
            TransportError: If the connection is lost or closed, or the message is too large.
        """

    @abstractmethod
    async def subscribe(self, pattern: str, queue: str, receive: Receive) -> int:
        """Subscribes, and returns the number of the subscription after the server has confirmed it.

        Raises:
            TransportError: If the server denies the subscription, or the connection is lost or closed.
        """

    @abstractmethod
    def unsubscribe(self, number: int) -> None:
        """Ends a subscription. Messages that the server sent before still arrive until the next flush."""

    @abstractmethod
    def forget(self, number: int) -> None:
        """Drops further messages of a subscription."""

    @abstractmethod
    async def flush(self, timeout: float = 5.0) -> bool:
        """Waits until the server has received all earlier messages, and all its earlier messages have arrived."""

    @abstractmethod
    async def close(self) -> None:
        """Sends the accepted messages and closes the connection."""
