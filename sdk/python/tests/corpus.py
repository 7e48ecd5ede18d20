"""Reads the test corpora: valid and invalid documents of each schema."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from natsgen_runtime.codec.shape.base import is_object

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "tests/vectors/corpus"
PACKAGES = {
    "varpulis": "varpulis_sdk",
    "keyvalue": "keyvalue",
    "unions": "unions",
}


class Case(NamedTuple):
    """A document of a corpus."""

    name: str
    kind: Any
    document: Any
    written: Any
    pointer: str | None
    """The place of the error; `None` for a valid document."""


def files() -> list[Path]:
    """Returns the files of all corpora."""
    return sorted(CORPUS.glob("*/**/*.json"))


def cases(path: Path) -> Iterator[Case]:
    """Yields the documents of a file."""
    corpus = json.loads(path.read_text())
    package = PACKAGES[path.relative_to(CORPUS).parts[0]]
    kind = type_of(package, corpus["schema"])
    for valid in corpus["valid"]:
        document = _document(valid, "document")
        written = _document(valid, "written") if "written" in valid else document
        yield Case(valid["name"], kind, document, written, None)
    for invalid in corpus["invalid"]:
        yield Case(
            invalid["name"],
            kind,
            _document(invalid, "document"),
            None,
            invalid["pointer"],
        )


def type_of(package: str, schema: str) -> Any:
    """Returns the generated type of a schema such as `worker/deploy.json#/$defs/Request`."""
    document, _, pointer = schema.partition("#")
    folder, name = document.removesuffix(".json").split("/")
    title = "".join(word.capitalize() for word in name.split("_"))
    definition = pointer.rpartition("/")[2]
    special = {
        "": title,
        "Request": f"{title}Request",
        "Reply": f"{title}Reply",
        "Message": title,
    }
    if folder != "types" or not definition:
        definition = special.get(definition, definition)
    return getattr(importlib.import_module(f"{package}.{folder}"), definition)


def _document(case: dict[str, Any], member: str) -> Any:
    document = copy.deepcopy(case[member])
    repeat = case.get("repeat")
    if repeat is None:
        return document
    return _repeated(document, repeat["pointer"], repeat["times"])


def _repeated(document: Any, pointer: str, times: int) -> Any:
    tokens = [
        token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]
    ]
    if not tokens:
        return _repeat(document, times)
    parent = document
    for token in tokens[:-1]:
        parent = parent[_key(parent, token)]
    last = _key(parent, tokens[-1])
    parent[last] = _repeat(parent[last], times)
    return document


def _key(parent: Any, token: str) -> Any:
    return int(token) if isinstance(parent, list) else token


def _repeat(value: Any, times: int) -> Any:
    if not is_object(value):
        return value * times
    ((key, member),) = value.items()
    return {f"{key}{index}": member for index in range(times)}
