"""The event classes of v1: their fields, their quirks, and what the core reads from them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import AwareDatetime

import callbackkit.v1.events as module
from callbackkit.http import HttpRequest
from callbackkit.models import Words
from callbackkit.v1 import Event, UnknownEvent
from callbackkit.v1.events import (
    AnswerEvent,
    AnyConferenceEvent,
    AnyRecordingEvent,
    CallEvent,
    ConferenceMemberEvent,
    Diversion,
    DtmfEvent,
    ErrorEvent,
    GatherEvent,
    HangupEvent,
    IncomingCallEvent,
    MessageEvent,
    MmsEvent,
    PlaybackEvent,
    RecordingEvent,
    RedirectEvent,
    SmsEvent,
    SpeakEvent,
    TimeoutEvent,
    TranscriptionEvent,
    TransferCompleteEvent,
)
from callbackkit.v1.wire import EVENTS, decode

FIELDS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "event_fields.json").read_text("utf-8")
)
TYPES: dict[str, list[Any]] = {
    "string": [str, str | None, AwareDatetime | None],
    "integer": [int | None],
    "boolean": [bool | None],
    "object": [Diversion | None],
    "array of string": [tuple[str, ...] | None],
}
IDENTITY = {
    "sms": {"messageId", "from", "to"},
    "mms": {"messageId", "from", "to"},
    "conference": {"conferenceId"},
    "conference-playback": {"conferenceId"},
    "conference-speak": {"conferenceId"},
    "conference-member": {"conferenceId"},
    "recording": {"recordingId"},
    "transcription": {"transcriptionId"},
}


def receive(**fields: Any) -> Any:
    (event,) = decode(HttpRequest("POST", body=json.dumps(fields).encode()))
    return event


def get(query: str) -> Any:
    (event,) = decode(HttpRequest("GET", query=query.encode()))
    return event


def sms(**fields: Any) -> Any:
    return receive(**{"eventType": "sms", "messageId": "m-1", "from": "1", "to": "2", **fields})


def test_every_event_type_has_its_class() -> None:
    assert set(EVENTS) == set(FIELDS) - {"diversion"}
    assert EVENTS["reject"] is EVENTS["hangup"] is HangupEvent
    others = [cls for event_type, cls in EVENTS.items() if event_type != "reject"]
    assert len(others) == len(set(others))


@pytest.mark.parametrize("event_type", sorted(set(FIELDS) - {"diversion", "reject"}))
def test_a_class_has_exactly_the_documented_fields(event_type: str) -> None:
    cls = EVENTS[event_type]
    assert cls.wire_names == {field["name"] for field in FIELDS[event_type]}
    fields = {field.alias: field for field in cls.model_fields.values()}
    for documented in FIELDS[event_type]:
        name = documented["name"]
        field = fields[name]
        if name == "eventType":
            assert field.default == event_type
            continue
        required = IDENTITY.get(event_type, {"callId"})
        assert field.is_required() == (name in required)
        if not field.is_required():
            assert field.default is None
        assert field.annotation in TYPES[documented["type"]]
        assert (field.annotation == AwareDatetime | None) == name.lower().endswith("time")


def test_reject_has_no_field_that_hangup_lacks() -> None:
    assert {field["name"] for field in FIELDS["reject"]} <= HangupEvent.wire_names


def test_a_diversion_has_the_documented_fields() -> None:
    for documented in FIELDS["diversion"]:
        fields = {field.alias or name: field for name, field in Diversion.model_fields.items()}
        assert fields.keys() == {field["name"] for field in FIELDS["diversion"]}
        assert fields[documented["name"]].annotation in TYPES[documented["type"]]


@pytest.mark.parametrize("event_type", sorted(set(FIELDS) - {"reject"}))
def test_the_documented_values_are_data_of_the_fields(event_type: str) -> None:
    cls: Any = Diversion if event_type == "diversion" else EVENTS[event_type]
    for name, field in cls.model_fields.items():
        if name == "event_type":
            continue
        found = [set(mark.words) for mark in field.metadata if isinstance(mark, Words)]
        documented = next(f for f in FIELDS[event_type] if f["name"] in (field.alias, name))
        assert found == [set(words) for words in [documented.get("words")] if words]


@pytest.mark.parametrize("cls", [*set(EVENTS.values()), Diversion])
def test_every_field_is_described(cls: type[Any]) -> None:
    source = Path(module.__file__).read_text("utf-8")
    field = re.compile(r'^    (\w+): (?!ClassVar|Literal).*\n    """\w', re.MULTILINE)
    described = set(field.findall(source)) | {"event_type", "status", "state"}
    assert cls.model_fields.keys() <= described
    assert cls.__doc__


def test_bases_gather_their_events() -> None:
    def under(base: type[Event]) -> set[str]:
        return {name for name, cls in EVENTS.items() if issubclass(cls, base)}

    calls = "incomingcall answer playback speak dtmf gather hangup reject timeout redirect"
    assert under(MessageEvent) == {"sms", "mms"}
    assert under(CallEvent) == {*calls.split(), "transferComplete", "error"}
    assert under(AnyConferenceEvent) == {
        "conference",
        "conference-playback",
        "conference-speak",
        "conference-member",
    }
    assert under(AnyRecordingEvent) == {"recording", "transcription"}
    bases: list[type[Event]] = [MessageEvent, CallEvent, AnyConferenceEvent, AnyRecordingEvent]
    assert set().union(*[under(base) for base in bases]) == set(EVENTS)


def test_only_get_answer_gather_and_redirect_read_verbs() -> None:
    answerable = {name: dict(cls.answerable) for name, cls in EVENTS.items() if cls.answerable}
    assert answerable == {
        "answer": {"GET": "yes"},
        "gather": {"GET": "yes"},
        "redirect": {"GET": "yes"},
        "transferComplete": {"GET": "disputed"},
    }
    assert {name for name, cls in EVENTS.items() if cls.silence} == {"answer", "redirect"}


def test_the_advice_where_verbs_are_not_read() -> None:
    for cls in EVENTS.values():
        assert cls.unread != Event.unread
        assert not cls.unread.endswith(".")
    for cls in (AnswerEvent, GatherEvent, RedirectEvent):
        assert "callbackHttpMethod to GET" in cls.unread
        assert "REST API" in cls.unread
    assert "answer callback" in IncomingCallEvent.unread
    assert "answer, gather or redirect" in HangupEvent.unread


def test_a_failure_sends_the_event_to_the_fallback_url() -> None:
    assert {cls.failure_status for cls in EVENTS.values()} == {500}


def test_identities_are_fields_that_have_a_value() -> None:
    for cls in EVENTS.values():
        assert cls.model_fields[cls.identity].is_required()


def test_duplicate_keys_tell_a_receipt_from_its_message() -> None:
    shared = ("direction", "state", "delivery_state", "delivery_code")
    assert SmsEvent.duplicate_details == (*shared, "errorcode")
    assert MmsEvent.duplicate_details == shared
    for cls in EVENTS.values():
        assert {*cls.duplicate_key, *cls.duplicate_details} <= cls.model_fields.keys()


def test_only_what_can_be_told_from_all_others_has_a_duplicate_key() -> None:
    assert {kind: cls.duplicate_key for kind, cls in EVENTS.items() if cls.duplicate_key} == {
        "sms": ("message_id",),
        "mms": ("message_id",),
        "answer": ("call_id", "time"),
        "gather": ("call_id", "gather_id"),
        "hangup": ("call_id",),
        "reject": ("call_id",),
        "timeout": ("call_id",),
        "transferComplete": ("call_id", "from_", "to", "time"),
        "conference": ("conference_id", "status"),
        "recording": ("recording_id", "status"),
        "transcription": ("transcription_id", "status"),
    }


def test_events_that_want_a_handler() -> None:
    assert sms(direction="in").wants_handler
    assert not sms(direction="out").wants_handler
    assert not sms().wants_handler
    classes: set[Any] = {cls for cls in EVENTS.values() if issubclass(cls, CallEvent)}
    calls = [cls(call_id="c-1") for cls in classes]
    wanting = {type(event) for event in calls if event.wants_handler}
    assert wanting == {AnswerEvent, GatherEvent, RedirectEvent}
    assert not TransferCompleteEvent(call_id="c-1").wants_handler


def test_the_starter_of_an_event_is_runnable_code(capsys: pytest.CaptureFixture[str]) -> None:
    names = {"SpeakSentence": lambda text: text, "Hangup": lambda: "bye"}
    replies = {}
    for event in (
        SmsEvent(message_id="m", from_="+1", to="+2", text="hi"),
        AnswerEvent(call_id="c"),
        GatherEvent(call_id="c", digits="12"),
        RedirectEvent(call_id="c"),
    ):
        assert event.starter
        scope: dict[str, Any] = dict(names)
        exec(f"def handler(event):\n    {event.starter}", scope)
        replies[event.event_type] = scope["handler"](event)
    assert replies == {
        "sms": None,
        "answer": ["Hello.", "bye"],
        "gather": ["You pressed 12.", "bye"],
        "redirect": ["Hello.", "bye"],
    }
    assert capsys.readouterr().out == "+1 hi\n"
    assert DtmfEvent.starter is None


def test_events_are_built_by_python_names() -> None:
    event = SmsEvent(message_id="m-1", from_="+1919", to="+1412", text=None)
    assert (event.event_type, event.from_, event.delivery_code) == ("sms", "+1919", None)
    assert sms(**{"from": "+1919", "to": "+1412", "text": None}) == event
    assert HangupEvent(call_id="c-1", event_type="reject").dump() == {
        "eventType": "reject",
        "callId": "c-1",
    }
    assert Diversion(limit=1, orig_to="+1").limit == 1


def test_null_and_numbers_never_change_the_class() -> None:
    event = sms(text=None, deliveryCode=720, segmentCount="2", tag=5, errorcode=720)
    assert type(event) is SmsEvent
    assert (event.text, event.delivery_code, event.segment_count) == (None, "720", 2)
    assert (event.tag, event.errorcode) == ("5", "720")
    assert event.raw == {}


@pytest.mark.parametrize("identity", ["", None, [], {}, True])
def test_a_message_without_id_is_an_unknown_event(identity: Any) -> None:
    event = sms(messageId=identity, text="hi")
    assert type(event) is UnknownEvent
    assert event.dump()["text"] == "hi"


def test_unlisted_words_are_kept() -> None:
    assert sms(state="teleported").state == "teleported"
    assert receive(eventType="hangup", callId="c-1", cause="NEW_CAUSE").cause == "NEW_CAUSE"


def test_reject_is_a_hangup_that_keeps_its_word() -> None:
    event = receive(eventType="reject", callId="c-1")
    assert (type(event), event.event_type) == (HangupEvent, "reject")


TWINS = [
    (RecordingEvent, {"status": "complete"}, ("complete", "complete"), {}),
    (RecordingEvent, {"state": "error"}, ("error", "error"), {}),
    (RecordingEvent, {"status": "completed"}, ("complete", "complete"), {"status": "completed"}),
    (
        RecordingEvent,
        {"status": "complete", "state": "completed"},
        ("complete", "complete"),
        {"state": "completed"},
    ),
    (RecordingEvent, {}, (None, None), {}),
    (TranscriptionEvent, {"state": "completed"}, ("completed", "completed"), {}),
    (
        TranscriptionEvent,
        {"status": "complete", "state": "complete"},
        ("completed", "completed"),
        {"status": "complete", "state": "complete"},
    ),
    (SpeakEvent, {"status": "started"}, ("started", "PLAYBACK_START"), {}),
    (SpeakEvent, {"status": "done"}, ("done", "PLAYBACK_STOP"), {}),
    (SpeakEvent, {"state": "PLAYBACK_START"}, ("started", "PLAYBACK_START"), {}),
    (SpeakEvent, {"status": "paused"}, ("paused", None), {}),
    (SpeakEvent, {"status": "done", "state": "odd"}, ("done", "odd"), {}),
    (PlaybackEvent, {"status": "started"}, ("started", "PLAYBACK_STARTED"), {}),
    (PlaybackEvent, {"state": "PLAYBACK_ENDED"}, ("done", "PLAYBACK_ENDED"), {}),
]


@pytest.mark.parametrize(("cls", "sent", "words", "raw"), TWINS)
def test_status_and_state_fill_each_other(
    cls: Any, sent: dict[str, str], words: tuple[str, str], raw: dict[str, str]
) -> None:
    event_type = cls.model_fields["event_type"].default
    ids = {"callId": "c-1", "recordingId": "rec-1", "transcriptionId": "t-1"}
    names = {name: value for name, value in ids.items() if name in cls.wire_names}
    body = {"eventType": event_type, **names, **sent}
    event = receive(**body)
    assert type(event) is cls
    assert (event.status, event.state) == words
    assert event.raw == raw
    assert event.dump().keys() == body.keys()
    by_get = get("&".join(f"{name}={value}" for name, value in body.items()))
    assert (by_get, by_get.raw) == (event, event.raw)


OBJECT = {"origTo": "+12222222222", "reason": "unavailable", "counter": "1"}
DIVERSION = Diversion.model_validate(OBJECT)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(OBJECT),
        json.dumps(OBJECT)[:-1],
        json.dumps(OBJECT)[:-2],
        json.dumps(OBJECT).replace("+1", " 1"),
    ],
)
def test_a_diversion_of_text_is_repaired(text: str) -> None:
    event = receive(eventType="answer", callId="c-1", diversion=text)
    assert event.diversion == DIVERSION
    assert event.diversion.counter == 1
    assert event.raw == {"diversion": text}


def test_a_diversion_is_an_object_in_json() -> None:
    sent = {"Limit": "2", "counter": 1, "origTo": "Anonymous", "sip-x": "kept"}
    event = receive(eventType="incomingcall", callId="c-1", diversion=sent)
    assert (event.diversion.limit, event.diversion.counter) == (2, 1)
    assert event.diversion.orig_to == "Anonymous"
    assert event.diversion.model_extra == {"sip-x": "kept"}
    assert event.raw == {}
    assert receive(eventType="answer", callId="c-1", diversion={"limit": 3}).diversion.limit == 3


def test_a_bad_part_of_a_diversion_costs_only_that_part(caplog: pytest.LogCaptureFixture) -> None:
    for limit in ("limit", "Limit"):
        sent = {"counter": 1, limit: "many", "reason": "away"}
        event = receive(eventType="answer", callId="c-1", diversion=sent)
        assert (event.diversion.counter, event.diversion.limit) == (1, None)
        assert event.diversion.reason == "away"
        assert event.raw == {"diversion": sent}
    assert len(caplog.records) == 2


@pytest.mark.parametrize("value", ["", "{", "[1]", "null", "secret", '{"a":' * 9999, ["x"], 5])
def test_a_diversion_that_can_not_be_read_is_kept_raw(
    value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    event = receive(eventType="answer", callId="c-1", diversion=value)
    if value == "{":
        assert event.diversion == Diversion()
        return
    assert event.diversion is None
    assert event.raw == {"diversion": value}
    assert "diversion" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("media", "urls"),
    [
        (["https://a/1", "https://a/2"], ("https://a/1", "https://a/2")),
        ('["https://a/1", "https://a/2"]', ("https://a/1", "https://a/2")),
        ("[https://a/1, https://a/2]", ("https://a/1", "https://a/2")),
        ("[https://a/1,https://a/2]", ("https://a/1", "https://a/2")),
        ("https://a/1", ("https://a/1",)),
        ("[]", ()),
        ("", ()),
        (["https://a/1", None, {"x": 1}], ("https://a/1",)),
        ([], ()),
        (None, None),
    ],
)
def test_media_is_a_tuple_of_urls(
    media: Any, urls: tuple[str, ...] | None, caplog: pytest.LogCaptureFixture
) -> None:
    event = sms(eventType="mms", media=media)
    assert type(event) is MmsEvent
    assert event.media == urls
    clean = media is None or (isinstance(media, list) and None not in media)
    assert event.raw == ({} if clean else {"media": media})
    assert not caplog.records


A, B, C = "https://api.example/media/a,b.jpg", "https://api.example/media/c.jpg", "https://x/?d=1,2"
ESCAPED = quote(f"[{A}, {B}]")


@pytest.mark.parametrize(
    ("query", "urls"),
    [
        (f"media=[{A}, {B}]", (A, B)),
        (f"media=[{A},{B}]", (A, B)),
        (f"media=[{A},+{B},+{C}]", (A, B, C)),
        (f"media={ESCAPED}", (A, B)),
        (f"media=[{A}]", (A,)),
        (f"media={A}", (A,)),
        (f"media={quote(json.dumps([A, B]))}", (A, B)),
        (f"media=['{A}', '{B}']", (A, B)),
        (f"media={A}&media={B}&media={C}", (A, B, C)),
        (f"media=[{A}, {B}]&media={C}", (A, B, C)),
        (f"media[]={A}&media[]={B}", (A, B)),
        (f"media%5B%5D={A}&media%5B%5D={B}", (A, B)),
        (f"media[1]={B}&media[0]={A}&media[10]={C}", (A, B, C)),
        (f"media[]={A}", (A,)),
        (f"media={A}&media[]={B}", (A, B)),
        ("media=[m1.jpg, m2.jpg]", ("m1.jpg", "m2.jpg")),
        ("media=", ()),
        ("medias=x&mediator[]=y", None),
    ],
)
@pytest.mark.parametrize("by", ["GET", "POST"])
def test_every_url_of_a_list_in_a_query_or_form_is_there(
    by: str, query: str, urls: tuple[str, ...] | None, caplog: pytest.LogCaptureFixture
) -> None:
    whole = f"eventType=mms&messageId=m&from=1&to=2&{query}".encode()
    request = HttpRequest("GET", query=whole) if by == "GET" else HttpRequest("POST", body=whole)
    (event,) = decode(request)
    assert type(event) is MmsEvent
    assert event.media == urls
    assert not caplog.records


def test_a_field_that_comes_twice_is_the_last_and_nothing_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = get("eventType=sms&messageId=m&from=1&from=+2&to=3&mine=4&mine=5")
    assert event.from_ == "+2"
    assert event.raw == {"from": ["1", " 2"]}
    assert "a callback sms has more than one from" in caplog.text
    assert "mine" not in caplog.text


def test_an_unknown_event_keeps_every_value() -> None:
    event = get("eventType=pigeon&ring=1&ring=2")
    assert event.dump() == {"eventType": "pigeon", "ring": ["1", "2"]}


def test_blanks_for_plus_in_a_query() -> None:
    event = get(
        "eventType=incomingcall&callId=c-1&from=+1919&to=%201412&displayName=+1919&tag=+5"
        '&diversion={"origTo":"+1222","reason":"+"}'
    )
    assert (event.from_, event.to, event.display_name) == ("+1919", "+1412", "+1919")
    assert (event.diversion.orig_to, event.diversion.reason) == ("+1222", " ")
    assert event.tag == " 5"
    assert event.raw.keys() == {"from", "to", "displayName", "diversion"}
    assert event.raw["from"] == " 1919"
    assert get("eventType=timeout&callId=c-1&from=+Bob+1").from_ == " Bob 1"


ADDRESSES = [
    "+19195550101",
    "sip:+19195550101@10.0.0.1",
    "sips:+19195550101@h.example;transport=tls",
    "SIP:+19195550101@h.example",
    '"Ann+Lee" <sip:+19195550101@h.example>',
    '"Room+101" <sip:bob@h.example>',
    "Ann <sip:+19195550101@h.example;user=phone>;tag=1",
    '"+19195550101" <sip:+19195550101@h.example>',
    "+19195550101 <sip:+19195550101@h.example>",
    "<sip:+19195550101@h.example>",
    "<+19195550101>",
    "tel:+19195550101",
    "tel:+1-919-555-0101;ext=5",
    "tel:+1(919)555.0101",
    "tel:5550101;phone-context=+1919",
    "sip:bob;rn=+19195550101;npdi@h.example?x=+1919",
]


READ = [sent.replace("Ann+Lee", "Ann Lee").replace("Room+101", "Room 101") for sent in ADDRESSES]
IDS = "callId=c&messageId=m&conferenceId=c&recordingId=r&transcriptionId=t&from=1&to=2"


@pytest.mark.parametrize("event_type", [*EVENTS, "pigeon"])
def test_every_plus_of_an_address_comes_back(event_type: str) -> None:
    cls = EVENTS.get(event_type, UnknownEvent)
    names = {field.alias or name: name for name, field in cls.model_fields.items()}
    if cls is UnknownEvent:
        names |= {name: name for name in ("from", "to", "displayName", "preferredId")}
    for name in names.keys() & {"from", "to", "displayName", "preferredId"}:
        for sent, read in zip(ADDRESSES, READ, strict=True):
            value = sent.replace("&", "%26").replace(" ", "%20")
            event = get(f"eventType={event_type}&{IDS.replace(f'{name}=', 'x=')}&{name}={value}")
            assert getattr(event, names[name]) == event.dump()[name] == read
            lost = sent.replace("+", " ")
            assert event.raw == ({} if read == lost else {name: lost})


@pytest.mark.parametrize("name", ["origTo", "uri"])
@pytest.mark.parametrize("event_type", ["incomingcall", "answer"])
def test_every_plus_within_a_diversion_comes_back(event_type: str, name: str) -> None:
    for sent, read in zip(ADDRESSES, READ, strict=True):
        text = quote(json.dumps({name: sent}), safe="+")
        diversion = get(f"eventType={event_type}&callId=c-1&diversion={text}").diversion
        assert getattr(diversion, {"origTo": "orig_to"}.get(name, name)) == read


def test_blank_for_plus_in_a_form_but_not_in_json() -> None:
    form = b"eventType=sms&messageId=m-1&from=+1919&to=+1412"
    (event,) = decode(HttpRequest("POST", body=form))
    assert isinstance(event, SmsEvent)
    assert (event.from_, event.to) == ("+1919", "+1412")
    assert sms(**{"from": " 1919"}).from_ == " 1919"


def test_truth_values_and_numbers_of_text() -> None:
    event = get(
        "eventType=conference-member&conferenceId=conf-1&activeMembers=2&hold=true&mute=false"
    )
    assert type(event) is ConferenceMemberEvent
    assert (event.active_members, event.hold, event.mute) == (2, True, False)
    assert receive(
        eventType="answer", callId="c", withholdCallerNumber="true"
    ).withhold_caller_number


def test_times_are_aware() -> None:
    event = receive(eventType="hangup", callId="c-1", time="2014-04-23T11:53:43-03")
    assert event.time == datetime(2014, 4, 23, 14, 53, 43, tzinfo=UTC)
    assert event.raw == {"time": "2014-04-23T11:53:43-03"}
    assert get("eventType=error&callId=c&time=1352909586076").time.year == 2012
    assert get("eventType=error&callId=c&time=2013-07-12T16:26:55+02:00").time == datetime(
        2013, 7, 12, 14, 26, 55, tzinfo=UTC
    )


def test_dtmf_and_gather_keep_digits_as_text() -> None:
    assert receive(eventType="dtmf", callId="c", dtmfDigit="0", dtmfDuration=1400).dtmf_digit == "0"
    assert get("eventType=gather&callId=c&digits=007%23*").digits == "007#*"
    assert get("eventType=gather&callId=c&digits=").digits == ""


def test_optional_events() -> None:
    assert type(receive(eventType="error", callId="c")) is ErrorEvent
    assert type(receive(eventType="timeout", callId="c")) is TimeoutEvent
    assert receive(eventType="transcription", transcriptionId="t").recording_id is None
