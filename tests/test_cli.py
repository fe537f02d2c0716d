"""The command line as people and scripts meet it: help, tables, findings, replies, errors, codes."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from callbackkit.cli import main
from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    Event,
    Gather,
    GatherEvent,
    Pause,
    Reply,
    SmsEvent,
    SpeakSentence,
    TranscriptionEvent,
)

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"

MENU = """\
import re
from callbackkit.v1 import *

app = App()

def vip(call: AnswerEvent) -> bool:
    return call.from_ == "+19195551212"

@app.on(AnswerEvent, when=vip, timeout=2.5)
async def welcome(call: AnswerEvent) -> Reply:
    return SpeakSentence("Hello.")

@app.on(AnswerEvent, RedirectEvent)
async def menu(call: AnswerEvent | RedirectEvent) -> Reply:
    return SpeakSentence("Hello.")

@app.on(GatherEvent, path="/picked", digits={"1", "2"}, tag=re.compile("order-.*"))
async def picked(gather: GatherEvent) -> Reply:
    return Hangup()

@app.on("brand-new")
async def new(event: UnknownEvent) -> None: ...

@app.on(CallEvent, path=re.compile("/calls/.*"))
async def rest(event: CallEvent) -> None: ...
"""


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.txt").read_text("utf-8")


def normal(text: str) -> str:
    """Without what differs from run to run: ids, times, ports."""
    text = re.sub(r"\b(m|c|gtr)-[a-z2-7]{23}\b", r"\1-ID", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME", text)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory, and an environment that says nothing."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CALLBACKKIT_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cli(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="callbackkit", **options)


def process(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """The real command."""
    return subprocess.run(
        [sys.executable, "-m", "callbackkit", *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **options,
    )


def test_help_lists_each_command_with_a_whole_sentence() -> None:
    shown = cli("--help")
    assert shown.exit_code == 0
    listed = shown.stdout.partition("Commands:\n")[2]
    assert (
        dict(line.split(maxsplit=1) for line in listed.splitlines()).keys() == main.commands.keys()
    )
    for line in listed.splitlines():
        assert re.fullmatch(r"  [a-z]+ +[A-Z].*\.", line)
        assert not line.endswith("...")  # cut off by click


@pytest.mark.parametrize("name", main.commands)
def test_help_describes_a_command_and_each_option_within_80_columns(name: str) -> None:
    command = main.commands[name]
    shown = cli(name, "--help")
    assert shown.exit_code == 0
    assert cli(name, "-h").stdout == shown.stdout
    usage, _, rest = shown.stdout.partition("\n\n")
    assert usage.startswith(f"Usage: callbackkit {name} [OPTIONS]")
    described, _, options = rest.partition("Options:\n")
    assert re.match(r"  [A-Z][^.:]*[.:]", described)
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    context = click.Context(command)
    parameters = command.get_params(context)
    assert parameters
    words = " ".join(options.split())
    for parameter in parameters:
        if isinstance(parameter, click.Option):
            assert parameter.help
            assert parameter.help[0].isupper()
            assert all(re.search(rf"{flag}[ ,]", words) for flag in parameter.opts)
            assert " ".join(parameter.help.split()) in words
            if parameter.show_default and parameter.is_flag is False:
                assert f"[default: {parameter.default}" in words
        else:
            assert parameter.make_metavar(context) in usage


def test_python_m_is_the_same_command() -> None:
    done = process("--help")
    assert (done.returncode, done.stdout) == (0, cli("--help").stdout)


def test_version_is_printed() -> None:
    assert re.fullmatch(r"callbackkit \d+\.\d+\.\d+\S*\n", cli("--version").stdout)


# routes


def test_routes_are_shown_in_order_with_their_conditions(here: Path) -> None:
    (here / "main.py").write_text(MENU)
    done = process("routes", "main:app")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == golden("routes")


HOSTS = """
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from callbackkit.mounting import Switch

async def others(scope, receive, send): ...

async def by_hand(scope, receive, send):
    await (app if scope["path"] == "/" else others)(scope, receive, send)

def make():
    host = FastAPI()
    host.mount("/bw", app)
    return host

def make_app():
    return app

def inner():
    def handled(scope, receive, send):
        return app(scope, receive, send)
    return handled

mounted = FastAPI(routes=app.routes("/bw"))
wrapped = GZipMiddleware(make())
switch = Switch("/bw", app, others)
several = FastAPI(routes=[*app.routes("/a"), *App().routes("/b")])
nothing = FastAPI()
"""


@pytest.mark.parametrize(
    "name",
    ["mounted", "wrapped", "switch", "by_hand", "make", "make_app", "inner"],
)
def test_routes_of_a_host_are_those_of_the_app_in_it(here: Path, name: str) -> None:
    (here / "main.py").write_text(MENU + HOSTS)
    done = process("routes", f"main:{name}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == golden("routes")


def test_routes_of_several_apps_in_a_host(here: Path) -> None:
    (here / "main.py").write_text(MENU + HOSTS)
    done = process("routes", "main:several")
    assert done.stdout == golden("routes") + "\nmain:several has no handlers\n"


def test_a_host_without_an_app_is_refused(here: Path) -> None:
    (here / "main.py").write_text(MENU + HOSTS)
    for command in ("routes", "run"):
        done = process(command, "main:nothing")
        assert done.returncode == 2
        assert "main:nothing is a FastAPI, and no App of callbackkit's is in it;" in done.stderr


def test_routes_of_an_app_without_handlers(here: Path) -> None:
    (here / "cli_nothing.py").write_text("from callbackkit.v1 import App\napp = App()\n")
    assert cli("routes", "cli_nothing:app").stdout == "cli_nothing:app has no handlers\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is opened by pty")
@pytest.mark.parametrize(("variable", "coloured"), [("TERM", True), ("NO_COLOR", False)])
def test_colours_only_on_a_terminal(variable: str, coloured: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), variable: "xterm"}
    command = [sys.executable, "-m", "callbackkit", "routes", "callbackkit.v1.quickstart:app"]
    subprocess.run(command, stdout=theirs, env=environment, check=True)
    shown = os.read(ours, 10_000)
    os.close(ours)
    os.close(theirs)
    assert b"read_out" in shown
    assert (b"\x1b[" in shown) == coloured


# What is wrong is one sentence.

UNREACHABLE = """\
from callbackkit.v1 import *
app = App()

@app.on(AnswerEvent)
async def first(call: AnswerEvent) -> None: ...

@app.on(AnswerEvent, tag="x")
async def second(call: AnswerEvent) -> None: ...
"""
MISSPELT = """\
from callbackkit.v1 import *
app = App()

@app.on(SmsEvent, form="+19195551212")
async def text(sms: SmsEvent) -> None: ...
"""
WRONG = [
    ("routes", "cli_unreachable:app"),
    ("run", "cli_unreachable:app"),
    ("routes", "cli_misspelt:app"),
    ("run", "cli_absent:app"),
    ("run", "cli_absent.py:app"),
    ("run", "cli_absent"),
    ("run", "cli_absent.py"),
    ("routes", "./main:app"),
    ("routes", "..:app"),
    ("run", "shop/main.py:app"),
    ("run", "callbackkit.v1.quickstart:ap"),
    ("run", "json:loads"),
    ("run", "json:nope"),
    ("run", "json:__name__.nope"),
    ("run", "cli_unreachable:app", "--reload", "--workers", "2"),
    ("send", "v1", "anser", "--to", "http://127.0.0.1:1/"),
    ("send", "v1", "gather", "--to", "http://127.0.0.1:1/", "--set", "digit=1"),
    ("send", "v1", "redirect", "--to", "http://127.0.0.1:1/", "--set", "nosuch=1"),
    ("send", "v1", "gather", "--to", "http://127.0.0.1:1/", "--set", "digits"),
    ("send", "v1", "transcription", "--to", "http://127.0.0.1:1/", "--get"),
    ("send", "v1", "sms", "--to", "127.0.0.1:1/"),
    ("send", "v1", "sms", "--to", "http://user:secret@127.0.0.1:x/"),
    ("send", "v7", "sms", "--to", "http://127.0.0.1:1/"),
    ("lint", "v1", "absent.xml"),
    ("demo", "--dialect", "v7"),
]


def test_wrong_arguments_are_one_line_and_an_exit_code(here: Path) -> None:
    (here / "cli_unreachable.py").write_text(UNREACHABLE)
    (here / "cli_misspelt.py").write_text(MISSPELT)
    shown = ""
    for arguments in WRONG:
        result = cli(*arguments)
        assert result.stdout == ""
        shown += f"$ callbackkit {' '.join(arguments)}\n{result.stderr}{result.exit_code}\n\n"
    shown = shown.replace(" -h'", " --help'")  # versions of click offer one or the other
    assert shown.replace(os.getcwd(), "HERE") == golden("errors")


@pytest.mark.parametrize("command", ["run", "routes"])
def test_an_error_in_the_users_module_shows_the_users_lines_only(here: Path, command: str) -> None:
    # json is Python's own: its frames tell nothing.
    (here / "cli_deep.py").write_text('import json\n\ndef read():\n    json.loads("{")\n')
    (here / "cli_broken.py").write_text("from cli_deep import read\nread()\n")
    shown = process(command, "cli_broken:app")
    assert (shown.returncode, shown.stdout) == (1, "")
    # Versions of Python point into the lines in their own ways.
    lines = [line for line in shown.stderr.splitlines() if not re.fullmatch(r"[ ~^]+", line)]
    assert lines == [
        "Error: cli_broken can't be imported:",
        f'  File "{here / "cli_broken.py"}", line 2, in <module>',
        "    read()",
        f'  File "{here / "cli_deep.py"}", line 4, in read',
        '    json.loads("{")',
        lines[-1],
    ]
    assert lines[-1].startswith("json.decoder.JSONDecodeError: Expecting property name")


def test_a_module_that_the_users_module_lacks_is_named_with_the_line(here: Path) -> None:
    (here / "cli_lacking.py").write_text("import cli_what_it_lacks\n")
    done = process("routes", "cli_lacking:app")
    assert done.returncode == 1
    assert done.stderr == (
        "Error: cli_lacking can't be imported:\n"
        f'  File "{here / "cli_lacking.py"}", line 1, in <module>\n'
        "    import cli_what_it_lacks\n"
        "ModuleNotFoundError: No module named 'cli_what_it_lacks'\n"
    )


def test_a_syntax_error_in_the_users_module_shows_its_line(here: Path) -> None:
    (here / "cli_syntax.py").write_text("app = 1 +\n")
    shown = cli("routes", "cli_syntax:app")
    assert shown.exit_code == 1
    first, place, code, *_, last = shown.stderr.splitlines()
    assert first == "Error: cli_syntax can't be imported:"
    assert place == f'  File "{here / "cli_syntax.py"}", line 1'
    assert code.strip() == "app = 1 +"
    assert last == "SyntaxError: invalid syntax"
    assert shown.stderr.count("File") == 1


def test_a_failure_of_an_installed_app_shows_its_lines(here: Path) -> None:
    (here / "site-packages").mkdir()
    (here / "site-packages" / "cli_installed.py").write_text("1 / 0\n")
    sys.path.append(str(here / "site-packages"))
    shown = cli("routes", "cli_installed:app")
    assert f'{here / "site-packages" / "cli_installed.py"}", line 1' in shown.stderr
    assert shown.stderr.count("File") == 1


def test_a_path_never_runs_the_file_it_leads_to(here: Path) -> None:
    (here / "shop").mkdir()
    (here / "shop" / "main.py").write_text("raise SystemExit('it ran')\n")
    for path in ("shop/main.py:app", "shop/main:app", "./shop/main:app"):
        shown = cli("routes", path)
        assert shown.exit_code == 2
        assert shown.stderr.endswith("such as shop.main:app\n")


# lint

FAULTY = """\
<Response>
  <SpeakSentence voice="susan" locale="de">Guten Tag</SpeakSentence>
  <Gather requestUrl="/picked"/>
  <Hangup/>
  <Pause length="4000"/>
</Response>
"""


def test_lint_names_line_and_rule(here: Path) -> None:
    (here / "menu.xml").write_text(FAULTY)
    result = cli("lint", "v1", "menu.xml")
    assert result.exit_code == 1
    assert result.stdout == golden("lint")


def test_lint_of_a_warning_succeeds() -> None:
    result = cli("lint", "v1", "-", input="<Response>\n<Hangup/>\n<Pause/></Response>")
    assert result.exit_code == 0
    assert "-:3: warning: Pause never runs" in result.stdout.replace("<stdin>", "-")
    assert result.stdout.endswith("1 warning\n")


def test_lint_of_a_sound_document_says_so() -> None:
    result = cli("lint", "v1", "-", input="<Response><Hangup/></Response>")
    assert (result.exit_code, result.stdout) == (0, "no findings\n")


def test_lint_reads_the_encoding_that_the_file_declares(here: Path) -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Grüße/></Response>'
    (here / "latin.xml").write_bytes(text.encode("latin-1"))
    assert "Grüße" in cli("lint", "v1", "latin.xml").stdout


# send


@pytest.fixture
def received() -> list[Callback]:
    return []


@pytest.fixture
def url(serve: Callable[..., str], received: list[Callback]) -> str:
    app = App(auth=("user", "p@ss"))
    app.observe(lambda observation: received.append(observation.callback))

    @app.on(AnswerEvent)
    async def menu(call: AnswerEvent) -> Reply:
        return [Gather(SpeakSentence("Hi & bye", voice="paul"), request_url="/d"), Pause()]

    @app.on(GatherEvent, digits="9")
    async def silent(event: GatherEvent) -> None: ...

    @app.on(GatherEvent, digits="0")
    async def fails(event: GatherEvent) -> None:
        from starlette.exceptions import HTTPException

        raise HTTPException(500)

    @app.on(SmsEvent, TranscriptionEvent)
    async def other(event: Event) -> None: ...

    return serve(app).replace("://", "://user:p%40ss@") + "/calls?mine=1"


def test_send_shows_callback_reply_and_findings(url: str) -> None:
    result = cli("send", "v1", "answer", "--to", url)
    assert result.exit_code == 0
    assert normal(result.stdout) == golden("send")


def test_send_logs_nothing_about_a_value(url: str) -> None:
    command = ("send", "v1", "sms", "--to", url)
    refused = process(*command, "--set", "segmentCount=abc")
    assert refused.returncode == 2
    assert refused.stderr == "Error: segmentCount='abc' can't be read as segmentCount of sms\n"
    sent = process("send", "v1", "answer", "--to", url, "--set", "callId=")
    assert sent.stderr == ""
    assert "200 OK" in sent.stdout


def test_send_keeps_credentials_to_itself(url: str, received: list[Callback]) -> None:
    for event in ("answer", "sms"):  # the reply to an answer has them in its URLs
        result = cli("send", "v1", event, "--to", url)
        assert result.exit_code == 0
        assert "p@ss" not in result.output
        assert "p%40ss" not in result.output
    assert len(received) == 2


def test_send_keeps_the_urls_query_and_encodes_a_plus(url: str, received: list[Callback]) -> None:
    cli("send", "v1", "answer", "--to", url, "--set", "from=+1919", "--set", "tag=a&b=c d")
    (callback,) = received
    assert callback.path == "/calls"
    assert dict(callback.query) == {"mine": "1"}
    event = callback.event
    assert isinstance(event, AnswerEvent)
    assert (event.from_, event.tag, event.raw) == ("+1919", "a&b=c d", {})
    assert b"from=%2B1919" in callback.request.scope["query_string"]


def test_send_takes_the_transport_that_the_platform_uses(
    url: str, received: list[Callback]
) -> None:
    cli("send", "v1", "answer", "--to", url)
    cli("send", "v1", "answer", "--to", url, "--post")
    cli("send", "v1", "transcription", "--to", url)
    cli("send", "v1", "sms", "--to", url, "--get")
    assert [(c.method, c.event.event_type) for c in received] == [
        ("GET", "answer"),
        ("POST", "answer"),
        ("POST", "transcription"),
        ("GET", "sms"),
    ]
    assert received[0].event.dump()["callId"] != received[1].event.dump()["callId"]
    assert dict(received[1].query) == {"mine": "1"}


def test_send_notes_a_reply_without_verbs(in_process: Any, serve: Callable[..., str]) -> None:
    app = App()

    @app.on(AnswerEvent)
    async def nothing(call: AnswerEvent) -> None: ...

    result = cli("send", "v1", "answer", "--to", serve(app))
    assert result.exit_code == 0
    assert result.stdout.endswith("No verbs: the caller hears nothing until the call ends.\n")


def test_send_notes_a_reply_that_is_not_read(serve: Callable[..., str]) -> None:
    async def host(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<Response/>"})

    result = cli("send", "v1", "sms", "--to", serve(host, lifespan="off"))
    assert "The platform does not read this reply; send the answer" in result.stdout


def test_send_fails_with_the_reply(url: str) -> None:
    failed = cli("send", "v1", "gather", "--to", url, "--set", "digits=0")
    assert failed.exit_code == 1
    assert "\n500 Internal Server Error" in failed.stdout
    refused = cli("send", "v1", "gather", "--to", re.sub("//.*@", "//", url))
    assert refused.exit_code == 1
    assert "\n401 Unauthorized" in refused.stdout
    assert "credentials needed" in refused.stdout


def test_send_does_not_follow_a_redirect(serve: Callable[..., str]) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    result = cli(
        "send",
        "v1",
        "answer",
        "--to",
        serve(Starlette(routes=[Mount("/bw", App())]), lifespan="off") + "/bw",
    )
    assert result.exit_code == 1
    assert "\n307 Temporary Redirect" in result.stdout
    assert "nothing says that the platform follows redirects" in result.stdout


def test_send_to_nobody_is_one_sentence() -> None:
    result = cli("send", "v1", "answer", "--to", "http://user:secret@127.0.0.1:1/")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: http://127.0.0.1:1/ can't be reached: ")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.output


def test_send_shows_what_would_steer_a_terminal_as_text(serve: Callable[..., str]) -> None:
    async def host(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"\x1b[31m")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"\x1b[2J"})

    # h11, as httptools refuses to send such a header.
    url = serve(host, lifespan="off", http="h11")
    result = cli("send", "v1", "sms", "--to", url)
    assert "\\x1b[2J" in result.stdout
    assert "\x1b" not in result.stdout
