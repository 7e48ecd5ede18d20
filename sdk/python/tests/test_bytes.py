"""Documents as bytes: what the JSON values of the other corpora cannot express."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from corpus import PACKAGES, ROOT, type_of
from natsgen_runtime import DecodeError
from natsgen_runtime.codec.codec import codec_of

BYTES = ROOT / "tests/vectors/bytes"

DIFFERENCES = {
    # msgspec keeps the last of several members with a name, and cannot report them.
    r"duplicate": "accepted",
    # msgspec has the limit of the interpreter: about 1,000 levels, and more than 10,000 in Python 3.14.
    r"(128|10000) (arrays|objects)": "accepted",
    # msgspec does not read the numbers of members that it ignores.
    r"ignored member: (number (above|below)|exponent)": "accepted",
    # Python has integers of any size.
    r"integer of 400 digits": "accepted",
    r"integer of 40 digits": "written",
    # A number with a fraction is read as a double before it is taken for an integer.
    r"integer: (small|tiny) fraction": "accepted",
}
"""The known differences to Rust: a pattern of names, and the kind of the difference."""


def files() -> list[Path]:
    """Returns the files of the byte corpora."""
    return sorted(BYTES.glob("*/**/*.json"))


def payload(case: dict[str, Any]) -> bytes:
    """Joins the segments of a document."""
    segments: list[dict[str, Any]] = case["bytes"]
    return b"".join(
        (
            segment["text"].encode()
            if "text" in segment
            else bytes.fromhex(segment["hex"])
        )
        * segment.get("times", 1)
        for segment in segments
    )


def outcome(codec: Any, case: dict[str, Any]) -> str:
    """Returns `equal`, or the difference to the verdict of the corpus."""
    is_valid = "written" in case
    try:
        value = codec.decode(payload(case))
    except DecodeError as error:
        if is_valid:
            return "refused"
        # Without a pointer, a reader may name any place.
        pointer = case.get("pointer", error.pointer)
        return "equal" if error.pointer == pointer else "pointer"
    if not is_valid:
        return "accepted"
    written = json.loads(codec.encode(value))
    return "equal" if written == case["written"] else "written"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(BYTES)))
def test_bytes(path: Path) -> None:
    corpus = json.loads(path.read_text())
    package = PACKAGES[path.relative_to(BYTES).parts[0]]
    codec = codec_of(type_of(package, corpus["schema"]))
    for case in (*corpus["valid"], *corpus["invalid"]):
        name = case["name"]
        known = [
            kind for pattern, kind in DIFFERENCES.items() if re.search(pattern, name)
        ]
        assert outcome(codec, case) in (*known, "equal"), name
