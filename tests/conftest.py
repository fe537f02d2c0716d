"""What every test shares: asyncio as the loop, and apps served in process or by real uvicorn."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import settings

# How long one example takes says more about the machine's other work than about the code.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def in_process() -> Callable[..., httpx.AsyncClient]:
    """`in_process(app)` is a client whose requests reach the app without a socket."""

    def client(app: Any, base_url: str = "http://app.test", **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, **options), base_url=base_url, trust_env=False
        )

    return client


class _Server(uvicorn.Server):
    """uvicorn in a thread, that says when it listens, and stops at once: its own loop looks every
    tenth of a second whether it should, which adds up over hundreds of tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self._end: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    async def main_loop(self) -> None:
        self._end = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        if not self.should_exit:
            await self._end[1].wait()

    def stop(self) -> None:
        self.should_exit = True
        if self._end is not None:
            loop, event = self._end
            with suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(event.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.listening.set()


@contextmanager
def _served(app: Any, **options: Any) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, **{"log_config": None, "lifespan": "on", **options}))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        assert server.listening.wait(20)
        assert server.started, "the app did not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join(20)
        listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve(app, **uvicorn_options)` serves an app on a free loopback port, and gives its URL."""
    with ExitStack() as stack:
        yield lambda app, **options: stack.enter_context(_served(app, **options))
