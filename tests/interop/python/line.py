"""The input and the output of the peer: a JSON value per line."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec


async def read() -> bytes:
    """Reads a line without its end. Returns an empty text at an empty line and at the end of the input."""
    line: bytes = await asyncio.to_thread(sys.stdin.buffer.readline)
    return line.rstrip(b"\n")


def write(value: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()
