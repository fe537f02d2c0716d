"""Where generated URLs point: to the configured root or the request's own, and to nothing forged."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from callbackkit.errors import SetupError
from callbackkit.urls import Roots
from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    Gather,
    GatherEvent,
    Hangup,
    PlayAudio,
    Record,
    Redirect,
    Reply,
    SpeakSentence,
    TranscriptionEvent,
    Transfer,
    parse,
)

pytestmark = pytest.mark.anyio

ANSWER = {"eventType": "answer", "callId": "c-1"}
GATHER = {"eventType": "gather", "callId": "c-1", "digits": "1", "tag": "t"}
SECRET = "p@ss:w/r%d é"


def asking(url: str = "/digits", **options: Any) -> App:
    """An app that answers a call with a Gather whose requestUrl is `url`."""
    app = App(**options)

    @app.on(AnswerEvent)
    async def ask(call: AnswerEvent) -> Reply:
        return Gather(SpeakSentence("Yes?", voice="susan"), request_url=url)

    return app


async def url_in(reply: httpx.Response) -> str:
    assert reply.status_code == 200, reply.text
    (gather,) = parse(reply.content)
    assert isinstance(gather, Gather)
    assert gather.request_url is not None
    return gather.request_url


async def get(client: httpx.AsyncClient, path: str = "/", **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.get(path, params=ANSWER, headers=names)


# From the request


@pytest.mark.parametrize(
    "host", ["app.test", "app.test:8443", "127.0.0.1:8000", "[::1]:8000", "xn--bcher-kva.example"]
)
async def test_a_path_is_below_the_requests_host(in_process, host: str) -> None:
    async with in_process(asking(), base_url="https://ignored.test") as client:
        assert await url_in(await get(client, host=host)) == f"https://{host}/digits"


async def test_forwarded_host_and_prefix_are_not_trusted(in_process) -> None:
    async with in_process(asking()) as client:
        reply = await get(
            client,
            x_forwarded_host="evil.example",
            x_forwarded_prefix="/evil",
            x_forwarded_proto="https",
            forwarded="host=evil.example;proto=https",
            x_original_url="/evil",
        )

    assert await url_in(reply) == "http://app.test/digits"


@pytest.mark.parametrize(
    "host",
    [
        'x"/><Hangup/>',
        "x/../evil",
        "evil.example/",
        "user@evil.example",
        "a b",
        "evil.example?x=",
        "evil.example#",
        "[::1",
        "a:port",
        "ex\u00e4mple.test",
        "a&b",
        "",
    ],
)
async def test_an_invalid_host_is_refused(in_process, host: str) -> None:
    async with in_process(asking()) as client:
        request = client.build_request("GET", "/", params=ANSWER)
        request.headers = httpx.Headers([(b"host", host.encode("latin-1"))])
        reply = await client.send(request)

    assert reply.status_code == 400
    assert b"evil" not in reply.content
    assert b"<" not in reply.content


@given(host=st.binary(max_size=30))
def test_no_host_adds_anything_to_a_url(host: bytes) -> None:
    """Whatever is sent as Host: a plain root with nothing but a host in it, or an error."""
    scope = {"headers": [(b"host", host)], "scheme": "http", "root_path": ""}
    try:
        root = Roots(None, ("user", "secret")).of(scope).plain
    except ValueError:
        return

    assert root == f"http://{host.decode('ascii')}"
    assert not set("\"'<>&/?#@\\ \t\r\n\0") & set(root.removeprefix("http://"))


@pytest.mark.parametrize("prefix", ["/bücher", "/a b", "/50%", "/a&b", '/"quoted"', "/a/b"])
async def test_a_mount_path_is_percent_encoded(in_process, prefix: str) -> None:
    app = asking()
    seen: list[str] = []

    @app.on(GatherEvent, path="/digits")
    async def digits(gather: GatherEvent, callback: Callback) -> None:
        seen.append(callback.path)

    async with in_process(Starlette(routes=[Mount(prefix, app)])) as client:
        url = await url_in(await get(client, quote(prefix) + "/"))
        assert url == f"http://app.test{quote(prefix)}/digits"
        assert (await client.get(url, params=GATHER)).status_code == 200

    assert seen == ["/digits"]


@given(prefix=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_no_mount_path_leaves_the_path_of_a_url(prefix: str) -> None:
    scope = {"headers": [(b"host", b"a.test")], "scheme": "http", "root_path": f"/{prefix}"}

    root = Roots(None, None).of(scope).plain

    parts = urlsplit(root)
    assert (parts.netloc, parts.query, parts.fragment) == ("a.test", "", "")
    assert not set("\"'<>& \t\r\n\0") & set(root)


# From the configuration


@pytest.mark.parametrize(
    ("public_url", "root"),
    [
        ("https://example.com", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com:8443/bandwidth/", "https://example.com:8443/bandwidth"),
        ("https://example.com/b%C3%BCcher", "https://example.com/b%C3%BCcher"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
    ],
)
async def test_the_public_url_is_the_whole_root(in_process, public_url: str, root: str) -> None:
    app = asking(public_url=public_url)

    async with in_process(Starlette(routes=[Mount("/somewhere", app)])) as client:
        assert await url_in(await get(client, "/somewhere/")) == f"{root}/digits"


async def test_the_public_url_comes_from_the_environment(
    in_process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLBACKKIT_PUBLIC_URL", "https://example.com/bandwidth")
    async with in_process(asking()) as client:
        assert await url_in(await get(client)) == "https://example.com/bandwidth/digits"
    async with in_process(asking(public_url="https://other.example")) as client:
        assert await url_in(await get(client)) == "https://other.example/digits"


async def test_a_public_url_needs_no_host(in_process) -> None:
    async with in_process(asking(public_url="https://example.com")) as client:
        reply = await get(client, host='x"/><Hangup/>')

    assert await url_in(reply) == "https://example.com/digits"


@pytest.mark.parametrize(
    "public_url",
    [
        "example.com",
        "//example.com",
        "ftp://example.com",
        "https://",
        "https://user:hunter2@example.com",
        "https://example.com/?a=b",
        "https://example.com/#a",
        "https://example.com/\n",
        "https://exam ple.com",
        'https://example.com"/><Hangup/>',
        "https://example.com:port/",
    ],
)
def test_another_public_url_is_refused(public_url: str) -> None:
    with pytest.raises(SetupError, match="public_url must be the root's whole") as caught:
        App(public_url=public_url)

    assert "hunter2" not in str(caught.value)


# Credentials


async def test_callback_urls_carry_the_first_pair_and_media_never(in_process) -> None:
    app = App(auth=[("us@r", SECRET), ("old", "older")])

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, callback: Callback) -> Reply:
        return [
            PlayAudio(callback.url("/hello.wav")),
            Record(
                request_url="/recorded", transcribe=True, transcribe_callback_url="/transcribed"
            ),
            Transfer(transfer_to="+19195550101", request_url="/ended"),
            Redirect(request_url="/next"),
        ]

    async with in_process(app) as client:
        reply = await client.get("/", params=ANSWER, auth=("old", "older"))

    play, record, transfer, redirect = parse(reply.content)
    root = f"http://us%40r:{quote(SECRET, safe='')}@app.test"
    assert isinstance(play, PlayAudio)
    assert play.url == "http://app.test/hello.wav"
    assert isinstance(record, Record)
    assert record.request_url == f"{root}/recorded"
    assert record.transcribe_callback_url == f"{root}/transcribed"
    assert isinstance(transfer, Transfer)
    assert transfer.request_url == f"{root}/ended"
    assert isinstance(redirect, Redirect)
    assert redirect.request_url == f"{root}/next"
    # What a client sends for such a URL is the pair again.
    assert (httpx.URL(root).username, httpx.URL(root).password) == ("us@r", SECRET)


async def test_absolute_urls_get_no_credentials(in_process) -> None:
    async with in_process(asking("https://other.example/x", auth=("user", SECRET))) as client:
        reply = await client.get("/", params=ANSWER, auth=("user", SECRET))

    assert await url_in(reply) == "https://other.example/x"


async def test_a_public_url_carries_the_credentials_too(in_process) -> None:
    app = asking(auth=("user", "pass"), public_url="https://example.com/bw")
    async with in_process(app) as client:
        reply = await client.get("/", params=ANSWER, auth=("user", "pass"))

    assert await url_in(reply) == "https://user:pass@example.com/bw/digits"


async def test_nothing_shows_the_password(in_process, caplog: pytest.LogCaptureFixture) -> None:
    """Not the repr of what handlers and observers get, not the log, not an error."""
    caplog.set_level(logging.DEBUG, "callbackkit")
    app = App(auth=("user", "hunter2"), fallback=Redirect(request_url="/sorry"))
    shown: list[str] = []

    @app.on(AnswerEvent, tag="fails")
    async def fail(call: AnswerEvent, callback: Callback) -> Reply:
        raise RuntimeError(f"at {callback.root}")

    @app.on(AnswerEvent, tag="big")
    async def big(call: AnswerEvent, callback: Callback) -> Reply:
        url = callback.url("/" + "x" * 17_000, credentials=True)
        return [SpeakSentence("x", voice="susan"), Redirect(request_url=url)]

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, callback: Callback) -> Reply:
        url = callback.url("/x", credentials=True)
        assert url == "http://user:hunter2@app.test/x"
        shown.extend([repr(callback), repr(callback.root), str(callback.root)])
        shown.append(repr(Redirect(request_url=url)))
        return Redirect(request_url="/x")

    app.observe(lambda observation: shown.append(f"{observation!r} {observation.reply}"))

    async with in_process(app) as client:
        for tag in ("", "fails", "big"):
            reply = await client.get("/", params=ANSWER | {"tag": tag}, auth=("user", "hunter2"))
            assert b"user:hunter2@app.test" in reply.content

    assert len(shown) == 7
    assert [text for text in shown if "hunter2" in text] == []
    assert caplog.text.count("failed for") == 2
    assert "hunter2" not in caplog.text
    assert "hunter2" not in repr(app)


# What comes back


async def test_the_users_own_query_comes_back_apart_from_the_event(in_process) -> None:
    app = asking("/digits?menu=main&x=a%26b&blank=&menu=again")
    seen: list[Any] = []

    @app.on(GatherEvent, path="/digits")
    async def digits(gather: GatherEvent, callback: Callback) -> None:
        seen.append((gather.digits, gather.tag, callback.query.multi_items()))

    async with in_process(app) as client:
        url = await url_in(await get(client))
        assert url == "http://app.test/digits?menu=main&x=a%26b&blank=&menu=again"
        await client.get(f"{url}&{httpx.QueryParams(GATHER)}")

    pairs = [("menu", "main"), ("x", "a&b"), ("blank", ""), ("menu", "again")]
    assert seen == [("1", "t", pairs)]


async def test_a_post_has_the_whole_query_for_the_user(in_process) -> None:
    app = App()
    seen: list[Any] = []

    @app.on(TranscriptionEvent)
    async def done(event: TranscriptionEvent, callback: Callback) -> None:
        seen.append((event.text, dict(callback.query)))

    body = {"eventType": "transcription", "transcriptionId": "t-1", "text": "hello"}
    async with in_process(app) as client:
        await client.post("/done?text=mine&call=c-1", json=body)

    assert seen == [("hello", {"text": "mine", "call": "c-1"})]


async def test_a_query_sent_raw_is_read_as_the_event_is(in_process) -> None:
    """A sender that doesn't encode: own parameters and fields come out alike."""
    app = App()
    seen: list[Any] = []

    @app.on(GatherEvent)
    async def digits(gather: GatherEvent, callback: Callback) -> None:
        seen.append((gather.tag, callback.query["mine"]))

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": "mine=café&eventType=gather&callId=c-1&tag=café".encode(),
        "headers": [(b"host", b"app.test")],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        pass

    await app(scope, receive, send)

    assert seen == [("café", "café")]


@pytest.mark.parametrize("registered", ["/digits", "/digits/"])
@pytest.mark.parametrize("requested", ["/digits", "/digits/", "/bw/digits", "/bw/digits/"])
async def test_a_trailing_slash_is_ignored_in_paths(
    in_process, registered: str, requested: str
) -> None:
    app = App()
    seen: list[str] = []

    @app.on(GatherEvent, path=registered)
    async def digits(gather: GatherEvent) -> None:
        seen.append(gather.digits or "")

    host = Starlette(routes=[Mount("/bw", app), Mount("/", app)])
    async with in_process(host) as client:
        await client.get(requested, params=GATHER)

    assert seen == ["1"]


@pytest.mark.parametrize(
    ("requested", "path"),
    [("/bw/x", "/x"), ("/bw", "/"), ("/bw/", "/"), ("/bwx", "/bwx"), ("/x/bw", "/x/bw")],
)
async def test_only_a_whole_segment_is_the_root(in_process, requested: str, path: str) -> None:
    """A server may name a root that the path is without: a proxy has taken it away."""
    app = App()
    seen: list[str] = []

    @app.on(GatherEvent)
    async def digits(gather: GatherEvent, callback: Callback) -> None:
        seen.append(callback.path)

    async with in_process(app, root_path="/bw") as client:
        await client.get(requested, params=GATHER)

    assert seen == [path]


async def test_the_root_of_a_mount_is_a_path_too(in_process) -> None:
    app = asking("/")
    seen: list[str] = []

    @app.on(GatherEvent, path="/")
    async def digits(gather: GatherEvent) -> None:
        seen.append(gather.digits or "")

    async with in_process(Starlette(routes=app.routes("/bw"))) as client:
        url = await url_in(await get(client, "/bw"))
        assert url == "http://app.test/bw/"
        for path in (url, "/bw", "/bw/"):
            assert (await client.get(path, params=GATHER)).status_code == 200

    assert seen == ["1", "1", "1"]


# Media


async def test_url_takes_paths_below_the_root_only(in_process) -> None:
    app = App(strict=True)
    refused: list[str] = []

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, callback: Callback) -> Reply:
        for path in ("hello.wav", "//evil.example/x.wav", "https://evil.example/x.wav", ""):
            with pytest.raises(SetupError, match="starts with one slash"):
                callback.url(path)
            refused.append(path)
        return [PlayAudio(callback.url("/hello.wav")), Hangup()]

    async with in_process(Starlette(routes=[Mount("/bw", app)])) as client:
        reply = await get(client, "/bw/")

    play, _ = parse(reply.content)
    assert isinstance(play, PlayAudio)
    assert play.url == "http://app.test/bw/hello.wav"
    assert len(refused) == 4


def test_a_server_without_host_header(in_process: Callable[..., Any]) -> None:
    """HTTP/1.0: the address that the server listens on is all there is."""
    scope = {"headers": [], "scheme": "http", "root_path": "", "server": ("::1", 8000)}
    assert Roots(None, None).of(scope).plain == "http://[::1]:8000"
    assert Roots(None, None).of(scope | {"server": ("a.test", 80)}).plain == "http://a.test:80"
    assert Roots(None, None).of({"headers": []}).plain == "http://localhost"
