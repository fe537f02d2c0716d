"""Sending messages, 64 at a time, to a server that answers at once and to one that takes 50 ms.

The server is a stub in a process of its own (stub.py). Every round opens its client anew and warms
its connections up before it is timed, so that no contender is timed on connections that expired
while others had their turn. CPU time is that of the client's process, all its threads together.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from harness import MICROSECONDS, Comparison, Contender, Row, Run, Sample, WrongOutput
from stub import APPLICATION, CREDENTIALS, RECIPIENT, SENDER, TEXT, url

RATE = "req/s"
_IN_FLIGHT = 64
_THREADS = 16

_OURS = "callbackkit"
_OURS_AIOHTTP = "callbackkit over aiohttp"
_HTTPX = "one plain httpx client"
_AIOHTTP = "aiohttp by hand"
_SDK = f"bandwidth-sdk, {_THREADS} threads"

Send = Callable[[], Awaitable[str]]
"""Sends a message and gives its id."""

Open = Callable[[str], AbstractAsyncContextManager[Send]]
"""Opens a client for the base URL of an account."""


def comparisons(sends: int) -> Iterator[Comparison]:
    yield _comparison(f"send {sends:,} messages, answered at once", 0, sends, None, None)
    yield _comparison(f"send {sends:,} messages, answered after 50 ms", 50, sends, 0.85, 3.0)


def _comparison(
    title: str, delay: int, sends: int, of_aiohttp: float | None, of_sdk: float | None
) -> Comparison:
    return Comparison(
        title,
        [
            _sends(_OURS, _callbackkit, delay, sends),
            _sends(_OURS_AIOHTTP, _callbackkit_over_aiohttp, delay, sends),
            _sends(_HTTPX, _httpx, delay, sends),
            _sends(_AIOHTTP, _aiohttp, delay, sends),
            Contender(_SDK, lambda: _sdk(delay), operations=sends),
        ],
        [
            Row(_OURS, _AIOHTTP, "of its rate", of_aiohttp, RATE),
            Row(_OURS, _SDK, "of its rate", of_sdk, RATE),
            Row(_OURS, _HTTPX, "of its rate", unit=RATE),
            Row(_OURS, _AIOHTTP, "of its cost"),
            Row(_OURS, _SDK, "of its cost"),
            Row(_OURS, _HTTPX, "of its cost"),
            Row(_OURS_AIOHTTP, _AIOHTTP, "of its rate", of_aiohttp, RATE),
            Row(_OURS_AIOHTTP, _SDK, "of its rate", of_sdk, RATE),
            Row(_OURS_AIOHTTP, _AIOHTTP, "of its cost"),
            Row(_OURS_AIOHTTP, _SDK, "of its cost"),
        ],
        share=0.15,
    )


def _sends(name: str, opening: Open, delay: int, sends: int) -> Contender:
    def ready() -> Run:
        base = f"{url()}/{delay}/v1"

        async def check() -> None:
            async with opening(base) as send:
                _assert_ids([await send()], 1, name)

        async def timed(operations: int) -> Sample:
            async with opening(base) as send:
                await _all(send, _IN_FLIGHT)
                wall, cpu = time.perf_counter(), time.process_time()
                ids = await _all(send, operations)
                cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            _assert_ids(ids, operations, name)
            return _sample(wall, cpu, operations)

        asyncio.run(check())
        return lambda operations: asyncio.run(timed(operations))

    return Contender(name, ready, operations=sends)


async def _all(send: Send, number: int) -> list[str]:
    """Sends so many messages from as many tasks as there may be in flight."""
    ids: list[str] = []
    turns = iter(range(number))

    async def sender() -> None:
        for _ in turns:
            ids.append(await send())

    async with asyncio.TaskGroup() as group:
        for _ in range(_IN_FLIGHT):
            group.create_task(sender())
    return ids


def _sample(wall: float, cpu: float, operations: int) -> Sample:
    return {RATE: operations / wall, MICROSECONDS: cpu / operations * 1e6}


def _assert_ids(ids: list[str], number: int, name: str) -> None:
    if len(set(ids)) != number or not all(i.startswith("m-") and i[2:].isdigit() for i in ids):
        raise WrongOutput(f"{name} sent {len(set(ids))} of {number} messages: {ids[:3]}")


@asynccontextmanager
async def _callbackkit(base_url: str, **options: Any) -> AsyncIterator[Send]:
    from callbackkit.v1 import Client

    async with Client("u-1", *CREDENTIALS, base_url=base_url, **options) as client:

        async def send() -> str:
            return (await client.messages.send(from_=SENDER, to=RECIPIENT, text=TEXT)).id

        yield send


@asynccontextmanager
async def _callbackkit_over_aiohttp(base_url: str) -> AsyncIterator[Send]:
    import httpx_aiohttp  # noqa: F401 (to name the one that is missing)

    async with _callbackkit(base_url, transport="aiohttp") as send:
        yield send


@asynccontextmanager
async def _httpx(base_url: str) -> AsyncIterator[Send]:
    import httpx

    async with httpx.AsyncClient(auth=CREDENTIALS, base_url=base_url) as client:

        async def send() -> str:
            message = {"from": SENDER, "to": RECIPIENT, "text": TEXT}
            response = await client.post("/users/u-1/messages", json=message)
            assert response.status_code == 201, response.text
            return response.headers["location"].rpartition("/")[2]

        yield send


@asynccontextmanager
async def _aiohttp(base_url: str) -> AsyncIterator[Send]:
    import aiohttp

    address = f"{base_url}/users/u-1/messages"
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth(*CREDENTIALS)) as session:

        async def send() -> str:
            message = {"from": SENDER, "to": RECIPIENT, "text": TEXT}
            async with session.post(address, json=message) as response:
                assert response.status == 201, await response.text()
                return response.headers["location"].rpartition("/")[2]

        yield send


def _sdk(delay: int) -> Run:
    import bandwidth
    from bandwidth.models import MessageRequest

    host = f"{url()}/{delay}/v2"

    def timed(operations: int) -> Sample:
        from concurrent.futures import ThreadPoolExecutor

        configuration = bandwidth.Configuration(
            host, username=CREDENTIALS[0], password=CREDENTIALS[1], ignore_operation_servers=True
        )
        configuration.connection_pool_maxsize = _THREADS
        with (
            bandwidth.ApiClient(configuration) as client,
            ThreadPoolExecutor(_THREADS) as threads,
        ):
            messages = bandwidth.MessagesApi(client)

            def send(_: int) -> str:
                request = MessageRequest(
                    applicationId=APPLICATION, to=[RECIPIENT], **{"from": SENDER}, text=TEXT
                )
                return messages.create_message("u-1", request).id or ""

            list(threads.map(send, range(_IN_FLIGHT)))
            wall, cpu = time.perf_counter(), time.process_time()
            ids = list(threads.map(send, range(operations)))
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        _assert_ids(ids, operations, _SDK)
        return _sample(wall, cpu, operations)

    timed(1)
    return timed
