"""Work after the reply: when it runs, how it is held, and what becomes of its errors."""

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from callbackkit.v1 import After, App

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]
HANGUP = {"eventType": "hangup", "callId": "c-1"}


def app_with(*jobs: Any, **options: Any) -> App:
    """An app whose handler starts these jobs, each a function or one with its arguments."""
    app = App(**options)

    @app.on("hangup")
    async def handler(event: Any, after: After) -> None:
        for job in jobs:
            after(*job) if isinstance(job, tuple) else after(job)

    return app


async def post(in_process: InProcess, app: App, call_id: str = "c-1") -> httpx.Response:
    async with in_process(app) as client:
        return await client.post("/", json={**HANGUP, "callId": call_id})


async def test_tasks_run_after_the_reply_in_the_order_started() -> None:
    log: list[str] = []

    async def job(name: str) -> None:
        log.append(name)

    app = app_with((job, "one"), (job, "two"), (job, "three"))

    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"eventType": "hangup", "callId": "c-1"}'}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)
        log.append(message["type"])

    await app(
        {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []},
        receive,
        send,
    )
    await app.settle()
    assert log == ["http.response.start", "http.response.body", "one", "two", "three"]


async def test_a_task_runs_though_the_sender_is_gone() -> None:
    done: list[int] = []
    app = app_with((done.append, 1))

    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"eventType": "hangup", "callId": "c-1"}'}

    async def send(message: Any) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await app(
            {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []},
            receive,
            send,
        )
    await app.settle()
    assert done == [1]


async def test_the_reply_does_not_wait_for_it(in_process: InProcess) -> None:
    gate, done = asyncio.Event(), []

    async def job() -> None:
        await gate.wait()
        done.append(1)

    app = app_with(job)
    assert (await post(in_process, app)).status_code == 200
    assert done == []
    gate.set()
    await app.settle()
    assert done == [1]


class Job:
    def __init__(self, done: list[Any]) -> None:
        self.done = done

    async def __call__(self, *args: Any, **kwargs: Any) -> None:
        self.done.append((args, kwargs))


@pytest.mark.parametrize(
    "job_of",
    [
        lambda job: (job, 1),
        lambda job: (job.__call__, 1),
        lambda job: functools.partial(job, 1),
        lambda job: lambda: job(1),
        lambda job: (job.done.append, ((1,), {})),
    ],
    ids=["object", "method", "partial", "lambda of a coroutine", "def"],
)
async def test_every_kind_of_job(job_of: Any, in_process: InProcess) -> None:
    done: list[Any] = []
    app = app_with(job_of(Job(done)))
    await post(in_process, app)
    await app.settle()
    assert done == [((1,), {})]


async def test_keywords_are_passed_on(in_process: InProcess) -> None:
    done: list[Any] = []
    app = App()

    @app.on("hangup")
    async def handler(event: Any, after: After) -> None:
        after(Job(done), event.call_id, fn=2, event=3)

    await post(in_process, app)
    await app.settle()
    assert done == [(("c-1",), {"fn": 2, "event": 3})]


async def test_a_def_runs_in_a_thread(in_process: InProcess) -> None:
    threads: list[int] = []
    app = app_with(lambda: threads.append(threading.get_ident()))
    await post(in_process, app)
    await app.settle()
    assert threads != [threading.get_ident()]


async def needs(one: int, two: int) -> None: ...


async def broken() -> None:
    raise LookupError("why")


@pytest.mark.parametrize("job", [broken, needs], ids=["raises", "is called wrongly"])
async def test_its_error_is_logged_with_the_event_and_stops_nothing_else(
    job: Any, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []
    app = app_with(job, (done.append, 1))
    assert (await post(in_process, app)).status_code == 200
    await app.settle()
    assert done == [1]
    (record,) = caplog.records
    assert (
        f"{job.__name__}, run after the reply, failed for hangup (call_id c-1)"
        in record.getMessage()
    )
    assert "test_after.py:" in record.getMessage()
    assert record.__dict__["call_id"] == "c-1"
    assert record.exc_info


async def test_a_task_that_is_no_function_fails_the_handler(in_process: InProcess) -> None:
    coroutine = broken()
    app = app_with(coroutine, strict=True)
    with pytest.raises(TypeError):
        await post(in_process, app)
    coroutine.close()


async def test_settle_waits_for_work_that_work_starts(in_process: InProcess) -> None:
    done: list[str] = []
    app = App()

    async def outer() -> None:
        await asyncio.sleep(0)
        await post(in_process, app, "c-2")
        done.append("outer")

    async def inner() -> None:
        await asyncio.sleep(0)
        done.append("inner")

    @app.on("hangup")
    async def handler(event: Any, after: After) -> None:
        after(inner if done or started else outer)
        started.append(1)

    started: list[int] = []
    await post(in_process, app)
    await app.settle()
    assert sorted(done) == ["inner", "outer"]


async def test_a_running_task_is_not_garbage_collected(in_process: InProcess) -> None:
    import gc
    import weakref

    done: list[int] = []
    gates: list[weakref.ref[asyncio.Future[None]]] = []

    async def job() -> None:
        gate = asyncio.get_running_loop().create_future()
        gates.append(weakref.ref(gate))
        await gate
        done.append(1)

    app = app_with(job)
    await post(in_process, app)
    await asyncio.sleep(0)
    gc.collect()
    gate = gates[0]()
    assert gate is not None
    gate.set_result(None)
    await app.settle()
    assert done == [1]


async def test_shutdown_waits_for_it(in_process: InProcess) -> None:
    done: list[int] = []

    async def job() -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        done.append(1)

    app = app_with(job)
    async with app.lifespan():
        await post(in_process, app)
    assert done == [1]


async def test_shutdown_does_not_wait_for_ever(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    cancelled: list[int] = []

    async def job() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    app = app_with(job, shutdown_timeout=0.02)
    async with asyncio.timeout(5), app.lifespan():
        await post(in_process, app)
    assert cancelled == [1]
    assert "run after the reply, was cancelled for hangup" in caplog.text


async def test_work_after_the_reply_may_ask_for_more(in_process: InProcess) -> None:
    done: list[str] = []
    app = App()

    @app.on("hangup")
    async def handler(event: Any, after: After) -> None:
        async def first() -> None:
            done.append("first")
            after(done.append, "second")

        after(first)

    await post(in_process, app)
    await app.settle()
    assert done == ["first", "second"]


async def test_a_call_in_place_of_a_function_is_refused(in_process: InProcess) -> None:
    app = App(strict=True)

    async def work() -> None: ...

    @app.on("hangup")
    async def handler(event: Any, after: After) -> None:
        with pytest.raises(TypeError, match=r"after\(work, x\)"):
            after(work())  # type: ignore[arg-type]

    assert (await post(in_process, app)).status_code == 200


async def test_a_task_cancelled_with_the_loop_is_logged(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    started = asyncio.Event()

    async def job() -> None:
        started.set()
        await asyncio.Event().wait()

    await post(in_process, app_with(job))
    await started.wait()
    (task,) = [t for t in asyncio.all_tasks() if "_logged" in repr(t)]
    task.cancel()
    await asyncio.wait([task])
    (record,) = caplog.records
    assert "job, run after the reply, was cancelled for hangup (call_id c-1)" in record.message
    assert "handler" in record.__dict__["handler"]
