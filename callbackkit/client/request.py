"""One request of a client: what is sent, and the conditions under which it is sent again."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from callbackkit.client.media import Source
from callbackkit.errors import ArgumentError

T = TypeVar("T")


@dataclass(frozen=True)
class ApiRequest:
    """A request. `path` is for messages, and has no query."""

    method: str
    url: str = field(repr=False)
    path: str
    repeatable: bool
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    source: Source | None = field(default=None, repr=False)
    waits_for: Collection[str] = ()
    private: tuple[str, ...] = field(default=(), repr=False)
    """The texts of the body that must be in no message."""
    streams: bool = False
    """True if a success is handed out unread."""
    authenticated: bool = True

    @property
    def can_start(self) -> bool:
        """True if it can be sent, or sent once more."""
        return self.source is None or self.source.can_start


def query_string(query: Mapping[str, Any]) -> str:
    """Return a query string: None is left out, booleans are true and false, sequences repeat the
    name. Raises ArgumentError."""
    pairs = []
    for name, value in query.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if item is not None:
                pairs.append((name, str(item).lower() if isinstance(item, bool) else str(item)))
    return _sendable(lambda: urlencode(pairs, quote_via=quote, safe=""))


def json_body(body: Any) -> bytes:
    """Return a body as JSON. Raises ArgumentError."""
    return _sendable(
        lambda: json.dumps(
            body, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
    )


def _sendable(make: Callable[[], T]) -> T:
    try:
        return make()
    except (ValueError, TypeError, RecursionError):
        pass  # raised outside, so that no error has what was to be sent as its context
    raise ArgumentError("a value can't be sent: it is no plain data, NaN or has a lone surrogate")
