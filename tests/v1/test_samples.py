"""Every sample decodes to its class with all it carries, and new callbacks are made of samples."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from callbackkit.errors import SetupError
from callbackkit.http import HttpRequest
from callbackkit.v1 import Event, UnknownEvent
from callbackkit.v1.events import Diversion
from callbackkit.v1.samples import Sample, make, samples
from callbackkit.v1.wire import EVENTS, decode

SAMPLES = samples()
FIELDS = json.loads((Path(__file__).parent / "event_fields.json").read_text("utf-8"))


def event_of(sample: Sample) -> Event:
    query = sample.get("raw_query", "").encode()
    body = json.dumps(sample["body"]).encode() if "body" in sample else b""
    (event,) = decode(HttpRequest(sample["transport"], query=query, body=body))
    return event


def python_name(name: str) -> str:
    name = re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", name)
    return "from_" if name == "from" else name


def expected(name: str, sent: Any) -> Any:
    """What the documentation means by a value of a sample."""
    match name:
        case "segmentCount" | "activeMembers" | "textSize":
            return int(sent)
        case "hold" | "mute" | "withholdCallerNumber" | "withholdCallerName":
            return {"true": True, "false": False, True: True, False: False}[sent]
        case "time" | "startTime" | "endTime" | "createdTime" | "completedTime":
            return datetime.fromisoformat(sent)
        case "media":
            return tuple(sent if isinstance(sent, list) else sent.strip("[]").split(", "))
        case "diversion":
            fields = sent if isinstance(sent, dict) else json.loads(sent.rstrip("}") + "}")
            limit = fields.get("Limit")
            return Diversion(
                privacy=fields["privacy"],
                screen=fields["screen"],
                reason=fields["reason"],
                counter=int(fields["counter"]),
                limit=limit,
                orig_to=fields["origTo"],
            )
        case _:
            return sent


def test_each_event_has_samples_of_each_transport_it_is_documented_for() -> None:
    documented = {
        (event_type, {"json": "POST", "query": "GET"}[place])
        for event_type in EVENTS
        for field in FIELDS[event_type]
        for place in field["in"]
    }
    found = {(event_of(sample).event_type, sample["transport"]) for sample in SAMPLES}
    assert found == documented | {("brand-new-event", "POST")}


def test_samples_of_an_event_and_transport_are_numbered_without_a_gap() -> None:
    numbers: dict[str, list[int]] = {}
    for sample in SAMPLES:
        group, _, number = sample["id"].rpartition("-")
        assert group == f"{event_of(sample).event_type}-{sample['transport'].lower()}"
        numbers.setdefault(group, []).append(int(number))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["id"])
def test_a_sample_loses_nothing(sample: Sample, caplog: pytest.LogCaptureFixture) -> None:
    event = event_of(sample)
    sent = sample.get("body") or sample["query"]
    cls = EVENTS.get(sent["eventType"], UnknownEvent)
    assert type(event) is cls
    assert not caplog.records
    own = {"Hello", "Foo"} if sample["id"] == "gather-get-2" else set()
    for name in sent.keys() - own:
        value = getattr(event, python_name(name) if name in cls.wire_names else name)
        assert value == expected(name, sent[name])
        assert type(value) is type(expected(name, sent[name]))
    if cls is UnknownEvent:
        assert event.dump() == sent
    else:
        assert event.model_extra == {}
        assert event.model_fields_set == {python_name(name) for name in sent.keys() - own}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["id"])
def test_a_sample_survives_dump_and_decode(sample: Sample) -> None:
    event = event_of(sample)
    (again,) = decode(HttpRequest("POST", body=json.dumps(event.dump()).encode()))
    assert again == event


def test_only_garbled_samples_were_repaired() -> None:
    repaired = {sample["id"]: set(event_of(sample).raw) for sample in SAMPLES}
    assert {name: fields for name, fields in repaired.items() if fields} == {
        "mms-get-1": {"media"},
        "incomingcall-get-3": {"diversion"},
        "incomingcall-get-4": {"diversion"},
        "answer-get-2": {"diversion"},
        "conference-get-1": {"createdTime"},
        "hangup-post-2": {"time"},
        "timeout-get-1": {"from", "to"},
    }


def test_samples_of_one_event() -> None:
    assert [sample["id"] for sample in samples("redirect")] == ["redirect-get-1"]
    with pytest.raises(SetupError, match="no event 'gathr'; did you mean gather"):
        samples("gathr")
    with pytest.raises(SetupError, match=r"no event '\.\./samples/sms'"):
        samples("../samples/sms")


TRANSPORTS = sorted(
    {(event_type, sample["transport"]) for event_type in EVENTS for sample in samples(event_type)}
)


@pytest.mark.parametrize(("event_type", "method"), TRANSPORTS)
def test_a_made_callback_is_fresh(
    event_type: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    made, other = make(event_type, method), make(event_type, method)
    if method == "GET":
        assert all(isinstance(value, str) for value in made.values())
        (event,) = decode(HttpRequest("GET", query=urlencode(made).encode()))
    else:
        (event,) = decode(HttpRequest("POST", body=json.dumps(made).encode()))
    assert type(event) is EVENTS[event_type]
    assert not caplog.records
    for name in made.keys() - {"applicationId"}:
        if name.endswith("Id"):
            assert re.fullmatch(r"(m|c|gtr|rec|t|conf|member)-[a-z2-7]{23}", made[name])
            assert made[name] != other[name]
            if name.removesuffix("Id") + "Uri" in made:
                assert made[name.removesuffix("Id") + "Uri"].endswith(f"/{made[name]}")
    times = {
        name: getattr(event, python_name(name)) for name in made if name.lower().endswith("time")
    }
    if times:
        assert before <= max(times.values()) <= datetime.now(UTC)
        assert all(made[name].endswith("Z") for name in times)


def test_made_callbacks_take_values_by_name_on_the_wire() -> None:
    made = make("sms", "POST", **{"from": "+1919", "text": "hi", "segmentCount": "3", "tag": "7"})
    assert (made["from"], made["text"], made["segmentCount"], made["tag"]) == (
        "+1919",
        "hi",
        3,
        "7",
    )
    made = make("sms", "GET", segmentCount="3", messageId='m-"1"')
    assert (made["segmentCount"], made["messageId"]) == ("3", 'm-"1"')
    assert made["messageUri"].endswith('/messages/m-"1"')
    made = make("incomingcall", "POST", withholdCallerNumber="true", diversion='{"Limit": "2"}')
    assert (made["withholdCallerNumber"], made["diversion"]) == (True, {"limit": 2})
    assert make("mms", "POST", media="[https://a/1, https://a/2]")["media"] == [
        "https://a/1",
        "https://a/2",
    ]
    assert make("hangup", "POST", time="2014-04-23T11:53:43-03")["time"] == "2014-04-23T11:53:43-03"


def test_a_recording_ends_after_it_began() -> None:
    (event,) = decode(HttpRequest("GET", query=urlencode(make("recording", "GET")).encode()))
    start, end = event.dump()["startTime"], event.dump()["endTime"]
    assert datetime.fromisoformat(end) - datetime.fromisoformat(start) == timedelta(seconds=9)


def test_the_default_transport_is_get_where_the_event_is_sent_so() -> None:
    assert isinstance(make("sms")["segmentCount"], str)
    assert isinstance(make("transcription")["textSize"], int)


@pytest.mark.parametrize(
    ("arguments", "values", "message"),
    [
        (("smss",), {}, "no event 'smss'; did you mean sms?"),
        (("brand-new-event",), {}, "no event 'brand-new-event'; there are answer, "),
        (("redirect", "POST"), {}, "v1 sends redirect only by GET, not by POST"),
        (("transcription", "GET"), {}, "v1 sends transcription only by POST, not by GET"),
        (("sms",), {"form": "+1"}, "no field of sms 'form'; did you mean from?"),
        (("sms",), {"from_": "+1"}, "no field of sms 'from_'; did you mean from?"),
        (("sms",), {"eventType": "mms"}, "no field of sms 'eventType'"),
        (("sms", "POST"), {"segmentCount": "x"}, "segmentCount='x' can't be read as segmentCount"),
    ],
)
def test_an_impossible_sample_is_refused(
    arguments: tuple[str, ...], values: dict[str, str], message: str
) -> None:
    with pytest.raises(SetupError, match=re.escape(message)):
        make(*arguments, **values)
