"""Starting and stopping an app in this process, as a server does."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from callbackkit.testing.failures import PhoneFailure


class Lifespan:
    """The lifespan of one ASGI app. An app that has none is left alone."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self._to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.state: dict[str, Any] = {}
        """The app's state for its requests, each of which gets a copy."""

    async def start(self) -> None:
        """Start the app. Raises PhoneFailure if it reports that it can't."""
        self._task = asyncio.create_task(self._run())
        reply = await self._send("lifespan.startup")
        if reply is not None and reply["type"] == "lifespan.startup.failed":
            words = reply.get("message") or "see its log"
            raise PhoneFailure(f"the app failed at startup: {words}")

    async def stop(self) -> None:
        """Stop the app. Raises PhoneFailure if it reports a failure."""
        if self._task is None:
            return
        reply = None if self._task.done() else await self._send("lifespan.shutdown")
        with suppress(Exception):
            await self._task
        if reply is not None and reply["type"] == "lifespan.shutdown.failed":
            words = reply.get("message") or "see its log"
            raise PhoneFailure(f"the app failed at shutdown: {words}")

    async def _send(self, what: str) -> dict[str, str] | None:
        assert self._task is not None
        await self._to_app.put({"type": what})
        answer = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        return None

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        # One that knows no lifespan raises, which a server takes for a no.
        with suppress(Exception):
            await self._app(scope, self._to_app.get, self._from_app.put)
