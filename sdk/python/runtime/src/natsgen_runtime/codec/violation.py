"""Errors of decoding and encoding."""

from __future__ import annotations

from typing import TypeVar

_Kind = TypeVar("_Kind", bound="Violation")


class Violation(ValueError):
    """A document that violates its schema."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """The expected value. It never contains the value of the document."""
        self._path: list[str] = []

    @property
    def pointer(self) -> str:
        """The JSON pointer of the invalid value; empty for the document itself."""
        return "".join(f"/{token}" for token in reversed(self._path))

    @property
    def depth(self) -> int:
        """The number of tokens of the pointer."""
        return len(self._path)

    def inside(self, key: str | int) -> None:
        """Adds the member or index that contains the invalid value."""
        token = (
            key.replace("~", "~0").replace("/", "~1")
            if isinstance(key, str)
            else str(key)
        )
        self._path.append(token)

    def to(self, kind: type[_Kind]) -> _Kind:
        """Returns a copy of the violation as an error of this class."""
        error = kind(self.reason)
        error._path = [*self._path]  # noqa: SLF001  # the same class
        return error

    def __str__(self) -> str:
        pointer = self.pointer
        return f"{self.reason} at {pointer}" if pointer else self.reason


class DecodeError(Violation):
    """A document that is not JSON, or that violates its schema."""


class EncodeError(Violation):
    """A value that violates its schema, or that JSON cannot express."""
