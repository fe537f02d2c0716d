"""Events of any dialect: lenient, frozen, and the same after dump and decode."""

import copy
import json
import logging
import pickle
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from callbackkit.errors import DecodeError, SetupError
from callbackkit.events import Event, collect
from callbackkit.models import Mend, Model, Time
from callbackkit.query import parse_query
from callbackkit.reading import Reader, read_json


class Size(Model, frozen=True):
    width: int | None = None
    unit: str | None = None


def split(value: Any) -> list[str]:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value.split("|")


class PostEvent(Event, frozen=True):
    kind_field = "event_type"

    event_type: str


class UnknownEvent(PostEvent, frozen=True): ...


class ParcelEvent(PostEvent, frozen=True):
    identity = "parcel_id"
    addresses = ("from",)

    event_type: Literal["parcel", "package"] = "parcel"
    parcel_id: str
    from_: str | None = None
    weight: int | None = None
    fragile: bool | None = None
    size: Size | None = None
    labels: Annotated[tuple[str, ...] | None, Mend(split)] = None
    sent_time: Time = None


class LetterEvent(PostEvent, frozen=True):
    event_type: Literal["letter"] = "letter"
    letter_id: str


READER = Reader(collect({"ParcelEvent": ParcelEvent, "LetterEvent": LetterEvent}), UnknownEvent)


def parcel(**fields: Any) -> Event:
    body = {"eventType": "parcel", "parcelId": "p-1", **fields}
    return READER.json(json.dumps(body).encode())


def test_an_event_is_built_by_python_names_and_read_by_names_on_the_wire() -> None:
    built = ParcelEvent(parcel_id="p-1", from_="+1919", weight=3)
    assert built.event_type == "parcel"
    assert parcel(**{"from": "+1919", "weight": 3}) == built
    assert built.dump() == {"eventType": "parcel", "parcelId": "p-1", "from": "+1919", "weight": 3}


def test_events_are_frozen_and_hashable() -> None:
    event = ParcelEvent(parcel_id="p-1")
    with pytest.raises(ValidationError, match="frozen"):
        event.weight = 2  # type: ignore[misc]
    assert {event, ParcelEvent(parcel_id="p-1")} == {event}


def test_wire_names_are_all_names_of_the_class() -> None:
    assert LetterEvent.wire_names == {"eventType", "letterId"}
    assert {"from", "sentTime", "parcelId"} < ParcelEvent.wire_names
    assert UnknownEvent.wire_names == {"eventType"}


def test_a_sender_can_not_set_fields_by_their_python_names() -> None:
    body = b'{"event_type": "letter", "letter_id": "l-1", "eventType": "parcel", "parcelId": "p-1"}'
    event = READER.json(body)
    assert type(event) is ParcelEvent
    assert (event.event_type, event.parcel_id) == ("parcel", "p-1")
    assert event.model_extra == {"letter_id": "l-1"}
    assert event.raw == {"event_type": "letter"}
    assert (event.model_dump()["event_type"], dict(event)["event_type"]) == ("parcel", "parcel")
    assert event.dump() == json.loads(body)
    posing = READER.json(b'{"eventType": "new", "event_type": "parcel", "x": 1}')
    assert (posing.model_dump(), posing.raw) == (
        {"event_type": "new", "x": 1},
        {"event_type": "parcel"},
    )
    with pytest.raises(DecodeError, match="no eventType"):
        READER.json(b'{"event_type": "letter", "letterId": "l-1"}')
    assert type(READER.json(b'{"eventType": "letter", "letter_id": "l-1"}')) is UnknownEvent
    assert type(READER.parameters({"eventType": "letter", "letter_id": "l-1"})) is UnknownEvent


def test_unknown_fields_never_hide_what_an_event_has() -> None:
    names = [
        "raw",
        "dump",
        "wants_handler",
        "identity",
        "__class__",
        "model_fields_set",
        "__dict__",
    ]
    event = parcel(**dict.fromkeys(names, "x"))
    assert type(event) is ParcelEvent
    assert (event.raw, event.wants_handler, event.identity) == ({}, False, "parcel_id")
    assert event.model_extra == dict.fromkeys(names, "x")
    assert event.dump()["raw"] == "x"


@pytest.mark.parametrize(
    ("fields", "expected", "raw"),
    [
        ({"weight": "3"}, {"weight": 3}, {}),
        ({"fragile": "true"}, {"fragile": True}, {}),
        ({"from": 1919}, {"from_": "1919"}, {}),
        ({"from": None}, {"from_": None}, {}),
        ({"labels": "a|b"}, {"labels": ("a", "b")}, {"labels": "a|b"}),
        ({"size": {"width": "2"}}, {"size": Size(width=2)}, {}),
    ],
)
def test_other_spellings_are_read(
    fields: dict[str, Any],
    expected: dict[str, Any],
    raw: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = parcel(**fields)
    assert type(event) is ParcelEvent
    assert {name: getattr(event, name) for name in expected} == expected
    assert event.raw == raw
    assert not caplog.records


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"weight": "heavy-secret"}, {"weight": None}),
        ({"weight": ["heavy-secret"]}, {"weight": None}),
        ({"fragile": "heavy-secret"}, {"fragile": None}),
        ({"from": {"heavy-secret": 1}}, {"from_": None}),
        ({"sentTime": "heavy-secret"}, {"sent_time": None}),
        ({"sentTime": True}, {"sent_time": None}),
        ({"size": "heavy-secret"}, {"size": None}),
        (
            {"size": {"width": "heavy-secret", "unit": "cm", "depth": 2}},
            {"size": Size.model_validate({"width": None, "unit": "cm", "depth": 2})},
        ),
        ({"size": {"width": "heavy-secret", "unit": ["x"]}}, {"size": Size(width=None, unit=None)}),
        ({"labels": "a|b", "weight": "heavy-secret"}, {"labels": ("a", "b"), "weight": None}),
    ],
)
def test_an_unreadable_field_is_none_with_a_warning(
    fields: dict[str, Any], expected: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    event = parcel(tag="kept", **fields)
    assert type(event) is ParcelEvent
    assert {name: getattr(event, name) for name in expected} == expected
    assert event.raw == fields
    assert event.model_extra == {"tag": "kept"}
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("callbackkit", logging.WARNING)
    assert "parcel" in record.getMessage()
    assert any(name in record.getMessage() for name in fields)
    assert "heavy-secret" not in record.getMessage()


@pytest.mark.parametrize("identity", [{}, {"parcelId": None}, {"parcelId": ["p"]}])
def test_an_event_without_its_identity_is_unknown(
    identity: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    body = {"eventType": "parcel", **identity, "weight": "x", "more": 1}
    event = READER.json(json.dumps(body).encode())
    assert type(event) is UnknownEvent
    assert event.event_type == "parcel"
    assert event.dump() == body
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "parcelId" in caplog.text


MOMENT = datetime(2013, 7, 12, 16, 26, 55, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment", "repaired"),
    [
        ("2013-07-12T16:26:55Z", MOMENT, False),
        ("2013-07-12T16:26:55.685Z", MOMENT + timedelta(milliseconds=685), False),
        ("2013-07-12T16:26:55+0000", MOMENT, False),
        ("2013-07-12T14:26:55-02:00", MOMENT, False),
        ("2013-07-12T14:26:55-02", MOMENT, True),
        ("2013-07-12T14:26:55.000-02", MOMENT, True),
        ("2013-07-12T18:26:55 02:00", MOMENT, True),
        ("2013-07-12T18:26:55.0 02", MOMENT, True),
        ("2013-07-12T16:26:55", MOMENT, True),
        ("2013-07-12 16:26", MOMENT.replace(second=0), True),
        (" 2013-07-12T16:26:55Z ", MOMENT, True),
        (1373646415000, MOMENT, False),
        ("1373646415000", MOMENT, False),
    ],
)
def test_every_spelling_of_a_time_becomes_the_moment(
    text: Any, moment: datetime, repaired: bool
) -> None:
    event = parcel(sentTime=text)
    assert isinstance(event, ParcelEvent)
    assert event.sent_time == moment
    assert event.sent_time is not None
    assert event.sent_time.utcoffset() is not None
    assert event.raw == ({"sentTime": text} if repaired else {})


def test_parameters_the_class_does_not_know_are_left_out() -> None:
    values = {"eventType": "parcel", "parcelId": "p-1", "color": "red", "weight": "3"}
    event = READER.parameters(values)
    assert event == ParcelEvent(parcel_id="p-1", weight=3)
    assert event.model_extra == {}
    unknown = READER.parameters({**values, "eventType": "pigeon"})
    assert unknown.dump() == {**values, "eventType": "pigeon"}


def test_a_plus_that_a_query_lost_comes_back_in_numbers_only() -> None:
    raw = b"eventType=parcel&parcelId=+1&from=+19195551212"
    event = READER.parameters(parse_query(raw))
    assert isinstance(event, ParcelEvent)
    assert (event.parcel_id, event.from_) == (" 1", "+19195551212")
    assert event.raw == {"from": " 19195551212"}
    for untouched in ("+Anonymous", "19195551212", "%2B1919", "+1+2", "+"):
        values = parse_query(b"eventType=parcel&parcelId=1&from=" + untouched.encode())
        assert READER.parameters(values) == ParcelEvent(parcel_id="1", from_=values["from"])
    assert parcel(**{"from": " 1919"}) == ParcelEvent(parcel_id="p-1", from_=" 1919")


def test_raw_changes_neither_equality_nor_dump_and_survives_copies() -> None:
    event, clean = parcel(labels="a|b"), parcel(labels=["a", "b"])
    assert event == clean
    assert hash(event) == hash(clean)
    assert event.raw == {"labels": "a|b"}
    assert event.dump() == clean.dump()
    assert event.model_dump() == clean.model_dump()
    copies = [copy.copy(event), copy.deepcopy(event), event.model_copy()]
    for again in [*copies, pickle.loads(pickle.dumps(event))]:
        assert (again, again.raw) == (event, event.raw)
    assert clean.raw == {}


def test_collect_maps_every_event_type_to_its_class() -> None:
    names = {"ParcelEvent": ParcelEvent, "Alias": ParcelEvent, "x": 1, "Event": Event}
    assert collect(names) == {"parcel": ParcelEvent, "package": ParcelEvent}


def test_collect_refuses_two_classes_of_one_event_type() -> None:
    class Other(PostEvent, frozen=True):
        event_type: Literal["package"] = "package"

    with pytest.raises(SetupError, match="ParcelEvent and Other both take the eventType 'package'"):
        collect({"ParcelEvent": ParcelEvent, "Other": Other})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), children, max_size=4)
    ),
    max_leaves=20,
)
objects = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values)


@given(objects)
@example({"event_type": None})
def test_unknown_events_survive_decode_and_dump(fields: dict[str, Any]) -> None:
    body = {**fields, "eventType": "pigeon"}
    event = READER.json(json.dumps(body).encode())
    assert type(event) is UnknownEvent
    assert event.dump() == body
    # What poses as a field by its Python name is in `raw`, where it can't stand in for the field.
    body.pop("event_type", None)
    assert event.model_dump(by_alias=True, mode="json") == body
    again = READER.json(json.dumps(event.dump()).encode())
    assert again == event


@given(objects)
@example({"from_": None})
@example({"event_type": 1, "parcel_id": 2})
def test_unknown_fields_survive_decode_and_dump(fields: dict[str, Any]) -> None:
    body = {
        **{name: value for name, value in fields.items() if name not in ParcelEvent.wire_names},
        "eventType": "package",
        "parcelId": "p-1",
    }
    event = READER.json(json.dumps(body).encode())
    assert type(event) is ParcelEvent
    assert event.dump() == body
    assert READER.json(json.dumps(event.dump()).encode()) == event


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_an_unknown_event_of_a_query_keeps_every_parameter(values: dict[str, str]) -> None:
    values = {**values, "eventType": "pigeon"}
    event = READER.parameters(parse_query(urlencode(values).encode()))
    assert event.dump() == values


@given(
    st.fixed_dictionaries(
        {"eventType": st.sampled_from(["parcel", "letter"])},
        optional=dict.fromkeys(sorted(ParcelEvent.wire_names - {"eventType"}), json_values),
    )
)
def test_no_value_of_any_field_is_an_error(fields: dict[str, Any]) -> None:
    event = READER.json(json.dumps(fields).encode())
    assert event.kind == fields["eventType"]
    hash(event)
    event.dump()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'{"eventType": null}', b'{"eventType": ""}', b"\xff",
     b'{"eventType": 5}', b'{"eventType": ["parcel"]}', b'{"eventType": {}}', b"{" * 100_000,
     b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"eventType":"x","a":' + b"[" * 300 + b"]" * 300 + b"}"],
)  # fmt: skip
def test_a_body_that_is_no_event_is_a_decode_error_without_content(body: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        READER.json(body)
    assert str(caught.value).endswith(".")
    assert caught.value.__context__ is None


def test_json_is_read_leniently_to_a_depth_of_200() -> None:
    assert read_json('{"a": 1, "a": 2}') == {"a": 2}
    assert read_json('["\\ud800x", "\\ud83d\\ude00", "a\tb"]') == ["\ufffdx", "😀", "a\tb"]
    assert read_json('{"\\udfff": NaN}') == {"\ufffd": "NaN"}
    assert read_json("[Infinity, -Infinity, 1e999, 1.5]") == ["Infinity", "-Infinity", "1e999", 1.5]
    assert read_json("9" * 5000) == "9" * 5000
    assert read_json("9" * 30) == int("9" * 30)
    read_json("[" * 200 + "]" * 200)
    with pytest.raises(DecodeError, match="nested more than 200 levels"):
        read_json("[" * 201 + "]" * 201)
