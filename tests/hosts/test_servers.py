"""The app under other servers than uvicorn, with a root path or not. Needs the extra `hosts`."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

pytest.importorskip("granian", reason="needs the extra hosts: pip install '.[test,hosts]'")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM there")

MAIN = """\
from hypercorn.middleware import DispatcherMiddleware
from callbackkit.mounting import Switch
from callbackkit.v1 import *

class Resource:
    async def __aenter__(self):
        print("open", flush=True)
        return self
    async def __aexit__(self, *error):
        print("close", flush=True)

app = App(auth=("user", "secret"), health="/health")
app.provide(Resource, Resource)

@app.on(AnswerEvent, path="/")
async def answer(call: AnswerEvent, resource: Resource) -> Reply:
    return Gather(request_url="/picked")

@app.on(GatherEvent, path="/picked")
async def picked(gather: GatherEvent) -> Reply:
    return Hangup()

async def others(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("HTTP only")
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body"})

switch = Switch("/bandwidth", app, others)
dispatcher = DispatcherMiddleware({"/bandwidth": app})
"""

SERVERS = {
    "uvicorn": "uvicorn main:{app} --port {port}",
    "gunicorn": "gunicorn main:{app} -k asgi --bind 127.0.0.1:{port}",
    "gunicorn-uvicorn": "gunicorn main:{app} -k uvicorn_worker.UvicornWorker --bind 127.0.0.1:{port}",
    "hypercorn": "hypercorn main:{app} --bind 127.0.0.1:{port}",
    "granian": "granian --interface asgi main:{app} --port {port}",
    "daphne": "daphne main:{app} --bind 127.0.0.1 --port {port}",
}


@contextmanager
def running(command: str, port: int, folder: Path) -> Iterator[Path]:
    """A server for a `with` block, which ends with SIGTERM. Gives the file of its output."""
    output = folder / "output.txt"
    root = Path(__file__).parent.parent.parent
    words = command.split()
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{folder}"}
    with output.open("w") as file:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / words[0]), *words[1:]],
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + 30
        while True:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < end, output.read_text()
            time.sleep(0.05)
        yield output
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize("server", SERVERS)
def test_a_switch_under_a_server(server: str, tmp_path: Path, call: Callable[..., str]) -> None:
    (tmp_path / "main.py").write_text(MAIN)
    port = free_port()
    command = SERVERS[server].format(app="switch", port=port)
    url = f"http://127.0.0.1:{port}"

    with running(command, port, tmp_path) as output:
        for path in ("/bandwidth", "/bandwidth/"):
            assert call(url + path) == f"{url}/bandwidth/picked"

    lines = output.read_text().split()
    assert lines.count("open") == 1
    # daphne has no lifespan: the app starts itself, and nothing stops it.
    assert lines.count("close") == (0 if server == "daphne" else 1)


ROOT_PATH = {
    "uvicorn": "--root-path /api",
    "gunicorn": "--root-path /api",
    "hypercorn": "--root-path /api",
    "granian": "--url-path-prefix /api",
    "daphne": "--root-path /api",
}


@pytest.mark.parametrize("app", ["switch", "dispatcher"])
@pytest.mark.parametrize("server", ROOT_PATH)
def test_a_mount_below_a_servers_root_path(
    server: str, app: str, tmp_path: Path, call: Callable[..., str]
) -> None:
    """A proxy takes /api away or leaves it; the URLs have it once."""
    if (server, app) == ("uvicorn", "dispatcher"):
        pytest.skip("hypercorn's dispatcher answers 404 below a root path that is in the path")
    (tmp_path / "main.py").write_text(MAIN)
    port = free_port()
    command = f"{SERVERS[server].format(app=app, port=port)} {ROOT_PATH[server]}"
    url = f"http://127.0.0.1:{port}"

    def stripping(outside: str) -> str:
        return outside.replace("/api/", "/", 1)

    with running(command, port, tmp_path):
        assert call(f"{url}/api/bandwidth/", stripping) == f"{url}/api/bandwidth/picked"
        # uvicorn would have it twice then; the dispatcher finds nothing there.
        if app == "switch" and server != "uvicorn":
            assert call(f"{url}/api/bandwidth/") == f"{url}/api/bandwidth/picked"
