"""What a dialect of the platform is: data, and the one function that reads its callbacks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callbackkit.bxml import Document
from callbackkit.events import Event


@dataclass(frozen=True)
class Dialect:
    """A protocol of the platform, as the core sees it.

    `name` is what commands call it, `module` where its names are imported from. `events` maps each
    eventType to its class. `decode` takes method, query and body and gives the events in them; it
    raises DecodeError. `document` is the root verb. `client` imports the class of the dialect's
    client, which costs more than all the rest: only who uses it pays for it.
    """

    name: str
    module: str
    events: Mapping[str, type[Event]]
    decode: Callable[[str, bytes, bytes], Sequence[Event]]
    document: type[Document]
    client: Callable[[], type[Any]] | None = None
