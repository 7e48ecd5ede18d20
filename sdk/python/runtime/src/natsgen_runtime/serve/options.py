"""Options of a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DedupOptions:
    """Limits of the deduplication. Beyond a limit, the server drops the oldest entries."""

    requests: int = 65_536
    """The number of executed requests that the server keeps."""
    bytes: int = 16 << 20
    """The maximum size of all kept replies. Replies are dropped before their requests."""
    age: float = 600.0
    """The time in seconds for which the server keeps a request after its execution."""


@dataclass(frozen=True)
class ServeOptions:
    """The limits of a server."""

    concurrency: int = 1_024
    """The maximum number of requests that run at the same time."""
    queue: int = 16_384
    """The maximum number of queued requests; further requests are refused as `overloaded`."""
    per_key: int | None = None
    """The maximum number of requests that wait for an ordering key; default: an eighth of the queue."""
    reserve: int = 16
    """The number of further places for control requests, in the concurrency and in the queue."""
    bytes: int = 64 << 20
    """The maximum size of all queued and running requests. While more reply bytes are unsent, no request starts."""
    grace: float = 1.0
    """The time in seconds for which a control request waits for the running request with its ordering key.

    After that, the server cancels the running request and answers it as `aborted`.
    """
    drain: float = 20.0
    """The time in seconds for which a shutdown waits for running and queued requests.

    After that, queued requests are refused as `draining`, and running requests continue.
    """
    deduplicate: DedupOptions | None = None
    """Executes a repeated request of an operation that is not idempotent only once, and repeats its reply."""
