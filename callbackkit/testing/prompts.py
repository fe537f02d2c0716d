"""The keys that a prompt names, in English."""

import re

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NAMES = {
    **{word: str(digit) for digit, word in enumerate(_WORDS)},
    **{"star": "*", "asterisk": "*", "pound": "#", "hash": "#"},
}
_KEY = rf"([0-9*#]|{'|'.join(_NAMES)})(?!\w)"
_VERB = r"\b(?:press|dial|enter|push|hit|select|choose)"
_PRESS = re.compile(
    rf"{_VERB}\s+(?:(?:the|key|option|number|button)\s+)*[\"']?{_KEY}", re.IGNORECASE
)
# As in "press 1 or 2" or "press 1, 2 or 3": one after the other, with nothing else between them.
_LIST = re.compile(
    rf"[\"']?\s*(?:,\s*(?:or\b|and\b)?|\bor\b|\band\b)\s*{_KEY}(?!\s+of\b)", re.IGNORECASE
)
# As in "press 1 for sales, 2 for support or 3 to hear the rest".
_AND = re.compile(
    rf"(?:[,;.]|\bor\b|\band\b)\s*(?:or\s+|and\s+)?{_KEY}\s+(?:for|to)\b", re.IGNORECASE
)


def named_keys(prompt: str) -> set[str]:
    """Return the keys that a prompt asks a caller to press."""
    first = _PRESS.search(prompt)
    if first is None:
        return set()
    matches = [*_PRESS.finditer(prompt), *_AND.finditer(prompt, first.end())]
    for match in matches:
        if listed := _LIST.match(prompt, match.end()):
            matches.append(listed)  # which is looked at in its turn
    return {_NAMES.get(match[1].lower(), match[1]) for match in matches}
