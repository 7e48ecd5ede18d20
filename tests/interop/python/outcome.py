"""The results of calls and events in the words of all languages."""

from __future__ import annotations

from typing import Any

import msgspec
from natsgen_runtime import (
    CallError,
    DecodeError,
    EncodeError,
    Fault,
    PublishError,
    RpcError,
)
from natsgen_runtime import encode as encode_message


def succeeded(kind: Any, reply: Any) -> dict[str, Any]:
    """Returns the result of a call with this reply, or of an event."""
    try:
        return {"ok": None if reply is None else document(kind, reply)}
    except EncodeError as error:
        # A value of a newer peer.
        return {"unknown": error.pointer}


def failed(error: RpcError) -> dict[str, Any]:
    match error:
        case Fault():
            return {"fault": _described(error)}
        case (
            CallError(phase="not_sent", reason="invalid")
            | PublishError(reason="invalid")
        ):
            return _error("request", pointer=error.pointer)
        case CallError(phase="not_sent"):
            return _error("undelivered", error.retryable)
        case CallError(phase="no_answer", reason="stored"):
            return _error("stored", error.retryable)
        case CallError(phase="no_answer"):
            return _error("unanswered", error.retryable)
        case CallError(phase="refused"):
            return _error("refused", error.retryable, code=error.reason)
        case CallError(phase="unreadable"):
            return _error("reply", error.retryable, pointer=error.pointer)
        case PublishError():
            is_retryable = error.reason in ("disconnected", "congested")
            return _error("undelivered", is_retryable)
        case _:
            return _error(f"unknown: {error}")


def _described(error: Fault[Any]) -> dict[str, Any]:
    members: dict[str, Any] = {"code": error.code, "detail": error.detail}
    if error.retry_after is not None:
        members["retry_after_ms"] = round(error.retry_after * 1000)
    return members


def not_a_request(error: DecodeError) -> dict[str, Any]:
    """Returns the result of a request that is no value of its type."""
    return _error("request", pointer=error.pointer)


def cancelled() -> dict[str, Any]:
    return _error("cancelled")


def document(kind: Any, message: Any) -> msgspec.Raw:
    """Returns the JSON document of a message."""
    return msgspec.Raw(encode_message(message, kind))


def _error(phase: str, retryable: bool = False, **members: str) -> dict[str, Any]:
    return {"error": {"phase": phase, "retryable": retryable, **members}}
