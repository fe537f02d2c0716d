"""Which operation a path and method name: the only file here that knows Starlette's router."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.routing import BaseRoute, Mount, Route, Router

from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server import (
    account,
    applications,
    available_numbers,
    bridges,
    call_audio,
    call_events,
    call_gathers,
    calls,
    conferences,
    domains,
    endpoints,
    errors,
    media,
    members,
    messages,
    number_info,
    phone_numbers,
    recordings,
    transcriptions,
)
from callbackkit.v1.carrier.server.asking import Operation
from callbackkit.v1.carrier.server.door import ApiServer

PREFIX = "/v1"
"""What the paths of the API are below."""

_RESOURCES = (
    account,
    applications,
    available_numbers,
    bridges,
    calls,
    call_audio,
    call_events,
    call_gathers,
    conferences,
    members,
    domains,
    endpoints,
    errors,
    media,
    messages,
    number_info,
    phone_numbers,
    recordings,
    transcriptions,
)


class _Path:
    """What is at one path: an ASGI app, so that Starlette leaves its methods alone."""

    def __init__(self, door: ApiServer, operations: Mapping[str, Operation]) -> None:
        self._door = door
        self._operations = operations

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._door.take(self._operations, scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})


def rest_app(carrier: Carrier, act: Callable[..., Any]) -> Callable[..., Any]:
    """The REST API of a carrier as an ASGI app, below /v1 and below the path of its base URL.

    `act` is that of the carrier's driver, in whose event loop the app has to run: everything that
    the API does to the carrier goes through it.
    """
    door = ApiServer(carrier, act)
    routes: list[BaseRoute] = []
    for resource in _RESOURCES:
        for path, operations in resource.OPERATIONS.items():
            place = _Path(door, operations)
            # Some samples have a slash at the end (methods/calls/getCalls).
            routes += [Route(path, place), Route(f"{path}/", place)]
    nowhere = _Path(door, {})
    api = Router(routes, redirect_slashes=False, default=nowhere)
    prefixes = {PREFIX, urlsplit(carrier.base_url).path.rstrip("/")}
    mounts = [Mount(prefix, app=api) for prefix in sorted(prefixes, reverse=True)]
    return Router(mounts, redirect_slashes=False, default=nowhere)
