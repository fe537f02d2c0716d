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
            case (client, method, str(target), *rest) if serving.get() or _is_callback(target):
                path = target.partition("?")[0]
                # A whole URL as the request's target may hold credentials too.
                path = path if path.startswith("/") else "-"
                record.args = (client, method, path, *rest)
        return True


def _is_callback(target: str) -> bool:
    """Whether a query has an event in it: a middleware of the host may reply from another task than
    the app's, where `serving` isn't set."""
    return "eventType=" in target


class _Contained(logging.Filter):
    """Keeps what an exception quotes from a sender within its record: indented, and without
    characters that steer a terminal."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_text is None:
            lines = logging.Formatter().formatException(record.exc_info).split("\n")
            record.exc_text = "\n".join(
                f"  {line if line.isprintable() else ascii(line)[1:-1]}" for line in lines
            )
        return True


logger.addFilter(_Contained())
_without_query = _WithoutQuery()


def hide_queries() -> None:
    """Keep the query strings of callbacks out of uvicorn's access log."""
    # addFilter does nothing the second time.
    logging.getLogger("uvicorn.access").addFilter(_without_query)
