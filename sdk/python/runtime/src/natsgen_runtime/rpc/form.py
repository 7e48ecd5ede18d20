"""The form of errors in the replies of a protocol that has a form of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

import msgspec

_ABSENT = object()
"""A place without a value."""


class Found(NamedTuple):
    """An error in a reply."""

    code: str | None
    text: str


class ErrorForm:
    """Says where errors stand in replies.

    Without `text` and `code`, they stand only in the headers `Nats-Service-Error-Code` and `Nats-Service-Error`.
    """

    def __init__(
        self,
        *,
        text: str = "",
        code: str = "",
        status: str = "",
        when: Mapping[str, str] | None = None,
        unless: Mapping[str, str] | None = None,
        codes: Mapping[str, int | str] | None = None,
    ) -> None:
        self.text = text
        """JSON pointer of the text."""
        self.code = code
        """JSON pointer of the code."""
        self.status = status
        """JSON pointer of the status, which servers write."""
        self.when = _values(when)
        """Values by JSON pointer that each error has."""
        self.unless = _values(unless)
        """Values by JSON pointer. A reply with all of them is no error."""
        self.codes = dict(codes or {})
        """Codes on the wire by code of the catalogue. Other codes are the same on the wire."""
        self._names = {str(code): name for name, code in self.codes.items()}

    def find(self, payload: bytes) -> Found | None:
        """Finds the error in a payload."""
        try:
            reply = msgspec.json.decode(payload)
        except (ValueError, RecursionError):
            return None
        if (self.unless and _has(reply, self.unless)) or not _has(reply, self.when):
            return None
        text = _at(reply, self.text) if self.text else None
        code = _code(_at(reply, self.code)) if self.code else None
        if not isinstance(text, str):
            text = None
        if text is None and code is None and not self.when:
            return None
        return Found(code, text or "")

    def name(self, code: str) -> str:
        """Returns the code of the catalogue for a code on the wire."""
        return self._names.get(code, code)

    def is_declared(self, code: str) -> bool:
        """Returns whether the catalogue gives an error this code on the wire."""
        return code in self._names

    def write(self, code: str, status: int, text: str) -> tuple[bytes, str]:
        """Encodes an error. Returns the payload, and the code for the header."""
        if not self.text:
            return b"", str(self.codes.get(code, status))
        declared: int | str | None = self.codes.get(code)
        if declared is None:
            codes = self.codes.values()
            has_numbers = codes and all(isinstance(code, int) for code in codes)
            declared = status if has_numbers else code
        reply: Any = None
        for pointer, value in self.when.items():
            reply = _put(reply, pointer, value)
        reply = _put(reply, self.text, text)
        if self.code:
            reply = _put(reply, self.code, declared)
        if self.status:
            reply = _put(reply, self.status, status)
        return msgspec.json.encode(reply), str(status)


def _values(texts: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        pointer: msgspec.json.decode(text) for pointer, text in (texts or {}).items()
    }


def _has(reply: Any, values: Mapping[str, Any]) -> bool:
    def same(found: Any, expected: Any) -> bool:
        # In Python, `False` equals 0.
        is_flag = isinstance(found, bool) == isinstance(expected, bool)
        return is_flag and bool(found == expected)

    return all(same(_at(reply, pointer), value) for pointer, value in values.items())


def _code(value: Any) -> str | None:
    is_code = isinstance(value, (int, str)) and not isinstance(value, bool)
    return str(value) if is_code else None


def _steps(pointer: str) -> list[str]:
    steps = pointer.split("/")[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _at(value: Any, pointer: str) -> Any:
    for step in _steps(pointer):
        if _is_object(value):
            value = value.get(step, _ABSENT)
        elif _is_array(value) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _ABSENT
    return value


def _put(place: Any, pointer: str, value: Any) -> Any:
    """Puts a value at a JSON pointer. The step `0` makes an array, any other step an object."""

    def put(place: Any, steps: list[str]) -> Any:
        if not steps:
            return value
        step, *rest = steps
        if step == "0" and not _is_object(place):
            items = place if _is_array(place) else [None]
            items[0] = put(items[0], rest)
            return items
        members = place if _is_object(place) else {}
        members[step] = put(members.get(step), rest)
        return members

    return put(place, _steps(pointer))
