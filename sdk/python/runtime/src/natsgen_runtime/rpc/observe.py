"""A hook for tracing and metrics."""

from __future__ import annotations

from typing import NamedTuple


class CallRecord(NamedTuple):
    """A completed call, or a completed request of a server."""

    operation: str
    subject: str
    request_bytes: int
    """The size of the request payload; 0 if it could not be encoded."""
    reply_bytes: int | None
    """The size of the reply payload, if there is a reply."""
    latency: float
    """The time from the start to the end, in seconds."""
    error: Exception | None
    """The error of a failed call."""


class Observer:
    """Receives each completed call, request and event. Override the methods that you need. They must not block."""

    def traceparent(self) -> str | None:
        """Returns the trace context of a new call, in the W3C format."""
        return None

    def call_ended(self, record: CallRecord) -> None:
        """A call ended, retries included."""

    def request_ended(self, record: CallRecord) -> None:
        """A server executed a request."""

    def event_published(self, event: str, subject: str, size: int) -> None:
        """The connection accepted an event."""

    def events_dropped(self, event: str, count: int) -> None:
        """A slow subscriber lost events."""
