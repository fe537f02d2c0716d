"""The contract of a dialect: all that differs between protocols, as data or one function each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from callbackkit.bxml import Document, Element
from callbackkit.errors import SetupError
from callbackkit.events import Event
from callbackkit.http import HttpRequest
from callbackkit.security import BasicAuth, Pair, Verifier

if TYPE_CHECKING:
    from callbackkit.samples import Samples


@dataclass(frozen=True)
class CarrierOption:
    """A choice that the user of a dialect's carrier has.

    `name` is the keyword of the carrier class, `choices` are what it takes, the default first.
    `help` is a sentence for the commands.
    """

    name: str
    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A protocol of the platform, as everything that knows no protocol sees it.

    What depends on the kind of event is data of its class (`callbackkit.events.Event`): which
    methods' replies are read, how long the platform waits, what tells two events apart. Hosts,
    authentication and paging of the REST API are those of the dialect's client class.
    """

    name: str
    """The name in commands and options, which is that of the package."""
    module: str
    """The module from which its names are imported."""

    # Callbacks
    decode: Callable[[HttpRequest], Sequence[Event]]
    """Return the events in a request, at least one. Raises DecodeError."""
    events: Mapping[str, type[Event]]
    """The class of each kind of event."""
    unknown: type[Event]
    """The class of events that have no class of their own."""
    methods: tuple[str, ...] = ("GET", "POST")
    """The HTTP methods that callbacks come by."""
    query_marks: frozenset[str] = frozenset()
    """Parameters by which a query string is known to hold a callback: access logs leave it out."""
    verifier: Callable[[Pair | Sequence[Pair]], Verifier] = BasicAuth
    """Make what checks requests out of `App(auth=...)`. Raises SetupError."""

    # Documents
    documents: tuple[type[Document], ...]
    """The roots that a document may have, each with its `max_size`; replies get the first one."""
    vocabulary: Mapping[str, type[Element]]
    """The elements of documents by their name in XML."""
    pages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Pages of the documentation by what they are about, for findings that belong to no element:
    "callbacks"."""

    # Parts that cost more to import than all the rest: only what uses them pays for them.
    samples: Callable[[], "Samples"] | None = None
    """Import the samples of callbacks."""
    client: Callable[[], type[Any]] | None = None
    """Import the class of the REST client."""
    carrier: Callable[[], type[Any]] | None = None
    """Import the class of the local carrier."""
    carrier_options: tuple[CarrierOption, ...] = ()
    """Choices that the user of the carrier has."""
    rest_app: Callable[[Any, Callable[..., Any]], Callable[..., Any]] | None = None
    """Make the REST API of a carrier as an ASGI app; takes the carrier and its driver's `act`."""
    rest_client: Callable[[Any, Callable[..., Any]], Any] | None = None
    """Make a client that sends to such an app in this process; takes the carrier and the app."""

    def new_carrier(
        self, app_url: str | None, options: Mapping[str, str] | None = None, **arguments: Any
    ) -> Any:
        """Make a local carrier that sends its callbacks to an app.

        `options` are chosen of `carrier_options`, `arguments` are those of every carrier. Raises
        SetupError where there is no carrier, or no such option or choice.
        """
        if self.carrier is None:
            raise SetupError(f"{self.name} has no local carrier")
        known = {option.name: option.choices for option in self.carrier_options}
        for name, choice in (options or {}).items():
            if name not in known:
                has = f"no option {name!r}; it has {' and '.join(known) or 'none'}"
                raise SetupError(f"the carrier of {self.name} has {has}")
            if choice not in known[name]:
                words = " or ".join(map(repr, known[name]))
                raise SetupError(f"{name} is {words}, not {choice!r}")
        return self.carrier()(app_url, **(options or {}), **arguments)


_PACKAGE = __name__.rpartition(".")[0]


@cache
def dialects() -> tuple[str, ...]:
    """Return the names of all dialects; each is a package with a `wire` module.

    Modules are listed, not files, as frozen apps and installs without sources have no files.
    """
    paths = import_module(_PACKAGE).__path__
    return tuple(
        sorted(
            found.name
            for found in iter_modules(paths)
            if found.ispkg
            and any(
                module.name == "wire"
                for module in iter_modules([f"{path}/{found.name}" for path in paths])
            )
        )
    )


def dialect_named(name: str) -> Dialect:
    """Import a dialect by its name."""
    found: Dialect = import_module(f"{_PACKAGE}.{name}").DIALECT
    return found
