"""The names that generated code uses."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from .codec.assertion import Assertion, Schemas
from .codec.message import (
    Flattened,
    Integer,
    Message,
    OnlyFalse,
    OnlyTrue,
    Params,
    Text,
    Unknown,
    Variant,
    default,
    empty,
    external,
    member,
    recursive,
    tagged,
    untagged,
)
from .rpc.caller import Caller
from .rpc.connection import Connection
from .rpc.fault import ErrorKind, Fault
from .rpc.form import ErrorForm
from .rpc.operation import Event, Operation
from .rpc.options import CallOptions
from .rpc.subscribe import Subscriber, Subscription
from .serve.context import Context
from .serve.options import ServeOptions
from .serve.router import Listen, Route, Router
from .serve.server import Server
from .subject import Template

__all__ = [
    "ABC",
    "TYPE_CHECKING",
    "UNSET",
    "Annotated",
    "Any",
    "Assertion",
    "CallOptions",
    "Caller",
    "ClassVar",
    "Connection",
    "Context",
    "ErrorForm",
    "ErrorKind",
    "Event",
    "Fault",
    "Final",
    "Flattened",
    "Integer",
    "Listen",
    "Literal",
    "Message",
    "Meta",
    "OnlyFalse",
    "OnlyTrue",
    "Operation",
    "Params",
    "Route",
    "Router",
    "Schemas",
    "ServeOptions",
    "Server",
    "Subscriber",
    "Subscription",
    "Template",
    "Text",
    "TypeAlias",
    "Unknown",
    "UnsetType",
    "Variant",
    "abstractmethod",
    "default",
    "empty",
    "external",
    "field",
    "member",
    "recursive",
    "tagged",
    "untagged",
]
