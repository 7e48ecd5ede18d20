"""Shapes of unions."""

from __future__ import annotations

import threading
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


class UntaggedShape(Shape):
    """A union without a tag: a value belongs to the first variant that accepts it."""

    def __init__(self) -> None:
        # Set after the shape is known, because a type can contain itself.
        self.variants: list[tuple[str, Shape | None]] = []

    def parts(self) -> tuple[Shape, ...]:
        return tuple(shape for _, shape in self.variants if shape is not None)

    def read(self, value: Any, is_open: bool) -> Any:
        if isinstance(value, str) and (value, None) in self.variants:
            return value
        name = _json_type(value)
        shapes = [
            shape
            for types, shape in self.variants
            if shape is not None and name in types.split(" ")
        ]
        if len(shapes) == 1:
            return shapes[0].read(value, is_open)
        deepest: Violation | None = None
        for shape in shapes:
            try:
                return _ATTEMPTS.read(shape, value)
            except Violation as violation:
                if violation.depth > (0 if deepest is None else deepest.depth):
                    deepest = violation
        if deepest is not None:
            raise deepest.to(Violation)
        words = (f"`{tag}`" if shape is None else tag for tag, shape in self.variants)
        raise Violation(f"expected one of {', '.join(words)}")

    def check(self, is_open: bool) -> Check:
        # The hook of the decoder reads each value with all constraints.
        return _accept


def _accept(_value: Any) -> None:
    pass


class _Attempts(threading.local):
    """The results of the attempts to read values. Without them, nested attempts would repeat each other."""

    def __init__(self) -> None:
        self._depth = 0
        self._results: dict[tuple[int, int], Any] = {}

    def read(self, shape: Shape, value: Any) -> Any:
        """Reads a value strictly.

        Raises:
            Violation: If the value violates a constraint.
        """
        # The outermost attempt keeps the value alive, so its id stays unique.
        key = (id(shape), id(value))
        self._depth += 1
        try:
            if key not in self._results:
                self._results[key] = _result(shape, value)
            result = self._results[key]
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._results.clear()
        if isinstance(result, Violation):
            raise result.to(Violation)
        return result


def _result(shape: Shape, value: Any) -> Any:
    try:
        return shape.read(value, False)
    except Violation as violation:
        return violation


_ATTEMPTS = _Attempts()


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if is_object(value) else "array"
