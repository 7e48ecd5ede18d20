"""Statistics of a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Saturation = Literal["queue", "bytes", "handlers"]
"""The reason why a server is saturated: it refuses requests, or soon will.

- `queue`: at least 7/8 of the queue is taken.
- `bytes`: the queued and running requests take at least 7/8 of the limit of bytes.
- `handlers`: requests are ready to run, and none has started for more than 1 s.
"""


@dataclass
class Stats:
    """The counters of a server since its start."""

    received: int = 0
    """Received messages."""
    answered: int = 0
    """Requests that a handler answered with a reply or a fault."""
    invalid: int = 0
    """Requests that violate their schema or match no operation."""
    expired: int = 0
    """Requests that were not executed because their deadline had passed."""
    refused: int = 0
    """Requests that were refused because the queue was full or the server was draining."""
    failed: int = 0
    """Handlers that raised an exception that is no declared error."""
    ignored: int = 0
    """Messages without an inbox of a caller as their reply subject; they are neither executed nor answered."""
    unsent: int = 0
    """Replies that were not sent because the connection was lost."""
    repeated: int = 0
    """Duplicates, which were answered with the reply of the first request."""
    left: int = 0
    """Requests that were left to another server: neither executed nor answered."""
    cancelled: int = 0
    """Queued requests that a control request has overtaken."""
    aborted: int = 0
    """Running requests that a control request has stopped."""
    running: int = 0
    """Requests that run now."""
    waiting: int = 0
    """Requests that are queued now."""
    saturation: Saturation | None = None
    """The reason why the server is saturated now, if it is. A paused server is not."""
