"""What the platform takes, said once in the types of arguments, and checked before sending.

A refusal here is one that the platform would give in any case; what its pages leave open is sent.
No message quotes a text that was given, as it may be a message, a secret or a URL with credentials:
only numbers and words of a closed list are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from urllib.parse import urlsplit

from pydantic.alias_generators import to_camel

from callbackkit.errors import ArgumentError
from callbackkit.logs import shown

T = TypeVar("T")


@dataclass(frozen=True)
class Rule:
    """In an argument's Annotated: what it `accepts`, the same in words, and what is sent for it."""

    clause: str
    accepts: Callable[[Any], bool]
    sent: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Wire:
    """In an argument's Annotated: where it goes, as names with dots between them, if not under its
    own name."""

    path: str


@dataclass(frozen=True)
class Together:
    """What arguments must be to each other. `broken` is told the ones given."""

    clause: str
    broken: Callable[[Mapping[str, Any]], bool]


def together(*rules: Together) -> Callable[[T], T]:
    """Marks an operation (or a dataclass that is an argument) with what its arguments must be."""

    def mark(operation: T) -> T:
        operation.__together__ = rules  # type: ignore[attr-defined]
        return operation

    return mark


def exactly_one(*names: str) -> Together:
    return Together(
        f"takes exactly one of {_or(names)}", lambda given: sum(n in given for n in names) != 1
    )


def at_least_one(*names: str) -> Together:
    return Together(f"needs {_or(names)}", lambda given: not any(n in given for n in names))


def needs(name: str, needed: str) -> Together:
    return Together(
        f"takes {name} only together with {needed}",
        lambda given: name in given and needed not in given,
    )


def excludes(name: str, other: str, harmless: object = None) -> Together:
    return Together(
        f"takes {name} or {other}, not both",
        lambda given: given.get(name, harmless) != harmless and other in given,
    )


def fields(operation: Any, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are not None by their names on the wire.

    `operation` is the method or dataclass whose annotations rule them, `name` what messages call
    it. Raises ArgumentError.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    found: dict[str, Any] = {}
    for key, value in given.items():
        sent = checked(operation, name, key, value)
        path = to_camel(key.rstrip("_"))
        for mark in _marks(operation).get(key, ()):
            if isinstance(mark, Wire):
                path = mark.path
        if is_dataclass(sent) and not isinstance(sent, type):
            sent = fields(type(sent), f"{name}: {key}", vars(sent))
        put(found, path, sent)
    for rule in getattr(operation, "__together__", ()):
        if rule.broken(given):
            raise ArgumentError(f"{name} {rule.clause}.")
    return found


def checked(operation: Any, name: str, key: str, value: Any) -> Any:
    """What is sent for one argument. Raises ArgumentError."""
    sent = value
    for mark in _marks(operation).get(key, ()):
        if isinstance(mark, Rule):
            if not mark.accepts(value):
                raise ArgumentError(f"{name}: {key} {mark.clause}{_not(value, mark)}.")
            sent = mark.sent(value)
    return sent


def put(body: dict[str, Any], path: str, value: object) -> None:
    """Set what a path of names with dots between them leads to."""
    *outer, last = path.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def _not(value: object, rule: Rule) -> str:
    if isinstance(rule, _Word):
        return f", not {shown(value)}"
    return f", not {value}" if isinstance(value, int | float) else ""


@cache
def _marks(operation: Any) -> Mapping[str, Sequence[Rule | Wire]]:
    hints = get_type_hints(operation, include_extras=True)
    return {name: tuple(_marks_in(hint)) for name, hint in hints.items()}


def _marks_in(hint: Any) -> Iterator[Rule | Wire]:
    origin = get_origin(hint)
    if origin is Annotated:
        yield from (mark for mark in hint.__metadata__ if isinstance(mark, Rule | Wire))
    elif origin is Literal:
        yield _word(get_args(hint))
    elif origin in (Union, UnionType):
        for choice in get_args(hint):
            yield from _marks_in(choice)


class _Word(Rule):
    """One of the words of a Literal: any spelling of its case, sent as documented."""


def _word(choices: Iterable[str]) -> Rule:
    # The documentation spells the same words in different cases ("Payment", "kate", "get").
    spelling = {choice.lower(): choice for choice in choices}
    return _Word(
        f"is {_or(spelling.values())}",
        lambda value: isinstance(value, str) and value.lower() in spelling,
        lambda value: spelling[value.lower()],
    )


def _or(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


# The kinds of rules.


def whole(low: int, high: int | None, unit: str = "") -> Rule:
    """A whole number in a range that includes both ends."""
    size = f"at least {low}" if high is None else f"{low} to {high}"
    return Rule(
        f"is a whole number, {size}{unit and ' '}{unit}",
        lambda value: (
            isinstance(value, int)
            and not isinstance(value, bool)
            and low <= value
            and (high is None or value <= high)
        ),
    )


def number(low: float, high: float, unit: str) -> Rule:
    """A number in a range that includes both ends."""
    return Rule(
        f"is {low:g} to {high:g} {unit}",
        lambda value: (
            isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        ),
    )


def written(clause: str, pattern: str) -> Rule:
    """A text that a pattern describes in full."""
    matches = re.compile(pattern, re.DOTALL).fullmatch
    return Rule(clause, lambda value: isinstance(value, str) and matches(value) is not None)


def text(most: int) -> Rule:
    """A text with something in it to read."""
    return Rule(
        f"is 1 to {most} characters that are not all blank",
        lambda value: isinstance(value, str) and len(value) <= most and bool(value.strip()),
    )


def moment(written: Callable[[datetime], str]) -> Rule:
    """A moment, sent as `written` says of it in UTC."""
    return Rule(
        "is a datetime with a time zone",
        lambda value: isinstance(value, datetime) and value.tzinfo is not None,
        lambda value: written(value.astimezone(UTC)),
    )


def _is_url(value: Any) -> bool:
    if not isinstance(value, str) or re.search(r"\s", value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)


def _is_headers(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) <= 5
        and all(
            isinstance(part, str) and len(part) <= 256 for item in value.items() for part in item
        )
        and all(name.lower().startswith("x-") for name in value)
    )


def _is_list(value: Any, least: int, most: int | None) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str | bytes)
        and len(value) >= least
        and (most is None or len(value) <= most)
    )


# The kinds of values that several operations share. Pages: methods/calls/postCalls,
# methods/messages/postMessages, methods/applications/postApplications.

_E164 = r"\+[1-9]\d{2,14}"

Name: TypeAlias = Annotated[str, written("is a text that is not blank", r".*\S.*")]
"""A text with at least one character that is not blank (error code blank-property)."""
E164: TypeAlias = Annotated[
    str, written('is a telephone number in E.164 form, as "+19195551212"', _E164)
]
"""A telephone number as "+19195551212"."""
Address: TypeAlias = Annotated[
    str,
    written(
        'is a telephone number in E.164 form, as "+19195551212", or a "sip:" URI',
        rf"{_E164}|(?i:sip):\S+",
    ),
]
"""A telephone number as "+19195551212", or a "sip:" URI (not "sips:")."""
Sender: TypeAlias = Annotated[
    str,
    # The page asks for E.164; message resources show short codes as well, so they are let through.
    written(
        'is a telephone number in E.164 form, as "+19195551212", or a short code',
        rf"{_E164}|\d{{3,8}}",
    ),
]
"""A telephone number as "+19195551212", or a short code."""
Url: TypeAlias = Annotated[str, Rule("is an absolute http or https URL", _is_url)]
"""An absolute URL; credentials in it are sent to you as HTTP Basic."""
HttpMethod: TypeAlias = Literal["GET", "POST"]
"""How callbacks are delivered. GET makes a call a BXML call."""
CallbackTimeout: TypeAlias = Annotated[int, whole(1, 10_000, "milliseconds")]
"""How long the platform waits for your reply to a callback: 1 to 10000 milliseconds."""
CallTimeout: TypeAlias = Annotated[int, whole(1, 300, "seconds")]
"""How long a call rings: 1 to 300 seconds."""
MaxDuration: TypeAlias = Annotated[int, whole(1, None, "second")]
"""How long a recording gets at most: seconds. The platform's own limit is not documented."""
FileFormat: TypeAlias = Literal["wav", "mp3"]
"""How a recording is stored."""
SipHeaders: TypeAlias = Annotated[
    Mapping[str, str],
    Rule(
        'is a mapping of 5 headers at most, with names that start with "X-" and names and values of'
        " 256 characters at most",
        _is_headers,
        dict,
    ),
]
"""SIP headers of a call: 5 at most, names start with "X-" and keep their case."""
CallIds: TypeAlias = Annotated[
    Sequence[str], Rule("is a list of 2 ids at most", lambda value: _is_list(value, 0, 2), list)
]
"""The calls of a bridge: 2 at most (bridge-callIds-overflow)."""
Text: TypeAlias = Annotated[
    str,
    Rule(
        "is a text of 2048 characters at most",
        lambda value: isinstance(value, str) and len(value) <= 2048,
    ),
]
"""A message: 2048 characters at most, sent as segments of 160."""
MediaUrls: TypeAlias = Annotated[
    str | Sequence[str],
    Rule(
        "is an http or https URL, or a list of them",
        lambda value: _is_url(value) or (_is_list(value, 1, None) and all(map(_is_url, value))),
        lambda value: [value] if isinstance(value, str) else list(value),
    ),
]
"""What makes a message an MMS: media of your account or any http(s) URL."""
Page: TypeAlias = Annotated[int, whole(0, None)]
"""The page to start with, counted from 0."""
Size: TypeAlias = Annotated[int, whole(1, 1000)]
"""How many items come with one request: 1 to 1000, by default 25."""
SortOrder: TypeAlias = Literal["asc", "desc"]
