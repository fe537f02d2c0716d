"""The parts of a text message, and the keywords of opting out and in."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callbackkit.messaging import keyword, segments

EURO, CURLY, SMILE = "\u20ac", "\u2019", "\U0001f600"


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("]" * 80, "GSM-7", 1),
        ("]" * 81, "GSM-7", 2),
        # 153 pairs fill two parts of 76 pairs each and leave one: a pair is never split.
        ("]" * 152, "GSM-7", 2),
        ("]" * 153, "GSM-7", 3),
        ("a" * 152 + EURO + "a" * 151, "GSM-7", 2),
        ("a" * 152 + EURO + "a" * 152, "GSM-7", 3),
        (CURLY * 70, "UCS-2", 1),
        (CURLY * 71, "UCS-2", 2),
        (CURLY * 134, "UCS-2", 2),
        (CURLY * 135, "UCS-2", 3),
        (SMILE * 35, "UCS-2", 1),
        (SMILE * 66, "UCS-2", 2),
        (SMILE * 67, "UCS-2", 3),
        ("@\u00a3$\u00e8\u00e9\n\u00c4\u00d1\u00df\u0394" * 16, "GSM-7", 1),
        ("\u00c7" * 160, "GSM-7", 1),
        ("\u00e7" * 71, "UCS-2", 2),  # GSM has only the capital letter
        ("`" * 71, "UCS-2", 2),
        ("\ud800" * 71, "UCS-2", 2),
        ("a" * 66 + SMILE + "a" * 65, "UCS-2", 2),
        ("a" * 66 + SMILE + "a" * 66, "UCS-2", 3),
    ],
)
def test_encoding_and_parts_of_a_text(text: str, encoding: str, count: int) -> None:
    found = segments(text)
    assert (found.encoding, len(found)) == (encoding, count)


def test_the_characters_that_make_a_text_dear_are_named() -> None:
    plain, curly = "It's here. " * 14, f"It{CURLY}s here. " * 14
    assert (len(segments(plain)), segments(plain).forced_by) == (1, ())
    assert (len(segments(curly)), segments(curly).forced_by) == (3, (CURLY,))
    assert segments(f"{SMILE}{CURLY}a{SMILE}").forced_by == (SMILE, CURLY)


def places(part: str, encoding: str) -> int:
    if encoding == "UCS-2":
        return len(part.encode("utf-16-le", "surrogatepass")) // 2
    return sum(2 if character in "^{}\\[~]|\u20ac\f" else 1 for character in part)


@given(st.text(st.sampled_from(["a", "]", EURO, CURLY, SMILE]), max_size=400) | st.text())
@example("]" * 153)
def test_parts_are_the_whole_text_and_as_full_as_can_be(text: str) -> None:
    found = segments(text)
    one, more = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    assert "".join(found.parts) == text
    sizes = [places(part, found.encoding) for part in found.parts]
    assert max(sizes) <= (one if len(sizes) == 1 else more)
    assert all(size >= more - 1 for size in sizes[:-1])
    assert (len(sizes) == 1) == (places(text, found.encoding) <= one)


@given(st.text(), st.text())
def test_more_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert 1 <= len(segments(text)) <= len(segments(text + more))


@pytest.mark.parametrize(
    ("texts", "meaning"),
    [
        (("STOP", "stop", " Stop. ", "STOPALL", "Unsubscribe", "cancel!", "End", "quit"), "stop"),
        (("REVOKE", "optout", "Opt out", "OPT  OUT!!", "Stop\n", "stop\u2026"), "stop"),
        (("START", "unstop", "Start."), "start"),
        (("HELP", "help?", "Info"), "help"),
        (("", ".", "don't stop", "stop it", "please stop", "yes", "opt-out now", "?stop"), None),
    ],
)
def test_a_keyword_is_a_whole_text(texts: tuple[str, ...], meaning: str | None) -> None:
    assert [keyword(text) for text in texts] == [meaning] * len(texts)


@given(st.text())
def test_any_text_has_a_meaning_or_none(text: str) -> None:
    assert keyword(text) in ("stop", "start", "help", None)
