"""How callbacks are delivered: timeouts, fallbacks, faults that a test declares, and replies that come
too late (carrier of v1)."""

from typing import Any

import pytest

from callbackkit.carrier.delivery import Outcome
from callbackkit.errors import SetupError
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.verbs import (
    Gather,
    Hangup,
    Pause,
    PlayAudio,
    Record,
    Redirect,
    SpeakSentence,
)

HELLO = SpeakSentence("fifteen letters", voice="susan")
FALLBACK = "http://app.test/fallback"


def paths(w: Any, event: str) -> list[str]:
    return [one.path for one in w.callbacks if one.event == event]


def times(w: Any, kind: str) -> list[tuple[str, float]]:
    """The eventTypes and times of the journal's entries of a kind."""
    entries = [entry for entry in w.carrier.journal if entry.kind == kind]
    return [(entry.data["delivery"].event, entry.at) for entry in entries]


# Timeouts.


@pytest.mark.parametrize(
    ("timeout", "late", "answered"), [(None, 10, True), (None, 10.1, False), (2000, 3, False)]
)
def test_how_long_an_application_waits(
    world: Any, timeout: int | None, late: float, answered: bool
) -> None:
    w = world({"answer": [HELLO, Hangup()]})
    w.carrier.application.incoming_call_url_callback_timeout = timeout
    w.carrier.faults.slow("answer", late)
    call = w.dial()
    w.run()
    assert bool(call.heard) == answered
    assert call.ended.at == (late + 1 if answered else (timeout or 10_000) / 1000)


@pytest.mark.parametrize(("late", "answered"), [(3, True), (5, False)])
def test_how_long_a_call_that_was_created_waits(world: Any, late: float, answered: bool) -> None:
    w = world({"answer": [HELLO, Hangup()]}).picks_up("+19195551212")
    w.carrier.faults.slow("answer", late)
    call = w.create(to=Callbacks("http://app.test/voice", None, 4, "GET"))
    w.run()
    assert bool(call.heard) == answered


def test_a_reply_that_takes_more_than_half_of_its_time_is_noted(world: Any) -> None:
    for late, found in ((5, []), (5.1, ["slow-callback"])):
        w = world({"answer": Hangup()})
        w.carrier.faults.slow("answer", late)
        w.dial()
        w.run()
        assert w.rules() == found


# Fallbacks.


@pytest.mark.parametrize("event", ["incomingcall", "answer", "hangup"])
@pytest.mark.parametrize("how", ["status", "refuse", "slow"])
def test_a_callback_that_fails_goes_to_the_fallback_URL_once(
    world: Any, event: str, how: str
) -> None:
    w = world({"answer": Hangup(), "/fallback": Hangup()})
    w.carrier.application.incoming_call_fallback_url = FALLBACK
    more = {"status": [500], "refuse": [], "slow": [11]}[how]
    getattr(w.carrier.faults, how)(event, *more, times=1)
    call = w.dial()
    w.run()
    first, second = (one for one in w.callbacks if one.event == event)
    assert (first.path, second.path) == ("/voice", "/fallback")
    assert (first.fields, first.method) == (second.fields, second.method)
    assert call.ended is not None
    assert len(w.errors) == 1


def test_the_reply_of_the_fallback_URL_runs(world: Any) -> None:
    w = world({"answer": 500, "/fallback": [HELLO, Hangup()]})
    w.carrier.application.incoming_call_fallback_url = FALLBACK
    call = w.dial()
    w.run()
    assert call.heard == ["fifteen letters"]


def test_relative_URLs_are_those_of_the_document_that_came(world: Any) -> None:
    verb = '<Redirect requestUrl="next" requestUrlTimeout="1000"/>'
    w = world({"answer": 500, "/other/fallback": verb, "/other/next": Hangup()})
    w.carrier.application.incoming_call_fallback_url = "http://app.test/other/fallback"
    w.dial()
    w.run()
    assert paths(w, "redirect") == ["/other/next"]


@pytest.mark.parametrize("reply", [500, 404])
def test_a_fallback_that_fails_too_is_the_end(world: Any, reply: int) -> None:
    w = world({"answer": 500, "/fallback": reply})
    w.carrier.application.incoming_call_fallback_url = FALLBACK
    call = w.dial()
    w.run()
    assert call.ended.at == 0
    assert paths(w, "answer") == ["/voice", "/fallback"]
    assert paths(w, "hangup") == ["/voice"]
    assert len(w.errors) == 2


def test_callbacks_of_verbs_have_no_fallback(world: Any) -> None:
    w = world({"answer": [Record(request_url="/saved"), Redirect(request_url="/next")]})
    w.carrier.application.incoming_call_fallback_url = FALLBACK
    w.carrier.faults.status("/*a*", 500)
    w.carrier.faults.status("/next", 500)
    w.dial()
    w.run()
    assert (paths(w, "recording"), paths(w, "redirect")) == (["/saved"], ["/next"])


def test_a_notification_that_fails_changes_nothing(world: Any) -> None:
    w = world({"answer": [Record(request_url="/saved"), HELLO, Hangup()]})
    w.carrier.faults.status("/saved", 500)
    w.carrier.faults.refuse("hangup")
    call = w.dial()
    w.run()
    assert call.ended.at == 4
    assert w.events == ["incomingcall", "answer", "hangup", "recording"]
    assert [code for code, _ in w.errors] == ["callback-not-delivered"] * 2


def test_passwords_are_kept_out_of_the_transcript(world: Any) -> None:
    w = world({"answer": 500})
    w.carrier.application.incoming_call_url = "http://bob:secret@app.test/voice"
    w.dial()
    w.run()
    words = w.transcript + repr(w.errors) + "".join(map(str, w.carrier.diagnostics))
    assert "secret" not in words
    assert "bob:***@" in words


# Faults.


def test_a_status_that_a_test_declares(world: Any) -> None:
    w = world({"answer": [HELLO, Hangup()]})
    w.carrier.faults.status("answer", 503)
    call = w.dial()
    w.run()
    assert (call.heard, call.ended.at) == ([], 0)
    assert [one.event for one in w.sent] == ["incomingcall", "hangup"]  # the app got none of it
    assert [(one.rule, one.level) for one in w.carrier.diagnostics] == [("callback-failed", "info")]


def test_a_good_status_without_a_body(world: Any) -> None:
    w = world({"answer": [HELLO, Hangup()]})
    w.carrier.faults.status("answer", 204)
    call = w.dial()
    w.run()
    assert call.ended.at == 30


def test_a_fault_refuses_the_connection_once(world: Any) -> None:
    w = world({"answer": [HELLO, Hangup()]})
    w.carrier.faults.refuse("answer", times=1)
    call = w.dial()
    w.run()
    assert (call.ended.at, w.callbacks[1].status) == (0, None)
    assert "was refused" in w.transcript
    assert w.dial().heard == ["fifteen letters"]  # the next one reaches it


def test_a_fault_replaces_the_body_by_garbage(world: Any) -> None:
    w = world({"answer": [HELLO, Hangup()]})
    w.carrier.faults.garbage_bxml("/voice")
    call = w.dial()
    w.run()
    assert (call.ended.at, call.heard) == (0, [])
    assert [str(one.level) for one in w.carrier.diagnostics if one.rule == "invalid-bxml"] == [
        "info"
    ]
    w = world({"answer": 500})
    w.carrier.faults.garbage_bxml("answer")
    w.dial()
    assert w.rules("error") == ["callback-failed"]  # where there is a body


def test_a_slow_reply_takes_the_time_of_the_clock_and_of_the_caller(world: Any) -> None:
    gather = Gather(request_url="/menu", max_digits=1)
    w = world({"answer": gather, "/menu": [HELLO, Hangup()]})
    w.carrier.faults.slow("/menu", 4)
    call = w.dial()
    w.press("1", 1).run()
    assert call.heard[0].start == 5
    assert [one.outcome.took for one in w.callbacks if one.event == "gather"] == [4]


def test_a_callback_that_comes_twice(world: Any) -> None:
    replies = iter([[HELLO, Hangup()], [Hangup()]])
    w = world({"answer": lambda delivery: next(replies)})
    w.carrier.faults.duplicate("answer", times=1)
    call = w.dial()
    w.run()
    assert w.events == ["incomingcall", "answer", "answer", "hangup"]
    assert w.callbacks[1].fields == w.callbacks[2].fields
    assert call.heard == ["fifteen letters"]  # the first reply counts
    assert times(w, "reply dropped") == [("answer", 0)]


def test_a_callback_that_is_held_until_the_next(world: Any) -> None:
    w = world({"answer": [Record(request_url="/saved"), Pause(length=4), Hangup()]})
    w.carrier.faults.reorder("recording")
    w.dial()
    w.run()
    assert w.events == ["incomingcall", "answer", "recording", "hangup"]
    assert [one.event for one in w.sent] == ["incomingcall", "answer", "hangup", "recording"]


def test_a_held_callback_without_a_next_is_sent_in_the_end(world: Any) -> None:
    w = world({"answer": Hangup()})
    w.carrier.faults.reorder("hangup")
    w.dial()
    assert [one.event for one in w.sent] == ["incomingcall", "answer"]
    w.run()
    assert [one.event for one in w.sent] == ["incomingcall", "answer", "hangup"]
    assert w.now == 5


def failing(delivery: Any) -> int:
    """A handler that raises."""
    delivery.traceback = "Traceback (most recent call last):\nKeyError: 'order'"
    return 500


@pytest.mark.parametrize("second", [500, failing])
def test_a_handler_that_fails_on_a_duplicate_is_reported(world: Any, second: Any) -> None:
    count = 0

    def hangup(delivery: Any) -> Any:
        nonlocal count
        count += 1
        return 200 if count == 1 else second(delivery) if callable(second) else second

    w = world({"answer": Hangup(), "hangup": hangup})
    w.carrier.faults.duplicate("hangup")
    w.dial()
    w.run()
    assert w.rules("error") == ["handler-raised" if callable(second) else "callback-failed"]


@pytest.mark.parametrize(
    "declare",
    [
        lambda faults: faults.slow("answer", 3),
        lambda faults: faults.duplicate("answer"),
        lambda faults: faults.garbage_bxml("answer"),
        lambda faults: faults.reorder("answer"),
    ],
)
def test_errors_of_the_app_are_not_put_down_to_a_fault(world: Any, declare: Any) -> None:
    w = world({"answer": 500})
    declare(w.carrier.faults)
    w.dial()
    w.run()
    assert w.rules("error") == ["callback-failed"]


def test_several_callbacks_that_are_to_be_held(world: Any) -> None:
    record = Record(request_url="/saved", max_duration=1)
    w = world({"answer": [record, record, record, Hangup()]})
    w.carrier.faults.reorder("recording")
    w.carrier.faults.reorder("hangup")
    w.dial()
    w.run()
    # In pairs: the first recording waits for the hangup, the second for the third.
    sent = [one.fields.get("recordingId", one.event) for one in w.sent[2:]]
    assert sent == ["hangup", "rec-000001", "rec-000003", "rec-000002"]
    assert w.events[2:] == ["recording", "hangup", "recording", "recording"]
    assert w.carrier.scheduler.running == 0


def test_a_callback_whose_reply_is_waited_for_is_never_held(world: Any) -> None:
    w = world({"answer": [HELLO, Hangup()]})
    w.carrier.faults.reorder("answer")
    call = w.dial()
    w.run()
    assert call.heard[0].start == 0


@pytest.mark.parametrize(
    ("where", "statuses"),
    [
        ("/menu/1", {"/menu/1": 500, "/menu/2": 200}),
        ("/menu/*", {"/menu/1": 500, "/menu/2": 500}),
        ("gather", {"/menu/1": 500, "/menu/2": 500}),
        ("*", {"/menu/1": 500, "/menu/2": 500}),
        ("/menu", {"/menu/1": 200, "/menu/2": 200}),
        ("redirect", {"/menu/1": 200, "/menu/2": 200}),
    ],
)
def test_a_fault_hits_the_deliveries_that_it_names(
    world: Any, where: str, statuses: dict[str, int]
) -> None:
    gathers = [Gather(request_url=f"/menu/{n}", max_digits=1) for n in (1, 2)]
    w = world({"answer": [*gathers, Hangup()]})
    w.dial()
    w.carrier.faults.status(where, 500)
    w.press("1", 1).press("2", 2).run()
    found = {one.path: one.status for one in w.callbacks if one.event == "gather"}
    assert found == statuses


def test_the_first_fault_counts_as_often_as_it_says(world: Any) -> None:
    w = world({"answer": Hangup()})
    w.carrier.faults.status("answer", 500, times=2)
    w.carrier.faults.status("answer", 404, times=1)
    for _ in range(4):
        w.dial()
        w.run()
    answers = [one.status for one in w.callbacks if one.event == "answer"]
    assert answers == [500, 500, 404, 200]
    w.carrier.faults.status("*", 500)
    w.carrier.faults.clear()
    w.dial()
    assert w.callbacks[-1].status == 200


@pytest.mark.parametrize(
    "declare",
    [
        lambda faults: faults.status("/a", 99),
        lambda faults: faults.status("/a", 600),
        lambda faults: faults.slow("/a", 0),
        lambda faults: faults.slow("/a", float("nan")),
        lambda faults: faults.refuse("/a", times=0),
        lambda faults: faults.rest("messages", 403, "x"),
        lambda faults: faults.rest("POST messages", 403, "x"),
        lambda faults: faults.rest("POST /messages", 403, "x", times=0),
    ],
)
def test_a_fault_that_there_is_not(world: Any, declare: Any) -> None:
    with pytest.raises(SetupError, match=r"faults|times"):
        declare(world().carrier.faults)


def test_a_fault_of_the_REST_API_hits_the_requests_that_it_names(world: Any) -> None:
    faults = world().carrier.faults
    faults.rest("post /messages", 403, "message-rate-limit", times=1)
    faults.rest("GET /calls/*", 500, "internal-error")
    assert faults.of_rest("GET", "/messages") is None
    assert faults.of_rest("POST", "/messages/").code == "message-rate-limit"
    assert faults.of_rest("POST", "/messages") is None
    assert faults.of_rest("GET", "/calls/c-1/audio").status == 500
    assert faults.of_rest("GET", "/calls") is None


# Replies that come too late.


def test_a_reply_after_the_caller_hung_up_is_dropped(world: Any) -> None:
    w = world({"answer": None})
    call = w.dial()
    w.hang_up(3).run(until=5)
    (delivery,) = w.under_way
    assert w.kinds.count("reply dropped") == 0
    w.carrier.complete(delivery, Outcome(200, {}, b"<Response><Pause/></Response>"))
    w.run()
    assert times(w, "reply dropped") == [("answer", 5)]
    assert (call.ended.at, call.documents, w.events[-1]) == (3, [], "hangup")
    assert w.rules() == []


def test_a_slow_reply_after_the_caller_hung_up_is_dropped_when_it_comes(world: Any) -> None:
    w = world({"answer": Gather(request_url="/menu", max_digits=1), "/menu": [HELLO, Hangup()]})
    w.carrier.faults.slow("/menu", 6)
    call = w.dial()
    w.press("1", 1).hang_up(3).run()
    assert times(w, "reply dropped") == [("gather", 7)]
    assert (call.heard, call.ended.at) == ([], 3)
    assert w.carrier.scheduler.timers == 0


def test_a_failure_after_the_caller_hung_up_has_no_fallback(world: Any) -> None:
    w = world({"answer": None})
    w.carrier.application.incoming_call_fallback_url = FALLBACK
    w.dial()
    w.hang_up(3).run()
    w.carrier.complete(w.under_way[0], Outcome(500, failure="was answered with 500"))
    w.run()
    assert paths(w, "answer") == ["/voice"]


def test_a_file_that_comes_after_the_caller_hung_up_is_ignored(world: Any) -> None:
    w = world({"answer": PlayAudio("http://app.test/a.wav"), "/a.wav": None})
    w.carrier.reaches = lambda url: True
    w.dial()
    w.hang_up(1).run()
    w.carrier.complete(w.under_way[0], Outcome(404, failure="was answered with 404"))
    w.run()
    assert w.rules("error") == []


def test_while_a_reply_is_under_way_the_transcript_says_so(world: Any) -> None:
    w = world({"answer": None})
    w.dial()
    assert w.transcript.splitlines()[-1].endswith("answer                          ...")
