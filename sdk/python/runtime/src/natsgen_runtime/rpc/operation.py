"""Operations and events, as generated code declares them."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from ..codec.codec import Codec, codec_of
from ..subject import Template, inbox_label
from .fault import Fault
from .form import ErrorForm

Request = TypeVar("Request")
Reply = TypeVar("Reply")
Parameters = TypeVar("Parameters")
Payload = TypeVar("Payload")


class Operation(Generic[Request, Reply]):
    """A message with a reply."""

    def __init__(
        self,
        *,
        name: str,
        template: Template,
        tokens: tuple[Any, ...] = (),
        caller: str,
        roles: tuple[str, ...],
        request: Any,
        reply: Any,
        timeout: float,
        fault: type[Fault[Any]] = Fault,
        error_form: ErrorForm | None = None,
        idempotent: bool = False,
        control: bool = False,
        ordering: str | None = None,
        params: Any = None,
    ) -> None:
        self.name = name
        self.template = template.bind(tokens)
        self.caller = caller
        """The role that calls the operation."""
        self._others = frozenset(roles) - {caller}
        self.fault = fault
        self.error_form = error_form
        """The form of errors in replies; `None` for the form of this package."""
        self.timeout = timeout
        """The timeout in seconds of a call without its own timeout."""
        self.idempotent = idempotent
        """Whether executing the request twice has the same effect as executing it once."""
        self.control = control
        """Whether the request has reserved places, and overtakes queued requests with the same ordering key."""
        self.ordering = ordering
        """The member of the request that is the ordering key."""
        self.params = params
        """The class of the parameters that a handler gets."""
        self._kinds = (request, reply)
        self._codecs: tuple[Codec, Codec] | None = None

    def may_call(self, inbox: str) -> bool:
        """Returns whether a reply subject may belong to the role that calls the operation.

        An inbox without the name of a role may belong to each role.
        """
        return inbox_label(inbox) not in self._others

    @property
    def codecs(self) -> tuple[Codec, Codec]:
        """The codecs of request and reply."""
        if self._codecs is None:
            self._codecs = (codec_of(self._kinds[0]), codec_of(self._kinds[1]))
        return self._codecs


class Event(Generic[Parameters, Payload]):
    """A message without a reply."""

    def __init__(
        self,
        *,
        name: str,
        template: Template,
        tokens: tuple[Any, ...] = (),
        message: Any,
        params: Any = None,
        queue: str | None = None,
    ) -> None:
        self.name = name
        self.template = template.bind(tokens)
        self.params = params
        """The class of the parameters that a subscriber gets."""
        self.queue = queue
        """The queue group whose members share the events; without a group, each subscriber gets all events."""
        self._kind = message
        self._codec: Codec | None = None

    @property
    def codec(self) -> Codec:
        """The codec of the message."""
        if self._codec is None:
            self._codec = codec_of(self._kind)
        return self._codec
