"""Shapes of unions."""

from __future__ import annotations

from typing import Any

from ..message import Union, Unknown, variants_of
from ..violation import Violation
from .base import Check, Shape, check_of, is_object


class UnionShape(Shape):
    """A union of several variants."""

    def __init__(self, kind: type[Union]) -> None:
        self._kind = kind
        self._checks: dict[bool, Check] = {}
        # Set after the shape is known, because a type can contain itself.
        self.variants: dict[str, Shape | None] = {}

    def parts(self) -> tuple[Shape, ...]:
        return tuple(shape for shape in self.variants.values() if shape is not None)

    def read(self, value: Any, is_open: bool) -> Any:
        tag = self._tag(value)
        if tag not in self.variants:
            return self._read_unknown(value, tag, is_open)
        shape = self.variants[tag]
        if self._kind.__tag__ is not None:
            return value if shape is None else shape.read(value, is_open)
        if (shape is None) != isinstance(value, str):
            raise Violation("expected the tag of a variant with this form")
        return value if shape is None else shape.read(value, is_open)

    def check(self, is_open: bool) -> Check:
        known = self._checks.get(is_open)
        if known is not None:
            return known
        checks: dict[Any, Check] = {}

        def check(value: Any) -> None:
            check_variant = checks.get(type(value))
            if check_variant is not None:
                check_variant(value)

        self._checks[is_open] = check
        for tag, kind in variants_of(self._kind).items():
            shape = self.variants[tag]
            check_shape = None if shape is None else check_of(shape, is_open)
            if check_shape is not None:
                checks[kind] = check_shape
        return check

    def _tag(self, value: Any) -> str:
        member = self._kind.__tag__
        if member is None:
            if isinstance(value, str):
                return value
            if is_object(value) and len(value) == 1:
                return next(iter(value))
            raise Violation("expected a string, or an object with a single member")
        if not is_object(value):
            raise Violation("expected an object")
        if member not in value:
            raise Violation(f"expected the member `{member}`")
        tag = value[member]
        if not isinstance(tag, str):
            violation = Violation("expected a string")
            violation.inside(member)
            raise violation
        return tag

    def _read_unknown(self, value: Any, tag: str, is_open: bool) -> Unknown:
        # A peer without headers answers `{"error": "text"}` instead of the reply.
        is_error = self._kind.__tag__ is None and tag == "error"
        if is_open and self._kind.__is_open__ and not is_error:
            return Unknown(value)
        violation = Violation(f"expected one of {', '.join(self.variants)}")
        if self._kind.__tag__ is not None:
            violation.inside(self._kind.__tag__)
        raise violation
