"""What callbackkit writes to the log: one logger, fields on every record, nothing secret.

No message text, no query string and no credentials reach a record at the default level.
"""

import logging
from collections.abc import Iterable
from contextvars import ContextVar

logger = logging.getLogger("callbackkit")

serving: ContextVar[bool] = ContextVar("callbackkit_serving", default=False)
"""Whether the current task answers a callback."""


def shown(text: object) -> str:
    """Text from outside on one line: printable ASCII, and short."""
    safe = ascii(str(text)[:80])[1:-1]
    return safe if len(safe) <= 80 else safe[:77] + "..."


class _WithoutQuery(logging.Filter):
    """Takes the query string out of the access log's line, as a GET callback is all query."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        match record.args:
            # Its arguments are client, method, path with query, HTTP version, status.
            case (client, method, str(target), *rest) if serving.get() or self._is_callback(target):
                path = target.partition("?")[0]
                # A whole URL as the request's target may hold credentials too.
                path = path if path.startswith("/") else "-"
                record.args = (client, method, path, *rest)
        return True

    def _is_callback(self, target: str) -> bool:
        """Return whether a query has an event in it.

        A middleware of the host may reply from another task than the app's, where `serving` isn't
        set.
        """
        return any(mark in target for mark in self.marks)


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


def hide_queries(names: Iterable[str]) -> None:
    """Keep the query strings of callbacks out of uvicorn's access log.

    `names` are the parameters by which a query string is known to hold a callback.
    """
    _without_query.marks.update(f"{name}=" for name in names)
    # addFilter does nothing the second time.
    logging.getLogger("uvicorn.access").addFilter(_without_query)
