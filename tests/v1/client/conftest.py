"""A platform to talk to: a server on a real socket that keeps requests and answers as told.

It runs on the event loop of the test: a server in a thread takes far longer to start and stop, and
there is one for each test.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest

from callbackkit.v1.client import Client


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass
class Answer:
    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Platform:
    """A server on a loopback port: `answers` are given in turn, the last one for ever."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = [Answer()]
        self.url = ""

    def answer(
        self, body: Any = None, status: int = 200, headers: dict[str, str] | None = None
    ) -> "Platform":
        self.answers = [Answer(body, status, headers or {})]
        return self

    def then(
        self, body: Any = None, status: int = 200, headers: dict[str, str] | None = None
    ) -> "Platform":
        self.answers.append(Answer(body, status, headers or {}))
        return self

    def created(self, location: str = "/v1/users/u-1/things/x-1") -> "Platform":
        return self.answer(None, 201, {"Location": location})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, with as many requests as come."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                lines = (line.partition(":") for line in head[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in lines}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                path, _, query = target.partition("?")
                values = dict(parse_qsl(query, keep_blank_values=True))
                path = path.removeprefix("/v1")
                self.requests.append(Request(method, path, values, headers, body))
                writer.write(self._reply())
                await writer.drain()
        writer.close()

    def _reply(self) -> bytes:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        content = answer.body
        if not isinstance(content, bytes):
            content = b"" if content is None else json.dumps(content).encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} Said", *(f"{n}: {v}" for n, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + content


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    platform = Platform()
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0, limit=2**20)
    platform.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield platform
    server.close()


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[Client]:
    async with Client(
        "u-1", "t-secret-token", "s-secret-secret", base_url=f"{platform.url}/v1"
    ) as client:
        yield client
