"""Text messages as their sender needs to know them: their parts, and keywords in replies."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

# The default alphabet of 3GPP TS 23.038 section 6.2.1, and its extension table 6.2.1.1, whose
# characters take an escape and a second place.
_GSM = frozenset(
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5\u0394_\u03a6"
    "\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9 !\"#\u00a4%&'()*+,-./"
    "0123456789:;<=>?\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7\u00bf"
    "abcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0"
)
_GSM_EXTENSION = frozenset("^{}\\[~]|\u20ac\f")

_KEYWORDS: dict[str, Literal["stop", "start", "help"]] = {
    **dict.fromkeys(
        ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
        "stop",
    ),
    **dict.fromkeys(("start", "unstop"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
}


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The parts in which a text is sent; their number is what it costs.

    Parameters:
        encoding: "GSM-7", or "UCS-2" where a character is not in the GSM alphabet.
        parts: the text of each part; one of a single part has up to 160 GSM or 70 UCS-2 places, one
            of several 153 or 67.
        forced_by: the characters that are not in the GSM alphabet, each once, in their order.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    parts: tuple[str, ...]
    forced_by: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.parts)


def segments(text: str) -> Segmentation:
    """Return the parts that a text is sent in, and the characters that make it dear.

    A character of two places (an escape and a character of the GSM extension table, or two units of
    UTF-16) is never split between parts. (3GPP TS 23.038 section 6.2.1, TS 23.040 section 9.2.3.24)
    """
    forced_by = tuple(dict.fromkeys(c for c in text if c not in _GSM and c not in _GSM_EXTENSION))
    if forced_by:
        return Segmentation("UCS-2", tuple(_parts(text, _utf16_units, 70, 67)), forced_by)
    return Segmentation("GSM-7", tuple(_parts(text, _septets, 160, 153)), ())


def keyword(text: str) -> Literal["stop", "start", "help"] | None:
    """Return what a text asks for if, as a whole, it is a keyword of opting out or in, or of help.

    STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE, OPTOUT and OPT OUT mean "stop", START and
    UNSTOP "start", HELP and INFO "help"; case, blanks around it and punctuation at its end do not
    count. A word within a sentence means nothing: "don't stop" is None. (47 CFR 64.1200(a)(10);
    CTIA Messaging Principles and Best Practices)
    """
    words = text.strip()
    while words and unicodedata.category(words[-1])[0] in "PZC":
        words = words[:-1]
    return _KEYWORDS.get(" ".join(words.casefold().split()))


def _septets(character: str) -> int:
    return 2 if character in _GSM_EXTENSION else 1


def _utf16_units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def _parts(text: str, places: Callable[[str], int], one: int, more: int) -> Iterator[str]:
    """Yield the parts of a text: a single one of `one` places at most, else of `more` each."""
    sizes = [places(character) for character in text]
    if sum(sizes) <= one:
        yield text
        return
    start = filled = 0
    for position, size in enumerate(sizes):
        if filled + size > more:
            yield text[start:position]
            start, filled = position, 0
        filled += size
    yield text[start:]
