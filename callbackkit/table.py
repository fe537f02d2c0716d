"""The table that is looked up for each callback, and the check that every route can be reached."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import merge
from itertools import combinations
from typing import Any

from callbackkit.dialect import Dialect
from callbackkit.errors import SetupError
from callbackkit.events import Event
from callbackkit.handlers import Handler

PATH = "/"
"""The name of the condition on the path, which no field can have."""


@dataclass(frozen=True)
class Filter:
    """One condition on a field: a finite set of values, or an opaque test."""

    name: str
    values: frozenset[Any] | None
    test: re.Pattern[str] | None = None

    def passes(self, value: Any) -> bool:
        if self.values is None:
            assert self.test is not None
            return isinstance(value, str) and self.test.fullmatch(value) is not None
        try:
            return value in self.values
        except TypeError:  # a value that can't be hashed, such as a list in an unknown field
            return False


@dataclass(eq=False)
class Route:
    """A handler with the events and conditions it was registered for."""

    handler: Handler
    events: tuple[type[Event] | str, ...]
    filters: tuple[Filter, ...]
    path: Filter | None
    when: Callable[[Any], bool] | None
    timeout: float | None
    order: int = 0
    errors: tuple[Mapping[type[BaseException], Handler], ...] = ()
    doubts: tuple[str, ...] = ()
    """What is legal in its filters and hardly meant, in sentences."""

    def takes(self, event: Event, path: str) -> bool:
        """Return whether it takes an event of its class."""
        for condition in self.filters:
            if not condition.passes(getattr(event, condition.name, None)):
                return False
        # A trailing slash is ignored, but a pattern may spell it out.
        if self.path is not None and not (
            self.path.passes(path.rstrip("/") or "/")
            or (self.path.test is not None and self.path.passes(path))
        ):
            return False
        try:
            return self.when is None or bool(self.when(event))
        except Exception as error:
            raise PredicateFailed(self, error) from error

    @property
    def conditions(self) -> tuple[Filter, ...]:
        return self.filters if self.path is None else (*self.filters, self.path)


class PredicateFailed(Exception):
    """The `when=` of a route raised `error`."""

    def __init__(self, route: Route, error: Exception) -> None:
        super().__init__(route.handler.place)
        self.route = route
        self.error = error


class Table:
    """The routes of an app by event class, built once before serving."""

    def __init__(self, routes: Iterable[Route], dialect: Dialect) -> None:
        slots: dict[type[Event] | str, list[Route]] = {}
        self.routes = tuple(routes)
        words: set[str] = set()
        for order, route in enumerate(self.routes):
            route.order = order
            for event in route.events:
                if isinstance(event, str) and event not in dialect.events:
                    words.add(event)
        for route in self.routes:
            slots_of_route: dict[type[Event] | str, None] = {}
            for event in route.events:
                if isinstance(event, str):
                    slots_of_route[dialect.events.get(event, event)] = None
                    continue
                slots_of_route.update(dict.fromkeys(classes_below(event, dialect.events)))
                if issubclass(dialect.unknown, event):
                    slots_of_route.update(dict.fromkeys([dialect.unknown, *words]))
            for slot in slots_of_route:
                slots.setdefault(slot, []).append(route)
        self._check_reachable(slots)
        self._unknown = dialect.unknown
        self._slots = {key: _Slot(routes) for key, routes in slots.items()}

    def match(self, event: Event, path: str) -> Route | None:
        """Return the route that takes an event, or None."""
        slot = self._slots.get(type(event))
        if type(event) is self._unknown:
            slot = self._slots.get(event.kind, slot)
        return None if slot is None else slot.match(event, path)

    def candidates(self, event: Event) -> int:
        """Return the number of routes for the class of an event, whatever their filters."""
        slot = self._slots.get(type(event))
        return 0 if slot is None else slot.count

    @staticmethod
    def _check_reachable(slots: Mapping[Any, list[Route]]) -> None:
        """Raise SetupError for a handler that can never run in a slot it was registered for."""
        reached: dict[Route, bool] = {}
        earlier: dict[Route, Route] = {}
        for slot, routes in slots.items():
            seen = _Seen()
            for route in routes:
                before = seen.covering(route)
                explicit = slot in route.events
                if before is not None and explicit:
                    raise SetupError(_never(route, before, slot))
                if before is not None:
                    earlier[route] = before
                reached[route] = reached.get(route, False) or before is None
                if route.when is None:
                    seen.add(route)
        for route, is_reached in reached.items():
            if not is_reached:
                raise SetupError(_never(route, earlier[route], route.events[0]))


@dataclass
class _Shape:
    """Routes with conditions on the same fields: an index of those that are finite."""

    names: tuple[str, ...]
    by_value: dict[tuple[str, Any], set[int]] = field(default_factory=dict)
    routes: dict[int, Route] = field(default_factory=dict)


class _Seen:
    """Earlier routes, indexed so that ten thousand of them are checked in a moment."""

    def __init__(self) -> None:
        self._shapes: dict[frozenset[Filter], dict[tuple[str, ...], _Shape]] = {}

    def add(self, route: Route) -> None:
        finite = sorted((c for c in route.conditions if c.values is not None), key=_by_name)
        opaque = frozenset(c for c in route.conditions if c.values is None)
        names = tuple(c.name for c in finite)
        shape = self._shapes.setdefault(opaque, {}).setdefault(names, _Shape(names))
        number = len(shape.routes)
        shape.routes[number] = route
        for condition in finite:
            for value in condition.values or ():
                shape.by_value.setdefault((condition.name, value), set()).add(number)

    def covering(self, route: Route) -> Route | None:
        """Return an earlier route each of whose conditions holds whenever this one's do."""
        conditions = route.conditions
        finite = {c.name: c.values for c in conditions if c.values is not None}
        opaque = [c for c in conditions if c.values is None]
        # Few conditions are opaque, but each of many routes may have one of its own.
        subsets = (some for size in range(len(opaque) + 1) for some in combinations(opaque, size))
        for some in subsets:
            for shape in self._shapes.get(frozenset(some), {}).values():
                if not all(name in finite for name in shape.names):
                    continue
                having = [
                    shape.by_value.get((name, value), set())
                    for name in shape.names
                    for value in finite[name] or ()
                ]
                if not having:
                    return next(iter(shape.routes.values()))
                # From the smallest, as thousands of routes may share a value of another field.
                if found := set.intersection(*sorted(having, key=len)):
                    return shape.routes[min(found)]
        return None


class _Slot:
    """The routes of one event class; many with values on one field are looked up by value."""

    def __init__(self, routes: list[Route]) -> None:
        self._rest = routes
        self._by_value: dict[Any, list[Route]] = {}
        self._name = ""
        self.count = len(routes)
        if len(routes) <= 8:
            return
        counts: dict[str, int] = {}
        for route in routes:
            for condition in route.conditions:
                if condition.values is not None:
                    counts[condition.name] = counts.get(condition.name, 0) + 1
        if not counts:
            return
        self._name = max(counts, key=lambda name: counts[name])
        self._rest = []
        for route in routes:
            for condition in route.conditions:
                if condition.name == self._name and condition.values is not None:
                    for value in condition.values:
                        self._by_value.setdefault(value, []).append(route)
                    break
            else:
                self._rest.append(route)

    def match(self, event: Event, path: str) -> Route | None:
        routes: Iterable[Route] = self._rest
        if self._name:
            value = getattr(event, self._name, None)
            if self._name == PATH:
                value = path.rstrip("/") or "/"
            with suppress(TypeError):  # a value that can't be hashed equals none of those
                routes = merge(self._by_value.get(value, ()), routes, key=_by_order)
        for route in routes:
            if route.takes(event, path):
                return route
        return None


def classes_below(base: type[Event], events: Mapping[str, type[Event]]) -> list[type[Event]]:
    """Return the classes of a dialect that a class stands for: itself, or those below it."""
    return [cls for cls in dict.fromkeys(events.values()) if issubclass(cls, base)]


def _never(route: Route, before: Route, event: type[Event] | str) -> str:
    shown = f'"{event}"' if isinstance(event, str) else event.__name__
    return (
        f"{route.handler.place}: can never run for {shown}, because {before.handler.place} is"
        " registered earlier and takes every event it would; register it first, or narrow the other"
    )


def _by_name(condition: Filter) -> str:
    return condition.name


def _by_order(route: Route) -> int:
    return route.order
