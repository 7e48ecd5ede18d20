"""Errors in the form of a protocol that exists already."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest
from conftest import NatsServer
from jetstream.jetstream import (
    JetstreamClient,
    MessageGetRequest,
    StreamCreateRequest,
    StreamInfoFault,
    StreamInfoRequest,
    StreamNamesRequest,
)
from jetstream.types import StreamName
from natsgen_runtime import CallError, connect
from natsgen_runtime import generated as rt
from natsgen_runtime.rpc import fault as faults
from natsgen_runtime.transport import headers as header

GONE = rt.ErrorKind("gone", 404, "gone", has_detail=False)
FULL = rt.ErrorKind("full", 429, "full: ", has_detail=True)


class WorkFault(rt.Fault[Literal["gone", "full"]], catalogue=(GONE, FULL)):
    """Errors of an operation."""


NESTED = rt.ErrorForm(
    text="/error/description",
    code="/error/err_code",
    status="/error/code",
    codes={"gone": 10059, "full": 10047},
)
FLAG = rt.ErrorForm(text="/message", code="/errors/0/id", when={"/ok": "false"})
ZERO = rt.ErrorForm(text="/text", code="/code", unless={"/code": "0"})
HEADERS = rt.ErrorForm(codes={"gone": "G1"})


@pytest.mark.parametrize(
    ("form", "reply", "expected"),
    [
        (NESTED, b'{"error": {"err_code": 10059, "description": "no"}}', ("gone", "")),
        (
            NESTED,
            b'{"error": {"err_code": 10047, "description": "full: disk"}}',
            ("full", "disk"),
        ),
        (
            NESTED,
            b'{"error": {"err_code": 503, "description": "overloaded"}}',
            ("503", "overloaded"),
        ),
        (NESTED, b'{"error": null}', None),
        (NESTED, b"[]", None),
        (NESTED, b"", None),
        (FLAG, b'{"ok": false, "message": "gone"}', ("gone", "")),
        (
            FLAG,
            b'{"ok": false, "message": "x", "errors": [{"id": "full"}]}',
            ("full", "x"),
        ),
        (FLAG, b'{"ok": false}', ("unknown", "")),
        (FLAG, b'{"ok": 0, "message": "gone"}', None),
        (ZERO, b'{"code": 0, "text": "done"}', None),
        (ZERO, b'{"code": 5, "text": "no"}', ("5", "no")),
        (HEADERS, b'{"error": "x"}', None),
    ],
)
def test_error_of_a_reply_is_found(
    form: rt.ErrorForm, reply: bytes, expected: tuple[str, str] | None
) -> None:
    found = faults.read_in(form, WorkFault, {}, reply)
    code = found.reason if isinstance(found, CallError) else found and found.code
    assert (found and (code, found.detail)) == expected


@pytest.mark.parametrize(
    ("form", "body", "code"),
    [
        (
            NESTED,
            b'{"error":{"description":"gone","err_code":10059,"code":404}}',
            "404",
        ),
        (FLAG, b'{"ok":false,"message":"gone","errors":[{"id":"gone"}]}', "404"),
        (ZERO, b'{"text":"gone","code":"gone"}', "404"),
        (HEADERS, b"", "G1"),
    ],
)
def test_declared_error_is_written_and_read(
    form: rt.ErrorForm, body: bytes, code: str
) -> None:
    written = faults.declared(WorkFault, WorkFault("gone"), form=form)
    assert written is not None
    lines, payload = written
    assert payload == body
    _, headers = header.decode(lines)
    assert headers[header.ERROR_CODE.lower()] == code
    found = faults.read_in(form, WorkFault, headers, payload)
    assert isinstance(found, WorkFault)
    assert found.code == "gone"


def test_standard_fault_is_known_by_its_header() -> None:
    lines, payload = faults.write(faults.OVERLOADED, "", form=NESTED)
    assert (
        payload == b'{"error":{"description":"overloaded","err_code":429,"code":429}}'
    )
    _, headers = header.decode(lines)
    found = faults.read_in(NESTED, WorkFault, headers, payload)
    assert isinstance(found, CallError)
    assert (found.reason, found.retryable) == ("overloaded", True)


def test_stream_of_a_real_server_is_managed(tmp_path: Path) -> None:
    async def manage(server: NatsServer) -> None:
        connection = await connect(server.url)
        client = JetstreamClient(connection)
        name = StreamName("ORDERS")
        with pytest.raises(StreamInfoFault) as error:
            await client.stream_info(name, StreamInfoRequest())
        assert error.value.code == "stream_not_found"
        config = StreamCreateRequest(name=name, storage="memory", subjects=["orders.>"])
        created = await client.stream_create(name, config)
        assert created.config.name == "ORDERS"
        names = await client.stream_names(StreamNamesRequest())
        assert names.streams == ["ORDERS"]
        config.name, config.num_replicas = StreamName("B"), 3
        with pytest.raises(CallError) as unknown:
            await client.stream_create(StreamName("B"), config)
        assert unknown.value.reason == "10074"
        with pytest.raises(rt.Fault):
            await client.message_get(name, MessageGetRequest(seq=9))
        await connection.close()

    server = NatsServer(tmp_path, f'jetstream {{ store_dir: "{tmp_path}" }}')
    try:
        asyncio.run(manage(server))
    finally:
        server.kill()
