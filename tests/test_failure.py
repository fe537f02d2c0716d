"""A handler that fails: who answers, what the caller hears, what the log says."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse

from callbackkit import DecodeError, ReplyError, SetupError
from callbackkit.v1 import (
    After,
    App,
    Callback,
    Hangup,
    Pause,
    Reply,
    Router,
    SpeakSentence,
    UnknownEvent,
)

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}
CALL = {"callId": "c-1", "text": "secret text", "digits": "4321"}


class Oops(LookupError): ...


def failing(app: App | Router, error: BaseException, *events: Any, sync: bool = False) -> None:
    async def broken(event: Any) -> None:
        raise error

    def broken_thread(event: Any) -> None:
        raise error

    app.on(*(events or ("answer",)))(broken_thread if sync else broken)


async def get(in_process: InProcess, app: App, event: str = "answer") -> httpx.Response:
    async with in_process(app) as client:
        return await client.get("/", params={**CALL, "eventType": event})


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize(
    ("method", "event", "status", "verbs"),
    [
        ("GET", "answer", 200, True),
        ("GET", "gather", 200, True),
        ("GET", "redirect", 200, True),
        ("GET", "transferComplete", 200, True),
        ("POST", "answer", 500, False),
        ("GET", "incomingcall", 500, False),
        ("GET", "hangup", 500, False),
        ("POST", "sms", 500, False),
    ],
)
async def test_the_fallback_is_for_events_that_steer_a_call(
    method: str, event: str, status: int, verbs: bool, sync: bool, in_process: InProcess
) -> None:
    app = App(fallback=[SpeakSentence("Sorry."), Hangup()])
    failing(app, Oops(), event, sync=sync)
    async with in_process(app) as client:
        fields = {**SMS, **CALL, "eventType": event}
        reply = await client.request(
            method, "/", **({"params": fields} if method == "GET" else {"json": fields})
        )
    assert reply.status_code == status
    assert (b">Sorry.</SpeakSentence><Hangup/>" in reply.content) is verbs


async def test_without_a_fallback_the_platform_takes_its_own(in_process: InProcess) -> None:
    app = App()
    failing(app, Oops())
    reply = await get(in_process, app)
    assert (reply.status_code, reply.content) == (500, b"")


async def test_a_failure_is_logged_once_with_its_event_and_handler(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()
    failing(app, Oops("why"))
    await get(in_process, app)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.name == "callbackkit"
    assert record.getMessage().endswith("broken failed for answer (call_id c-1)")
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], Oops)
    assert record.__dict__["event"] == "answer"
    assert record.__dict__["call_id"] == "c-1"
    assert record.__dict__["handler"].endswith(" broken")
    assert "test_failure.py:" in record.__dict__["handler"]
    shown = logging.Formatter().format(record) + str(vars(record))
    assert "secret text" not in shown
    assert "4321" not in shown


async def test_a_message_is_named_by_its_own_id(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()
    failing(app, Oops(), "sms")
    async with in_process(app) as client:
        await client.post("/", json=SMS)
    assert caplog.records[0].__dict__["message_id"] == "m-1"


@pytest.mark.parametrize("sync", [False, True])
async def test_on_error_answers(
    sync: bool, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app, seen = App(strict=True), []
    failing(app, Oops("why"))

    async def sorry(error: LookupError, callback: Callback) -> Reply:
        seen.append((repr(error), callback.path))
        return Pause(length=7)

    def sorry_thread(error: LookupError, callback: Callback) -> Reply:
        seen.append((repr(error), callback.path))
        return Pause(length=7)

    app.on_error(LookupError)(sorry_thread if sync else sorry)
    reply = await get(in_process, app)
    assert reply.status_code == 200
    assert b'length="7"' in reply.content
    assert seen == [("Oops('why')", "/")]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("error", "answered"),
    [(Oops(), 1), (KeyError(), 2), (ValueError(), 3), (OSError(), 3), (TimeoutError(), 4)],
)
async def test_the_nearest_class_answers(
    error: Exception, answered: int, in_process: InProcess
) -> None:
    app = App()
    failing(app, error)

    def answers(length: int, *classes: type[Exception]) -> None:
        async def sorry(error: Exception) -> Reply:
            return Pause(length=length)

        app.on_error(*classes)(sorry)

    answers(3, Exception)
    answers(1, Oops)
    answers(2, LookupError)
    answers(4, TimeoutError, ConnectionError)
    assert f'length="{answered}"' in (await get(in_process, app)).text


async def test_the_router_answers_before_the_app(in_process: InProcess) -> None:
    app, outer, inner = App(), Router(), Router()

    def answers(router: Router, length: int, cls: type[Exception]) -> None:
        async def sorry(error: Any) -> Reply:
            return Pause(length=length)

        router.on_error(cls)(sorry)

    answers(app, 1, Oops)
    answers(outer, 2, LookupError)
    answers(inner, 3, Exception)
    failing(inner, Oops(), "answer")
    failing(outer, Oops(), "gather")
    failing(app, Oops(), "redirect")
    outer.include(inner)
    app.include(outer)
    lengths = [
        (await get(in_process, app, event)).text for event in ("answer", "gather", "redirect")
    ]
    assert [text.partition('length="')[2][:1] for text in lengths] == ["3", "2", "1"]


async def test_on_error_may_answer_with_a_status(in_process: InProcess) -> None:
    app = App()
    failing(app, Oops())

    @app.on_error(Oops)
    async def sorry(error: Oops) -> Reply:
        return PlainTextResponse("later", 503)

    assert (await get(in_process, app)).status_code == 503


async def test_an_on_error_that_fails_is_logged_with_both_errors(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(fallback=Hangup())
    failing(app, Oops("first"))

    @app.on_error(Oops)
    async def sorry(error: Oops) -> Reply:
        raise KeyError("second")

    assert b"<Hangup/>" in (await get(in_process, app)).content
    (record,) = caplog.records
    assert "sorry failed for answer" in record.getMessage()
    told = logging.Formatter().format(record)
    assert "second" in told
    assert "first" in told


@pytest.mark.parametrize("error", [Oops(), SetupError("x"), DecodeError("x"), RuntimeError()])
async def test_strict_raises_the_exception_of_the_handler(
    error: Exception, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(strict=True, fallback=Hangup())
    failing(app, error)
    with pytest.raises(type(error)) as caught:
        await get(in_process, app)
    assert caught.value is error


@pytest.mark.parametrize("error", [SetupError("x"), DecodeError("x"), ReplyError("x")])
async def test_errors_of_ours_in_a_handler_are_its_failure(
    error: Exception, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(fallback=Hangup())
    failing(app, error)
    assert b"<Hangup/>" in (await get(in_process, app)).content
    assert "broken failed for answer" in caplog.text


async def test_a_predicate_that_fails_is_a_failure_of_its_handler(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(fallback=Hangup())

    @app.on("answer", when=lambda event: event.tag.startswith("x"))
    async def picky(event: Any) -> None: ...

    assert b"<Hangup/>" in (await get(in_process, app)).content
    (record,) = caplog.records
    assert "picky failed for answer (call_id c-1)" in record.getMessage()
    assert "'NoneType' object has no attribute 'startswith'" in caplog.text


async def test_awaiting_something_cancelled_is_a_failure(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(fallback=Hangup())

    @app.on("answer")
    async def impatient(event: Any) -> None:
        task = asyncio.create_task(asyncio.sleep(3600))
        asyncio.get_running_loop().call_soon(task.cancel)
        await task

    assert b"<Hangup/>" in (await get(in_process, app)).content
    assert "impatient failed for answer" in caplog.text


async def test_a_response_that_fails_while_it_streams_is_a_failure(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(fallback=Hangup())

    @app.on("answer")
    async def streaming(event: Any) -> Reply:
        async def chunks() -> AsyncIterator[str]:
            yield "half"
            raise Oops

        return StreamingResponse(chunks())

    reply = await get(in_process, app)
    assert (reply.status_code, b"half" in reply.content) == (200, False)
    assert b"<Hangup/>" in reply.content


async def test_work_of_a_failed_handler_is_dropped_and_that_of_on_error_runs(
    in_process: InProcess,
) -> None:
    app, ran = App(), []

    @app.on("answer")
    async def broken(event: Any, after: After) -> None:
        after(ran.append, "handler")
        raise Oops

    @app.on_error(Oops)
    async def sorry(error: Oops, after: After) -> None:
        after(ran.append, "on_error")

    await get(in_process, app)
    await app.settle()
    assert ran == ["on_error"]


async def test_work_of_an_on_error_that_fails_is_dropped(in_process: InProcess) -> None:
    app, ran = App(), []
    failing(app, Oops())

    @app.on_error(Oops)
    async def sorry(error: Oops, after: After) -> None:
        after(ran.append, "on_error")
        raise error

    await get(in_process, app)
    await app.settle()
    assert ran == []


# What nobody handles


UNHANDLED = {
    ("GET", "answer"): True,
    ("GET", "gather"): True,
    ("GET", "redirect"): True,
    ("POST", "sms"): True,
    ("POST", "mms"): True,
    ("POST", "hangup"): False,
    ("GET", "incomingcall"): False,
    ("GET", "transferComplete"): False,
    ("POST", "recording"): False,
    ("POST", "answer"): False,  # such a call is steered through the REST API
    ("POST", "fax"): False,
}


async def deliver(
    in_process: InProcess, app: App, method: str, event: str, path: str = "/", **more: str
) -> httpx.Response:
    ids = {"recordingId": "r-1", "transcriptionId": "t-1", "conferenceId": "conf-1"}
    fields = {**SMS, **CALL, **ids, "direction": "in", **more, "eventType": event}
    async with in_process(app) as client:
        if method == "GET":
            return await client.get(path, params=fields)
        return await client.post(path, json=fields)


@pytest.mark.parametrize(("method", "event"), UNHANDLED)
async def test_an_unhandled_event_is_acknowledged_and_logged_once(
    method: str, event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(duplicates=False)
    for _ in range(3):
        reply = await deliver(in_process, app, method, event)
        assert (reply.status_code, reply.content) == (200, b"")
    assert len(caplog.records) == UNHANDLED[method, event]
    for record in caplog.records:
        assert record.levelno == logging.WARNING
        assert f"no handler took {event}" in record.getMessage()
        assert record.__dict__["event"] == event
        assert "secret text" not in caplog.text


VERBS_NAME_ITS_PATH = [("GET", "recording"), ("POST", "transcription"), ("GET", "transferComplete")]


@pytest.mark.parametrize(("method", "event"), VERBS_NAME_ITS_PATH)
async def test_what_a_verb_sends_to_a_path_wants_a_handler_there(
    method: str, event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(duplicates=False)
    app.on(event, path="/elsewhere")(lambda event: None)
    for path in ("/done", "/done/", "/elsewhere", "/", "", "/done"):
        await deliver(in_process, app, method, event, path=path)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert f"no handler took {event} at /done" in record.getMessage()
    assert ', path="/done")' in record.getMessage()


@pytest.mark.parametrize("event", ["hangup", "timeout", "dtmf", "speak", "conference", "sms"])
async def test_what_goes_to_the_url_of_a_call_may_be_left_alone_at_any_path(
    event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    await deliver(in_process, App(), "POST", event, path="/calls", direction="out")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ("incomingCall", "incomingcall"),
        ("incoming-call", "incomingcall"),
        ("SMS", "sms"),
        ("transfer_complete", "transferComplete"),
        ("conferenceMember", "conference-member"),
    ],
)
@pytest.mark.parametrize("handled", [True, False])
async def test_a_kind_that_is_a_known_one_but_for_its_form_is_logged_once(
    handled: bool,
    sent: str,
    known: str,
    in_process: InProcess,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App()
    taken: list[Any] = []
    if handled:
        app.on(UnknownEvent)(taken.append)
    for method in ("GET", "POST", "POST"):
        assert (await deliver(in_process, app, method, sent)).status_code == 200
    assert [event.kind for event in taken] == [sent] * 3 * handled
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert f'an event "{sent}" is taken as UnknownEvent' in record.getMessage()
    assert f'is called "{known}"' in record.getMessage()


@pytest.mark.parametrize("direction", ["out", ""])
async def test_a_receipt_may_be_left_alone(
    direction: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    await deliver(in_process, App(), "POST", "sms", direction=direction)
    assert caplog.records == []


@pytest.mark.parametrize(("method", "event"), [key for key, told in UNHANDLED.items() if told])
async def test_the_offered_handler_can_be_pasted(
    method: str, event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    await deliver(in_process, App(), method, event)
    pasted = caplog.records[0].getMessage().partition("Paste one:\n\n")[2]
    caplog.clear()
    app = App(strict=True)
    handled: list[Any] = []
    app.observe(lambda observation: handled.append(observation.handler))
    exec(compile(pasted, "pasted.py", "exec"), {"app": app})
    reply = await deliver(in_process, app, method, event)
    assert handled[0].name == f"on_{event}"
    assert reply.status_code == 200
    assert bool(reply.content) is (method == "GET")
    assert caplog.records == []


async def test_the_log_says_when_handlers_exist_but_none_matched(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    @app.on("gather", digits="1")
    async def one(event: Any) -> None: ...

    await deliver(in_process, app, "GET", "gather")
    assert "no handler took gather: none of its 1 handlers matched" in caplog.text


def test_a_fallback_other_than_a_reply_is_refused() -> None:
    with pytest.raises(ValueError, match="Response"):
        App(fallback="sorry")  # type: ignore[arg-type]


async def test_a_bad_host_is_refused_before_the_handler_runs(in_process: InProcess) -> None:
    app = App()
    ran: list[Any] = []

    @app.on("answer")
    async def answer(event: Any) -> None:
        ran.append(event)

    async with in_process(app) as client:
        reply = await client.get("/", params=CALL, headers={"host": 'x"/><Hangup/>'})
    assert (reply.status_code, ran) == (400, [])
