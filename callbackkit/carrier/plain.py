"""What happened, as plain values for JSON: under the same names on the command line and over HTTP.

Nothing here has a password, whatever the URLs of an app hold.
"""

from collections.abc import Mapping
from typing import Any

from callbackkit.bxml.text import masked
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.leg import Ending, Heard, Leg, Listening


def seconds(time: float) -> float:
    """A time of the carrier's clock, to the millisecond."""
    return round(time, 3)


def hidden(value: Any) -> Any:
    """A value without the passwords in its URLs."""
    if isinstance(value, str):
        return masked(str(value))
    if isinstance(value, Mapping):
        return {name: hidden(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [hidden(inner) for inner in value]
    return value


def heard_json(heard: Heard) -> dict[str, Any]:
    return {
        "text": hidden(heard),
        "kind": heard.kind,
        "start": seconds(heard.start),
        "end": seconds(heard.end),
        "cut": heard.cut,
    }


def listening_json(one: Listening) -> dict[str, Any]:
    """What listens: `keys` are those that make a difference, "" for none."""
    keys = "".join(filter(one.takes, "0123456789*#"))
    return {"what": one.what, "keys": keys, "speech": one.on_speech is not None}


def ending_json(ending: Ending | None) -> dict[str, Any] | None:
    return None if ending is None else {"cause": ending.cause, "at": seconds(ending.at)}


def callback_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "event": delivery.event,
        "method": delivery.method,
        "path": delivery.path,
        "status": delivery.status,
        "handler": delivery.handler,
        "fields": hidden(delivery.fields),
    }


def diagnostic_json(found: Diagnostic) -> dict[str, Any]:
    return {
        "level": found.level,
        "rule": found.rule,
        "message": hidden(found.message),
        "line": found.line,
        "docs": found.docs,
        "ledger": found.ledger,
        "place": found.place,
    }


def message_json(message: Any) -> dict[str, Any]:
    return {
        "id": message.id,
        "from": message.from_,
        "to": message.to,
        "text": hidden(message.text),
        "media": hidden(message.media),
        "state": message.state,
    }


def leg_json(leg: Leg) -> dict[str, Any]:
    """A call in short. `phone` is the number of the phone that it is seen from."""
    here, there = leg.party, leg.number
    return {
        "id": leg.id,
        "from": here if leg.inbound else there,
        "to": there if leg.inbound else here,
        "phone": here,
        "state": leg.state,
        "parent": None if leg.parent is None else leg.parent.id,
        "ended": ending_json(leg.ended),
    }
