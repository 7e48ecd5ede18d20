"""Builds shapes from annotations."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct, UnsetType
from msgspec.structs import fields as struct_fields

from ..message import Flattened, Recursive, Union, Untagged, variants_of
from .base import Shape
from .container import Array, Asserted, Indirect, Map, Nullable
from .object import Field, FlattenedObject, Object
from .scalar import Anything, Boolean, Choice, Integer, Null, Number, Text
from .union import UnionShape, UntaggedShape

_CLASSES: dict[type, Shape] = {}


def shape_of(annotation: Any, metas: Sequence[Meta] = ()) -> Shape:
    """Returns the shape of a type with further metadata."""
    metas = list(metas)
    while get_origin(annotation) is Annotated:
        annotation, *others = get_args(annotation)
        metas[:0] = [meta for meta in others if isinstance(meta, Meta)]
    shape = _plain(annotation, metas)
    for meta in metas:
        assertion = _extra(meta, "assertion")
        if assertion is not None:
            shape = Asserted(shape, assertion)
    return shape


@cache
def sensitive_fields(kind: type) -> frozenset[str]:
    """Returns the names of the fields whose text is hidden."""
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(
        name for name, annotation in hints.items() if _is_sensitive(annotation)
    )


def _is_sensitive(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        annotation, *metas = get_args(annotation)
        if any(isinstance(meta, Meta) and _extra(meta, "sensitive") for meta in metas):
            return True
        return _is_sensitive(annotation)
    if get_origin(annotation) is Literal:
        return False
    supertype = getattr(annotation, "__supertype__", None)
    if supertype is not None:
        return _is_sensitive(supertype)
    return any(_is_sensitive(part) for part in get_args(annotation))


def _plain(annotation: Any, metas: list[Meta]) -> Shape:
    if annotation is Any:
        return Anything()
    origin = get_origin(annotation)
    if origin is typing.Union or origin is types.UnionType:
        return _optional(get_args(annotation), metas)
    if origin is Literal:
        return Choice(get_args(annotation))
    if origin is list:
        (item,) = get_args(annotation)
        return Array(shape_of(item), *_lengths(metas))
    if origin is dict:
        key, value = get_args(annotation)
        return Map(shape_of(key), shape_of(value), *_lengths(metas))
    if annotation is None or annotation is type(None):
        return Null()
    supertype = getattr(annotation, "__supertype__", None)
    if supertype is not None:
        return shape_of(supertype, metas)
    if isinstance(annotation, type):
        return _class(annotation, metas)
    raise TypeError(f"no JSON form for {annotation!r}")


def _optional(parts: tuple[Any, ...], metas: list[Meta]) -> Shape:
    values = [
        part for part in parts if part is not type(None) and part is not UnsetType
    ]
    if len(values) == 2 and str in values:
        # An open enumeration: msgspec reads any string.
        (known,) = (part for part in values if part is not str)
        values = [Annotated[str, Meta(extra={"values": get_args(known)})]]
    if len(values) != 1:
        raise TypeError(f"no JSON form for a union of {values!r}")
    # Metas of the whole union are metas of its only value.
    shape = shape_of(values[0], metas)
    return Nullable(shape) if type(None) in parts else shape


def _class(kind: type, metas: list[Meta]) -> Shape:
    if kind is str:
        return _text(metas)
    if kind is bool:
        return Boolean(_first(metas, "only"))
    if kind is int:
        return Integer(_bound(metas, "ge", max), _bound(metas, "le", min))
    if kind is float:
        return Number(_bound(metas, "ge", max), _bound(metas, "le", min))
    if kind is object:
        return Anything()
    if kind not in _CLASSES:
        _CLASSES[kind] = _new_class(kind)
    return _CLASSES[kind]


def _new_class(kind: type) -> Shape:
    shape: Shape
    if issubclass(kind, Union):
        union = UnionShape(kind)
        shape = _CLASSES[kind] = _asserted(kind, union)
        for tag, variant in variants_of(kind).items():
            union.variants[tag] = None if variant is None else shape_of(variant)
        return shape
    if issubclass(kind, Untagged):
        untagged = UntaggedShape()
        shape = _CLASSES[kind] = _asserted(kind, untagged)
        untagged.variants = [
            (types, None if variant is None else shape_of(variant))
            for types, variant in kind.__variants__()
        ]
        return shape
    if issubclass(kind, Recursive):
        indirect = shape = _CLASSES[kind] = Indirect()
        indirect.content = shape_of(kind.__content__())
        return shape
    if issubclass(kind, Flattened):
        flattened = shape = FlattenedObject(kind)
        shape = _CLASSES[kind] = _asserted(kind, flattened)
        flattened.fields = _fields(kind.__known__)
        flattened.additional = shape_of(
            get_type_hints(kind, include_extras=True)[kind.__additional__]
        )
        return shape
    if issubclass(kind, Struct):
        plain = Object(kind)
        shape = _CLASSES[kind] = _asserted(kind, plain)
        plain.fields = _fields(kind)
        return shape
    raise TypeError(f"no JSON form for {kind!r}")


def _asserted(kind: Any, shape: Shape) -> Shape:
    assertion = getattr(kind, "__assertion__", None)
    return shape if assertion is None else Asserted(shape, assertion)


def _fields(kind: type[Struct]) -> tuple[Field, ...]:
    return tuple(Field.of(info, shape_of(info.type)) for info in struct_fields(kind))


def _text(metas: list[Meta]) -> Text:
    least, most = _lengths(metas)
    patterns = tuple(meta.pattern for meta in metas if meta.pattern is not None)
    formats = (_extra(meta, "format") for meta in metas)
    values = _first(metas, "values")
    return Text(
        least,
        most,
        patterns,
        tuple(name for name in formats if name is not None),
        None if values is None else frozenset(values),
        bool(_first(metas, "sensitive")),
    )


def _lengths(metas: list[Meta]) -> tuple[int, int | None]:
    least = [meta.min_length for meta in metas if meta.min_length is not None]
    most = [meta.max_length for meta in metas if meta.max_length is not None]
    return max(least, default=0), min(most, default=None)


def _bound(metas: list[Meta], name: str, choose: Any) -> Any:
    bounds = [getattr(meta, name) for meta in metas] + [
        _extra(meta, name) for meta in metas
    ]
    return choose((bound for bound in bounds if bound is not None), default=None)


def _first(metas: list[Meta], name: str) -> Any:
    values = (_extra(meta, name) for meta in metas)
    return next((value for value in values if value is not None), None)


def _extra(meta: Meta, name: str) -> Any:
    return None if meta.extra is None else meta.extra.get(name)
