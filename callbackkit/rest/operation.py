"""Operations of a REST API as data, for its client and its server."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType, new_class
from typing import Any, Generic

from typing_extensions import TypeVar

from callbackkit.models import Model
from callbackkit.rest.arguments import Arguments, arguments_of, put

M = TypeVar("M", bound=Model, default=Any)


@dataclass(frozen=True, eq=False)
class Operation(Generic[M]):
    """An operation of a REST API.

    `name` is the resource and the method of the client, as in "calls.create". `path` is a template
    below the base URL of `host`, which is a name for it. `arguments` is a TypedDict of what is sent
    beside the path, or several of them that are taken together: in the query for GET and DELETE and
    where `in_query`, else in a JSON body, which is a list of such objects where `listed`. An
    argument with the name of a part of the path rules that part.

    `sends` is what is always sent, by names on the wire with dots between them. `returns` is the
    model of the reply, or of each item of it; `created` the operation that reads what this one
    creates. `paging` names the style of its pages. `repeatable` says that doing it twice is
    harmless, which is assumed of all but POST.
    """

    name: str
    method: str
    path: str
    arguments: type | tuple[type, ...] | None = None
    returns: type[M] | None = None
    created: "Operation[M] | None" = None
    sends: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    in_query: bool = False
    listed: bool = False
    paging: str | None = None
    repeatable: bool = False
    host: str = ""

    def __post_init__(self) -> None:
        if self.method in ("GET", "DELETE"):
            object.__setattr__(self, "in_query", True)
        if self.method != "POST":
            object.__setattr__(self, "repeatable", True)

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @cached_property
    def takes(self) -> Arguments | None:
        """Its arguments, built when they are first looked at."""
        declared = self.arguments
        if isinstance(declared, tuple):
            declared = new_class(self.name, declared)
        return None if declared is None else arguments_of(declared)

    def encode(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is sent beside the path, by names on the wire. Raises ArgumentError."""
        sent = {} if self.takes is None else self.takes.encode(self.name, arguments)
        for path, constant in self.sends.items():
            put(sent, path, constant)
        return sent


def operations_in(package: ModuleType) -> Iterator[Operation]:
    """Yield the operations that the modules of a package declare."""
    for found in iter_modules(package.__path__):
        for value in vars(import_module(f"{package.__name__}.{found.name}")).values():
            several = value if isinstance(value, tuple) else (value,)
            yield from (one for one in several if isinstance(one, Operation))
