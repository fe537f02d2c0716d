"""An ASGI app on a loopback port, in the event loop of whoever asks."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from callbackkit.errors import SetupError


class _Server(uvicorn.Server):
    """uvicorn that says when it listens, and leaves signals to whoever runs the loop."""

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
    """An app that is served while this lives. `url` is the root of its server."""

    def __init__(self, app: Callable[..., Any], host: str = "127.0.0.1", port: int = 0) -> None:
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
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.listening.wait()

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
