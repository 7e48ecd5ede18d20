"""The base of shapes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

Check = Callable[[Any], None]
"""Raises a violation if a decoded value violates a constraint that msgspec does not know."""


class Shape(ABC):
    """The constraints of a type."""

    @abstractmethod
    def read(self, value: Any, is_open: bool) -> Any:
        """Converts a JSON value. `is_open` keeps unknown variants and unknown values of open enumerations.

        Raises:
            Violation: If the value violates a constraint.
        """

    def parts(self) -> tuple[Shape, ...]:
        """The shapes of the values inside."""
        return ()

    def is_unchecked(self, is_open: bool) -> bool:
        """Whether the value itself has a constraint that msgspec does not know."""
        return False

    def check(self, is_open: bool) -> Check:
        """Returns a check of the constraints that msgspec does not know."""
        raise NotImplementedError

    def has_assertion(self) -> bool:
        """Whether the value itself has an assertion."""
        return False


def reachable(shape: Shape) -> Iterator[Shape]:
    """The shape and all shapes inside, once each."""
    seen = {id(shape)}
    waiting = [shape]
    while waiting:
        shape = waiting.pop()
        yield shape
        for part in shape.parts():
            if id(part) not in seen:
                seen.add(id(part))
                waiting.append(part)


def check_of(shape: Shape, is_open: bool) -> Check | None:
    """Returns the check of a shape, or `None` if msgspec knows all constraints."""
    if any(part.is_unchecked(is_open) for part in reachable(shape)):
        return shape.check(is_open)
    return None


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Returns whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Returns whether a JSON value is an array."""
    return isinstance(value, list)
