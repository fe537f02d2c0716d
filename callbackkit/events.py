"""Events: the base of their classes, and how messages and logs name one."""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args, get_origin

from callbackkit.errors import SetupError
from callbackkit.logs import shown
from callbackkit.models import Model, Words

if TYPE_CHECKING:
    from callbackkit.handlers import Handler


class Event(Model, frozen=True):
    """Something that happened, as the platform reports it to an app.

    Build one by Python names in tests (`SmsEvent(from_="+1919...", ...)`). Fields that the class
    does not know are kept and read as attributes, by their names on the wire.
    """

    kind_field: ClassVar[str] = ""
    """The field that holds the event's kind, by its Python name."""
    kind_name: ClassVar[str] = ""
    """The name of that field on the wire."""
    reply_timeout: ClassVar[float | None] = None
    """Seconds that the platform waits for the reply; None where it names no limit."""
    deadline: ClassVar[float | None] = None
    """Seconds that a handler has unless the app says otherwise, some less than `reply_timeout`."""
    answerable: ClassVar[Mapping[str, Literal["yes", "disputed"]]] = MappingProxyType({})
    """The methods ("GET", "POST") by which verbs in the reply are read, "disputed" where the
    documentation contradicts itself."""
    unread: ClassVar[str] = "return nothing"
    """The advice where verbs are returned that nobody reads."""
    silence: ClassVar[str | None] = None
    """The consequence of a reply without verbs where they are read; None if that is fine."""
    duplicate_key: ClassVar[tuple[str, ...]] = ()
    """The fields that together tell an event from all others of its kind, by their Python names.

    An event that lacks one of them is never taken for a duplicate; nor is any if there are none.
    """
    duplicate_details: ClassVar[tuple[str, ...]] = ()
    """Fields that may be missing, and tell two events with the same `duplicate_key` apart."""
    failure_status: ClassVar[int] = 500
    """The HTTP status of a failed handler when there are no fallback verbs."""
    starter: ClassVar[str | None] = None
    """The body of a first handler, offered when there is none; None where none is needed."""
    identity: ClassVar[str] = ""
    """The field that names the call or message in logs."""
    addresses: ClassVar[tuple[str, ...]] = ()
    """Names on the wire of telephone numbers and what may hold one, whose "+" a query string can
    lose."""
    rewrites: ClassVar[Mapping[str, Mapping[str, str]]] = MappingProxyType({})
    """By the Python name of a field: the word of each spelling that is never its value, since
    decoding brings spellings in line."""
    from_verbs: ClassVar[bool] = False
    """True if only verbs name paths below the app's root for it: an event that comes to one has a
    handler that was meant for it."""
    lists: ClassVar[tuple[str, ...]] = ()
    """Names on the wire of the fields that hold several values."""
    wire_names: ClassVar[frozenset[str]] = frozenset()
    """The names of all fields on the wire."""
    raw: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """The original values, by name on the wire, of fields that were repaired or can't be read, and
    of names that pose as a field of the class by its Python name."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.wire_names = frozenset(field.alias or name for name, field in cls.model_fields.items())
        cls.lists = tuple(
            field.alias or name
            for name, field in cls.model_fields.items()
            if any(
                get_origin(part) in (tuple, list, set, frozenset)
                for part in (field.annotation, *get_args(field.annotation))
            )
        )
        if cls.kind_field in cls.model_fields:
            cls.kind_name = cls.model_fields[cls.kind_field].alias or cls.kind_field

    @property
    def kind(self) -> str:
        """The protocol's own word for what happened."""
        word: str = getattr(self, self.kind_field)
        return word

    @classmethod
    def kinds(cls) -> tuple[str, ...]:
        """The words that the class takes, its own first; none for a base class."""
        field = cls.model_fields.get(cls.kind_field)
        return () if field is None else get_args(field.annotation)

    @classmethod
    def documented(cls, field: str) -> tuple[str, ...] | None:
        """Return the values that the platform documents for a field, None if it has no list."""
        marks = cls.model_fields[field].metadata
        return next((mark.words for mark in marks if isinstance(mark, Words)), None)

    @property
    def wants_handler(self) -> bool:
        """True where an app without a handler for this event has probably forgotten one."""
        return "yes" in self.answerable.values()

    def dump(self) -> dict[str, Any]:
        """The event as a JSON object with its names on the wire, without fields never set."""
        fields = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        apart = {
            name: self.raw[name] for name in self.raw if name not in self.wire_names | fields.keys()
        }
        return {self.kind_name: self.kind, **fields, **apart}

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


def collect(namespace: ModuleType | Mapping[str, object]) -> dict[str, type[Event]]:
    """Return the event classes of a module by each kind that they take.

    Raises SetupError when two classes take the same one.
    """
    names = vars(namespace) if isinstance(namespace, ModuleType) else namespace
    found: dict[str, type[Event]] = {}
    for value in names.values():
        if isinstance(value, type) and issubclass(value, Event):
            for kind in value.kinds():
                other = found.setdefault(kind, value)
                if other is not value:
                    raise SetupError(
                        f"{other.__name__} and {value.__name__} both take the {value.kind_name}"
                        f" {kind!r}; give each its own."
                    )
    return found


def about(event: Event) -> str:
    """Return an event as messages name it: its kind, and the call or message it belongs to."""
    name = event.identity
    value = getattr(event, name, None) if name else None
    kind = shown(event.kind)
    return f"{kind} ({name} {shown(value)})" if value else kind


def log_fields(event: Event, handler: "Handler | None" = None) -> Mapping[str, Any]:
    """Return the fields of a record about an event: `extra=` of the logging call."""
    place = None if handler is None else handler.place
    extra: dict[str, Any] = {"event": shown(event.kind), "handler": place}
    if event.identity:
        extra[event.identity] = shown(getattr(event, event.identity, None))
    return extra
