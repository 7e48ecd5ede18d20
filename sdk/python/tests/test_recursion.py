"""Types that contain themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import pytest
from msgspec import UNSET, Meta, UnsetType
from natsgen_runtime import DecodeError, decode, encode
from natsgen_runtime import generated as rt

if TYPE_CHECKING:
    Tree: TypeAlias = "Annotated[list[Tree], Meta(max_length=2)]"
else:
    Tree = rt.recursive(
        "Tree",
        __name__,
        lambda: Annotated[list[Tree], Meta(max_length=2)],
    )


class Leaf(rt.Message, kw_only=True):
    """A leaf."""

    kind: str
    at: Annotated[str, Meta(extra={"format": "date"})]


class Forest(rt.Message, kw_only=True):
    """A forest."""

    trees: Tree
    parts: dict[str, Plant] = rt.empty(dict, name="plantParts")
    more: Tree | UnsetType | None = UNSET


if TYPE_CHECKING:
    Plant: TypeAlias = Leaf | Forest
else:
    Plant = rt.tagged(
        "Plant",
        __name__,
        "kind",
        {"leaf": lambda: Leaf},
        is_open=False,
    )


def test_recursive_alias_is_read_and_written() -> None:
    text = (
        b'{"trees":[[],[[],[[]]]],"plantParts":{"a":{"kind":"leaf","at":"2026-01-01"}}}'
    )
    forest = decode(Forest, text)
    assert forest.trees == [[], [[], [[]]]]
    assert encode(forest) == text
    assert decode(Forest, b'{"trees":[],"more":null}').more is None


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (b'{"trees":[[],[[[],[],[]]]]}', "/trees/1/0"),
        (b'{"trees":[[],5]}', "/trees/1"),
        (b'{"trees":[],"more":[5]}', "/more/0"),
        (
            b'{"trees":[],"plantParts":{"a":{"kind":"leaf","at":"2026-02-30"}}}',
            "/plantParts/a/at",
        ),
    ],
)
def test_recursive_alias_is_validated_at_each_level(text: bytes, pointer: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Forest, text)
    assert caught.value.pointer == pointer
