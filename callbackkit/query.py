"""The query-string decoder: the dearest step of a GET callback, so done in bulk.

Escapes that can't be mistaken for a separator or for part of another escape are undone over the
whole string at once; only the parameters that still hold an escape are decoded one by one. The
result is that of `urllib.parse.parse_qsl(..., keep_blank_values=True, errors="replace")`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote

from callbackkit.errors import DecodeError

MAX_PARAMETERS = 1000
MAX_ESCAPES = 65_536  # as many bytes as a query may have; a form could have sixteen times as many

# None of these characters is "&", "=", "%" or a hexadecimal digit: undoing them first can neither
# move a boundary nor make a new escape. Every callback has the first three, some have the others.
_COMMON = (("%2F", "/"), ("%3A", ":"), ("%2B", "+"))
_RARER = (("%20", " "), ("%23", "#"), ("%22", '"'), ("%2C", ","), ("%7B", "{"), ("%7D", "}"))


_NONE: Mapping[str, list[str]] = MappingProxyType({})


def parse_query(raw: bytes) -> dict[str, str]:
    """Return the parameters of a query string or a form, the last one of each name.

    A parameter without "=" has the value "". Bytes that are not UTF-8 become U+FFFD. Raises
    DecodeError for more than 1,000 parameters or 65,536 percent signs.
    """
    return parse_repeated(raw)[0]


def parse_repeated(raw: bytes) -> tuple[dict[str, str], Mapping[str, list[str]]]:
    """Return what `parse_query` does, and all values of each name that comes more than once."""
    if raw.count(b"&") >= MAX_PARAMETERS:
        raise DecodeError(f"The callback has more than {MAX_PARAMETERS:,} parameters.")
    if raw.count(b"%") > MAX_ESCAPES:
        raise DecodeError(f"The callback has more than {MAX_ESCAPES:,} percent signs.")
    text = raw.decode("utf-8", "replace")
    if "+" in text:
        text = text.replace("+", " ")
    if "%" in text:
        for escape, character in _COMMON:
            text = text.replace(escape, character)
        if "%" in text:
            for escape, character in _RARER:
                text = text.replace(escape, character)
    pairs = text.split("&")
    if "%" not in text:
        try:
            values = dict([pair.split("=", 1) for pair in pairs])
        except ValueError:  # a parameter without "="
            pass
        else:
            if len(values) == len(pairs):
                return values, _NONE
    parts = [pair.partition("=") for pair in pairs if pair]
    values = {_unquote(name): _unquote(value) for name, _, value in parts}
    if len(values) == len(parts):
        return values, _NONE
    found: dict[str, list[str]] = {}
    for name, _, value in parts:
        found.setdefault(_unquote(name), []).append(_unquote(value))
    return values, {name: several for name, several in found.items() if len(several) > 1}


def _unquote(text: str) -> str:
    return unquote(text, errors="replace") if "%" in text else text
