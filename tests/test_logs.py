"""The log: fields on every record, and no credentials, no text of a message, no forged lines."""

import logging
import os
import re
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

import callbackkit
from callbackkit.v1 import App, Callback, GatherEvent, Reply, SmsEvent, SpeakSentence

pytestmark = pytest.mark.anyio

TEXT = "distinctive-words-of-a-caller"
PASSWORD = "distinctive-p:ss"
WRONG = "distinctive-wrong"

APP = f'''
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, SmsEvent, SpeakSentence


def made():
    app = App(auth=("user", {PASSWORD!r}))

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent):
        return Gather(SpeakSentence(call.tag, voice="susan"), request_url="/next", tag=call.tag)

    @app.on(GatherEvent)
    async def fail(event: GatherEvent):
        raise ValueError("a mistake of the handler")

    @app.on(SmsEvent)
    async def take(sms: SmsEvent):
        return SpeakSentence(sms.text, voice="susan")

    return app


async def other(request):
    return PlainTextResponse("other")


class Outer(BaseHTTPMiddleware):
    """Replies from another task than the one that the app below it runs in."""

    async def dispatch(self, request, call_next):
        return await call_next(request)


broken = App()


@broken.on(AnswerEvent)
async def needs_what_nobody_provides(call: AnswerEvent, nobody: bytes): ...


def host(*middleware):
    routes = [Mount("/cb", made()), Mount("/broken", broken), Route("/other", other)]
    return Starlette(routes=routes, middleware=[Middleware(cls) for cls in middleware])


alone, mounted, wrapped = made(), host(), host(Outer)
'''


@contextmanager
def uvicorn(folder: Path, *arguments: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """`python -m uvicorn` as a user starts it: its URL, and what stops it and gives its output."""
    (folder / "main.py").write_text(APP, "utf-8")
    paths = [str(Path(callbackkit.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--port", "0", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    before = ""
    try:
        for line in process.stdout:
            before += line
            if found := re.search(r"running on (http://\S+)", line):
                break
        else:
            pytest.fail(before)

        def stopped() -> str:
            process.terminate()
            after, _ = process.communicate(timeout=20)
            return before + after

        yield found[1], stopped
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("kind", ["alone", "mounted", "wrapped"])
def test_the_access_log_of_real_uvicorn_has_callbacks_without_their_query(
    tmp_path: Path, kind: str, http: str
) -> None:
    if find_spec(http) is None:
        pytest.skip(f"{http} is not installed")
    with uvicorn(tmp_path, "--http", http, f"main:{kind}") as (url, stopped):
        address = url.removeprefix("http://")
        prefix = "" if kind == "alone" else "/cb"
        root = f"http://user:{PASSWORD.replace(':', '%3A')}@{address}{prefix}"
        wrong = f"http://user:{WRONG}@{address}{prefix}"
        with httpx.Client(trust_env=False, timeout=20) as client:

            def get(at: str, **query: str) -> int:
                params = {"callId": "c-1", "tag": TEXT, "text": TEXT, **query}
                return client.get(at, params=params).status_code

            sms = {"eventType": "sms", "messageId": "m", "from": "1", "to": "2", "text": TEXT}
            assert get(f"{root}/answer", eventType="answer") == 200
            assert get(f"{root}/wrong", eventType="answer", callId="") == 200
            assert get(f"{root}/new", eventType="brand-new") == 200
            assert get(f"{root}/fail", eventType="gather") == 500
            assert get(f"{wrong}/denied", eventType="answer") == 401
            assert client.post(f"{root}/sms?tag={TEXT}&eventType=", json=sms).status_code == 200
            if kind != "wrapped":  # nothing tells there that it is meant for the app
                assert get(f"{root}/nothing") == 400
            if kind != "alone":
                assert get(f"http://{address}/broken/", eventType="answer") == 500
                assert client.get(f"http://{address}/other?kept=1").status_code == 200
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), timeout=20) as raw:
            target = f"{root}/absolute?eventType=answer&tag={TEXT}".encode()
            raw.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 4")
        log = stopped()
    assert f'"GET {prefix}/answer HTTP/1.1" 200' in log
    assert f'"GET {prefix}/fail HTTP/1.1" 500' in log
    assert f'"GET {prefix}/denied HTTP/1.1" 401' in log
    assert f'"POST {prefix}/sms HTTP/1.1" 200' in log
    assert "a mistake of the handler" in log
    if kind != "alone":
        assert '"GET /other?kept=1 HTTP/1.1" 200' in log
        assert "the app can't serve" in log
    for secret in (TEXT, PASSWORD, PASSWORD.replace(":", "%3A"), WRONG, "brand-new&"):
        assert secret not in log
    for password in (PASSWORD, WRONG):
        assert b64encode(f"user:{password}".encode()).decode() not in log


# Records

IDS = {"messageId": "m-1", "from": "+1", "to": "+2"}


def failing() -> App:
    app = App(auth=("user", PASSWORD), deadline=0.01)

    @app.on(GatherEvent, tag="wait")
    async def wait(event: GatherEvent) -> Reply:
        import anyio

        await anyio.sleep_forever()
        return None

    @app.on(GatherEvent)
    async def fail(event: GatherEvent) -> Reply:
        raise ValueError(f"can't use {event.tag}")

    @app.on(SmsEvent, tag="read")
    async def answer(sms: SmsEvent) -> Reply:
        return SpeakSentence(sms.text, voice="susan")

    return app


@pytest.mark.parametrize(
    ("event", "level", "handler", "identity"),
    [
        ({"eventType": "gather", "callId": "c-7"}, "ERROR", "fail", ("call_id", "c-7")),
        (
            {"eventType": "gather", "callId": "c-7", "tag": "wait"},
            "ERROR",
            "wait",
            ("call_id", "c-7"),
        ),
        ({"eventType": "sms", **IDS, "tag": "read"}, "WARNING", "answer", ("message_id", "m-1")),
        ({"eventType": "sms", **IDS, "direction": "in"}, "WARNING", None, ("message_id", "m-1")),
        ({"eventType": "sms", **IDS, "time": TEXT}, "WARNING", None, ("message_id", "m-1")),
        ({"eventType": "answer", "callId": "c-7"}, "WARNING", None, ("call_id", "c-7")),
    ],
)
async def test_records_carry_event_handler_and_id_as_fields(
    event: dict[str, str],
    level: str,
    handler: str | None,
    identity: tuple[str, str],
    in_process: Callable[..., httpx.AsyncClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with in_process(failing()) as client:
        if event["eventType"] == "answer":  # by POST nobody needs to handle it
            await client.get("/", params={"text": TEXT, **event}, auth=("user", PASSWORD))
        else:
            await client.post("/", json={"text": TEXT, **event}, auth=("user", PASSWORD))
    (record,) = [record for record in caplog.records if record.name == "callbackkit"]
    found = vars(record)
    assert record.levelname == level
    assert found["event"] == event["eventType"]
    assert found[identity[0]] == identity[1]
    if handler is None:
        assert found["handler"] is None
    else:
        where, _, name = found["handler"].rpartition(" ")
        assert name.endswith(handler)
        assert re.search(r"test_logs\.py:\d+$", where)
    assert TEXT not in caplog.text


async def test_an_event_without_its_id_is_logged_with_its_type(
    in_process: Callable[..., httpx.AsyncClient], caplog: pytest.LogCaptureFixture
) -> None:
    async with in_process(App()) as client:
        await client.post("/", json={"eventType": "sms", "text": TEXT})
    (record,) = [record for record in caplog.records if record.name == "callbackkit"]
    assert vars(record)["event"] == "sms"
    assert TEXT not in caplog.text


async def test_a_callback_that_succeeds_is_not_logged(
    in_process: Callable[..., httpx.AsyncClient], caplog: pytest.LogCaptureFixture
) -> None:
    app = App(auth=("user", PASSWORD))

    @app.on(SmsEvent)
    async def take(sms: SmsEvent) -> None: ...

    with caplog.at_level(logging.INFO):
        async with in_process(app) as client:
            for number in range(3):
                sms = {"eventType": "sms", **IDS, "messageId": f"m-{number}", "text": TEXT}
                assert (await client.post("/", json=sms, auth=("user", PASSWORD))).is_success
                assert (await client.post("/", json=sms, auth=("user", WRONG))).status_code == 401
    assert not [record for record in caplog.records if record.name.startswith("callbackkit")]


HOSTILE = "x\r\nforged: line\x1b[2J\x07\x00\u2028\x85forged\ud800\x9b31m"


async def test_text_of_a_sender_breaks_no_line_and_steers_no_terminal(
    in_process: Callable[..., httpx.AsyncClient], caplog: pytest.LogCaptureFixture
) -> None:
    app = failing()
    seen: list[str] = []

    @app.middleware
    async def watch(callback: Callback, following: Any) -> Reply:
        seen.append(repr(callback))
        result: Reply = await following(callback)
        return result

    import json

    events: list[dict[str, Any]] = [
        {"eventType": "gather", "callId": HOSTILE, "tag": HOSTILE},
        {"eventType": "gather", "callId": HOSTILE, "tag": "wait"},
        {"eventType": "sms", **IDS, "messageId": HOSTILE, "time": HOSTILE, "direction": "in"},
        {"eventType": "sms", **IDS, "messageId": HOSTILE * 9, "tag": "read", "text": HOSTILE},
        {"eventType": "sms", HOSTILE: HOSTILE, "from": HOSTILE},
        {"eventType": HOSTILE, "callId": HOSTILE},
    ]
    async with in_process(app) as client:
        for event in events:
            await client.post(
                "/%0d%0aforged%1b[2J", content=json.dumps(event), auth=("user", PASSWORD)
            )
    assert len(seen) == len(events)
    assert len(caplog.records) >= 5
    formatter = logging.Formatter("%(levelname)s %(message)s %(event)s %(handler)s")
    lines: list[str] = list(seen)
    for record in caplog.records:
        lines += formatter.format(record).split("\n")
        for name in ("event", "handler", "call_id", "message_id"):
            value = vars(record).get(name)
            assert value is None or (value.isprintable() and value.isascii())
            assert value is None or name == "handler" or len(value) <= 80
    for line in lines:
        assert line.isprintable(), line
        assert not line.startswith("forged")
    assert any("can't use x" in line for line in lines)  # the handler's own words are there
