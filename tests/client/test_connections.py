"""Connections: opened on first use, shared, bound to no event loop, and closed."""

import asyncio
import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from callbackkit.client import BasicAuth, PooledTransport, RestClient, Retry
from callbackkit.errors import SetupError

Make = Callable[..., RestClient]


async def ask(client: RestClient) -> Any:
    return (await client.call("GET", "/a", repeatable=True)).json()


def settled(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true soon."""
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.anyio
async def test_nothing_is_opened_before_it_is_needed_and_all_is_closed(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200, 1))
    async with make() as client:
        assert server.connections == 0
        for _ in range(3):
            await ask(client)
        assert server.connections == 1
    assert await asyncio.to_thread(settled, lambda: not server.open)
    assert await ask(client) == 1, "a closed client opens again"
    await client.aclose()
    await client.aclose()


@pytest.mark.anyio
async def test_connections_are_shared_and_limited(server: Any, make: Make) -> None:
    under_way = most = 0

    async def step(request: Any, connection: Any) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        await connection.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1")

    server.says(step)
    # Waiting for a connection is no part of a try's time: all of them take longer than that.
    async with make(connections=10, timeout=0.5, retry=Retry(tries=1)) as client:
        assert sum(await asyncio.gather(*[ask(client) for _ in range(600)])) == 600
    assert most <= 10
    assert server.connections <= 16


def test_each_event_loop_has_its_own_connections(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200, 1))
    client = make()

    async def main() -> None:
        async with client:
            assert await ask(client) == 1

    for _ in range(3):
        asyncio.run(main())
    assert server.connections == 3


def test_two_event_loops_at_once(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200, 1))
    client = make()
    found: list[Any] = []
    both = threading.Barrier(2)

    async def main() -> None:
        async with client:
            await ask(client)
            await asyncio.to_thread(both.wait, 10)
            found.append(await ask(client))

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [1, 1]


@pytest.mark.anyio
async def test_many_credentials_at_once(server: Any, make: Make) -> None:
    async def who(request: Any, connection: Any) -> None:
        pair = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        body = json.dumps(pair).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nset-cookie: a={len(body)}\r\n"
        await connection.raw(head.encode() + b"\r\n" + body)

    server.says(who)
    clients = [make(credentials=(f"t-{n}", "päss:word")) for n in range(5)]
    found = await asyncio.gather(*[ask(client) for client in clients for _ in range(4)])
    assert found == [f"t-{n}:päss:word" for n in range(5) for _ in range(4)]
    for client in clients:
        await client.aclose()


@pytest.mark.anyio
async def test_cookies_are_not_kept(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200, 1, set_cookie="session=1; path=/"))
    async with make() as client:
        await ask(client)
        await ask(client)
    assert "cookie" not in server.requests[1].headers


@pytest.mark.anyio
async def test_an_http_client_of_your_own(server: Any, say: Any) -> None:
    server.says(say.reply(200, 1))
    async with httpx.AsyncClient(headers={"x-mine": "1"}, follow_redirects=True) as http:
        async with say.client(server.url, BasicAuth("a", "b"), http=http) as client:
            assert await ask(client) == 1
        assert not http.is_closed
        server.says(say.reply(302, location="/v1/b"))
        with pytest.raises(Exception, match="not followed"):
            await ask(client)
    assert server.requests[0].headers["x-mine"] == "1"


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["instance", "function"])
async def test_a_transport_of_your_own(kind: str, server: Any, say: Any) -> None:
    server.says(say.reply(200, 1))

    class Closing(httpx.AsyncHTTPTransport):
        closed = 0

        async def aclose(self) -> None:
            Closing.closed += 1
            await super().aclose()

    transport: Any = Closing() if kind == "instance" else Closing
    async with say.client(server.url, BasicAuth("a", "b"), transport=transport) as client:
        assert await ask(client) == 1
    assert Closing.closed == 1
    with pytest.raises(SetupError, match="leave transport= out"):
        say.client(server.url, BasicAuth("a", "b"), transport=transport, http=httpx.AsyncClient())


@pytest.mark.anyio
async def test_a_timeout_of_httpx(server: Any, say: Any, make: Make) -> None:
    server.says(say.hang)
    started = time.monotonic()
    async with make(timeout=httpx.Timeout(5, read=0.1), retry=Retry(tries=1)) as client:
        with pytest.raises(Exception, match="no reply in time"):
            await ask(client)
    assert time.monotonic() - started < 4


@pytest.mark.anyio
async def test_requests_are_spread_over_the_least_busy_pools(server: Any, make: Make) -> None:
    arrived = 0
    default_pickup = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def step(request: Any, connection: Any) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 20:
            loop.call_soon_threadsafe(default_pickup.set)
        while not default_pickup.is_set():  # noqa: ASYNC110 (it belongs to another loop)
            await asyncio.sleep(0.005)
        await connection.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1")

    server.says(step)
    # All at once only if no pool has a queue while another is free.
    spread = PooledTransport(20)
    client = RestClient(server.url, BasicAuth("a", "b"), transport=spread, connections=20)
    async with client:
        await asyncio.wait_for(asyncio.gather(*[ask(client) for _ in range(20)]), 10)
    assert sum(spread._busy) == 0
