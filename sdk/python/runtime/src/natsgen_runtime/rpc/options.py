"""Options of calls."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Retry:
    """The retry policy. Only failures that are `retryable` are retried."""

    attempts: int = 3
    """The maximum number of attempts, the first included."""
    first_pause: float = 0.1
    """The limit of the first pause in seconds. The limit doubles after each pause, and the pauses are random.

    A pause is longer if the server asks for it, see `CallError.retry_after`.
    """
    longest_pause: float = 5.0
    attempt_timeout: float | None = None
    """The timeout of an attempt; default: the remaining time. It applies only to requests that may be repeated."""
    deduplicated: bool = False
    """Also retries requests that may have been executed, under the same id. The server must deduplicate."""

    def pause(self, attempt: int) -> float:
        """Returns the pause after an attempt, counted from 0."""
        return random.uniform(
            0, min(self.longest_pause, self.first_pause * float(1 << min(attempt, 30)))
        )


@dataclass(frozen=True)
class CallOptions:
    """The options of all calls of a client."""

    timeout: float | None = None
    """The timeout of a call in seconds, retries included; default: the timeout of the operation."""
    retry: Retry | None = None
    """The retry policy; default: no retries."""
    traceparent: str | None = None
    """The trace context, in the W3C format."""
    request_id: str | None = None
    """The request id; default: a unique id."""
