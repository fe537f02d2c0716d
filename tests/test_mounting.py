"""The app on its own and inside others: routing, prefixes, and who starts and stops it."""

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import uvicorn
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from callbackkit.errors import SetupError
from callbackkit.mounting import MountedAt, Switch
from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    Client,
    Gather,
    GatherEvent,
    Hangup,
    PlayAudio,
    Reply,
    SmsEvent,
    SpeakSentence,
    parse,
)

ANSWER = {"eventType": "answer", "callId": "c-1"}
GATHER = {"eventType": "gather", "callId": "c-1", "digits": "1"}


class Greeting:
    """A resource of the app that says when it is opened and closed."""

    def __init__(self, log: list[str]) -> None:
        self.log = log

    async def __aenter__(self) -> "Greeting":
        self.log.append("open")
        return self

    async def __aexit__(self, *error: object) -> None:
        self.log.append("close")


def line(log: list[str] | None = None, **options: Any) -> App:
    """An app whose answer is a Gather, and whose gather handler needs its path."""
    app = App(**options)
    app.provide(Greeting, lambda: Greeting([] if log is None else log))

    @app.on(AnswerEvent, path="/")
    async def answer(call: AnswerEvent, greeting: Greeting) -> Reply:
        return Gather(SpeakSentence("Yes?", voice="susan"), request_url="/digits")

    @app.on(GatherEvent, path="/digits")
    async def digits(gather: GatherEvent) -> Reply:
        return Hangup()

    return app


def call(client: httpx.Client, url: str) -> str:
    """A call that starts at `url`, without following redirects; gives the Gather's URL."""
    reply = client.get(url, params=ANSWER)
    assert reply.status_code == 200, (url, reply.status_code, reply.text)
    (gather,) = parse(reply.content)
    assert isinstance(gather, Gather)
    assert gather.request_url is not None
    reply = client.get(gather.request_url, params=GATHER)
    assert parse(reply.content).children == (Hangup(),)
    return gather.request_url


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


# Where it is, served by real uvicorn

Host = Callable[[App, Any], Any]


def alone(app: App, lifespan: Any) -> Any:
    return app


def starlette_mount(app: App, lifespan: Any) -> Any:
    return Starlette(routes=[Mount("/bw", app)], lifespan=lifespan)


def starlette_routes(app: App, lifespan: Any) -> Any:
    return Starlette(routes=app.routes("/bw"), lifespan=lifespan)


def starlette_nested(app: App, lifespan: Any) -> Any:
    return Starlette(routes=[Mount("/bw", routes=[Mount("/v1", app)])], lifespan=lifespan)


def starlette_nested_routes(app: App, lifespan: Any) -> Any:
    return Starlette(routes=[Mount("/bw", routes=app.routes("/v1/"))], lifespan=lifespan)


def starlette_root(app: App, lifespan: Any) -> Any:
    return Starlette(routes=app.routes("/"), lifespan=lifespan)


def starlette_tenants(app: App, lifespan: Any) -> Any:
    return Starlette(routes=app.routes("/t/{tenant}/bw"), lifespan=lifespan)


def fastapi_mount(app: App, lifespan: Any) -> Any:
    host = FastAPI(lifespan=lifespan)
    host.mount("/bw", app)
    return host


def fastapi_routes(app: App, lifespan: Any) -> Any:
    host = FastAPI(lifespan=lifespan)
    host.router.routes.extend(app.routes("/bw"))
    return host


def fastapi_nested(app: App, lifespan: Any) -> Any:
    inner, host = FastAPI(), FastAPI(lifespan=lifespan)
    inner.router.routes.extend(app.routes("/v1"))
    host.mount("/bw", inner)
    return host


@pytest.mark.parametrize("entered", [True, False], ids=["entered", "not-entered"])
@pytest.mark.parametrize(
    ("host", "paths", "prefix"),
    [
        (alone, ["", "/"], ""),
        (starlette_mount, ["/bw/"], "/bw"),
        (starlette_routes, ["/bw", "/bw/"], "/bw"),
        (starlette_nested, ["/bw/v1/"], "/bw/v1"),
        (starlette_nested_routes, ["/bw/v1", "/bw/v1/"], "/bw/v1"),
        (starlette_root, ["", "/"], ""),
        (starlette_tenants, ["/t/acme%20inc/bw", "/t/acme%20inc/bw/"], "/t/acme%20inc/bw"),
        (fastapi_mount, ["/bw/"], "/bw"),
        (fastapi_routes, ["/bw", "/bw/"], "/bw"),
        (fastapi_nested, ["/bw/v1", "/bw/v1/"], "/bw/v1"),
    ],
)
def test_callbacks_are_answered_wherever_the_app_is(
    serve, client: httpx.Client, host: Host, paths: list[str], prefix: str, entered: bool
) -> None:
    log: list[str] = []
    app = line(log)
    if host is alone:
        url = serve(app, lifespan="on" if entered else "off")
    else:
        url = serve(host(app, app.lifespan if entered else None))

    assert log == (["open"] if entered else [])
    for path in paths:
        assert call(client, url + path) == f"{url}{prefix}/digits"
    assert log == ["open"]


def test_a_mount_redirects_its_bare_path_and_routes_do_not(serve, client) -> None:
    """The redirect is Starlette's, before the app sees the request: what routes() is for."""
    url = serve(starlette_mount(line(), None))

    assert client.get(f"{url}/bw", params=ANSWER).status_code == 307


def test_a_post_to_the_bare_prefix_is_no_redirect_either(serve, client) -> None:
    app = App()
    texts: list[str | None] = []

    @app.on(SmsEvent)
    async def receive(message: SmsEvent) -> None:
        texts.append(message.text)

    url = serve(FastAPI(routes=app.routes("/bw")))
    sms = {"eventType": "sms", "messageId": "m-1", "from": "+1", "to": "+2", "text": "hi"}

    assert client.post(f"{url}/bw", json=sms).status_code == 200
    assert texts == ["hi"]


def test_one_app_at_several_prefixes(serve, client) -> None:
    app = line()
    host = Starlette(routes=[*app.routes("/a"), *app.routes("/b")], lifespan=app.lifespan)
    url = serve(host)

    assert call(client, f"{url}/a") == f"{url}/a/digits"
    assert call(client, f"{url}/b") == f"{url}/b/digits"


def test_several_apps_under_each_other(serve, client) -> None:
    outer, inner = line(), line()
    url = serve(Starlette(routes=[*inner.routes("/bw/inner"), *outer.routes("/bw")]))

    assert call(client, f"{url}/bw/inner") == f"{url}/bw/inner/digits"
    assert call(client, f"{url}/bw") == f"{url}/bw/digits"


def test_only_whole_segments_are_below_the_prefix(serve, client) -> None:
    url = serve(Starlette(routes=line().routes("/bw")))

    for path in ("/bwx", "/b", "/x/bw", "/"):
        assert client.get(url + path, params=ANSWER).status_code == 404


def test_uvicorns_root_path_is_a_prefix(serve, client) -> None:
    """As behind a proxy that takes the prefix away: it is in the URLs, not in what is asked for."""
    url = serve(starlette_routes(line(), None), root_path="/api")

    reply = client.get(f"{url}/bw", params=ANSWER)

    (gather,) = parse(reply.content)
    assert gather.request_url == f"{url}/api/bw/digits"
    assert client.get(f"{url}/bw/digits", params=GATHER).status_code == 200


@pytest.mark.parametrize("prefix", ["bw", "bw/", " /bw"])
def test_a_prefix_starts_with_a_slash(prefix: str) -> None:
    with pytest.raises(SetupError, match="starts with a slash"):
        line().routes(prefix)


# What the host has beside it


def test_the_host_keeps_what_is_its_own(serve, client) -> None:
    """Its routes, its names, its docs and its middleware, with the app mounted in both ways."""
    app = line(health="/health")
    host = FastAPI(
        lifespan=app.lifespan,
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1),
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"]),
        ],
    )

    @host.middleware("http")
    async def stamp(request: Any, following: Any) -> Any:
        reply = await following(request)
        reply.headers.append("x-host", "here")
        return reply

    @host.get("/items/{item}")
    async def item(item: str) -> str:
        return item

    host.mount("/mounted", app, name="mounted")
    host.router.routes.extend(app.routes("/routed"))
    host.router.routes.append(Route("/last", lambda request: PlainTextResponse("last"), name="end"))
    url = serve(host)

    assert host.url_path_for("item", item="a") == "/items/a"
    assert host.url_path_for("end") == "/last"
    assert host.url_path_for("mounted", path="/digits") == "/mounted/digits"
    assert client.get(f"{url}/items/a").json() == "a"
    assert client.get(f"{url}/last").text == "last"
    assert list(client.get(f"{url}/openapi.json").json()["paths"]) == ["/items/{item}"]
    assert client.get(f"{url}/docs").status_code == 200
    reply = client.get(f"{url}/routed", params=ANSWER)
    assert reply.headers["content-encoding"] == "gzip"
    assert call(client, f"{url}/routed") == f"{url}/routed/digits"
    assert call(client, f"{url}/mounted/") == f"{url}/mounted/digits"
    for _ in range(2):  # what the middleware adds to one reply is not in the next
        assert client.put(f"{url}/routed").headers.get_list("x-host") == ["here"]
    assert client.get(f"{url}/routed", headers={"host": "evil.example"}).status_code == 400
    assert client.get(f"{url}/mounted/health").text == "ok\n"


def test_a_handler_sees_the_parameters_of_the_prefix(serve, client) -> None:
    app = App()
    tenants: list[str] = []

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, callback: Callback) -> Reply:
        tenants.append(callback.request.path_params["tenant"])
        return Hangup()

    url = serve(Starlette(routes=app.routes("/t/{tenant}")))

    assert client.get(f"{url}/t/acme", params=ANSWER).status_code == 200
    assert client.get(f"{url}/t/b%C3%BCcher/", params=ANSWER).status_code == 200
    assert tenants == ["acme", "bücher"]


@pytest.mark.parametrize("prefix", ["", "/bw"])
def test_health_needs_no_credentials(serve, client, prefix: str) -> None:
    app = line(auth=("user", "password"), health="/health")
    url = serve(Starlette(routes=app.routes(prefix or "/"), lifespan=app.lifespan)) + prefix

    assert client.get(f"{url}/health").text == "ok\n"
    head = client.head(f"{url}/health")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(f"{url}/health").status_code == 401
    assert client.get(f"{url}/health/more").status_code == 401


@pytest.mark.anyio
@pytest.mark.parametrize("host", [alone, starlette_routes, fastapi_routes])
async def test_websockets_are_closed(host: Host) -> None:
    sent: list[Any] = []
    scope = {"type": "websocket", "path": "/bw/x", "headers": [], "query_string": b""}

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await host(line(), None)(scope, receive, send)

    assert sent == ["websocket.close"]


# Starting and stopping


def test_a_failed_check_keeps_the_server_from_starting(caplog) -> None:
    caplog.set_level(logging.ERROR)
    app = App()

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, greeting: Greeting) -> Reply:
        return Hangup()

    for host in (alone, starlette_routes, fastapi_routes):
        caplog.clear()
        refuse_to_start(host(app, app.lifespan))
        assert "nobody provides Greeting" in caplog.text


def refuse_to_start(app: Any) -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    with suppress(SystemExit):  # older versions return
        server.run()
    assert not server.started


@pytest.mark.anyio
async def test_a_failed_check_fails_the_lifespan_startup() -> None:
    app = App()

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, greeting: Greeting) -> Reply:
        return Hangup()

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, receive, send)

    (failed,) = sent
    assert failed["type"] == "lifespan.startup.failed"
    assert "nobody provides Greeting" in failed["message"]


def test_an_app_with_a_failed_check_answers_500_when_nobody_started_it(
    serve, client, caplog
) -> None:
    app = App(health="/health")

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, greeting: Greeting) -> Reply:
        return Hangup()

    url = serve(starlette_routes(app, None))

    for path in ("/bw", "/bw/other", "/bw/health"):
        assert client.get(url + path, params=ANSWER).status_code == 500
    (record,) = [record for record in caplog.records if record.name == "callbackkit"]
    assert "nobody provides Greeting" in record.getMessage()


@asynccontextmanager
async def serving(app: Any, **options: Any) -> AsyncIterator[str]:
    """Real uvicorn on the running event loop for a block, where `serve` lasts for the test."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, **options))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await task


@pytest.mark.parametrize("lifespan", ["on", "off"])
def test_an_app_is_served_repeatedly(lifespan: str) -> None:
    """Each server has an event loop of its own, and the app is opened and closed on each."""
    log: list[str] = []
    app = line(log)

    async def main() -> None:
        async with (
            serving(app, lifespan=lifespan) as url,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            assert (await client.get(url, params=ANSWER)).status_code == 200
            assert log[-1] == "open"

    for times in (1, 2):
        asyncio.run(main())
        assert log == ["open", "close"] * times


class Resources:
    """Three resources, each needing the one before, and a log of what happens to them."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def app(self) -> App:
        log = self.log

        @asynccontextmanager
        async def user(app: App) -> AsyncIterator[None]:
            log.append("+user")
            yield
            log.append("-user")

        app = App(lifespan=user)

        class First: ...

        class Second: ...

        class Third: ...

        async def third(second: Second) -> AsyncIterator[Third]:
            log.append("+third")
            yield Third()
            log.append("-third")

        def second(first: First) -> Iterator[Second]:
            log.append("+second")
            yield Second()
            log.append("-second")

        async def first() -> AsyncIterator[First]:
            loop = asyncio.get_running_loop()
            log.append("+first")
            yield First()
            assert asyncio.get_running_loop() is loop
            log.append("-first")

        app.provide(Third, third)
        app.provide(Second, second)
        app.provide(First, first)

        @app.on(AnswerEvent)
        async def answer(call: AnswerEvent, third: Third, first: First) -> Reply:
            log.append("call")
            return Hangup()

        return app


OPENED = ["+user", "+first", "+second", "+third"]
CLOSED = ["-third", "-second", "-first", "-user"]


async def calls(in_process: Any, app: Any, times: int = 2) -> None:
    async with in_process(app) as client:
        replies = await asyncio.gather(*[client.get("/", params=ANSWER) for _ in range(times)])
    assert {reply.status_code for reply in replies} == {200}


def test_resources_open_and_close_on_each_event_loop(in_process) -> None:
    resources = Resources()
    app = resources.app()

    async def main() -> None:
        async with app.lifespan():
            await calls(in_process, app)
            assert resources.log[-1] == "call"

    for _ in range(2):
        asyncio.run(main())
        assert resources.log == [*OPENED, "call", "call", *CLOSED]
        resources.log.clear()


def test_resources_open_lazily_and_close_with_the_loop(in_process) -> None:
    resources = Resources()
    app = resources.app()

    for _ in range(2):
        # Several first callbacks at once open everything once.
        asyncio.run(calls(in_process, app, 5))
        assert resources.log[:4] == OPENED
        assert resources.log == [*OPENED, *["call"] * 5, *CLOSED]
        resources.log.clear()


def test_lazy_and_entered_starts_alternate(in_process) -> None:
    resources = Resources()
    app = resources.app()

    async def entered() -> None:
        async with app.lifespan():
            await calls(in_process, app)

    async def entered_late() -> None:
        await calls(in_process, app)
        async with app.lifespan():
            await calls(in_process, app)
        await calls(in_process, app)

    for main in (entered, entered_late, entered):
        asyncio.run(main())
        assert [entry for entry in resources.log if entry != "call"] == [*OPENED, *CLOSED]
        resources.log.clear()


@pytest.mark.anyio
async def test_entering_twice_opens_once(in_process) -> None:
    resources = Resources()
    app = resources.app()

    async with app.lifespan(), app.lifespan(None):
        await calls(in_process, app)

    assert resources.log == [*OPENED, "call", "call", *CLOSED]


@pytest.mark.anyio
async def test_a_first_request_that_is_cancelled_opens_nothing_twice(in_process) -> None:
    app = App()
    log: list[str] = []
    opening, opened = asyncio.Event(), asyncio.Event()

    async def greeting() -> AsyncIterator[Greeting]:
        log.append("open")
        opening.set()
        await opened.wait()
        yield Greeting(log)

    app.provide(Greeting, greeting)

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, greeting: Greeting) -> Reply:
        return Hangup()

    first = asyncio.create_task(calls(in_process, app))
    await opening.wait()
    first.cancel()
    await asyncio.wait([first])
    second = asyncio.create_task(calls(in_process, app))
    for _ in range(50):  # the second is as far as it gets before the app is open
        await asyncio.sleep(0)
    opened.set()
    await second

    assert log == ["open"]


@pytest.mark.anyio
async def test_a_lazy_start_that_fails_is_tried_again(in_process, caplog) -> None:
    """What fails for want of a database may work a moment later; only checks fail for good."""
    app = App()
    attempts: list[int] = []

    def greeting() -> Greeting:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("no database yet")
        return Greeting([])

    app.provide(Greeting, greeting)

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, greeting: Greeting) -> Reply:
        return Hangup()

    async with in_process(app) as client:
        assert (await client.get("/", params=ANSWER)).status_code == 500
        assert (await client.get("/", params=ANSWER)).status_code == 200

    assert len(attempts) == 2
    assert "no database yet" in caplog.text


def test_a_failed_startup_closes_what_was_opened(caplog) -> None:
    log: list[str] = []

    @asynccontextmanager
    async def user(app: App) -> AsyncIterator[None]:
        log.append("+user")
        try:
            yield
        finally:
            log.append("-user")

    app = App(lifespan=user)

    def fails() -> Greeting:
        raise ConnectionError("no database")

    app.provide(Greeting, fails)

    refuse_to_start(app)

    assert log == ["+user", "-user"]
    assert "no database" in caplog.text


def test_an_override_works_while_serving(serve, client) -> None:
    app = App()
    app.provide(str, "before")

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, word: str) -> Reply:
        return SpeakSentence(word, voice="susan")

    def spoken() -> str:
        (verb,) = parse(client.get(f"{url}/bw", params=ANSWER).content)
        assert isinstance(verb, SpeakSentence)
        return verb.text

    async def instead() -> AsyncIterator[str]:
        yield "instead"

    for lifespan in (app.lifespan, None):
        url = serve(starlette_routes(app, lifespan))
        assert spoken() == "before"
        with app.override(str, instead):
            assert spoken() == "instead"
            with app.override(str, "inner"):
                assert spoken() == "inner"
            assert spoken() == "instead"
        assert spoken() == "before"


# Files


@pytest.mark.anyio
@pytest.mark.parametrize("prefix", ["", "/bandwidth"])
async def test_a_host_serves_files_next_to_an_app(in_process, tmp_path: Path, prefix: str) -> None:
    """As README has it; the platform fetches them without credentials."""
    (tmp_path / "hello.wav").write_bytes(b"RIFF")
    app = App(auth=("user", "secret"))

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, callback: Callback) -> Reply:
        return [PlayAudio(callback.url("/sounds/hello.wav")), Hangup()]

    sounds = Mount(f"{prefix}/sounds", StaticFiles(directory=tmp_path))
    host = Starlette(routes=[sounds, *app.routes(prefix or "/")], lifespan=app.lifespan)
    async with in_process(host) as client:
        reply = await client.get(f"{prefix}/", params=ANSWER, auth=("user", "secret"))
        play, _ = parse(reply.content)
        assert isinstance(play, PlayAudio)
        assert (await client.get(play.url)).content == b"RIFF"


@pytest.mark.anyio
async def test_a_request_for_a_file_is_answered_with_what_serves_it(in_process) -> None:
    async with in_process(App()) as client:
        for path in ("/hello.wav", "/a/b.mp3"):
            reply = await client.get(path)
            assert reply.status_code == 400
            assert "serves no files: let a host do so, by StaticFiles" in reply.text
        for path in ("/", "/hello", "/v1.2/x"):
            assert "files" not in (await client.get(path)).text
    refused = pytest.raises(
        ValueError, match=r"use callback\.url\('/x\.wav'\), and let a host serve"
    )
    with refused:
        PlayAudio("/x.wav")


# As plain ASGI, for hosts that don't name the prefix; tests/hosts has these with the real ones


class OtherHost:
    """A host with a lifespan, or without, which answers with the path it gets."""

    def __init__(self, log: list[str], lifespan: str) -> None:
        self.log = log
        self.lifespan = lifespan

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body = f"{scope.get('root_path', '')} {scope['path']}".encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})
            return
        if self.lifespan == "none":
            raise ValueError("HTTP only")
        assert (await receive())["type"] == "lifespan.startup"
        if self.lifespan == "gives-up":
            raise ValueError("HTTP only")
        if self.lifespan == "fails":
            await send({"type": "lifespan.startup.failed", "message": "no database"})
            return
        self.log.append("+host")
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        self.log.append("-host")
        await send({"type": "lifespan.shutdown.complete"})


@pytest.mark.parametrize(
    ("lifespan", "expected"),
    [
        ("none", ["open", "close"]),
        ("gives-up", ["open", "close"]),
        ("own", ["open", "+host", "-host", "close"]),
    ],
)
def test_a_switch_starts_and_stops_both(lifespan: str, expected: list[str]) -> None:
    log: list[str] = []
    switch = Switch("/bw", line(log), OtherHost(log, lifespan))

    async def main() -> None:
        async with serving(switch, lifespan="on") as url, httpx.AsyncClient() as client:
            assert (await client.get(f"{url}/bw", params=ANSWER)).status_code == 200

    asyncio.run(main())

    assert log == expected


def test_a_switch_says_why_it_does_not_start(caplog) -> None:
    caplog.set_level(logging.ERROR)
    log: list[str] = []
    app = App()

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, greeting: Greeting) -> Reply:
        return Hangup()

    @asynccontextmanager
    async def fails(app: App) -> AsyncIterator[None]:
        raise RuntimeError("no disk")
        yield

    for switch, reason in (
        (Switch("/bw", app, OtherHost(log, "own")), "nobody provides Greeting"),
        (Switch("/bw", App(lifespan=fails), OtherHost(log, "own")), "no disk"),
        (Switch("/bw", line(log), OtherHost(log, "fails")), "no database"),
    ):
        caplog.clear()
        refuse_to_start(switch)
        assert reason in caplog.text

    assert log == ["open", "close"]  # of the last, whose host failed


def test_a_switch_leaves_all_else_to_the_other_app(serve, client) -> None:
    url = serve(Switch("/bw/", line(), OtherHost([], "none")))

    for path in ("/bwx", "/", "/x/bw", "/b"):
        assert client.get(url + path).text == f" {path}"
    for path in ("/bw", "/bw/"):
        assert call(client, url + path) == f"{url}/bw/digits"


@pytest.mark.parametrize("server", ["/api", "/api/", ""])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.anyio
async def test_mounts_add_to_the_servers_root_path(in_process, server: str, kept: bool) -> None:
    """Some servers put it in front of the path, the others leave that as it came."""
    before = server.rstrip("/") if kept else ""

    async def documents(app: Any, path: str) -> str:
        async with in_process(app, root_path=server) as client:
            reply = await client.get(before + path, params=ANSWER)
            (gather,) = parse(reply.content)
            reply = await client.get(f"{before}{path.rstrip('/')}/digits", params=GATHER)
            assert parse(reply.content).children == (Hangup(),)
            return gather.request_url or ""

    expected = f"http://app.test{server.rstrip('/')}/bw/digits"
    app = line()
    for path in ("/bw", "/bw/"):
        assert await documents(Switch("/bw", app, OtherHost([], "none")), path) == expected
        assert await documents(MountedAt("/bw", app), path) == expected
    if not kept:  # such a host takes all away
        assert await documents(MountedAt("/bw", app, stripped=True), "/") == expected


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("mount", ["switch", "mounted"])
@pytest.mark.parametrize("root_path", ["", "/api"])
def test_a_mount_finds_the_path_in_a_whole_url(
    serve, caplog, monkeypatch, http: str, mount: str, root_path: str
) -> None:
    """httptools gives the path of such a target, h11 all of it, with credentials that no log has."""
    caplog.set_level(logging.INFO)
    access = logging.getLogger("uvicorn.access")
    caplog.set_level(logging.INFO, logger=access.name)
    monkeypatch.setattr(access, "propagate", True)  # whatever an earlier server has configured
    monkeypatch.setattr(access, "disabled", False)
    app = line()
    host = Switch("/bw", app, OtherHost([], "none")) if mount == "switch" else MountedAt("/bw", app)
    url = serve(host, http=http, root_path=root_path)
    address = url.removeprefix("http://").split(":")
    target = f"http://user:PASSW1@h/bw?{httpx.QueryParams(ANSWER)}"
    with socket.create_connection((address[0], int(address[1])), timeout=20) as raw:
        raw.sendall(f"GET {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n".encode())
        reply = raw.makefile("rb").read()

    assert f'requestUrl="http://h{root_path}/bw/digits"'.encode() in reply
    assert "uvicorn.access" in {record.name for record in caplog.records}
    assert "PASSW1" not in caplog.text


@pytest.mark.parametrize("prefix", ["bw", "", "/", "//"])
def test_the_prefix_of_a_mount_is_a_path(prefix: str) -> None:
    with pytest.raises(SetupError, match="the prefix is a path such as /bandwidth"):
        Switch(prefix, line(), line())
    with pytest.raises(SetupError, match="the prefix is a path such as /bandwidth"):
        MountedAt(prefix, line())


# What a host's own routes get of the app


class Database:
    pass


class Session:
    def __init__(self, database: Database) -> None:
        self.database = database


@pytest.mark.parametrize("entered", [True, False])
def test_routes_of_the_host_get_what_handlers_get(serve, client, entered: bool) -> None:
    log: list[str] = []
    app = line(log)
    app.provide(Database, Database)

    async def session(database: Database) -> AsyncIterator[Session]:
        log.append("+session")
        yield Session(database)
        log.append("-session")

    app.provide(Session, session, scope="callback")
    host = FastAPI(lifespan=app.lifespan if entered else None)

    async def fresh() -> AsyncIterator[Session]:
        async with app.provided(Session) as session:
            yield session

    @host.get("/own")
    async def own(session: Annotated[Session, Depends(fresh)]) -> str:
        async with app.provided(Greeting) as greeting, app.provided(Database) as database:
            assert greeting.log is log
            assert session.database is database
        log.append("route")
        return "host"

    host.router.routes.extend(app.routes("/bw"))
    url = serve(host)

    for _ in range(2):
        assert client.get(f"{url}/own").json() == "host"
    assert call(client, f"{url}/bw") == f"{url}/bw/digits"
    assert log == ["open", *["+session", "route", "-session"] * 2]


@pytest.mark.anyio
async def test_the_client_is_opened_for_a_route_of_the_host_alone(monkeypatch) -> None:
    for name in ("USER_ID", "API_TOKEN", "API_SECRET"):
        monkeypatch.setenv(f"BANDWIDTH_{name}", "x")
    app = line()
    async with app.lifespan():
        async with app.provided(Client) as first, app.provided(Client) as second:
            assert isinstance(first, Client)
            assert first is second
        with app.override(Client, "replaced"):
            async with app.provided(Client) as third:
                assert third == "replaced"


@pytest.mark.anyio
async def test_what_no_route_can_get_is_one_sentence() -> None:
    app = App()

    def of_callback(callback: Callback) -> Session:
        raise AssertionError

    app.provide(Session, of_callback, scope="callback")
    with pytest.raises(SetupError, match=r"provided\(Greeting\): nobody provides it"):
        async with app.provided(Greeting):
            pass
    with pytest.raises(SetupError, match="Callback belongs to a callback, and here is none"):
        async with app.provided(Session):
            pass


# The request log


@pytest.mark.anyio
@pytest.mark.parametrize("how", ["level", "handler", "not"])
@pytest.mark.parametrize("host", [alone, starlette_routes, fastapi_mount])
async def test_requests_are_logged_where_that_is_configured(
    in_process, caplog, host: Host, how: str
) -> None:
    """A root logger at INFO alone brings none."""
    access = logging.getLogger("callbackkit.access")
    caplog.set_level(logging.INFO)
    if how == "level":
        caplog.set_level(logging.INFO, access.name)
    handler = logging.NullHandler()
    if how == "handler":
        access.addHandler(handler)
    app = line(health="/health", asgi_middleware=[Middleware(GZipMiddleware)])
    prefix = "" if host is alone else "/bw"
    try:
        async with in_process(host(app, None)) as client:
            await client.get(f"{prefix}/", params=ANSWER | {"tag": "4711"})
            await client.put(f"{prefix}/health")
            await client.get(f"{prefix}/health")
    finally:
        access.removeHandler(handler)

    records = [record for record in caplog.records if record.name == access.name]
    lines = [re.sub(r"[\d.]+ ms$|\S+\.py:\d+", "N", one.getMessage()) for one in records]
    expected = [
        f"GET {prefix}/ answer (call_id c-1) -> N answer 200 N",
        f"PUT {prefix}/health 405 N",
        f"GET {prefix}/health 200 N",
    ]
    assert lines == ([] if how == "not" else expected)
    assert [record.call_id for record in records[:1]] == ([] if how == "not" else ["c-1"])


@pytest.mark.anyio
@pytest.mark.parametrize("target", ["http://user:PASSW1@h/x", "/apihttp://user:PASSW1@h/x"])
async def test_the_request_log_has_no_credentials_of_a_whole_url(caplog, target: str) -> None:
    caplog.set_level(logging.INFO, "callbackkit.access")
    scope = {
        "type": "http",
        "method": "PUT",
        "path": target,
        "root_path": "/api",
        "query_string": b"",
        "headers": [],
    }

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        pass

    await line()(scope, receive, send)

    (record,) = [record for record in caplog.records if record.name == "callbackkit.access"]
    assert record.getMessage().startswith("PUT - 405 ")
