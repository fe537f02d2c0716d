"""Messages between phones and an account: their size, and their states over time."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# The basic characters of GSM 03.38, and those that take two places.
_GSM = frozenset(
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5\u0394_\u03a6"
    "\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9 !\"#\u00a4%&'()*+,-./"
    "0123456789:;<=>?\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7\u00bf"
    "abcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0"
)
_GSM_TWICE = frozenset("^{}\\[~]|\u20ac\f")


@dataclass(slots=True, eq=False)
class Message:
    """One message. `direction` is "in" from a phone to the account, "out" from the account.

    `media` are URLs; `state` is a word of the dialect.
    """

    id: str
    direction: Literal["in", "out"]
    from_: str
    to: str
    text: str
    media: tuple[str, ...]
    time: datetime
    state: str = field(kw_only=True)


def segments(text: str) -> int:
    """Return how many segments a text takes.

    One has 160 characters of the GSM alphabet, each of several 153; of any other alphabet 70 and
    67.
    """
    if all(character in _GSM or character in _GSM_TWICE for character in text):
        size, one, more = len(text) + sum(c in _GSM_TWICE for c in text), 160, 153
    else:
        size, one, more = len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    return 1 if size <= one else -(-size // more)
