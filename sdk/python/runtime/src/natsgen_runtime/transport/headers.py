"""The headers of a message, in the wire format of NATS."""

from __future__ import annotations

import re

REQUEST_ID = "Request-Id"
"""The id of a request; each retry of the request has the same id."""
TIMEOUT = "Request-Timeout"
"""The caller's remaining time in milliseconds. It is a duration, so the peers need no common clock."""
RETRY_AFTER = "Retry-After-Ms"
"""The milliseconds after which the caller may try again. An error with this header was not executed."""
TRACE = "traceparent"
"""The trace context of the caller, in the W3C format."""
ERROR_CODE = "Nats-Service-Error-Code"
"""Marks a reply as an error and contains its status."""
ERROR = "Nats-Service-Error"
"""The text of an error."""

_LONGEST_HINT = (1 << 32) - 1
"""The longest retry hint in milliseconds: 49 days."""

_VERSION = b"NATS/1.0"
_INTEGER = re.compile(r"0*[0-9]{1,20}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def encode(headers: dict[str, str]) -> bytes:
    """Encodes headers. Control characters in a value become spaces, so that a value cannot end its line."""
    lines = [f"{name}: {clean(value)}\r\n" for name, value in headers.items()]
    return f"NATS/1.0\r\n{''.join(lines)}\r\n".encode(errors="replace")


def clean(value: str) -> str:
    """Replaces the characters that a header cannot contain."""
    if value.isascii() and value.isprintable():
        return value.strip()
    return _CONTROL.sub(" ", value).strip()


def decode(data: bytes) -> tuple[int | None, dict[str, str]]:
    """Decodes the status and the headers, with names in lower case. The first value of a name counts."""
    lines = data.split(b"\r\n")
    status = lines[0][len(_VERSION) :].strip()[:3]
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            headers.setdefault(
                name.decode("latin-1").strip().lower(),
                value.decode(errors="replace").strip(),
            )
    return (int(status) if status.isdigit() else None), headers


def retry_after(data: bytes) -> float | None:
    """Returns the time in seconds after which the server of an error expects another attempt."""
    text = decode(data)[1].get(RETRY_AFTER.lower(), "")
    if not _INTEGER.fullmatch(text):
        return None
    millis = int(text.lstrip("0") or "0")
    return None if millis >= 1 << 64 else min(max(millis, 1), _LONGEST_HINT) / 1000
