"""How little stands between the server and a user's function: one reads it in a traceback."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from callbackkit.v1 import After, AnswerEvent, App, Callback, SmsEvent

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]


class Database: ...


def frames() -> list[str]:
    """The functions from `App.__call__` to who calls this."""
    found = []
    frame: Any = sys._getframe(1)
    while frame is not None:
        found.append(frame.f_code.co_qualname)
        if found[-1] == "App.__call__":
            return found
        frame = frame.f_back
    raise AssertionError("no App.__call__")


async def test_at_most_seven_frames_to_the_users_function(in_process: InProcess) -> None:
    app, depths = App(), {}
    app.provide(Database, Database, scope="callback")
    app.observe(lambda observation: None)

    @app.on(AnswerEvent)
    async def plain(event: AnswerEvent) -> None:
        depths["plain"] = frames()
        await asyncio.sleep(0)
        depths["plain, later"] = frames()

    @app.on(SmsEvent)
    async def injected(
        event: SmsEvent, database: Database, callback: Callback, *, after: After
    ) -> None:
        depths["injected"] = frames()

    async with in_process(app) as client:
        await client.get("/", params={"eventType": "answer", "callId": "c-1"})
        await client.post("/", json={"eventType": "sms", "messageId": "m", "from": "1", "to": "2"})
    assert len(depths) == 3
    for found in depths.values():
        assert len(found) <= 7, found
