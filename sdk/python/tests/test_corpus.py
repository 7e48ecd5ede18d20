"""Each document of the corpora: verdict, place of the error, and the encoded value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus import CORPUS, cases, files
from natsgen_runtime import DecodeError
from natsgen_runtime.codec.codec import codec_of


@pytest.mark.parametrize(
    "path", files(), ids=lambda path: str(path.relative_to(CORPUS))
)
def test_corpus(path: Path) -> None:
    count = 0
    for case in cases(path):
        count += 1
        codec = codec_of(case.kind)
        data = json.dumps(case.document).encode()
        if case.pointer is None:
            value = codec.decode(data)
            assert json.loads(codec.encode(value)) == case.written, case.name
            assert codec.decode_open(data) == value, case.name
        else:
            with pytest.raises(DecodeError) as error:
                codec.decode(data)
            assert error.value.pointer == case.pointer, case.name
    assert count > 0


def test_corpus_is_complete() -> None:
    assert len(files()) > 100


def test_examples_take_the_fast_path() -> None:
    count = 0
    for path in files():
        for case in cases(path):
            if not case.name.startswith("example") or case.pointer is not None:
                continue
            codec = codec_of(case.kind)
            if not codec._is_slow:  # pyright: ignore[reportPrivateUsage]
                count += 1
                data = json.dumps(case.document).encode()
                assert codec._decode_closed(data) == codec.decode(data), path  # pyright: ignore[reportPrivateUsage]
    assert count > 100
