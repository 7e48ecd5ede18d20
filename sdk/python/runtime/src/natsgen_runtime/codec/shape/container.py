"""Shapes of arrays, maps and values that can be `null`."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from ..assertion import Assertion
from ..violation import Violation
from .base import Check, Shape, check_of, is_array, is_object


class Array(Shape):
    """An array."""

    def __init__(self, item: Shape, least: int, most: int | None) -> None:
        self._item = item
        self._least = least
        self._most = most

    def parts(self) -> tuple[Shape, ...]:
        return (self._item,)

    def read(self, value: Any, is_open: bool) -> list[Any]:
        if not is_array(value):
            raise Violation("expected an array")
        if len(value) < self._least:
            raise Violation(f"expected at least {self._least} items")
        if self._most is not None and len(value) > self._most:
            raise Violation(f"expected at most {self._most} items")
        read = self._item.read
        items: list[Any] = []
        try:
            for item in value:
                items.append(read(item, is_open))  # noqa: PERF401  # the length is the index
        except Violation as violation:
            violation.inside(len(items))
            raise
        return items

    def check(self, is_open: bool) -> Check:
        check_item = self._item.check(is_open)

        def check(value: list[Any]) -> None:
            for item in value:
                check_item(item)

        return check


class Map(Shape):
    """An object with data as its keys."""

    def __init__(self, key: Shape, value: Shape, least: int, most: int | None) -> None:
        self._key = key
        self._value = value
        self._least = least
        self._most = most

    def parts(self) -> tuple[Shape, ...]:
        return (self._key, self._value)

    def read(self, value: Any, is_open: bool) -> dict[str, Any]:
        if not is_object(value):
            raise Violation("expected an object")
        if len(value) < self._least:
            raise Violation(f"expected at least {self._least} members")
        if self._most is not None and len(value) > self._most:
            raise Violation(f"expected at most {self._most} members")
        members: dict[str, Any] = {}
        for key, item in value.items():
            # An invalid key belongs to the object.
            key = self._key.read(key, is_open)
            try:
                members[key] = self._value.read(item, is_open)
            except Violation as violation:
                violation.inside(key)
                raise
        return members

    def check(self, is_open: bool) -> Check:
        check_key = check_of(self._key, is_open)
        check_value = check_of(self._value, is_open)

        def check(value: dict[str, Any]) -> None:
            if check_key is not None:
                for key in value:
                    check_key(key)
            if check_value is not None:
                for item in value.values():
                    check_value(item)

        return check


class Nullable(Shape):
    """A value or `null`."""

    def __init__(self, value: Shape) -> None:
        self._value = value

    def parts(self) -> tuple[Shape, ...]:
        return (self._value,)

    def read(self, value: Any, is_open: bool) -> Any:
        return None if value is None else self._value.read(value, is_open)

    def check(self, is_open: bool) -> Check:
        check_value = self._value.check(is_open)

        def check(value: Any) -> None:
            if value is not None and value is not UNSET:
                check_value(value)

        return check


class Asserted(Shape):
    """A value with an assertion."""

    def __init__(self, value: Shape, assertion: Assertion) -> None:
        self._value = value
        self._assertion = assertion

    def parts(self) -> tuple[Shape, ...]:
        return (self._value,)

    def read(self, value: Any, is_open: bool) -> Any:
        read = self._value.read(value, is_open)
        self._assertion.validate(value)
        return read

    def check(self, is_open: bool) -> Check:
        return self._value.check(is_open)

    def has_assertion(self) -> bool:
        return True


class Indirect(Shape):
    """A value of a type that contains itself."""

    def __init__(self) -> None:
        self._checks: dict[bool, Check] = {}
        # Set after the shape is known.
        self.content: Shape = self

    def parts(self) -> tuple[Shape, ...]:
        return (self.content,)

    def read(self, value: Any, is_open: bool) -> Any:
        return self.content.read(value, is_open)

    def check(self, is_open: bool) -> Check:
        known = self._checks.get(is_open)
        if known is not None:
            return known
        self._checks[is_open] = lambda value: check_content(value)
        check_content = self.content.check(is_open)
        return check_content
