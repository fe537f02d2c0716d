"""What `callbackkit demo` sends to the quickstart: a text message, and a call from ring to end."""

from collections.abc import Generator, Mapping
from typing import Any, NamedTuple

from callbackkit.v1.linting import parse
from callbackkit.v1.samples import make
from callbackkit.v1.verbs import Gather


class Step(NamedTuple):
    """A callback to send, and what has happened in the world before it."""

    happened: str
    method: str
    url: str
    callback: Mapping[str, Any]


def story(root: str) -> Generator[Step, bytes, None]:
    """The callbacks in order; the body of each reply is sent in. `root` is the app's URL."""
    numbers = {"from": "+19195551212", "to": "+19195551213"}
    note = "Milk & eggs, and <3 for the cat"
    yield Step("A text message comes in", "POST", root, make("sms", "POST", text=note, **numbers))

    ringing = make("incomingcall", "GET", **numbers)
    same_call = {"callId": ringing["callId"]}
    yield Step("The same number calls", "GET", root, ringing)

    answered = make("answer", "GET", **same_call, **numbers)
    del answered["tag"]  # of calls that an app makes; an incoming one has none
    reply = yield Step("The platform answers the call", "GET", root, answered)

    (gather,) = parse(reply).children
    assert isinstance(gather, Gather)
    assert gather.request_url is not None
    pressed = {"digits": "1", "reason": "max-digits", "tag": gather.tag or ""}
    digit = make("gather", "GET", **same_call, **pressed)
    del digit["terminatingDigit"]
    yield Step("The caller presses 1", "GET", gather.request_url, digit)

    yield Step("The call ends", "GET", root, make("hangup", "GET", **same_call, **numbers))
