"""Subjects, templates and headers."""

from __future__ import annotations

from typing import Annotated

import pytest
from msgspec import Meta
from natsgen_runtime import SubjectError, Violation
from natsgen_runtime.subject import Template, check_prefix, fill, matches
from natsgen_runtime.transport import headers as header

NODE = Annotated[int, Meta(ge=0, extra={"le": 18_446_744_073_709_551_615})]
GROUP = Annotated[str, Meta(min_length=1, max_length=64)]
TEMPLATE = Template("raft.{node}.{group}.vote", (NODE, GROUP))


def test_template_writes_and_reads_parameters() -> None:
    subject = TEMPLATE.subject("a.b", (7, "g"))
    assert subject == "a.b.raft.7.g.vote"
    assert TEMPLATE.parse("raft.7.g.vote") == [7, "g"]
    assert TEMPLATE.parse("raft.7.12.vote") == [7, "12"]
    assert TEMPLATE.pattern("a", (None, "g")) == "a.raft.*.g.vote"
    assert fill("raft.{node}.>", {"node": 7}) == "raft.7.>"
    assert fill("raft.{node}.>", {}) == "raft.*.>"


@pytest.mark.parametrize(
    "token",
    ["07", "+7", "--7", "7_0", "x", "1e1", "\u0667", "-0", "9" * 39, "9" * 5000],
)
def test_number_has_a_single_form(token: str) -> None:
    with pytest.raises(Violation):
        TEMPLATE.parse(f"raft.{token}.g.vote")


@pytest.mark.parametrize(
    "tail", ["", "raft", "raft.7.g", "raft.7.g.vote.x", "raft..g.vote"]
)
def test_other_subject_is_not_read(tail: str) -> None:
    assert TEMPLATE.parse(tail) is None


@pytest.mark.parametrize(
    "value", ["", " ", "a.b", "*", ">", "a\r\n", "\u00e9", "x" * 256, None]
)
def test_parameter_is_a_token(value: object) -> None:
    with pytest.raises(SubjectError):
        TEMPLATE.subject("a", (1, value))


@pytest.mark.parametrize(
    "prefix", ["", "a.", ".a", "a..b", "a b", "*", "a.>", "x" * 2_000]
)
def test_prefix_consists_of_tokens(prefix: str) -> None:
    with pytest.raises(SubjectError):
        check_prefix(prefix)


@pytest.mark.parametrize(
    ("pattern", "subject", "expected"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.b.c", False),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        (">", "a", True),
        ("*.b", "a.c", False),
    ],
)
def test_pattern_matches_as_in_nats(pattern: str, subject: str, expected: bool) -> None:
    assert matches(pattern, subject) is expected


def test_headers_cannot_end_a_line() -> None:
    data = header.encode(
        {"A": "one\r\nB: two", "C": " padded\0 ", "D": "\u00fc\x85", "E": ""}
    )
    assert header.decode(data) == (
        None,
        {"a": "one  B: two", "c": "padded", "d": "\u00fc", "e": ""},
    )


def test_status_and_first_value_are_read() -> None:
    data = b"NATS/1.0 503 No Responders\r\nA: 1\r\na: 2\r\n\r\n"
    assert header.decode(data) == (503, {"a": "1"})
    assert header.decode(b"") == (None, {})
    assert header.decode(b"\xff\r\n\xff:\xff") == (None, {"\u00ff": "\ufffd"})
