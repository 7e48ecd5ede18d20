"""A complete worker: it serves a `WorkerService`, and keeps it registered.

A [`WorkerNode`][varpulis_sdk.worker_node.WorkerNode]:

- serves commands, and executes a repeated command once;
- registers with back-off, and again after a reconnection, after a notice, and after the renewal interval;
- sends heartbeats at the interval that the coordinator asks for;
- drains, and stops without losing a command.

Each start is a new instance under the worker's id. A newer instance replaces an older one. An instance that receives
a notice of its replacement pauses commands and asks a coordinator. If the coordinator confirms the notice, the
instance leaves the commands to the newer one.

Handlers run in the event loop, together with the heartbeats. Use `asyncio.to_thread` for work that blocks.
"""

from .node import WorkerNode, WorkerPhase

__all__ = ["WorkerNode", "WorkerPhase"]
