"""Subjects, templates and the conversion of values to tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .codec.shape import Shape, shape_of
from .codec.shape.scalar import Integer
from .codec.violation import Violation

_TOKEN = re.compile(r"[!-)+\-/-=?-~]+")
"""Printable ASCII without `*`, `.` and `>`."""

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,38}")

_LONGEST_TOKEN = 255
_LONGEST_SUBJECT = 1_024
"""A server closes the connection if a protocol line with subject and reply subject exceeds 4,096 bytes."""


DEFAULT_INBOXES = "_INBOX"
"""The prefix of inboxes if the options of a connection set none."""

ROLE_INBOX = "_INBOX_"
"""The first token of the inboxes of a role begins with this text; the name of the role follows."""


class SubjectError(ValueError):
    """A text that is no subject, no token or no prefix."""


class Template:
    """The subject of an operation below the prefix, e.g. `cmd.{worker_id}.deploy`."""

    def __init__(self, text: str, kinds: Sequence[Any] = ()) -> None:
        self.text = text
        self._tokens = text.split(".")
        self.names = [token[1:-1] for token in self._tokens if token.startswith("{")]
        self._kinds = tuple(kinds)
        self._shapes: tuple[Shape, ...] | None = None
        parts = (
            r"([^.]+)" if token.startswith("{") else re.escape(token)
            for token in self._tokens
        )
        self._regex = re.compile(r"\.".join(parts))

    def bind(self, kinds: Sequence[Any]) -> Template:
        """Returns the template with the types of its parameters, in order."""
        return Template(self.text, kinds)

    def subject(self, prefix: str, values: Sequence[Any]) -> str:
        """Returns the subject for these values of the parameters.

        Raises:
            SubjectError: If a value is not valid.
        """
        tokens = [self._token(index, value) for index, value in enumerate(values)]
        return self._fill(prefix, tokens)

    def pattern(self, prefix: str, values: Sequence[Any]) -> str:
        """Returns the pattern of a subscription. `None` matches all values of a parameter."""
        tokens = [
            "*" if value is None else self._token(index, value)
            for index, value in enumerate(values)
        ]
        return self._fill(prefix, tokens)

    def parse(self, tail: str) -> list[Any] | None:
        """Returns the values of the parameters; `None` if the subject below the prefix does not match.

        Raises:
            Violation: If a token is not a valid value of its parameter.
        """
        match = self._regex.fullmatch(tail)
        if match is None:
            return None
        return [self._value(index, token) for index, token in enumerate(match.groups())]

    def _fill(self, prefix: str, values: Sequence[str]) -> str:
        rest = iter(values)
        tokens = (
            next(rest) if token.startswith("{") else token for token in self._tokens
        )
        subject = f"{prefix}.{'.'.join(tokens)}"
        if len(subject) > _LONGEST_SUBJECT:
            raise SubjectError(f"a subject has at most {_LONGEST_SUBJECT} bytes")
        return subject

    def _token(self, index: int, value: Any) -> str:
        try:
            token = str(self._shape(index).read(value, False))
        except Violation as violation:
            raise SubjectError(
                f"parameter `{self.names[index]}`: {violation}"
            ) from None
        if not is_token(token):
            raise SubjectError(
                f"parameter `{self.names[index]}`: {token!r} is no token of a subject"
            )
        return token

    def _value(self, index: int, token: str) -> Any:
        shape = self._shape(index)
        value: Any = token
        # A number has a single form, so that a value has a single subject.
        if isinstance(shape, Integer) and _NUMBER.fullmatch(token):
            value = int(token)
        try:
            return shape.read(value, False)
        except Violation as violation:
            violation.inside(self.names[index])
            raise

    def _shape(self, index: int) -> Shape:
        if self._shapes is None:
            self._shapes = tuple(shape_of(kind) for kind in self._kinds)
        return self._shapes[index]


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Replaces the parameters of a pattern below the prefix. A parameter without a value becomes `*`."""

    def token(text: str) -> str:
        return str(values.get(text[1:-1], "*")) if text.startswith("{") else text

    return ".".join(token(text) for text in template.split("."))


def is_token(text: str) -> bool:
    """Returns whether a text can be a token of a subject."""
    return len(text) <= _LONGEST_TOKEN and _TOKEN.fullmatch(text) is not None


def check_prefix(prefix: str) -> str:
    """Returns the prefix.

    Raises:
        SubjectError: If it does not consist of tokens.
    """
    if len(prefix) > _LONGEST_SUBJECT or not all(map(is_token, prefix.split("."))):
        raise SubjectError(f"{prefix!r} is no prefix of subjects")
    return prefix


def matches(pattern: str, subject: str) -> bool:
    """Returns whether a subject matches the pattern of a subscription."""
    tokens = subject.split(".")
    wanted = pattern.split(".")
    for index, token in enumerate(wanted):
        if token == ">":
            return len(tokens) > index
        if index >= len(tokens) or token not in ("*", tokens[index]):
            return False
    return len(tokens) == len(wanted)


def is_inbox(subject: str, own: str) -> bool:
    """Returns whether a reply subject is an inbox. A reply to another subject could be taken for a request."""
    if _is_own(subject, own) or subject.startswith("_R_."):
        return True
    inner = _behind_gateway(subject)
    return inner is not None and (_is_own(inner, own) or inner.startswith("_R_."))


def inbox_label(subject: str) -> str | None:
    """Returns the text after `_INBOX_` in the first token of an inbox. For the inboxes of a role, it is its name."""
    first, dot, _ = (_behind_gateway(subject) or subject).partition(".")
    return (
        first.removeprefix(ROLE_INBOX) if dot and first.startswith(ROLE_INBOX) else None
    )


def _is_own(subject: str, own: str) -> bool:
    return subject.startswith((DEFAULT_INBOXES, f"{own}."))


def _behind_gateway(subject: str) -> str | None:
    """Returns the reply subject of the caller in the form that a server creates for requests between clusters."""
    tokens = subject.split(".", 3)
    return tokens[3] if len(tokens) == 4 and tokens[0] == "_GR_" else None
