"""Servers that refuse a request for now, and name the time of the next attempt."""

from __future__ import annotations

import asyncio
import time

import pytest
from natsgen_runtime import (
    CallError,
    CallOptions,
    Connection,
    Context,
    DedupOptions,
    Retry,
    ServeOptions,
)
from natsgen_runtime.transport import headers as header
from natsgen_runtime.transport.base import Message
from store import BUCKET, KEY, Store
from test_calls import raw_server

from keyvalue.store import (
    GetRequest,
    RemoveFault,
    RemoveParams,
    RemoveReply,
    RemoveRequest,
    StoreClient,
    StoreServer,
)

_LONGEST = ((1 << 32) - 1) / 1000
_REMOVE = RemoveRequest(expected_revision=1)


class Busy(Store):
    """Refuses its first request to remove an entry."""

    def __init__(self, hint: float, error: Exception) -> None:
        super().__init__()
        self.removals = 0
        self._hint = hint
        self._error = error

    async def remove(
        self, context: Context, params: RemoveParams, request: RemoveRequest
    ) -> RemoveReply:
        self.removals += 1
        if self.removals == 1:
            context.retry_after(self._hint)
            raise self._error
        return RemoveReply(revision=2)


async def hint_of(client: StoreClient) -> float | None:
    """Returns the retry hint of a call that fails."""
    with pytest.raises((CallError, RemoveFault)) as raised:
        await client.remove(BUCKET, KEY, _REMOVE)
    error = raised.value
    assert isinstance(error, (CallError, RemoveFault))
    assert error.retryable is (error.retry_after is not None)
    return error.retry_after


@pytest.mark.parametrize(
    ("hint", "error", "expected"),
    [
        (0.3, RemoveFault.revision_conflict("x"), 0.3),
        (0.0001, RemoveFault.key_not_found(), 0.001),
        (0.0015, RemoveFault.key_not_found(), 0.002),
        (float("inf"), RemoveFault.key_not_found(), _LONGEST),
        (0.3, ValueError("a defect"), None),
    ],
)
async def test_retry_hint_reaches_the_caller(
    connection: Connection, hint: float, error: Exception, expected: float | None
) -> None:
    async with await StoreServer(Busy(hint, error)).start(connection):
        assert await hint_of(StoreClient(connection)) == expected


@pytest.mark.parametrize("deduplicate", [None, DedupOptions()])
async def test_retry_waits_for_the_hint(
    connection: Connection, deduplicate: DedupOptions | None
) -> None:
    busy = Busy(0.3, RemoveFault.key_not_found())
    options = ServeOptions(deduplicate=deduplicate)
    retry = Retry(attempts=2, first_pause=0.001)
    client = StoreClient(connection, CallOptions(retry=retry, timeout=30))
    async with await StoreServer(busy, options).start(connection):
        started = time.monotonic()
        assert (await client.remove(BUCKET, KEY, _REMOVE)).revision == 2
        assert time.monotonic() - started >= 0.3
    assert busy.removals == 2


async def test_retry_hint_beyond_the_deadline_ends_the_call(
    connection: Connection,
) -> None:
    busy = Busy(60, RemoveFault.key_not_found())
    client = StoreClient(connection, CallOptions(retry=Retry(attempts=2), timeout=5))
    async with await StoreServer(busy).start(connection):
        assert await asyncio.wait_for(hint_of(client), 4) == 60


@pytest.mark.parametrize(
    ("text", "body", "expected"),
    [
        ("1500", "key not found", 1.5),
        ("007", "key not found", 0.007),
        ("0", "key not found", 0.001),
        ("18446744073709551615", "key not found", _LONGEST),
        ("18446744073709551616", "key not found", None),
        ("9" * 10_000, "key not found", None),
        ("-1", "key not found", None),
        ("1.5", "key not found", None),
        ("1 s", "key not found", None),
        ("²", "key not found", None),
        ("", "key not found", None),
        ("5", "something", 0.005),
    ],
)
async def test_retry_hint_of_any_peer_is_read(
    connection: Connection, text: str, body: str, expected: float | None
) -> None:
    headers = header.encode({"retry-after-ms": text})
    await raw_server(connection, "remove", (headers, b'{"error":"%s"}' % body.encode()))
    assert await hint_of(StoreClient(connection)) == expected


async def test_unknown_outcome_stays_unknown_after_a_hint(
    connection: Connection,
) -> None:
    received: list[Message] = []

    def receive(message: Message) -> None:
        received.append(message)
        if len(received) > 1:
            headers = header.encode({header.RETRY_AFTER: "5"})
            payload = b'{"error":"key not found","code":"key_not_found"}'
            connection.transport.publish(message.reply, payload, "", headers)

    await connection.listen(f"{connection.prefix_or('')}.key.*.*.get", "", receive)
    retry = Retry(attempts=3, first_pause=0.001, attempt_timeout=0.05)
    client = StoreClient(connection, CallOptions(retry=retry, timeout=30))
    with pytest.raises(CallError) as error:
        await client.get(BUCKET, KEY, GetRequest())
    assert (error.value.phase, error.value.retry_after) == ("no_answer", 0.005)
    assert len(received) == 3
