"""Waiting with a time limit.

`asyncio.wait_for` before Python 3.12 can lose a cancellation that arrives together with the result.
"""

from __future__ import annotations

import asyncio


async def is_set_within(event: asyncio.Event, timeout: float | None) -> bool:
    """Waits for an event. Returns whether it is set."""
    if event.is_set():
        return True
    waiter = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait([waiter], timeout=timeout)
    finally:
        waiter.cancel()
    return event.is_set()
