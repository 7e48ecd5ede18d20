"""Decodes and encodes values with all constraints of their types."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from .message import Flattened, Unknown, members_of
from .shape import check_of, reachable, shape_of
from .violation import DecodeError, EncodeError, Violation

_T = TypeVar("_T")

_CODECS: dict[Any, Codec] = {}


class Codec:
    """Decodes and encodes the values of a type."""

    __slots__ = (
        "_check_closed",
        "_check_open",
        "_decode_closed",
        "_decode_open",
        "_is_slow",
        "_shape",
    )

    def __init__(self, kind: Any) -> None:
        self._shape = shape_of(kind)
        # An assertion needs the document, not the decoded value.
        self._is_slow = any(shape.has_assertion() for shape in reachable(self._shape))
        self._check_closed = check_of(self._shape, False)
        self._check_open = check_of(self._shape, True)
        self._decode_closed = msgspec.json.Decoder(kind, dec_hook=_read_closed).decode
        self._decode_open = msgspec.json.Decoder(kind, dec_hook=_read_open).decode

    def decode(self, data: bytes) -> Any:
        """Decodes a document of the own version: refuses unknown variants.

        Raises:
            DecodeError: If the document violates a constraint.
        """
        if not self._is_slow:
            try:
                if not data.isascii():
                    # msgspec does not validate the text of members that it ignores.
                    data.decode()
                value = self._decode_closed(data)
                if self._check_closed is not None:
                    self._check_closed(value)
                return value
            except (ValueError, RecursionError):
                pass
        return self._read(data, is_open=False)

    def decode_open(self, data: bytes) -> Any:
        """Decodes a document that a newer version may have written: keeps unknown variants.

        Raises:
            DecodeError: If the document violates a constraint.
        """
        if not self._is_slow:
            try:
                if not data.isascii():
                    data.decode()
                value = self._decode_open(data)
                if self._check_open is not None:
                    self._check_open(value)
                return value
            except (ValueError, RecursionError):
                pass
        return self._read(data, is_open=True)

    def encode(self, value: Any) -> bytes:
        """Encodes a value. The document is decoded again, because msgspec validates no value that it encodes.

        Raises:
            EncodeError: If the value violates a constraint.
        """
        try:
            data = _encode(value)
        except Exception as error:  # any class can be inside a value
            raise EncodeError(f"not encoded: {error}") from error
        try:
            self.decode(data)
        except DecodeError as violation:
            raise violation.to(EncodeError) from None
        return data

    def _read(self, data: bytes, *, is_open: bool) -> Any:
        try:
            document = msgspec.json.decode(data)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"expected JSON: {error}") from None
        try:
            return self._shape.read(document, is_open)
        except Violation as violation:
            raise violation.to(DecodeError) from None
        except RecursionError:
            raise DecodeError("expected a document with fewer levels") from None


def codec_of(kind: Any) -> Codec:
    """Returns the codec of a type."""
    try:
        codec = _CODECS.get(kind)
    except TypeError:
        # A type with metadata that has no hash.
        return Codec(kind)
    if codec is None:
        codec = _CODECS[kind] = Codec(kind)
    return codec


def decode(kind: type[_T], data: bytes) -> _T:
    """Decodes a JSON document and validates it.

    Raises:
        DecodeError: If the document violates a constraint of the type.
    """
    return codec_of(kind).decode(data)  # type: ignore[no-any-return]


def encode(value: Any, kind: Any = None) -> bytes:
    """Encodes a value and validates it. `kind` is its type, if that is not the class of the value.

    Raises:
        EncodeError: If the value violates a constraint of the type.
    """
    return codec_of(type(value) if kind is None else kind).encode(value)


def _write(value: Any) -> Any:
    if isinstance(value, Flattened):
        return members_of(value)
    if type(value) is Unknown:
        raise ValueError("a value of a newer version can be read but not written")
    raise TypeError(f"no JSON form for {type(value).__name__}")


_encode = msgspec.json.Encoder(enc_hook=_write).encode


def _read_closed(kind: Any, value: Any) -> Any:
    return _read_part(kind, value, is_open=False)


def _read_open(kind: Any, value: Any) -> Any:
    return _read_part(kind, value, is_open=True)


def _read_part(kind: Any, value: Any, *, is_open: bool) -> Any:
    """Reads what msgspec cannot read. The fast path of a union is a conversion to the class of its variant."""
    return shape_of(kind).read(value, is_open)
