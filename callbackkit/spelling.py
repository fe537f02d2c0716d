"""Suggestions for names that do not exist."""

import re
from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that is spelt most like another one, None if none is near.

    `cutoff` is how near it must be, from 0 to 1.
    """
    found = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return "did you mean x?" for the closest known word, or `otherwise` if none is near."""
    found = closest(word, known)
    return otherwise if found is None else f"did you mean {found}?"


def same_word(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that another one equals but for case and separators, else None."""
    return {_plain(one): one for one in known}.get(_plain(word))


def slip_of(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that another one is a slip of, None if it may well be one of its own.

    They differ in case, separators or a letter or so; between numbers there are no slips.
    """
    plain = {_plain(one): one for one in known}
    if not re.search(r"[^\W\d]", word):
        return None
    found = closest(_plain(word), plain, cutoff=0.8)
    return None if found is None else plain[found]


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word).casefold()
