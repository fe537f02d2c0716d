"""Observations of callbacks, for logging, tracing and transcripts."""

from collections.abc import Callable
from dataclasses import dataclass

from callbackkit.callback import Callback
from callbackkit.handlers import Handler
from callbackkit.http import HttpResponse


@dataclass(frozen=True)
class Observation:
    """One callback that was answered.

    `handler` has `name` and `where` (file:line), or is None when nobody took the event. `reply` is
    what will be sent. `duration` is in seconds, from the match to the reply. `error` is what the
    handler raised, also where an error handler answered for it. `duplicate` is true where the reply
    is that of an earlier delivery, so that no handler ran.
    """

    callback: Callback
    handler: Handler | None
    reply: HttpResponse
    duration: float
    error: BaseException | None = None
    duplicate: bool = False


Observer = Callable[[Observation], object]
