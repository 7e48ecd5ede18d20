"""The inbox of a connection, and the calls that wait for a reply."""

from __future__ import annotations

import asyncio
import os
from typing import Literal

from ..transport.base import Listener, Message, Transport

End = Literal["timed_out", "disconnected", "closed", "denied", "perhaps_denied"]
Outcome = Message | End

_TOKEN = 16
"""The number of random hexadecimal digits in the last token of a reply subject."""


class Pending:
    """A call that waits for its reply."""

    __slots__ = ("future", "subject")

    def __init__(self, subject: str, future: asyncio.Future[Outcome]) -> None:
        self.subject = subject
        self.future = future

    def end(self, outcome: Outcome) -> None:
        """Ends the call, unless it has ended."""
        if not self.future.done():
            self.future.set_result(outcome)


class Inbox(Listener):
    """The subscription for replies. Its subject and the token of each call cannot be guessed."""

    def __init__(self, transport: Transport, prefix: str) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._subject = f"{prefix}.{os.urandom(16).hex()}."
        self._pending: dict[str, Pending] = {}
        self._random = ""
        self._position = 0
        self._rounds: dict[str, int] = {}
        """The subjects with a denial whose calls are being determined, and the number of denials."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.late = 0
        """The number of replies that arrived after their calls had ended."""

    async def open(self) -> None:
        """Subscribes.

        Raises:
            TransportError: If the server denies the subscription, or the connection is lost.
        """
        await self._transport.subscribe(f"{self._subject}*", "", self._receive)
        self._transport.listeners.append(self)

    def __len__(self) -> int:
        return len(self._pending)

    async def request(
        self, subject: str, headers: bytes, payload: bytes, deadline: float
    ) -> Outcome:
        """Sends a request and waits for the reply until `deadline`, by the clock of the event loop.

        Raises:
            TransportError: If the request was not sent.
        """
        loop = self._loop
        token = self._token()
        pending = Pending(subject, loop.create_future())
        self._transport.publish(subject, payload, self._subject + token, headers)
        self._pending[token] = pending
        timer = loop.call_at(deadline, pending.end, "timed_out")
        try:
            return await pending.future
        finally:
            timer.cancel()
            self._pending.pop(token, None)

    def _receive(self, message: Message) -> None:
        pending = self._pending.pop(message.subject[len(self._subject) :], None)
        if pending is None or pending.future.done():
            self.late += 1
        else:
            pending.future.set_result(message)

    def _token(self) -> str:
        if self._position >= len(self._random):
            self._random = os.urandom(2048).hex()
            self._position = 0
        start = self._position
        self._position = start + _TOKEN
        return self._random[start : start + _TOKEN]

    def request_id(self) -> str:
        """Returns a unique id."""
        return self._token() + self._token()

    def disconnected(self) -> None:
        self._end_all("disconnected")

    def closed(self) -> None:
        self._end_all("disconnected")

    def _end_all(self, end: End) -> None:
        for pending in list(self._pending.values()):
            pending.end(end)
        self._pending.clear()

    def publish_denied(self, subject: str) -> None:
        """Ends the calls that a denial can mean.

        The server names the subject of the denied message, but not the message. Calls before a change of the
        permissions may be running. So a call counts as not sent only if all pending calls to the subject were denied.
        """
        if subject in self._rounds:
            self._rounds[subject] += 1
            return
        suspects = [
            each for each in self._pending.values() if each.subject.lower() == subject
        ]
        if not suspects:
            return
        self._rounds[subject] = 1
        task = self._loop.create_task(self._settle(subject, suspects))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, subject: str, suspects: list[Pending]) -> None:
        await self._transport.flush(1.0)
        denials = self._rounds.pop(subject)
        for pending in suspects:
            pending.end("denied" if denials >= len(suspects) else "perhaps_denied")
