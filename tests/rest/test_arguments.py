"""Arguments as they are declared: strict with who calls, lax with what comes over the wire."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Required

import pytest
from pydantic import ValidationError
from typing_extensions import TypedDict

from callbackkit.errors import ArgumentError
from callbackkit.rest import (
    ANY_CASE,
    Flag,
    Name,
    Number,
    Operation,
    Url,
    arguments_of,
    at,
    at_least_one,
    moment,
    needs,
    number,
    together,
    whole,
)

Moment = Annotated[datetime, moment(lambda utc: utc.isoformat(), datetime.fromisoformat)]


@together(at_least_one("text", "link"))
@dataclass(frozen=True)
class Note:
    text: Name | None = None
    link: Url | None = None


class Posting(TypedDict, total=False):
    when: Moment | None
    colour: Annotated[Literal["red", "Blue"], ANY_CASE] | None
    note: Note | None


@together(needs("weight", "size"))
class Parcel(Posting, total=False):
    from_: Required[str]
    size: Annotated[int, whole(1, 5, "metres")] | None
    weight: Annotated[Number, number(0, 2.5, "kg")] | None
    fragile: Flag | None
    lock_code: Annotated[str | None, at("lock.secret.code")]


SEND = Operation("parcels.send", "POST", "/parcels", Parcel, sends={"lock.kind": "keys"})
THEN = datetime(2026, 1, 2, tzinfo=UTC)


def test_arguments_have_their_names_on_the_wire() -> None:
    note = Note(link="https://a.example")
    sent = SEND.encode(
        {
            "from_": "me",
            "size": 5,
            "weight": 2,
            "fragile": False,
            "colour": "BLUE",
            "when": THEN,
            "lock_code": "1",
            "note": note,
        }
    )
    assert sent == {
        "from": "me",
        "size": 5,
        "weight": 2,
        "fragile": False,
        "colour": "Blue",
        "when": "2026-01-02T00:00:00+00:00",
        "note": {"link": "https://a.example"},
        "lock": {"secret": {"code": "1"}, "kind": "keys"},
    }
    assert type(sent["weight"]) is int


def test_none_is_like_nothing() -> None:
    assert SEND.encode({"from_": "", "size": None, "note": None}) == {
        "from": "",
        "lock": {"kind": "keys"},
    }


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"from_": None}, "parcels.send needs from_."),
        ({"sise": 1}, "parcels.send takes no sise; did you mean size?"),
        ({"from": "me"}, "parcels.send takes no from; did you mean from_?"),
        ({"xyz": 1}, "parcels.send takes no xyz."),
        ({"from_": 1}, "parcels.send: from_ is a text, not 1."),
        ({"size": 6}, "parcels.send: size is a whole number, 1 to 5 metres, not 6."),
        ({"size": "5"}, "parcels.send: size is a whole number, 1 to 5 metres."),
        ({"size": 5.0}, "parcels.send: size is a whole number, 1 to 5 metres, not 5.0."),
        ({"size": True}, "parcels.send: size is a whole number, 1 to 5 metres, not True."),
        ({"weight": 1}, "parcels.send takes weight only together with size."),
        ({"weight": True}, "parcels.send: weight is 0 to 2.5 kg, not True."),
        ({"fragile": "true"}, "parcels.send: fragile is True or False."),
        ({"fragile": 1}, "parcels.send: fragile is True or False, not 1."),
        ({"colour": "green"}, "parcels.send: colour is red or Blue, not green."),
        ({"when": "2026-01-02"}, "parcels.send: when is a datetime with a time zone."),
        ({"when": datetime(2026, 1, 2)}, "parcels.send: when is a datetime with a time zone."),
        ({"lock_code": b"1"}, "parcels.send: lock_code is a text."),
        ({"note": "hi"}, "parcels.send: note is a Note."),
        ({"note": Note()}, "parcels.send: note needs text or link."),
        ({"note": Note(text=" ")}, "parcels.send: note: text is a text that is not blank."),
    ],
)
def test_one_sentence_says_what_is_wrong(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        SEND.encode({"from_": "me", **wrong})
    assert str(caught.value) == sentence
    assert caught.value.__context__ is None


def test_values_from_the_wire_may_be_text() -> None:
    assert arguments_of(Parcel).decode(
        {
            "from": "me",
            "size": "5",
            "weight": "2.5",
            "fragile": "TRUE",
            "colour": "blue",
            "when": "2026-01-02T00:00:00+00:00",
            "lock": {"secret": {"code": "1"}},
            "note": {"text": "hi", "unknown": 1},
            "unknown": 1,
        }
    ) == {
        "from_": "me",
        "size": 5,
        "weight": 2.5,
        "fragile": True,
        "colour": "Blue",
        "when": THEN,
        "lock_code": "1",
        "note": Note(text="hi"),
    }


@pytest.mark.parametrize(
    ("sent", "kind", "place"),
    [
        ({}, "missing", ("from",)),
        ({"from": None}, "missing", ("from",)),
        ({"from_": "me"}, "missing", ("from",)),
        ({"from": 1}, "string_type", ("from",)),
        ({"from": "", "size": "6"}, "less_than_equal", ("size",)),
        ({"from": "", "size": "0"}, "greater_than_equal", ("size",)),
        ({"from": "", "size": "5.0"}, "int_type", ("size",)),
        ({"from": "", "size": True}, "int_type", ("size",)),
        ({"from": "", "fragile": "yes"}, "bool_type", ("fragile",)),
        ({"from": "", "fragile": 1}, "bool_type", ("fragile",)),
        ({"from": "", "colour": "green"}, "literal_error", ("colour",)),
        ({"from": "", "note": {"link": "x"}}, "url", ("note", "link")),
    ],
)
def test_errors_of_the_wire_have_a_kind_and_a_place(
    sent: dict[str, Any], kind: str, place: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        arguments_of(Parcel).decode(sent)
    [error] = caught.value.errors()
    assert (error["type"], error["loc"]) == (kind, place)


def test_several_declarations_can_be_taken_together() -> None:
    class Label(TypedDict):
        label: str

    both = Operation("parcels.label", "POST", "/parcels", (Label, Posting))
    assert both.encode({"label": "a", "colour": "red"}) == {"label": "a", "colour": "red"}
    with pytest.raises(ArgumentError, match=r"parcels\.label needs label\."):
        both.encode({"colour": "red"})
