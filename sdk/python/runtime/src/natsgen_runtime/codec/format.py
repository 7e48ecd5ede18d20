"""Formats of strings."""

from __future__ import annotations

from functools import cache

import jsonschema_rs


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)


def has_format(text: str, name: str) -> bool:
    """Returns whether a string has a format of JSON Schema."""
    return _validator(name).is_valid(text)
