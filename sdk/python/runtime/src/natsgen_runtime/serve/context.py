"""The context of a request."""

from __future__ import annotations

import asyncio
import math

from ..transport import headers as header

_LONGEST = 600.0
"""The longest remaining time in seconds that a caller may claim, unless the operation has a longer timeout."""

_LONGEST_PAUSE = 1e12
"""The longest time in seconds that a retry hint can name."""


class Context:
    """The context of a request: subject, headers and deadline."""

    __slots__ = ("_headers", "deadline", "retry_hint", "subject")

    def __init__(
        self, subject: str, headers: dict[str, str], timeout: float, now: float
    ) -> None:
        self.subject = subject
        """The subject of the request."""
        self._headers = headers
        self.retry_hint: int | None = None
        """The time in milliseconds that `retry_after` has set."""
        told = headers.get("request-timeout", "")
        if told.isascii() and told.isdigit() and len(told) < 19:
            timeout = min(int(told) / 1000, max(_LONGEST, timeout))
        self.deadline = now + timeout
        """The deadline of the caller, by the clock of the event loop."""

    @property
    def request_id(self) -> str | None:
        """The request id, which is the same for each retry. `None` if the caller sends no ids."""
        return self._headers.get(header.REQUEST_ID.lower())

    @property
    def traceparent(self) -> str | None:
        """The trace context of the caller, in the W3C format."""
        return self._headers.get(header.TRACE)

    def header(self, name: str) -> str | None:
        """Returns the first value of a header. The name ignores case."""
        return self._headers.get(name.lower())

    def retry_after(self, pause: float) -> None:
        """Sets the time in seconds after which the caller may try again.

        Call it before the handler raises a declared error, if the handler refuses the request now without executing it,
        e.g. because of a rate limit. The error carries the time, rounded up to milliseconds, and clients with `Retry` wait
        for it.
        """
        self.retry_hint = max(1, math.ceil(min(pause, _LONGEST_PAUSE) * 1000))

    @property
    def remaining(self) -> float:
        """The caller's remaining time in seconds; zero after the deadline."""
        return max(0.0, self.deadline - asyncio.get_running_loop().time())
