"""Where events go, as requests that create calls, messages and conferences say it."""

from typing import Any, Literal, cast

from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.server.bodies import RequestFields

MAX_CALLBACK_TIMEOUT = 10_000
"""Milliseconds that a callback may take, at most and by default (methods/calls/postCalls)."""


def callbacks_of(given: RequestFields, before: Callbacks | None = None) -> Callbacks:
    """The settings that are given, those from `before` where they are not."""
    found = before or Callbacks()
    timeout = given.whole("callbackTimeout", high=MAX_CALLBACK_TIMEOUT)
    method = cast(Literal["GET", "POST"] | None, given.word("callbackHttpMethod", ("GET", "POST")))
    return Callbacks(
        given.callback_url("callbackUrl") if "callbackUrl" in given else found.url,
        given.callback_url("fallbackUrl") if "fallbackUrl" in given else found.fallback_url,
        found.timeout if timeout is None else timeout / 1000,
        method or found.method,
    )


def shown_callbacks(callbacks: Callbacks) -> dict[str, Any]:
    """The settings as resources have them. The method is read back in lower case, as in samples."""
    return {
        "callbackUrl": callbacks.url,
        "callbackHttpMethod": callbacks.method.lower(),
        "callbackTimeout": round(callbacks.timeout * 1000),
        "fallbackUrl": callbacks.fallback_url,
    }
