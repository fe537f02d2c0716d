"""What a handler may return, and where its verbs are read."""

import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.background import BackgroundTask
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    StreamingResponse,
)
from starlette.responses import Response as StarletteResponse

from callbackkit import HttpResponse, ReplyError
from callbackkit.bxml import Document
from callbackkit.http import HttpRequest
from callbackkit.v1 import (
    DIALECT,
    After,
    AnswerEvent,
    App,
    Gather,
    Hangup,
    Pause,
    Response,
    SmsEvent,
    SpeakSentence,
)

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}
IDS = {"callId": "c-1", "conferenceId": "conf-1", "recordingId": "rec-1", "transcriptionId": "t-1"}
READ = {("GET", "answer"), ("GET", "gather"), ("GET", "redirect")}
DISPUTED = {("GET", "transferComplete")}
HERE = Path(__file__).read_bytes()
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'


async def reply_of(
    in_process: InProcess,
    result: Any,
    event: str = "answer",
    method: str = "GET",
    times: int = 1,
    **options: Any,
) -> httpx.Response:
    """The reply when a handler returns this."""
    app = App(duplicates=False, **options)

    @app.on(event)
    async def returning(event: Any) -> Any:
        return result

    fields = {**SMS, **IDS, "eventType": event}
    async with in_process(app) as client:
        for _ in range(times):
            reply = await client.request(
                method, "/", **({"params": fields} if method == "GET" else {"json": fields})
            )
        return reply


@pytest.mark.parametrize(
    ("result", "body"),
    [
        (Hangup(), b"<Response><Hangup/></Response>"),
        ([Pause(length=1), Hangup()], b'<Response><Pause length="1"/><Hangup/></Response>'),
        ((Hangup(),), b"<Response><Hangup/></Response>"),
        (Response([Hangup()]), b"<Response><Hangup/></Response>"),
        ([], b"<Response/>"),
        (
            Gather(SpeakSentence("1 & 2"), request_url="/digits"),
            b'<Response><Gather requestUrl="http://app.test/digits">'
            b"<SpeakSentence>1 &amp; 2</SpeakSentence></Gather></Response>",
        ),
    ],
)
async def test_verbs_become_a_document_with_its_headers(
    result: Any, body: bytes, in_process: InProcess
) -> None:
    reply = await reply_of(in_process, result, strict=True)
    assert reply.content == HEAD + body
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/xml"
    assert reply.headers["content-length"] == str(len(reply.content))


async def test_none_is_an_empty_200(in_process: InProcess) -> None:
    reply = await reply_of(in_process, None, "hangup")
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["content-length"] == "0"


async def chunks() -> AsyncIterator[str]:
    yield "one "
    yield "two"


@pytest.mark.parametrize(
    ("response", "status", "body", "kind"),
    [
        (StarletteResponse(status_code=204), 204, b"", None),
        (JSONResponse({"a": 1}, 202), 202, b'{"a":1}', "application/json"),
        (HTMLResponse("<p>"), 200, b"<p>", "text/html; charset=utf-8"),
        (RedirectResponse("https://example.com/"), 307, b"", None),
        (StreamingResponse(chunks(), 201, media_type="text/plain"), 201, b"one two", "text/plain"),
        (FileResponse(__file__, media_type="text/plain"), 200, None, "text/plain"),
        (HttpResponse.text(418, "tea\n"), 418, b"tea\n", "text/plain"),
    ],
)
@pytest.mark.parametrize("event", ["answer", "sms"])
async def test_http_responses_go_out_as_they_are(
    response: Any, status: int, body: bytes | None, kind: str, event: str, in_process: InProcess
) -> None:
    if isinstance(response, StreamingResponse) and not isinstance(response, FileResponse):
        response = StreamingResponse(chunks(), 201, media_type="text/plain")
    if isinstance(response, StarletteResponse):
        response.headers["x-mine"] = "1"
    reply = await reply_of(in_process, response, event, "GET" if event == "answer" else "POST")
    assert reply.status_code == status
    if body is None:
        body = HERE
    assert reply.content == body
    if isinstance(response, StarletteResponse):
        assert reply.headers["x-mine"] == "1"
    if kind:
        assert reply.headers["content-type"].startswith(kind)


async def test_a_file_is_sent_whole_where_the_server_could_send_it_itself() -> None:
    app, sent = App(), []

    @app.on("answer")
    async def handler(event: Any) -> Any:
        return FileResponse(__file__)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"eventType=answer&callId=c-1",
            "headers": [(b"host", b"app.test")],
            "extensions": {"http.response.pathsend": {}},
        },
        receive,
        send,
    )
    assert b"pathsend" in sent[1]["body"]


async def test_headers_of_one_name_all_go_out(in_process: InProcess) -> None:
    response = StarletteResponse("x")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    reply = await reply_of(in_process, response)
    assert len(reply.headers.get_list("set-cookie")) == 2


async def test_the_work_of_a_response_is_done(in_process: InProcess) -> None:
    done: list[int] = []
    response = StarletteResponse("x", background=BackgroundTask(done.append, 1))
    await reply_of(in_process, response)
    assert done == [1]


@pytest.mark.parametrize(
    "result", ["text", b"bytes", 3, True, {"a": 1}, SmsEvent, [Hangup(), "x"], object(), Document]
)
@pytest.mark.parametrize("event", ["answer", "hangup"])
async def test_returning_anything_else_is_a_failure_of_the_handler(
    result: Any, event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ReplyError, match=r"test_replies\.py:\d+ returning: ") as caught:
        await reply_of(in_process, result, event, strict=True)
    assert "\n" not in str(caught.value)
    reply = await reply_of(in_process, result, event, fallback=Hangup())
    assert reply.status_code == (200 if event == "answer" else 500)


async def test_a_document_that_is_too_big_is_the_handlers_failure(in_process: InProcess) -> None:
    verbs = [SpeakSentence("x" * 60_000), Hangup()]
    with pytest.raises(ReplyError, match="SpeakSentence"):
        await reply_of(in_process, verbs, strict=True)
    assert b"<Hangup/>" in (await reply_of(in_process, verbs, fallback=Hangup())).content


async def test_an_invalid_host_gets_no_document(in_process: InProcess) -> None:
    app, ran = App(), []

    @app.on("answer")
    async def handler(event: Any, after: After) -> Any:
        after(ran.append, event)
        return Gather(request_url="/digits")

    async with in_process(app) as client:
        reply = await client.get(
            "/", params={"eventType": "answer", **IDS}, headers={"host": 'x"/><Hangup/>'}
        )
    assert reply.status_code == 400
    assert b"Gather" not in reply.content
    await app.settle()
    assert ran == []


# Where verbs are read

EVERYWHERE = [(method, event) for event in DIALECT.events for method in ("GET", "POST")]


@pytest.mark.parametrize(("method", "event"), EVERYWHERE)
async def test_verbs_are_read_or_refused(
    method: str, event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    if (method, event) in READ | DISPUTED:
        for strict in (False, True):
            reply = await reply_of(in_process, Hangup(), event, method, strict=strict)
            assert reply.status_code == 200
            assert reply.content == HEAD + b"<Response><Hangup/></Response>"
        assert caplog.records == []
        return
    with pytest.raises(ReplyError) as caught:
        await reply_of(in_process, Hangup(), event, method, strict=True)
    words = str(caught.value)
    assert f"returning: returned verbs to {method} {event}, where nobody reads them; " in words
    assert not words.endswith("; ")
    assert caplog.records == []
    reply = await reply_of(in_process, Hangup(), event, method, times=3)
    assert (reply.status_code, reply.content) == (200, b"")
    (record,) = caplog.records
    assert record.getMessage() == words
    assert record.levelno == logging.WARNING
    assert record.__dict__["event"] == event


@pytest.mark.parametrize(("method", "event"), EVERYWHERE)
async def test_an_empty_reply_is_accepted_where_no_verbs_are_read(
    method: str, event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    for nothing in ([], Response([])):
        caplog.clear()
        await reply_of(in_process, nothing, event, method, strict=True)
        assert [r.getMessage() for r in caplog.records if "no verbs" not in r.getMessage()] == []


@pytest.mark.parametrize(("method", "event"), EVERYWHERE)
async def test_silence_on_the_line_is_logged_once(
    method: str, event: str, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    silent = (method, event) in {("GET", "answer"), ("GET", "redirect")}
    for nothing in (None, [], Response()):
        caplog.clear()
        reply = await reply_of(in_process, nothing, event, method, times=3)
        assert reply.status_code == 200
        assert len(caplog.records) == silent
        for record in caplog.records:
            assert f"returning: returned no verbs to {event}: the caller hears" in record.message


def test_a_reply_is_a_value() -> None:
    assert HttpResponse.text(400, "x") == HttpResponse.text(400, "x")
    assert hash(HttpResponse(200)) == hash(HttpResponse(200))
    assert HttpResponse.bxml(b"<a/>").headers == (
        (b"content-type", b"application/xml"),
        (b"content-length", b"4"),
    )


def test_a_stored_callback_can_be_decoded_again() -> None:
    query = b"eventType=answer&callId=c-1&from=%2B19195551212&mine=1"
    first, again = (DIALECT.decode(HttpRequest("GET", query=query)) for _ in range(2))
    assert list(first) == list(again)
    assert first[0] is not again[0]


@pytest.mark.parametrize(
    "reply",
    [
        "<Response><Hangup/></Response>",
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<Response/>',
        "  <SpeakSentence>Hi</SpeakSentence>",
        ["<Hangup/>"],
        [Hangup(), b"<Hangup/>"],
    ],
)
async def test_bxml_as_text_is_advised_to_be_parsed(in_process, reply: Any) -> None:
    app = App(strict=True)

    @app.on("answer")
    async def answer(call: AnswerEvent) -> Any:
        return reply

    async with in_process(app) as client:
        with pytest.raises(ReplyError, match=r"is BXML already becomes verbs by parse\(") as caught:
            await client.get("/", params={"eventType": "answer", "callId": "c-1"})
    assert "write SpeakSentence" not in str(caught.value)


async def test_other_text_is_advised_to_be_spoken(in_process) -> None:
    app = App(strict=True)

    @app.on("answer")
    async def answer(call: AnswerEvent) -> Any:
        return "1 < 2"

    async with in_process(app) as client:
        with pytest.raises(ReplyError, match=r"; write SpeakSentence\('1 < 2'\)"):
            await client.get("/", params={"eventType": "answer", "callId": "c-1"})
