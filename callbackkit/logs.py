"""What callbackkit writes to the log: one logger, fields on every record, nothing secret.

No message text, no query string and no credentials reach a record at the default level.
"""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callbackkit.events import Event
    from callbackkit.handlers import Handler

logger = logging.getLogger("callbackkit")

serving: ContextVar[bool] = ContextVar("callbackkit_serving", default=False)
"""Whether the current task answers a callback."""


def shown(text: object) -> str:
    """Text from outside on one line: printable ASCII, and short."""
    safe = ascii(str(text)[:80])[1:-1]
    return safe if len(safe) <= 80 else safe[:77] + "..."


def about(event: "Event") -> str:
    """An event as messages name it: its type, and the call or message it belongs to."""
    name = event.identity
    value = getattr(event, name, None) if name else None
    kind = shown(event.event_type)
    return f"{kind} ({name} {shown(value)})" if value else kind


def fields(event: "Event", handler: "Handler | None" = None) -> Mapping[str, Any]:
    """The fields of a record about an event: `extra=` of the logging call."""
    extra: dict[str, Any] = {
        "event_type": shown(event.event_type),
        "handler": None if handler is None else f"{handler.where} {handler.name}",
    }
    if event.identity:
        extra[event.identity] = shown(getattr(event, event.identity, None))
    return extra


class _WithoutQuery(logging.Filter):
    """Takes the query string out of the access log's line, as a GET callback is all query."""

    def filter(self, record: logging.LogRecord) -> bool:
        match record.args:
            # Its arguments are client, method, path with query, HTTP version, status.
            case (client, method, str(path), *rest) if serving.get() and "?" in path:
                record.args = (client, method, path.partition("?")[0], *rest)
        return True


_without_query = _WithoutQuery()


def hide_queries() -> None:
    """Keep the query strings of callbacks out of uvicorn's access log."""
    # addFilter does nothing the second time.
    logging.getLogger("uvicorn.access").addFilter(_without_query)
