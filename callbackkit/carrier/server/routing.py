"""Which operation a path and method name: the only file of the server with Starlette's router."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic

from starlette.routing import BaseRoute, Mount, Route, Router

from callbackkit.carrier.server.api_server import ApiServer
from callbackkit.carrier.server.request import C
from callbackkit.carrier.server.serving import Serve, Served
from callbackkit.rest import Operation


class _Path(Generic[C]):
    """One path, an ASGI app: so Starlette leaves its methods alone."""

    def __init__(self, server: ApiServer[C], product: str, served: Served[C]) -> None:
        self._server = server
        self._product = product
        self._served: dict[str, tuple[Operation, Serve[C]]] = {}
        for operation, serve in served.items():
            found = self._served.setdefault(operation.method, (operation, serve))
            # Operations that share a path and method differ in their bodies.
            assert found[1] is serve, f"{operation.name} and {found[0].name} have two functions"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._server.handle(self._served, self._product, scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})


def routed(
    server: ApiServer[C],
    products: Mapping[str, Served[C]],
    with_slashes: Iterable[str] = (),
) -> Callable[..., Any]:
    """Return an ASGI app with the operations of each product below its prefix, as in "/voice".

    A slash at the end of a path makes no difference. `with_slashes` names the parts of paths that
    may have slashes themselves.
    """
    mounts: list[BaseRoute] = []
    # The longer prefix first, as one may be the beginning of another.
    for prefix in sorted(products, reverse=True):
        routes: list[BaseRoute] = []
        for template, served in _by_path(products[prefix]).items():
            place = _Path(server, prefix, served)
            path = template
            for name in with_slashes:
                path = path.replace(f"{{{name}}}", f"{{{name}:path}}")
            routes += [Route(path, place), Route(f"{path}/", place)]
        api = Router(routes, redirect_slashes=False, default=_Path(server, prefix, {}))
        mounts.append(Mount(prefix, app=api))
    return Router(mounts, redirect_slashes=False, default=_Path(server, "", {}))


def _by_path(served: Served[C]) -> Mapping[str, Served[C]]:
    found: dict[str, dict[Operation, Serve[C]]] = {}
    for operation, serve in served.items():
        found.setdefault(operation.path, {})[operation] = serve
    return found
