"""`callbackkit call` with somebody at the keyboard: a real terminal, in real time."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a terminal is opened by pty")

LINE = """\
import asyncio
from callbackkit.v1 import *

app = App()

def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="julie")

@app.on(AnswerEvent)
async def menu(call: AnswerEvent) -> Reply:
    print("the app prints")
    long = "Press 1 to leave a message, or 2 for sales. " * 40
    return Gather(say(long), request_url="/picked", max_digits=2)

@app.on(GatherEvent, path="/picked", digits="11")
async def record(gather: GatherEvent) -> Reply:
    return [Record(max_duration=3600, silence_timeout=60, terminating_digits="#", request_url="/kept"), Hangup()]

@app.on(GatherEvent, path="/picked", digits="22")
async def sales(gather: GatherEvent) -> Reply:
    return [Transfer([PhoneNumber("+19195550111")], call_timeout=300), say("Nobody is there."), Hangup()]

@app.on(GatherEvent, path="/picked", digits="99")
async def broken(gather: GatherEvent) -> Reply:
    raise LookupError("no such thing")

@app.on(GatherEvent)
async def nothing(gather: GatherEvent) -> Reply:
    return Hangup()

async def later() -> None:
    # What the app does after a reply moves nothing at the carrier.
    await asyncio.sleep(0.05)
    print("the work is done")

@app.on(HangupEvent)
async def ended(call: HangupEvent, after: After) -> None:
    after(later)

@app.on(RecordingEvent)
async def kept(event: RecordingEvent) -> None:
    print("a recording is kept")
"""


class Terminal:
    """A command in a terminal of its own, and all that was seen there so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        import pty

        self._ours, theirs = pty.openpty()
        names = ("NO_COLOR", "FORCE_COLOR", "CALLBACKKIT_PUBLIC_URL")
        kept = {name: value for name, value in os.environ.items() if name not in names}
        # A session of its own, whose terminal this becomes when it is opened there.
        code = (
            "import fcntl, os, runpy, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
            f" sys.argv[1:] = {list(arguments)!r}; runpy.run_module('callbackkit', run_name='__main__')"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""
        self._from = 0

    def _read(self) -> bool:
        try:
            chunk = os.read(self._ours, 4096)
        except OSError:  # how Linux tells that nobody has the other end any more
            chunk = b""
        self.seen += chunk.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(chunk)

    def sees(self, pattern: str) -> str:
        """Wait for something further that a pattern matches."""
        while not (found := re.search(pattern, self.seen[self._from :])):
            assert self._read(), f"it ended without {pattern}:\n{self.seen}"
        self._from += found.end()
        return found[0]

    def types(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def ends(self) -> int:
        """Wait for the end of the command: its exit code."""
        while self._read():
            pass
        return self.process.wait()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    (tmp_path / "line.py").write_text(LINE)
    with ExitStack() as stack:

        def start(*options: str, target: str = "line:app") -> Terminal:
            terminal = Terminal(tmp_path, "call", target, *options)
            stack.callback(terminal.close)
            # What never comes ends the process, and so the waiting for it.
            limit = Timer(60, terminal.process.kill)
            limit.start()
            stack.callback(limit.cancel)
            return terminal

        yield start


def test_a_call_is_shown_while_keys_and_words_are_typed(call: Callable[..., Terminal]) -> None:
    terminal = call("--speed", "5")
    terminal.sees("Type keys, say TEXT or hang up; answer, busy or decline")
    terminal.sees(r"\d\d:\d\d\.\d  <- \+19195551212 calls \+19195550100\n")
    terminal.sees("the app prints\n")
    terminal.sees(r"-> GET / answer +200  Gather\(maxDigits=2\)  line.py:9\n")
    terminal.sees('hears  "Press 1 to leave a message')
    terminal.types("1 1\n")
    terminal.sees(r"presses 1\n.*presses 1\n")
    terminal.sees(r"-> GET /picked gather digits=11 ")
    terminal.sees("is being recorded\n")
    terminal.types("say It is Bob.\n")
    terminal.sees('says   "It is Bob."\n')
    terminal.types("dance\n")
    terminal.sees("Type keys, say TEXT")
    terminal.types("#\n")
    terminal.sees("presses #\n")
    terminal.sees("ends with NORMAL_CLEARING\n")
    terminal.sees("a recording is kept\n")
    assert terminal.ends() == 0
    assert "the work is done\n" in terminal.seen
    last = terminal.seen.splitlines()[-1]
    assert re.fullmatch(
        r"The call ended with NORMAL_CLEARING after \d\d:\d\d\.\d; no findings", last
    )
    # Each line once, when it happens: no transcript follows.
    assert terminal.seen.count("is being recorded\n") == 1


@pytest.mark.parametrize(
    "typed",
    ["hang up\n", "\x04", "\x03", "say bye\n\x04"],
    ids=["words", "ctrl-d", "ctrl-c", "say"],
)
def test_hanging_up_ends_it_cleanly(call: Callable[..., Terminal], typed: str) -> None:
    terminal = call("--speed", "5")
    terminal.sees("hears ")
    terminal.types(typed)
    terminal.sees("hangs up\n")
    assert terminal.ends() == 0
    assert "-> GET / hangup cause=NORMAL_CLEARING " in terminal.seen
    assert terminal.seen.splitlines()[-1].endswith("; no findings")
    assert "Traceback" not in terminal.seen


def test_ctrl_c_ends_a_call_that_the_app_does_not_answer(
    call: Callable[..., Terminal], tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(
        "import asyncio\nfrom callbackkit.v1 import *\napp = App()\n"
        "@app.on(IncomingCallEvent, timeout=None)\nasync def slow(call: IncomingCallEvent) -> None:\n"
        "    print('thinking')\n    await asyncio.sleep(0.5)\n"
    )
    terminal = call(target="slow:app")
    terminal.sees("thinking\n")
    terminal.types("\x03")
    assert terminal.ends() == 0
    assert "ends with ORIGINATOR_CANCEL\n" in terminal.seen
    assert "Traceback" not in terminal.seen


def test_an_error_is_the_exit_code(call: Callable[..., Terminal]) -> None:
    terminal = call("--speed", "5")
    terminal.sees("hears ")
    terminal.types("99\n")
    terminal.sees("silence: nothing can come any more")
    terminal.types("hang up\n")
    assert terminal.ends() == 1
    assert terminal.seen.splitlines()[-1].endswith("; 1 error")


def test_another_phone_is_in_hand_once_it_is_picked_up(call: Callable[..., Terminal]) -> None:
    terminal = call("--speed", "5")
    terminal.sees("hears ")
    terminal.types("answer\n")
    terminal.sees("no phone rings\n")
    terminal.types("22\n")
    terminal.sees(r"\[\+19195550111\] rings\n")
    terminal.types("answer +1919\n")
    terminal.sees(r"\+1919 does not ring\n")
    terminal.types("answer\n")
    terminal.sees(r"\[\+19195550111\] picks up\n")
    terminal.sees(r"is connected with \+19195550111\n")
    terminal.types("say Sales here.\n")
    terminal.sees(r'\[\+19195550111\] says   "Sales here."\n')
    terminal.sees('hears  "Sales here."\n')
    terminal.types("hang up\n")
    terminal.sees(r"\[\+19195550111\] hangs up\n")
    assert terminal.ends() == 0


@pytest.mark.parametrize("typed", ["busy", "decline"])
def test_another_phone_need_not_be_picked_up(call: Callable[..., Terminal], typed: str) -> None:
    terminal = call("--speed", "5")
    terminal.sees("hears ")
    terminal.types("22\n")
    terminal.sees(r"\[\+19195550111\] rings\n")
    terminal.types(f"{typed}\n")
    terminal.sees(r"\[\+19195550111\] does not take it \((busy|declined)\)\n")
    terminal.sees('hears  "Nobody is there."\n')
    assert terminal.ends() == 0


def test_other_phones_are_picked_up_by_themselves_where_that_is_said(
    call: Callable[..., Terminal],
) -> None:
    terminal = call("--speed", "5", "--answer")
    terminal.sees("hears ")
    terminal.types("22\n")
    terminal.sees(r"\[\+19195550111\] picks up\n")
    terminal.sees(r"\[\+19195550111\] hangs up\n")
    assert terminal.ends() == 0


def test_a_script_needs_nobody_at_the_terminal(call: Callable[..., Terminal]) -> None:
    terminal = call("--press", "3#")
    assert terminal.ends() == 0
    assert "Type keys" not in terminal.seen
    assert "00:00.0  <- +19195551212 calls +19195550100\n" in terminal.seen


def test_a_server_learns_where_the_rest_api_is(
    call: Callable[..., Terminal], serve: Callable[..., str]
) -> None:
    from callbackkit.v1 import AnswerEvent, App, Hangup, Reply

    app = App()

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent) -> Reply:
        return Hangup()

    terminal = call(target=serve(app))
    terminal.sees(r"The REST API is on http://127.0.0.1:\d+/v1\n")
    assert terminal.ends() == 0
