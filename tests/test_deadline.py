"""The time a handler has, and what is left of it whatever the handler does."""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import httpx
import pytest
from starlette.responses import StreamingResponse

from callbackkit.deadline import DeadlinePassed, run_within
from callbackkit.v1 import AnswerEvent, App, Callback, Hangup, Pause, Reply, Router

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]
ANSWER = {"eventType": "answer", "callId": "c-1"}
SOON = 0.02


async def get(in_process: InProcess, app: App) -> httpx.Response:
    async with asyncio.timeout(5), in_process(app) as client:
        return await client.get("/", params=ANSWER)


async def for_ever(event: Any) -> None:
    await asyncio.Event().wait()


async def test_the_deadline_answers_with_the_fallback(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(deadline=SOON, fallback=Hangup())
    app.on("answer")(for_ever)
    assert b"<Hangup/>" in (await get(in_process, app)).content
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert (
        "for_ever gave no reply to answer (call_id c-1) within its deadline" in record.getMessage()
    )
    assert record.__dict__["call_id"] == "c-1"


async def test_without_a_fallback_it_is_an_error(in_process: InProcess) -> None:
    app = App(deadline=SOON)
    app.on("answer")(for_ever)
    assert (await get(in_process, app)).status_code == 500


async def test_by_default_it_is_that_of_the_kind_of_event(
    in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnswerEvent, "deadline", SOON)
    app = App(fallback=Hangup())
    app.on("answer")(for_ever)
    assert b"<Hangup/>" in (await get(in_process, app)).content


@pytest.mark.parametrize("included", [False, True])
async def test_a_handler_may_have_its_own(included: bool, in_process: InProcess) -> None:
    app = App(fallback=Hangup())
    router = Router() if included else app
    router.on("answer", timeout=SOON)(for_ever)
    if included:
        app.include(router)
    assert b"<Hangup/>" in (await get(in_process, app)).content


async def test_a_longer_one_of_its_own_outlasts_that_of_the_app(in_process: InProcess) -> None:
    app = App(deadline=SOON)

    @app.on("answer", timeout=5)
    async def slow(event: Any) -> Reply:
        await asyncio.sleep(3 * SOON)
        return Hangup()

    assert b"<Hangup/>" in (await get(in_process, app)).content


async def test_a_deadline_can_be_switched_off(in_process: InProcess) -> None:
    app = App(deadline=None)

    @app.on("answer")
    async def slow(event: Any) -> Reply:
        await asyncio.sleep(SOON)
        return Hangup()

    assert b"<Hangup/>" in (await get(in_process, app)).content


async def test_the_handler_is_cancelled(in_process: InProcess) -> None:
    app, seen = App(deadline=SOON), []

    @app.on("answer")
    async def slow(event: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("cancelled")

    await get(in_process, app)
    assert seen == ["cancelled"]


@pytest.mark.parametrize("waits", [False, True])
async def test_a_timeout_error_of_its_own_is_not_the_deadline(
    waits: bool, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(deadline=5)

    @app.on("answer")
    async def handler(event: Any) -> None:
        if waits:
            await asyncio.sleep(0)
        raise TimeoutError

    @app.on_error(TimeoutError)
    async def sorry(error: TimeoutError) -> Reply:
        return Pause(length=1)

    assert b"<Pause" in (await get(in_process, app)).content
    assert caplog.records == []


async def test_on_error_does_not_answer_the_deadline(in_process: InProcess) -> None:
    app = App(deadline=SOON, fallback=Hangup())
    app.on("answer")(for_ever)

    @app.on_error(Exception)
    async def sorry(error: Exception) -> Reply:
        return Pause(length=1)

    assert b"<Hangup/>" in (await get(in_process, app)).content


async def test_an_on_error_that_waits_for_ever_is_cut_short(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(deadline=SOON, fallback=Hangup())

    @app.on("answer")
    async def broken(event: Any) -> None:
        raise LookupError

    app.on_error(LookupError)(for_ever)
    assert b"<Hangup/>" in (await get(in_process, app)).content
    assert "for_ever gave no reply" in caplog.text


async def test_middleware_counts(in_process: InProcess, caplog: pytest.LogCaptureFixture) -> None:
    app = App(deadline=SOON, fallback=Hangup())

    @app.middleware
    async def slow(callback: Callback, next: Any) -> Reply:  # noqa: A002
        await asyncio.Event().wait()
        return None

    assert b"<Hangup/>" in (await get(in_process, app)).content
    assert "middleware gave no reply" in caplog.text


async def test_a_response_that_streams_for_ever_is_cut_short(in_process: InProcess) -> None:
    app = App(deadline=0.2, fallback=Hangup())

    @app.on("answer")
    async def streaming(event: Any) -> Reply:
        await asyncio.sleep(0.1)

        async def chunks() -> AsyncIterator[bytes]:
            yield b""
            await asyncio.Event().wait()

        return StreamingResponse(chunks())

    started = time.perf_counter()
    assert b"<Hangup/>" in (await get(in_process, app)).content
    # The body has what the handler has left of its time, not the same time again.
    assert time.perf_counter() - started < 0.29


# Handlers that swallow their cancellation


async def swallows_and_returns(event: Any) -> Reply:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return Pause(length=9)


async def swallows_and_raises(event: Any) -> Reply:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise LookupError from None


async def swallows_and_waits(event: Any) -> Reply:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.sleep(3600)


async def swallows_again_and_again(event: Any) -> Reply:
    for _ in range(2):  # at its deadline, and at shutdown
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    "handler",
    [swallows_and_returns, swallows_and_raises, swallows_and_waits, swallows_again_and_again],
)
async def test_a_swallowed_cancellation_neither_delays_the_reply_nor_hides(
    handler: Any, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(deadline=SOON, fallback=Hangup(), shutdown_timeout=0)
    app.on("answer")(handler)
    async with app.lifespan():
        reply = await get(in_process, app)
        assert b"<Hangup/>" in reply.content
        assert b"Pause" not in reply.content
        about = [r.getMessage() for r in caplog.records if handler.__name__ in r.getMessage()]
        waits = handler in (swallows_and_waits, swallows_again_and_again)
        assert len(about) == 1 + waits
        assert ("goes on although it was cancelled at its deadline" in about[0]) is waits


async def test_an_abandoned_handler_may_finish_its_cleanup(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app, seen = App(deadline=SOON), []
    closing = asyncio.Event()

    @app.on("answer")
    async def careful(event: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await closing.wait()
            seen.append("closed")

    assert (await get(in_process, app)).status_code == 500
    assert seen == []
    closing.set()
    await app.settle()
    assert seen == ["closed"]


async def test_an_abandoned_handler_that_fails_is_logged(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(deadline=SOON)

    @app.on("answer")
    async def careless(event: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            raise LookupError

    await get(in_process, app)
    await app.settle()
    assert "careless, after its deadline, failed for answer" in caplog.records[-1].getMessage()


async def test_a_thread_runs_on_and_its_result_is_dropped(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(deadline=SOON, fallback=Hangup())
    go_on, done = threading.Event(), threading.Event()

    @app.on("answer")
    def slow(event: Any) -> Reply:
        go_on.wait(10)
        done.set()
        return Pause(length=9)

    reply = await get(in_process, app)
    assert b"<Hangup/>" in reply.content
    assert not done.is_set()
    assert "slow gave no reply" in caplog.text
    assert "goes on" not in caplog.text  # it has swallowed nothing
    go_on.set()
    assert await anyio.to_thread.run_sync(done.wait, 10)


# What works inside a handler as it does anywhere: its first step is taken by hand


async def timeout_around_a_wait() -> str:
    async with asyncio.timeout(5):
        await asyncio.sleep(0.001)
    return "done"


async def timeout_that_expires() -> str:
    try:
        async with asyncio.timeout(0.001):
            await asyncio.Event().wait()
    except TimeoutError:
        await asyncio.sleep(0)
        return "expired"
    return "not expired"


async def task_group() -> str:
    async def child(number: int) -> int:
        await asyncio.sleep(0)
        return number

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(child(number)) for number in range(3)]
        await asyncio.sleep(0)
    return str([task.result() for task in tasks])


async def task_group_that_fails() -> str:
    async def child() -> None:
        raise LookupError

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
            await asyncio.Event().wait()
    except* LookupError:
        pass
    await asyncio.sleep(0)
    return "failed"


async def move_on_after() -> str:
    with anyio.move_on_after(0.001) as scope:
        await anyio.sleep_forever()
    await anyio.lowlevel.checkpoint()
    return f"{scope.cancelled_caught}"


async def fail_after() -> str:
    try:
        with anyio.fail_after(0.001):
            await anyio.sleep_forever()
    except TimeoutError:
        await anyio.lowlevel.checkpoint()
        return "expired"
    return "not expired"


async def anyio_task_group() -> str:
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep_forever)
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    await anyio.lowlevel.checkpoint()
    return "cancelled"


async def wait_for() -> str:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.001)
    except TimeoutError:
        return "expired"
    return "not expired"


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")


async def context_variables() -> str:
    token = variable.set("set before the first wait")
    await asyncio.sleep(0)
    found = variable.get()
    variable.reset(token)
    return found


async def one_task() -> str:
    before = asyncio.current_task()
    await asyncio.sleep(0)
    return str(before is asyncio.current_task())


async def a_thread() -> str:
    return await anyio.to_thread.run_sync(lambda: "thread")


async def an_error_from_what_it_waits_for() -> str:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_exception, LookupError("told"))
    try:
        await future
    except LookupError as error:
        return str(error)
    return "no error"


@pytest.mark.parametrize("seconds", [5.0, None])
@pytest.mark.parametrize(
    ("work", "result"),
    [
        (timeout_around_a_wait, "done"),
        (timeout_that_expires, "expired"),
        (task_group, "[0, 1, 2]"),
        (task_group_that_fails, "failed"),
        (move_on_after, "True"),
        (fail_after, "expired"),
        (anyio_task_group, "cancelled"),
        (wait_for, "expired"),
        (context_variables, "set before the first wait"),
        (one_task, "True"),
        (a_thread, "thread"),
        (an_error_from_what_it_waits_for, "told"),
    ],
)
async def test_timeouts_and_scopes_work_across_the_first_wait_of_a_handler(
    work: Any, result: str, seconds: float | None, in_process: InProcess
) -> None:
    app, seen = App(deadline=seconds), []

    @app.on("answer")
    async def handler(event: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        cancelling = task.cancelling()
        seen.append(await work())
        assert task.cancelling() == cancelling

    assert (await get(in_process, app)).status_code == 200
    assert seen == [result]


@pytest.mark.parametrize(
    "work",
    [
        lambda: asyncio.timeout(5),
        asyncio.TaskGroup,
        anyio.CancelScope,
        anyio.create_task_group,
    ],
)
async def test_the_deadline_passes_inside_scopes_of_the_handlers_own(
    work: Any, in_process: InProcess
) -> None:
    app = App(deadline=SOON, fallback=Hangup())

    @app.on("answer")
    async def handler(event: Any) -> None:
        scope = work()
        if hasattr(scope, "__aenter__"):
            async with scope:
                await asyncio.Event().wait()
        else:
            with scope:
                await asyncio.Event().wait()

    assert b"<Hangup/>" in (await get(in_process, app)).content
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_cancellation_from_outside_reaches_the_handler(in_process: InProcess) -> None:
    app, seen, running = App(fallback=Hangup()), [], asyncio.Event()

    @app.on("answer")
    async def handler(event: Any) -> None:
        running.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    request = asyncio.create_task(get(in_process, app))
    await running.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert seen == ["cancelled"]


async def test_work_that_does_not_wait_needs_no_timer() -> None:
    async def work() -> str:
        return "done"

    before = len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
    assert await run_within(5, work(), lambda rest: None) == "done"
    assert len(asyncio.get_running_loop()._scheduled) == before  # type: ignore[attr-defined]


async def test_run_within_raises_what_it_says() -> None:
    async def work() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlinePassed):
        await run_within(0.001, work(), lambda rest: pytest.fail("not abandoned"))
