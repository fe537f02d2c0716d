"""Starts and stops an app in this process, as a server does."""

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
        """What the app keeps for its requests, each of which gets a copy."""

    async def start(self) -> None:
        """Let the app start. Raises PhoneFailure if it says that it can't."""
        self._task = asyncio.create_task(self._run())
        told = await self._ask("lifespan.startup")
        if told is not None and told["type"] == "lifespan.startup.failed":
            raise PhoneFailure(f"the app failed at startup: {told.get('message') or 'see its log'}")

    async def stop(self) -> None:
        """Let the app stop. Raises PhoneFailure if it says that it failed in that."""
        if self._task is None:
            return
        told = None if self._task.done() else await self._ask("lifespan.shutdown")
        with suppress(Exception):
            await self._task
        if told is not None and told["type"] == "lifespan.shutdown.failed":
            words = told.get("message") or "see its log"
            raise PhoneFailure(f"the app failed at shutdown: {words}")

    async def _ask(self, what: str) -> dict[str, str] | None:
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
