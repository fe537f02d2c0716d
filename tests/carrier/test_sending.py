"""Callbacks as requests: to an app in this process by ASGI, and to a server by real HTTP."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from callbackkit.carrier.delivery import Delivery, Outcome, path_of
from callbackkit.carrier.http import OverHttp
from callbackkit.carrier.sending import (
    MAX_REPLY,
    Asgi,
    Routed,
    below,
    body_of,
    headers_of,
    local_or,
    origin_of,
    outcome_of,
    own_traceback,
    under_way,
)
from callbackkit.v1.carrier import Carrier

pytestmark = pytest.mark.anyio

FIELDS = {"eventType": "sms", "from": "+1", "text": "a & b = \u00e9?", "media": "[x, y]"}


def delivery(url: str, method: str = "GET", timeout: float = 10, **fields: Any) -> Delivery:
    return Delivery("c-1", "sms", method, url, fields or FIELDS, timeout, "BandwidthAPI/v1")


# A delivery by itself.


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("http://app.test", "/", "a=1"),
        ("http://app.test/menu", "/menu", "a=1"),
        ("http://app.test/menu?x=%2B&y#there", "/menu", "x=%2B&y&a=1"),
        ("http://bob:pw@app.test:81/m%20n/", "/m%20n/", "a=1"),
        ("http://[:::]/menu", "http://[:::]/menu", "a=1"),
        ("http://bob:pw@[:::]/menu", "http://bob:***@[:::]/menu", "a=1"),
    ],
)
def test_a_delivery_has_the_path_and_query_of_its_url(url: str, path: str, query: str) -> None:
    one = delivery(url, a="1")
    assert (one.path, one.query, path_of(url)) == (path, query, path)
    assert repr(one) == f"<Delivery GET {path} sms>"
    assert (one.status, one.body) == (None, b"")
    one.outcome = Outcome(204, {}, b"x")
    assert (one.status, one.body) == (204, b"x")


def test_by_GET_the_fields_are_in_the_query_and_by_POST_in_the_body() -> None:
    by_get, by_post = delivery("http://a.test/"), delivery("http://a.test/?x=1", "POST")
    assert by_get.query == ("eventType=sms&from=%2B1&text=a+%26+b+%3D+%C3%A9%3F&media=%5Bx%2C+y%5D")
    assert body_of(by_get) == b""
    assert delivery("http://a.test/", text="\ud83d").query == "text=%3F"  # half a character
    assert by_post.query == "x=1"
    assert json.loads(body_of(by_post)) == FIELDS


def test_the_headers_of_a_delivery() -> None:
    plain = dict(headers_of(delivery("https://a.test:81/x")))
    assert plain == {"host": "a.test:81", "accept": "*/*", "user-agent": "BandwidthAPI/v1"}
    secret = dict(headers_of(delivery("https://bob%40a:p%3Aw@a.test/", "POST")))
    assert secret["host"] == "a.test"
    assert secret["content-type"] == "application/json; charset=utf-8"
    assert base64.b64decode(secret["authorization"].removeprefix("Basic ")) == b"bob@a:p:w"
    far = dict(headers_of(delivery("https://\u4f8b\u3048.test:81/")))
    assert far["host"] == "xn--r8jz45g.test:81"
    lone = dict(headers_of(delivery("https://token@a.test/")))
    assert base64.b64decode(lone["authorization"].removeprefix("Basic ")) == b"token:"


@pytest.mark.parametrize("status", [199, 200, 204, 299, 300, 404, 500])
def test_only_a_2xx_status_is_a_success(status: int) -> None:
    outcome = outcome_of(status, {}, b"")
    good = 200 <= status <= 299
    assert outcome.failure == (None if good else f"was answered with {status}")


# An app that tells what it got.


async def echo(request: Request) -> Response:
    told = {
        "method": request.method,
        "url": str(request.url),
        "root": request.scope["root_path"],
        "query": dict(request.query_params),
        "headers": dict(request.headers),
        "body": (await request.body()).decode(),
        "server": list(request.scope["server"]),
    }
    return Response(json.dumps(told), 201, {"X-Said": "yes"})


async def broken(request: Request) -> Response:
    raise KeyError("order")


async def moved(request: Request) -> Response:
    return RedirectResponse("/echo")


async def huge(request: Request) -> Response:
    return StreamingResponse(iter([b"a" * (MAX_REPLY // 4)] * 12))


async def afterwards(request: Request) -> Response:
    async def fail() -> None:
        raise KeyError("afterwards")

    return PlainTextResponse("sent", background=BackgroundTask(fail))


async def garbled(request: Request) -> Response:
    return Response(b"no gzip", headers={"content-encoding": "gzip"})


def app() -> Starlette:
    handlers = (echo, broken, moved, huge, afterwards, garbled)
    return Starlette(
        routes=[
            Route(f"/{handler.__name__}", handler, methods=["GET", "POST"]) for handler in handlers
        ]
    )


@pytest.fixture(params=["in process", "over HTTP"])
def send(request: pytest.FixtureRequest, serve: Callable[..., str]) -> Callable[..., Any]:
    """Sends a delivery to the app, in both ways."""

    async def sent(path: str, user: str = "", **options: Any) -> tuple[Delivery, Outcome]:
        over_http = request.param == "over HTTP"
        root = serve(app()) if over_http else "http://app.test"
        one = delivery(root.replace("://", f"://{user}") + path, **options)
        sender: Any = OverHttp() if over_http else Asgi(app())
        try:
            return one, await sender.send(one)
        finally:
            await sender.aclose()

    return sent


async def test_a_callback_arrives_by_GET(send: Callable[..., Any]) -> None:
    _, outcome = await send("/echo?x=%2B", "bob:pw@")
    assert (outcome.status, outcome.failure) == (201, None)
    assert outcome.headers["x-said"] == "yes"
    told = json.loads(outcome.body)
    assert told["method"] == "GET"
    assert told["query"] == {"x": "+", **FIELDS}
    assert told["body"] == ""
    assert told["headers"]["user-agent"] == "BandwidthAPI/v1"
    assert told["headers"]["authorization"] == "Basic Ym9iOnB3"
    assert "pw@" not in told["url"]


async def test_a_callback_arrives_by_POST(send: Callable[..., Any]) -> None:
    _, outcome = await send("/echo", method="POST", a=1, b=[True])
    told = json.loads(outcome.body)
    assert (told["method"], json.loads(told["body"])) == ("POST", {"a": 1, "b": [True]})
    assert told["headers"]["content-type"] == "application/json; charset=utf-8"
    assert told["headers"]["content-length"] == str(len(told["body"]))
    assert "authorization" not in told["headers"]


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/moved", 307), ("/nowhere", 404)])
async def test_a_reply_other_than_2xx_is_a_failure(
    send: Callable[..., Any], path: str, status: int
) -> None:
    _, outcome = await send(path)
    assert (outcome.status, outcome.failure) == (status, f"was answered with {status}")
    assert outcome.reached


async def test_a_huge_reply_is_not_read_to_its_end(send: Callable[..., Any]) -> None:
    _, outcome = await send("/huge")
    assert MAX_REPLY < len(outcome.body) <= 2 * MAX_REPLY
    assert outcome.status == 200


async def test_a_reply_counts_that_was_sent_before_something_failed(
    send: Callable[..., Any],
) -> None:
    _, outcome = await send("/afterwards")
    assert (outcome.status, outcome.body, outcome.failure) == (200, b"sent", None)


# In process.


async def test_a_handlers_exception_is_kept_without_our_own_frames() -> None:
    one = delivery("http://app.test/broken")
    outcome = await Asgi(app()).send(one)
    assert outcome.status == 500
    assert one.traceback is not None
    assert one.traceback.endswith("KeyError: 'order'")
    assert "test_sending.py" in one.traceback
    assert 'sending.py"' not in one.traceback.replace('test_sending.py"', "")


async def test_a_task_after_a_reply_that_fails_is_known() -> None:
    one = delivery("http://app.test/afterwards")
    assert (await Asgi(app()).send(one)).failure is None
    assert (one.traceback or "").endswith("KeyError: 'afterwards'")


async def test_an_app_that_raises_before_it_answers_has_answered_with_500() -> None:
    async def bare(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("halfway")

    one = delivery("http://app.test/")
    outcome = await Asgi(bare).send(one)
    assert (outcome.status, outcome.body) == (500, b"")
    assert (one.traceback or "").endswith("RuntimeError: halfway")


async def test_an_app_that_sends_nothing_has_answered_with_500() -> None:
    async def mute(scope: Any, receive: Any, send: Any) -> None:
        pass

    assert (await Asgi(mute).send(delivery("http://app.test/"))).status == 500


async def test_receive_blocks_while_the_client_stays_connected() -> None:
    async def streaming(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "http.request"
        gone = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        assert not gone.done()
        gone.cancel()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    assert (await Asgi(streaming).send(delivery("http://app.test/"))).body == b"ab"


async def test_the_part_of_the_path_that_a_proxy_takes_away() -> None:
    inner = Starlette(routes=[Route("/echo", echo)])
    outcome = await Asgi(inner, "/shop").send(delivery("https://app.test/shop/echo"))
    told = json.loads(outcome.body)
    assert (told["root"], told["server"]) == ("/shop", ["app.test", 443])
    assert told["url"].startswith("https://app.test/shop/echo?")


async def test_the_path_is_decoded_and_kept_as_it_was() -> None:
    seen: list[Any] = []

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["path"], scope["raw_path"], scope["query_string"]))

    await Asgi(bare).send(delivery("http://app.test/a%20b/\u00e9?q=\u00e9", "POST"))
    assert seen == [("/a b/\u00e9", b"/a%20b/%C3%A9", b"q=%C3%A9")]


async def test_the_delivery_under_way_is_known_within_the_app() -> None:
    seen: list[Any] = []

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        seen.append(under_way.get())

    one = delivery("http://app.test/")
    await Asgi(bare).send(one)
    assert seen == [one]
    assert under_way.get() is None


async def test_cancelling_a_callback_cancels_the_app() -> None:
    given_up: list[str] = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.append("slow")

    sending = asyncio.ensure_future(Asgi(slow).send(delivery("http://app.test/")))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert given_up == ["slow"]


def test_a_traceback_of_our_own_frames_alone_is_kept_whole() -> None:
    try:
        origin_of(None)  # type: ignore[arg-type]
    except Exception as error:
        shown = own_traceback(error)
        assert "Error" in shown.rpartition("\n")[2]
        assert "test_sending.py" in shown


# By HTTP.


@asynccontextmanager
async def serving(connection: Any) -> AsyncIterator[str]:
    """A server that knows no HTTP: its URL."""
    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()
    await server.wait_closed()


async def test_a_reply_that_takes_too_long() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with serving(silent) as root:
        sender = OverHttp()
        outcome = await sender.send(delivery(root, timeout=0.05))
        await sender.aclose()
    assert (outcome.status, outcome.failure) == (None, "took longer than 0.05 s")
    assert (outcome.took, outcome.reached) == (0.05, True)


async def test_the_time_that_a_reply_takes(serve: Callable[..., str]) -> None:
    sender = OverHttp()
    outcome = await sender.send(delivery(f"{serve(app())}/echo"))
    assert 0 < outcome.took < 10
    await sender.aclose()


@pytest.mark.parametrize(
    "url", ["ftp://app.test/", "http://127.0.0.1:99999/", "http://[:::]/", "http:///", ""]
)
async def test_an_unusable_URL_is_a_failed_outcome(url: str) -> None:
    sender = OverHttp()
    outcome = await sender.send(delivery(url))
    assert outcome.status is None
    assert outcome.failure
    await sender.aclose()


@pytest.mark.parametrize("host", ["127.0.0.1:1", "b\u00fccher.localhost:1"])
async def test_an_unreachable_server_is_a_failed_outcome(host: str) -> None:
    sender = OverHttp()
    outcome = await sender.send(delivery(f"http://{host}/"))
    assert outcome.failure == "can't be reached: ConnectError"
    assert (outcome.status, outcome.reached) == (None, False)
    await sender.aclose()


async def test_an_unreadable_reply_is_a_failed_outcome(serve: Callable[..., str]) -> None:
    sender = OverHttp()
    outcome = await sender.send(delivery(f"{serve(app())}/garbled"))
    assert outcome.status is None
    assert outcome.failure == "got no reply: DecodingError"
    await sender.aclose()


async def test_a_closed_connection_is_a_failed_outcome() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        writer.close()

    async with serving(rude) as root:
        sender = OverHttp()
        outcome = await sender.send(delivery(root))
        await sender.aclose()
    assert (outcome.status, outcome.reached) == (None, True)
    assert (outcome.failure or "").startswith("got no reply")


# To whom.


class Noting:
    """A sender that only notes what it gets."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.closed = 0

    async def send(self, one: Delivery) -> Outcome:
        self.got.append(one.url)
        return Outcome(200)

    async def aclose(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://app.test/", True),
        ("http://app.test", True),
        ("http://APP.test:80/x?y#z", True),
        ("http://bob:pw@app.test/x", True),
        ("https://app.test/", False),
        ("http://app.test:81/", False),
        ("http://app.test.evil.example/", False),
        ("http://app.test@evil.example/", False),
        ("http://[:::]/", False),
        ("ftp://app.test/", False),
        ("nonsense", False),
    ],
)
async def test_only_URLs_of_the_app_get_callbacks(url: str, taken: bool) -> None:
    carrier, sender = Carrier(), Noting()
    routed = Routed(carrier, sender, below("http://app.test"), "none of the app's URLs")
    outcome = await routed.send(delivery(url))
    assert carrier.reaches(url) == taken
    assert sender.got == [url] * taken
    if not taken:
        assert outcome.failure == "is not the app's and was not sent"
        (found,) = carrier.diagnostics
        assert (found.level, found.rule) == ("error", "external-url")
        assert found.message.endswith("which is none of the app's URLs and was not sent")
    await routed.aclose()
    assert sender.closed == 1


def test_an_app_below_a_path_has_no_URLs_beside_it() -> None:
    takes = below("http://app.test/shop")
    urls = ("shop", "shop/", "shop/x", "shop?a=b", "shopping", "")
    assert [takes(f"http://app.test/{url}") for url in urls] == [True] * 4 + [False] * 2


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://127.0.0.1:3000/", True),
        ("http://127.8.8.8/", True),
        ("http://[::1]:80/x", True),
        ("https://localhost/", True),
        ("http://app.localhost/", True),
        ("http://bob:pw@app.example.com/x", True),
        ("http://example.com/", False),
        ("http://localhost.example.com/", False),
        ("http://192.0.2.1/", False),
        ("http://[:::]/", False),
        ("nonsense", False),
    ],
)
def test_this_machine_and_one_host_can_be_let_in(url: str, taken: bool) -> None:
    assert local_or("app.example.com")(url) == taken
    assert not local_or(None)("http://app.example.com/")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://App.Test:80/x", "http://app.test"),
        ("https://app.test:443", "https://app.test"),
        ("https://app.test:80/", "https://app.test:80"),
        ("http://u:p@[::1]:8080/", "http://[::1]:8080"),
        ("http://app.test:port/", None),
        ("http:///x", None),
        ("/x", None),
        ("mailto:x", None),
    ],
)
def test_the_origin_of_a_URL(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin
