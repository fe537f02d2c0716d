"""Deliveries that come twice are handled once, and none is lost for it."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from callbackkit import HttpResponse, MemoryDuplicates, SetupError
from callbackkit.duplicates import IN_WORK, DuplicateStore, InWork, Key
from callbackkit.v1 import (
    AnswerEvent,
    AnyRecordingEvent,
    App,
    Callback,
    CallEvent,
    DtmfEvent,
    Event,
    GatherEvent,
    RecordingEvent,
    Redirect,
    RedirectEvent,
    Reply,
    SmsEvent,
    SpeakSentence,
    UnknownEvent,
)

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

SMS = {
    "eventType": "sms",
    "direction": "in",
    "messageId": "m-1",
    "from": "+19195551212",
    "to": "+19195553434",
    "state": "received",
}


class Counting:
    """An app that counts what it handles, and fails or waits when told to."""

    def __init__(self, **options: Any) -> None:
        self.app = App(**options)
        self.handled: list[Any] = []
        self.outcome: Any = None
        self.gate: asyncio.Event | None = None
        self.entered = asyncio.Event()
        self.app.on(Event)(self.handle)

    async def handle(self, event: Any) -> Reply:
        self.handled.append(event)
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome  # type: ignore[no-any-return]


async def post(in_process: InProcess, app: App, **fields: Any) -> httpx.Response:
    async with in_process(app) as client:
        return await client.post("/", json={**SMS, **fields})


async def test_the_second_delivery_gets_the_reply_of_the_first(in_process: InProcess) -> None:
    it = Counting()
    it.outcome = PlainTextResponse("thanks", 202, {"x-mine": "1"})
    replies = [await post(in_process, it.app) for _ in range(3)]
    assert len(it.handled) == 1
    for reply in replies:
        assert (reply.status_code, reply.text, reply.headers["x-mine"]) == (202, "thanks", "1")


@pytest.mark.parametrize(
    "other",
    [
        {"messageId": "m-2"},
        {"eventType": "mms"},
        {"direction": "out"},
        {"state": "sent"},
        {"deliveryState": "delivered"},
        {"deliveryCode": "0"},
        {"errorcode": "720"},
    ],
)
async def test_events_that_differ_in_a_key_field_are_both_handled(
    other: dict[str, str], in_process: InProcess
) -> None:
    it = Counting()
    await post(in_process, it.app)
    await post(in_process, it.app, **other)
    await post(in_process, it.app, **other)
    assert len(it.handled) == 2


@pytest.mark.parametrize("other", [{"text": "x"}, {"time": "2020-01-01T00:00:00Z"}, {"new": 1}])
async def test_events_that_differ_elsewhere_are_duplicates(
    other: dict[str, Any], in_process: InProcess
) -> None:
    it = Counting()
    await post(in_process, it.app)
    await post(in_process, it.app, **other)
    assert len(it.handled) == 1


async def test_a_form_and_json_of_the_same_message_are_the_same(in_process: InProcess) -> None:
    it = Counting()
    await post(in_process, it.app)
    async with in_process(it.app) as client:
        await client.post("/", data=SMS)
        await client.get("/", params=SMS)
    assert len(it.handled) == 1


TIME = "2013-07-12T16:26:55Z"
ONCE: list[dict[str, Any]] = [
    {"eventType": "answer", "callId": "c-1", "time": TIME},
    {"eventType": "gather", "callId": "c-1", "gatherId": "gtr-1"},
    {"eventType": "hangup", "callId": "c-1"},
    {"eventType": "timeout", "callId": "c-1"},
    {"eventType": "recording", "recordingId": "rec-1", "status": "complete"},
    {"eventType": "transcription", "transcriptionId": "t-1", "status": "completed"},
    {"eventType": "conference", "conferenceId": "conf-1", "status": "created"},
    {"eventType": "transferComplete", "callId": "c-1", "from": "+1", "to": "+2", "time": TIME},
]
CALL = {"callId": "c-1", "from": "+1", "to": "+2", "callState": "active"}
CONFERENCE = {"conferenceId": "conf-1", "time": TIME}
ALWAYS: list[dict[str, Any]] = [
    {"eventType": "redirect", **CALL},
    {"eventType": "incomingcall", **CALL, "time": TIME},
    {"eventType": "dtmf", "callId": "c-1", "dtmfDigit": "1", "time": TIME},
    {"eventType": "playback", "callId": "c-1", "status": "done", "time": TIME},
    {"eventType": "speak", "callId": "c-1", "status": "done", "time": TIME},
    {"eventType": "error", "callId": "c-1", "time": TIME},
    {"eventType": "conference-member", **CONFERENCE, "memberId": "member-1", "state": "active"},
    {"eventType": "conference-playback", **CONFERENCE, "status": "done"},
    {"eventType": "conference-speak", **CONFERENCE, "status": "done"},
    {"eventType": "pigeon", "callId": "c-1", "time": TIME},
]


async def deliver(
    in_process: InProcess, app: App, *events: dict[str, Any], path: str = "/", by: str = "POST"
) -> list[httpx.Response]:
    async with in_process(app) as client:
        if by == "GET":
            return [await client.get(path, params=event) for event in events]
        return [await client.post(path, json=event) for event in events]


@pytest.mark.parametrize("by", ["GET", "POST"])
@pytest.mark.parametrize("event", ONCE, ids=lambda event: event["eventType"])
async def test_an_event_that_can_be_told_from_all_others_is_handled_once(
    event: dict[str, Any], by: str, in_process: InProcess
) -> None:
    it = Counting()
    first, second = await deliver(in_process, it.app, event, {**event, "tag": "x"}, by=by)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len(it.handled) == 1
    key = [name for name in event if name != "eventType"]
    for name in key:
        other = TIME.replace("55Z", "56Z") if name == "time" else "another"
        await deliver(in_process, it.app, {**event, name: other}, by=by)
    assert len(it.handled) == 1 + len(key)


@pytest.mark.parametrize("by", ["GET", "POST"])
@pytest.mark.parametrize("event", ALWAYS, ids=lambda event: event["eventType"])
async def test_an_event_that_may_come_again_is_handled_each_time(
    event: dict[str, Any], by: str, in_process: InProcess
) -> None:
    it = Counting()
    await deliver(in_process, it.app, event, event, by=by)
    assert len(it.handled) == 2


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize(
    ("event", "name"),
    [
        (event, name)
        for event in ONCE
        for name in event
        if name not in {"eventType", "callId", "recordingId", "transcriptionId", "conferenceId"}
    ],
)
async def test_an_event_that_lacks_a_field_of_its_key_is_handled_each_time(
    event: dict[str, Any], name: str, empty: bool, in_process: InProcess
) -> None:
    it = Counting()
    bare = {**event, name: ""} if empty else {k: v for k, v in event.items() if k != name}
    await deliver(in_process, it.app, bare, bare)
    assert len(it.handled) == 2


async def test_a_loop_of_redirects_runs_each_time(in_process: InProcess) -> None:
    app = App()
    heard = []

    @app.on(RedirectEvent)
    async def hold(event: RedirectEvent) -> Reply:
        heard.append(event.call_id)
        return [SpeakSentence(f"Still waiting, {len(heard)}."), Redirect(request_url="/hold")]

    event = {"eventType": "redirect", **CALL}
    replies = await deliver(in_process, app, *[event] * 5, path="/hold", by="GET")
    assert ["Still waiting, 5." in reply.text for reply in replies] == [False] * 4 + [True]


@pytest.mark.parametrize("event", ONCE[:2], ids=lambda event: event["eventType"])
async def test_a_fallback_url_gets_a_reply_of_its_own(
    event: dict[str, Any], in_process: InProcess
) -> None:
    app = App()

    @app.on(AnswerEvent, GatherEvent)
    async def handle(event: AnswerEvent | GatherEvent, callback: Callback) -> Reply:
        return SpeakSentence(callback.path)

    replies = [
        (await deliver(in_process, app, event, path=path, by="GET"))[0].text
        for path in ("/main", "/main", "/fallback", "/fallback")
    ]
    assert ["/main" in reply for reply in replies] == [True, True, False, False]
    assert ["/fallback" in reply for reply in replies] == [False, False, True, True]


async def test_a_reply_that_is_read_is_kept_for_the_deadline(
    in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setitem(MemoryDuplicates.__init__.__kwdefaults__, "clock", clock)
    it = Counting(deadline=4)
    answer, hangup = ONCE[0], ONCE[2]
    await deliver(in_process, it.app, answer, hangup)
    clock.now += 3.9
    await deliver(in_process, it.app, answer, hangup)
    assert len(it.handled) == 2
    clock.now += 4.2
    await deliver(in_process, it.app, answer, hangup)
    assert [event.kind for event in it.handled] == ["answer", "hangup", "answer"]


async def test_another_key_can_be_given_by_event_class(in_process: InProcess) -> None:
    keys = {DtmfEvent: ("call_id", "dtmf_digit"), SmsEvent: ["message_id"]}
    it = Counting(duplicate_keys=keys)
    key = {"eventType": "dtmf", "callId": "c-1", "dtmfDigit": "1"}
    await deliver(in_process, it.app, key, {**key, "time": TIME}, {**key, "dtmfDigit": "2"})
    await deliver(in_process, it.app, SMS, {**SMS, "state": "sent"})
    assert [event.kind for event in it.handled] == ["dtmf", "dtmf", "sms"]


async def test_a_key_can_be_switched_off_by_event_class(in_process: InProcess) -> None:
    it = Counting(duplicate_keys={AnyRecordingEvent: None, RecordingEvent: ("recording_id",)})
    recording, transcription = ONCE[4:6]
    await deliver(in_process, it.app, recording, {**recording, "status": "error"})
    await deliver(in_process, it.app, transcription, transcription)
    assert [event.kind for event in it.handled] == ["recording", "transcription", "transcription"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"duplicate_keys": {RecordingEvent: ("recordin_id",)}},
         "RecordingEvent has no field recordin_id; did you mean recording_id?"),
        ({"duplicate_keys": {CallEvent: ("call_id", "time")}}, "RedirectEvent has no field time"),
        ({"duplicate_keys": {RecordingEvent: "recording_id"}}, "a tuple of the names of its fields"),
        ({"duplicate_keys": {RecordingEvent: ()}}, "or None for never, not ()"),
        ({"duplicate_keys": {UnknownEvent: ("x",)}}, "has UnknownEvent, which no event of this app is"),
        ({"duplicate_keys": {"recording": None}}, "has 'recording', which no event of this app is"),
        ({"duplicate_keys": {dict: None}}, "has dict, which no event of this app is"),
        ({"duplicate_keys": [RecordingEvent]}, "is a dict from event classes"),
        ({"duplicate_keys": {RecordingEvent: None}, "duplicates": False},
         "does nothing with duplicates=False"),
    ],
)  # fmt: skip
def test_wrong_keys_are_refused_in_a_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SetupError) as refused:
        App(**options)
    assert message in str(refused.value)
    assert "test_duplicates.py" in str(refused.value)


async def test_deduplication_can_be_switched_off(in_process: InProcess) -> None:
    it = Counting(duplicates=False)
    for _ in range(2):
        await post(in_process, it.app)
    assert len(it.handled) == 2


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (None, 200),
        (LookupError(), 500),
        (PlainTextResponse("", 503), 503),
        (PlainTextResponse("", 404), 404),
    ],
)
async def test_a_duplicate_waits_for_the_first_and_gets_its_outcome(
    outcome: Any, status: int, in_process: InProcess
) -> None:
    it = Counting()
    it.gate, it.outcome = asyncio.Event(), outcome
    first = asyncio.create_task(post(in_process, it.app))
    await it.entered.wait()
    others = [asyncio.create_task(post(in_process, it.app)) for _ in range(3)]
    done, _ = await asyncio.wait(others, timeout=0.02)
    assert not done  # nobody acknowledges what is not done
    it.gate.set()
    replies = await asyncio.gather(first, *others)
    assert [reply.status_code for reply in replies] == [status] * 4
    assert len(it.handled) == 1


@pytest.mark.parametrize("outcome", [LookupError(), PlainTextResponse("", 503)])
async def test_after_a_failure_the_next_delivery_works_again(
    outcome: Any, in_process: InProcess
) -> None:
    it = Counting()
    it.outcome = outcome
    assert (await post(in_process, it.app)).status_code >= 500
    it.outcome = None
    assert (await post(in_process, it.app)).status_code == 200
    assert (await post(in_process, it.app)).status_code == 200
    assert len(it.handled) == 2


async def test_after_a_failure_that_strict_raised_the_next_delivery_works_again(
    in_process: InProcess,
) -> None:
    it = Counting(strict=True)
    it.outcome = LookupError()
    with pytest.raises(LookupError):
        await post(in_process, it.app)
    it.outcome = None
    await post(in_process, it.app)
    assert len(it.handled) == 2


async def test_after_the_deadline_the_next_delivery_works_again(in_process: InProcess) -> None:
    it = Counting(deadline=0.02)
    it.gate = asyncio.Event()
    assert (await post(in_process, it.app)).status_code == 500
    it.gate.set()
    assert (await post(in_process, it.app)).status_code == 200
    assert len(it.handled) == 2


async def test_a_delivery_that_was_cancelled_is_released(in_process: InProcess) -> None:
    it = Counting()
    it.gate = asyncio.Event()
    first = asyncio.create_task(post(in_process, it.app))
    await it.entered.wait()
    second = asyncio.create_task(post(in_process, it.app))
    await asyncio.wait([second], timeout=0.01)
    first.cancel()
    assert (await second).status_code == 500  # so that it is delivered again
    it.gate.set()
    assert (await post(in_process, it.app)).status_code == 200
    assert len(it.handled) == 2


async def test_a_duplicate_that_leaves_does_not_disturb_the_others(in_process: InProcess) -> None:
    it = Counting()
    it.gate = asyncio.Event()
    first = asyncio.create_task(post(in_process, it.app))
    await it.entered.wait()
    leaving, staying = (asyncio.create_task(post(in_process, it.app)) for _ in range(2))
    await asyncio.wait([leaving, staying], timeout=0.01)
    leaving.cancel()
    await asyncio.wait([leaving])
    it.gate.set()
    assert [reply.status_code for reply in await asyncio.gather(first, staying)] == [200, 200]


# The store in memory


OK, FAILED = HttpResponse(200), HttpResponse(500)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def known(store: DuplicateStore, key: Key) -> bool:
    """Whether a key is remembered; if not, it is done at once."""
    if await store.claim(key, 60) is not None:
        return True
    await store.finish(key, OK)
    return False


@pytest.mark.parametrize("steps", [[9.9], [5, 4.9], [1] * 9])
async def test_a_delivery_is_remembered_for_its_time(steps: list[float]) -> None:
    clock = Clock()
    store = MemoryDuplicates(ttl=10, clock=clock)
    clock.now += 3
    assert not await known(store, ("a",))
    for step in steps:
        clock.now += step
        assert await known(store, ("a",))


@pytest.mark.parametrize("steps", [[20.1], [19.9, 0.2], [5, 5, 5, 5.1], [12, 8.1]])
async def test_and_not_for_twice_its_time(steps: list[float]) -> None:
    clock = Clock()
    store = MemoryDuplicates(ttl=10, clock=clock)
    assert not await known(store, ("a",))
    for number, step in enumerate(steps):
        clock.now += step
        if number < len(steps) - 1:
            await known(store, ("other", number))
    assert not await known(store, ("a",))


async def test_a_number_of_deliveries_is_remembered() -> None:
    store = MemoryDuplicates(size=10)
    for number in range(100):
        assert not await known(store, (number,))
        assert await known(store, (max(0, number - 9),))
    assert sum([await store.claim((number,), 60) is not None for number in range(100)]) <= 20


async def test_an_event_in_work_is_never_forgotten() -> None:
    clock = Clock()
    store = MemoryDuplicates(ttl=10, size=2, clock=clock)
    assert await store.claim(("slow",), 60) is None
    for number in range(20):
        await known(store, (number,))
        clock.now += 25
    assert await store.claim(("slow",), 60) is IN_WORK
    second = asyncio.create_task(store.wait(("slow",)))
    await asyncio.wait([second], timeout=0.01)
    assert not second.done()
    await store.release(("slow",), FAILED)
    assert await second == FAILED
    assert await store.claim(("slow",), 60) is None


# A store of one's own


class Shared:
    """What a shared store looks like: asynchronous everywhere, and its waiting is its own."""

    def __init__(self) -> None:
        self.done: dict[Key, HttpResponse] = {}
        self.in_work: dict[Key, asyncio.Event] = {}
        self.outcomes: dict[Key, HttpResponse] = {}
        self.leases: list[float] = []

    def __len__(self) -> int:
        return len(self.done)

    async def claim(self, key: Key, seconds: float) -> HttpResponse | InWork | None:
        await asyncio.sleep(0)
        if key in self.done:
            return self.done[key]
        if key in self.in_work:
            return IN_WORK
        self.in_work[key] = asyncio.Event()
        self.leases.append(seconds)
        return None

    async def wait(self, key: Key) -> HttpResponse | None:
        await asyncio.sleep(0)
        if key in self.in_work:
            await self.in_work[key].wait()
        return self.outcomes.get(key)

    async def finish(self, key: Key, reply: HttpResponse) -> None:
        await asyncio.sleep(0)
        self.done[key] = reply
        await self.release(key, reply)

    async def release(self, key: Key, reply: HttpResponse) -> None:
        await asyncio.sleep(0)
        self.outcomes[key] = reply
        self.in_work.pop(key).set()

    def end(self, key: Key) -> None:
        """Let the claim of a worker that died end."""
        self.in_work.pop(key).set()


@pytest.mark.parametrize("outcome", [None, LookupError()])
async def test_two_workers_share_a_store_of_ones_own(outcome: Any, in_process: InProcess) -> None:
    store = Shared()  # empty, so it is false
    one, other = Counting(duplicates=store), Counting(duplicates=store)
    one.gate, one.outcome = asyncio.Event(), outcome
    first = asyncio.create_task(post(in_process, one.app))
    await one.entered.wait()
    second = asyncio.create_task(post(in_process, other.app))
    await asyncio.wait([second], timeout=0.01)
    one.gate.set()
    replies = await asyncio.gather(first, second)
    status = 200 if outcome is None else 500
    assert [reply.status_code for reply in replies] == [status] * 2
    assert (len(one.handled), len(other.handled)) == (1, 0)
    await post(in_process, other.app)
    assert len(other.handled) == (outcome is not None)


async def test_keys_are_texts_and_none_in_the_documented_order(in_process: InProcess) -> None:
    store = Shared()
    await post(in_process, Counting(duplicates=store).app)
    assert list(store.done) == [("sms", "m-1", "in", "received", None, None, None)]


class Down:
    """A store that can't be reached, or only for claims."""

    def __init__(self, *, claims: bool) -> None:
        self.claims = claims

    async def claim(self, key: Key, seconds: float) -> HttpResponse | None:
        if not self.claims:
            raise ConnectionError("the store is down")
        return None

    async def wait(self, key: Key) -> HttpResponse | None:
        raise ConnectionError("the store is down")

    async def finish(self, key: Key, reply: HttpResponse) -> None:
        raise ConnectionError("the store is down")

    release = finish


@pytest.mark.parametrize("claims", [True, False])
async def test_a_store_that_fails_loses_no_message(
    claims: bool, in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    counting = Counting(duplicates=Down(claims=claims))
    async with in_process(counting.app) as client:
        reply = await client.post("/", json=SMS)
    assert (reply.status_code, len(counting.handled)) == (200, 1)
    assert "the store of duplicates failed for sms" in caplog.text


class Hanging(Shared):
    """A store that never answers one kind of question."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question
        setattr(self, question, self.never)

    async def never(self, *args: Any) -> Any:
        await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("question", ["claim", "finish", "release"])
async def test_a_store_that_never_answers_holds_no_callback_up(
    question: str,
    in_process: InProcess,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("callbackkit.app.STORE_SECONDS", 0.02)
    it = Counting(duplicates=Hanging(question))
    it.outcome = LookupError() if question == "release" else None
    reply = await post(in_process, it.app)
    assert (reply.status_code, len(it.handled)) == (500 if question == "release" else 200, 1)
    assert "the store of duplicates failed for sms" in caplog.text


@pytest.mark.parametrize("shared", [True, False])
async def test_a_delivery_in_work_for_longer_than_the_deadline_is_not_handled_twice(
    shared: bool, in_process: InProcess
) -> None:
    store = Shared() if shared else True
    it = Counting(duplicates=store, deadline=0.05)
    it.gate = asyncio.Event()

    @it.app.on(SmsEvent, timeout=30)
    async def slow(sms: SmsEvent) -> None:
        await it.handle(sms)

    it.app._routes.reverse()  # the slow one first
    first = asyncio.create_task(post(in_process, it.app))
    await it.entered.wait()
    assert (await post(in_process, it.app)).status_code == 503
    it.gate.set()
    assert (await first).status_code == 200
    assert (await post(in_process, it.app)).status_code == 200
    assert len(it.handled) == 1


async def test_a_claim_that_a_dead_worker_left_frees_itself(in_process: InProcess) -> None:
    store = Shared()
    key = ("sms", "m-1", "in", "received", None, None, None)
    await store.claim(key, 60)
    it = Counting(duplicates=store)
    waiting = asyncio.create_task(post(in_process, it.app))
    await asyncio.wait([waiting], timeout=0.01)
    assert not waiting.done()
    store.end(key)
    assert (await waiting).status_code == 200
    assert len(it.handled) == 1
    assert store.leases == [60, 9.0 + 4.0]  # the deadline, and what the store may take


async def test_a_store_that_fails_while_work_goes_on_starts_no_second_run(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    store = Shared()
    await store.claim(("sms", "m-1", "in", "received", None, None, None), 60)
    store.wait = Down(claims=True).wait  # type: ignore[method-assign]
    it = Counting(duplicates=store)
    assert (await post(in_process, it.app)).status_code == 503
    assert it.handled == []
    assert "the store of duplicates failed for sms" in caplog.text
