"""Observers are told of every callback, and can break none."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from callbackkit import Observation
from callbackkit.deadline import DeadlinePassed
from callbackkit.v1 import App, Gather, Hangup, Reply

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]
ANSWER = {"eventType": "answer", "callId": "c-1"}
SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}


def observed(**options: Any) -> tuple[App, list[Observation]]:
    app, seen = App(**options), []

    @app.observe
    def observer(observation: Observation) -> None:
        seen.append(observation)

    return app, seen


async def get(in_process: InProcess, app: App, **headers: str) -> httpx.Response:
    async with in_process(app) as client:
        return await client.get("/voice", params=ANSWER, headers=headers)


async def test_a_handled_callback(in_process: InProcess) -> None:
    app, seen = observed()

    @app.on("answer")
    async def menu(event: Any) -> Reply:
        time.sleep(0.001)  # noqa: ASYNC251
        return Hangup()

    reply = await get(in_process, app)
    (it,) = seen
    assert (it.callback.event.event_type, it.callback.path) == ("answer", "/voice")
    assert it.handler is not None
    assert it.handler.name == "menu"
    assert it.handler.where.endswith(f"test_observing.py:{menu.__code__.co_firstlineno}")
    assert (it.reply.status, it.reply.body) == (200, reply.content)
    assert 0.001 <= it.duration < 1
    assert (it.error, it.duplicate) == (None, False)


async def test_a_callback_that_nobody_takes(in_process: InProcess) -> None:
    app, seen = observed()
    await get(in_process, app)
    assert (seen[0].handler, seen[0].reply.status, seen[0].error) == (None, 200, None)


@pytest.mark.parametrize("answered", [False, True])
async def test_an_observation_has_the_handler_error_and_status_of_a_failure(
    answered: bool, in_process: InProcess
) -> None:
    app, seen = observed()
    error = LookupError()

    @app.on("answer")
    async def broken(event: Any) -> None:
        raise error

    if answered:

        @app.on_error(LookupError)
        async def sorry(error: LookupError) -> Reply:
            return PlainTextResponse("", 503)

    await get(in_process, app)
    assert seen[0].handler is not None
    assert (seen[0].handler.name, seen[0].error) == ("broken", error)
    assert seen[0].reply.status == (503 if answered else 500)


async def test_a_failure_that_strict_raises_is_observed(in_process: InProcess) -> None:
    app, seen = observed(strict=True)

    @app.on("answer")
    async def broken(event: Any) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await get(in_process, app)
    assert isinstance(seen[0].error, LookupError)
    assert seen[0].reply.status == 500


async def test_a_passed_deadline_is_observed_with_its_duration(in_process: InProcess) -> None:
    app, seen = observed(deadline=0.02)

    @app.on("answer")
    async def slow(event: Any) -> None:
        import asyncio

        await asyncio.Event().wait()

    await get(in_process, app)
    assert isinstance(seen[0].error, DeadlinePassed)
    assert 0.02 <= seen[0].duration < 1


async def test_a_predicate_that_fails(in_process: InProcess) -> None:
    app, seen = observed()

    @app.on("answer", when=lambda event: event.nothing)
    async def picky(event: Any) -> None: ...

    await get(in_process, app)
    assert seen[0].handler is not None
    assert (seen[0].handler.name, type(seen[0].error)) == ("picky", AttributeError)


async def test_the_400_for_an_invalid_host_is_observed(in_process: InProcess) -> None:
    app, seen = observed()

    @app.on("answer")
    async def menu(event: Any) -> Reply:
        return Gather(request_url="/digits")

    reply = await get(in_process, app, host="no host")
    assert (seen[0].reply.status, seen[0].reply.body) == (400, reply.content)


async def test_a_duplicate_is_observed_without_a_handler(in_process: InProcess) -> None:
    app, seen = observed()

    @app.on("sms")
    async def handler(event: Any) -> Reply:
        return PlainTextResponse("thanks", 202)

    async with in_process(app) as client:
        for _ in range(2):
            await client.post("/", json=SMS)
    assert [(it.duplicate, it.handler is None, it.reply.status) for it in seen] == [
        (False, False, 202),
        (True, True, 202),
    ]


async def test_requests_that_are_no_callbacks_are_not_observed(in_process: InProcess) -> None:
    app, seen = observed(health="/health")
    async with in_process(app) as client:
        await client.post("/", content=b"x")
        await client.get("/health")
        await client.put("/")
    assert seen == []


async def test_an_observer_that_fails_breaks_nothing(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    @app.observe
    def broken(observation: Observation) -> None:
        raise LookupError("why")

    seen: list[Observation] = []
    app.observe(seen.append)

    @app.on("answer")
    async def menu(event: Any) -> Reply:
        return Hangup()

    assert b"<Hangup/>" in (await get(in_process, app)).content
    assert len(seen) == 1
    (record,) = caplog.records
    assert "broken failed" in record.getMessage()
    assert "test_observing.py:" in record.getMessage()
    assert record.exc_info


async def test_an_observer_can_be_added_while_the_app_serves(in_process: InProcess) -> None:
    app, seen = App(), []
    async with app.lifespan():
        app.observe(seen.append)
        await get(in_process, app)
    assert len(seen) == 1
