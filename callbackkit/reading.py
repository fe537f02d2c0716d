"""From what a platform sent to events: lenient, but never silent.

A well-formed callback goes to pydantic as it came and costs no Python. Only when pydantic refuses
it, exactly the fields it names are repaired, or become None with a warning.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema, core_schema

from callbackkit.errors import DecodeError
from callbackkit.events import Event, log_fields
from callbackkit.logs import logger
from callbackkit.models import MissingError, repaired

MAX_DEPTH = 200  # levels of nesting, pydantic's own limit for JSON


# Before a telephone number: by itself or as a name, in a URI, in brackets, as a parameter.
_LOST_PLUS = re.compile(
    r'(^"?|\b(?:sips?|tel):|<|[;?&][\w-]+=) (?=[0-9][0-9().-]*(?:$|[@;>?&"]| <))', re.IGNORECASE
)


def mend_address(value: str) -> str:
    """Return an address of a query string, with each "+" of a number that became a blank.

    It may be a number, a SIP or tel URI, or either of them after a name ("Ann" <sip:+1...>).
    """
    return _LOST_PLUS.sub(r"\1+", value) if " " in value else value


@dataclass(frozen=True)
class _ByKind:
    """The schema that picks a class by the kind as sent.

    pydantic's own Discriminator would also look for the Python name, which a sender could set.
    """

    classes: Mapping[str, type[Event]]
    name: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices = {kind: handler.generate_schema(cls) for kind, cls in self.classes.items()}
        return core_schema.tagged_union_schema(choices, discriminator=self.name)


class Reader:
    """Reads events whose kind is in one field.

    `classes` gives the class of each kind, `unknown` is the class of events whose kind has no class
    or that lack what their class can't be without.
    """

    def __init__(self, classes: Mapping[str, type[Event]], unknown: type[Event]) -> None:
        self._classes = classes
        self._unknown_class = unknown
        self._kind = unknown.kind_name
        # Strings of callbacks hardly ever come twice: only the names are worth a cache.
        config = ConfigDict(cache_strings="keys")
        schema = Annotated[Any, _ByKind(classes, self._kind)]
        adapter: TypeAdapter[Event] = TypeAdapter(schema, config=config)
        self._validate_json = adapter.validator.validate_json

    def json(self, body: bytes) -> Event:
        """Return the event of a JSON object. Raises DecodeError if it is none or has no kind."""
        try:
            event: Event = self._validate_json(body, by_alias=True, by_name=False)
        except ValidationError:
            pass  # read again outside, so that no error quotes what was sent as its context
        else:
            event._settle()
            if event.__pydantic_extra__:
                event._set_apart()
            return event
        return self.value(read_json(body.decode("utf-8", "replace")))

    def value(self, data: object) -> Event:
        """Return the event of JSON that `read_json` decoded.

        Raises DecodeError if it is no object, or has no kind.
        """
        if not isinstance(data, dict):
            raise DecodeError("The callback is JSON, but not an object.")
        cls = self._class(data)
        return (cls and self._read(cls, data, {})) or self._unknown(data, {})

    def parameters(
        self, values: dict[str, str], repeated: Mapping[str, list[str]] = MappingProxyType({})
    ) -> Event:
        """Return the event of a decoded query string or form. Raises DecodeError without a kind.

        `values` has the last value of each name, `repeated` all of those that come more than once.
        Names that the event's class does not know are left out, as they may be the user's own.
        """
        cls = self._class(values)
        originals: dict[str, Any] = {}
        sent: dict[str, Any] = values
        for name in (cls or self._unknown_class).addresses:
            value = values.get(name)
            if value and " " in value and (address := mend_address(value)) != value:
                originals[name] = value
                sent = {**sent, name: address}
        if cls is None:
            return self._unknown({**sent, **self._lists(repeated)}, originals)
        if repeated or not values.keys() <= cls.wire_names:
            sent = {name: value for name, value in sent.items() if name in cls.wire_names}
            for name in cls.lists:
                if several := _several(name, values, repeated):
                    originals[name] = several
                    sent[name] = cls.read_list(name, several)
        event = self._read(cls, sent, originals)
        if event is None:
            return self._unknown({**values, **self._lists(repeated)}, {})
        for name in repeated:
            if name in cls.wire_names and name not in cls.lists:
                event._amend({name: repeated[name]})
                logger.warning(
                    "a callback %s has more than one %s: it is the last, all are in event.raw",
                    event.kind,
                    name,
                    extra=log_fields(event),
                )
        return event

    def _lists(self, repeated: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
        return {name: several for name, several in repeated.items() if name != self._kind}

    def _class(self, data: Mapping[str, Any]) -> type[Event] | None:
        kind = data.get(self._kind)
        return self._classes.get(kind) if isinstance(kind, str) else None

    def _read(
        self, cls: type[Event], data: dict[str, Any], originals: dict[str, Any]
    ) -> Event | None:
        """Return the event of a class with `originals` in its `raw`, None without its identity.

        A field that pydantic refuses is mended; if that doesn't help it becomes None, or only the
        part of it does that is to blame.
        """
        try:
            event, lost = repaired(cls, data, originals)
        except MissingError as error:
            kind = data[self._kind]
            logger.warning(
                "a callback %s has no %s that can be read: it becomes an %s",
                kind,
                error,
                self._unknown_class.__name__,
                extra={"event": kind, "handler": None},
            )
            return None
        for name in lost:
            logger.warning(
                "a callback %s has a %s that can't be read: what was sent is in event.raw",
                data[self._kind],
                name,
                extra=log_fields(event),
            )
        event._settle()
        if originals:
            event._amend(originals)
        if event.__pydantic_extra__:
            event._set_apart()
        return event

    def _unknown(self, data: Mapping[str, Any], originals: Mapping[str, Any]) -> Event:
        kind = data.get(self._kind)
        if not isinstance(kind, str) or not kind:
            raise DecodeError(f"The callback has no {self._kind}, or one that is no name.")
        event = self._unknown_class.model_validate(data, by_alias=True, by_name=False)
        event._set_apart()
        if originals:
            event._amend(originals)
        return event


def _several(
    name: str, values: Mapping[str, str], repeated: Mapping[str, list[str]]
) -> list[str] | None:
    """Return the values of a list that came as several parameters: of one name, or with brackets.

    The brackets may be empty, or hold the place in the list.
    """
    found: list[tuple[int, list[str]]] = []
    for sent, value in values.items():
        if sent == name or sent.startswith(f"{name}["):
            bracket = re.fullmatch(r"(?:\[([0-9]{0,9})\])?", sent[len(name) :])
            if bracket:
                found.append((int(bracket[1] or 0), repeated.get(sent, [value])))
    if len(found) == 1 and name in values and name not in repeated:
        return None
    return [item for _, several in sorted(found, key=itemgetter(0)) for item in several] or None


def read_json(text: str) -> Any:
    """Decode JSON as leniently as may be: `json.loads`, without what can't be written again.

    Lone surrogates become U+FFFD, and numbers that are not finite or too long for Python stay text.
    Raises DecodeError for what is no JSON, and for more than 200 levels of nesting.
    """
    try:
        value = json.loads(
            text, strict=False, parse_int=_integer, parse_float=_float, parse_constant=str
        )
    except (ValueError, RecursionError):
        pass
    else:
        return _writable(value, MAX_DEPTH)
    raise DecodeError("The callback is no JSON that can be read.")


def _integer(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:  # more digits than Python converts
        return text


def _float(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


_SURROGATE = re.compile("[\ud800-\udfff]")


def _writable(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if not isinstance(value, dict | list):
        return value
    if not depth:
        raise DecodeError(f"The callback is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, list):
        return [_writable(item, depth - 1) for item in value]
    return {_writable(name, 0): _writable(item, depth - 1) for name, item in value.items()}
