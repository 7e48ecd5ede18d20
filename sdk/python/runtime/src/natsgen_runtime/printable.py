"""Texts of peers in messages for people."""

from __future__ import annotations


def printable(text: str) -> str:
    """Escapes the characters of a peer's text that could confuse a terminal or a log."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else repr(character)[1:-1]
        for character in text
    )
