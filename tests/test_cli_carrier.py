"""`callbackkit carrier` as a process of its own: the platform for a real app, with phones over HTTP."""

import gc
import os
import re
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest

from callbackkit.carrier.leg import Leg
from callbackkit.carrier.platform import LONG_AGO
from callbackkit.cli.carrier import _tidy_up
from callbackkit.testing import Phone
from callbackkit.v1 import (
    AnswerEvent,
    App,
    Client,
    Gather,
    GatherEvent,
    Hangup,
    PhoneNumber,
    Record,
    RecordingEvent,
    Reply,
    SmsEvent,
    SpeakSentence,
    Transfer,
)
from callbackkit.v1.carrier import Carrier

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="there is no SIGINT for a process there"
)


class Running:
    """A started carrier: its URL, what it exports, and a client for its phones."""

    def __init__(self, process: "subprocess.Popen[str]", stack: ExitStack) -> None:
        self.process = process
        self.output = ""
        self.url = self.wait_for(r"# The carrier is up on (\S+) until Ctrl-C")
        self.exported = dict(re.findall(r"^export (\w+)=(\S+)$", self.output, re.MULTILINE))
        self.phone = stack.enter_context(
            httpx.Client(base_url=f"{self.url}/phone", trust_env=False, timeout=30)
        )

    def wait_for(self, pattern: str) -> str:
        """The group in the first further line that the pattern is found in."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if found := re.search(pattern, line):
                return found[found.re.groups]
        raise AssertionError(f"it ended without {pattern}:\n{self.output}")

    def call(self, **body: Any) -> str:
        """The id of a call that a phone makes."""
        made = self.phone.post("/calls", json=body)
        assert made.status_code == 201
        assert made.headers["location"] == f"/phone/calls/{made.json()['id']}"
        return str(made.json()["id"])

    def told(self, call: str) -> Any:
        return self.phone.get(f"/calls/{call}").raise_for_status().json()

    def until(self, call: str, ready: Callable[[Any], bool]) -> Any:
        """What is told of a call as soon as something is so."""
        while not ready(told := self.told(call)):
            assert self.process.poll() is None
        return told

    def stop(self, number: int = signal.SIGINT) -> int:
        """The exit code after a signal, by default Ctrl-C."""
        assert self.process.stdout is not None
        self.process.send_signal(number)
        self.output += self.process.stdout.read()
        return self.process.wait()


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    with ExitStack() as stack:

        def start(*options: str) -> Running:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "callbackkit", "carrier", "--port", "0", *options],
                    cwd=tmp_path,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    encoding="utf-8",
                )
            )
            stack.callback(process.kill)
            # What never comes ends the process, and so the waiting for it.
            limit = Timer(60, process.kill)
            limit.start()
            stack.callback(limit.cancel)
            return Running(process, stack)

        yield start


def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="julie")


def a_line(**options: Any) -> App:
    app = App(**options)

    @app.on(AnswerEvent)
    async def menu(call: AnswerEvent) -> Reply:
        # It takes minutes to say, so that nobody has to hurry.
        return Gather(say("Press 1. " * 200), request_url="/picked", max_digits=2)

    @app.on(GatherEvent, path="/picked", digits="12")
    async def record(gather: GatherEvent) -> Reply:
        kept = Record(
            max_duration=600, silence_timeout=60, terminating_digits="#", request_url="/kept"
        )
        return [kept, Hangup()]

    @app.on(RecordingEvent, path="/kept")
    async def kept(recording: RecordingEvent) -> None: ...

    @app.on(GatherEvent, path="/picked", digits="22")
    async def sales(gather: GatherEvent) -> Reply:
        return [Transfer([PhoneNumber("+19195550111")], call_timeout=300), say("Nobody."), Hangup()]

    @app.on(GatherEvent, path="/picked", digits="99")
    async def broken(gather: GatherEvent) -> Reply:
        raise LookupError("no such thing")

    @app.on(GatherEvent)
    async def end(gather: GatherEvent) -> Reply:
        return Hangup()

    return app


def test_the_output_exports_variables_for_a_client_and_comments_the_rest(
    carrier: Callable[..., Running],
) -> None:
    running = carrier("--number", "+4930123", "--number", "+4930456")
    assert running.exported == {
        "BANDWIDTH_USER_ID": "u-carrier",
        "BANDWIDTH_API_TOKEN": "t-carrier",
        "BANDWIDTH_API_SECRET": "s-carrier",
        "CALLBACKKIT_BASE_URL": f"{running.url}/v1",
    }
    lines = running.output.splitlines()
    assert "# Numbers: +4930123, +4930456" in lines
    assert "# No --app: callbacks go nowhere until an application has URLs" in lines
    assert all(line.startswith(("export ", "# ")) for line in lines)
    assert running.stop() == 0


@pytest.mark.anyio
async def test_the_rest_api_is_there_for_any_client(carrier: Callable[..., Running]) -> None:
    running = carrier("--limits", "documented")
    given = running.exported
    async with Client(
        given["BANDWIDTH_USER_ID"],
        given["BANDWIDTH_API_TOKEN"],
        given["BANDWIDTH_API_SECRET"],
        base_url=given["CALLBACKKIT_BASE_URL"],
    ) as client:
        numbers = [number.number async for number in client.phone_numbers.list()]
    assert numbers == ["+19195550100"]
    assert running.stop() == 0


def test_a_phone_calls_an_app(carrier: Callable[..., Running], serve: Callable[..., str]) -> None:
    running = carrier("--app", serve(a_line()), "--speed", "10")
    call = running.call(**{"from": "+4930123", "to": "+4930456"})
    told = running.phone.post(f"/calls/{call}/keys", json={"keys": "12"}).raise_for_status().json()
    assert (told["from"], told["to"], told["phone"]) == ("+4930123", "+4930456", "+4930123")
    told = running.phone.post(f"/calls/{call}/speech", json={"text": "It is Bob."}).json()
    assert told["state"] == "up"
    assert told["listening"] == [{"what": "Record", "keys": "#", "speech": True}]
    running.phone.post(f"/calls/{call}/keys", json={"keys": "#"}).raise_for_status()
    told = running.until(call, lambda told: told["state"] == "over")
    assert told["ended"]["cause"] == "NORMAL_CLEARING"
    (heard,) = told["heard"]
    assert (heard["kind"], heard["cut"], heard["text"][:9]) == ("speech", True, "Press 1. ")
    story = told["transcript"]
    assert re.search(r"-> GET /picked gather digits=12 +200  Record, Hangup\n", story)
    assert 'says   "It is Bob."\n' in story
    assert [one["id"] for one in running.phone.get("/calls").json()] == [call]
    # What happens is printed too.
    running.wait_for(r"\[\+4930123\] hears  ")
    running.wait_for("-> GET /kept recording status=complete")
    assert running.stop() == 0


def test_keys_can_be_pressed_while_nothing_listens(
    carrier: Callable[..., Running], serve: Callable[..., str]
) -> None:
    app = App()

    @app.on(AnswerEvent)
    async def speak(call: AnswerEvent) -> Reply:
        return [say("Hello there. " * 100), Hangup()]

    running = carrier("--app", serve(app))
    call = running.call()
    running.until(call, lambda told: bool(told["heard"]))
    told = running.phone.post(f"/calls/{call}/keys", json={"keys": "1", "now": True}).json()
    assert "presses 1 (nobody is listening)" in told["transcript"]
    told = running.phone.post(
        f"/calls/{call}/speech", json={"text": "Hi.", "seconds": 0.01, "now": True}
    ).json()
    assert 'says   "Hi."' in told["transcript"]
    (found,) = running.phone.get("/diagnostics").json()
    assert (found["rule"], found["level"], found["subject"]) == ("unlistened-keys", "warning", call)
    assert set(found) == {
        *("level", "rule", "message", "line", "docs", "ledger", "place", "subject", "at")
    }
    # Who waits is told that nothing will listen any more.
    assert running.phone.delete(f"/calls/{call}").status_code == 200
    late = running.phone.post(f"/calls/{call}/keys", json={"keys": "1"})
    assert late.status_code == 409
    assert late.json() == {
        "error": f"nothing listens for keys: {call} has ended with NORMAL_CLEARING"
    }
    again = running.phone.delete(f"/calls/{call}")
    assert (again.status_code, again.json()) == (409, {"error": f"{call} is over"})
    assert running.stop() == 0


@pytest.mark.parametrize(
    ("does", "then"),
    [("answer", "is connected with"), ("busy", "(busy)"), ("decline", "(declined)")],
)
def test_a_phone_that_the_app_rings_can_be_picked_up(
    carrier: Callable[..., Running], serve: Callable[..., str], does: str, then: str
) -> None:
    running = carrier("--app", serve(a_line()), "--speed", "10")
    call = running.call()
    running.phone.post(f"/calls/{call}/keys", json={"keys": "22"}).raise_for_status()
    while not (
        legs := [one for one in running.phone.get("/calls").json() if one["parent"] == call]
    ):
        pass
    assert (legs[0]["phone"], legs[0]["state"]) == ("+19195550111", "ringing")
    leg = legs[0]["id"]
    assert running.phone.post(f"/calls/{leg}/{does}").status_code == 200
    running.until(call, lambda told: then in told["transcript"])
    again = running.phone.post(f"/calls/{leg}/{does}")
    assert (again.status_code, "does not ring any more" in again.json()["error"]) == (409, True)
    own = running.phone.post(f"/calls/{call}/{does}")
    assert (own.status_code, "this phone makes the call" in own.json()["error"]) == (409, True)
    if does == "answer":
        running.phone.post(f"/calls/{call}/keys", json={"keys": "7"}).raise_for_status()
        assert running.told(leg)["keysReceived"] == "7"
    assert running.stop() == 0


def test_a_phone_texts_an_app_and_gets_what_it_sends(
    carrier: Callable[..., Running], serve: Callable[..., str]
) -> None:
    app = App()
    exported: dict[str, str] = {}

    @app.on(SmsEvent, direction="in")
    async def echo(message: SmsEvent) -> None:
        names = ("USER_ID", "API_TOKEN", "API_SECRET")
        credentials = (exported[f"BANDWIDTH_{name}"] for name in names)
        async with Client(*credentials, base_url=exported["CALLBACKKIT_BASE_URL"]) as client:
            await client.messages.send(
                from_=message.to, to=message.from_, text=f"You said: {message.text}"
            )

    running = carrier("--app", serve(app), "--speed", "20", "--callback-http-method", "POST")
    exported.update(running.exported)
    sent = running.phone.post("/messages", json={"from": "+4930123", "text": "hello"})
    assert (sent.status_code, list(sent.json())) == (201, ["id"])
    while not (got := running.phone.get("/messages").json()):
        pass
    assert got == [
        {
            "id": got[0]["id"],
            "from": "+19195550100",
            "to": "+4930123",
            "text": "You said: hello",
            "media": [],
            "state": "sent",
        }
    ]
    running.wait_for(r"-> POST / sms")
    assert running.stop() == 0


def test_an_error_of_the_app_is_a_diagnostic_without_the_password(
    carrier: Callable[..., Running], serve: Callable[..., str]
) -> None:
    url = serve(a_line(auth=("user", "p4ss"))).replace("://", "://user:p4ss@")
    running = carrier("--app", url)
    call = running.call()
    running.phone.post(f"/calls/{call}/keys", json={"keys": "99"}).raise_for_status()
    while not (found := running.phone.get("/diagnostics").json()):
        pass
    assert (found[0]["rule"], found[0]["level"]) == ("callback-failed", "error")
    assert running.stop() == 0
    assert "/picked gather digits=99" in running.output
    assert "p4ss" not in running.output + str(found)


def test_callbacks_leave_the_machine_for_nobody_but_the_app(
    carrier: Callable[..., Running],
) -> None:
    # A documentation address: nobody has it, and nothing must be sent to find out.
    running = carrier()
    asked = httpx.post(
        f"{running.url}/v1/users/u-carrier/calls",
        json={"from": "+19195550100", "to": "+19195551212", "callbackUrl": "http://192.0.2.1/"},
        auth=("t-carrier", "s-carrier"),
        trust_env=False,
    )
    call = asked.raise_for_status().headers["location"].rpartition("/")[2]
    running.phone.post(f"/calls/{call}/answer").raise_for_status()
    while not (found := running.phone.get("/diagnostics").json()):
        pass
    assert found[0]["rule"] == "external-url"
    assert "http://192.0.2.1/, which is neither on this machine nor" in found[0]["message"]
    assert running.stop() == 0


# Safety


@pytest.fixture
def open_carrier(carrier: Callable[..., Running]) -> Running:
    return carrier()


def test_only_its_own_names_lead_to_it(open_carrier: Running) -> None:
    url, port = open_carrier.url, open_carrier.url.rpartition(":")[2]
    known = ("t-carrier", "s-carrier")
    with httpx.Client(base_url=url, auth=known, trust_env=False) as client:
        for path in ("/phone/calls", "/v1/users/u-carrier/phoneNumbers"):

            def status(path: str = path, **headers: str) -> int:
                return client.get(path, headers=headers).status_code

            for host in (f"127.0.0.1:{port}", f"localhost:{port}", "LOCALHOST", f"[::1]:{port}"):
                assert status(host=host, origin=f"http://{host}") == 200
            for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example"):
                assert status(host=host) == 403
            for host in ("", "[::1", "localhost@evil.example"):
                assert status(host=host) == 403
            for origin in ("http://evil.example", "null", "https://evil.example:8050"):
                assert status(origin=origin) == 403


def of_json(content: bytes) -> dict[str, Any]:
    return {"content": content, "headers": {"content-type": "application/json"}}


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("/calls", of_json(b"{"), 400, "the body can't be read as JSON"),
    ("/calls", of_json(b"[" * 60_000), 400, "the body can't be read as JSON"),
    ("/calls", of_json(b"\xff"), 400, "the body can't be read as JSON"),
    ("/calls", of_json(b"[]"), 400, "the body is no JSON object"),
    ("/calls", of_json(b" " * 65_537), 413, "a body has at most 65536 bytes"),
    (
        "/calls",
        {"data": {"from": "+1"}},
        415,
        "a body is JSON: send it with Content-Type: application/json",
    ),
    (
        "/calls",
        {"json": {"from": "bob"}},
        400,
        "from is a telephone number, such as +19195550100",
    ),
    ("/calls", {"json": {"to": 7}}, 400, "to is a telephone number, such as +19195550100"),
    ("/calls", {"json": {"tö": 7}}, 400, "there is no field 't\\xf6' here; it has from, to"),
    ("/messages", {}, 400, "text is missing"),
    ("/messages", {"json": {"text": ""}}, 400, "text is a text"),
    ("/messages", {"json": {"text": None}}, 400, "text is a text"),
    (
        "/messages",
        of_json(b'{"text": "\\ud800"}'),
        400,
        "text has half of a surrogate pair",
    ),
    (
        "/messages",
        {"json": {"text": "", "media": ["cat.png"]}},
        400,
        "media is a list of at most 10 absolute URLs",
    ),
    ("/calls/c-9/keys", {"json": {"keys": "1"}}, 404, "there is no call 'c-9'"),
    ("/calls/%1b%5b2J/answer", {}, 404, "there is no call '\\x1b[2J'"),
    ("/nothing", {}, 404, "Not Found"),
    ("/diagnostics", {}, 405, "Method Not Allowed"),
]


def test_a_wrong_request_is_answered_with_a_sentence(open_carrier: Running) -> None:
    for path, options, status, error in WRONG:
        got = open_carrier.phone.post(path, **options)
        assert (got.status_code, got.json()) == (status, {"error": error})
    assert open_carrier.phone.get("/calls").json() == []
    assert open_carrier.stop() == 0
    assert "Traceback" not in open_carrier.output


def test_wrong_keys_and_words_are_answered_with_a_sentence(
    carrier: Callable[..., Running], serve: Callable[..., str]
) -> None:
    running = carrier("--app", serve(a_line()))
    call = running.call()

    def error(path: str, **body: Any) -> tuple[int, str]:
        got = running.phone.post(f"/calls/{call}/{path}", json=body)
        return got.status_code, got.json()["error"]

    keys = "keys is 1 to 100 of 0-9, * and #"
    for wrong in ("", "a", "1" * 101, 1, None):
        assert error("keys", keys=wrong) == (400, keys)
    assert error("keys", keys="1", now="yes") == (400, "now is true or false")
    for wrong in (0, -1, 3601, True, "1"):
        assert error("speech", text="Hi.", seconds=wrong) == (
            400,
            "seconds is a number, more than 0 and at most 3600",
        )
    assert error("answer", keys="1") == (400, "there is no field 'keys' here; it has none")
    assert running.stop() == 0


# Its end


def test_ctrl_c_ends_it_cleanly_also_while_somebody_waits(
    carrier: Callable[..., Running], serve: Callable[..., str]
) -> None:
    app = App()

    @app.on(AnswerEvent)
    async def speak(call: AnswerEvent) -> Reply:
        return [say("Hello there. " * 100), Hangup()]

    running = carrier("--app", serve(app))
    call = running.call()
    host, _, port = running.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as waiting:
        body = b'{"keys": "1"}'
        head = (
            f"POST /phone/calls/{call}/keys HTTP/1.1\r\nHost: {host}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        waiting.sendall(head.encode())
        # The server asks for the body when the request is in the hands of the carrier.
        assert waiting.recv(1000).startswith(b"HTTP/1.1 100 ")
        waiting.sendall(body)
        running.until(call, lambda told: bool(told["heard"]))
        assert running.stop() == 0
        answer = waiting.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b'{"error": "the carrier stops"}')
    assert "Traceback" not in running.output


def test_sigterm_ends_it_cleanly_too(open_carrier: Running) -> None:
    assert open_carrier.stop(signal.SIGTERM) == 0
    assert "Traceback" not in open_carrier.output


def test_a_key_is_not_pressed_for_a_client_that_has_gone(
    carrier: Callable[..., Running], serve: Callable[..., str]
) -> None:
    # What listens comes when the whole text was said, long after the client has left.
    app = App()

    @app.on(AnswerEvent)
    async def speak(call: AnswerEvent) -> Reply:
        return [say("Hello."), Gather(say("Press. " * 200), request_url="/", max_digits=1)]

    running = carrier("--app", serve(app))
    call = running.call()
    running.until(call, lambda told: bool(told["heard"]))
    with pytest.raises(httpx.ReadTimeout):
        running.phone.post(
            f"/calls/{call}/keys", json={"keys": "1"}, timeout=httpx.Timeout(20, read=0.05)
        )
    told = running.until(call, lambda told: bool(told["listening"]))
    assert "presses" not in running.told(call)["transcript"] + told["transcript"]
    assert running.stop() == 0


def test_a_port_that_is_taken_is_a_sentence(open_carrier: Running, tmp_path: Path) -> None:
    port = open_carrier.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "callbackkit", "carrier", "--port", port],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: can't listen on 127.0.0.1 port {port}: Address already in use;"
        " give another --host or --port\n"
    )


# What is kept


@pytest.mark.anyio
async def test_old_calls_and_messages_are_forgotten_with_their_parts() -> None:
    app = a_line()

    @app.on(SmsEvent, direction="in")
    async def echo(message: SmsEvent, client: Client) -> None:
        await client.messages.send(from_=message.to, to=message.from_, text="Yes.")

    @app.on(RecordingEvent)
    async def kept(recording: RecordingEvent) -> None: ...

    async with Phone(app) as phone:
        carrier = phone.carrier
        assert isinstance(carrier, Carrier)

        async def one_of_each() -> "weakref.ref[Leg]":
            call = await phone.call()
            await call.press("12")
            await call.speaks("It is Bob.")
            await call.press("#")
            await call.ends()
            await phone.text(None, "hello")
            await phone.settle()
            return weakref.ref(carrier.legs[-1])

        old = [await one_of_each() for _ in range(8)]
        carrier.diagnose("warning", "found", "in an old call", "page", subject="c-000001")
        carrier.diagnose("warning", "found", "in the last call", "page", subject="c-000008")
        going = await phone.call()
        assert carrier.forget(3) == set(), "it is too early"
        await going.press("22")
        await phone.wait(LONG_AGO + 1)
        dropped = carrier.forget(3)
        assert {f"c-{number:06}" for number in range(1, 6)} <= dropped
        # What still goes on is kept in any case, with the legs that belong to it.
        kept = ["c-000006", "c-000007", "c-000008", "c-000009", "c-000010"]
        assert [leg.id for leg in carrier.legs] == kept
        assert list(carrier.calls) == kept
        gc.collect()
        assert [ref() is None for ref in old] == [True] * 5 + [False] * 3
        texts = [message.id for message in carrier.messages.values()]
        assert len(texts) == 3
        assert [message.id for message in carrier.sent] == [f"m-{n:06}" for n in (12, 14, 16)]
        assert set(carrier.journal.subjects) <= {*kept, *texts, ""}
        assert {delivery.subject for delivery in carrier.deliveries} <= {*kept, *texts}
        assert [found.message for found in carrier.diagnostics] == ["in the last call"]
        assert [one.subject for one in carrier.account.recordings.values()] == kept[:3]
        assert len(carrier.account.media) == 3
        # It goes on as before: ids are not used again, and entries are found by theirs.
        await going.hang_up()
        await one_of_each()
        assert carrier.legs[-1].id == "c-000011"
        entries = list(carrier.journal)
        assert carrier.journal[entries[-1].id] is entries[-1]
        assert len(carrier.journal) == len(entries) < entries[-1].id
        assert list(carrier.journal.since(entries[-2].id)) == [entries[-1]]


def test_the_command_forgets_again_and_again() -> None:
    made = Carrier()
    forgotten = []
    made.forget = lambda: forgotten.append(made.now) or set()  # type: ignore[method-assign, func-returns-value]
    _tidy_up(made)
    for minutes in (1, 2):
        assert made.scheduler.next == minutes * 60
        made.scheduler.now = minutes * 60.0
        made.scheduler.fire()
    assert forgotten == [0, 60, 120]
