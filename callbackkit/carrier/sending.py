"""Callbacks as HTTP requests: into an app in this process by ASGI, or to a server by real HTTP."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from ipaddress import ip_address
from traceback import TracebackException
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.driver import Sender
from callbackkit.carrier.platform import Platform
from callbackkit.tracebacks import own_frames

under_way: ContextVar[Delivery | None] = ContextVar("callbackkit_delivery", default=None)
"""The delivery that an app in this process is answering."""

MAX_REPLY = 1024 * 1024
"""Bytes of a reply that are read; documents have far fewer."""

_PORTS = {"http": 80, "https": 443}


def headers_of(delivery: Delivery) -> list[tuple[str, str]]:
    """Return the headers of a delivery, with the credentials of its URL."""
    parts = urlsplit(delivery.url)
    host = parts.netloc.rpartition("@")[2]
    host = host if host.isascii() else host.encode("idna").decode()
    headers = [("host", host), ("accept", "*/*"), ("user-agent", delivery.user_agent)]
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers.append(("authorization", f"Basic {b64encode(pair.encode()).decode()}"))
    if delivery.method == "POST":
        headers.append(("content-type", "application/json; charset=utf-8"))
    return [*headers, *delivery.headers]


def body_of(delivery: Delivery) -> bytes:
    """Return the body of a delivery: JSON by POST, nothing by GET."""
    if delivery.method != "POST":
        return b""
    return json.dumps([delivery.fields] if delivery.in_array else delivery.fields).encode()


def outcome_of(status: int, headers: Mapping[str, str], body: bytes, took: float = 0.0) -> Outcome:
    """Return the outcome of a reply: 2xx is a success, and redirects are not followed."""
    good = 200 <= status <= 299
    return Outcome(status, headers, body, None if good else f"was answered with {status}", took)


class Asgi(Sender):
    """Sends to an ASGI app in this process.

    `root_path` is the part of the app's URLs that a proxy in front of it would take away. `state`
    is what the app's lifespan keeps for its requests.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        root_path: str = "",
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._app = app
        self._root_path = root_path
        self._state = {} if state is None else state

    async def send(self, delivery: Delivery) -> Outcome:
        parts = urlsplit(delivery.url)
        body = body_of(delivery)
        headers = [(name.encode(), value.encode("latin-1")) for name, value in headers_of(delivery)]
        if body:
            headers.append((b"content-length", b"%d" % len(body)))
        path = parts.path or "/"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": delivery.method,
            "scheme": parts.scheme,
            "path": unquote(path),
            "raw_path": quote(path, safe="/%:@!$&'()*+,;=~").encode(),
            "query_string": quote(delivery.query, safe="/%:@!$&'()*+,;=~?[]{}\"").encode(),
            "root_path": self._root_path,
            "state": dict(self._state),
            "headers": headers,
            "client": ("127.0.0.1", 0),
            "server": (parts.hostname or "localhost", parts.port or _PORTS.get(parts.scheme, 80)),
        }
        token = under_way.set(delivery)
        reply = _Reply(body)
        try:
            await self._app(scope, reply.receive, reply.send)
        except Exception as error:
            delivery.traceback = delivery.traceback or own_traceback(error)
            if not reply.complete:
                return outcome_of(500, {}, b"")
        finally:
            under_way.reset(token)
        return outcome_of(reply.status, reply.headers, bytes(reply.body))

    async def aclose(self) -> None:
        pass


def own_traceback(error: BaseException) -> str:
    """Return the traceback of an app's exception without the frames of this package."""
    shown = TracebackException.from_exception(error)
    shown.stack = own_frames(shown.stack, libraries=True)
    return "".join(shown.format()).rstrip()


class _Reply:
    """One request to an ASGI app, and the response."""

    def __init__(self, request: bytes) -> None:
        self.status = 500
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        """True once the whole response has come, whatever the app does then."""
        self._request: bytes | None = request

    async def receive(self) -> dict[str, Any]:
        if self._request is None:
            await asyncio.get_running_loop().create_future()  # nobody hangs up on a value
        request, self._request = self._request, None
        return {"type": "http.request", "body": request, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers.update(
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in message.get("headers", ())
            )
        elif message["type"] == "http.response.body":
            if len(self.body) <= MAX_REPLY:
                self.body.extend(message.get("body", b""))
            self.complete = not message.get("more_body", False)


class Routed(Sender):
    """Sends the requests of a carrier to its app, and nothing to other URLs: that is diagnosed.

    `takes` tells which URLs are the app's, `outside` what the others are: "none of the app's URLs".
    """

    def __init__(
        self, carrier: Platform, sender: Sender, takes: Callable[[str], bool], outside: str
    ) -> None:
        carrier.reaches = takes
        self._carrier = carrier
        self._sender = sender
        self._takes = takes
        self._outside = outside

    async def send(self, delivery: Delivery) -> Outcome:
        if self._takes(delivery.url):
            return await self._sender.send(delivery)
        self._carrier.diagnose(
            "error",
            "external-url",
            f"{delivery.event or 'a file'} goes to {delivery.url}, which is {self._outside} and was"
            " not sent",
            subject=delivery.subject,
        )
        delivery.faulty = True  # so that it is not diagnosed again, as a failed callback
        return Outcome(failure="is not the app's and was not sent")

    async def aclose(self) -> None:
        await self._sender.aclose()


def below(root: str) -> Callable[[str], bool]:
    """Return a predicate for URLs at or below a root, which has no credentials."""

    def takes(url: str) -> bool:
        origin = origin_of(url)
        if origin is None:
            return False
        plain = origin + urlsplit(url).path
        return plain == root or plain.startswith(root.rstrip("/") + "/")

    return takes


def local_or(host: str | None) -> Callable[[str], bool]:
    """Return a predicate for URLs of this machine, and of one more host."""

    def takes(url: str) -> bool:
        try:
            found = urlsplit(url).hostname or ""
        except ValueError:
            return False
        if found in (host, "localhost") or found.endswith(".localhost"):
            return True
        try:
            return ip_address(found).is_loopback
        except ValueError:
            return False

    return takes


def origin_of(url: str) -> str | None:
    """Return scheme, host and port of a URL in one spelling; None if it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = _PORTS[parts.scheme]
    return f"{parts.scheme}://{host}{'' if port in (None, default) else f':{port}'}"
