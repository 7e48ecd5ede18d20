"""Errors of calls and events."""

from __future__ import annotations

from typing import Literal

from ..printable import printable

Phase = Literal["not_sent", "no_answer", "refused", "unreadable"]
"""How far a call came.

- `not_sent`: the request did not reach a server, or violates its schema. It was not executed.
- `no_answer`: no reply arrived. The request may or may not have been executed.
- `refused`: the server replied with an error.
- `unreadable`: the reply violates its schema. The request was probably executed.
"""


class RpcError(Exception):
    """The base of all errors of calls, events and subscriptions."""


class CallError(RpcError):
    """A failed call, unless the server returned a declared error of the operation."""

    def __init__(
        self,
        phase: Phase,
        reason: str,
        detail: str = "",
        *,
        operation: str = "",
        subject: str = "",
        pointer: str = "",
        retryable: bool = False,
    ) -> None:
        super().__init__(phase, reason, detail)
        self.phase: Phase = phase
        """How far the call came."""
        self.reason = reason
        """A code.

        - `not_sent`: `invalid`, `no_responders`, `too_large`, `denied`, `disconnected`, `closed` or `congested`
        - `no_answer`: `timed_out`, `disconnected`, `perhaps_denied`, or `stored` by a JetStream stream
        - `refused`: a standard code such as `overloaded`, a code of a newer peer, or `unknown`
        - `unreadable`: `invalid`
        """
        self.detail = detail
        """More about the reason, for people."""
        self.operation = operation
        """The name of the operation."""
        self.subject = subject
        """The subject of the request."""
        self.pointer = pointer
        """The JSON pointer of the invalid value; empty for the whole document."""
        self.retryable = retryable
        """Whether the same request may be sent again: it was not executed or is idempotent, and can succeed later."""
        self.retry_after: float | None = None
        """The time in seconds after which the server expects another attempt, if it refused the request for now."""

    def __str__(self) -> str:
        text = f"{self.operation} on {self.subject}: {self.phase.replace('_', ' ')}, {self.reason}"
        if self.detail:
            text += f": {printable(self.detail)}"
        return f"{text} at {printable(self.pointer)}" if self.pointer else text


class PublishError(RpcError):
    """An event that was not published."""

    def __init__(
        self,
        reason: str,
        detail: str = "",
        *,
        event: str = "",
        subject: str = "",
        pointer: str = "",
    ) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        """`invalid`, `too_large`, `disconnected`, `closed` or `congested`."""
        self.detail = detail
        self.event = event
        """The name of the event."""
        self.subject = subject
        self.pointer = pointer
        """The JSON pointer of the invalid value."""

    def __str__(self) -> str:
        text = f"{self.event} to {self.subject} was not published, {self.reason}"
        if self.detail:
            text += f": {printable(self.detail)}"
        return f"{text} at {printable(self.pointer)}" if self.pointer else text


class SubscribeError(RpcError):
    """A subscription, or a server, that did not start."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(f"cannot subscribe to {pattern}: {reason}")
        self.pattern = pattern
        self.reason = reason
        """`denied`, `disconnected` or `closed`."""
