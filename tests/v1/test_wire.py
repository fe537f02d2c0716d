"""What arrives over HTTP becomes one event or a DecodeError, whatever it is."""

import gzip
import json
import math
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callbackkit.errors import DecodeError
from callbackkit.http import HttpRequest
from callbackkit.v1 import Event, UnknownEvent
from callbackkit.v1.events import GatherEvent, HangupEvent, SmsEvent
from callbackkit.v1.samples import samples
from callbackkit.v1.wire import EVENTS, decode

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+1919", "to": "+1412", "text": "hi"}
FORM = b"eventType=sms&messageId=m-1&from=%2B1919&to=%2B1412&text=hi"


def one(method: str, query: bytes = b"", body: bytes = b"") -> Event:
    events = decode(HttpRequest(method, query=query, body=body))
    assert len(events) == 1
    return events[0]


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("GET", FORM, b""),
        ("GET", FORM, b"ignored"),
        ("POST", b"", FORM),
        ("POST", b"eventType=hangup&callId=c-1", json.dumps(SMS).encode()),
        ("POST", b"", b" \r\n\t" + json.dumps(SMS, indent=1).encode()),
        ("POST", b"", b"\xef\xbb\xbf" + json.dumps(SMS).encode()),
        ("POST", b"", b"\xef\xbb\xbf \n" + json.dumps(SMS).encode()),
        ("POST", b"", b"\xef\xbb\xbf" + FORM),
    ],
)
def test_each_transport_gives_the_same_event(method: str, query: bytes, body: bytes) -> None:
    event = one(method, query, body)
    assert event == SmsEvent(message_id="m-1", from_="+1919", to="+1412", text="hi")


def test_a_users_own_parameters_are_not_on_the_event() -> None:
    event = one("GET", b"eventType=gather&callId=c-1&Hello=World&call_id=x&digits=1")
    assert event == GatherEvent(call_id="c-1", digits="1")
    assert event.model_extra == {}
    form = one("POST", b"", b"eventType=gather&callId=c-1&Hello=World")
    assert form.model_extra == {}
    posted = one("POST", b"", b'{"eventType": "gather", "callId": "c-1", "Hello": "World"}')
    assert posted.model_extra == {"Hello": "World"}


def test_an_unknown_event_keeps_everything() -> None:
    event = one("GET", b"eventType=brand-new&callId=c-1&Hello=World")
    assert type(event) is UnknownEvent
    assert event.dump() == {"eventType": "brand-new", "callId": "c-1", "Hello": "World"}
    without_id = one("GET", b"eventType=gather&digits=1&Hello=World")
    assert type(without_id) is UnknownEvent
    assert without_id.dump() == {"eventType": "gather", "digits": "1", "Hello": "World"}


def test_the_last_of_several_wins() -> None:
    assert one("GET", b"eventType=sms&" + FORM + b"&text=last").dump()["text"] == "last"
    body = b'{"eventType":"hangup","callId":"c-1",' + json.dumps(SMS).encode()[1:-1]
    event = one("POST", b"", body + b',"text":"last"}')
    assert type(event) is SmsEvent
    assert event.text == "last"
    event = one("POST", b"", b'{"eventType":"sms","eventType":"hangup","callId":"c-1"}')
    assert type(event) is HangupEvent


def test_a_sender_can_not_choose_the_event_type_by_its_python_name() -> None:
    attack = {"event_type": "hangup", "callId": "c-1", "call_id": "c-2", **SMS}
    event = one("POST", b"", json.dumps(attack).encode())
    assert type(event) is SmsEvent
    assert event.event_type == "sms"
    with pytest.raises(DecodeError, match="no eventType"):
        one("POST", b"", b'{"event_type": "hangup", "callId": "c-1"}')
    with pytest.raises(DecodeError, match="no eventType"):
        one("GET", b"event_type=hangup&callId=c-1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rb'"\ud800 lone"', "\ufffd lone"),
        (b'"\xff\xfe"', "\ufffd\ufffd"),
        (rb'"\u0000"', "\x00"),
        (b'"a\nb"', "a\nb"),
        ('"\N{PILE OF POO}"'.encode(), "\N{PILE OF POO}"),
        (rb'"\ud83d\udca9"', "\N{PILE OF POO}"),
        (b"12345678901234567890", "12345678901234567890"),
        (b"9" * 5000, "9" * 5000),
        (b"NaN", "NaN"),
        (b"null", None),
    ],
)
def test_odd_text_is_repaired(text: bytes, expected: str | None) -> None:
    body = json.dumps({**SMS, "text": "?"}).encode().replace(b'"?"', text)
    event = one("POST", b"", body)
    assert isinstance(event, SmsEvent)
    assert event.text in (expected, expected and expected.lower())
    json.dumps(event.dump()).encode()


def test_odd_bytes_in_a_query() -> None:
    event = one("GET", FORM + b"&tag=%ED%A0%80%ff\xff")
    assert isinstance(event, SmsEvent)
    assert event.tag
    event.tag.encode()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The callback's body is empty."),
        (b" \n", "The callback's body is empty."),
        (b"\xef\xbb\xbf", "The callback's body is empty."),
        (b"[]", "The callback's body is a JSON array; v1 sends one object."),
        (b'[{"eventType": "sms"}]', "a JSON array"),
        (b"null", "neither a JSON object nor a form"),
        (b"17", "neither a JSON object nor a form"),
        (b'"eventType"', "neither a JSON object nor a form"),
        (gzip.compress(json.dumps(SMS).encode(), mtime=0), ""),
        (json.dumps(SMS).encode("utf-16"), ""),
        (b"{", "no JSON that can be read"),
        (b"{}", "no eventType"),
        (b'{"eventType": "sms"', "no JSON that can be read"),
        (b'{"eventType": 5}', "no eventType, or one that is no name"),
        (b'{"eventType": null}', "no eventType, or one that is no name"),
        (b'{"eventType": ["sms"]}', "no eventType, or one that is no name"),
        (b'{"eventType": {"a": 1}}', "no eventType, or one that is no name"),
        (b'{"eventType": true}', "no eventType, or one that is no name"),
        (b'{"eventType": ""}', "no eventType, or one that is no name"),
        (b"a=b", "a form without an eventType; send JSON"),
        (b"eventType=", "no eventType"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, ""),
        (b'{"eventType":"sms","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", ""),
        (b'{"eventType":"x","a":' + b"[" * 200 + b"]" * 200 + b"}", "more than 200 levels"),
        (b"eventType=sms&" * 100_000, "more than 1,000 parameters"),
    ],
)
def test_a_body_that_is_no_callback_is_a_decode_error(body: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(HttpRequest("POST", body=body))
    assert message in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("query", [b"", b"&", b"eventType", b"eventType=", b"a=b", b"=&=", b"%"])
def test_a_query_that_is_no_callback_is_a_decode_error(query: bytes) -> None:
    with pytest.raises(DecodeError, match="no eventType"):
        decode(HttpRequest("GET", query=query))


def test_floods_are_refused_quickly() -> None:
    started = time.process_time()
    for body in (b"a=b&" * 250_000, b'{"a":' * 200_000, b"{" * 1_000_000, b"[" * 1_000_000):
        with pytest.raises(DecodeError):
            decode(HttpRequest("POST", body=body))
    many = json.dumps({**SMS, **{f"k{n}": n for n in range(100_000)}}).encode()
    assert len(one("POST", b"", many).model_extra or {}) == 100_000
    assert time.process_time() - started < 5


fields = sorted(set().union(*(cls.wire_names for cls in EVENTS.values())) - {"eventType"})
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("+1919"),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3)
    ),
    max_leaves=8,
)
bodies = st.fixed_dictionaries(
    {"eventType": st.sampled_from(sorted(EVENTS)) | values},
    optional=dict.fromkeys(fields, values),
)


@given(bodies)
@example({"eventType": math.inf})
def test_any_json_gives_an_event_or_a_decode_error(body: dict[str, Any]) -> None:
    try:
        event = one("POST", b"", json.dumps(body).encode())
    except DecodeError:
        return
    sent = body["eventType"]
    # JSON has no number for Infinity and NaN: they are read as the text that stood there.
    assert event.event_type == (sent if isinstance(sent, str) else json.dumps(sent))
    json.dumps(event.dump())
    repr(event)


seeds = [
    sample["raw_query"].encode() if "raw_query" in sample else json.dumps(sample["body"]).encode()
    for sample in samples()
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=3))
    return bytes(data)


@given(st.binary() | damaged(), st.sampled_from(["GET", "POST"]))
def test_any_bytes_give_an_event_or_a_decode_error(data: bytes, method: str) -> None:
    try:
        event = one(method, data, data)
    except DecodeError:
        return
    assert event.event_type
    json.dumps(event.dump()).encode()


def test_decoding_changes_nothing_it_was_given() -> None:
    body = json.dumps({**SMS, "time": "2014-04-23T11:53:43-03"}).encode()
    assert decode(HttpRequest("POST", body=body)) == decode(HttpRequest("POST", body=body))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"From=%2B19195551212&Body=Hello&MessageSid=SM1", "form without an eventType; send JSON"),
        (b'{"type": "message-received"}', "has no eventType"),
        (b'[{"type": "message-received"}]', "is a JSON array; v1 sends one object"),
        (b"<Message/>", "neither a JSON object nor a form"),
    ],
)
def test_a_body_of_another_platform_is_said_to_be_one(body: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        decode(HttpRequest("POST", body=body))
