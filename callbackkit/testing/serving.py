"""An ASGI app served over HTTP beside other tasks of an event loop."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn

from callbackkit.errors import SetupError


class _Server(uvicorn.Server):
    """A uvicorn that reports when it listens, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class BackgroundServer:
    """A server of an ASGI app, by default on a free loopback port. `url` is its root.

    Raises SetupError if it can't listen there.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        lifespan: Literal["on", "off"] = "off",
    ) -> None:
        six = ":" in host
        try:
            self._socket = socket.create_server(
                (host, port), family=socket.AF_INET6 if six else socket.AF_INET
            )
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else error
            raise SetupError(f"can't listen on {host} port {port}: {why}") from None
        name = f"[{host}]" if six else host
        self.url = f"http://{name}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            interface="asgi3",  # what uvicorn can't tell of a method
            lifespan=lifespan,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve in a task, and return when the server listens."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.listening.wait()

    async def stop(self) -> None:
        """Stop the server, and return when it has stopped."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
