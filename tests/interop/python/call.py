"""The client: executes orders."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, get_type_hints

import msgspec
from natsgen_runtime import Connection, DecodeError, RpcError, connect, decode

import line
import outcome
from varpulis_sdk.coordinator import CoordinatorClient
from varpulis_sdk.raft import RaftClient
from varpulis_sdk.worker import WorkerClient

CLIENTS = {
    "coordinator": CoordinatorClient,
    "raft": RaftClient,
    "worker": WorkerClient,
}


class Order(msgspec.Struct):
    """An order. README.md describes its members."""

    case: str
    role: str
    operation: str
    params: dict[str, Any]
    request: msgspec.Raw
    timeout_ms: int | None = None
    cancel_ms: int | None = None
    times: int | None = None
    number: str | None = None


async def call(url: str) -> None:
    """Executes orders until the end of the input."""
    async with await connect(url) as connection:
        while text := await line.read():
            order = msgspec.json.decode(text, type=Order)
            result = await execute(connection, order)
            line.write({"case": order.case, **result})


async def execute(connection: Connection, order: Order) -> dict[str, Any]:
    if order.times is not None and order.number is not None:
        return await one_by_one(connection, order, order.times, order.number)
    if order.times is not None:
        return await side_by_side(connection, order, order.times)
    sending = asyncio.create_task(send(connection, order, order.request))
    if order.cancel_ms is not None:
        asyncio.get_running_loop().call_later(order.cancel_ms / 1000, sending.cancel)
    try:
        return await sending
    except asyncio.CancelledError:
        return outcome.cancelled()


async def one_by_one(
    connection: Connection, order: Order, times: int, pointer: str
) -> dict[str, Any]:
    """Sends numbered events."""
    *path, last = pointer.split("/")[1:]
    request = msgspec.json.decode(order.request)
    parent = request
    for key in path:
        parent = parent[key]
    for parent[last] in range(times):
        result = await send(connection, order, msgspec.json.encode(request))
        if "ok" not in result:
            return result
    return outcome.succeeded(None, None)


async def side_by_side(
    connection: Connection, order: Order, times: int
) -> dict[str, Any]:
    """Executes an order many times at the same time, and counts equal results."""
    results = await asyncio.gather(
        *(send(connection, order, order.request) for _ in range(times))
    )
    counts = Counter(map(msgspec.json.encode, results))
    return {
        "counts": [
            {"times": count, "result": msgspec.Raw(result)}
            for result, count in counts.items()
        ]
    }


async def send(
    connection: Connection, order: Order, document: bytes | msgspec.Raw
) -> dict[str, Any]:
    """Sends a document as the request or the event of the order."""
    method = getattr(CLIENTS[order.role](connection), order.operation)
    kinds = get_type_hints(method)
    options: dict[str, float] = {}
    if order.timeout_ms is not None:
        options["timeout"] = order.timeout_ms / 1000
    name = "request" if "request" in kinds else "event"
    try:
        message = decode(kinds[name], bytes(document))
        reply = await method(**order.params, **{name: message}, **options)
    except DecodeError as error:
        return outcome.not_a_request(error)
    except RpcError as error:
        return outcome.failed(error)
    return outcome.succeeded(kinds["return"], reply)
