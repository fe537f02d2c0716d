"""`callbackkit run` as a process of its own with real HTTP: what it logs, and how it stops."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Timer
from urllib.parse import urlencode

import httpx
import pytest

from callbackkit.cli.run import served
from callbackkit.v1.samples import make

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="there is no SIGINT for a process there"
)

MAIN = """\
import asyncio
from callbackkit.v1 import *

app = App(health="/health")

@app.on(SmsEvent)
async def keep(sms: SmsEvent) -> None:
    if sms.text == "fail":
        raise RuntimeError("out of order")

@app.on(AnswerEvent)
async def menu(call: AnswerEvent) -> Reply:
    return Gather(SpeakSentence("VERSION 1", voice="paul"), request_url="/picked")

@app.on(GatherEvent)
async def slow(gather: GatherEvent) -> Reply:
    print("in work", flush=True)
    await asyncio.sleep(0.4)
    return Hangup()
"""


class Running:
    """A started command: its URL, and all that it has printed so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.output = ""
        self.url = self.wait_for(r"Uvicorn running on (http://[\d.:]+)")

    def wait_for(self, pattern: str) -> str:
        """The group in the first further line that the pattern is found in."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if found := re.search(pattern, line):
                return found[found.re.groups]
        raise AssertionError(f"it ended without {pattern}:\n{self.output}")

    def stop(self) -> int:
        """The exit code after Ctrl-C."""
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGINT)
        self.output += self.process.stdout.read()
        return self.process.wait()


def started(folder: Path, *options: str, target: str = "main:app") -> "subprocess.Popen[str]":
    names = ("CALLBACKKIT_PUBLIC_URL", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.Popen(
        [sys.executable, "-m", "callbackkit", "run", target, "--port", "0", *options],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    (tmp_path / "main.py").write_text(MAIN)
    with ExitStack() as stack:

        def start(*options: str) -> Running:
            process = stack.enter_context(started(tmp_path, *options))
            stack.callback(process.kill)
            # A line that never comes ends the process, and so the waiting for it.
            limit = Timer(60, process.kill)
            limit.start()
            stack.callback(limit.cancel)
            return Running(process)

        yield start


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    # A process of several says that it has started a moment before it listens.
    transport = httpx.HTTPTransport(retries=5, trust_env=False)
    with httpx.Client(transport=transport, trust_env=False, timeout=20) as client:
        yield client


def test_each_request_is_one_line_without_query_and_text(
    run: Callable[..., Running], client: httpx.Client
) -> None:
    running = run()
    secret = "the PIN is 4711"
    by_post = make("sms", "POST", text=secret)
    by_get = make("sms", "GET", text=secret)
    failing = make("sms", "GET", text="fail")
    answer = make("answer", "GET")
    hangup = make("hangup", "GET", cause=secret)
    statuses = [
        client.post(running.url, json=by_post).status_code,
        client.post(running.url, json=by_post).status_code,
        client.get(running.url, params=by_get).status_code,
        client.get(running.url, params=failing).status_code,
        client.get(f"{running.url}/call?mine={secret}", params=answer).status_code,
        client.get(f"{running.url}/a%0Ab%1b", params=hangup).status_code,
        client.post(running.url, content=secret).status_code,
        client.put(f"{running.url}/?q={secret}").status_code,
        client.get(f"{running.url}/health?q={secret}").status_code,
    ]
    assert statuses == [200, 200, 200, 500, 200, 200, 400, 405, 200]
    assert running.stop() == 0

    lines = [
        re.sub(r"\d+\.\d ms$", "T ms", line.removeprefix("INFO:     "))
        for line in running.output.splitlines()
        if line.endswith(" ms")
    ]
    assert lines == [
        f"POST / sms (message_id {by_post['messageId']}) -> main.py:6 keep 200 T ms",
        f"POST / sms (message_id {by_post['messageId']}) -> duplicate 200 T ms",
        f"GET / sms (message_id {by_get['messageId']}) -> main.py:6 keep 200 T ms",
        f"GET / sms (message_id {failing['messageId']}) -> main.py:6 keep 500 T ms",
        f"GET /call answer (call_id {answer['callId']}) -> main.py:11 menu 200 T ms",
        f"GET /a\\nb\\x1b hangup (call_id {hangup['callId']}) -> no handler 200 T ms",
        "POST / 400 T ms",
        "PUT / 405 T ms",
        "GET /health 200 T ms",
    ]
    assert "RuntimeError: out of order" in running.output
    for word in ("HTTP/1.1", "PIN", "4711", "eventType", "?", "%2B", "\x1b"):
        assert word not in running.output


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_a_whole_url_as_target_keeps_its_credentials_out_of_the_log(
    http: str,
    serve: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "logged_main.py").write_text(MAIN)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLBACKKIT_APP", "logged_main:app")
    caplog.set_level("INFO", "callbackkit.access")
    host, _, port = serve(served(), http=http).removeprefix("http://").partition(":")
    query = urlencode(make("answer", "GET"))
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        raw.sendall(
            f"GET http://u:PASSW1@h/?{query} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n".encode()
        )
        reply = raw.makefile("rb").read()
    assert reply.startswith(b"HTTP/1.1 200 ")
    lines = [
        record.getMessage() for record in caplog.records if record.name == "callbackkit.access"
    ]
    (line,) = [line for line in lines if line.endswith(" ms")]
    # httptools gives the path of the URL, h11 all of it.
    assert line.startswith("GET - answer " if http == "h11" else "GET / answer ")
    assert not [line for line in lines if "PASSW1" in line]


def test_callbacks_in_work_are_answered_before_it_stops(
    run: Callable[..., Running], client: httpx.Client
) -> None:
    running = run()
    with ThreadPoolExecutor(1) as thread:
        reply = thread.submit(client.get, running.url, params=make("gather", "GET"))
        running.wait_for("in work")
        assert running.stop() == 0
        assert "<Hangup/>" in reply.result().text


def test_the_scheme_comes_from_a_proxy_and_the_host_does_not(
    run: Callable[..., Running], client: httpx.Client
) -> None:
    running = run()
    headers = {"x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}
    reply = client.get(running.url, params=make("answer", "GET"), headers=headers).text
    assert f'requestUrl="{running.url.replace("http:", "https:")}/picked"' in reply
    assert running.stop() == 0


def test_proxy_headers_can_be_ignored(run: Callable[..., Running], client: httpx.Client) -> None:
    running = run("--no-proxy-headers")
    headers = {"x-forwarded-proto": "https"}
    reply = client.get(running.url, params=make("answer", "GET"), headers=headers).text
    assert f'requestUrl="{running.url}/picked"' in reply
    assert running.stop() == 0


def test_several_workers_serve_and_log(run: Callable[..., Running], client: httpx.Client) -> None:
    running = run("--workers", "2", "--public-url", "https://example.com/bandwidth")
    for _ in range(2):
        running.wait_for("Application startup complete")
    reply = client.get(running.url, params=make("answer", "GET")).text
    assert 'requestUrl="https://example.com/bandwidth/picked"' in reply
    assert running.stop() == 0
    assert re.search(r"GET / answer .* -> main.py:11 menu 200 ", running.output)


def test_a_changed_file_is_served_anew(
    run: Callable[..., Running], client: httpx.Client, tmp_path: Path
) -> None:
    running = run("--reload")
    running.wait_for("Application startup complete")
    assert "VERSION 1" in client.get(running.url, params=make("answer", "GET")).text
    (tmp_path / "main.py").write_text(MAIN.replace("VERSION 1", "VERSION 2"))
    running.wait_for("Application startup complete")
    assert "VERSION 2" in client.get(running.url, params=make("answer", "GET")).text
    assert running.stop() == 0


def test_an_app_that_fails_its_checks_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(MAIN + "\napp.on(AnswerEvent)(menu)\n")
    with started(tmp_path) as process:
        output, _ = process.communicate()
    assert output.startswith("Error: main.py:11 menu: can never run")
    assert output.count("\n") == 1
    assert process.returncode == 1


HOST = """
from fastapi import FastAPI

def make() -> FastAPI:
    host = FastAPI(lifespan=app.lifespan)
    host.router.routes.extend(app.routes("/bw"))

    @host.get("/own")
    async def own() -> str:
        return "host"

    return host

def broken() -> FastAPI:
    raise RuntimeError("no disk")

host = make()
"""


@pytest.mark.parametrize("name", ["host", "make"])
def test_a_host_or_a_factory_is_served_with_one_line_for_each_request(
    tmp_path: Path, client: httpx.Client, name: str
) -> None:
    (tmp_path / "main.py").write_text(MAIN + HOST)
    with started(tmp_path, target=f"main:{name}") as process:
        limit = Timer(60, process.kill)
        limit.start()
        running = Running(process)
        answer = make("answer", "GET")
        assert client.get(f"{running.url}/bw", params=answer).status_code == 200
        assert client.get(f"{running.url}/own?q=4711").json() == "host"
        assert client.get(f"{running.url}/nothing").status_code == 404
        assert running.stop() == 0
        limit.cancel()

    lines = [
        re.sub(r"\d+\.\d ms$", "T ms", line.removeprefix("INFO:     "))
        for line in running.output.splitlines()
        if line.endswith(" ms")
    ]
    assert lines == [
        f"GET /bw answer (call_id {answer['callId']}) -> main.py:11 menu 200 T ms",
        "GET /own 200 T ms",
        "GET /nothing 404 T ms",
    ]


def test_a_factory_that_fails_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(MAIN + HOST)
    with started(tmp_path, target="main:broken") as process:
        output, _ = process.communicate()
    assert output == "Error: main:broken() fails: RuntimeError: no disk\n"
    assert process.returncode == 1
