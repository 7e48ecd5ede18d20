"""What the corpora cannot express."""

from __future__ import annotations

from typing import Any

import pytest
from natsgen_runtime import DecodeError, EncodeError, Unknown, decode, encode
from natsgen_runtime.codec.codec import codec_of
from store import WRITER, put_request

from keyvalue.app import Changed
from keyvalue.store import GetReply, ListRequest, PutReply, PutRequest
from keyvalue.types import (
    ByKey,
    Content,
    Filter,
    JsonContent,
    Not,
    Query,
    TextContent,
    Window,
)
from varpulis_sdk.coordinator import Heartbeat, RegisterRequest
from varpulis_sdk.types import ApiKey, WorkerId

REPLY = b'{"revision":1,"written_at":"2026-01-01T00:00:00Z","content":%b}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{} x",
        b"\xef\xbb\xbf{}",
        b'{"starts_with":"\xff"}',
        b'{"starts_with":"\\ud800"}',
        b'{"limit":1e400}',
        b'{"limit":NaN}',
        b'{"limit":01}',
        b'{"limit":"1"}',
        b'{"limit":true}',
        b'{"starts_with":"\x01"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_malformed_document_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(ListRequest, data)


def test_number_forms_are_equal() -> None:
    expected = decode(ListRequest, b'{"limit":10}')
    for text in (b"10.0", b"1e1", b"1.0e+1", b"100E-1"):
        assert decode(ListRequest, b'{"limit":%b}' % text) == expected
    assert decode(PutReply, b'{"revision":1,"replaced":null}').replaced is None


def test_duplicate_member_last_wins() -> None:
    # A known difference to Rust, which refuses duplicate members. msgspec cannot tell them.
    assert decode(ListRequest, b'{"limit":1,"limit":2}').limit == 2


def test_unsigned_integer_ends_at_64_bits() -> None:
    def beat(number: int) -> bytes:
        return b'{"events_processed":%d,"pipelines_running":0}' % number

    assert decode(Heartbeat, beat(2**64 - 1)).events_processed == 2**64 - 1
    with pytest.raises(DecodeError) as error:
        decode(Heartbeat, beat(2**64))
    assert error.value.pointer == "/events_processed"


def test_unknown_variant_is_kept_in_replies_and_not_written() -> None:
    codec = codec_of(GetReply)
    data = REPLY % b'{"New":{"a":1}}'
    reply = codec.decode_open(data)
    assert reply.content == Unknown({"New": {"a": 1}})
    with pytest.raises(DecodeError) as refused:
        codec.decode(data)
    assert refused.value.pointer == "/content"
    with pytest.raises(EncodeError):
        codec.encode(reply)


@pytest.mark.parametrize("content", [b'"error"', b'{"error":"boom"}'])
def test_error_is_no_unknown_variant(content: bytes) -> None:
    with pytest.raises(DecodeError) as refused:
        codec_of(GetReply).decode_open(REPLY % content)
    assert refused.value.pointer == "/content"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Empty", b'"Empty"'),
        (TextContent("x"), b'{"Text":"x"}'),
        (JsonContent({"a": [1, None]}), b'{"Json":{"a":[1,null]}}'),
    ],
)
def test_union_reads_and_writes_variants(content: Content, text: bytes) -> None:
    reply = decode(GetReply, REPLY % text)
    assert reply.content == content
    match reply.content:
        case TextContent(value):
            assert value == "x"
        case JsonContent(value):
            assert value == {"a": [1, None]}
        case other:
            assert other == "Empty"


def test_recursive_union_reads_its_variants() -> None:
    tree: Filter = Not(kind="not", filter=ByKey(kind="key", glob="a*"))
    query = Query(filter=tree, window=Window(additional={"x": 1}))
    assert decode(Query, encode(query)) == query


def test_encode_refuses_what_decode_refuses() -> None:
    for bad, pointer in (
        (PutRequest(writer="w", content="Empty", note=None), "/writer"),
        (
            PutRequest(writer=WRITER, content=TextContent("x" * 65_537), note=None),
            "/content/Text",
        ),
        (
            PutRequest(writer=WRITER, content="Empty", note=None, priority=101),
            "/priority",
        ),
    ):
        with pytest.raises(EncodeError) as error:
            encode(bad)
        assert error.value.pointer == pointer


@pytest.mark.parametrize("value", [object(), "\ud800", float("nan")])
def test_encode_refuses_values_that_json_cannot_express(value: Any) -> None:
    with pytest.raises(EncodeError):
        encode(put_request(value))


def test_default_is_typed_and_not_shared() -> None:
    first = Query(filter=ByKey(kind="key", glob="a"))
    second = Query(filter=ByKey(kind="key", glob="a"))
    assert first.order == ["key"]
    first.order.append("size")
    assert second.order == ["key"]


def test_additional_member_with_the_name_of_a_field_is_refused() -> None:
    with pytest.raises(EncodeError):
        encode(Window(additional={"since": "2026-01-01T00:00:00Z"}))


def test_sensitive_text_is_hidden() -> None:
    request = RegisterRequest(
        worker_id=WorkerId("w0"),
        address="http://localhost:9000",
        api_key="a-secret-key",
        capacity={"cpu_cores": 1, "pipelines_running": 0, "max_pipelines": 1},  # type: ignore[arg-type]
    )
    assert "a-secret-key" not in repr(request)
    assert "***" in repr(request)
    assert ApiKey is not None


def test_named_text_is_validated() -> None:
    assert WorkerId("w0") == "w0"
    for bad in ("", "a.b", "a b", "*", "a\n", "\u00a0"):
        with pytest.raises(ValueError, match="expected"):
            WorkerId(bad)


def test_error_never_contains_the_value() -> None:
    with pytest.raises(DecodeError) as error:
        decode(PutRequest, b'{"writer":"secret-value","content":"Empty","note":null}')
    assert "secret-value" not in str(error.value)


def test_event_reads_a_newer_change() -> None:
    codec = codec_of(Changed)
    event = codec.decode_open(
        b'{"revision":1,"at":"2026-01-01T00:00:00Z","change":"Moved"}'
    )
    assert event.change == Unknown("Moved")
