"""Typed clients and servers for protocols over NATS.

A protocol is a folder of JSON Schema files. `natsgen emit python` writes its types, clients and services, which use
this package.
"""

from .codec.codec import decode, encode
from .codec.message import Message, Unknown
from .codec.violation import DecodeError, EncodeError, Violation
from .rpc.connection import Connection, connect
from .rpc.error import CallError, Phase, PublishError, RpcError, SubscribeError
from .rpc.fault import Fault
from .rpc.observe import CallRecord, Observer
from .rpc.options import CallOptions, Retry
from .rpc.subscribe import Subscription
from .serve.context import Context
from .serve.options import DedupOptions, ServeOptions
from .serve.server import Server
from .serve.stats import Saturation, Stats
from .subject import SubjectError
from .transport.base import Transport
from .transport.memory import MemoryBroker
from .transport.nats import NatsConnectError

__all__ = [
    "CallError",
    "CallOptions",
    "CallRecord",
    "Connection",
    "Context",
    "DecodeError",
    "DedupOptions",
    "EncodeError",
    "Fault",
    "MemoryBroker",
    "Message",
    "NatsConnectError",
    "Observer",
    "Phase",
    "PublishError",
    "Retry",
    "RpcError",
    "Saturation",
    "ServeOptions",
    "Server",
    "Stats",
    "SubjectError",
    "SubscribeError",
    "Subscription",
    "Transport",
    "Unknown",
    "Violation",
    "connect",
    "decode",
    "encode",
]
