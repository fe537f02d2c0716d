"""The log of callbackkit: one logger, fields on every record, nothing secret.

No message text, no query string and no credentials reach a record at the default level.
"""

import logging
from collections.abc import Iterable
from contextvars import ContextVar

logger = logging.getLogger("callbackkit")

serving: ContextVar[bool] = ContextVar("callbackkit_serving", default=False)
"""True in a task that answers a callback."""


def shown(text: object) -> str:
    """Return text from outside on one line: printable ASCII, and short."""
    safe = ascii(str(text)[:80])[1:-1]
    return safe if len(safe) <= 80 else safe[:77] + "..."


def is_path(target: str) -> bool:
    """Return whether a target may be shown: a whole URL, which uvicorn's root path may precede, may
    hold credentials."""
    return target.startswith("/") and "://" not in target and "%3A//" not in target


_marks: set[str] = set()


def _without_query(record: logging.LogRecord) -> bool:
    """Take the query string out of a line of the access log, as a GET callback is all query."""
    match record.args:
        # Its arguments are client, method, path with query, HTTP version, status.
        case (client, method, str(target), *rest) if serving.get() or _is_callback(target):
            path = target.partition("?")[0]
            # A whole URL as the request's target may hold credentials too.
            path = path if is_path(path) else "-"
            record.args = (client, method, path, *rest)
    return True


def _is_callback(target: str) -> bool:
    """Return whether a query has an event in it.

    A middleware of the host may reply from another task than the app's, where `serving` isn't set.
    """
    return any(mark in target for mark in _marks)


def _contained(record: logging.LogRecord) -> bool:
    """Keep what an exception quotes from a sender within its record: indented, and without
    characters that steer a terminal."""
    if record.exc_info and record.exc_text is None:
        lines = logging.Formatter().formatException(record.exc_info).split("\n")
        record.exc_text = "\n".join(
            f"  {line if line.isprintable() else ascii(line)[1:-1]}" for line in lines
        )
    return True


logger.addFilter(_contained)


def hide_queries(names: Iterable[str]) -> None:
    """Keep the query strings of callbacks out of uvicorn's access log.

    `names` are the parameters by which a query string is known to hold a callback.
    """
    _marks.update(f"{name}=" for name in names)
    # addFilter does nothing the second time.
    logging.getLogger("uvicorn.access").addFilter(_without_query)
