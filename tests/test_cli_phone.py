"""Commands that call and text an app in virtual time: what people read, what scripts read, codes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callbackkit.cli import main, phones
from callbackkit.dialect import dialect_named
from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, Hangup, Reply, SpeakSentence

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"

LINE = """\
from callbackkit.v1 import *

app = App(auth=("bandwidth", "s3cret"))

def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="julie")

@app.on(IncomingCallEvent, HangupEvent)
async def log(call: IncomingCallEvent | HangupEvent) -> None:
    print("the app prints", call.event_type)

@app.on(AnswerEvent)
async def menu(call: AnswerEvent) -> Reply:
    return Gather(say("Press 1 for sales, 2 to leave a message."), request_url="/picked", max_digits=1)

@app.on(GatherEvent, path="/picked", digits="1")
async def sales(gather: GatherEvent) -> Reply:
    whisper = say("A caller.")
    return [Transfer([PhoneNumber("+19195550111"), whisper], call_timeout=20), say("Nobody is there."), Hangup()]

@app.on(GatherEvent, path="/picked", digits="2")
async def message(gather: GatherEvent) -> Reply:
    return [
        say("Speak after this."),
        Record(terminating_digits="#", request_url="/kept", transcribe=True, transcribe_callback_url="/kept"),
        Gather(say("Press 1 to send it."), request_url="/sent", max_digits=1),
    ]

@app.on(GatherEvent, path="/picked", digits="8")
async def empty(gather: GatherEvent) -> None: ...

@app.on(GatherEvent, path="/picked", digits="9")
async def broken(gather: GatherEvent) -> Reply:
    raise LookupError("no such thing")

@app.on(GatherEvent, path="/picked", digits="0")
async def paused(gather: GatherEvent) -> Reply:
    return [say("Wait."), Pause(length=1)]

@app.on(GatherEvent)
async def goodbye(gather: GatherEvent) -> Reply:
    return [say("Goodbye."), Hangup()]

@app.on(RecordingEvent, TranscriptionEvent)
async def kept(event: RecordingEvent | TranscriptionEvent) -> None: ...
"""

DESK = """\
from callbackkit.v1 import *

app = App()

@app.on(SmsEvent, MmsEvent, direction="in", text="hello")
async def greet(message: SmsEvent | MmsEvent, client: Client) -> None:
    await client.messages.send(from_=message.to, to=message.from_, text="Hello yourself.")
    await client.messages.send(
        from_=message.to, to=message.from_, text="A cat:", media=["https://u:p4ss@example.com/cat.png"]
    )

@app.on(SmsEvent, direction="in", text="steer")
async def steer(message: SmsEvent, client: Client) -> None:
    await client.messages.send(from_=message.to, to=message.from_, text="a\\x1b[2Jb\\nend")

@app.on(SmsEvent, direction="in", text="fail")
async def fail(message: SmsEvent) -> None:
    raise LookupError("no such thing")

@app.on(SmsEvent, direction="in", text="call me")
async def call_back(message: SmsEvent, client: Client, callback: Callback) -> None:
    await client.calls.create(
        from_=message.to, to=message.from_, callback_url=callback.url("/called"), callback_http_method="GET"
    )

@app.on(HangupEvent)
async def ended(call: HangupEvent) -> None:
    print("the call ended with", call.cause)

@app.on(MmsEvent, direction="in")
async def looked_at(message: MmsEvent) -> None:
    print("the cat is at", *message.media)

@app.on(SmsEvent)
async def other(message: SmsEvent) -> None: ...
"""


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A working directory with the apps, and an environment that says nothing."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CALLBACKKIT_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.py").write_text(LINE)
    (tmp_path / "desk.py").write_text(DESK)
    yield tmp_path
    unload(tmp_path)


def cli(*arguments: str, **options: Any) -> Result:
    """A command with apps that are loaded anew, as its own process would do."""
    unload(Path.cwd())
    return CliRunner().invoke(main, arguments, prog_name="callbackkit", **options)


def unload(folder: Path) -> None:
    for name, module in [*sys.modules.items()]:
        if (getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]


def told(*commands: tuple[str, ...]) -> str:
    """Commands as a terminal shows them, with their exit codes."""
    shown = ""
    for arguments in commands:
        result = cli(*arguments)
        quoted = (f'"{word}"' if " " in word else word for word in arguments)
        stderr = re.sub(r"(?m)^the (app|call|cat) .*\n", "", result.stderr)
        shown += f"$ callbackkit {' '.join(quoted)}\n{result.stdout}{stderr}{result.exit_code}\n\n"
    return shown


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text)


# call


def test_a_call_is_shown_with_its_findings() -> None:
    shown = told(
        ("call", "line:app"),
        ("call", "line:app", "--press", "2,#,1", "--say", "It is Bob."),
        ("call", "line:app", "--press", "1"),
        ("call", "line:app", "--press", "1", "--answer"),
        ("call", "line:app", "--press", "9"),
        ("call", "line:app", "--press", "0"),
        ("call", "line:app", "--press", "3,2#,7", "--say", "Hello?"),
        ("call", "line:app", "--press", "8,1"),
    )
    assert shown == golden("call")


def test_a_call_as_json_has_everything_and_no_password() -> None:
    result = cli("call", "line:app", "--press", "2,#", "--say", "It is Bob.", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert list(told) == [
        "number",
        "from",
        "ended",
        "duration",
        "heard",
        "callbacks",
        "diagnostics",
        "failure",
        "transcript",
    ]
    assert (told["number"], told["from"], told["failure"]) == ("+19195550100", "+19195551212", None)
    assert told["ended"] == {"cause": "NORMAL_CLEARING", "at": told["duration"]}
    assert told["heard"][1] == {
        "text": "Speak after this.",
        "kind": "speech",
        "start": 0.0,
        "end": 1.133,
        "cut": False,
    }
    assert [heard["cut"] for heard in told["heard"]] == [True, False, False, False]
    assert told["callbacks"][2] == {
        "event": "gather",
        "method": "GET",
        "path": "/picked",
        "status": 200,
        "handler": "line.py:21",
        "fields": {**told["callbacks"][2]["fields"], "digits": "2", "reason": "max-digits"},
    }
    events = [callback["event"] for callback in told["callbacks"]]
    assert events == [
        "incomingcall",
        "answer",
        "gather",
        "recording",
        "transcription",
        "gather",
        "hangup",
    ]
    assert told["diagnostics"] == []
    assert '00:01.1  says   "It is Bob."' in told["transcript"].splitlines()
    assert "s3cret" not in result.stdout
    assert "the app prints hangup\n" in result.stderr


def test_the_diagnostics_of_a_call_as_json() -> None:
    result = cli("call", "line:app", "--press", "0,1", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["diagnostics"] == [
        {
            "level": "warning",
            "rule": "dead-air",
            "message": told["diagnostics"][0]["message"],
            "line": 1,
            "docs": "bxml/verbs/pause",
            "ledger": None,
            "place": "line.py:36",
        }
    ]
    sentence = "1 was never pressed: the document ended 0 s ago (line.py:36)"
    assert told["failure"] == sentence
    assert result.stderr.endswith(f"Error: {sentence}\n")


def test_the_real_command_prints_one_json_object_and_nothing_else(here: Path) -> None:
    # Also what is printed while the module is imported, and by what holds on to stdout from then.
    write(
        here,
        "loud",
        "import logging, sys\nprint('imported')\n" + LINE.replace("print(", "log_.warning("),
    )
    text = (here / "loud.py").read_text()
    handler = (
        "log_ = logging.getLogger('loud')\nlog_.addHandler(logging.StreamHandler(sys.stdout))\n"
    )
    write(
        here,
        "loud",
        text.replace("app = App(", handler + "app = App(").replace(
            '"the app prints", ', '"the app logs %s", '
        ),
    )
    done = subprocess.run(
        [sys.executable, "-m", "callbackkit", "call", "loud:app", "--json"],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
    )
    assert json.loads(done.stdout)["ended"]["cause"] == "NORMAL_CLEARING"
    assert done.stderr == "imported\nthe app logs incomingcall\nthe app logs hangup\n"


def test_the_numbers_of_a_call_can_be_chosen() -> None:
    result = cli("call", "line:app", "--to", "+4930123", "--from", "sip:bob@example.com", "--json")
    told = json.loads(result.stdout)
    assert (told["number"], told["from"]) == ("+4930123", "sip:bob@example.com")
    fields = told["callbacks"][0]["fields"]
    assert (fields["to"], fields["from"]) == ("+4930123", "sip:bob@example.com")


TWO = """\
from callbackkit.v1 import *

app = App()

@app.on(AnswerEvent)
async def first(call: AnswerEvent) -> Reply:
    return Gather(SpeakSentence("Your code.", voice="julie"), request_url="/second")

@app.on(GatherEvent, path="/second")
async def second(gather: GatherEvent) -> Reply:
    print("code", gather.digits)
    return Gather(SpeakSentence("Your choice.", voice="julie"), request_url="/end")

@app.on(GatherEvent, path="/end")
async def end(gather: GatherEvent) -> Reply:
    print("choice", gather.digits)
    return Hangup()
"""


def test_each_gather_gets_the_keys_between_two_commas(here: Path) -> None:
    # None of them ends by its keys: the next ones wait until it has given up.
    write(here, "two", TWO)
    result = cli("call", "two:app", "--press", " 12, 3 ")
    assert (result.exit_code, result.stderr) == (0, "code 12\nchoice 3\n")


def test_keys_reach_whoever_is_connected() -> None:
    result = cli("call", "line:app", "--press", "1,12,3", "--say", "Hi.", "--answer")
    assert result.exit_code == 0
    # Who is connected hears it after the words, and all of it.
    story = [line[9:] for line in result.stdout.splitlines()]
    said = story.index('says   "Hi."')
    assert [one for one in story[said:] if "presses" in one] == [f"presses {key}" for key in "123"]
    assert [one for one in story if "gets the key" in one] == [
        f"[+19195550111] gets the key {key}" for key in "123"
    ]


def test_a_key_that_makes_no_difference_at_a_record_waits_for_the_next_gather() -> None:
    result = cli("call", "line:app", "--press", "2,7", "--say", "Hello.")
    assert result.exit_code == 0
    assert "/sent gather digits=7" in result.stdout


BACK = """\
from callbackkit.v1 import *

app = App()

@app.on(AnswerEvent, path="/")
async def answer(call: AnswerEvent) -> Reply:
    return Hangup()

@app.on(HangupEvent, path="/")
async def call_back(call: HangupEvent, client: Client, callback: Callback) -> None:
    await client.calls.create(
        from_=call.to, to=call.from_, callback_url=callback.url("/back"), callback_http_method="GET"
    )

@app.on(AnswerEvent, path="/back")
async def speak(call: AnswerEvent) -> Reply:
    return [SpeakSentence("Here we are again.", voice="julie"), Hangup()]
"""


def test_calls_that_the_app_makes_afterwards_are_shown(here: Path) -> None:
    write(here, "back", BACK)
    answered = cli("call", "back:app", "--answer")
    assert (answered.exit_code, answered.stderr) == (0, "")
    assert "[+19195551212] picks up\n" in answered.stdout
    assert '[+19195551212] hears  "Here we are again."\n' in answered.stdout
    # The end that is told of is that of the call that was asked for.
    assert answered.stdout.endswith("ended with NORMAL_CLEARING after 00:00.0; no findings\n")
    ignored = cli("call", "back:app")
    assert "ends with NO_ANSWER\n" in ignored.stdout
    assert "picks up" not in ignored.stdout


def test_an_option_changes_what_the_carrier_does(here: Path) -> None:
    write(
        here,
        "silent",
        "from callbackkit.v1 import *\napp = App()\n"
        "@app.on(AnswerEvent)\nasync def ask(call: AnswerEvent) -> Reply:\n"
        '    return Gather(SpeakSentence("Well?", voice="julie"), request_url="/said")\n'
        "@app.on(GatherEvent)\nasync def end(gather: GatherEvent) -> Reply:\n    return Hangup()\n",
    )
    assert "/said gather" in cli("call", "silent:app").stdout
    assert "/said gather" not in cli("call", "silent:app", "--rule", "no-input=next").stdout


@pytest.mark.parametrize("host", ["starlette", "plain"])
def test_any_asgi_app_can_be_called(here: Path, host: str) -> None:
    write(
        here,
        "starlette_host",
        "import line\nfrom starlette.applications import Starlette\n"
        'app = Starlette(routes=[*line.app.routes("/bandwidth")], lifespan=line.app.lifespan)\n',
    )
    write(
        here,
        "plain_host",
        "async def app(scope, receive, send):\n"
        '    if scope["type"] == "http":\n'
        '        await send({"type": "http.response.start", "status": 200, "headers": []})\n'
        '        body = b"<Response><Hangup/></Response>" if b"answer" in scope["query_string"] else b""\n'
        '        await send({"type": "http.response.body", "body": body})\n',
    )
    options = ("--press", "5") if host == "starlette" else ("--path", "/bandwidth/")
    result = cli("call", f"{host}_host:app", "--dialect", "v1", *options)
    assert (result.exit_code, "s3cret" in result.output) == (0, False)
    assert "-> GET /bandwidth/ answer" in result.stdout


def test_an_app_of_others_that_raises_shows_its_traceback(here: Path) -> None:
    write(
        here,
        "raising",
        'async def app(scope, receive, send):\n    raise LookupError("\\x1b[2J")\n',
    )
    # As on a terminal: elsewhere click takes such characters out by itself.
    result = cli("call", "raising:app", color=True)
    assert result.exit_code == 1
    assert f'\n    File "{here / "raising.py"}", line 2, in app\n' in result.stdout
    assert "\n  LookupError: \\x1b[2J\n" in result.stdout
    assert "\x1b[2J" not in result.output


def test_an_app_that_can_not_start_is_a_sentence(here: Path) -> None:
    write(
        here,
        "unable",
        "from contextlib import asynccontextmanager\nfrom callbackkit.v1 import App\n"
        "@asynccontextmanager\nasync def life(app):\n"
        '    raise RuntimeError("the database is down")\n    yield\n'
        "app = App(lifespan=life)\n",
    )
    result = cli("call", "unable:app", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Error: the app failed at startup: " in result.stderr
    assert "the database is down" in result.stderr


def a_menu(**options: Any) -> App:
    app = App(**options)

    @app.on(AnswerEvent)
    async def menu(call: AnswerEvent) -> Reply:
        return Gather(SpeakSentence("Press 1.", voice="julie"), request_url="/picked", max_digits=1)

    @app.on(GatherEvent)
    async def end(gather: GatherEvent) -> Reply:
        return Hangup()

    return app


def test_a_server_is_called_over_http(serve: Callable[..., str]) -> None:
    url = serve(a_menu(auth=("user", "p@ss"))).replace("://", "://user:p%40ss@")
    result = cli("call", url, "--press", "1")
    assert result.exit_code == 0
    assert "00:00.0  -> GET /picked gather digits=1                200  Hangup\n" in result.stdout
    # The server's answers have the password in their URLs.
    assert "p%40ss" not in cli("call", url, "--press", "1", "--json").output


def test_a_server_that_refuses_is_an_error(serve: Callable[..., str]) -> None:
    result = cli("call", serve(a_menu(auth=("user", "p@ss"))))
    assert result.exit_code == 1
    assert " was answered with 401 [callback-failed, failed-callback, " in result.stdout


def test_nobody_at_the_url_is_an_error_without_the_password() -> None:
    result = cli("call", "http://user:secret@127.0.0.1:1/")
    assert result.exit_code == 1
    assert "http://user:***@127.0.0.1:1/ can't be reached: ConnectError" in result.stdout
    assert "secret" not in result.output


def test_a_server_that_hangs_ends_the_call(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phones, "SERVER_PATIENCE", 0.1)

    async def host(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    result = cli("call", serve(host, lifespan="off"), "--press", "1")
    assert result.exit_code == 1
    assert "00:00.0  <- +19195551212 calls +19195550100\n" in result.stdout
    assert "The call did not end" in result.stdout
    assert result.stderr == (
        "Error: GET / incomingcall has had no reply for 0.1 s of real time, and the carrier's clock"
        " waits for it\n"
    )


# What is wrong with a command is one sentence.

WRONG = [
    ("call", "absent:app"),
    ("call", "line"),
    ("call", "line:nothing"),
    ("call", "line:say"),
    ("call", "line:App"),
    ("call", "faulty:app"),
    ("call", "127.0.0.1:8000"),
    ("call", "ftp://user:secret@example.com/"),
    ("call", "http://user:secret@127.0.0.1:x/"),
    ("call", "line:app", "--press", "1,x"),
    ("call", "line:app", "--press", ""),
    ("call", "line:app", "--to", "12345"),
    ("call", "line:app", "--say", "\udc80"),
    ("call", "line:app", "--rule", "nothing"),
    ("call", "line:app", "--rule", "nothing=1"),
    ("call", "line:app", "--rule", "typeahead=sometimes"),
    ("call", "line:app", "--dialect", "v7"),
    ("call", "line:app", "--speed", "0"),
    ("text", "line:app"),
    ("text", "absent:app", "hello"),
    ("text", "line:app", "hello", "--from", "bob"),
    ("text", "line:app", "hello", "--media", "user:secret@example.com"),
    ("explore", "absent:app"),
    ("explore", "line:app", "--keys", "12a"),
    ("explore", "line:app", "--depth", "-1"),
    ("explore", "line:app", "--graph", "flow.svg"),
    ("explore", "line:app", "--graph", "flow"),
    ("explore", "line:app", "--graph", "absent/flow.mmd"),
    ("rules", "typeahead", "typeahed"),
    ("carrier", "--app", "user:secret@127.0.0.1:3000"),
    ("carrier", "--number", "12345"),
    ("carrier", "--rule", "nothing=1"),
    ("carrier", "--callback-http-method", "PUT"),
]


def test_wrong_arguments_are_one_line_and_an_exit_code(here: Path) -> None:
    write(
        here,
        "faulty",
        LINE + "\n@app.on(GatherEvent)\nasync def late(gather: GatherEvent) -> None: ...\n",
    )
    shown = ""
    for arguments in WRONG:
        result = cli(*arguments)
        assert result.stdout == ""
        words = " ".join(arguments).encode("utf-8", "backslashreplace").decode()
        shown += f"$ callbackkit {words}\n{result.stderr}{result.exit_code}\n\n"
    shown = shown.replace(" -h'", " --help'")  # versions of click offer one or the other
    assert shown.replace(os.getcwd(), "HERE") == golden("phone_errors")


# text


def test_a_text_is_shown_with_its_replies() -> None:
    shown = told(
        ("text", "desk:app", "hello"),
        ("text", "desk:app", "hello", "--from", "+4930123", "--to", "+4930456"),
        ("text", "desk:app", "look", "--media", "https://example.com/dog.png"),
        ("text", "desk:app", "nothing"),
        ("text", "desk:app", "call me"),
    )
    assert shown == golden("text")


def test_a_text_is_over_when_the_calls_are_that_follow_from_it() -> None:
    assert cli("text", "desk:app", "call me").stderr == "the call ended with NO_ANSWER\n"


ENDLESS = """\
from callbackkit.v1 import *

app = App()

@app.on(SmsEvent)
async def answer(message: SmsEvent, client: Client) -> None:
    if message.text == "call":
        await call_again(message, client)
    # It forgets that receipts come here too.
    elif message.delivery_state != "waiting":
        await client.messages.send(
            from_="+19195550100", to="+19195551212", text="Yes.", receipt_requested="all", callback_url="http://app.test/"
        )

@app.on(HangupEvent)
async def call_again(event: SmsEvent | HangupEvent, client: Client) -> None:
    await client.calls.create(
        from_="+19195550100", to="+19195551212", callback_url="http://app.test/", callback_http_method="GET"
    )
"""


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("hello", "the app goes on sending, after 1000 messages"),
        ("call", "the app goes on calling, after 100 calls"),
    ],
)
def test_an_app_that_goes_on_for_ever_is_stopped(here: Path, word: str, sentence: str) -> None:
    write(here, "endless", ENDLESS)
    result = cli("text", "endless:app", word)
    assert (result.exit_code, result.stderr) == (1, f"Error: {sentence}\n")


def test_a_text_that_fails_is_an_error() -> None:
    result = cli("text", "desk:app", "fail")
    assert result.exit_code == 1
    assert result.stdout == (
        "No message came back.\n\n"
        "desk.py:16: error: the handler of sms raised LookupError: no such thing"
        " [handler-raised, apiCallbacks/callbacks]\n1 error\n"
    )


def test_a_text_can_not_steer_the_terminal() -> None:
    result = cli("text", "desk:app", "steer", color=True)
    assert (result.exit_code, "\x1b" in result.output) == (0, False)
    assert result.stdout.startswith('+19195550100 to +19195551212: "a\\x1b[2Jb\\nend"\n')


def test_a_text_as_json() -> None:
    result = cli("text", "desk:app", "hello", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert list(told) == [
        "number",
        "from",
        "replies",
        "callbacks",
        "diagnostics",
        "failure",
        "transcript",
    ]
    assert (told["number"], told["from"]) == ("+19195550100", "+19195551212")
    assert told["replies"][1] == {
        "id": told["replies"][1]["id"],
        "from": "+19195550100",
        "to": "+19195551212",
        "text": "A cat:",
        "media": ["https://u:***@example.com/cat.png"],
        "state": "sent",
    }
    assert [(one["event"], one["handler"]) for one in told["callbacks"]] == [("sms", "desk.py:5")]
    assert "p4ss" not in result.stdout


def test_the_rest_api_is_at_the_port_of_the_option(serve: Callable[..., str]) -> None:
    import socket

    from callbackkit.v1 import Client, SmsEvent

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = App()

    @app.on(SmsEvent, direction="in")
    async def answer(message: SmsEvent) -> None:
        base = f"http://127.0.0.1:{port}/v1"
        async with Client("u-carrier", "t-carrier", "s-carrier", base_url=base) as client:
            await client.messages.send(from_=message.to, to=message.from_, text="Here.")

    result = cli("text", serve(app), "hello", "--rest-port", str(port))
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        0,
        '+19195550100 to +19195551212: "Here."',
    )


def test_a_rest_port_that_is_taken_is_a_sentence(serve: Callable[..., str]) -> None:
    url = serve(App())
    port = url.rpartition(":")[2]
    result = cli("text", url, "hello", "--rest-port", port)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: can't listen on 127.0.0.1 port {port}: ")
    assert result.stderr.count("\n") == 1


# explore


def test_an_exploration_is_shown_and_drawn(here: Path) -> None:
    command = ("explore", "line:app", "--depth", "3")
    shown = told((*command, "--graph", "flow.mmd"))
    mermaid = (here / "flow.mmd").read_text("utf-8")
    assert f"{shown}{mermaid}" == golden("explore")
    assert cli(*command, "--graph", "flow.md").exit_code == 1
    assert (here / "flow.md").read_text("utf-8") == f"```mermaid\n{mermaid}```\n"
    for name in ("flow.dot", "flow.gv"):
        assert cli(*command, "--graph", name).exit_code == 1
        assert (here / name).read_text("utf-8").startswith("digraph calls {\n")


def test_an_exploration_without_errors_succeeds_and_says_what_was_left_out() -> None:
    result = cli("explore", "line:app", "--keys", "37", "--depth", "1")
    assert result.exit_code == 0
    first, *_ = result.stdout.splitlines()
    assert first.endswith("1 points where something depends on the caller") or "beyond" in first
    few = cli("explore", "line:app", "--keys", "37", "--calls", "2").stdout
    assert few.startswith("2 calls, ")
    assert "; there is more beyond the limit\n" in few


def test_an_exploration_as_json_is_not_mixed_with_what_the_app_prints(here: Path) -> None:
    result = cli("explore", "line:app", "--depth", "3", "--graph", "flow.dot", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert list(told) == ["calls", "complete", "longest", "unreached", "nodes", "edges", "findings"]
    assert told["nodes"][0] == {"id": "start", "kind": "start", "label": "a call comes in"}
    assert told["edges"][0]["source"] == "start"
    (raised,) = [one for one in told["findings"] if one["rule"] == "handler-raised"]
    assert (raised["level"], raised["place"], raised["path"]) == ("error", "line.py:32", ["9"])
    assert "the app prints hangup" in result.stderr
    assert (here / "flow.dot").exists()


def test_urls_of_played_files_are_shown_without_password(here: Path) -> None:
    write(
        here,
        "playing",
        "from callbackkit.v1 import *\napp = App()\n"
        "@app.on(AnswerEvent)\nasync def play(call: AnswerEvent) -> Reply:\n"
        '    file = PlayAudio("https://user:s3cret-s3cret-s3cret-s3cret-s3cret-s3cret@example.com/a.wav")\n'
        '    return Gather(file, request_url="/a", max_digits=1)\n'
        "@app.on(GatherEvent)\nasync def end(gather: GatherEvent) -> Reply:\n    return Hangup()\n",
    )
    result = cli("explore", "playing:app", "--graph", "flow.mmd", "--json")
    drawn = (here / "flow.mmd").read_text("utf-8")
    assert "https://user:***@example.com/a.wav" in drawn
    called = cli("call", "playing:app", "--json")
    (heard,) = json.loads(called.stdout)["heard"]
    assert heard["text"] == "https://user:***@example.com/a.wav"
    assert "s3cret" not in drawn + result.output + called.output


@pytest.mark.skipif(sys.platform == "win32", reason="folders can be written there in any case")
def test_a_graph_that_can_not_be_written_is_a_sentence(here: Path) -> None:
    # A name that is too long is refused to default_pickup, root too.
    name = "f" * 300 + ".mmd"
    result = cli("explore", "line:app", "--keys", "3", "--depth", "1", "--graph", name)
    assert result.exit_code == 1
    assert result.stderr.endswith(f"Error: {name} can't be written: File name too long\n")


# rules


def test_rules_are_shown_with_their_options() -> None:
    assert told(("rules", "verb-callback-timeout", "transfer-reply", "no-input")) == golden("rules")


def test_rules_shows_all_rules_of_all_dialects() -> None:
    ledger = dialect_named("v1").carrier().ledger  # type: ignore[misc]
    told = json.loads(cli("rules", "--json").stdout)["rules"]
    assert [(one["dialect"], one["id"]) for one in told] == [("v1", rule.id) for rule in ledger]
    assert set(told[0]) == {
        "dialect",
        "id",
        "question",
        "docs",
        "pages",
        "answer",
        "default",
        "options",
    }
    (typeahead,) = [one for one in told if one["id"] == "typeahead"]
    assert typeahead["default"] == "drop"
    assert list(typeahead["options"]) == ["drop", "buffer"]
    shown = cli("rules").stdout
    assert re.findall(r"(?m)^(.+)\nasks ", shown) == [rule.id for rule in ledger]
    assert max(map(len, shown.splitlines())) <= 100
