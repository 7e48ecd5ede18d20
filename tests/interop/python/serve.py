"""The server: answers requests from a table, and prints events."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType
from natsgen_runtime import Connection, Context, Server, Subscription, connect, decode

import line
import outcome
from varpulis_sdk.coordinator import (
    CoordinatorServer,
    CoordinatorService,
    CoordinatorSubscriber,
)
from varpulis_sdk.raft import RaftServer, RaftService
from varpulis_sdk.types import NodeId, WorkerId
from varpulis_sdk.worker import WorkerServer, WorkerService, WorkerSubscriber

SHUTDOWN = 5.0
"""The time limit of a shutdown in seconds. The runner may have stopped the nats-server."""


class Refusal(msgspec.Struct):
    """A declared error."""

    code: str
    detail: str


class Answer(msgspec.Struct):
    """A reply or a declared error."""

    ok: msgspec.Raw = msgspec.Raw()
    fault: Refusal | UnsetType = UNSET


class Entry(msgspec.Struct):
    """The answer to a request."""

    operation: str
    request: Any
    answer: Answer
    delay_ms: int = 0
    retry_after_ms: int | None = None


class Answers:
    """The answers of a server."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    @classmethod
    async def read(cls) -> Answers:
        """Reads answers up to an empty line."""
        entries: list[Entry] = []
        while text := await line.read():
            entries.append(msgspec.json.decode(text, type=Entry))
        return cls(entries)

    def take(self, operation: str, request: Any) -> Entry:
        """Returns the next answer to a request; the last answer stays."""
        found = [
            entry
            for entry in self._entries
            if entry.operation == operation and entry.request == request
        ]
        if not found:
            raise LookupError(f"{operation}: unexpected {request}")
        if len(found) > 1:
            self._entries.remove(found[0])
        return found[0]


async def serve(url: str, role: str, instance: str) -> None:
    """Serves a role until the end of the input."""
    answers = await Answers.read()
    async with await connect(url) as connection:
        printing: list[asyncio.Task[None]] = []
        for name, events in subscriptions(connection, role).items():
            await events.start()
            printing.append(asyncio.create_task(print_events(name, events)))
        server = await start(connection, answers, role, instance)
        line.write({"ready": True})
        await line.read()
        await server.shutdown(SHUTDOWN)
    await asyncio.gather(*printing)


async def start(
    connection: Connection, answers: Answers, role: str, instance: str
) -> Server:
    match role:
        case "coordinator":
            service = scripted(CoordinatorService, answers)
            return await CoordinatorServer(service).start(connection)
        case "raft":
            service = scripted(RaftService, answers)
            return await RaftServer(service, NodeId(int(instance))).start(connection)
        case _:
            service = scripted(WorkerService, answers)
            return await WorkerServer(service, WorkerId(instance)).start(connection)


def scripted(kind: Any, answers: Answers) -> Any:
    """Returns a service whose operations answer from the table."""
    operations = {
        name: operation(name, getattr(kind, name), answers)
        for name in kind.__abstractmethods__
    }
    return type("Scripted", (kind,), operations)()


def operation(name: str, method: Any, answers: Answers) -> Any:
    kinds = get_type_hints(method)
    package = sys.modules[method.__module__.rpartition(".")[0]]
    fault = "".join(word.capitalize() for word in name.split("_")) + "Fault"

    async def answered(_service: Any, context: Context, *arguments: Any) -> Any:
        # The parameters of the subject, if there are any, precede the request.
        request = arguments[-1]
        document = outcome.document(kinds["request"], request)
        found = answers.take(name, msgspec.json.decode(document))
        await asyncio.sleep(found.delay_ms / 1000)
        refusal = found.answer.fault
        if refusal is not UNSET:
            if found.retry_after_ms is not None:
                context.retry_after(found.retry_after_ms / 1000)
            raise getattr(package, fault)(refusal.code, refusal.detail)
        return decode(kinds["return"], bytes(found.answer.ok))

    return answered


def subscriptions(
    connection: Connection, role: str
) -> dict[str, Subscription[Any, Any]]:
    """Returns the subscriptions to the events of a role."""
    match role:
        case "coordinator":
            return {"heartbeat": CoordinatorSubscriber(connection).heartbeat()}
        case "worker":
            worker = WorkerSubscriber(connection)
            return {
                "registration": worker.registration(),
                "pipeline_event": worker.pipeline_event(),
            }
        case _:
            return {}


async def print_events(name: str, events: Subscription[Any, Any]) -> None:
    async for params, event in events:
        message = outcome.document(type(event), event)
        line.write({"event": name, "params": params, "message": message})
