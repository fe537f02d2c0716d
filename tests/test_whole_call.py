"""One whole call over real HTTP, by a caller who knows one URL and follows those in the replies.

The platform sends no credentials but those in a URL, as HTTP Basic, and appends an event to
whatever query the URL has; httpx does the first, `Caller` the second.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    Gather,
    GatherEvent,
    Hangup,
    HangupEvent,
    IncomingCallEvent,
    PlayAudio,
    Record,
    RecordingEvent,
    Redirect,
    RedirectEvent,
    Reply,
    Response,
    SpeakSentence,
    TranscriptionEvent,
    lint,
    parse,
)
from callbackkit.v1.samples import make

USER = "b@nd/wïdth %?#&"
PASSWORD = "p@ss:w/ör:d%25é&<\">'"
CALL = "c-wholecall"


def phone_app(heard: list[Any], **options: Any) -> App:
    """Menu, redirect, recording: every kind of URL that a call goes on with."""
    app = App(auth=(USER, PASSWORD), strict=True, **options)

    @app.on(IncomingCallEvent)
    async def rings(call: IncomingCallEvent) -> None:
        heard.append("incomingcall")

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent) -> Reply:
        heard.append("answer")
        menu = SpeakSentence("Press 1.", voice="susan")
        return Gather(menu, max_digits=1, tag="menu", request_url="/digits?menu=main&x=a%26b")

    @app.on(GatherEvent, path="/digits", tag="menu")
    async def digits(gather: GatherEvent, callback: Callback) -> Reply:
        heard.append(("gather", gather.digits, dict(callback.query)))
        return Redirect(request_url="/message/")

    @app.on(RedirectEvent, path="/message")
    async def message(event: RedirectEvent, callback: Callback) -> Reply:
        heard.append(("redirect", dict(callback.query)))
        record = Record(
            request_url="/done?what=recording",
            transcribe=True,
            transcribe_callback_url="/done?what=transcription",
        )
        return [PlayAudio(callback.url("/beep.wav")), record, Hangup()]

    @app.on(RecordingEvent, TranscriptionEvent, path="/done")
    async def done(event: RecordingEvent | TranscriptionEvent, callback: Callback) -> None:
        heard.append((event.event_type, dict(callback.query)))

    @app.on(HangupEvent)
    async def hangup(event: HangupEvent) -> None:
        heard.append("hangup")

    return app


HEARD = [
    "incomingcall",
    "answer",
    ("gather", "1", {"menu": "main", "x": "a&b"}),
    ("redirect", {}),
    ("recording", {"what": "recording"}),
    ("transcription", {"what": "transcription"}),
    "hangup",
]


class Caller:
    """The platform's side of a call."""

    def __init__(self, client: httpx.Client, start: str) -> None:
        self.client = client
        self.start = start

    def get(self, url: str | None, event: str, **fields: str) -> Response | None:
        assert url is not None
        fields = make(event, "GET", callId=CALL, **fields)
        return self._read(self.client.get(f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"))

    def post(self, url: str | None, event: str) -> Response | None:
        assert url is not None
        return self._read(self.client.post(url, json=make(event, "POST")))

    @staticmethod
    def _read(reply: httpx.Response) -> Response | None:
        assert reply.status_code == 200, reply.text
        assert reply.history == []
        if not reply.content:
            return None
        assert [finding for finding in lint(reply.content) if finding.level == "error"] == []
        return parse(reply.content)

    def play(self, root: str) -> None:
        """The call from the first ring to the end; `root` is where all URLs have to be."""
        assert self.get(self.start, "incomingcall") is None
        gather = self._last(self.get(self.start, "answer"), Gather)
        assert gather.request_url == f"{_with_credentials(root)}/digits?menu=main&x=a%26b"
        picked = self.get(gather.request_url, "gather", digits="1", tag=gather.tag or "")
        redirect = self._last(picked, Redirect)
        play, record, end = self.get(redirect.request_url, "redirect") or ()
        assert play == PlayAudio(f"{root}/beep.wav")
        assert end == Hangup()
        assert isinstance(record, Record)
        assert self.get(record.request_url, "recording") is None
        assert self.post(record.transcribe_callback_url, "transcription") is None
        assert self.get(self.start, "hangup") is None

    @staticmethod
    def _last(document: Response | None, kind: type[Any]) -> Any:
        assert document is not None
        verb = document.children[-1]
        assert isinstance(verb, kind)
        return verb


def _with_credentials(root: str) -> str:
    return root.replace("://", f"://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@", 1)


class Proxy(httpx.HTTPTransport):
    """A proxy that ends TLS for phone.example and passes requests on to the server behind it."""

    def __init__(self, server: str, strip: str = "") -> None:
        super().__init__()
        self.server = httpx.URL(server)
        self.strip = strip

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert (request.url.scheme, request.url.host) == ("https", "phone.example")
        path = request.url.raw_path.decode().removeprefix(self.strip)
        headers = httpx.Headers(request.headers)
        headers["x-forwarded-proto"] = "https"
        headers["x-forwarded-for"] = "203.0.113.9"
        # What no proxy of ours sets, but any client may send through it.
        headers["x-forwarded-host"] = "evil.example"
        headers["x-forwarded-prefix"] = "/evil"
        onward = httpx.Request(
            request.method,
            self.server.copy_with(raw_path=path.encode()),
            headers=headers,
            stream=request.stream,
        )
        return super().handle_request(onward)


@pytest.fixture
def client() -> Iterator[Callable[..., httpx.Client]]:
    clients: list[httpx.Client] = []

    def make_client(**options: Any) -> httpx.Client:
        clients.append(httpx.Client(trust_env=False, **options))
        return clients[-1]

    yield make_client
    for made in clients:
        made.close()


def bare(app: App) -> Any:
    return app


def mounted(app: App) -> Any:
    return Starlette(routes=[Mount("/bandwidth", app)], lifespan=app.lifespan)


def routed(app: App) -> Any:
    return FastAPI(routes=app.routes("/bandwidth"), lifespan=app.lifespan)


@pytest.mark.parametrize(
    ("host", "prefix", "slash"),
    [
        (bare, "", "/"),
        (mounted, "/bandwidth", "/"),
        (routed, "/bandwidth", "/"),
        (routed, "/bandwidth", ""),
    ],
)
def test_a_call_follows_the_urls_in_the_replies(serve, client, host, prefix, slash) -> None:
    heard: list[Any] = []
    root = serve(host(phone_app(heard))) + prefix

    Caller(client(), _with_credentials(root) + slash).play(root)

    assert heard == HEARD


@pytest.mark.parametrize("host", [bare, routed])
def test_a_call_goes_through_a_proxy(serve, client, host) -> None:
    heard: list[Any] = []
    options = {"proxy_headers": True, "forwarded_allow_ips": "127.0.0.1"}
    server = serve(host(phone_app(heard)), **options)
    root = "https://phone.example" + ("/bandwidth" if host is routed else "")

    Caller(client(transport=Proxy(server)), f"{_with_credentials(root)}/").play(root)

    assert heard == HEARD


@pytest.mark.parametrize("host", [bare, routed])
def test_a_call_goes_through_a_proxy_that_takes_a_prefix_away(serve, client, host) -> None:
    """uvicorn is told of the prefix by its root_path."""
    heard: list[Any] = []
    options = {"proxy_headers": True, "forwarded_allow_ips": "127.0.0.1", "root_path": "/api"}
    server = serve(host(phone_app(heard)), **options)
    root = "https://phone.example/api" + ("/bandwidth" if host is routed else "")

    Caller(client(transport=Proxy(server, "/api")), f"{_with_credentials(root)}/").play(root)

    assert heard == HEARD


def test_a_call_goes_through_a_proxy_whose_prefix_the_host_sets(serve, client) -> None:
    """As FastAPI(root_path=) does: root_path has the prefix, the path never had it."""
    heard: list[Any] = []
    app = phone_app(heard)
    inner = mounted(app)

    async def host(scope: Any, receive: Any, send: Any) -> None:
        await inner({**scope, "root_path": "/api"}, receive, send)

    server = serve(host, proxy_headers=True, forwarded_allow_ips="127.0.0.1")
    root = "https://phone.example/api/bandwidth"

    Caller(client(transport=Proxy(server, "/api")), f"{_with_credentials(root)}/").play(root)

    assert heard == HEARD


def test_a_call_goes_through_a_proxy_without_forwarded_headers(serve, client) -> None:
    """The public URL is configured, and the server is reached by another name and path."""
    heard: list[Any] = []
    root = "https://phone.example/some/where"
    server = serve(phone_app(heard, public_url=root))

    Caller(client(transport=Proxy(server, "/some/where")), f"{_with_credentials(root)}/").play(root)

    assert heard == HEARD


def test_without_the_credentials_of_the_urls_the_call_ends(serve, client) -> None:
    heard: list[Any] = []
    root = serve(phone_app(heard))
    http = client()

    for url in (root, root.replace("://", "://user:wrong@"), f"{root}/digits?menu=main"):
        reply = http.get(url, params=make("answer", "GET"))
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"].startswith("Basic")

    assert heard == []


def test_a_forged_host_reaches_no_document(serve, client) -> None:
    heard: list[Any] = []
    root = _with_credentials(serve(phone_app(heard)))

    reply = client().get(root, params=make("answer", "GET"), headers={"host": 'x"/><Hangup/>'})

    assert reply.status_code == 400
    assert "Hangup" not in reply.text
