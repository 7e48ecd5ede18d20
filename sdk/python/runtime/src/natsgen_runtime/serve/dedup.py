"""Deduplication: the server executes a repeated request only once.

The key of a request contains the caller's inbox, which cannot be guessed. So a peer cannot get the reply of another
caller by using that caller's ids.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from typing import Literal

from .options import DedupOptions

Answer = tuple[bytes, bytes]
"""Headers and payload of a reply."""

Key = bytes

Lookup = Literal["new", "pending", "full", "forgotten"]


class Dedup:
    """The executed and running requests of a server."""

    def __init__(self, options: DedupOptions) -> None:
        self._options = options
        self._running: dict[Key, list[str]] = {}
        """The reply subjects of the duplicates of running requests."""
        self._waiting = 0
        self._executed: OrderedDict[Key, tuple[Answer | None, float]] = OrderedDict()
        """Replies and completion times, the oldest first. `None` if the reply was dropped."""
        self._kept: deque[Key] = deque()
        self._bytes = 0

    @staticmethod
    def key(subject: str, reply: str, request_id: str, payload: bytes) -> Key:
        """Returns the key of a request."""
        digest = hashlib.blake2b(digest_size=20)
        for part in (
            subject.encode(),
            reply.rpartition(".")[0].encode(),
            request_id.encode(),
            payload,
        ):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
        return digest.digest()

    def begin(self, key: Key, reply: str, now: float) -> Lookup | Answer:
        """Looks up a request, and adds it if it is new. Returns the reply of an executed request."""
        self._drop_older(now)
        executed = self._executed.get(key)
        if executed is not None:
            return "forgotten" if executed[0] is None else executed[0]
        others = self._running.get(key)
        if others is None:
            self._running[key] = []
            return "new"
        if self._waiting >= self._options.requests:
            return "full"
        others.append(reply)
        self._waiting += 1
        return "pending"

    def complete(self, key: Key, answer: Answer, now: float) -> list[str]:
        """Stores the reply of a request. Returns the reply subjects of its duplicates."""
        others = self.release(key)
        size = len(answer[0]) + len(answer[1])
        if size > self._options.bytes:
            self._executed[key] = (None, now)
        else:
            self._bytes += size
            self._executed[key] = (answer, now)
            self._kept.append(key)
            while self._bytes > self._options.bytes:
                self._drop_reply(self._kept.popleft())
        while len(self._executed) > self._options.requests:
            self._drop(next(iter(self._executed)))
        return others

    def release(self, key: Key) -> list[str]:
        """Removes a request that was not executed. Returns the reply subjects of its duplicates."""
        others = self._running.pop(key, [])
        self._waiting -= len(others)
        return others

    def _drop_older(self, now: float) -> None:
        while self._executed:
            key = next(iter(self._executed))
            if now - self._executed[key][1] <= self._options.age:
                return
            self._drop(key)

    def _drop(self, key: Key) -> None:
        self._drop_reply(key)
        del self._executed[key]
        if self._kept and self._kept[0] == key:
            self._kept.popleft()

    def _drop_reply(self, key: Key) -> None:
        answer, time = self._executed[key]
        if answer is not None:
            self._bytes -= len(answer[0]) + len(answer[1])
            self._executed[key] = (None, time)
