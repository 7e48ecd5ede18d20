"""Maps subjects to handlers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from ..rpc.connection import Connection
from ..rpc.error import SubscribeError
from ..rpc.operation import Operation
from ..subject import fill
from .options import ServeOptions
from .server import Server


class Listen(NamedTuple):
    """A subscription of a server."""

    pattern: str
    """The pattern below the prefix. Parameters without a value become `*`."""
    queue: str = ""


class Route:
    """An operation and its handler."""

    def __init__(
        self,
        operation: Operation[Any, Any],
        handler: Callable[..., Coroutine[Any, Any, Any]],
    ) -> None:
        self.operation = operation
        self.handler = handler
        self.decode = operation.codecs[0].decode
        self.encode = operation.codecs[1].encode


class Router:
    """The operations of a server. Generated servers use this class."""

    def __init__(
        self,
        *,
        prefix: str,
        listen: tuple[Listen, ...],
        routes: tuple[Route, ...],
        instance: dict[str, Any] | None = None,
        options: ServeOptions | None = None,
    ) -> None:
        self._prefix = prefix
        self._listen = listen
        self._routes = routes
        self._instance = instance or {}
        self._options = options or ServeOptions()
        for route in routes:
            # Validates the parameters of the instance.
            template = route.operation.template
            template.pattern(
                prefix, [self._instance.get(name) for name in template.names]
            )

    async def start(self, connection: Connection) -> Server:
        """Subscribes, and returns the running server after the subscriptions are confirmed.

        Raises:
            SubscribeError: If a subscription is denied, or the connection is lost or closed.
        """
        prefix = connection.prefix_or(self._prefix)
        server = Server(connection, prefix, self._routes, self._instance, self._options)
        try:
            for listen in self._listen:
                pattern = f"{prefix}.{fill(listen.pattern, self._instance)}"
                await server.listen(pattern, listen.queue)
        except SubscribeError:
            await server.shutdown(0)
            raise
        return server
