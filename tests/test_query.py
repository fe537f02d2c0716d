"""The bulk query decoder gives what urllib.parse gives, and refuses floods."""

from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbackkit.errors import DecodeError
from callbackkit.query import parse_query, parse_repeated
from callbackkit.v1.samples import samples


def reference(raw: bytes) -> dict[str, str]:
    text = raw.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace"))


# What breaks a bulk decoder: separators, escapes of separators, halves of escapes, doubled escapes.
pieces = st.sampled_from([
    "&", "=", "%", "+", ";", "#", " ", "\n", "\x00", "2", "B", "F", "a", "é", "\N{PILE OF POO}",
    "%2", "%2B", "%2b", "%252B", "%%32B", "%26", "%3D", "%25", "%2F", "%3A", "%20", "%22", "%7B",
    "%E2%80%99", "%E2", "%80", "%ED%A0%80", "%F0%9F%98%80", "%00", "%zz",
])  # fmt: skip


@given(st.binary(max_size=200) | st.lists(pieces, max_size=30).map(lambda p: "".join(p).encode()))
def test_equals_parse_qsl_for_any_bytes(raw: bytes) -> None:
    assert parse_query(raw) == reference(raw)


text = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(text, text, max_size=10), st.sampled_from([quote, quote_plus]))
def test_encoded_parameters_are_decoded_to_the_same(parameters: dict[str, str], how: Any) -> None:
    raw = urlencode(parameters, quote_via=how).encode()
    assert parse_query(raw) == parameters


@given(st.dictionaries(text, text, min_size=1, max_size=10))
def test_raw_utf8_is_read(parameters: dict[str, str]) -> None:
    raw = urlencode(parameters, safe="éü€ 😀", encoding="utf-8").encode()
    assert parse_query(raw) == reference(raw) == parameters


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", {}),
        (b"&&", {}),
        (b"a", {"a": ""}),
        (b"a=&b", {"a": "", "b": ""}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=1&%61=2&a=3&%61=4", {"a": "4"}),
        (b"%61=1&a=2&%61=%33", {"a": "3"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"to=+19192223333", {"to": " 19192223333"}),
        (b"to=%2B1%2b2", {"to": "+1+2"}),
        (b"text=50%25+off%3F+%26+more", {"text": "50% off? & more"}),
        (b"text=%E2%98%8E", {"text": "☎"}),
        (b"text=\xe2\x98\x8e", {"text": "☎"}),
        (b"text=\xff%ff", {"text": "��"}),
        (b"=x", {"": "x"}),
    ],
)
def test_queries_are_decoded_as_the_examples_say(raw: bytes, expected: dict[str, str]) -> None:
    assert parse_query(raw) == expected


def test_captured_queries_are_decoded_as_the_reference_does() -> None:
    queries = [sample["raw_query"].encode() for sample in samples() if "raw_query" in sample]
    assert queries
    for raw in queries:
        assert parse_query(raw) == reference(raw)


def test_a_thousand_parameters_are_the_limit() -> None:
    assert len(parse_query(b"&".join(b"k%d=v" % n for n in range(1000)))) == 1000
    with pytest.raises(DecodeError, match="more than 1,000 parameters"):
        parse_query(b"&".join(b"k%d=v" % n for n in range(1001)))
    with pytest.raises(DecodeError, match="more than 1,000 parameters"):
        parse_query(b"a=b&" * 100_000)


@pytest.mark.parametrize(
    ("raw", "values", "repeated"),
    [
        (b"a=1&b=2", {"a": "1", "b": "2"}, {}),
        (b"a=1&&b=2&", {"a": "1", "b": "2"}, {}),
        (b"a=1&b=2&a=3", {"a": "3", "b": "2"}, {"a": ["1", "3"]}),
        (b"a=1&%61=%E2%98%8E&b", {"a": "☎", "b": ""}, {"a": ["1", "☎"]}),
    ],
)
def test_all_values_of_a_repeated_name_are_there(
    raw: bytes, values: dict[str, str], repeated: dict[str, list[str]]
) -> None:
    assert parse_repeated(raw) == (values, repeated)
