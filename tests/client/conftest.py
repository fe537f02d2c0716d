"""A real HTTP server on a socket that answers as a test says: late, cut off, or no HTTP at all."""

import asyncio
import gc
import json
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from typing import Any

import pytest

from callbackkit.client import (
    ApiResponse,
    BasicAuth,
    ErrorBody,
    LinkedPages,
    NumberedPages,
    RestClient,
    Retry,
    error_body,
)

QUICK = Retry(delay=0.01, longest=0.03, seconds=5)


@dataclass
class Request:
    """What came; of a long body only its length and digest."""

    method: str
    target: str
    headers: dict[str, str]
    size: int
    digest: str
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Connection:
    """The server's end, in the hands of a step."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End it with a TCP reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Step = Callable[[Request, Connection], Awaitable[None]]


def reply(status: int = 200, body: Any = b"", length: int | None = None, **headers: str) -> Step:
    """A step that answers; `length` is a Content-Length that may be a lie."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {"content-length": str(len(data) if length is None else length)}
    names |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in names.items())

    async def step(request: Request, connection: Connection) -> None:
        await connection.raw(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + data)

    return step


def cut(data: bytes = b"") -> Step:
    """Send this much and close."""

    async def step(request: Request, connection: Connection) -> None:
        await connection.raw(data)
        connection.writer.close()

    return step


async def reset(request: Request, connection: Connection) -> None:
    connection.reset()


async def hang(request: Request, connection: Connection) -> None:
    await connection.reader.read()  # until the client gives up


async def drip(request: Request, connection: Connection) -> None:
    """A byte now and then, so that each wait for one is short."""
    await connection.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(1000):
        await connection.raw(b" ")
        await asyncio.sleep(0.02)


@dataclass
class Server:
    """`server.says(step, ...)`: one step for each request, the last for all further ones."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open: set[int] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def says(self, *steps: Step) -> None:
        self.steps = list(steps)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = Connection(self.connections, reader, writer)
        self.writers.append(writer)
        self.open.add(connection.number)
        try:
            while (request := await self._read(connection)) is not None:
                number = len(self.requests)
                self.requests.append(request)
                await self.steps[min(number, len(self.steps) - 1)](request, connection)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open.discard(connection.number)
            writer.close()

    async def _read(self, connection: Connection) -> Request | None:
        reader = connection.reader
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:
            return None
        method, target, _ = head[0].split(" ")
        headers = {}
        for line in head[1:-2]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        left = int(headers.get("content-length", "0"))
        size, digest, body = left, sha256(), b""
        while left:
            chunk = await reader.read(min(left, 65536))
            if not chunk:
                return None
            left -= len(chunk)
            digest.update(chunk)
            body = body + chunk if size < 100_000 else b""
        return Request(method, target, headers, size, digest.hexdigest(), body, connection.number)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server in a thread of its own, so that a test's event loop may come and go."""
    found = Server()
    started = threading.Event()
    ends: list[Callable[[], object]] = []

    async def main() -> None:
        listening = await asyncio.start_server(found.serve, "127.0.0.1", 0)
        found.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        ends.append(lambda: loop.call_soon_threadsafe(done.set))
        started.set()
        await done.wait()
        # Each step ends with its connection. What is being accepted has a task too, and is let in
        # before the server is closed: asyncio of 3.13 would lose its socket, and fail at that.
        while len(asyncio.all_tasks()) > 1:
            for writer in found.writers:
                writer.transport.abort()
            await asyncio.sleep(0.001)
        listening.close()
        await asyncio.sleep(0.001)  # transports close their sockets in the next turn of the loop

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert started.wait(10)
    # What was there before is left out of the collections below, or each takes a tenth of a second.
    gc.freeze()
    yield found
    gc.collect()  # what a client left open is told now
    ends[0]()
    thread.join(10)
    gc.collect()
    gc.unfreeze()


@pytest.fixture(
    params=[
        "httpx",
        pytest.param(
            "aiohttp",
            marks=pytest.mark.skipif(
                find_spec("httpx_aiohttp") is None, reason="httpx-aiohttp is not installed"
            ),
        ),
    ]
)
def transport(request: pytest.FixtureRequest) -> Any:
    """The transport of the client: the default, and aiohttp."""
    return None if request.param == "httpx" else request.param


class ExampleClient(RestClient):
    """The client of a dialect that is nobody's."""

    rate_limits = frozenset({"call-rate-limit"})
    long_rate_limits = frozenset({"queue-full"})

    paging_styles = {"link": LinkedPages(), "page": NumberedPages("page", "size", 0, 25)}

    def error_body(self, response: ApiResponse) -> ErrorBody:
        return error_body(
            response.json_or_none(),
            category="category",
            code="code",
            message="message",
            details=("details", "name", "value"),
        )


@pytest.fixture
def make(server: Server, transport: Any) -> Callable[..., RestClient]:
    """`make(**options)` is a client of the server."""

    def make(**options: Any) -> RestClient:
        options = {"retry": QUICK, "transport": transport, **options}
        url = options.pop("base_url", server.url)
        pair = options.pop("credentials", ("t-token", "s3cr3t-value"))
        return ExampleClient(url, BasicAuth(*pair), **options)

    return make


@pytest.fixture
def say() -> Any:
    """The steps a server can take."""

    class Say:
        pass

    say = Say()
    vars(say).update(
        reply=reply, cut=cut, reset=reset, hang=hang, drip=drip, quick=QUICK, client=ExampleClient
    )
    return say
