"""What every event is, and how one is read from what a platform sent: lenient, but never silent.

A well-formed callback goes to pydantic as it came and costs no Python. Only when pydantic refuses
it, exactly the fields it names are repaired, or become None with a warning.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import (
    ConfigDict,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema, core_schema

from callbackkit.errors import DecodeError, SetupError
from callbackkit.logs import fields, logger
from callbackkit.models import MissingError, Model, repaired

MAX_DEPTH = 200  # levels of nesting, pydantic's own limit for JSON


class Event(Model, frozen=True):
    """Something that a platform told an app.

    Build one by Python names in tests (`SmsEvent(from_="+1919...", ...)`). Fields that the class
    does not know are kept and read as attributes, by their names on the wire.
    """

    answerable: ClassVar[Mapping[str, Literal["yes", "disputed"]]] = MappingProxyType({})
    """Whether verbs in the reply are read, by transport ("GET", "POST"); absent means no."""
    unread: ClassVar[str] = "return nothing"
    """What to do instead of replying with verbs where nobody reads them."""
    silence: ClassVar[str | None] = None
    """What happens when a handler gives no verbs although they would be read."""
    duplicate_key: ClassVar[tuple[str, ...]] = ()
    """The fields that together tell two events apart; empty means never de-duplicated."""
    failure_status: ClassVar[int] = 500
    """The HTTP status of a failed handler when there are no fallback verbs."""
    starter: ClassVar[str | None] = None
    """The body of a first handler, offered when there is none; None where none is needed."""
    identity: ClassVar[str] = ""
    """The field that names the call or message in logs."""
    numbers: ClassVar[tuple[str, ...]] = ()
    """Names on the wire of telephone numbers, whose "+" a query string can lose."""
    wire_names: ClassVar[frozenset[str]] = frozenset()
    """The names of all fields on the wire."""
    raw: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """What was sent, by name on the wire, for each field that was repaired or can't be read, and
    what poses as a field of the class by its Python name."""

    event_type: str

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.wire_names = frozenset(field.alias or name for name, field in cls.model_fields.items())

    @property
    def wants_handler(self) -> bool:
        """Whether an app that has no handler for this event has probably forgotten one."""
        return "yes" in self.answerable.values()

    def dump(self) -> dict[str, Any]:
        """The event as a JSON object with its names on the wire, without fields never set."""
        fields = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        apart = {name: self.raw[name] for name in self.raw if name not in self.wire_names}
        return {"eventType": self.event_type, **fields, **apart}

    def _set_apart(self) -> None:
        """Move what a sender named like a Python field to `raw`: in `model_dump` and `dict` it
        would stand in the field's place, and counts as the field's having been set."""
        extra = self.__pydantic_extra__ or {}
        posing = {name: extra.pop(name) for name in list(extra) if name in type(self).model_fields}
        for name in posing:
            if vars(self)[name] is None:
                self.__pydantic_fields_set__.discard(name)
        self._amend(posing)

    def _settle(self) -> None:
        """Bring fields that depend on one another in line; called once for a decoded event."""

    def _amend(self, originals: Mapping[str, Any], **values: Any) -> None:
        """Change fields of a freshly decoded event, and keep in `raw` what was sent."""
        vars(self).update(values, raw={**self.raw, **originals})


class UnknownEvent(Event, frozen=True):
    """An event whose type has no class here, or that lacks what its class can't be without.

    All that was sent is kept: `event.someField`, or `event.model_extra` for the lot.
    """


def mend_number(value: str) -> str:
    """A telephone number of a query string whose "+" became a blank, with the "+"."""
    digits = value[1:]
    return f"+{digits}" if value[:1] == " " and digits.isdecimal() else value


def collect(namespace: ModuleType | Mapping[str, object]) -> dict[str, type[Event]]:
    """The event classes of a module by each eventType that they take.

    Raises SetupError when two classes take the same one.
    """
    names = vars(namespace) if isinstance(namespace, ModuleType) else namespace
    found: dict[str, type[Event]] = {}
    for value in names.values():
        if isinstance(value, type) and issubclass(value, Event):
            for event_type in get_args(value.model_fields["event_type"].annotation):
                other = found.setdefault(event_type, value)
                if other is not value:
                    raise SetupError(
                        f"{other.__name__} and {value.__name__} both take the eventType"
                        f" {event_type!r}; give each its own."
                    )
    return found


@dataclass(frozen=True)
class _ByType:
    """The schema that picks a class by eventType as sent.

    pydantic's own Discriminator would also look for the Python name, which a sender could set.
    """

    classes: Mapping[str, type[Event]]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices = {name: handler.generate_schema(cls) for name, cls in self.classes.items()}
        return core_schema.tagged_union_schema(choices, discriminator="eventType")


class Reader:
    """Reads the events of one dialect: `classes` gives the class of each eventType."""

    def __init__(self, classes: Mapping[str, type[Event]]) -> None:
        self._classes = classes
        # Strings of callbacks hardly ever come twice: only the names are worth a cache.
        config = ConfigDict(cache_strings="keys")
        adapter: TypeAdapter[Event] = TypeAdapter(Annotated[Any, _ByType(classes)], config=config)
        self._validate_json = adapter.validator.validate_json

    def json(self, body: bytes) -> Event:
        """The event of a JSON object. Raises DecodeError if it is none or has no eventType."""
        try:
            event: Event = self._validate_json(body, by_alias=True, by_name=False)
        except ValidationError:
            pass  # read again outside, so that no error quotes what was sent as its context
        else:
            event._settle()
            if event.model_extra:
                event._set_apart()
            return event
        data = read_json(body.decode("utf-8", "replace"))
        if not isinstance(data, dict):
            raise DecodeError("The callback is JSON, but not an object.")
        cls = self._class(data)
        return (cls and _read(cls, data, {})) or _unknown(data)

    def parameters(self, values: dict[str, str]) -> Event:
        """The event of a decoded query string or form. Raises DecodeError if it has no eventType.

        Names that the event's class does not know are left out, as they may be the user's own.
        """
        cls = self._class(values)
        if cls is None:
            return _unknown(values)
        sent = values
        if not values.keys() <= cls.wire_names:
            sent = {name: value for name, value in values.items() if name in cls.wire_names}
        originals: dict[str, Any] = {}
        for name in cls.numbers:
            value = sent.get(name)
            if value and value[0] == " " and (number := mend_number(value)) != value:
                originals[name] = value
                sent = {**sent, name: number}
        return _read(cls, sent, originals) or _unknown(values)

    def _class(self, data: Mapping[str, Any]) -> type[Event] | None:
        event_type = data.get("eventType")
        return self._classes.get(event_type) if isinstance(event_type, str) else None


def _read(cls: type[Event], data: dict[str, Any], originals: dict[str, Any]) -> Event | None:
    """The event of a class with `originals` in its `raw`, or None if it lacks its identity.

    A field that pydantic refuses is mended; if that doesn't help it becomes None, or only the part
    of it does that is to blame.
    """
    try:
        event, lost = repaired(cls, data, originals)
    except MissingError as error:
        logger.warning(
            "a callback %s has no %s that can be read: it becomes an UnknownEvent",
            data["eventType"],
            error,
            extra={"event_type": data["eventType"], "handler": None},
        )
        return None
    for name in lost:
        logger.warning(
            "a callback %s has a %s that can't be read: what was sent is in event.raw",
            data["eventType"],
            name,
            extra=fields(event),
        )
    event._settle()
    if originals:
        event._amend(originals)
    if event.model_extra:
        event._set_apart()
    return event


def _unknown(data: Mapping[str, Any]) -> UnknownEvent:
    event_type = data.get("eventType")
    if not isinstance(event_type, str) or not event_type:
        raise DecodeError("The callback has no eventType, or one that is no name.")
    event = UnknownEvent.model_validate(data, by_alias=True, by_name=False)
    event._set_apart()
    return event


def read_json(text: str) -> Any:
    """A JSON text as lenient as may be: `json.loads`, without what can't be written again.

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
