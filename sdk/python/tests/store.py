"""A key-value store in memory, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from natsgen_runtime import CallOptions, Context

from keyvalue.store import (
    GetFault,
    GetParams,
    GetReply,
    GetRequest,
    ListParams,
    ListReply,
    ListRequest,
    PutParams,
    PutReply,
    PutRequest,
    RemoveFault,
    RemoveParams,
    RemoveReply,
    RemoveRequest,
    StoreService,
)
from keyvalue.types import BucketName, Content, Key, TextContent

PATIENT = CallOptions(timeout=30)
"""Options of calls that must succeed on a busy machine."""

WRITER = "0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c11"
BUCKET = BucketName("colours")
KEY = Key("sky")


def put_request(text: str = "blue", writer: str = WRITER) -> PutRequest:
    """Returns a valid request."""
    return PutRequest(writer=writer, content=TextContent(text), note=None)


class Store(StoreService):
    """Keeps entries, and counts the executed writes."""

    def __init__(
        self, before_put: Callable[[PutRequest], Awaitable[None]] | None = None
    ) -> None:
        self.entries: dict[tuple[str, str], tuple[int, Content]] = {}
        self.writes: list[PutRequest] = []
        self.contexts: list[Context] = []
        self._before_put = before_put

    async def get(
        self, context: Context, params: GetParams, request: GetRequest
    ) -> GetReply:
        self.contexts.append(context)
        entry = self.entries.get((params.bucket, params.key))
        if entry is None:
            raise GetFault.key_not_found()
        return GetReply(
            revision=entry[0], content=entry[1], written_at="2026-01-01T00:00:00Z"
        )

    async def list(
        self, context: Context, params: ListParams, request: ListRequest
    ) -> ListReply:
        await asyncio.sleep(0)
        raise RuntimeError("a defect of the service")

    async def put(
        self, context: Context, params: PutParams, request: PutRequest
    ) -> PutReply:
        if self._before_put is not None:
            await self._before_put(request)
        self.writes.append(request)
        key = (params.bucket, params.key)
        before = self.entries.get(key)
        revision = len(self.writes)
        self.entries[key] = (revision, request.content)
        return PutReply(
            revision=revision, replaced=None if before is None else before[0]
        )

    async def remove(
        self, context: Context, params: RemoveParams, request: RemoveRequest
    ) -> RemoveReply:
        entry = self.entries.get((params.bucket, params.key))
        if entry is None:
            raise RemoveFault.key_not_found()
        if request.expected_revision != entry[0]:
            raise RemoveFault.revision_conflict(str(entry[0]))
        del self.entries[params.bucket, params.key]
        return RemoveReply(revision=entry[0] + 1)
