"""Sends requests into ASGI and WSGI apps in this process, as a server would hand them over.

The requests of a batch are made before it is timed, each with a scope of its own.
"""

import asyncio
import atexit
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from harness import Contender, Run, Sample, WrongOutput, per_operation

CREDENTIALS = ("bandwidth", "benchmark")
_AUTHORIZATION = b"Basic YmFuZHdpZHRoOmJlbmNobWFyaw=="

_runner = asyncio.Runner()
atexit.register(_runner.close)  # stops what apps keep running


@dataclass(frozen=True)
class Request:
    """A callback to send, and what the handler must have noted when it was handled."""

    method: str
    query: bytes
    body: bytes
    noted: tuple[str, str]


@dataclass
class Notes:
    """What handlers read last of an event: the proof that they ran."""

    last: tuple[str, str] = ("", "")

    def __call__(self, first: str, second: str) -> None:
        self.last = (first, second)


note = Notes()

Requests = Callable[[int], Sequence[Request]]
"""Makes a number of requests."""

Check = Callable[[bytes], bool]
"""Whether the body of a reply is right."""


def asgi(name: str, make: Callable[[], Any], requests: Requests, check: Check) -> Contender:
    """An ASGI app as a contender."""

    def ready() -> Run:
        app = make()
        (request,) = requests(1)
        replied: list[Any] = []

        async def keep(message: Any) -> None:
            replied.append(message)

        _runner.run(_all(app, [(_scope(request), _receive(request))], keep))
        start, *parts = replied
        body = b"".join(part.get("body", b"") for part in parts)
        length = dict(start["headers"]).get(b"content-length")
        _assert_right(name, start["status"], length, body, request, check)

        def run(operations: int) -> Sample:
            batch = requests(operations)
            pairs = [(_scope(request), _receive(request)) for request in batch]
            took = _runner.run(_all(app, pairs, _send))
            _assert_noted(name, batch[-1])
            return per_operation(took, operations)

        return run

    return Contender(name, ready)


def wsgi(name: str, make: Callable[[], Any], requests: Requests, check: Check) -> Contender:
    """A WSGI app as a contender."""

    def ready() -> Run:
        app = make()
        (request,) = requests(1)
        replied: list[Any] = []
        body = b"".join(app(_environ(request), lambda *start: replied.extend(start)))
        headers = {key.lower().encode(): value.encode() for key, value in replied[1]}
        status = int(replied[0].split()[0])
        _assert_right(name, status, headers[b"content-length"], body, request, check)

        def run(operations: int) -> Sample:
            batch = requests(operations)
            environs = [_environ(request) for request in batch]
            took = _all_wsgi(app, environs)
            _assert_noted(name, batch[-1])
            return per_operation(took, operations)

        return run

    return Contender(name, ready)


async def _all(app: Any, pairs: Iterable[tuple[Any, Any]], send: Any) -> int:
    start = time.process_time_ns()
    for scope, receive in pairs:
        await app(scope, receive, send)
    return time.process_time_ns() - start


def _all_wsgi(app: Any, environs: Iterable[Any]) -> int:
    start = time.process_time_ns()
    for environ in environs:
        body = app(environ, _start_response)
        b"".join(body)
        body.close()
    return time.process_time_ns() - start


async def _send(message: Any) -> None:
    pass


def _start_response(status: str, headers: Any, error: Any = None) -> None:
    pass


def _scope(request: Request) -> dict[str, Any]:
    """What uvicorn gives for such a request."""
    headers = [
        (b"host", b"app.example.com"),
        (b"user-agent", b"BandwidthAPI/v1"),
        (b"accept", b"*/*"),
        (b"accept-encoding", b"gzip"),
        (b"authorization", _AUTHORIZATION),
    ]
    if request.body:
        headers += [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(request.body)),
        ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("10.0.0.1", 8000),
        "client": ("192.0.2.7", 41234),
        "scheme": "https",
        "method": request.method,
        "root_path": "",
        "path": "/",
        "raw_path": b"/",
        "query_string": request.query,
        "headers": headers,
        "state": {},
    }


def _receive(request: Request) -> Callable[[], Any]:
    message = {"type": "http.request", "body": request.body, "more_body": False}

    async def receive() -> Any:
        return message

    return receive


def _environ(request: Request) -> dict[str, Any]:
    """What a WSGI server gives for such a request."""
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_NAME": "10.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": "app.example.com",
        "HTTP_USER_AGENT": "BandwidthAPI/v1",
        "HTTP_ACCEPT": "*/*",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_AUTHORIZATION": _AUTHORIZATION.decode(),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.body:
        environ["CONTENT_TYPE"] = "application/json; charset=utf-8"
        environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ


def _assert_right(
    name: str, status: int, length: bytes | None, body: bytes, request: Request, check: Check
) -> None:
    if status != 200 or length != b"%d" % len(body) or not check(body):
        raise WrongOutput(f"{name} replies {status}, content-length {length!r}: {body!r}")
    _assert_noted(name, request)


def _assert_noted(name: str, request: Request) -> None:
    if note.last != request.noted:
        raise WrongOutput(f"{name}: its handler noted {note.last}, not {request.noted}")
    note.last = ("", "")
