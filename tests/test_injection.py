"""What handlers are given by type, what users provide, and how long it lives."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, ForwardRef, Protocol

import httpx
import pytest
from starlette.requests import Request

from callbackkit import SetupError
from callbackkit.v1 import After, AnswerEvent, App, Callback, Reply, Router, SmsEvent

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}
ANSWER = {"eventType": "answer", "callId": "c-1"}


@dataclass
class Database:
    name: str = "real"


@dataclass
class Ledger:
    database: Database


class Store(Protocol):
    def save(self, text: str) -> None: ...


@pytest.fixture
def app() -> App:
    return App(duplicates=False, strict=True)


async def post(in_process: InProcess, app: App, times: int = 1, **fields: Any) -> list[int]:
    async with in_process(app) as client:
        sent = [await client.post("/", json={**SMS, **fields}) for _ in range(times)]
        return [response.status_code for response in sent]


async def given(in_process: InProcess, app: App, annotation: Any, **sent: Any) -> Any:
    """What a handler gets for a parameter annotated like this."""
    found = []

    async def handler(event: Any, thing: Any) -> None:
        found.append(thing)

    handler.__annotations__["thing"] = annotation
    app.on(SmsEvent)(handler)
    await post(in_process, app, **sent)
    return found[0]


async def test_after_request_and_callback_are_injected(app: App, in_process: InProcess) -> None:
    seen: list[Any] = []

    @app.on(AnswerEvent)
    async def handler(event: AnswerEvent, after: After, request: Request, call: Callback) -> None:
        assert isinstance(after, After)
        assert await request.body() == b""
        seen.append((request.method, request.url.path, request.headers["x-mine"]))
        seen.append((call.event is event, call.method, call.path, dict(call.query)))
        seen.append(call.url("/hello.wav"))

    async with in_process(app) as client:
        url = "/voice?" + "&".join(f"{name}={value}" for name, value in ANSWER.items()) + "&mine=1"
        await client.get(url, headers={"x-mine": "2"})
    assert seen == [
        ("GET", "/voice", "2"),
        (True, "GET", "/voice", {"mine": "1"}),
        "http://app.test/hello.wav",
    ]


async def test_the_request_has_its_body(app: App, in_process: InProcess) -> None:
    request: Request = await given(in_process, app, Request)
    assert (await request.json())["messageId"] == "m-1"


async def test_annotations_of_local_classes_are_found(app: App, in_process: InProcess) -> None:
    class Local: ...

    local, found = Local(), []
    app.provide(Local, local)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, thing: Local, *, named: Local) -> None:
        found.extend([thing, named])

    await post(in_process, app)
    assert found == [local, local]


async def test_a_class_defined_after_its_handler_is_found(app: App, in_process: InProcess) -> None:
    found = []

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, thing: DefinedLater) -> None:
        found.append(thing)

    app.provide(DefinedLater, DefinedLater)
    await post(in_process, app)
    assert isinstance(found[0], DefinedLater)


class DefinedLater: ...


@pytest.mark.parametrize(
    "annotation",
    [
        Database,
        "Database",
        Annotated[Database, "the big one"],
        Database | None,
        "Database | None",
        Annotated[Database | None, "maybe"],
        int | Database,
    ],
)
async def test_ways_to_ask_for_a_type(annotation: Any, app: App, in_process: InProcess) -> None:
    database = Database()
    app.provide(Database, database)
    assert await given(in_process, app, annotation) is database


async def test_an_annotated_type_can_be_a_key_of_its_own(app: App, in_process: InProcess) -> None:
    replica = Annotated[Database, "replica"]
    app.provide(Database, Database("main"))
    app.provide(replica, Database("replica"))
    assert (await given(in_process, app, replica)).name == "replica"


async def test_defaults_that_nobody_provides_stay(app: App, in_process: InProcess) -> None:
    found: list[Any] = []
    app.provide(Database, Database("here"))

    @app.on(SmsEvent)
    async def handler(
        event: SmsEvent,
        number: int = 3,
        untyped=4,  # type: ignore[no-untyped-def]
        database: Database | None = None,
        ledger: Ledger | None = None,
        *,
        callback: Callback | None = None,
    ) -> None:
        found.extend([number, untyped, database, ledger, callback and callback.path])

    await post(in_process, app)
    assert found == [3, 4, Database("here"), None, "/"]


async def test_a_default_that_somebody_provides_gives_way(app: App, in_process: InProcess) -> None:
    found = []
    app.provide(Database, Database("provided"))

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database = Database("default")) -> None:  # noqa: B008
        found.append(database.name)

    await post(in_process, app)
    assert found == ["provided"]


async def by_coroutine() -> Database:
    await asyncio.sleep(0)
    return Database("made")


@asynccontextmanager
async def by_async_manager() -> AsyncIterator[Database]:
    yield Database("made")


@contextmanager
def by_manager() -> Iterator[Database]:
    yield Database("made")


async def by_async_generator() -> AsyncIterator[Database]:
    yield Database("made")


def by_generator() -> Iterator[Database]:
    yield Database("made")


class ByCall:
    def __call__(self) -> Database:
        return Database("made")


class ByAsyncCall:
    async def __call__(self) -> Database:
        return Database("made")


class AsyncManaged(Database):
    async def __aenter__(self) -> Database:
        return Database("made")

    async def __aexit__(self, *error: object) -> None: ...


async def by_coroutine_of_a_manager() -> Database:
    return AsyncManaged()


@pytest.mark.parametrize("scope", ["app", "callback"])
@pytest.mark.parametrize(
    "factory",
    [
        Database("made"),
        lambda: Database("made"),
        by_coroutine,
        by_async_manager,
        by_manager,
        by_async_generator,
        by_generator,
        ByCall(),
        ByAsyncCall(),
        functools.partial(Database, "made"),
        AsyncManaged,
        by_coroutine_of_a_manager,
    ],
)
async def test_every_kind_of_factory(
    factory: Any, scope: Any, app: App, in_process: InProcess
) -> None:
    app.provide(Database, factory, scope=scope)
    assert await given(in_process, app, Database) == Database("made")


async def test_a_value_that_can_be_called_is_a_value(app: App, in_process: InProcess) -> None:
    value = ByCall()
    app.provide(ByCall, value)
    assert await given(in_process, app, ByCall) is value


async def test_a_protocol_can_be_provided(app: App, in_process: InProcess) -> None:
    class InMemory:
        def save(self, text: str) -> None: ...

    app.provide(Store, InMemory)
    assert isinstance(await given(in_process, app, Store), InMemory)


async def test_a_class_is_built_from_what_it_needs(app: App, in_process: InProcess) -> None:
    app.provide(Ledger, Ledger)  # its annotation is text, as in every module that defers them
    app.provide(Database, Database("real"))
    assert await given(in_process, app, Ledger) == Ledger(Database("real"))


async def test_an_app_instance_is_made_once_and_a_callback_instance_each_time(
    app: App, in_process: InProcess
) -> None:
    app.provide(Database, Database)
    app.provide(Ledger, lambda: Ledger(Database()), scope="callback")
    seen: list[Any] = []

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, one: Ledger, two: Ledger, database: Database) -> None:
        assert one is two
        seen.append((one, database))

    await post(in_process, app, times=2)
    assert seen[0][0] is not seen[1][0]
    assert seen[0][1] is seen[1][1]


async def test_providers_open_in_order_of_need_and_close_in_reverse(
    app: App, in_process: InProcess
) -> None:
    log: list[str] = []

    async def ledger(database: Database) -> AsyncIterator[Ledger]:
        log.append("open ledger")
        yield Ledger(database)
        log.append("close ledger")

    async def database() -> AsyncIterator[Database]:
        log.append("open database")
        yield Database()
        log.append("close database")

    def store(ledger: Ledger, callback: Callback) -> Iterator[Store]:
        log.append(f"open store for {callback.event.event_type}")
        yield ledger  # type: ignore[misc]
        log.append("close store")

    app.provide(Store, store, scope="callback")
    app.provide(Ledger, ledger)
    app.provide(Database, database)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, store: Store) -> None:
        log.append("handle")

    app.observe(lambda observation: log.append("replied"))
    async with app.lifespan():
        assert log == ["open database", "open ledger"]
        await post(in_process, app, times=1)
        assert log[2:] == ["open store for sms", "handle", "close store", "replied"]
    assert log[6:] == ["close ledger", "close database"]


@pytest.mark.parametrize("scope", ["app", "callback"])
async def test_a_router_and_an_error_handler_are_injected_too(
    scope: Any, app: App, in_process: InProcess
) -> None:
    router, found = Router(), []
    app.provide(Database, lambda: Database("here"), scope=scope)

    @router.on(SmsEvent)
    def handler(event: SmsEvent) -> None:
        raise LookupError

    @router.on_error(LookupError)
    async def on_error(error: LookupError, database: Database, event: Callback) -> None:
        found.extend([type(error), database.name, event.path])

    app.include(router)
    assert await post(in_process, app) == [200]
    assert found == [LookupError, "here", "/"]


async def test_a_close_that_fails_fails_the_reply(in_process: InProcess) -> None:
    app = App()

    async def transaction() -> AsyncIterator[Database]:
        yield Database()
        raise RuntimeError("commit failed")

    app.provide(Database, transaction, scope="callback")

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database, after: After) -> None:
        after(pytest.fail, "after a failed commit")

    assert await post(in_process, app) == [500]
    await app.settle()


async def test_an_open_that_fails_fails_the_reply(in_process: InProcess) -> None:
    app = App()
    ran: list[object] = []

    def unreachable() -> Database:
        raise ConnectionError

    app.provide(Database, unreachable, scope="callback")

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None:
        ran.append(event)

    assert await post(in_process, app) == [500]
    assert not ran


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_provider_that_swallows_the_failure_does_not_make_a_success_of_it(
    kind: str, in_process: InProcess
) -> None:
    app, seen = App(), []

    async def async_transaction() -> AsyncIterator[Database]:
        try:
            yield Database()
        except LookupError:
            seen.append("rolled back")

    def sync_transaction() -> Iterator[Database]:
        try:
            yield Database()
        except LookupError:
            seen.append("rolled back")

    factory = async_transaction if kind == "async" else sync_transaction
    app.provide(Database, factory, scope="callback")

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None:
        raise LookupError

    assert await post(in_process, app) == [500]
    assert seen == ["rolled back"]


# Overrides


async def test_an_override_works_before_and_while_serving(app: App, in_process: InProcess) -> None:
    seen: list[str] = []
    app.provide(Database, Database)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None:
        seen.append(database.name)

    with app.override(Database, Database("before")):
        await post(in_process, app)
    await post(in_process, app)
    with app.override(Database, lambda: Database("outer")):
        await post(in_process, app)
        with app.override(Database, by_async_manager):
            await post(in_process, app)
        await post(in_process, app)
    await post(in_process, app)
    assert seen == ["before", "real", "outer", "made", "outer", "real"]


async def test_an_override_does_not_open_again_what_is_open(
    app: App, in_process: InProcess
) -> None:
    opened: list[str] = []

    async def database() -> AsyncIterator[Database]:
        opened.append("open")
        yield Database()
        opened.append("close")

    app.provide(Database, database)
    app.provide(Ledger, Ledger)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database, ledger: Ledger) -> None: ...

    async with app.lifespan():
        with app.override(Ledger, Ledger(Database())):
            await post(in_process, app)
        await post(in_process, app)
        assert opened == ["open"]
    assert opened == ["open", "close"]


async def test_an_override_mends_what_nobody_provides(in_process: InProcess) -> None:
    app = App(duplicates=False)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None: ...

    assert await post(in_process, app) == [500]
    with app.override(Database, Database()):
        assert await post(in_process, app) == [200]
    assert await post(in_process, app) == [500]


async def test_an_override_ends_when_the_test_fails(app: App, in_process: InProcess) -> None:
    app.provide(Database, Database)
    with pytest.raises(LookupError), app.override(Database, Database("fake")):
        raise LookupError
    assert (await given(in_process, app, Database)).name == "real"


async def test_an_override_of_one_callback_is_made_for_each(
    app: App, in_process: InProcess
) -> None:
    seen = []
    app.provide(Database, Database, scope="callback")

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, database: Database) -> None:
        seen.append(database)

    with (
        app.override(Database, lambda callback: Database(callback.path)),
        pytest.raises(SetupError),
    ):
        app.check()  # its parameter has no annotation
    with app.override(Database, by_coroutine):
        await post(in_process, app, times=2)
    assert [database.name for database in seen] == ["made", "made"]
    assert seen[0] is not seen[1]


# Sync handlers, and what serving does not do


async def test_a_def_runs_in_a_thread_of_its_own(app: App, in_process: InProcess) -> None:
    # Two handlers that wait for each other finish only if each has a thread.
    barrier = threading.Barrier(2, timeout=10)
    threads = set()

    @app.on(SmsEvent)
    def handler(event: SmsEvent) -> None:
        barrier.wait()
        threads.add(threading.get_ident())

    async with in_process(app) as client:
        await asyncio.gather(*[client.post("/", json=SMS) for _ in range(2)])
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_async_handlers_are_served_in_parallel(app: App, in_process: InProcess) -> None:
    barrier = asyncio.Barrier(2)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent) -> None:
        await barrier.wait()

    async with in_process(app) as client, asyncio.timeout(10):
        replies = await asyncio.gather(*[client.post("/", json=SMS) for _ in range(2)])
    assert [reply.status_code for reply in replies] == [200, 200]


class Bot:
    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def method(self, event: SmsEvent, callback: Callback) -> None:
        self.seen.append(callback.path)

    async def __call__(self, event: SmsEvent, callback: Callback) -> None:
        self.seen.append(callback.path)

    async def tagged(self, event: SmsEvent, tag: str, callback: Callback) -> None:
        self.seen.append((tag, callback.path))


def logged(fn: Any) -> Any:
    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await fn(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize(
    ("handler_of", "seen"),
    [
        (lambda bot: bot.method, "/"),
        (lambda bot: bot, "/"),
        (lambda bot: logged(bot.method), "/"),
        (lambda bot: functools.partial(bot.tagged, tag="x"), ("x", "/")),
        (lambda bot: lambda event: bot.seen.append("/"), "/"),
    ],
    ids=["method", "object", "wrapped", "partial", "lambda"],
)
async def test_every_kind_of_callable_is_a_handler(
    handler_of: Any, seen: Any, app: App, in_process: InProcess
) -> None:
    bot = Bot()
    app.on(SmsEvent)(handler_of(bot))
    await post(in_process, app)
    assert bot.seen == [seen]


@pytest.mark.parametrize("is_async", [False, True])
async def test_context_variables_reach_the_handler(
    is_async: bool, app: App, in_process: InProcess
) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="none")
    seen = []

    @app.middleware
    async def set_it(callback: Callback, next: Any) -> Reply:  # noqa: A002
        token = variable.set("set")
        await asyncio.sleep(0)
        reply: Reply = await next(callback)
        variable.reset(token)
        return reply

    async def handler(event: SmsEvent) -> None:
        await asyncio.sleep(0)
        seen.append(variable.get())

    def sync_handler(event: SmsEvent) -> None:
        seen.append(variable.get())

    app.on(SmsEvent)(handler if is_async else sync_handler)
    await post(in_process, app)
    assert seen == ["set"]


async def test_signatures_are_not_inspected_while_serving(
    app: App, in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.provide(Database, Database)
    app.provide(Ledger, lambda: Ledger(Database()), scope="callback")

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, one: Database, two: Ledger, after: After) -> None:
        after(str)

    @app.on(AnswerEvent)
    def sync_handler(event: AnswerEvent, callback: Callback) -> None: ...

    looked = []
    real = inspect.signature
    async with app.lifespan():
        monkeypatch.setattr(inspect, "signature", lambda *a, **k: looked.append(a) or real(*a, **k))
        monkeypatch.setattr("callbackkit.handlers._signature", inspect.signature)
        assert await post(in_process, app, times=90) == [200] * 90
        async with in_process(app) as client:
            for _ in range(10):
                await client.get("/", params=ANSWER)
        await app.settle()
    assert looked == []


async def test_the_return_annotation_is_never_evaluated(app: App, in_process: InProcess) -> None:
    seen = []

    async def handler(event: SmsEvent, callback: Callback) -> 1 / 0:  # type: ignore[valid-type]
        seen.append(callback.path)

    app.on(SmsEvent)(handler)
    await post(in_process, app)
    assert seen == ["/"]


async def test_a_lock_is_for_handlers_to_enter(app: App, in_process: InProcess) -> None:
    app.provide(asyncio.Lock, asyncio.Lock)
    lock = await given(in_process, app, asyncio.Lock)
    assert isinstance(lock, asyncio.Lock)
    assert not lock.locked()


def test_a_default_that_can_not_be_left_out_is_refused(app: App) -> None:
    def handler(event: SmsEvent, limit: int = 3, call: Callback | None = None, /) -> None: ...

    with pytest.raises(SetupError, match=r"test_injection.*limit.*positional-only"):
        app.on(SmsEvent)(handler)


@pytest.mark.parametrize(
    "annotation",
    [
        "Later",
        "Later | None",
        ForwardRef("Later") | None,
        Annotated[ForwardRef("Later"), "best"],
    ],
)
async def test_a_class_may_be_defined_after_the_handler(
    annotation: Any, app: App, in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def handler(event: SmsEvent, thing: Any) -> None:
        seen.append(thing)

    handler.__annotations__["thing"] = annotation
    app.on(SmsEvent)(handler)
    later = type("Later", (), {})
    monkeypatch.setitem(globals(), "Later", later)
    app.provide(later, later)
    await post(in_process, app)
    assert [type(thing) for thing in seen] == [later]
