"""Errors that a peer returns: declared faults, standard faults, and their wire format."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, get_args

import msgspec

from ..printable import printable
from ..transport import headers as header
from .error import CallError, RpcError
from .form import ErrorForm, Found

_HEADER_LIMIT = 200
"""The maximum length of an error text in the header. The body contains the complete text."""

Code = TypeVar("Code", bound=str)


class ErrorKind(NamedTuple):
    """An entry in the error catalogue of a protocol."""

    code: str
    status: int
    """The status, according to HTTP."""
    text: str
    """The text on the wire, without the detail."""
    has_detail: bool


class Fault(RpcError, Generic[Code]):
    """An error that an operation declares. A service raises it, and the caller gets it."""

    __kinds__: ClassVar[dict[str, ErrorKind]] = {}
    __catalogue__: ClassVar[tuple[ErrorKind, ...]] = ()

    code: Code
    """The code of the error."""

    def __init_subclass__(cls, catalogue: tuple[ErrorKind, ...] = ()) -> None:
        super().__init_subclass__()
        if not catalogue:
            return
        (base,) = cls.__dict__["__orig_bases__"]
        codes = get_args(get_args(base)[0])
        cls.__catalogue__ = catalogue
        cls.__kinds__ = {kind.code: kind for kind in catalogue if kind.code in codes}

    def __init__(self, code: Code, detail: str = "") -> None:
        if code not in self.__kinds__:
            raise ValueError(f"{type(self).__name__} has no code `{code}`")
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        """The text after the fixed text of the error."""
        self.retry_after: float | None = None
        """The time in seconds after which the server expects another attempt, if it refused the request for now."""
        self.retryable = False
        """Whether the same request may be sent again: the server refused it for now."""

    @property
    def kind(self) -> ErrorKind:
        """The entry of the catalogue."""
        return self.__kinds__[self.code]

    def __str__(self) -> str:
        return f"{self.kind.text}{printable(self.detail)}"


BAD_REQUEST = ErrorKind("bad_request", 400, "bad request: ", True)
UNKNOWN_COMMAND = ErrorKind("unknown_command", 404, "unknown command: ", True)
DEADLINE_EXCEEDED = ErrorKind("deadline_exceeded", 408, "deadline exceeded", False)
OVERLOADED = ErrorKind("overloaded", 429, "overloaded", False)
KEY_OVERLOADED = ErrorKind(
    "key_overloaded", 429, "overloaded: too many requests with this ordering key", False
)
CANCELLED = ErrorKind("cancelled", 409, "cancelled", False)
ABORTED = ErrorKind("aborted", 409, "aborted", False)
DRAINING = ErrorKind("draining", 503, "draining", False)
INTERNAL = ErrorKind("internal", 500, "internal error", False)
REPLY_TOO_LARGE = ErrorKind("reply_too_large", 413, "reply too large: ", True)
REPLY_FORGOTTEN = ErrorKind(
    "reply_forgotten", 410, "executed before, reply forgotten", False
)

STANDARD = (
    BAD_REQUEST,
    UNKNOWN_COMMAND,
    DEADLINE_EXCEEDED,
    OVERLOADED,
    KEY_OVERLOADED,
    DRAINING,
    CANCELLED,
    ABORTED,
    INTERNAL,
    REPLY_TOO_LARGE,
    REPLY_FORGOTTEN,
)

_RETRYABLE = frozenset(
    {"deadline_exceeded", "overloaded", "key_overloaded", "draining"}
)
"""The server did not execute the request, and a later attempt can succeed."""


def write(
    kind: ErrorKind,
    detail: str,
    pointer: str | None = None,
    retry_after: int | None = None,
    form: ErrorForm | None = None,
) -> tuple[bytes, bytes]:
    """Encodes an error as headers and body of a reply, in the form of its protocol. `retry_after` is in milliseconds."""
    text = kind.text + detail
    if form is not None:
        text = f"{text} at {pointer}" if pointer else text
        return _write_in(form, kind, text, retry_after)
    body = {"error": text, "code": kind.code}
    if pointer is not None:
        body["pointer"] = pointer
    try:
        payload = msgspec.json.encode(body)
    except UnicodeEncodeError:
        # A lone surrogate in the detail.
        detail = detail.encode(errors="replace").decode()
        return write(kind, detail, pointer, retry_after)
    return _headers(str(kind.status), text, retry_after), payload


def _write_in(
    form: ErrorForm, kind: ErrorKind, text: str, retry_after: int | None
) -> tuple[bytes, bytes]:
    text = text.encode(errors="replace").decode()
    payload, code = form.write(kind.code, kind.status, text)
    return _headers(code, text, retry_after), payload


def _headers(code: str, text: str, retry_after: int | None) -> bytes:
    line = text[:_HEADER_LIMIT]
    while len(line.encode(errors="replace")) > _HEADER_LIMIT:
        line = line[:-1]
    headers = {header.ERROR_CODE: code, header.ERROR: line}
    if retry_after is not None:
        headers[header.RETRY_AFTER] = str(retry_after)
    return header.encode(headers)


def declared(
    fault: type[Fault[Any]],
    error: Exception,
    retry_after: int | None = None,
    form: ErrorForm | None = None,
) -> tuple[bytes, bytes] | None:
    """Encodes a declared error of an operation. `None` for any other exception."""
    if fault.__kinds__ and isinstance(error, fault):
        return write(error.kind, error.detail, retry_after=retry_after, form=form)
    return None


def read_in(
    form: ErrorForm, fault: type[Fault[Any]], headers: dict[str, str], payload: bytes
) -> Fault[Any] | CallError | None:
    """Decodes an error reply in the form of its protocol. `None` if the reply is no error.

    Only peers with this package send standard faults, which they mark with a header.
    """
    marker = headers.get(header.ERROR_CODE.lower())
    line = headers.get(header.ERROR.lower(), "")
    found = form.find(payload)
    if found is None and not form.code and marker and form.is_declared(marker):
        found = Found(marker, line)
    if found is None:
        if marker is None:
            return None
        return read(fault, headers, payload) or CallError("refused", "unknown")
    code, text = found
    if code is None:
        kind = _longest(fault.__catalogue__, text)
        name = "" if kind is None else kind.code
    else:
        name = form.name(code)
    if name in fault.__kinds__:
        kind = fault.__kinds__[name]
        detail = text.removeprefix(kind.text) if kind.has_detail else ""
        return fault(name, detail)
    standard = None if marker is None else _longest(STANDARD, text)
    if standard is not None:
        detail = text.removeprefix(standard.text)
        retryable = standard.code in _RETRYABLE
        return CallError("refused", standard.code, detail, retryable=retryable)
    return CallError("refused", code or "unknown", text)


def read(
    fault: type[Fault[Any]], headers: dict[str, str], payload: bytes
) -> Fault[Any] | CallError | None:
    """Decodes an error reply. `None` if neither headers nor body describe an error."""
    try:
        members = msgspec.json.decode(payload, type=dict[str, Any])
    except (ValueError, RecursionError):
        members = {}
    text = members.get("error")
    if not isinstance(text, str):
        if header.ERROR_CODE.lower() not in headers:
            return None
        text = headers.get(header.ERROR.lower(), "")
    code = members.get("code")
    pointer = members.get("pointer")
    if isinstance(code, str):
        return _by_code(fault, code, text, pointer if isinstance(pointer, str) else "")
    return _by_text(fault, text)


def _by_code(
    fault: type[Fault[Any]], code: str, text: str, pointer: str
) -> Fault[Any] | CallError:
    kind = next(
        (kind for kind in (*fault.__catalogue__, *STANDARD) if kind.code == code), None
    )
    detail = text if kind is None else text.removeprefix(kind.text)
    if code in fault.__kinds__:
        return fault(code, detail)
    is_standard = any(kind.code == code for kind in STANDARD)
    detail = detail if is_standard else text
    return CallError(
        "refused", code, detail, pointer=pointer, retryable=code in _RETRYABLE
    )


def _by_text(fault: type[Fault[Any]], text: str) -> Fault[Any] | CallError:
    kind = _longest(fault.__catalogue__, text)
    if kind is not None:
        if kind.code in fault.__kinds__:
            return fault(kind.code, text.removeprefix(kind.text))
        return CallError("refused", kind.code, text)
    kind = _longest(STANDARD, text)
    if kind is not None:
        return CallError(
            "refused",
            kind.code,
            text.removeprefix(kind.text),
            retryable=kind.code in _RETRYABLE,
        )
    return CallError("refused", "unknown", text)


def _longest(kinds: tuple[ErrorKind, ...], text: str) -> ErrorKind | None:
    found = [
        kind
        for kind in kinds
        if text.startswith(kind.text) and (kind.has_detail or kind.text == text)
    ]
    return max(found, key=lambda kind: len(kind.text), default=None)
