"""The target of events in requests that create calls, messages and conferences."""

from dataclasses import replace
from typing import Any

from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.resources import values

_NAMES = {"callback_url": "url", "fallback_url": "fallback_url", "callback_http_method": "method"}


def callbacks_of(args: values.Callbacks, before: Callbacks | None = None) -> Callbacks:
    """Return the settings of `args`, and those of `before` that it has not."""
    changes: dict[str, Any] = {
        _NAMES[name]: value for name, value in args.items() if name in _NAMES
    }
    if timeout := args.get("callback_timeout"):
        changes["timeout"] = timeout / 1000
    return replace(before or Callbacks(), **changes)


def shown_callbacks(callbacks: Callbacks) -> dict[str, Any]:
    """Return the settings as resources have them. The method is read back in lower case, as in
    samples."""
    return {
        "callback_url": callbacks.url,
        "callback_http_method": callbacks.method.lower(),
        "callback_timeout": round(callbacks.timeout * 1000),
        "fallback_url": callbacks.fallback_url,
    }
