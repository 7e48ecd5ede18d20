"""Messages that a server forwards although their headers or subjects are malformed."""

from __future__ import annotations

import asyncio

from conftest import NatsServer
from natsgen_runtime import connect
from natsgen_runtime.transport.base import Listener
from store import BUCKET, KEY, PATIENT, Store, put_request

from keyvalue.app import AppSubscriber
from keyvalue.store import PutRequest, StoreClient, StoreServer

_NEWS = b"kv.key.colours.sky.changed"
_OK = b"NATS/1.0\r\n\r\n"

MALFORMED = {
    "no version": (_NEWS, b"", b"garbage\r\n\r\n"),
    "no colon": (_NEWS, b"", b"NATS/1.0\r\nno colon\r\n\r\n"),
    "invalid name": (_NEWS, b"", b"NATS/1.0\r\na b: c\r\n\r\n"),
    "status below 100": (_NEWS, b"", b"NATS/1.0 99\r\n\r\n"),
    "status of letters": (_NEWS, b"", b"NATS/1.0 abc\r\n\r\n"),
    "header of other bytes": (_NEWS, b"", b"NATS/1.0\r\na: \xff\r\n\r\n"),
    "subject of other bytes": (b"kv.key.colours.\xff.changed", b"", _OK),
    "reply subject of other bytes": (_NEWS, b"_INBOX.\xff", _OK),
    "request without a version": (
        b"kv.key.colours.sky.get",
        b"_INBOX.x",
        b"garbage\r\n\r\n",
    ),
    "request of other bytes": (
        b"kv.key.colours.\xff.get",
        b"_INBOX.\xff",
        b"NATS/1.0\r\n\xff: \xff\r\n\r\n",
    ),
}
"""The subject, the reply subject and the header of each message."""


class _Losses(Listener):
    """Counts the losses of a connection."""

    def __init__(self) -> None:
        self.count = 0

    def disconnected(self) -> None:
        self.count += 1


async def test_malformed_message_ends_neither_connection_nor_calls(
    nats: NatsServer,
) -> None:
    gate = asyncio.Event()

    async def wait(_: PutRequest) -> None:
        await gate.wait()

    losses = _Losses()
    answers, raw = await asyncio.open_connection("127.0.0.1", nats.port)
    raw.write(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n')
    async with await connect(nats.url, prefix="kv") as connection:
        connection.transport.listeners.append(losses)
        await StoreServer(Store(wait)).start(connection)
        events = AppSubscriber(connection).changed()
        await events.start()
        client = StoreClient(connection, PATIENT)
        for subject, reply, header in MALFORMED.values():
            gate.clear()
            call = client.put(BUCKET, KEY, put_request())
            running = asyncio.create_task(call)
            await asyncio.sleep(0)
            size = len(header)
            raw.write(
                b"HPUB %b %b %d %d\r\n%b\r\n" % (subject, reply, size, size, header)
            )
            raw.write(b"PING\r\n")
            await answers.readuntil(b"PONG\r\n")
            # The connection still works after the message.
            assert await connection.flush()
            gate.set()
            await running
        assert losses.count == 0
    raw.close()
