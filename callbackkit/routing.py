"""Registration: `on`, `on_error` and `include`, and what they reject at once."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from typing import (
    Annotated,
    Any,
    ClassVar,
    Concatenate,
    ParamSpec,
    Protocol,
    TypeVar,
    overload,
)

from pydantic import TypeAdapter, ValidationError

from callbackkit.callback import Callback
from callbackkit.dialect import Dialect
from callbackkit.errors import SetupError
from callbackkit.events import Event
from callbackkit.handlers import (
    Handler,
    arms,
    caller,
    check_callable,
    check_takes,
    is_async,
    place_of,
    type_name,
)
from callbackkit.replies import Reply
from callbackkit.spelling import closest, did_you_mean, slip_of
from callbackkit.table import PATH, Filter, Route, classes_below

E1 = TypeVar("E1", bound=Event)
E2 = TypeVar("E2", bound=Event)
E3 = TypeVar("E3", bound=Event)
E = TypeVar("E")
X1 = TypeVar("X1", bound=BaseException)
X2 = TypeVar("X2", bound=BaseException)
X3 = TypeVar("X3", bound=BaseException)
P = ParamSpec("P")
R = TypeVar("R", bound=Reply | Awaitable[Reply])

Next = Callable[[Callback], Awaitable[Reply]]
"""The rest of the way of a callback, in event middleware: `reply = await next(callback)`."""

Middleware = Callable[[Callback, Next], Awaitable[Reply]]
"""Event middleware: `async (callback, next) -> reply`."""

PathFilter = str | re.Pattern[str] | None


class Register(Protocol[E]):
    """A decorator that registers a function of E and gives it back unchanged."""

    def __call__(self, fn: Callable[Concatenate[E, P], R], /) -> Callable[Concatenate[E, P], R]: ...


class Router:
    """Handlers in a file of their own, added to the app by `app.include(router)`."""

    dialect: ClassVar[Dialect]

    def __init__(self) -> None:
        self._routes: list[Route] = []
        self._errors: dict[type[BaseException], Handler] = {}
        self._closed: str | None = None

    @overload
    def on(
        self,
        event: type[E1],
        /,
        *,
        path: PathFilter = None,
        when: Callable[[E1], bool] | None = None,
        timeout: float | None = None,
        **filters: Any,
    ) -> Register[E1]: ...
    @overload
    def on(
        self,
        event: type[E1],
        event2: type[E2],
        /,
        *,
        path: PathFilter = None,
        when: Callable[[E1 | E2], bool] | None = None,
        timeout: float | None = None,
        **filters: Any,
    ) -> Register[E1 | E2]: ...
    @overload
    def on(
        self,
        event: type[E1],
        event2: type[E2],
        event3: type[E3],
        /,
        *,
        path: PathFilter = None,
        when: Callable[[E1 | E2 | E3], bool] | None = None,
        timeout: float | None = None,
        **filters: Any,
    ) -> Register[E1 | E2 | E3]: ...
    @overload
    def on(
        self,
        event: str,
        /,
        *events: str,
        path: PathFilter = None,
        when: Callable[[Any], bool] | None = None,
        timeout: float | None = None,
        **filters: Any,
    ) -> Register[Any]: ...

    def on(
        self,
        /,
        *events: Any,
        path: PathFilter = None,
        when: Callable[[Any], bool] | None = None,
        timeout: float | None = None,
        **filters: Any,
    ) -> Any:
        """Register a handler for one or more events, by class or by name.

        The first parameter of the handler is the event; every other one is chosen by its type.
        The first handler that matches, in the order of registration, takes the event.

        `path` is the path below the app's root, exact (a trailing slash is ignored) or a compiled
        pattern. `when` is a predicate on the event. `timeout` is the handler's own deadline in
        seconds. Every other keyword names a field of the event and gives the value it must have, a
        set of values, or a compiled pattern that must match the whole value. Type checkers know
        up to three events; for more, register again or use a base class.

        Raises SetupError for an event, a field or a handler that can't be.
        """

        _refuse_bare("on(SomeEvent)", events)

        def register(fn: Any) -> Any:
            place = caller()
            check_callable(fn, "on()", place.line)
            self._add(fn, events, place.names, path, when, timeout, filters)
            return fn

        return register

    @overload
    def on_error(self, error: type[X1], /) -> Register[X1]: ...
    @overload
    def on_error(self, error: type[X1], error2: type[X2], /) -> Register[X1 | X2]: ...
    @overload
    def on_error(
        self, error: type[X1], error2: type[X2], error3: type[X3], /
    ) -> Register[X1 | X2 | X3]: ...

    def on_error(self, *errors: type[BaseException]) -> Any:
        """Register what answers when a handler raises one of `errors` (nearest class first).

        It takes the error, then things chosen by type, and its reply is the handler's.
        """

        _refuse_bare("on_error(SomeError)", errors)

        def register(fn: Any) -> Any:
            place = caller()
            check_callable(fn, "on_error()", place.line)
            self._check_open(place_of(fn))
            if not errors:
                raise SetupError(f"{place_of(fn)}: on_error() takes at least one exception class")
            for error in errors:
                if not (isinstance(error, type) and issubclass(error, Exception)):
                    raise SetupError(
                        f"{place_of(fn)}: on_error takes exception classes, not {error!r}"
                    )
                if error in self._errors:
                    raise SetupError(
                        f"{place_of(fn)}: {error.__name__} is already answered by"
                        f" {self._errors[error].place}; keep one of them"
                    )
            handler = Handler(fn, tuple(errors), "error", place.names)
            self._errors.update(dict.fromkeys(errors, handler))
            return fn

        return register

    def include(self, router: "Router") -> None:
        """Add a router's handlers, in the order they have there, after those already here."""
        line = caller().line
        place = f"{line} include()"
        self._check_open(place)
        if router is self:
            raise SetupError(f"{place}: a router can't include itself; leave this out")
        if not isinstance(router, Router) or callable(router):
            # An app has middleware, providers and a lifespan, which would be lost without a word.
            raise SetupError(f"{place}: takes a Router, not {type(router).__name__}")
        if router.dialect is not self.dialect:
            raise SetupError(
                f"{place}: the router is of {router.dialect.name}, this app of {self.dialect.name};"
                " give each its own app"
            )
        if router._closed is not None:
            raise SetupError(
                f"{place}: {router._closed}, and a router is included once; make a second one"
            )
        router._closed = f"the router was included at {line}"
        for route in router._routes:
            route.errors = (*route.errors, router._errors)
            self._routes.append(route)

    def _add(
        self,
        fn: Any,
        events: tuple[Any, ...],
        names: Mapping[str, Any],
        path: PathFilter,
        when: Callable[[Any], bool] | None,
        timeout: float | None,
        filters: Mapping[str, Any],
    ) -> None:
        place = place_of(fn)
        self._check_open(place)
        if not events:
            raise SetupError(f"{place}: on() takes at least one event")
        given = tuple(
            self._event(event, place) for several in events for event in _members(several)
        )
        conditions = [self._condition(name, value, given, place) for name, value in filters.items()]
        doubts = [doubt for one in conditions for doubt in self._doubts(one, given, place)]
        if callable(when) and not is_async(when):
            check_takes(when, "event")
        elif when is not None:
            raise SetupError(
                f"{place}: when= is a function of the event that is called, not awaited; {when!r}"
                " is none"
            )
        if timeout is not None and not (isinstance(timeout, int | float) and timeout > 0):
            raise SetupError(f"{place}: timeout= is a number of seconds above 0, not {timeout!r}")
        classes = tuple(self._class(event) for event in given)
        if (words := self._words(given)) and not any(cls.kind_field in filters for cls in classes):
            conditions.append(Filter("kind", words))
        handler = Handler(fn, classes, "event", names)
        self._routes.append(
            Route(
                handler,
                given,
                tuple(conditions),
                _path(path, place),
                when,
                timeout,
                doubts=tuple(doubts),
            )
        )

    def _event(self, event: Any, place: str) -> type[Event] | str:
        """Return an event as it is looked up: a class of this dialect, or a name no class has."""
        known = self.dialect.events
        if isinstance(event, str):
            if event in known:
                return known[event] if event == known[event].kinds()[0] else event
            names = {cls.__name__.lower(): word for word, cls in known.items()}
            names |= {word.lower(): word for word in known}
            if close := closest(event.lower(), names, cutoff=0.8):
                raise SetupError(
                    f'{place}: there is no event "{event}"; did you mean "{names[close]}"?'
                )
            if not event or event != event.strip():
                raise SetupError(
                    f"{place}: {event!r} is no name of an event; write it as the platform does"
                )
            return event
        if not (isinstance(event, type) and issubclass(event, Event)):
            raise SetupError(
                f"{place}: on() takes event classes or their names, not {event!r}; use those of"
                f" {self.dialect.module}"
            )
        if event is not self.dialect.unknown and not classes_below(event, known):
            raise SetupError(
                f"{place}: no callback of {self.dialect.name} becomes a {event.__name__}"
                f" of {event.__module__}; use the events of {self.dialect.module}"
            )
        return event

    def _words(self, given: tuple[type[Event] | str, ...]) -> frozenset[str]:
        """Return the names in `given`, if one of them is only an older word of its class."""
        events = self.dialect.events
        if not any(isinstance(event, str) and event in events for event in given):
            return frozenset()
        words = {event for event in given if isinstance(event, str)}
        classes = tuple(event for event in given if not isinstance(event, str))
        return frozenset(words | {word for word, cls in events.items() if issubclass(cls, classes)})

    def _class(self, event: type[Event] | str) -> type[Event]:
        if isinstance(event, str):
            return self.dialect.events.get(event, self.dialect.unknown)
        return event

    def _condition(
        self, name: str, value: Any, given: Iterable[type[Event] | str], place: str
    ) -> Filter:
        test = value if isinstance(value, re.Pattern) else None
        several = isinstance(value, set | frozenset | list | tuple)
        values: list[Any] = list(value) if several else [value]
        for pattern in (item for item in values if isinstance(item, re.Pattern)):
            if several or isinstance(pattern.pattern, bytes):
                raise SetupError(
                    f"{place}: {name}= takes a set of values, or one pattern of text; write"
                    " alternatives as a|b"
                )
        classes = self._classes(given)
        for cls in classes:
            self._check_field(cls, name, values, place)
        if test is not None:
            for cls in classes:
                _check_spellings(cls, name, test, place)
            return Filter(name, None, test)
        if not values:
            raise SetupError(f"{place}: {name}= is an empty set, which no event matches; fill it")
        # As the fields are: decoding brings the spellings of a word in line.
        spellings = [cls.rewrites[name] for cls in classes if name in cls.rewrites]
        same = () if classes and len(spellings) == len(classes) else values
        read = [words.get(value, value) for words in spellings for value in values]
        return Filter(name, frozenset([*same, *read]))

    def _classes(self, given: Iterable[type[Event] | str]) -> list[type[Event]]:
        events = self.dialect.events
        return [cls for event in given for cls in classes_below(self._class(event), events)]

    def _doubts(
        self, condition: Filter, given: Iterable[type[Event] | str], place: str
    ) -> Iterable[str]:
        """Return a sentence for each value that is close to a documented one, but is none."""
        name = condition.name
        classes = [cls for cls in self._classes(given) if name in cls.model_fields]
        lists = [cls.documented(name) for cls in classes]
        known = [word for words in lists for word in words or ()]
        if not all(lists):
            return
        for value in sorted(map(str, condition.values or ())):
            if value not in known and (meant := slip_of(value, known)):
                yield (
                    f"{place}: {name}={value!r} is not in the documented values of"
                    f" {classes[0].__name__}.{name}; did you mean {meant!r}?"
                )

    @staticmethod
    def _check_field(event: type[Event], name: str, values: list[Any], place: str) -> None:
        known = event.model_fields
        if name not in known:
            hint = did_you_mean(name, known, f"it has {', '.join(known)}")
            raise SetupError(f"{place}: {event.__name__} has no field {name}; {hint}")
        kind: Any = known[name].annotation
        for value in values:
            try:
                hash(value)
                if isinstance(value, re.Pattern):
                    _adapter(kind).validate_python("", strict=True)
                else:
                    _field_adapter(event, name).validate_python(value, strict=True)
            except (ValidationError, TypeError):
                raise SetupError(
                    f"{place}: {name}={value!r} never equals {event.__name__}.{name}, which is"
                    f" {type_name(kind)}"
                ) from None

    def _check_open(self, place: str) -> None:
        if self._closed is not None:
            raise SetupError(f"{place}: too late, {self._closed}; register it before that")


def _members(event: Any) -> tuple[Any, ...]:
    """Return the events that a union or a type alias of event classes stands for."""
    return (event,) if isinstance(event, str) else arms(event)


def _refuse_bare(written: str, given: tuple[Any, ...]) -> None:
    """Raise SetupError for `@app.on` without its brackets, which would register nothing."""
    for fn in given:
        if callable(fn) and not isinstance(fn, type) and arms(fn) == (fn,):
            raise SetupError(f"{place_of(fn)}: the decorator takes arguments; write @app.{written}")


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


@cache
def _field_adapter(event: type[Event], name: str) -> TypeAdapter[Any]:
    field = event.model_fields[name]
    annotated: Any = Annotated  # to type checkers nothing that takes values
    plain: Any = field.annotation
    return TypeAdapter(annotated[plain, *field.metadata] if field.metadata else plain)


def _check_spellings(event: type[Event], name: str, test: re.Pattern[str], place: str) -> None:
    """Refuse a pattern that waits for a spelling which decoding replaces."""
    for spelling, word in event.rewrites.get(name, {}).items():
        if test.fullmatch(spelling) and not test.fullmatch(word):
            raise SetupError(
                f"{place}: {name}= waits for {spelling!r}, but {event.__name__}.{name} is {word!r}"
                " then, however it was sent; match that"
            )


def _path(path: PathFilter, place: str) -> Filter | None:
    if path is None:
        return None
    if isinstance(path, re.Pattern) and isinstance(path.pattern, str):
        return Filter(PATH, None, path)
    if not isinstance(path, str) or not path.startswith("/") or "?" in path or "#" in path:
        raise SetupError(
            f"{place}: path= is a path from its first slash, without a query, or a pattern of text;"
            f" {path!r} is neither"
        )
    return Filter(PATH, frozenset({path.rstrip("/") or "/"}))
