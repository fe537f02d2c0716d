"""The app in host frameworks: URLs that work, and who starts and stops it. Needs the extra `hosts`.

README has these in a table. Those with `Switch` and `MountedAt` don't work without it.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from callbackkit.mounting import MountedAt, Switch
from callbackkit.v1 import App, Gather, parse

pytest.importorskip("litestar", reason="needs the extra hosts: pip install '.[test,hosts]'")
# What the frameworks use is their own affair.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def quart(app: App) -> Any:
    from hypercorn.middleware import DispatcherMiddleware
    from quart import Quart

    host = Quart("host")

    @host.get("/own")
    async def own() -> str:
        return "host"

    return DispatcherMiddleware({"/bandwidth": app, "": host})


def blacksheep(app: App) -> Any:
    from blacksheep import Application
    from blacksheep.messages import Response
    from blacksheep.server.responses import text
    from blacksheep.server.routing import Router

    host = Application(router=Router())

    @host.router.get("/own")
    async def own() -> Response:
        return text("host")

    @host.lifespan
    async def running() -> AsyncIterator[None]:
        async with app.lifespan():
            yield

    host.mount("/bandwidth", app)
    return host


def django(app: App) -> Any:
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse
    from django.urls import path

    class Urls:
        urlpatterns = [path("own", lambda request: HttpResponse("host"))]

    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"], ROOT_URLCONF=Urls, SECRET_KEY="s", LOGGING_CONFIG=None
        )
    return Switch("/bandwidth", app, get_asgi_application())


def channels(app: App) -> Any:
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.urls import re_path

    others = django(app).otherwise
    routes = [
        re_path(r"^bandwidth(?:/.*)?$", MountedAt("/bandwidth", app)),
        re_path("", others),
    ]
    return ProtocolTypeRouter({"http": URLRouter(routes), "lifespan": app})


def falcon(app: App) -> Any:
    from falcon.asgi import App as Falcon

    class Own:
        async def on_get(self, request: Any, response: Any) -> None:
            response.text = "host"

    host = Falcon()
    host.add_route("/own", Own())
    return Switch("/bandwidth", app, host)


def sanic(app: App) -> Any:
    from sanic import Sanic
    from sanic.response import text

    Sanic.test_mode = True
    host = Sanic("host")

    @host.get("/own")
    async def own(request: Any) -> Any:
        return text("host")

    return Switch("/bandwidth", app, host)


def litestar(app: App) -> Any:
    from litestar import Litestar, asgi, get

    @get("/own", media_type="text/plain")
    async def own() -> str:
        return "host"

    mount = asgi("/bandwidth", is_mount=True, copy_scope=True)
    mounted = mount(MountedAt("/bandwidth", app, stripped=True))
    return Litestar([own, mounted], lifespan=[app.lifespan])


def lilya(app: App) -> Any:
    from lilya.apps import Lilya
    from lilya.routing import Path

    async def own() -> str:
        return "host"

    return Switch("/bandwidth", app, Lilya(routes=[Path("/own", own)]))


def lilya_include(app: App) -> Any:
    """The bare prefix gets a redirect there, so that the URL has its slash."""
    from lilya.apps import Lilya
    from lilya.routing import Include, Path

    async def own() -> str:
        return "host"

    def lifespan(host: Any) -> Any:  # Lilya calls a method such as app.lifespan without the host
        return app.lifespan(host)

    routes = [Path("/own", own), Include("/bandwidth", app=app)]
    return Lilya(routes=routes, lifespan=lifespan)


Host = Callable[[App], Any]
BARE = ["/bandwidth", "/bandwidth/"]


@pytest.mark.parametrize(
    ("host", "paths"),
    [
        (quart, BARE),
        (blacksheep, BARE),
        (django, BARE),
        (channels, BARE),
        (falcon, BARE),
        (sanic, BARE),
        (litestar, BARE),
        (lilya, BARE),
        (lilya_include, ["/bandwidth/"]),
    ],
)
def test_a_call_in_a_host(
    line: App,
    log: list[str],
    serve: Callable[..., str],
    call: Callable[..., str],
    host: Host,
    paths: list[str],
) -> None:
    """The app is open before the first callback, and closed at the end."""
    url = serve(host(line))
    assert log == ["open"]

    for path in paths:
        assert call(url + path) == f"{url}/bandwidth/picked"
    own = httpx.get(f"{url}/own", trust_env=False)
    assert own.text.strip('"') == "host"
    assert log == ["open"]


@pytest.mark.parametrize("host", [django, falcon, litestar, lilya, lilya_include])
def test_a_call_in_a_host_under_a_root_path(
    line: App, serve: Callable[..., str], call: Callable[..., str], host: Host
) -> None:
    url = serve(host(line), root_path="/api")

    def through(outside: str) -> str:
        return outside.replace("/api/", "/", 1)

    assert call(f"{url}/api/bandwidth/", through) == f"{url}/api/bandwidth/picked"


def invoked(app: App, path: str, query: dict[str, str], **options: Any) -> Any:
    """What AWS Lambda gets for an HTTP API's request (payload format 2.0)."""
    from mangum import Mangum

    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": str(httpx.QueryParams(query)),
        "headers": {
            "host": "example.com",
            "x-forwarded-proto": "https",
            "authorization": httpx.BasicAuth("user", "secret")._auth_header,
        },
        "requestContext": {
            "http": {
                "method": "GET",
                "path": path,
                "sourceIp": "192.0.2.1",
                "protocol": "HTTP/1.1",
            },
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    return Mangum(app, **options)(event, {})


@pytest.mark.parametrize("kept", [False, True], ids=["base-path", "no-base-path"])
def test_a_call_on_aws_lambda(line: App, kept: bool) -> None:
    """Each invocation starts and stops the app, as mangum runs its lifespan."""
    app: Any = MountedAt("/bandwidth", line, stripped=not kept)
    options = {} if kept else {"api_gateway_base_path": "/bandwidth"}

    reply = invoked(app, "/bandwidth", {"eventType": "answer", "callId": "c-1"}, **options)

    (gather,) = parse(reply["body"].encode())
    assert isinstance(gather, Gather)
    assert gather.request_url == "https://user:secret@example.com/bandwidth/picked"
    path = urlsplit(gather.request_url).path
    reply = invoked(app, path, {"eventType": "gather", "callId": "c-1"}, **options)
    assert "<Hangup/>" in reply["body"]
