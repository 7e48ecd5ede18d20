"""Statistics of a server."""

from __future__ import annotations

from dataclasses import dataclass


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
    """Messages without a reply subject that is an inbox; they are neither executed nor answered."""
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
