"""Shapes: the constraints of types, built from their annotations.

msgspec reads most documents alone. A shape knows the constraints that msgspec does not know, and reads a document
again if msgspec refuses it: only a shape knows the place of an error, and takes `1.0` for an integer.
"""

from .base import Check, Shape, check_of, reachable
from .build import sensitive_fields, shape_of

__all__ = ["Check", "Shape", "check_of", "reachable", "sensitive_fields", "shape_of"]
