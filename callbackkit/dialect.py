"""What a dialect of the platform is: data, and the one function that reads its callbacks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from callbackkit.bxml import Document
from callbackkit.events import Event


@dataclass(frozen=True)
class Dialect:
    """A protocol of the platform, as the core sees it.

    `name` is what commands call it, `module` where its names are imported from. `events` maps each
    eventType to its class. `decode` takes method, query and body and gives the events in them; it
    raises DecodeError. `document` is the root verb. `client` and `carrier` import the classes of
    the dialect's client and of its local carrier, which cost more than all the rest: only who uses
    them pays for them. `rest_app` makes the REST API of a carrier as an ASGI app, given the `act`
    of the carrier's driver; `rest_client` makes a client that sends to such an app in this process.
    """

    name: str
    module: str
    events: Mapping[str, type[Event]]
    decode: Callable[[str, bytes, bytes], Sequence[Event]]
    document: type[Document]
    client: Callable[[], type[Any]] | None = None
    carrier: Callable[[], type[Any]] | None = None
    rest_app: Callable[[Any, Callable[..., Any]], Callable[..., Any]] | None = None
    rest_client: Callable[[Any, Callable[..., Any]], Any] | None = None


_PACKAGE = __name__.rpartition(".")[0]


@cache
def dialects() -> tuple[str, ...]:
    """The names of all dialects there are; each is a package with a `wire` module."""
    return tuple(
        sorted(
            folder.name
            for folder in files(_PACKAGE).iterdir()
            if folder.joinpath("wire.py").is_file()
        )
    )


def dialect_named(name: str) -> Dialect:
    """A dialect by its name."""
    found: Dialect = import_module(f"{_PACKAGE}.{name}").DIALECT
    return found
