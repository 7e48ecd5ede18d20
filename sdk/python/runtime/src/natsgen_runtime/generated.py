"""The functions and classes that generated code uses."""

from .codec.assertion import Assertion, Schemas
from .codec.message import (
    Flattened,
    Message,
    OnlyFalse,
    OnlyTrue,
    Params,
    Unknown,
    Variant,
    external,
    member,
    tagged,
)

__all__ = [
    "Assertion",
    "Flattened",
    "Message",
    "OnlyFalse",
    "OnlyTrue",
    "Params",
    "Schemas",
    "Unknown",
    "Variant",
    "external",
    "member",
    "tagged",
]
