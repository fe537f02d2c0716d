"""`callbackkit demo`: the first thing people run, so its whole output is looked at."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest

from callbackkit.v1 import lint
from callbackkit.v1.quickstart import app
from callbackkit.v1.samples import make

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"


@contextmanager
def demo(folder: Path, *arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """The real command, in a folder that has nothing to do with the project."""
    names = ("NO_COLOR", "FORCE_COLOR", "CALLBACKKIT_PUBLIC_URL")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    with subprocess.Popen(
        [sys.executable, "-m", "callbackkit", "demo", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        # Output that never comes ends the process, and so the waiting for it.
        limit = Timer(60, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()


def normal(text: str) -> str:
    """Without what differs from run to run and from machine to machine."""
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text).replace(str(ROOT), "SITE")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints, also where the environment says that the app lives elsewhere."""
    elsewhere = "https://example.com/bandwidth"
    with demo(tmp_path_factory.mktemp("demo"), CALLBACKKIT_PUBLIC_URL=elsewhere) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    return out


def test_the_demo_shows_each_callback_its_handler_and_the_bxml(shown: str) -> None:
    assert normal(shown) == (GOLDEN / "demo.txt").read_text("utf-8")
    assert max(map(len, shown.splitlines()[2:])) <= 100


def test_the_handlers_are_where_the_demo_says(shown: str) -> None:
    places = re.findall(r"handler   (\w+)  (\S+):(\d+)", shown)
    assert len(places) == 5
    for name, file, line in places:
        lines = (ROOT / file).read_text("utf-8").splitlines()
        assert lines[int(line)].startswith(f"async def {name}(")


def test_the_rest_of_the_demo_may_go_unread(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("The quickstart app runs on ")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for a process there")
def test_serve_shows_what_else_comes_until_it_is_stopped(tmp_path: Path) -> None:
    with demo(tmp_path, "--serve") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"Still on (\S+)", line):
                break
        else:
            pytest.fail("it ended by itself")
        process.stdout.readline()
        query = make("gather", "GET", digits="7")
        httpx.get(f"{found[1]}picked", params=query, trust_env=False).raise_for_status()
        assert f"GET /picked  gather  {query['callId']}" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert "goodbye" in process.stdout.read()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_documents_of_the_quickstart_have_no_findings(in_process: Callable[..., Any]) -> None:
    async def replies() -> list[bytes]:
        async with in_process(app) as client:
            events = [("/", make("answer", "GET"))]
            events += [("/picked", make("gather", "GET", digits=digits)) for digits in "12"]
            return [(await client.get(path, params=event)).content for path, event in events]

    found = asyncio.run(replies())
    assert [lint(body) for body in found] == [[], [], []]
    assert b"There is no note of yours." in found[1]
    assert b"Goodbye." in found[2]
