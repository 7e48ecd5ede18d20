"""Reads the test corpora: valid and invalid documents of each schema."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "tests/vectors/corpus"
PACKAGES = {"varpulis": "varpulis_sdk", "keyvalue": "keyvalue"}


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
        yield Case(invalid["name"], kind, _document(invalid, "document"), None, invalid["pointer"])


def type_of(package: str, schema: str) -> Any:
    """Returns the generated type of a schema such as `worker/deploy.json#/$defs/Request`."""
    document, _, pointer = schema.partition("#")
    folder, name = document.removesuffix(".json").split("/")
    title = "".join(word.capitalize() for word in name.split("_"))
    definition = pointer.rpartition("/")[2]
    special = {"": title, "Request": f"{title}Request", "Reply": f"{title}Reply", "Message": title}
    if folder != "types" or not definition:
        definition = special.get(definition, definition)
    return getattr(importlib.import_module(f"{package}.{folder}"), definition)


def _document(case: dict[str, Any], member: str) -> Any:
    document = copy.deepcopy(case[member])
    repeats = case.get("repeat", [])
    for repeat in repeats if isinstance(repeats, list) else [repeats]:
        document = _repeated(document, repeat["pointer"], repeat["times"])
    return document


def _repeated(document: Any, pointer: str, times: int) -> Any:
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    if not tokens:
        return _repeat(document, times)
    parent = document
    for token in tokens[:-1]:
        parent = parent[int(token)] if isinstance(parent, list) else parent[token]
    last: Any = int(tokens[-1]) if isinstance(parent, list) else tokens[-1]
    parent[last] = _repeat(parent[last], times)
    return document


def _repeat(value: Any, times: int) -> Any:
    if isinstance(value, str):
        return value * times
    if isinstance(value, list):
        return value * times
    ((key, member),) = value.items()
    return {f"{key}{index}": member for index in range(times)}
