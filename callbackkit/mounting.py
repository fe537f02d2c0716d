"""Mounts of an app in a host: for Starlette's router, and as plain ASGI for all other hosts.

Of Starlette this file takes its `Mount`; the rest imports no framework.
"""

from contextlib import AsyncExitStack
from typing import Any

from starlette.routing import BaseRoute, Match, Mount

from callbackkit.errors import SetupError
from callbackkit.logs import logger
from callbackkit.urls import path_of_target


class PrefixRoute(Mount):
    """A mount that takes the bare prefix too, where Starlette's would redirect to the slash.

    Nothing says that the platform follows redirects, and a redirected callback is delivered late
    at best.
    """

    def matches(self, scope: Any) -> tuple[Match, Any]:
        match, child = super().matches(scope)
        if match is Match.NONE and "path" in scope:
            match, child = super().matches({**scope, "path": scope["path"] + "/"})
        return match, child


class RoutesAt(tuple[BaseRoute, ...]):
    """Called with a prefix, gives the routes that serve the app there.

    It is an empty tuple as well, because a host's Mount looks for `routes` on what it mounts.
    """

    _app: Any

    @classmethod
    def of(cls, app: Any) -> "RoutesAt":
        routes = cls()
        routes._app = app
        return routes

    def __call__(self, prefix: str) -> list[BaseRoute]:
        """Return routes for `prefix`, a path that starts with a slash: add them to the host's.

        The prefix may have parameters, such as "/{tenant}", which handlers find in
        `callback.request.path_params`. Raises SetupError for a prefix without the slash.
        """
        if not prefix.startswith("/"):
            raise SetupError(f"routes({prefix!r}): the prefix is a path that starts with a slash")
        return [PrefixRoute(prefix, app=self._app)]


class MountedAt:
    """An ASGI app whose host says nothing about the prefix under which it is.

    Such hosts leave the path whole (`URLRouter` of Channels), or take the prefix away without a
    trace (`stripped=True`: `asgi(..., is_mount=True)` of Litestar, `api_gateway_base_path` of
    mangum); in both cases URLs in documents would lack it. Raises SetupError for a prefix that is
    no path.
    """

    def __init__(self, prefix: str, app: Any, *, stripped: bool = False) -> None:
        self.prefix = _checked(prefix, "MountedAt")
        self.app = app
        self._stripped = stripped

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            root = f"{_root(scope)}{self.prefix}"
            path = f"{root}{scope['path']}" if self._stripped else _whole_path(scope)
            scope = {**scope, "root_path": root, "path": path}
        await self.app(scope, receive, send)


class Switch:
    """An ASGI app that serves `app` under a prefix, bare and with all below it, and `otherwise`
    under all other paths: for hosts without a mount (Django, Falcon, Sanic), or whose mount
    redirects the bare prefix (Lilya).

    Start the server with the switch: it starts and stops `app`, and `otherwise` too if that takes
    part in ASGI's lifespan. Raises SetupError for a prefix that is no path.
    """

    def __init__(self, prefix: str, app: Any, otherwise: Any) -> None:
        self.prefix = _checked(prefix, "Switch")
        self.app = app
        self.otherwise = otherwise

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        root, path = f"{_root(scope)}{self.prefix}", _whole_path(scope)
        if path == root or path.startswith(f"{root}/"):
            await self.app({**scope, "root_path": root, "path": path}, receive, send)
        else:
            await self.otherwise(scope, receive, send)

    async def _lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        received = answered = False
        last: Any = None

        async def receive_noting() -> Any:
            nonlocal received
            message = await receive()
            received = True
            return message

        async def send_all_but_last(message: Any) -> None:
            # After it the server ends the event loop, and the app is still to be stopped.
            nonlocal answered, last
            answered = True
            if message["type"].startswith("lifespan.shutdown."):
                last = message
            else:
                await send(message)

        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self.app.lifespan())
            except Exception as error:
                if not isinstance(error, SetupError):
                    logger.exception("the app failed at startup")
                await receive()
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            try:
                await self.otherwise(scope, receive_noting, send_all_but_last)
            except Exception:
                if answered:
                    raise
                # As ASGI has it: an exception says that the host takes no part (Django).
                logger.debug("the other app takes no part in the lifespan", exc_info=True)
                if not received:
                    await receive()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                last = {"type": "lifespan.shutdown.complete"}
        if last is not None:
            await send(last)


def _checked(prefix: str, name: str) -> str:
    if not prefix.startswith("/") or not prefix.strip("/"):
        raise SetupError(f"{name}({prefix!r}): the prefix is a path such as /bandwidth")
    return prefix.rstrip("/")


def _root(scope: Any) -> str:
    root: str = scope.get("root_path") or ""
    return root.rstrip("/")


def _whole_path(scope: Any) -> str:
    """Return the path with the server's root path in front of it, which most servers leave out."""
    root = _root(scope)
    path = path_of_target(scope["path"], root)
    return path if path == root or path.startswith(f"{root}/") else f"{root}{path}"
