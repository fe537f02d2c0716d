"""Starting and stopping: the lifespan, the first callback, failures at the start, other loops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from callbackkit import SetupError
from callbackkit.v1 import After, App, SmsEvent

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}


class Database: ...


class Opened:
    """An app with a lifespan and a resource, and what happened to them."""

    def __init__(self, **options: Any) -> None:
        self.log: list[str] = []
        self.app = App(duplicates=False, lifespan=self.lifespan, **options)
        self.app.provide(Database, self.database)
        self.app.on(SmsEvent)(self.handler)

    @asynccontextmanager
    async def lifespan(self, app: App) -> AsyncIterator[None]:
        assert app is self.app
        self.log.append("start")
        try:
            yield
        finally:
            self.log.append("stop")

    async def database(self) -> AsyncIterator[Database]:
        self.log.append("open")
        try:
            yield Database()
        finally:
            self.log.append("close")

    async def handler(self, event: SmsEvent, database: Database) -> None:
        self.log.append("handle")


async def test_the_lifespan_surrounds_what_is_provided(in_process: InProcess) -> None:
    it = Opened()
    async with it.app.lifespan():
        assert it.log == ["start", "open"]
        async with in_process(it.app) as client:
            await client.post("/", json=SMS)
    assert it.log == ["start", "open", "handle", "close", "stop"]


async def test_an_app_that_nobody_starts_starts_at_the_first_callback(
    in_process: InProcess,
) -> None:
    it = Opened()
    async with in_process(it.app) as client:
        assert it.log == []
        await asyncio.gather(*[client.post("/", json=SMS) for _ in range(3)])
    assert it.log == ["start", "open", "handle", "handle", "handle"]


def test_an_app_starts_and_stops_repeatedly_on_different_loops(in_process: InProcess) -> None:
    it = Opened()

    async def started() -> None:
        async with it.app.lifespan(), in_process(it.app) as client:
            await client.post("/", json=SMS)

    async def lazy() -> None:
        async with in_process(it.app) as client:
            await client.post("/", json=SMS)

    for run in (started, lazy, lazy, started):
        it.log.clear()
        asyncio.run(run())
        assert it.log == ["start", "open", "handle", "close", "stop"]


def test_a_provider_left_open_by_a_closed_loop_is_opened_again(in_process: InProcess) -> None:
    it = Opened()

    async def lazy() -> None:
        async with in_process(it.app) as client:
            await client.post("/", json=SMS)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(lazy())
    loop.close()  # without cancelling its tasks, as some test runners do
    it.log.clear()
    asyncio.run(lazy())
    assert it.log[:3] == ["start", "open", "handle"]


async def test_a_lifespan_within_a_lifespan_opens_nothing_twice() -> None:
    it = Opened()
    async with it.app.lifespan(), it.app.lifespan():
        assert it.log == ["start", "open"]
    assert it.log == ["start", "open", "close", "stop"]


class Server:
    """The server's side of the lifespan protocol."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.sent: list[Any] = []
        self.stop = asyncio.Event()
        self.told = asyncio.Event()
        self.messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive(self) -> Any:
        message = next(self.messages)
        if message == "lifespan.shutdown":
            await self.stop.wait()
        return {"type": message}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.told.set()

    async def run(self) -> list[Any]:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(self.app({"type": "lifespan"}, self.receive, self.send))
            await self.told.wait()
            self.stop.set()
        return self.sent


async def test_the_lifespan_protocol() -> None:
    it = Opened()
    assert await Server(it.app).run() == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]
    assert it.log == ["start", "open", "close", "stop"]


def unreachable() -> Database:
    raise ConnectionError("refused")


@asynccontextmanager
async def fails_at_the_end(app: App) -> AsyncIterator[None]:
    yield
    raise ConnectionError("refused")


async def test_a_failed_check_fails_the_start_with_its_sentence() -> None:
    app = App()

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None: ...

    (sent,) = await Server(app).run()
    assert sent["type"] == "lifespan.startup.failed"
    assert "handler: nobody provides Database" in sent["message"]


async def test_a_resource_that_cannot_be_opened_fails_the_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App()
    app.provide(Database, unreachable)
    (sent,) = await Server(app).run()
    assert sent == {"type": "lifespan.startup.failed", "message": "refused"}
    assert [record.getMessage() for record in caplog.records] == ["the app failed at startup"]
    assert caplog.records[0].exc_info


async def test_a_failure_at_shutdown_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    started, stopped = await Server(App(lifespan=fails_at_the_end)).run()
    assert started["type"] == "lifespan.startup.complete"
    assert stopped == {"type": "lifespan.shutdown.failed", "message": "refused"}
    assert [record.getMessage() for record in caplog.records] == ["the app failed at shutdown"]


async def test_opened_providers_are_closed_when_the_start_fails() -> None:
    it = Opened()
    it.app.provide(str, unreachable)
    (sent,) = await Server(it.app).run()
    assert sent["type"] == "lifespan.startup.failed"
    assert it.log == ["start", "open", "close", "stop"]


async def test_an_app_that_fails_its_check_answers_500_and_says_why_once(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None: ...

    async with in_process(app) as client:
        replies = [await client.post("/", json=SMS) for _ in range(3)]
    assert [(reply.status_code, reply.content) for reply in replies] == [(500, b"")] * 3
    (record,) = caplog.records
    assert "the app can't serve: " in record.getMessage()
    assert "nobody provides Database" in record.getMessage()


async def test_a_resource_that_cannot_be_opened_yet_is_tried_again(
    in_process: InProcess,
) -> None:
    app, attempts = App(), []

    def flaky() -> Database:
        attempts.append(1)
        if len(attempts) < 3:
            raise ConnectionError("refused")
        return Database()

    app.provide(Database, flaky)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None: ...

    async with in_process(app) as client:
        replies = [await client.post("/", json=SMS) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [500, 500, 200]


async def test_a_client_that_leaves_during_the_first_start_does_not_stop_it(
    in_process: InProcess,
) -> None:
    gate, app = asyncio.Event(), App(duplicates=False)

    async def slow() -> Database:
        await gate.wait()
        return Database()

    app.provide(Database, slow)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None: ...

    async with in_process(app) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await client.post("/", json=SMS)
        gate.set()
        assert (await client.post("/", json=SMS)).status_code == 200


async def test_work_after_replies_ends_before_resources_close(in_process: InProcess) -> None:
    it = Opened()

    async def work() -> None:
        await asyncio.sleep(0)
        it.log.append("work")

    @it.app.on("mms")
    async def handler(event: Any, after: After) -> None:
        after(work)

    async with it.app.lifespan(), in_process(it.app) as client:
        await client.post("/", json={**SMS, "eventType": "mms"})
    assert it.log == ["start", "open", "work", "close", "stop"]


async def test_checking_does_not_end_registration(in_process: InProcess) -> None:
    app = App()
    app.check()
    app.on(SmsEvent)(Opened().handler)
    with pytest.raises(SetupError, match="nobody provides Database"):
        app.check()
    app.provide(Database, Database)
    app.check()


async def test_nothing_is_logged_for_a_callback(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    it = Opened()
    async with in_process(it.app) as client:
        await client.post("/", json=SMS)
    assert [record for record in caplog.records if record.name.startswith("callbackkit")] == []
