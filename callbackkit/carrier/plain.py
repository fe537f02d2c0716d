"""Values of a carrier as JSON: under the same names on the command line and over HTTP.

Nothing here has a password, whatever the URLs of an app hold.
"""

from collections.abc import Mapping
from typing import Any

from callbackkit.bxml.text import masked
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.leg import KEYS, Ending, Heard, Leg, Listening


def seconds(time: float) -> float:
    """Return a time of the carrier's clock, to the millisecond."""
    return round(time, 3)


def hidden(value: Any) -> Any:
    """Return a value without the passwords in its URLs."""
    if isinstance(value, str):
        return masked(str(value))
    if isinstance(value, Mapping):
        return {name: hidden(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [hidden(inner) for inner in value]
    return value


def _picked(value: object, *names: str) -> dict[str, Any]:
    found = {name.rstrip("_"): getattr(value, name) for name in names}
    return {name: seconds(x) if isinstance(x, float) else hidden(x) for name, x in found.items()}


def heard_json(heard: Heard) -> dict[str, Any]:
    return {"text": hidden(heard), **_picked(heard, "kind", "start", "end", "cut")}


def listening_json(one: Listening) -> dict[str, Any]:
    """Return a listener; `keys` are those that make a difference, "" for none."""
    keys = "".join(filter(one.takes, KEYS))
    return {"what": one.what, "keys": keys, "speech": one.on_speech is not None}


def ending_json(ending: Ending | None) -> dict[str, Any] | None:
    return None if ending is None else _picked(ending, "cause", "at")


def callback_json(delivery: Delivery) -> dict[str, Any]:
    return _picked(delivery, "event", "method", "path", "status", "handler", "fields")


def diagnostic_json(found: Diagnostic) -> dict[str, Any]:
    return _picked(found, "level", "rule", "message", "line", "docs", "ledger", "place")


def message_json(message: object) -> dict[str, Any]:
    """Return a message: one of the carrier, or as the test kit shows it."""
    return _picked(message, "id", "from_", "to", "text", "media", "state")


def leg_json(leg: Leg) -> dict[str, Any]:
    """Return a call in short. `phone` is the number of the phone that it is seen from."""
    return {
        **_picked(leg, "id", "from_", "to"),
        "phone": leg.party,
        "state": leg.state,
        "parent": None if leg.parent is None else leg.parent.id,
        "ended": ending_json(leg.ended),
    }
