"""What a phone can be given as an app: alone, inside another one, behind a proxy, or none of ours."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from callbackkit.errors import SetupError
from callbackkit.testing import Phone

from .conftest import make_line

pytestmark = pytest.mark.anyio


async def walk(app: Any, **options: Any) -> Phone:
    """A call over two callbacks with verbs in their replies, without a diagnostic."""
    async with Phone(app, **options) as phone:
        call = await phone.call()
        await call.press("3")
        await call.press("42#")
        await call.hears("You are 42")
        await call.ends()
    assert phone.diagnostics == []
    return phone


@pytest.mark.parametrize("host", [Starlette, FastAPI])
async def test_a_line_is_found_in_its_host(host: Any) -> None:
    line = make_line()
    app = host(lifespan=line.lifespan)
    app.router.routes.extend(line.routes("/bandwidth"))

    phone = await walk(app)

    assert phone.app is line
    assert {d.path for d in phone.carrier.deliveries} == {
        "/bandwidth/",
        "/bandwidth/chosen",
        "/bandwidth/number",
    }


async def test_a_line_is_found_below_mounts() -> None:
    line = make_line(auth=("user", "secret"))
    inner = Starlette(routes=[Mount("/voice", line)])
    outer = Starlette(routes=[Mount("/api", inner)], lifespan=line.lifespan)

    phone = await walk(outer)

    assert phone.carrier.deliveries[0].path == "/api/voice/"


async def test_of_several_lines_one_is_named() -> None:
    sales, support = make_line(), make_line()
    host = Starlette(routes=[*sales.routes("/sales"), *support.routes("/support")])

    assert (await walk(host)).app is sales
    assert (await walk(host, path="/support")).app is support


@pytest.mark.parametrize("mount", ["", "/bandwidth"])
async def test_a_proxy_in_front_is_thought_away(mount: str) -> None:
    line = make_line(public_url=f"https://lines.example.com/api{mount}")
    app = Starlette(routes=[*line.routes(mount)]) if mount else line

    phone = await walk(app)

    assert phone.carrier.deliveries[0].url == f"https://lines.example.com/api{mount}/"


async def test_any_asgi_app_that_speaks_bxml_will_do() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"  # it knows no lifespan
        event = parse_qs(scope["query_string"].decode())["eventType"]
        body = b""
        if event == ["answer"]:
            body = (
                b'<Response><SpeakSentence voice="julie" gender="female" locale="en_US">Hello'
                b"</SpeakSentence><Hangup/></Response>"
            )
        headers = [(b"content-type", b"application/xml")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async with Phone(app, path="/calls") as phone:
        call = await phone.call()
        await call.hears("Hello")
        await call.ends()

    assert phone.diagnostics == []
    assert call.callbacks[0].url == "http://app.test/calls"
    with pytest.raises(SetupError, match="holds no App"):
        _ = phone.app


def test_a_dialect_that_the_app_does_not_speak_is_an_error() -> None:
    with pytest.raises(SetupError, match="the app speaks v1, not v9"):
        Phone(make_line(), dialect="v9")
    with pytest.raises(SetupError, match="not known which dialect the app speaks; dialect is 'v1'"):
        Phone("http://127.0.0.1:3000", dialect="v9")
