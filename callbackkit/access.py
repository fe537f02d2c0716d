"""The request log: the logger `callbackkit.access`, one line for each request, with event, handler,
status and time, and without its query.

It is off unless the logger has a level or a handler of its own, which lets INFO pass.
"""

import logging
import time
from contextvars import ContextVar
from typing import Any

from callbackkit.events import about, log_fields
from callbackkit.logs import is_path, logger, shown
from callbackkit.observing import Observation

access = logging.getLogger(f"{logger.name}.access")

observed: ContextVar[list[Observation] | None] = ContextVar("callbackkit_observed", default=None)
"""What the request at hand has brought so far, None where no line is wanted or a host writes it."""


def wanted(scope: Any) -> bool:
    """Return whether this is a request that is logged, in a line that nobody further out writes."""
    return (
        scope["type"] == "http"
        and bool(access.level or access.handlers)
        and access.isEnabledFor(logging.INFO)
        and observed.get() is None
    )


async def logged(app: Any, scope: Any, receive: Any, send: Any) -> None:
    """Serve an HTTP request by an ASGI app, and log it, also where it is no callback."""
    status = 500  # what servers send for an app that raises

    async def send_noting(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)

    observations: list[Observation] = []
    token = observed.set(observations)
    started = time.perf_counter()
    try:
        await app(scope, receive, send_noting)
    finally:
        observed.reset(token)
        _log(scope, observations, status, (time.perf_counter() - started) * 1000)


def _log(scope: Any, observations: list[Observation], status: int, took: float) -> None:
    words = []
    extra: dict[str, Any] = {}
    for observation in observations:
        event, handler = observation.callback.event, observation.handler
        extra.update(log_fields(event, handler))
        by = "no handler" if handler is None else handler.place
        words += [about(event), "->", "duplicate" if observation.duplicate else by]
    # A whole URL as the request's target may hold credentials.
    path = scope["path"] if is_path(scope["path"]) else "-"
    request = f"{shown(scope['method'])} {shown(path)}"
    access.info("%s", " ".join([request, *words, f"{status} {took:.1f} ms"]), extra=extra)
