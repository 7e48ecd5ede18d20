"""Shapes of values without parts."""

from __future__ import annotations

import re
from typing import Any

from ..format import has_format
from ..violation import Violation
from .base import Check, Shape


class Anything(Shape):
    """Any JSON value."""

    def read(self, value: Any, is_open: bool) -> Any:
        return value


class Null(Shape):
    """`null`."""

    def read(self, value: Any, is_open: bool) -> None:
        if value is not None:
            raise Violation("expected null")


class Boolean(Shape):
    """`true` or `false`, or only one of them."""

    def __init__(self, only: bool | None) -> None:
        self._only = only

    def read(self, value: Any, is_open: bool) -> bool:
        if not isinstance(value, bool):
            raise Violation("expected a boolean")
        self._check(value)
        return value

    def is_unchecked(self, is_open: bool) -> bool:
        return self._only is not None

    def check(self, is_open: bool) -> Check:
        return self._check

    def _check(self, value: bool) -> None:
        if self._only is not None and value is not self._only:
            raise Violation(f"expected {str(self._only).lower()}")


class Integer(Shape):
    """An integer in a range."""

    def __init__(self, least: int | None, most: int | None) -> None:
        self._least = least
        self._most = most
        bounds = (least, most)
        # msgspec knows only bounds of 64 bits with a sign.
        self._is_wide = any(
            bound is not None and not -(2**63) <= bound < 2**63 for bound in bounds
        )

    def read(self, value: Any, is_open: bool) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        elif not isinstance(value, int) or isinstance(value, bool):
            raise Violation("expected an integer")
        self._check(value)
        return value  # type: ignore[no-any-return]

    def is_unchecked(self, is_open: bool) -> bool:
        return self._is_wide

    def check(self, is_open: bool) -> Check:
        return self._check

    def _check(self, value: int) -> None:
        if self._least is not None and value < self._least:
            raise Violation(f"expected an integer of at least {self._least}")
        if self._most is not None and value > self._most:
            raise Violation(f"expected an integer of at most {self._most}")


class Number(Shape):
    """A number in a range."""

    def __init__(self, least: float | None, most: float | None) -> None:
        self._least = least
        self._most = most

    def read(self, value: Any, is_open: bool) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise Violation("expected a number")
        if self._least is not None and value < self._least:
            raise Violation(f"expected a number of at least {self._least}")
        if self._most is not None and value > self._most:
            raise Violation(f"expected a number of at most {self._most}")
        try:
            return float(value)
        except OverflowError:
            raise Violation("expected a number of 64 bits") from None


class Text(Shape):
    """A constrained string."""

    def __init__(
        self,
        least: int,
        most: int | None,
        patterns: tuple[str, ...],
        formats: tuple[str, ...],
        values: frozenset[str] | None,
        is_sensitive: bool,
    ) -> None:
        self._least = least
        self._most = most
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._formats = formats
        self._values = values
        self.is_sensitive = is_sensitive

    def read(self, value: Any, is_open: bool) -> str:
        if not isinstance(value, str):
            raise Violation("expected a string")
        if len(value) < self._least:
            raise Violation(f"expected at least {self._least} characters")
        if self._most is not None and len(value) > self._most:
            raise Violation(f"expected at most {self._most} characters")
        for pattern in self._patterns:
            if pattern.search(value) is None:
                raise Violation(f"expected a string that matches `{pattern.pattern}`")
        self._check_formats(value)
        if not is_open:
            self._check_values(value)
        return value

    def is_unchecked(self, is_open: bool) -> bool:
        return bool(self._formats) or (self._values is not None and not is_open)

    def check(self, is_open: bool) -> Check:
        if self._values is None or is_open:
            return self._check_formats
        return self._check_both

    def _check_both(self, value: str) -> None:
        self._check_formats(value)
        self._check_values(value)

    def _check_formats(self, value: str) -> None:
        for name in self._formats:
            if not has_format(value, name):
                raise Violation(f"expected a string of the format `{name}`")

    def _check_values(self, value: str) -> None:
        if self._values is not None and value not in self._values:
            raise Violation(f"expected one of {', '.join(sorted(self._values))}")


class Choice(Shape):
    """A closed list of strings."""

    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values

    def read(self, value: Any, is_open: bool) -> str:
        if not isinstance(value, str) or value not in self.values:
            raise Violation(f"expected one of {', '.join(self.values)}")
        return value
