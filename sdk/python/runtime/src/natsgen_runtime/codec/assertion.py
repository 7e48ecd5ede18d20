"""Assertions: constraints that the type of a value does not express."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import jsonschema_rs
import msgspec

from .violation import Violation


class Schemas:
    """The assertions of a protocol, as a JSON Schema with `$defs`."""

    def __init__(self, text: str) -> None:
        self._schema: dict[str, Any] = msgspec.json.decode(text)

    def __getitem__(self, name: str) -> Assertion:
        return Assertion(self._schema, name)


class Assertion:
    """A schema that a value must satisfy beside its type."""

    def __init__(self, schema: dict[str, Any], name: str) -> None:
        self._schema = schema
        self._name = name

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        schema = {**self._schema, "$ref": f"#/$defs/{self._name}"}
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)

    def validate(self, value: Any) -> None:
        """Validates a JSON value.

        Raises:
            Violation: With the place of the first error.
        """
        if self._validator.is_valid(value):
            return
        error = next(iter(self._validator.iter_errors(value)))
        violation = Violation(f"expected a value that satisfies `{error.kind.name}`")
        for key in reversed(error.instance_path):
            violation.inside(key)
        raise violation
