"""Calls per second, beside nats-py with handwritten JSON."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import nats
from nats.aio.msg import Msg
from natsgen_runtime import CallOptions, Context, connect
from test_control import Worker

from varpulis_sdk.types import OutputEvent, WorkerId
from varpulis_sdk.worker import InjectReply, InjectRequest, WorkerClient, WorkerServer

from .rounds import Series, report, turns

Call = Callable[[int], Awaitable[int]]
"""Calls a worker for a pipeline, and returns the number of emitted events."""

PIPELINES = [f"0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0{number:02}" for number in range(64)]
"""Events of the same pipeline run in order."""

EVENT_TYPE = "TradeExecuted"
FIELDS = {"symbol": "ACME", "price": 101.25, "volume": 1200}
WORKER = WorkerId("w0")

TIMEOUT = 60.0
"""Long enough for a busy machine, in seconds."""


async def run(url: str, *, quick: bool) -> None:
    """Measures calls with different numbers of calls in flight."""
    rounds, length = (1, 0.05) if quick else (15, 0.4)
    async with AsyncExitStack() as stack:
        calls = [await ours(url, stack), await bare(url, stack)]
        for in_flight in (1, 64, 512):
            throughput, load = [Series(), Series()], [Series(), Series()]
            for call in calls:
                await call_within(length, in_flight, call)
            for turn in turns(rounds, len(calls)):
                started, cpu = time.perf_counter(), time.process_time()
                count = await call_within(length, in_flight, calls[turn])
                throughput[turn].append(count / (time.perf_counter() - started))
                load[turn].append((time.process_time() - cpu) / count)
            case = f"calls.{in_flight}"
            report(f"{case}.throughput", throughput[0].median, "/s")
            report(f"{case}.bare_ratio", throughput[0].ratio(throughput[1]), "x")
            report(f"{case}.bare_cpu_ratio", load[0].ratio(load[1]), "x")


async def call_within(length: float, in_flight: int, call: Call) -> int:
    """Calls in parallel for a time, at least once per task, and returns the number of calls."""
    end = time.perf_counter() + length
    numbers = itertools.count(1)

    async def lane() -> None:
        while True:
            if await call(next(numbers) % len(PIPELINES)) != 3:
                raise SystemExit("events are missing")
            if time.perf_counter() > end:
                return

    await asyncio.gather(*(lane() for _ in range(in_flight)))
    return next(numbers) - 1


class Engine(Worker):
    """Emits three events for an event."""

    async def inject(self, context: Context, request: InjectRequest) -> InjectReply:
        event = OutputEvent(event_type=request.event_type)
        return InjectReply(ok=True, output_events=[event, event, event])


async def ours(url: str, stack: AsyncExitStack) -> Call:
    """Calls with the generated client and server."""
    connections = [
        await stack.enter_async_context(await connect(url)) for _ in range(2)
    ]
    server = await WorkerServer(Engine(), WORKER).start(connections[1])
    stack.push_async_callback(server.shutdown)
    client = WorkerClient(connections[0], CallOptions(timeout=TIMEOUT))
    requests = [
        InjectRequest(pipeline_id=pipeline, event_type=EVENT_TYPE, fields=FIELDS)
        for pipeline in PIPELINES
    ]

    async def call(number: int) -> int:
        reply = await client.inject(WORKER, requests[number])
        return len(reply.output_events)

    return call


async def bare(url: str, stack: AsyncExitStack) -> Call:
    """Calls with nats-py."""
    client, serving = [
        await stack.enter_async_context(await nats.connect(url))  # pyright: ignore[reportUnknownMemberType]
        for _ in range(2)
    ]

    async def answer(message: Msg) -> None:
        request = json.loads(message.data)
        event: dict[str, Any] = {"event_type": request["event_type"], "fields": {}}
        reply: dict[str, Any] = {"ok": True, "output_events": [event, event, event]}
        await message.respond(json.dumps(reply).encode())

    await serving.subscribe("bare", cb=answer)  # pyright: ignore[reportUnknownMemberType]
    await serving.flush()
    requests = [
        {"pipeline_id": pipeline, "event_type": EVENT_TYPE, "fields": FIELDS}
        for pipeline in PIPELINES
    ]

    async def call(number: int) -> int:
        data = json.dumps(requests[number]).encode()
        reply = await client.request("bare", data, timeout=TIMEOUT)
        return len(json.loads(reply.data)["output_events"])

    return call
