"""Shapes of objects with fields."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import NODEFAULT, UNSET, Struct
from msgspec.structs import FieldInfo

from ..message import Default, Flattened
from ..violation import Violation
from .base import Check, Shape, check_of, is_object


class Field(NamedTuple):
    """A field of an object."""

    name: str
    key: str
    shape: Shape
    is_required: bool

    @classmethod
    def of(cls, info: FieldInfo, shape: Shape) -> Field:
        if isinstance(info.default_factory, Default):
            info.default_factory.read = shape.read
        is_required = info.default is NODEFAULT and info.default_factory is NODEFAULT
        return cls(info.name, info.encode_name, shape, is_required)


class Object(Shape):
    """An object with fields."""

    def __init__(self, kind: type[Struct]) -> None:
        self._kind = kind
        self._denies = kind.__struct_config__.forbid_unknown_fields
        # Set after the shape is known, because a type can contain itself.
        self.fields: tuple[Field, ...] = ()
        self._checks: dict[bool, Check] = {}

    def parts(self) -> tuple[Shape, ...]:
        return tuple(field.shape for field in self.fields)

    def read(self, value: Any, is_open: bool) -> Any:
        if not is_object(value):
            raise Violation("expected an object")
        members = read_fields(self.fields, value, is_open)
        if self._denies:
            keys = {field.key for field in self.fields}
            if not keys.issuperset(value):
                raise Violation("unknown member")
        return self._kind(**members)

    def check(self, is_open: bool) -> Check:
        known = self._checks.get(is_open)
        if known is not None:
            return known
        checks: list[tuple[str, Check]] = []

        def check(value: Any) -> None:
            for name, check_member in checks:
                member = getattr(value, name)
                if member is not UNSET:
                    check_member(member)

        self._checks[is_open] = check
        for field in self.fields:
            check_field = check_of(field.shape, is_open)
            if check_field is not None:
                checks.append((field.name, check_field))
        return check


class FlattenedObject(Shape):
    """An object with fields that keeps its other members."""

    def __init__(self, kind: type[Flattened]) -> None:
        self._kind = kind
        self.fields: tuple[Field, ...] = ()
        self.additional: Shape
        self._checks: dict[bool, Check] = {}

    def parts(self) -> tuple[Shape, ...]:
        return (*(field.shape for field in self.fields), self.additional)

    def read(self, value: Any, is_open: bool) -> Any:
        if not is_object(value):
            raise Violation("expected an object")
        members = read_fields(self.fields, value, is_open)
        keys = {field.key for field in self.fields}
        others = {key: item for key, item in value.items() if key not in keys}
        members[self._kind.__additional__] = self.additional.read(others, is_open)
        return self._kind(**members)

    def check(self, is_open: bool) -> Check:
        known = self._checks.get(is_open)
        if known is not None:
            return known
        checks: list[tuple[str, Check]] = []

        def check(value: Any) -> None:
            for name, check_member in checks:
                member = getattr(value, name)
                if member is not UNSET:
                    check_member(member)

        self._checks[is_open] = check
        named = [(field.name, field.shape) for field in self.fields]
        for name, shape in [*named, (self._kind.__additional__, self.additional)]:
            check_field = check_of(shape, is_open)
            if check_field is not None:
                checks.append((name, check_field))
        return check


def read_fields(
    fields: tuple[Field, ...], value: dict[str, Any], is_open: bool
) -> dict[str, Any]:
    """Converts the members that are fields."""
    members: dict[str, Any] = {}
    for field in fields:
        if field.key in value:
            try:
                members[field.name] = field.shape.read(value[field.key], is_open)
            except Violation as violation:
                violation.inside(field.key)
                raise
        elif field.is_required:
            raise Violation(f"expected the member `{field.key}`")
    return members
