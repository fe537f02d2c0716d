"""A guard for servers on this machine: no web page may use them through somebody's browser."""

import re
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse

_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/]+))(?::\d*)?")


class Guarded:
    """Passes only requests on to an app that name it by one of its own host names.

    A web page can make a browser send to this machine: under a name of the page's that leads here
    (DNS rebinding), which the Host header has, or from elsewhere, which the Origin header has.
    """

    def __init__(self, app: Callable[..., Any], host: str) -> None:
        self._app = app
        self._hosts = {host.lower().strip("[]"), "localhost", "127.0.0.1", "::1"}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close"})
            return
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [_host_of(value) for name, value in headers if name == b"host"]
        origins = [
            _host_of(value.rpartition("//")[2]) for name, value in headers if name == b"origin"
        ]
        if not hosts or not self._hosts.issuperset(hosts):
            known = ", ".join(sorted(self._hosts))
            answer = {"error": f"the Host of a request is one of {known}"}
        elif not self._hosts.issuperset(origins):
            answer = {"error": "no web page from elsewhere may send here"}
        else:
            await self._app(scope, receive, send)
            return
        await JSONResponse(answer, 403)(scope, receive, send)


def _host_of(authority: str) -> str:
    """Return the host in a header, without its port and brackets; "" if there is none."""
    found = _AUTHORITY.fullmatch(authority.strip().lower())
    return found[1] or found[2] if found else ""
