"""Requests as servers hand them over: targets, Host headers, spellings of header names, HEAD."""

import asyncio
import inspect
from base64 import b64encode
from typing import Any

import pytest
from starlette.middleware import Middleware

from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, Reply, SpeakSentence

pytestmark = pytest.mark.anyio

ANSWER = b"eventType=answer&callId=c-1&from=%2B19195551212&to=%2B19195550100"
Headers = list[tuple[bytes, bytes]]


async def ask(
    app: Any,
    method: str = "GET",
    path: str = "/",
    query: bytes = ANSWER,
    headers: Headers | None = None,
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send a request as an ASGI server does, and return status, headers and body."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "scheme": "https",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": query,
        "headers": headers or [],
        "server": ("fallback.test", 443),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *bodies = sent
    return start["status"], dict(start["headers"]), b"".join(one.get("body", b"") for one in bodies)


def asking(**options: Any) -> App:
    app = App(**options)

    @app.on(AnswerEvent)
    async def menu(call: AnswerEvent) -> Reply:
        return Gather(SpeakSentence("Press 1.", voice="susan"), request_url="/picked")

    @app.on(GatherEvent, path="/picked")
    async def picked(event: GatherEvent) -> Reply:
        return SpeakSentence("Thank you.", voice="susan")

    return app


async def test_a_reply_to_head_has_no_body() -> None:
    app = asking(health="/up", auth=("user", "password"))
    status, headers, body = await ask(app, "HEAD", "/up")
    assert (status, headers[b"content-length"], body) == (200, b"3", b"")
    assert (await ask(app, "GET", "/up"))[2] == b"ok\n"
    assert (await ask(app, "HEAD", "/"))[2] == b""
    assert (await ask(asking(), "HEAD", "/"))[::2] == (405, b"")


async def test_two_hosts_are_refused() -> None:
    two = [(b"host", b"app.test"), (b"host", b"evil.example")]
    status, _, body = await ask(asking(), headers=two)
    assert (status, body) == (400, b"the request has several Host headers\n")


@pytest.mark.parametrize("headers", [[], [(b"host", b"")], [(b"host", b" ")]])
async def test_without_a_host_the_server_is_the_host(headers: Headers) -> None:
    assert b'"https://fallback.test:443/picked"' in (await ask(asking(), headers=headers))[2]


@pytest.mark.parametrize("name", [b"host", b"Host", b"HOST"])
async def test_the_name_of_host_may_be_written_in_any_case(name: bytes) -> None:
    body = (await ask(asking(), headers=[(name, b"app.test")]))[2]
    assert b'"https://app.test/picked"' in body


@pytest.mark.parametrize("name", [b"authorization", b"Authorization", b"AUTHORIZATION"])
async def test_the_name_of_authorization_may_be_written_in_any_case(name: bytes) -> None:
    app = asking(auth=("user", "password"))
    right = (name, b"Basic " + b64encode(b"user:password"))
    assert (await ask(app, headers=[(b"host", b"a.test"), right]))[0] == 200
    wrong = (name, b"Basic " + b64encode(b"user:other"))
    assert (await ask(app, headers=[(b"host", b"a.test"), wrong]))[0] == 401
    # Of two, a proxy may have checked the other one.
    both = [(b"host", b"a.test"), right, (b"authorization", right[1])]
    assert (await ask(app, headers=both))[0] == 401


@pytest.mark.parametrize("target", ["http://app.test/picked", "https://app.test:8443/picked"])
async def test_a_target_that_is_a_whole_url_goes_by_its_path(target: str) -> None:
    query = b"eventType=gather&callId=c-1&gatherId=g-1&digits=1"
    status, _, body = await ask(asking(), path=target, query=query)
    assert status == 200
    assert b"Thank you." in body
    assert (await ask(asking(), path="http://app.test"))[0] == 200


class AskedForItsKind:
    """Middleware that looks at what it wraps, as sentry-sdk 2 does, to tell ASGI 2 from 3."""

    def __init__(self, app: Any) -> None:
        if inspect.isclass(app):
            self.is_three = hasattr(app, "__await__")
        elif inspect.isfunction(app):
            self.is_three = inspect.iscoroutinefunction(app)
        else:
            call = getattr(app, "__call__", None)  # noqa: B004
            self.is_three = inspect.iscoroutinefunction(call)
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.is_three:
            await self.app(scope, receive, send)
        else:
            await self.app(scope)(receive, send)


async def test_middleware_takes_the_app_for_asgi_3() -> None:
    app = asking(asgi_middleware=[Middleware(AskedForItsKind), Middleware(AskedForItsKind)])
    assert (await ask(app))[0] == 200
    assert asyncio.iscoroutinefunction(app.__call__)
