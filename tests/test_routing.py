"""Which handler takes which callback: classes, words, filters, paths, order, routers."""

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from callbackkit import Callback, SetupError
from callbackkit.events import Event
from callbackkit.v1 import (
    AnswerEvent,
    App,
    CallEvent,
    ConferenceEvent,
    GatherEvent,
    HangupEvent,
    MessageEvent,
    MmsEvent,
    Router,
    SmsEvent,
    UnknownEvent,
)

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}
ANSWER = {"eventType": "answer", "callId": "c-1", "from": "+19195551212", "to": "+19195553434"}
GATHER = {"eventType": "gather", "callId": "c-1", "digits": "1", "tag": "menu"}
HANGUP = {"eventType": "hangup", "callId": "c-1", "cause": "NORMAL_CLEARING"}
REJECT = {"eventType": "reject", "callId": "c-1"}
CONFERENCE = {"eventType": "conference", "conferenceId": "conf-1", "status": "created"}
FUTURE = {"eventType": "fax", "faxId": "f-1", "list": ["a"]}


class Calls:
    """An app with numbered handlers, and which of them took what."""

    def __init__(self) -> None:
        self.app = App(duplicates=False)
        self.taken: list[tuple[str, Event]] = []

    def on(self, name: str, /, *events: Any, router: Router | None = None, **options: Any) -> None:
        async def handler(event: Any) -> None:
            self.taken.append((name, event))

        (router or self.app).on(*events, **options)(handler)

    async def send(self, in_process: InProcess, *bodies: Any, path: str = "/") -> list[str]:
        self.taken.clear()
        async with in_process(self.app) as client:
            for body in bodies:
                assert (await client.post(path, json=body)).status_code == 200
        return [name for name, _ in self.taken]


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.mark.parametrize("event", [SmsEvent, "sms"])
async def test_the_class_and_the_word_are_the_same_slot(
    event: Any, calls: Calls, in_process: InProcess
) -> None:
    calls.on("it", event)
    assert await calls.send(in_process, SMS, ANSWER) == ["it"]
    assert type(calls.taken[0][1]) is SmsEvent


def test_the_class_and_the_word_cannot_both_be_registered(calls: Calls) -> None:
    calls.on("first", SmsEvent)
    calls.on("second", "sms")
    with pytest.raises(SetupError, match="can never run"):
        calls.app.check()


@pytest.mark.parametrize(
    ("events", "taken"),
    [
        ((CallEvent,), [ANSWER, GATHER, HANGUP, REJECT]),
        ((MessageEvent,), [SMS]),
        ((Event,), [SMS, ANSWER, GATHER, HANGUP, REJECT, CONFERENCE, FUTURE]),
        ((UnknownEvent,), [FUTURE]),
        ((SmsEvent, ConferenceEvent), [SMS, CONFERENCE]),
        (("sms", "fax"), [SMS, FUTURE]),
        ((HangupEvent,), [HANGUP, REJECT]),
        (("hangup",), [HANGUP, REJECT]),
        (("reject",), [REJECT]),
        (("reject", "fax"), [REJECT, FUTURE]),
        (("reject", SmsEvent), [SMS, REJECT]),
        (("fax",), [FUTURE]),
    ],
)
async def test_a_handler_gets_the_events_it_names(
    events: tuple[Any, ...], taken: list[Any], calls: Calls, in_process: InProcess
) -> None:
    calls.on("it", *events)
    await calls.send(in_process, SMS, ANSWER, GATHER, HANGUP, REJECT, CONFERENCE, FUTURE)
    assert [event.event_type for _, event in calls.taken] == [body["eventType"] for body in taken]


async def test_an_event_without_its_identity_is_not_taken_by_its_class(
    calls: Calls, in_process: InProcess
) -> None:
    calls.on("sms", SmsEvent)
    calls.on("all", Event)
    assert await calls.send(in_process, {"eventType": "sms", "text": "hi"}) == ["all"]


async def test_the_first_match_in_order_of_registration_wins(
    calls: Calls, in_process: InProcess
) -> None:
    calls.on("menu", GatherEvent, tag="menu")
    calls.on("call", CallEvent)
    calls.on("sms", SmsEvent)
    assert await calls.send(in_process, SMS, GATHER, {**GATHER, "tag": "x"}) == [
        "sms",
        "menu",
        "call",
    ]


async def test_a_base_class_registered_first_comes_before_a_narrower_class_with_a_predicate(
    calls: Calls, in_process: InProcess
) -> None:
    calls.on("base", CallEvent, when=lambda event: event.call_id == "c-1")
    calls.on("gather", GatherEvent)
    assert await calls.send(in_process, GATHER, {**GATHER, "callId": "c-2"}) == ["base", "gather"]


@pytest.mark.parametrize(
    ("filters", "digits"),
    [
        ({"digits": "1"}, ["1"]),
        ({"digits": {"1", "2"}}, ["1", "2"]),
        ({"digits": ["1", "2"]}, ["1", "2"]),
        ({"digits": None}, [None]),
        ({"digits": {None, "1"}}, ["1", None]),
        ({"digits": re.compile(r"\d")}, ["1", "2"]),
        ({"digits": re.compile(r"\d+")}, ["1", "2", "12"]),
        ({"digits": "1", "tag": "menu"}, ["1"]),
        ({"digits": "1", "tag": "other"}, []),
        ({"when": lambda event: event.digits and len(event.digits) > 1}, ["12"]),
        ({"digits": re.compile(r"\d+"), "when": lambda event: event.digits > "1"}, ["2", "12"]),
        ({"event_type": "gather"}, ["1", "2", "12", "", None]),
    ],
)
@pytest.mark.parametrize("others", [0, 20])
async def test_a_handler_gets_the_events_that_its_filter_matches(
    filters: dict[str, Any],
    digits: list[str | None],
    others: int,
    calls: Calls,
    in_process: InProcess,
) -> None:
    # With many handlers on one event they are looked up by value: the outcome is the same.
    for number in range(others):
        calls.on("other", GatherEvent, digits=f"{number}00")
    calls.on("it", GatherEvent, **filters)
    bodies = [{**GATHER, "digits": value} for value in ("1", "2", "12", "")]
    del (without := dict(GATHER))["digits"]
    await calls.send(in_process, *bodies, without)
    assert [event.digits for name, event in calls.taken] == digits


@pytest.mark.parametrize("others", [0, 20])
async def test_order_holds_among_handlers_with_and_without_values(
    others: int, calls: Calls, in_process: InProcess
) -> None:
    for number in range(others):
        calls.on("other", GatherEvent, tag=f"other {number}")
    calls.on("first", GatherEvent, digits="1", when=lambda event: event.tag == "x")
    calls.on("second", GatherEvent, tag={"x", "y"})
    calls.on("third", GatherEvent, digits="1")
    calls.on("rest", GatherEvent)
    bodies = [
        {**GATHER, "tag": tag, "digits": digits}
        for tag, digits in [("x", "1"), ("x", "2"), ("z", "1"), ("z", "2")]
    ]
    assert await calls.send(in_process, *bodies) == ["first", "second", "third", "rest"]


async def test_a_pattern_must_match_the_whole_value(calls: Calls, in_process: InProcess) -> None:
    calls.on("it", SmsEvent, text=re.compile("stop", re.I))
    bodies = [{**SMS, "text": text} for text in ("STOP", "stop it", "stop\n", "please stop")]
    assert await calls.send(in_process, *bodies) == ["it"]


@pytest.mark.parametrize("value", [True, 1])
async def test_true_is_not_one(value: Any, calls: Calls, in_process: InProcess) -> None:
    calls.on("one", SmsEvent, segment_count=1)
    calls.on("rest", SmsEvent)
    assert await calls.send(in_process, {**SMS, "segmentCount": 1}) == ["one"]
    with pytest.raises(SetupError):
        calls.on("true", SmsEvent, segment_count=True)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/digits", ["/digits", "/digits/"]),
        ("/digits/", ["/digits", "/digits/"]),
        ("/", ["/"]),
        (re.compile(r"/digit."), ["/digits", "/digits/"]),
        (re.compile(r"/digits/"), ["/digits/"]),
        (re.compile(r"/\w+/\w+"), ["/digits/2"]),
        (re.compile(r"/.*"), ["/", "/digits", "/digits/", "/digits/2", "/digitsx", "/Digits"]),
    ],
)
async def test_a_handler_gets_the_events_of_its_path(
    path: Any, taken: list[str], calls: Calls, in_process: InProcess
) -> None:
    calls.on("it", GatherEvent, path=path)
    found = [
        sent
        for sent in ("/", "/digits", "/digits/", "/digits/2", "/digitsx", "/Digits")
        if await calls.send(in_process, GATHER, path=sent)
    ]
    assert found == taken


async def test_a_router_has_its_place_in_the_order(calls: Calls, in_process: InProcess) -> None:
    inner, outer = Router(), Router()
    calls.on("app first", GatherEvent, digits="1")
    calls.on("inner", GatherEvent, digits="2", router=inner)
    calls.on("outer before", GatherEvent, digits="3", router=outer)
    outer.include(inner)
    calls.on("outer after", GatherEvent, digits={"2", "4"}, router=outer)
    calls.app.include(outer)
    calls.on("app last", GatherEvent)
    bodies = [{**GATHER, "digits": digits} for digits in "12345"]
    assert await calls.send(in_process, *bodies) == [
        "app first",
        "inner",
        "outer before",
        "outer after",
        "app last",
    ]
    assert len(calls.app.handlers) == 5


def test_the_decorator_gives_the_function_back() -> None:
    app, router = App(), Router()

    def handler(event: Any) -> None: ...

    assert app.on(SmsEvent, direction="in")(handler) is handler
    assert router.on("mms")(handler) is handler
    assert app.on_error(ValueError)(handler) is handler


async def test_the_same_function_takes_several_slots(calls: Calls, in_process: InProcess) -> None:
    taken = []

    @calls.app.on(SmsEvent)
    @calls.app.on(MmsEvent)
    async def handler(event: SmsEvent | MmsEvent) -> None:
        taken.append(event.event_type)

    await calls.send(in_process, SMS, {**SMS, "eventType": "mms", "messageId": "m-2"})
    assert taken == ["sms", "mms"]


DEAD: list[tuple[str, list[Any], list[Any], bool]] = [
    ("the same", [SmsEvent], [SmsEvent], True),
    ("word", ["sms"], [SmsEvent], True),
    ("base class", [CallEvent], [GatherEvent], True),
    ("narrow first", [GatherEvent], [CallEvent], False),
    ("everything", [Event], ["fax"], True),
    ("every unknown one", [UnknownEvent], ["fax"], True),
    ("another unknown one", ["telex"], ["fax"], False),
    ("older word", [HangupEvent], ["reject"], True),
    ("older word first", ["reject"], [HangupEvent], False),
    ("one of two", [SmsEvent], [MmsEvent, SmsEvent], True),
    ("no filter, filter", [GatherEvent], [GatherEvent, {"digits": "1"}], True),
    ("filter, no filter", [GatherEvent, {"digits": "1"}], [GatherEvent], False),
    ("same value", [GatherEvent, {"digits": "1"}], [GatherEvent, {"digits": "1"}], True),
    ("other value", [GatherEvent, {"digits": "1"}], [GatherEvent, {"digits": "2"}], False),
    ("subset", [GatherEvent, {"digits": {"1", "2"}}], [GatherEvent, {"digits": "2"}], True),
    ("superset", [GatherEvent, {"digits": "2"}], [GatherEvent, {"digits": {"1", "2"}}], False),
    ("other field", [GatherEvent, {"digits": "1"}], [GatherEvent, {"tag": "1"}], False),
    ("more", [GatherEvent, {"digits": "1"}], [GatherEvent, {"tag": "1", "digits": "1"}], True),
    ("fewer", [GatherEvent, {"tag": "1", "digits": "1"}], [GatherEvent, {"digits": "1"}], False),
    ("path", [GatherEvent, {"path": "/a"}], [GatherEvent, {"path": "/a/"}], True),
    ("other path", [GatherEvent, {"path": "/a"}], [GatherEvent, {"path": "/b"}], False),
    ("no path", [GatherEvent], [GatherEvent, {"path": "/b"}], True),
    ("predicate first", [SmsEvent, {"when": bool}], [SmsEvent], False),
    ("predicate later", [SmsEvent], [SmsEvent, {"when": bool}], True),
    ("predicate twice", [SmsEvent, {"when": bool}], [SmsEvent, {"when": bool}], False),
    (
        "same pattern",
        [SmsEvent, {"text": re.compile("a")}],
        [SmsEvent, {"text": re.compile("a"), "tag": "x"}],
        True,
    ),
    (
        "other pattern",
        [SmsEvent, {"text": re.compile("a")}],
        [SmsEvent, {"text": re.compile("b")}],
        False,
    ),
    ("pattern, value", [SmsEvent, {"text": re.compile("a")}], [SmsEvent, {"text": "b"}], False),
    (
        "same path pattern",
        [SmsEvent, {"path": re.compile("/a.*")}],
        [SmsEvent, {"path": re.compile("/a.*"), "text": "x"}],
        True,
    ),
    (
        "a base class first, filtered",
        [CallEvent, {"call_id": "c-1"}],
        [GatherEvent, {"call_id": "c-1", "digits": "1"}],
        True,
    ),
]


@pytest.mark.parametrize(
    ("first", "later", "dead"), [case[1:] for case in DEAD], ids=[case[0] for case in DEAD]
)
@pytest.mark.parametrize("included", [False, True])
def test_a_handler_that_can_never_run_is_an_error(
    first: list[Any], later: list[Any], dead: bool, included: bool, calls: Calls
) -> None:
    router = Router() if included else calls.app
    for name, given, to in (("first", first, calls.app), ("later", later, router)):
        options = given[-1] if isinstance(given[-1], dict) else {}
        events = [event for event in given if not isinstance(event, dict)]
        calls.on(name, *events, router=to, **options)
    if included:
        calls.app.include(router)
    if not dead:
        calls.app.check()
        return
    with pytest.raises(SetupError, match=r"test_routing\.py:\d+ handler: can never run"):
        calls.app.check()


def test_a_base_class_whose_classes_are_all_taken_is_dead(calls: Calls) -> None:
    for event in (SmsEvent, MmsEvent):
        calls.on("narrow", event)
    calls.on("base", MessageEvent)
    with pytest.raises(SetupError, match="can never run"):
        calls.app.check()


def test_values_of_two_earlier_handlers_are_not_added_up(calls: Calls) -> None:
    calls.on("one", GatherEvent, digits="1")
    calls.on("two", GatherEvent, digits="2")
    calls.on("both", GatherEvent, digits={"1", "2"})
    calls.app.check()


def test_both_places_are_named(calls: Calls) -> None:
    @calls.app.on(SmsEvent)
    async def greedy(event: SmsEvent) -> None: ...

    @calls.app.on(SmsEvent, text="stop")
    async def stop(event: SmsEvent) -> None: ...

    with pytest.raises(SetupError) as caught:
        calls.app.check()
    assert re.fullmatch(
        r".*test_routing\.py:\d+ stop: can never run for SmsEvent, because .*test_routing\.py:\d+"
        r" greedy is registered earlier and takes .*; register it first, or narrow the other",
        str(caught.value),
    )


@pytest.mark.parametrize(
    "condition",
    [
        lambda number: {"tag": re.compile(f"tag {number}")},
        lambda number: {"direction": {"in", "out"}, "state": {"a", "b"}, "tag": str(number)},
    ],
    ids=["patterns", "values and shared sets"],
)
def test_ten_thousand_handlers_of_one_event_are_checked_at_once(
    condition: Callable[[int], dict[str, Any]], calls: Calls
) -> None:
    for number in range(10_000):
        calls.on("it", SmsEvent, **condition(number))
    started = time.process_time()
    calls.app.check()
    assert time.process_time() - started < 3  # 0.3 here; a pairwise check takes 7 and more


@pytest.mark.parametrize(
    ("filters", "taken"),
    [({"faxId": "f-1"}, ["it"]), ({"faxId": "f-2"}, []), ({"list": "a"}, []), ({"x": "1"}, [])],
)
@pytest.mark.parametrize("others", [0, 20])
async def test_fields_of_an_unknown_event_are_filtered_by_their_name_on_the_wire(
    filters: dict[str, Any], taken: list[str], others: int, calls: Calls, in_process: InProcess
) -> None:
    for number in range(others):
        calls.on("other", "fax", **dict.fromkeys(filters, f"other {number}"))
    calls.on("it", "fax", **filters)
    assert await calls.send(in_process, FUTURE) == taken


async def test_a_name_of_the_future_is_an_unknown_event(
    calls: Calls, in_process: InProcess
) -> None:
    calls.on("it", "fax")
    assert await calls.send(in_process, FUTURE) == ["it"]
    event = calls.taken[0][1]
    assert isinstance(event, UnknownEvent)
    assert event.faxId == "f-1"


async def test_a_call_by_get_is_routed_as_by_post(calls: Calls, in_process: InProcess) -> None:
    calls.on("it", AnswerEvent, from_="+19195551212", path="/voice")
    async with in_process(calls.app) as client:
        await client.get("/voice", params={**ANSWER, "mine": "1"})
    assert [name for name, _ in calls.taken] == ["it"]


async def test_many_paths_are_looked_up(in_process: InProcess) -> None:
    app = App()
    taken: list[str] = []
    for number in range(20):

        async def handler(event: Any, number: int = number) -> None:
            taken.append(str(number))

        app.on("hangup", path=f"/{number}")(handler)

    @app.on("hangup")
    async def rest(event: Any, callback: Callback) -> None:
        taken.append(callback.path)

    async with in_process(app) as client:
        for path in ("/7", "/19/", "/20"):
            await client.post(path, json={"eventType": "hangup", "callId": f"c{path}"})
    assert taken == ["7", "19", "/20"]
