"""Middleware: around the handler, with what it returns; and pure ASGI around the whole app."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from callbackkit import Callback, Next
from callbackkit.v1 import AnswerEvent, App, Hangup, Pause, Reply, SmsEvent

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}
ANSWER = {"eventType": "answer", "callId": "c-1"}
HANGUP = {"eventType": "hangup", "callId": "c-1"}


@pytest.fixture
def app() -> App:
    app = App(duplicates=False)

    @app.on(AnswerEvent)
    async def answer(event: AnswerEvent) -> Reply:
        return Hangup()

    return app


async def get(in_process: InProcess, app: App, **fields: str) -> httpx.Response:
    async with in_process(app) as client:
        return await client.get("/", params={**ANSWER, **fields})


async def test_the_first_registered_is_the_outermost(app: App, in_process: InProcess) -> None:
    log: list[str] = []

    def named(name: str) -> Callable[[Callback, Next], Awaitable[Reply]]:
        async def middleware(callback: Callback, next: Next) -> Reply:  # noqa: A002
            log.append(f"{name} before {callback.event.event_type}")
            reply = await next(callback)
            log.append(f"{name} after {type(reply).__name__}")
            return reply

        return middleware

    for name in ("outer", "inner"):
        middleware = named(name)
        assert app.middleware(middleware) is middleware
    reply = await get(in_process, app)
    assert log == [
        "outer before answer",
        "inner before answer",
        "inner after Hangup",
        "outer after Hangup",
    ]
    assert b"<Hangup/>" in reply.content


async def test_middleware_may_replace_the_reply(app: App, in_process: InProcess) -> None:
    @app.middleware
    async def middleware(callback: Callback, next: Next) -> Reply:  # noqa: A002
        assert isinstance(await next(callback), Hangup)
        return [Pause(length=2), Hangup()]

    assert b'<Pause length="2"/><Hangup/>' in (await get(in_process, app)).content


async def test_middleware_may_answer_itself(app: App, in_process: InProcess) -> None:
    seen: list[Any] = []

    @app.middleware
    async def middleware(callback: Callback, next: Next) -> Reply:  # noqa: A002
        return JSONResponse({"no": "thanks"}, status_code=403)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent) -> None:
        seen.append(event)

    async with in_process(app) as client:
        reply = await client.post("/", json=SMS)
    assert (reply.status_code, reply.json()) == (403, {"no": "thanks"})
    assert not seen


async def test_middleware_sees_exceptions_of_the_handler(app: App, in_process: InProcess) -> None:
    @app.on("redirect")
    async def handler(event: Any) -> None:
        raise LookupError

    @app.middleware
    async def middleware(callback: Callback, next: Next) -> Reply:  # noqa: A002
        try:
            return await next(callback)
        except LookupError:
            return Pause(length=1)

    assert b"<Pause" in (await get(in_process, app, eventType="redirect")).content


async def test_exceptions_of_middleware_are_answered_by_on_error(
    app: App, in_process: InProcess
) -> None:
    @app.middleware
    async def middleware(callback: Callback, next: Next) -> Reply:  # noqa: A002
        await next(callback)
        raise LookupError

    @app.on_error(LookupError)
    async def on_error(error: LookupError) -> Reply:
        return Pause(length=3)

    assert b'<Pause length="3"/>' in (await get(in_process, app)).content


async def test_middleware_sees_events_without_a_handler(app: App, in_process: InProcess) -> None:
    seen: list[Any] = []

    @app.middleware
    async def middleware(callback: Callback, next: Next) -> Reply:  # noqa: A002
        seen.append((callback.event.event_type, await next(callback)))
        return None

    async with in_process(app) as client:
        assert (await client.post("/", json=HANGUP)).status_code == 200
    assert seen == [("hangup", None)]


async def test_middleware_may_answer_an_event_without_a_handler(
    app: App, in_process: InProcess
) -> None:
    @app.middleware
    async def middleware(callback: Callback, next: Next) -> Reply:  # noqa: A002
        return await next(callback) or Pause(length=4)

    assert b'length="4"' in (await get(in_process, app, eventType="redirect")).content


async def test_its_wrong_reply_names_it(app: App, in_process: InProcess) -> None:
    app = App(strict=True)

    @app.middleware
    async def shouting(callback: Callback, next: Next) -> Any:  # noqa: A002
        return "text"

    with pytest.raises(Exception, match=r"middleware: "):
        await get(in_process, app)


class Stamp:
    """Pure ASGI middleware, which changes headers in place as Starlette's MutableHeaders does."""

    def __init__(self, app: Any, name: bytes) -> None:
        self.app = app
        self.name = name

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def stamped(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-stamp", self.name))
            await send(message)

        await self.app(scope, receive, stamped if scope["type"] == "http" else send)


async def test_asgi_middleware_is_around_everything(in_process: InProcess) -> None:
    app = App(asgi_middleware=[Middleware(Stamp, b"outer"), Middleware(Stamp, b"inner")])
    async with app.lifespan(), in_process(app) as client:
        for _ in range(2):  # nothing of one reply is left in the next
            reply = await client.post("/", json=HANGUP)
            assert reply.headers.get_list("x-stamp") == ["inner", "outer"]
        assert (await client.put("/")).headers.get_list("x-stamp") == ["inner", "outer"]


async def test_messages_name_who_gave_the_reply(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(duplicates=False)
    does: dict[str, Any] = {}

    @app.on(AnswerEvent, SmsEvent)
    async def handler(event: AnswerEvent | SmsEvent) -> Reply:
        if does["handler"] is KeyError:
            raise KeyError
        return does["handler"]  # type: ignore[no-any-return]

    @app.middleware
    async def around(callback: Callback, next: Next) -> Reply:  # noqa: A002
        if "instead" in does:
            return does["instead"]  # type: ignore[no-any-return]
        reply = await next(callback)
        if "after" in does:
            raise LookupError
        return does.get("changed", reply)  # type: ignore[no-any-return]

    for what, who, words in [
        ({"handler": KeyError}, "handler", "failed for answer"),
        ({"handler": Hangup(), "after": True}, "middleware", "failed for answer"),
        ({"handler": None}, "handler", "returned no verbs to answer"),
        ({"handler": KeyError, "instead": None}, "middleware", "returned no verbs to answer"),
    ]:
        does.clear()
        does |= what
        caplog.clear()
        await get(in_process, app)
        message = caplog.records[0].getMessage()
        assert words in message
        assert message.partition(words)[0].rstrip(": ").split()[-1] == who

    for what, who in [
        ({"handler": Hangup()}, "handler"),
        ({"handler": None, "changed": Hangup()}, "middleware"),
    ]:
        does.clear()
        does |= what
        caplog.clear()
        async with in_process(app) as client:
            await client.post("/", json=SMS)
        assert f"{who}: returned verbs to POST sms" in caplog.text


async def test_middleware_knows_the_handler(app: App, in_process: InProcess) -> None:
    seen: list[Any] = []

    @app.middleware
    async def look(callback: Callback, next: Next) -> Reply:  # noqa: A002
        seen.append(callback.handler and callback.handler.name.rpartition(".")[2])
        return await next(callback)

    await get(in_process, app)
    await get(in_process, app, eventType="hangup")
    assert seen == ["answer", None]
