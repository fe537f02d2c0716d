"""Suggestions for names that do not exist."""

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
