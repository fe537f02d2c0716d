"""Mistakes are found before the first callback: one sentence with the place and the mend."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import pytest

from callbackkit import Callback, SetupError
from callbackkit.events import Event
from callbackkit.v1 import (
    DIALECT,
    After,
    AnswerEvent,
    App,
    CallEvent,
    GatherEvent,
    HangupEvent,
    MmsEvent,
    Router,
    SmsEvent,
    SpeakSentence,
)

if TYPE_CHECKING:
    from somewhere import NotAtRunTime  # type: ignore[import-not-found]

HERE = re.compile(r"(?:\S*/)?test_setup_errors\.py:\d+ ")

Setup = Callable[[App], object]


class Database: ...


class Ledger: ...


class ForeignEvent(Event, frozen=True):
    event_type: str = "foreign"


class MySms(SmsEvent, frozen=True): ...


async def fine(event: Any) -> None: ...


def handler(fn: Any, *events: Any, **options: Any) -> Setup:
    return lambda app: app.on(*(events or (SmsEvent,)), **options)(fn)


def slot(*events: Any, **options: Any) -> Setup:
    return lambda app: app.on(*events, **options)(fine)


def refusal(setup: Setup) -> str:
    """The one sentence that is told when an app is set up this way, at the latest by its check."""
    app = App()
    with pytest.raises(SetupError) as caught:
        (setup(app), app.check())
    return str(caught.value)


# Events and filters


async def no_event() -> None: ...
async def keyword_event(*, event: SmsEvent) -> None: ...
async def mms_only(event: MmsEvent) -> None: ...
async def a_number(event: int) -> None: ...
async def either(event: AnswerEvent | GatherEvent) -> None: ...
async def star(*events: SmsEvent) -> None: ...
async def bare_extra(event: SmsEvent, database) -> None: ...  # type: ignore[no-untyped-def]
async def nobody(event: SmsEvent, database: Database) -> None: ...
async def misspelt(event: SmsEvent, callback: Callbak) -> None: ...  # type: ignore[name-defined]  # noqa: F821
async def hidden(event: SmsEvent, thing: NotAtRunTime) -> None: ...
async def hidden_event(event: NotAtRunTime) -> None: ...
async def more(event: SmsEvent, *rest: Database) -> None: ...
async def more_named(event: SmsEvent, **rest: Database) -> None: ...
async def close(event: SmsEvent, database: Databas) -> None: ...


class Databas: ...


async def async_generator(event: SmsEvent) -> AsyncIterator[str]:
    yield ""


def generator(event: SmsEvent) -> Iterator[str]:
    yield ""


async def async_predicate(event: SmsEvent) -> bool:
    return False


EVENTS_AND_FILTERS: list[tuple[Setup, str]] = [
    (slot(), "takes at least one event"),
    (slot("smss"), 'no event "smss"; did you mean "sms"?'),
    (slot("SMS"), 'did you mean "sms"?'),
    (slot("incomingCall"), 'did you mean "incomingcall"?'),
    (slot("transfercomplete"), 'did you mean "transferComplete"?'),
    (slot("conference_member"), 'did you mean "conference-member"?'),
    (slot("SmsEvent"), 'did you mean "sms"?'),
    (slot(" fax"), "' fax' is no name of an event"),
    (slot(""), "'' is no name of an event"),
    (slot(SmsEvent, "anser"), 'did you mean "answer"?'),
    (slot(dict), "takes event classes or their names, not <class 'dict'>"),
    (slot(3), "takes event classes or their names, not 3"),
    (slot(ForeignEvent), "no callback of v1 becomes a ForeignEvent of"),
    (slot(MySms), "use the events of callbackkit.v1"),
    (slot(SmsEvent, frm="+1"), "SmsEvent has no field frm; did you mean from_?"),
    (slot(SmsEvent, messageId="m-1"), "did you mean message_id?"),
    (slot(SmsEvent, **cast(Any, {"from": "+1"})), "did you mean from_?"),
    (slot(HangupEvent, xyz="+1"), "HangupEvent has no field xyz; it has event_type, call_id"),
    (slot(CallEvent, digits="1"), "has no field digits"),
    (slot(SmsEvent, MmsEvent, errorcode="1"), "MmsEvent has no field errorcode"),
    (slot(GatherEvent, digits=1), "digits=1 never equals GatherEvent.digits, which is str | None"),
    (slot(GatherEvent, digits={"1", 2}), "digits=2 never equals"),
    (slot(SmsEvent, segment_count="1"), "segment_count='1' never equals"),
    (slot(SmsEvent, segment_count=True), "segment_count=True never equals"),
    (slot(SmsEvent, segment_count=re.compile("1")), "segment_count=re.compile('1') never equals"),
    (slot(SmsEvent, message_id=None), "message_id=None never equals"),
    (slot(SmsEvent, text=lambda text: True), "never equals SmsEvent.text"),
    (slot(SmsEvent, text={}), "text={} never equals"),
    (slot(SmsEvent, text=[["a"]]), "text=['a'] never equals"),
    (slot(SmsEvent, text=set()), "text= is an empty set"),
    (slot(SmsEvent, text={re.compile("a"), "b"}), "a set of values, or one pattern of text"),
    (slot(SmsEvent, text=re.compile(b"a")), "a set of values, or one pattern of text"),
    (slot(SmsEvent, time="2020-01-01"), "time='2020-01-01' never equals"),
    (slot(SmsEvent, time=datetime(2020, 1, 1)), "never equals SmsEvent.time"),
    (slot(SmsEvent, event_type="mms"), "event_type='mms' never equals"),
    (slot(SmsEvent, path="digits"), "path= is a path from its first slash"),
    (slot(SmsEvent, path=""), "'' is neither"),
    (slot(SmsEvent, path="/a?b=c"), "without a query"),
    (slot(SmsEvent, path=re.compile(b"/a")), "a pattern of text"),
    (slot(SmsEvent, path={"/a"}), "is neither"),
    (slot(SmsEvent, when="text"), "when= is a function of the event"),
    (slot(SmsEvent, when=async_predicate), "called, not awaited"),
    (slot(SmsEvent, timeout=0), "timeout= is a number of seconds above 0, not 0"),
    (slot(SmsEvent, timeout=float("nan")), "above 0, not nan"),
    (slot(SmsEvent, timeout="9"), "above 0, not '9'"),
]

HANDLERS: list[tuple[Setup, str]] = [
    (handler(no_event), "takes no event; make it the first parameter"),
    (handler(keyword_event), "takes no event; make it the first parameter"),
    (handler(star), "*events hides the event; name the first parameter"),
    (
        handler(mms_only),
        "first parameter event is annotated MmsEvent, but it is registered for Sms",
    ),
    (handler(mms_only, "sms"), "annotated MmsEvent"),
    (handler(mms_only, MmsEvent, SmsEvent), "registered for SmsEvent"),
    (handler(mms_only, "fax"), "registered for UnknownEvent"),
    (handler(either, CallEvent), "annotated AnswerEvent | GatherEvent, but it is registered for"),
    (handler(a_number), "annotated int"),
    (handler(bare_extra), "parameter database has no annotation"),
    (handler(nobody), "nobody provides Database for its parameter database"),
    (handler(nobody), "app.provide(Database, ...)"),
    (handler(misspelt), "names Callbak, which is unknown at run time"),
    (handler(hidden), "names NotAtRunTime, which is unknown at run time"),
    (handler(hidden_event), "names NotAtRunTime, which is unknown at run time"),
    (handler(more), "*rest can't be filled by type"),
    (handler(more_named), "**rest can't be filled by type"),
    (handler(generator), "yields, so nobody would run it; return the reply instead"),
    (handler(async_generator), "yields"),
    (lambda app: (app.provide(Database, Database), handler(close)(app)), "did you mean Database?"),
    (lambda app: app.on(fine), "write @app.on(SomeEvent)"),
    (lambda app: app.on_error(fine), "write @app.on_error(SomeError)"),
]


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    yield Database()


def for_one_callback(callback: Callback) -> Database:
    return Database()


def from_database(database: Database) -> Ledger:
    return Ledger()


def from_ledger(ledger: Ledger) -> Database:
    return Database()


def from_itself(database: Database) -> Database:
    return database


def from_after(after: After) -> Database:
    return Database()


def untyped(database) -> Database:  # type: ignore[no-untyped-def]
    return Database()


def provided(*pairs: tuple[Any, Any] | tuple[Any, Any, str]) -> Setup:
    return lambda app: [app.provide(*pair) for pair in pairs]  # type: ignore[arg-type]


PROVIDERS: list[tuple[Setup, str]] = [
    (provided((Database, Database), (Database, Database)), "provide(Database): already provided"),
    (provided((Database, Database()), (Database, Database())), "override() replaces it in tests"),
    (provided((Callback, lambda: None)), "provide(Callback): already provided"),
    (provided((Database, Database, "request")), 'provide(Database): scope is "app" or "callback"'),
    (provided((Ledger, from_database)), "nobody provides Database for its parameter database"),
    (provided((Database, untyped)), "parameter database has no annotation"),
    (provided((Database, from_itself)), "Database needs Database, which never ends"),
    (
        provided((Ledger, from_database), (Database, from_ledger)),
        "Ledger needs Database needs Ledger, which never ends",
    ),
    (
        provided((Ledger, from_database, "callback"), (Database, from_ledger, "callback")),
        "which never ends",
    ),
    (provided((Database, for_one_callback)), "can't need Callback, which lives for one callback"),
    (provided((Database, from_after)), "can't need After, which lives for one callback"),
    (
        provided((Ledger, from_database), (Database, for_one_callback, "callback")),
        "can't need Database, which lives for one callback",
    ),
    (provided((Database, for_one_callback)), 'give it scope="callback"'),
    (provided((Database, opened())), "give it the function itself, without calling it"),
    (provided((dict, dict)), "the parameters of dict can't be read"),
]


async def middleware(callback: Any, next: Any) -> Any:  # noqa: A002
    return await next(callback)


def sync_middleware(callback: Any, next: Any) -> Any:  # noqa: A002
    return next(callback)


async def generator_middleware(callback: Any, next: Any) -> Any:  # noqa: A002
    yield await next(callback)


async def observer(observation: Any) -> None: ...


def error_without_parameter() -> None: ...
def error_of_another_kind(error: KeyError) -> None: ...
def error_that_needs(error: ValueError, database: Database) -> None: ...


def included(app: App) -> Router:
    router = Router()
    app.include(router)
    return router


def in_itself(app: App) -> None:
    router = Router()
    router.include(router)


def dialect_of_its_own(app: App) -> None:
    class OtherRouter(Router):
        dialect = replace(DIALECT, name="v9", module="other")

    app.include(OtherRouter())


OTHERS: list[tuple[Setup, str]] = [
    (lambda app: app.middleware(cast(Any, sync_middleware)), "is no async def"),
    (lambda app: app.middleware(cast(Any, generator_middleware)), "yields"),
    (lambda app: app.observe(observer), "called, not awaited; make it a def"),
    (lambda app: app.on_error()(fine), "takes at least one exception class"),
    (lambda app: app.on_error(cast(Any, SmsEvent))(fine), "takes exception classes, not"),
    (lambda app: app.on_error(KeyboardInterrupt)(fine), "takes exception classes, not"),
    (lambda app: app.on_error(cast(Any, ValueError()))(fine), "takes exception classes, not"),
    (lambda app: app.on_error(ValueError)(error_of_another_kind), "annotated KeyError"),
    (lambda app: app.on_error(ValueError)(cast(Any, error_without_parameter)), "takes no error"),
    (lambda app: app.on_error(ValueError)(error_that_needs), "nobody provides Database"),
    (lambda app: [app.on_error(ValueError)(fine) for _ in "ab"], "ValueError is already answered"),
    (lambda app: app.include(included(app)), "a router is included once"),
    (lambda app: App().include(included(app)), "a router is included once"),
    (lambda app: included(app).on(SmsEvent)(fine), "too late, the router was included at "),
    (lambda app: included(app).on_error(ValueError)(fine), "too late, the router was included at"),
    (lambda app: included(app).include(Router()), "too late, the router was included at"),
    (in_itself, "a router can't include itself"),
    (dialect_of_its_own, "the router is of v9, this app of v1"),
    (lambda app: app.include(App()), "takes a Router, not App"),
    (lambda app: app.include(cast(Any, fine)), "takes a Router, not function"),
]


@pytest.mark.parametrize(("setup", "words"), [*EVENTS_AND_FILTERS, *HANDLERS, *PROVIDERS, *OTHERS])
def test_a_mistake_is_one_sentence_with_its_place(setup: Setup, words: str) -> None:
    sentence = refusal(setup)
    assert words in sentence
    assert HERE.match(sentence), sentence
    assert "\n" not in sentence
    assert not sentence.endswith(".")
    assert "<locals>" not in sentence


@pytest.mark.parametrize("what", [None, 3, "text", [fine]])
@pytest.mark.parametrize(
    "setup",
    [
        lambda app, what: app.on(SmsEvent)(what),
        lambda app, what: app.on_error(ValueError)(what),
        lambda app, what: app.middleware(what),
        lambda app, what: app.observe(what),
    ],
)
def test_registering_something_not_callable_is_refused(setup: Any, what: Any) -> None:
    sentence = refusal(lambda app: setup(app, what))
    assert f"{what!r} is not callable" in sentence
    assert HERE.match(sentence), sentence


@pytest.mark.parametrize("number", [0, -1, float("nan")])
def test_a_deadline_is_above_zero(number: float) -> None:
    with pytest.raises(SetupError, match="deadline= is a number of seconds above 0"):
        App(deadline=number)


def test_a_health_path_begins_with_a_slash() -> None:
    with pytest.raises(SetupError, match="health= is a path of its own"):
        App(health="health")


@pytest.mark.parametrize(
    "register",
    [
        lambda app: app.on(SmsEvent)(fine),
        lambda app: app.on_error(ValueError)(fine),
        lambda app: app.include(Router()),
        lambda app: app.provide(Database, Database()),
        lambda app: app.provide(Database, Database),
        lambda app: app.middleware(middleware),
    ],
)
@pytest.mark.anyio
async def test_registration_ends_when_the_app_serves(register: Setup) -> None:
    app = App()
    async with app.lifespan():
        with pytest.raises(SetupError) as caught:
            register(app)
    assert "too late, the app serves; register it before" in str(caught.value)
    assert HERE.match(str(caught.value)), caught.value


def test_a_refused_handler_is_not_registered() -> None:
    app = App()
    with pytest.raises(SetupError):
        app.on(SmsEvent, segment_count="1")(fine)
    assert app.handlers == ()


class HasText(Protocol):
    text: str | None


M = TypeVar("M", bound=Event)


async def by_protocol(event: HasText) -> None: ...
async def by_type_variable(event: M) -> None: ...
async def by_object(event: object) -> None: ...
async def by_any(event: Any) -> None: ...
async def by_union(event: SmsEvent | MmsEvent) -> None: ...
async def by_base(event: Event) -> None: ...
async def by_nothing(event) -> None: ...  # type: ignore[no-untyped-def]
async def by_star(event: SmsEvent, /) -> None: ...
async def unevaluated_return(event: SmsEvent) -> NotAtRunTime: ...
async def unevaluated_default(event: SmsEvent, number=3) -> None: ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    "fn",
    [
        by_protocol,
        by_type_variable,
        by_object,
        by_any,
        by_union,
        by_base,
        by_nothing,
        by_star,
        unevaluated_return,
        unevaluated_default,
        lambda event: None,
    ],
)
def test_handlers_of_each_accepted_form_are_registered(fn: Any) -> None:
    app = App()
    app.on(SmsEvent)(fn)
    app.check()


async def _one(callback: Any) -> None: ...


async def _three(callback: Any, next: Any, after: After) -> None: ...  # noqa: A002


@pytest.mark.parametrize(
    "register",
    [
        lambda app: app.middleware(_one),
        lambda app: app.middleware(_three),
        lambda app: app.observe(lambda: None),
        lambda app: app.on("answer", when=lambda: True)(lambda event: None),
        lambda app: App(lifespan=lambda: None),
    ],
)
def test_a_function_of_another_signature_is_refused(register: Any) -> None:
    with pytest.raises(SetupError, match=r"test_setup_errors\.py:\d+ .*is called with \("):
        register(App())


@pytest.mark.parametrize(
    "options",
    [
        {"deadline": "9"},
        {"deadline": True},
        {"max_body": "1"},
        {"max_body": -1},
        {"shutdown_timeout": -1},
        {"duplicates": None},
        {"duplicates": "redis"},
        {"lifespan": 5},
        {"health": 5},
        {"health": "/"},
        {"health": "health"},
        {"fallback": SpeakSentence("x" * 17_000)},
        {"public_url": "example.com"},
    ],
)
def test_an_impossible_option_is_refused_with_its_place(options: Any) -> None:
    with pytest.raises(SetupError, match=r"^tests/test_setup_errors\.py:\d+ App\(\): "):
        App(**options)


def test_a_method_needs_its_object() -> None:
    app = App()
    with pytest.raises(SetupError, match=r"instance, app\.on\(\.\.\.\)\(instance\.answer\)"):

        class Line:
            @app.on("answer")
            def answer(self, event: Any) -> None: ...
