"""Where generated URLs point: to the configured root or the request's own, and to nothing forged."""

import inspect
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from callbackkit.addresses import HTTP_URL
from callbackkit.errors import SetupError
from callbackkit.testing import Phone
from callbackkit.urls import HostError, Roots
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
    RedirectEvent,
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

    assert root == f"http://{host.strip().decode('ascii') or 'localhost'}"
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


# The path below the app, for every way in which a server, a proxy and a host name it

SEGMENTS = st.lists(st.sampled_from(["api", "bw", "v1", "b c", "ü"]), max_size=2)


@given(
    server=SEGMENTS,
    mount=SEGMENTS,
    rest=st.sampled_from(["", "/", "/picked", "/picked/", "/a/b"]),
    stripped=st.booleans(),
    starlette=st.booleans(),
    whole_url=st.booleans(),
    slash=st.booleans(),
)
def test_the_path_below_is_right_for_each_server_proxy_and_mount(
    server: list[str],
    mount: list[str],
    rest: str,
    stripped: bool,
    starlette: bool,
    whole_url: bool,
    slash: bool,
) -> None:
    """The server's root path is taken away by a proxy or not, a mount adds to it, and leaves in
    app_root_path what there was before, or not."""
    outer, inner = ("".join(f"/{one}" for one in names) for names in (server, mount))
    path = ("" if stripped else outer) + inner + rest
    if whole_url:
        path = f"http://app.test{path}"
    root = outer + inner + ("/" if slash and outer + inner else "")
    scope = {"path": path, "root_path": root} | ({"app_root_path": outer} if starlette else {})

    assert Roots(None, None).path_below(scope) == (rest or "/")


@given(prefix=SEGMENTS, rest=st.sampled_from(["", "/", "/picked", "/a/b/"]), kept=st.booleans())
def test_a_proxy_may_keep_the_path_of_the_public_url(
    prefix: list[str], rest: str, kept: bool
) -> None:
    path = "".join(f"/{one}" for one in prefix)
    roots = Roots(f"https://example.com{quote(path)}/", None)
    for root in ({}, {"root_path": ""}, {"root_path": "/other"}, {"root_path": path}):
        scope = {"path": (path if kept else "") + rest, **root}
        assert roots.path_below(scope) == (rest or "/")


@pytest.mark.parametrize("root", ["/api", "api", "/api/", "api/"])
@pytest.mark.parametrize("target", ["/picked", "http://h/picked"])
def test_a_root_path_has_its_slashes_or_not(root: str, target: str) -> None:
    """uvicorn puts its root path in front of every target as it stands, even of a whole URL."""
    roots = Roots(None, None)

    assert roots.path_below({"path": root + target, "root_path": root}) == "/picked"
    assert roots.path_below({"path": target, "root_path": root}) == "/picked"
    assert roots.path_below({"path": "/api/picked", "root_path": root}) == "/picked"


@pytest.mark.parametrize(
    ("root", "path", "below"),
    [
        ("/api/bandwidth", "/bandwidthx", "/bandwidthx"),
        ("/api/bandwidth", "/apix", "/apix"),
        ("/api/bandwidth", "/api/picked", "/api/picked"),
        (None, "", "/"),
        ("/", "/picked", "/picked"),
        ("", "picked", "/picked"),
    ],
)
def test_what_is_no_prefix_stays(root: str | None, path: str, below: str) -> None:
    assert Roots(None, None).path_below({"path": path, "root_path": root}) == below


@pytest.mark.parametrize(
    "public_url", ["https://example.com/bandwidth", "https://example.com/a%20b"]
)
@pytest.mark.parametrize("strips", [True, False])
async def test_a_proxy_that_keeps_the_prefix_needs_the_public_url_only(
    in_process, public_url: str, strips: bool
) -> None:
    app = asking(public_url=public_url)
    seen: list[str] = []

    @app.on(GatherEvent, path="/digits")
    async def digits(gather: GatherEvent, callback: Callback) -> None:
        seen.append(callback.path)

    async with in_process(app) as client:
        url = await url_in(await get(client, urlsplit(public_url).path))
        assert url == f"{public_url}/digits"
        sent = url.removeprefix(public_url if strips else "https://example.com")
        await client.get(sent, params=GATHER)

    assert seen == ["/digits"]


async def test_a_path_that_a_handler_names_is_no_prefix(in_process) -> None:
    """A proxy that takes /voice away leaves /voice of /voice/voice."""
    app = App(public_url="https://example.com/voice")
    seen: list[str] = []

    @app.on(GatherEvent, path="/voice")
    async def digits(gather: GatherEvent, callback: Callback) -> None:
        seen.append(callback.path)

    async with in_process(app) as client:
        await client.get("/voice", params=GATHER)
    async with in_process(app, root_path="/api/voice") as client:
        await client.get("/voice", params=GATHER)

    assert seen == ["/voice", "/voice"]


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


# Built by url()


@pytest.mark.parametrize("builder", ["callback", "app"])
@pytest.mark.parametrize("auth", [None, ("us@r", SECRET)])
@pytest.mark.parametrize("prefix", ["", "/bw"])
@pytest.mark.parametrize(("end", "pressed"), [("#", "0123456789*"), ("*", "0123456789#")])
async def test_a_built_url_works_in_a_verb_as_it_stands(
    builder: str, auth: tuple[str, str] | None, prefix: str, end: str, pressed: str
) -> None:
    """Every key arrives as it was pressed, and the next callback has the credentials."""
    app = App(auth=auth)
    seen: list[dict[str, str]] = []

    @app.on(AnswerEvent)
    async def ask(call: AnswerEvent) -> Reply:
        return Gather(
            SpeakSentence("Your code?", voice="susan"),
            request_url="/picked",
            terminating_digits=end,
        )

    @app.on(GatherEvent, path="/picked")
    async def picked(event: GatherEvent, callback: Callback) -> Reply:
        url = {"callback": callback.url, "app": app.url}[builder]
        return Redirect(request_url=url("/lookup", query={"code": event.digits or "", "n": [1, 2]}))

    @app.on(RedirectEvent, path="/lookup")
    async def look_up(event: RedirectEvent, callback: Callback) -> Reply:
        seen.append({"code": callback.query["code"], "n": "".join(callback.query.getlist("n"))})
        return Hangup()

    host = Starlette(routes=app.routes(prefix)) if prefix else app
    async with Phone(host) as phone:
        call = await phone.call()
        await call.press(f"{pressed}{end}")
        await call.ends()

    assert seen == [{"code": pressed, "n": "12"}]
    assert phone.diagnostics == []


@pytest.mark.parametrize("key", "*#")
async def test_a_crawl_meets_the_keys_that_a_url_has_no_room_for(key: str) -> None:
    """A handler that puts digits into a URL fails for # and works for *; `explore` tries both."""
    app = App()

    @app.on(AnswerEvent)
    async def ask(call: AnswerEvent) -> Reply:
        end = "*" if key == "#" else "#"
        prompt = SpeakSentence("Your code?", voice="susan")
        return Gather(prompt, request_url="/picked", terminating_digits=end)

    @app.on(GatherEvent, path="/picked")
    async def picked(event: GatherEvent) -> Reply:
        return Redirect(request_url=f"/lookup?code={event.digits}")

    @app.on(RedirectEvent, path="/lookup")
    async def look_up(event: RedirectEvent) -> Reply:
        return [SpeakSentence("Goodbye.", voice="susan"), Hangup()]

    async with Phone(app, strict=False) as phone:
        found = await phone.explore()

    edges = {key for edge in found.edges for key in edge.inputs}
    assert edges >= set("0123456789*#")
    raised = [finding.path for finding in found.findings if finding.rule == "handler-raised"]
    assert raised == ([("#",)] if key == "#" else [])


async def test_a_url_of_the_apps_own_gets_what_a_path_gets(in_process) -> None:
    """Credentials, in the attributes that are called back, and only below the root."""
    app = App(auth=("user", "secret"))

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, callback: Callback) -> Reply:
        speak = SpeakSentence('requestUrl="http://app.test/bw/x"', voice="susan")
        play = PlayAudio(callback.url("/hello.wav"))
        return [
            speak,
            Gather(play, request_url=callback.url("/picked")),
            Transfer(
                Record(request_url=callback.url("/r")),
                transfer_to="+1919",
                request_url="http://app.test/bwx",
            ),
            Redirect(request_url=callback.url("/next", credentials=True)),
        ]

    async with in_process(Starlette(routes=[Mount("/bw", app)])) as client:
        reply = await client.get("/bw/", params=ANSWER, auth=("user", "secret"))

    speak, gather, transfer, redirect = parse(reply.content)
    assert isinstance(gather, Gather)
    assert isinstance(transfer, Transfer)
    assert isinstance(redirect, Redirect)
    root = "http://user:secret@app.test/bw"
    assert gather.request_url == f"{root}/picked"
    assert gather.children == (PlayAudio("http://app.test/bw/hello.wav"),)
    assert speak == SpeakSentence('requestUrl="http://app.test/bw/x"', voice="susan")
    assert transfer.children[-1] == Record(request_url=f"{root}/r")
    assert transfer.request_url == "http://app.test/bwx"
    assert redirect.request_url == f"{root}/next"


def test_app_url_needs_a_public_url_and_no_handler() -> None:
    app = App(public_url="https://x.example/bandwidth", auth=("u", "p@ss"))

    url = app.url("/reminder", query={"appt": 3}, credentials=True)
    assert url == "https://u:p%40ss@x.example/bandwidth/reminder?appt=3"
    assert app.url("/reminder?appt=3") == "https://x.example/bandwidth/reminder?appt=3"
    query = {"to": "+1919", "text": "a b&c=d#é", "n": [1, 2.5]}
    built = app.url("/bücher?a=1", query=query)
    encoded = "to=%2B1919&text=a%20b%26c%3Dd%23%C3%A9&n=1&n=2.5"
    assert built == f"https://x.example/bandwidth/b%C3%BCcher?a=1&{encoded}"
    with pytest.raises(SetupError, match="no public URL is known here; give the app public_url="):
        App().url("/reminder")


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        ("reminder", {}, "starts with one slash"),
        ("//evil.example", {}, "starts with one slash"),
        ("/x?code=12#34", {}, "write %23, or let callback.url"),
        ("/100%", {}, "write %25"),
        ("/a b", {}, "percent-encode it as %20"),
        ("/a\x85", {}, "white space|control"),
        ("/x", {"a": None}, "'a' in query= is a text, a number or a list"),
        ("/x", {"a": [None]}, "'a' in query= is a text, a number or a list"),
    ],
)
def test_what_is_no_url_is_refused_when_it_is_built(path: str, query: Any, words: str) -> None:
    app = App(public_url="https://x.example")
    with pytest.raises(SetupError, match=words):
        app.url(path, query=query)


def test_both_ways_to_a_url_have_the_same_arguments() -> None:
    assert inspect.signature(App.url) == inspect.signature(Callback.url)


# Passwords over http

PUBLIC = ["http://app.example", "http://10.0.0.5:8000", "http://localhost.example", "http://web:80"]
NOBODYS = ["http://localhost:8000", "http://127.0.0.2", "http://[::1]:80", "http://a.LOCALHOST"]


@pytest.mark.parametrize("origin", PUBLIC)
@pytest.mark.parametrize("fallback", [None, Hangup()])
async def test_no_password_goes_over_http_to_another_machine(
    in_process, caplog: pytest.LogCaptureFixture, origin: str, fallback: Any
) -> None:
    app = asking(auth=("user", "hunter2"), fallback=fallback)
    async with in_process(app, base_url=origin) as client:
        reply = await client.get("/", params=ANSWER, auth=("user", "hunter2"))

    assert (reply.status_code, reply.content) == (500, b"")
    (record,) = [record for record in caplog.records if record.name.startswith("callbackkit")]
    assert record.levelname == "ERROR"
    host = origin.removeprefix("http://").partition(":")[0]
    for word in (host, "http", "public_url=", "plain_http=True", "answer"):
        assert word in record.getMessage()
    assert "hunter2" not in caplog.text


async def test_a_handler_that_builds_one_is_answered_for_too(in_process) -> None:
    app = App(auth=("user", "hunter2"))

    @app.on(AnswerEvent)
    async def build(call: AnswerEvent, callback: Callback) -> Reply:
        callback.url("/x", credentials=True)
        return Hangup()

    @app.on_error(Exception)
    async def sorry(error: Exception) -> Reply:
        return Redirect(request_url="/sorry")

    async with in_process(app, base_url="http://app.example") as client:
        reply = await client.get("/", params=ANSWER, auth=("user", "hunter2"))
    assert (reply.status_code, reply.content) == (500, b"")


@pytest.mark.parametrize("origin", PUBLIC)
async def test_an_app_that_names_no_path_needs_no_password(in_process, origin: str) -> None:
    app = App(auth=("user", "hunter2"))

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent) -> Reply:
        return Hangup()

    async with in_process(app, base_url=origin) as client:
        reply = await client.get("/", params=ANSWER, auth=("user", "hunter2"))
    assert list(parse(reply.content)) == [Hangup()]


@pytest.mark.parametrize("origin", PUBLIC)
async def test_an_app_may_be_told_that_plain_http_is_meant(
    in_process, caplog: pytest.LogCaptureFixture, origin: str
) -> None:
    app = asking(auth=("user", "hunter2"), plain_http=True)
    async with in_process(app, base_url=origin) as client:
        reply = await client.get("/", params=ANSWER, auth=("user", "hunter2"))

    url = await url_in(reply)
    assert "http://user:hunter2@" in url
    assert caplog.records == []


@pytest.mark.parametrize("origin", NOBODYS)
async def test_a_password_over_http_is_said_once(
    in_process, caplog: pytest.LogCaptureFixture, origin: str
) -> None:
    """As behind a tunnel that rewrites the Host, or a proxy whose X-Forwarded-Proto is lost."""
    app = asking(auth=("user", "hunter2"))
    async with in_process(app, base_url=origin) as client:
        for call in "ab":
            params = ANSWER | {"callId": call}
            reply = await client.get("/", params=params, auth=("user", "hunter2"))
            assert "http://user:hunter2@" in await url_in(reply)

    (record,) = [record for record in caplog.records if record.name.startswith("callbackkit")]
    assert record.levelname == "WARNING"
    assert "public_url=" in record.getMessage()
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("options", [{}, {"auth": ("u", "p"), "public_url": "https://x.example"}])
async def test_nothing_is_said_where_no_password_is_shown(
    in_process, caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    async with in_process(asking(**options), base_url="http://app.example") as client:
        assert await url_in(await client.get("/", params=ANSWER, auth=("u", "p")))
    assert caplog.records == []


def test_a_public_url_over_http_is_refused_with_a_password() -> None:
    with pytest.raises(SetupError, match=r"not put into URLs of x\.example, .* plain_http=True"):
        App(public_url="http://x.example/bw", auth=("user", "secret"))
    app = App(public_url="http://x.example/bw", auth=("user", "secret"), plain_http=True)
    assert app.url("/x", credentials=True) == "http://user:secret@x.example/bw/x"
    assert App(public_url="http://x.example").url("/x", credentials=True) == "http://x.example/x"


# The authority

ODD = st.text(st.sampled_from("a/@:.?#\\%[]é \t\udcff"), max_size=8)


@given(
    scheme=st.sampled_from(["http", "https", "ws", "wss", "HTTPS", "", "javascript", "https://x"]),
    host=st.one_of(st.none(), st.sampled_from([b"a.test", b"[::1]:80"]), st.binary(max_size=8)),
    server=st.one_of(st.none(), st.tuples(ODD, st.one_of(st.none(), st.integers(1, 65535)))),
    root_path=st.one_of(st.none(), ODD, st.sampled_from(["bandwidth", "//evil", "@evil.example"])),
    path=ODD.map(lambda path: f"/{path}"),
    query=st.dictionaries(ODD, ODD.filter(lambda text: "\udcff" not in text), max_size=2),
)
def test_nothing_in_a_scope_moves_a_url_to_another_host(
    scheme: str, host: Any, server: Any, root_path: Any, path: str, query: dict[str, str]
) -> None:
    scope: dict[str, Any] = {"scheme": scheme, "server": server, "root_path": root_path}
    scope["headers"] = [] if host is None else [(b"host", host)]
    query = {name: value for name, value in query.items() if "\udcff" not in name}
    try:
        root = Roots(None, ("user", "secret"), plain_http=True).of(scope)
        urls = [root.url(path, query, credentials) for credentials in (False, True)]
    except (HostError, SetupError):
        return

    named = host.decode().strip() if host is not None and host.strip() else None
    for url, userinfo in zip(urls, ("", "user:secret@"), strict=True):
        parts = urlsplit(url)
        authority = parts.netloc.removeprefix(userinfo)
        assert parts.netloc == f"{userinfo}{authority}"
        assert parts.scheme in ("http", "https")
        assert parts.fragment == ""
        if named is not None:
            assert authority == named
        elif server is None:
            assert authority == "localhost"
        else:
            assert server[0].strip("[]") in authority
            assert not set("/@?#\\% ") & set(authority)
        assert re.fullmatch(HTTP_URL, url)


async def test_a_root_path_without_its_slash_stays_a_path(in_process) -> None:
    app = asking(auth=("user", "secret"))
    async with in_process(app, base_url="https://example.com", root_path="bandwidth") as client:
        reply = await client.get("/", params=ANSWER, auth=("user", "secret"))
    assert await url_in(reply) == "https://user:secret@example.com/bandwidth/digits"
