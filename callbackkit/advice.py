"""Advice to developers in the log: the handler that is missing, the verbs that nobody reads."""

import logging
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from callbackkit.dialect import Dialect
from callbackkit.events import Event
from callbackkit.logs import logger, shown
from callbackkit.spelling import same_word

_LIMIT = 200


class Advice(NamedTuple):
    """Advice about the reply to a callback.

    `kind` is "unhandled" when no handler took the event, "unread" when verbs were returned where
    nobody reads them, "silence" when there were none where they are read, "failed" when a handler
    failed and no error handler has answered for it.
    """

    kind: Literal["unhandled", "unread", "silence", "failed"]
    words: str


class LogOnce:
    """Logs once for each subject, however often it comes up."""

    def __init__(self) -> None:
        self._logged: set[object] = set()

    def log(
        self,
        subject: object,
        message: str,
        extra: Mapping[str, Any] | None = None,
        level: int = logging.WARNING,
    ) -> None:
        # Subjects may come from outside: past the limit nothing new is logged, nothing grows.
        if subject in self._logged or len(self._logged) >= _LIMIT:
            return
        self._logged.add(subject)
        logger.log(level, "%s", message, extra=extra)


def unhandled(event: Event, dialect: Dialect, others: int, path: str = "") -> str:
    """Return the warning about an event that no handler took, with a handler to paste.

    `path` is the path that it came to, where that matters.
    """
    cls = type(event)
    wanted = f'"{shown(event.kind)}"' if cls is dialect.unknown else cls.__name__
    because = (
        f"none of its {others} handlers matched" if others else f"there is no handler for {wanted}"
    )
    body = event.starter or "..."
    names = sorted(set(re.findall(r"\b[A-Z]\w+(?=\()", body)))
    if body.lstrip().startswith("return"):
        names.append("Reply")
    imports = ", ".join([cls.__name__, *names])
    returns = "Reply" if "Reply" in names else "None"
    called = re.sub(r"\W+", "_", event.kind).strip("_").lower()
    lines = "\n    ".join(body.strip().splitlines())
    at, condition = (f" at {shown(path)}", f', path="{shown(path)}"') if path else ("", "")
    return (
        f"no handler took {shown(event.kind)}{at}: {because}. Paste one:\n\n"
        f"from {dialect.module} import {imports}\n\n"
        f"@app.on({cls.__name__}{condition})\n"
        f"async def on_{called}(event: {cls.__name__}) -> {returns}:\n"
        f"    {lines}\n"
    )


def misspelt(event: Event, dialect: Dialect) -> str | None:
    """Return that an event of an unknown kind is called like a known one but for its form.

    None if it is called otherwise.
    """
    known = same_word(event.kind, dialect.events)
    if known is None or known == event.kind:
        return None
    return (
        f'an event "{shown(event.kind)}" is taken as {dialect.unknown.__name__}, as'
        f' {dialect.events[known].__name__} is called "{known}": correct what sends it, or register'
        f" a handler for {dialect.unknown.__name__}"
    )


def unread(place: str, event: Event, method: str) -> str:
    """Return the warning about verbs in a reply that the platform does not read."""
    return (
        f"{place}: returned verbs to {method} {shown(event.kind)}, where nobody reads them;"
        f" {event.unread}"
    )
