"""Rules for single arguments and for several together, each in words and as a check by pydantic.

A rule stands in the `Annotated` of an argument's type. A client reads strictly: values have their
type. A server reads laxly: numbers and booleans may be written as text.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, LiteralString, TypeAlias, TypeVar, get_args

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, PlainSerializer, Strict
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from callbackkit.addresses import is_http_url

T = TypeVar("T")


@dataclass(frozen=True)
class ArgumentRule:
    """A rule for one argument.

    `clause` completes the sentence "calls.create: call_timeout ...". `constraints` are marks of an
    `Annotated` that pydantic understands. `from_text` reads what a lax reader finds and returns
    what it can't read as it is. `words` are the choices where the rule is a closed list of them.
    """

    clause: str
    constraints: tuple[Any, ...] = ()
    from_text: Callable[[Any], Any] | None = None
    words: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(Annotated[source, *self.constraints] if self.constraints else source)
        if self.from_text is None:
            return schema
        lax = core_schema.no_info_before_validator_function(self.from_text, schema)
        return core_schema.lax_or_strict_schema(lax, schema)


class AnyCase:
    """In the Annotated of a Literal: its words are read in any case and sent as they are spelt."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        spelling = {word.lower(): word for word in get_args(source)}

        def spelt(value: Any) -> Any:
            return spelling.get(value.lower(), value) if isinstance(value, str) else value

        return core_schema.no_info_before_validator_function(spelt, handler(source))


ANY_CASE = AnyCase()


def one_of(words: Iterable[str]) -> ArgumentRule:
    """Return the rule that a Literal of these words is."""
    words = tuple(words)
    return ArgumentRule(f"is {_or(words)}", words=words)


def _or(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


# Rules for several arguments


@dataclass(frozen=True)
class Together:
    """A rule for several arguments; `broken` takes those that are passed, by their Python names."""

    clause: str
    broken: Callable[[Mapping[str, Any]], bool]


def together(*rules: Together) -> Callable[[type[T]], type[T]]:
    """Set the rules that the arguments of a TypedDict, or the fields of a dataclass, obey
    together."""

    def mark(declared: type[T]) -> type[T]:
        declared.__together__ = rules  # type: ignore[attr-defined]
        return declared

    return mark


def exactly_one(*names: str) -> Together:
    """Require one of several arguments, and no other of them."""
    return Together(
        f"takes exactly one of {_or(names)}", lambda passed: sum(n in passed for n in names) != 1
    )


def at_least_one(*names: str) -> Together:
    """Require one or more of several arguments."""
    return Together(f"needs {_or(names)}", lambda passed: not any(n in passed for n in names))


def needs(name: str, needed: str) -> Together:
    """Allow an argument only together with another."""
    return Together(
        f"takes {name} only together with {needed}",
        lambda passed: name in passed and needed not in passed,
    )


def excludes(name: str, other: str, harmless: object = None) -> Together:
    """Allow one of two arguments; a `harmless` value of the first goes with the second."""
    return Together(
        f"takes {name} or {other}, not both",
        lambda passed: passed.get(name, harmless) != harmless and other in passed,
    )


# Kinds of rules for one argument


def checked(kind: LiteralString, accepts: Callable[[Any], bool]) -> AfterValidator:
    """Return a constraint for `Annotated`; an error of pydantic's has `kind` as its type."""

    def check(value: Any) -> Any:
        if not accepts(value):
            raise PydanticCustomError(kind, "not accepted")
        return value

    return AfterValidator(check)


_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,19}\s*")


def _whole_from_text(value: Any) -> Any:
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value


def _number_from_text(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
    return value


def _flag_from_text(value: Any) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value) if type(value) is str else value


def whole(low: int, high: int | None, unit: str = "") -> ArgumentRule:
    """Require a whole number in a range that includes both ends."""
    size = f"at least {low}" if high is None else f"{low} to {high}"
    return ArgumentRule(
        f"is a whole number, {size}{unit and ' '}{unit}",
        (Strict(), Field(ge=low, le=high)),
        _whole_from_text,
    )


def number(low: float, high: float, unit: str) -> ArgumentRule:
    """Require a number in a range that includes both ends. The type is `Number`."""
    return ArgumentRule(
        f"is {low:g} to {high:g} {unit}",
        (Field(ge=low, le=high),),
        _number_from_text,
    )


def written(clause: str, pattern: str) -> ArgumentRule:
    """Require a text that a pattern describes in full."""
    return ArgumentRule(clause, (Field(pattern=rf"(?s)^(?:{pattern})$"),))


def _is_not_blank(value: str) -> bool:
    return bool(value.strip())


NOT_BLANK = ArgumentRule("is a text that is not blank", (checked("blank", _is_not_blank),))


def text(most: int) -> ArgumentRule:
    """Require a text of so many characters that is not blank."""
    return ArgumentRule(
        f"is 1 to {most} characters that are not all blank",
        (Field(max_length=most), checked("blank", _is_not_blank)),
    )


def _has_zone(value: datetime) -> bool:
    try:
        return value.tzinfo is not None and value.astimezone(UTC) is not None
    except OverflowError:  # before the year 1 or after 9999
        return False


def moment(
    written: Callable[[datetime], str], read: Callable[[str], datetime] | None = None
) -> ArgumentRule:
    """Require a datetime with a time zone; it is sent in UTC as `written` says.

    `read` is the opposite, for a server. It raises ValueError.
    """

    def from_text(value: Any) -> Any:
        return read(value) if read is not None and isinstance(value, str) else value

    return ArgumentRule(
        "is a datetime with a time zone",
        (
            checked("timezone", _has_zone),
            PlainSerializer(lambda value: written(value.astimezone(UTC))),
        ),
        from_text,
    )


URL = ArgumentRule(
    'is an absolute http or https URL, in which "#" is written %23 and "%" itself %25',
    (checked("url", is_http_url),),
)
FLAG = ArgumentRule("is True or False", (Strict(),), _flag_from_text)

Number: TypeAlias = Annotated[int, Strict()] | Annotated[float, Strict()]
"""A number, sent as it was passed."""
Flag: TypeAlias = Annotated[bool, FLAG]
"""True or False; a server reads "true" and "false" too."""
Name: TypeAlias = Annotated[str, NOT_BLANK]
"""A text with at least one character that is not blank."""
Url: TypeAlias = Annotated[str, URL]
"""An absolute http or https URL."""
