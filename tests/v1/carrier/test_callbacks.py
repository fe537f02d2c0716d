"""Callbacks, as they go out: which fields, of which form, to where, in which order (carrier of v1).

`event_fields.json` holds what the pages say of each event's fields.
"""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.gathering import Collecting
from callbackkit.carrier.sending import body_of
from callbackkit.http import HttpRequest
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.audio import AudioRequest, play_on, play_to_call
from callbackkit.v1.carrier.gathers import CallGather
from callbackkit.v1.carrier.recordings import start_recording, transcribe
from callbackkit.v1.carrier.rooms import Conference, Member
from callbackkit.v1.verbs import Gather, Hangup, Record, Redirect, SpeakSentence, Transfer
from callbackkit.v1.wire import decode

FIELDS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent.parent / "event_fields.json").read_text("utf-8")
)
CALLER, AGENT, NUMBER = "+19195551212", "+14155550111", "+19195550100"
PICTURES = ("https://files.example.com/a.png", "https://files.example.com/b.smil")
DIVERSION = {"origTo": "+14155550222", "reason": "no-answer", "counter": 1, "limit": 5}
WHOLE = re.compile(r"2026-01-01T12:\d\d:\d\dZ")
MILLISECONDS = re.compile(r"2026-01-01T12:\d\d:\d\d\.\d{3}Z")
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "array of string": list}


def under_bxml(world: Any) -> Any:
    """A call with all verbs that tell something."""
    record = Record(request_url="/saved", transcribe=True, transcribe_callback_url="/text")
    pages = {
        "answer": Gather(SpeakSentence("One?", voice="susan"), request_url="/menu", tag="t"),
        "/menu": [Redirect(request_url="/next")],
        "/next": [record, Transfer(transfer_to=AGENT, request_url="/done", tag="t")],
        "/done": Hangup(),
    }
    w = world(pages).picks_up(AGENT)
    w.dial(diversion=DIVERSION, withheld=True)
    w.press("1#", 1).speak("hello", 2).hang_up(20, AGENT).run()
    w.picks_up(CALLER)
    w.create(tag="t")
    w.hang_up(30).run()
    w.create(AGENT + "1", tag="t", timeout=5)
    w.run()
    return w


def under_rest(world: Any, method: str) -> Any:
    """A call that the REST API steers, and a conference."""
    w = world({}, callback_http_method=method)
    w.carrier.application.auto_answer = False
    call = w.dial(diversion=DIVERSION)
    call.take()
    w.run(until=0.0625)
    play_to_call(call, AudioRequest("playback", "https://a.test/a.wav", tag="t"))
    w.run(until=10)
    play_to_call(call, AudioRequest("speak", "hello", tag="t"))
    w.run(until=20)
    collecting = Collecting(2, 5.0, "#")
    gather = CallGather(call, "gtr-1", w.carrier.moment(), collecting, [], False, "t")
    call.start(gather.run(), "gather")
    start_recording(call)
    call.recording.transcribes = True
    w.press("12", 21).run(until=22)
    confer(w, call, method)
    w.hang_up(50).run()
    busy = w.create(AGENT, Callbacks("http://app.test/voice", method=method), tag="t")
    busy.reject("declined")
    w.run()
    w.create(AGENT, Callbacks("http://app.test/voice", method=method), tag="t", timeout=5)
    w.run()
    return w


def confer(w: Any, call: Any, method: str) -> None:
    callbacks = Callbacks("http://app.test/conference", method=method)
    conference = Conference(w.carrier, NUMBER, callbacks, tag="t")
    conference.begin()
    member = Member(conference, call, join_tone=False, leaving_tone=False, mute=False, hold=False)
    w.run(until=30)
    member.mute = True
    member.notify()
    for kind in ("playback", "speak"):
        work = play_on(
            lambda: [one.call for one in conference.active()],
            w.carrier,
            AudioRequest(kind, "https://a.test/a.wav", tag="t"),
            conference.id,
            lambda fields, kind=kind: conference.send_event(f"conference-{kind}", **fields),
        )
        w.carrier.scheduler.spawn(work, kind)
    w.run(until=40)
    conference.complete()


def with_messages(world: Any, method: str) -> Any:
    w = world({}, callback_http_method=method)
    for media in ((), PICTURES):
        w.carrier.text(CALLER, NUMBER, "a & b = \u00e9?", media)
        to = Callbacks("http://app.test/sent", method=method)
        w.send("hi", media, callbacks=to, to=AGENT, tag="t", receipt_requested="all")
        w.run()
    w.carrier.faults.undelivered(AGENT, 770)
    return w.run()


def all_told(world: Any) -> Iterator[Delivery]:
    yield from under_bxml(world).callbacks
    for method in ("GET", "POST"):
        yield from under_rest(world, method).callbacks
        yield from with_messages(world, method).callbacks


@pytest.fixture(scope="module")
def callbacks(world: Any) -> list[Delivery]:
    """Every callback that the carrier can send, some of them several times."""
    return list(all_told(world))


def test_every_event_of_the_platform_is_there(callbacks: list[Delivery]) -> None:
    found = {(one.event, one.method) for one in callbacks}
    by_bxml = {"redirect", "transferComplete"}
    sent = set(FIELDS) - {"diversion", "error", "reject"}  # the last two are known to SDKs only
    assert {event for event, _ in found} == sent
    assert {event for event, method in found if method == "GET"} == sent - {"transcription"}
    assert {event for event, method in found if method == "POST"} == sent - by_bxml


def test_every_callback_has_the_fields_of_its_page(callbacks: list[Delivery]) -> None:
    for one in callbacks:
        place = "query" if one.method == "GET" else "json"
        documented = {field["name"]: field for field in FIELDS[one.event] if place in field["in"]}
        required = {name for name, field in documented.items() if field["required"] == "required"}
        assert required <= one.fields.keys() <= documented.keys(), (one, one.fields)
        for name, value in one.fields.items():
            # What SDKs alone know is never sent.
            assert documented[name]["required"] != "unknown" or name == "tag", (one, name)
            kind = documented[name]["type"]
            if one.method == "GET":
                assert isinstance(value, str), (one, name)
                if kind == "boolean":
                    assert value in ("true", "false")
                if kind == "integer":
                    assert value.isdecimal()
            elif name == "withholdCallerNumber":
                assert value in ("true", "false")  # text in JSON too
            else:
                assert type(value) is TYPES[kind], (one, name)
            if name.lower().endswith("time"):
                pattern = WHOLE if one.method == "GET" else MILLISECONDS
                assert pattern.fullmatch(value), (one, name, value)
        assert one.fields["eventType"] == one.event


def test_every_callback_is_read_as_it_was_meant(
    callbacks: list[Delivery], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for one in callbacks:
            (event,) = decode(HttpRequest(one.method, query=one.query.encode(), body=body_of(one)))
            assert event.event_type == one.event
            read = event.dump()
            assert read.keys() == one.fields.keys()
            for name, value in read.items():
                sent = one.fields[name]
                if isinstance(value, str) and not name.lower().endswith("time"):
                    assert value == sent
            mended = {"media", "diversion"} if one.method == "GET" else set()
            assert event.raw.keys() <= mended
    assert caplog.records == []


IDS = "callId callUri"
BY_GET = {
    "incomingcall": f"callState to from time {IDS} displayName withholdCallerNumber"
    " withholdCallerName diversion",
    "gather": f"state digits reason {IDS} gatherId time terminatingDigit tag",
    "redirect": "callState to from callId",
    "recording": "callId recordingId recordingUri status startTime endTime",
    "transferComplete": f"from to callState {IDS} time tag",
    "hangup": f"callState cause from to time {IDS}",
    "timeout": f"from to time {IDS}",
    "transcription": "status text textSize textUrl transcriptionId transcriptionUri",
}
BY_POST = {
    "incomingcall": f"from to {IDS} callState applicationId time diversion withholdCallerNumber",
    "answer": f"from to {IDS} callState time diversion withholdCallerNumber",
    "playback": f"{IDS} status tag time",
    "speak": f"{IDS} status state tag time",
    "dtmf": f"{IDS} dtmfDigit time",
    "gather": "callId gatherId state reason digits time tag",
    "recording": "callId recordingId recordingUri state status startTime endTime",
    "transcription": "recordingId state status text textSize textUrl transcriptionId"
    " transcriptionUri",
    "hangup": f"from to {IDS} cause time",
    "timeout": f"from to {IDS} time",
    "conference": "conferenceId conferenceUri status createdTime tag",
    "conference-member": "conferenceId callId memberId memberUri state hold mute activeMembers"
    " time tag",
    "conference-playback": "conferenceId conferenceUri status time tag",
    "conference-speak": "conferenceId conferenceUri status time tag",
}


@pytest.mark.parametrize("event", BY_GET)
def test_the_fields_of_an_event_under_BXML(world: Any, event: str) -> None:
    first = under_bxml(world).of(event)[0]
    assert first.keys() == {"eventType", *BY_GET[event].split()}


@pytest.mark.parametrize("event", BY_POST)
def test_the_fields_of_an_event_of_the_REST_API(world: Any, event: str) -> None:
    first = under_rest(world, "POST").of(event)[0]
    assert first.keys() == {"eventType", *BY_POST[event].split()}


def test_only_a_call_that_was_created_with_a_tag_has_it_in_answer(world: Any) -> None:
    w = under_bxml(world)
    incoming, outgoing = w.of("answer")
    assert "tag" not in incoming
    assert outgoing["tag"] == "t"
    common = f"callState to from time {IDS} displayName withholdCallerNumber withholdCallerName"
    assert outgoing.keys() == {"eventType", "tag", *common.split()}


def test_times_are_those_of_the_clock(world: Any) -> None:
    w = under_rest(world, "POST")
    assert w.of("answer")[0]["time"] == "2026-01-01T12:00:00.000Z"
    assert w.of("playback")[0]["time"] == "2026-01-01T12:00:00.062Z"
    w = under_rest(world, "GET")
    assert w.of("playback")[0]["time"] == "2026-01-01T12:00:00Z"


def test_a_rejected_call_says_so_as_its_page_has_it(world: Any) -> None:
    (fields,) = [one for one in under_rest(world, "POST").of("hangup") if one["to"] == AGENT][:1]
    assert (fields["cause"], fields["callState"]) == ("CALL_REJECTED", "completed")


def test_a_diversion_is_an_object_by_POST_and_its_text_by_GET(world: Any) -> None:
    assert under_rest(world, "POST").of("incomingcall")[0]["diversion"] == DIVERSION
    text = under_bxml(world).of("incomingcall")[0]["diversion"]
    assert json.loads(text) == DIVERSION


def test_a_withheld_number_is_marked(world: Any) -> None:
    for method in ("GET", "POST"):
        for withheld, word in ((True, "true"), (False, "false")):
            w = world({"answer": Hangup()}, callback_http_method=method)
            w.dial(withheld=withheld)
            assert w.one("incomingcall")["withholdCallerNumber"] == word


def test_the_media_of_a_message(world: Any) -> None:
    by_get, by_post = (with_messages(world, method).of("mms")[0] for method in ("GET", "POST"))
    assert by_get["media"] == f"[{PICTURES[0]}, {PICTURES[1]}]"
    assert by_post["media"] == list(PICTURES)


def test_playing_sends_an_event_at_its_begin_and_end(world: Any) -> None:
    w = under_rest(world, "POST")
    assert [one["status"] for one in w.of("playback")] == ["started", "done"]
    assert [(one["status"], one["state"]) for one in w.of("speak")] == [
        ("started", "PLAYBACK_START"),
        ("done", "PLAYBACK_STOP"),
    ]
    assert [one["status"] for one in w.of("conference-speak")] == ["started", "done"]


def test_events_of_a_conference(world: Any) -> None:
    w = under_rest(world, "POST")
    assert [one["status"] for one in w.of("conference")] == ["created", "completed"]
    assert "completedTime" not in w.of("conference")[0]
    assert w.of("conference")[1]["completedTime"] == "2026-01-01T12:00:40.000Z"
    members = [
        (one["state"], one["mute"], one["activeMembers"]) for one in w.of("conference-member")
    ]
    assert members == [("active", False, 1), ("active", True, 1), ("completed", True, 0)]


def test_who_has_left_a_conference_does_not_leave_again(world: Any) -> None:
    w = world({}, callback_http_method="POST")
    conference = Conference(w.carrier, NUMBER, Callbacks("http://app.test/conference"))
    quiet = {"join_tone": False, "leaving_tone": False, "mute": False, "hold": False}
    one, two = (Member(conference, w.dial(party=party), **quiet) for party in (CALLER, AGENT))
    one.leave()
    one.leave()
    w.hang_up(5).run(until=9)
    states = [(fields["memberId"], fields["state"]) for fields in w.of("conference-member")]
    assert states == [(one.id, "active"), (two.id, "active"), (one.id, "completed")]


def test_a_requested_transcription_has_all_fields(world: Any) -> None:
    w = world({"answer": [Record(), Hangup()]})
    call = w.dial()
    w.run()
    (recording,) = call.recordings
    to = Callbacks("http://app.test/text")
    w.carrier.scheduler.spawn(transcribe(w.carrier, recording, to), "transcription")
    w.run()
    fields = w.one("transcription")
    assert (fields["recordingId"], fields["state"]) == (recording.id, "completed")


# The order of things.


def test_the_order_under_BXML(world: Any) -> None:
    w = under_bxml(world)
    first = next(iter(w.carrier.calls))
    assert [one.event for one in w.callbacks if one.subject == first] == [
        "incomingcall",
        "answer",
        "gather",
        "redirect",
        "recording",
        "transcription",
        "transferComplete",
        "hangup",
    ]


def test_the_order_under_the_REST_API(world: Any) -> None:
    w = under_rest(world, "POST")
    events = [one.event for one in w.callbacks if one.subject == next(iter(w.carrier.calls))]
    assert events[:2] == ["incomingcall", "answer"]
    assert events[2:6] == ["playback", "playback", "speak", "speak"]
    assert events[6:9] == ["dtmf", "dtmf", "gather"]
    assert events[9:] == ["hangup", "recording", "transcription"]


def test_each_event_goes_to_its_url(world: Any) -> None:
    found = {(one.event, one.path) for one in under_bxml(world).callbacks}
    assert found == {
        ("incomingcall", "/voice"),
        ("answer", "/voice"),
        ("gather", "/menu"),
        ("redirect", "/next"),
        ("recording", "/saved"),
        ("transcription", "/text"),
        ("transferComplete", "/done"),
        ("hangup", "/voice"),
        ("timeout", "/voice"),
    }


def test_the_user_agent_of_callbacks(callbacks: list[Delivery]) -> None:
    assert {one.user_agent for one in callbacks} == {"BandwidthAPI/v1"}


def test_without_a_URL_nothing_is_sent(world: Any) -> None:
    w = world({}).picks_up(CALLER)
    call = w.create(to=Callbacks(), tag="t")
    start_recording(call)
    w.press("1", 1).hang_up(5).run()
    assert w.carrier.deliveries == []
    assert call.ended.cause == "NORMAL_CLEARING"
    assert len(call.recordings) == 1
