"""Base classes of generated types."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, defstruct, field

if TYPE_CHECKING:
    from typing_extensions import Self, dataclass_transform

    OnlyTrue: TypeAlias = Literal[True]
    OnlyFalse: TypeAlias = Literal[False]
else:

    def dataclass_transform(**_):  # noqa: D103  # in `typing` from Python 3.11 on
        return lambda kind: kind

    OnlyTrue = Annotated[bool, Meta(extra={"only": True})]
    OnlyFalse = Annotated[bool, Meta(extra={"only": False})]

HIDDEN = "'***'"
"""The text that replaces a sensitive value."""


class Message(Struct):
    """A JSON object. Its text hides sensitive members."""

    __assertion__: ClassVar[Any] = None

    def __repr__(self) -> str:
        return _repr(self, self.__struct_fields__)

    def __rich_repr__(self) -> Any:
        hidden = _hidden(type(self))
        for name in self.__struct_fields__:
            yield name, HIDDEN if name in hidden else getattr(self, name)


class Variant(Struct, forbid_unknown_fields=True):
    """A variant of a union: an object whose only key is the tag."""

    def __repr__(self) -> str:
        return _repr(self, self.__struct_fields__)


def member(tag: str) -> Any:
    """The value of a variant with this tag."""
    return field(name=tag)


class _Named(type):
    """msgspec looks for `__supertype__` only if the class of a class is not `type`."""


class Text(str, metaclass=_Named):
    """A string with a name of its own for type checkers. Its constructor validates a string and returns it."""

    __slots__ = ()
    __supertype__: ClassVar[Any]
    """msgspec reads the class as this type, as it does for `NewType`."""

    def __new__(cls, value: str) -> Self:
        return _validated(cls, value)  # type: ignore[no-any-return]


class Integer(int, metaclass=_Named):
    """An integer with a name of its own for type checkers. Its constructor validates an integer and returns it."""

    __slots__ = ()
    __supertype__: ClassVar[Any]

    def __new__(cls, value: int) -> Self:
        return _validated(cls, value)  # type: ignore[no-any-return]


class Default:
    """Makes the default of a field from its JSON text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.read: Any = None
        """Converts the JSON value; set when the shape of the class is known."""

    def __call__(self) -> Any:
        if self.read is None:
            self._find()
        value = msgspec.json.decode(self.text)
        return value if self.read is None else self.read(value, False)

    def _find(self) -> None:
        """Builds the shapes of all classes that may own the field."""
        from .shape import shape_of

        waiting: list[type] = [Message, Flattened]
        while self.read is None and waiting:
            kind = waiting.pop()
            waiting += kind.__subclasses__()
            if kind not in (Message, Flattened):
                shape_of(kind)


def default(text: str, *, name: str | None = None) -> Any:
    """The default of a field as JSON text. `name` is the key, if it is not the name of the field."""
    return field(default_factory=Default(text), name=name)


def empty(kind: type, *, name: str | None = None) -> Any:
    """The default of a field: an empty list or dict. `name` is the key, if it is not the name of the field."""
    return field(default_factory=kind, name=name)


def _validated(kind: Any, value: Any) -> Any:
    from .shape import shape_of

    return shape_of(kind).read(value, False)


class Params(Struct, frozen=True):
    """Parameters of a subject."""


class Unknown:
    """A value of a newer version of the protocol. It can be read but not written."""

    __match_args__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value
        """The JSON value."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.value == self.value

    __hash__ = None  # type: ignore[assignment]  # a JSON value can be a list

    def __repr__(self) -> str:
        # The value may be sensitive.
        return "Unknown(...)"


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Flattened:
    """A JSON object with fields, which keeps its other members in its last field."""

    __assertion__: ClassVar[Any] = None
    __known__: ClassVar[type[Struct]]
    """A struct with the fields."""
    __additional__: ClassVar[str]
    """The name of the field with the additional members."""

    def __init_subclass__(cls) -> None:
        annotations = inspect.get_annotations(cls)
        *names, cls.__additional__ = (
            name for name in annotations if not name.startswith("__")
        )
        fields: list[Any] = []
        for name in names:
            defaults = (cls.__dict__[name],) if name in cls.__dict__ else ()
            fields.append((name, annotations[name], *defaults))
        # Annotations are resolved in the module of the class.
        cls.__known__ = defstruct(
            cls.__name__, fields, module=cls.__module__, kw_only=True
        )

    def __init__(self, **members: Any) -> None:
        additional = members.pop(self.__additional__, None)
        known = self.__known__(**members)
        for name in self.__known__.__struct_fields__:
            setattr(self, name, getattr(known, name))
        setattr(self, self.__additional__, {} if additional is None else additional)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]  # the object is mutable

    def __repr__(self) -> str:
        names = (*self.__known__.__struct_fields__, self.__additional__)
        return _repr(self, names)


def members_of(value: Flattened) -> dict[str, Any]:
    """Returns the members of the JSON object.

    Raises:
        ValueError: If an additional member has the name of a field.
    """
    members: dict[str, Any] = {}
    others = getattr(value, value.__additional__)
    for info in msgspec.structs.fields(value.__known__):
        if info.encode_name in others:
            text = f"`{info.encode_name}` is a field, not an additional member"
            raise ValueError(text)
        member = getattr(value, info.name)
        if member is not UNSET:
            members[info.encode_name] = member
    return {**members, **others}


class _AnyInstance(type):
    """msgspec accepts an instance of any class as a value of a union; the hook makes only variants."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


class Union(metaclass=_AnyInstance):
    """A union as the decoder sees it. Type checkers see the union of its variants."""

    __tag__: ClassVar[str | None]
    """The member with the tag; `None` if the only key of the object is the tag."""
    __variants__: ClassVar[dict[str, Any]]
    """Types by tag: a class, its name in the module, a function that returns the class, or `None` for a variant without
    a value.
    """
    __is_open__: ClassVar[bool]
    __assertion__: ClassVar[Any]


def external(
    name: str,
    module: str,
    variants: dict[str, Any],
    *,
    is_open: bool,
    assertion: Any = None,
) -> Any:
    """A union whose tag is the string itself, or the only key of the object."""
    return _union(name, module, None, variants, is_open, assertion)


def tagged(
    name: str,
    module: str,
    tag: str,
    variants: dict[str, Any],
    *,
    is_open: bool,
    assertion: Any = None,
) -> Any:
    """A union of objects whose member `tag` names the variant."""
    return _union(name, module, tag, variants, is_open, assertion)


def _union(
    name: str,
    module: str,
    tag: str | None,
    variants: dict[str, Any],
    is_open: bool,
    assertion: Any,
) -> Any:
    members = {
        "__module__": module,
        "__tag__": tag,
        "__variants__": variants,
        "__is_open__": is_open,
        "__assertion__": assertion,
    }
    return _AnyInstance(name, (Union,), members)


class Untagged(metaclass=_AnyInstance):
    """A union without a tag, as the decoder sees it. Type checkers see the union of its variants."""

    __assertion__: ClassVar[Any]

    @staticmethod
    def __variants__() -> list[tuple[str, Any]]:
        """Returns the variants: the JSON types of the values and the type, or a string and `None`."""
        raise NotImplementedError


def untagged(
    name: str,
    module: str,
    variants: Callable[[], list[tuple[str, Any]]],
    *,
    assertion: Any = None,
) -> Any:
    """A union without a tag: a value belongs to the first variant that accepts it."""
    members = {
        "__module__": module,
        "__variants__": staticmethod(variants),
        "__assertion__": assertion,
    }
    return _AnyInstance(name, (Untagged,), members)


def variants_of(union: type[Union]) -> dict[str, Any]:
    """Returns the classes of the variants by tag."""
    module = vars(sys.modules[union.__module__])
    variants: dict[str, Any] = {}
    for tag, kind in union.__variants__.items():
        if isinstance(kind, FunctionType):
            variants[tag] = kind()
        else:
            variants[tag] = module[kind] if isinstance(kind, str) else kind
    return variants


class Recursive(metaclass=_AnyInstance):
    """An alias that contains itself, as the decoder sees it. Type checkers see its content."""

    @staticmethod
    def __content__() -> Any:
        """Returns the content."""
        raise NotImplementedError


def recursive(name: str, module: str, content: Callable[[], Any]) -> Any:
    """An alias that contains itself. `content` returns its content."""
    members = {"__module__": module, "__content__": staticmethod(content)}
    return _AnyInstance(name, (Recursive,), members)


def _repr(value: object, names: tuple[str, ...]) -> str:
    hidden = _hidden(type(value))
    texts = (
        f"{name}={HIDDEN if name in hidden else repr(getattr(value, name))}"
        for name in names
    )
    return f"{type(value).__name__}({', '.join(texts)})"


def _hidden(kind: type) -> frozenset[str]:
    from .shape import sensitive_fields

    return sensitive_fields(kind)
