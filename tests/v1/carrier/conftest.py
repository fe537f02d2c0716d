"""A carrier in a plain loop: no event loop, no I/O, an app that is a table, and a phone that acts at
given times."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import pytest

from callbackkit.bxml import Verb
from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.leg import Pickup
from callbackkit.carrier.scheduler import HANGUP, KEY, TIMER
from callbackkit.carrier.sending import outcome_of
from callbackkit.carrier.transcript import transcript
from callbackkit.v1.carrier import Carrier
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.messages import Message
from callbackkit.v1.verbs import Response

Reply: TypeAlias = (
    Verb | Sequence[Verb] | str | bytes | int | Outcome | Callable[[Delivery], Any] | None
)
"""Verbs, also as text, a whole body as bytes, a status, an outcome, or what makes one of these of a
delivery."""

CALLER, NUMBER, APP = "+19195551212", "+19195550100", "http://app.test/voice"


class World:
    """A carrier, its app, and who is on the phone.

    `pages` are the app's replies by path ("/menu") or, for what goes to the app's root, by
    eventType; what it lacks is answered with an empty 200. A callback with None for a reply stays
    under way. `options` are those of the carrier.
    """

    def __init__(self, pages: Mapping[str, Reply] = {}, **options: Any) -> None:
        self.carrier = Carrier(APP, **options)
        self.pages = pages
        self.sent: list[Delivery] = []
        self.under_way: list[Delivery] = []

    # Time

    def run(self, until: float = math.inf) -> "World":
        """Let everything happen up to a time, by default to the end of all that can."""
        while self.step(until):
            pass
        scheduler = self.carrier.scheduler
        scheduler.now = max(scheduler.now, until) if until < math.inf else scheduler.now
        return self

    def step(self, until: float = math.inf) -> bool:
        """The next thing that happens up to a time; whether there was any."""
        scheduler = self.carrier.scheduler
        scheduler.run()
        if self.carrier.outbox:
            self._answer(self.carrier.outbox.popleft())
            return True
        when = scheduler.next
        if when is None or when > until:
            return False
        assert when >= scheduler.now, "time runs backwards"
        scheduler.now = when
        return scheduler.fire()

    def _answer(self, delivery: Delivery) -> None:
        self.sent.append(delivery)
        page = self.pages.get(delivery.path, self.pages.get(delivery.event, b""))
        reply: Any = page(delivery) if callable(page) else page
        if reply is None:
            self.under_way.append(delivery)
        else:
            self.carrier.complete(delivery, reply_of(reply))

    def at(self, when: float, action: Callable[[], object], rank: int = TIMER) -> "World":
        """Let something happen at a time."""
        self.carrier.scheduler.at(when, action, rank)
        return self

    @property
    def now(self) -> float:
        return self.carrier.now

    # Phones

    def dial(self, number: str = NUMBER, party: str = CALLER, **details: Any) -> Call:
        """A phone calls the app, and what follows at once."""
        call = self.carrier.dial(party, number, **details)
        self.run(self.now)
        return call

    def create(self, party: str = CALLER, to: Callbacks | None = None, **options: Any) -> Call:
        """The app calls a phone, and what follows at once; its callbacks go by GET to its root by
        default."""
        call = self.call_out(party, to or Callbacks(APP, method="GET"), **options)
        self.run(self.now)
        return call

    def call_out(self, party: str, to: Callbacks, **options: Any) -> Call:
        call = Call(
            self.carrier, inbound=False, party=party, number=NUMBER, callbacks=to, **options
        )
        self.carrier.call_out(call)
        return call

    def send(self, text: str = "hi", media: Sequence[str] = (), **options: Any) -> Message:
        """The app sends a message; its receipts go to /sent by default."""
        options = {"callbacks": Callbacks("http://app.test/sent"), **options}
        carrier = self.carrier
        sent = Message(
            carrier.new_id("m"), "out", NUMBER, options.pop("to", CALLER), text, tuple(media),
            carrier.moment(), **options,
        )  # fmt: skip
        carrier.send(sent)
        return sent

    def leg(self, party: str) -> Any:
        """The latest leg of a phone."""
        return next(leg for leg in reversed(self.carrier.legs) if leg.party == party)

    def picks_up(self, party: str, after: float = 0.0) -> "World":
        """Let a phone be answered that many seconds after it rings."""
        self.carrier.pickups[party] = Pickup("answer", after)
        return self

    def press(self, keys: str, at: float, who: str = CALLER) -> "World":
        """Press keys at a time, all at once; nothing once the call is over."""

        def act() -> None:
            for key in keys if self.leg(who).state == "up" else "":
                self.leg(who).press(key)

        return self.at(at, act, KEY)

    def speak(
        self, text: str, at: float, seconds: float | None = None, who: str = CALLER
    ) -> "World":
        """Say something at a time."""
        return self.at(at, lambda: self.leg(who).speak(text, seconds), KEY)

    def hang_up(self, at: float, who: str = CALLER) -> "World":
        return self.at(at, lambda: self.leg(who).hang_up(), HANGUP)

    # What the app got

    @property
    def callbacks(self) -> list[Delivery]:
        """The callbacks, in the order in which they came about."""
        return [delivery for delivery in self.carrier.deliveries if delivery.event]

    @property
    def events(self) -> list[str]:
        """Their eventTypes."""
        return [delivery.event for delivery in self.callbacks]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The fields of the callbacks of an eventType."""
        return [dict(delivery.fields) for delivery in self.callbacks if delivery.event == event]

    def one(self, event: str) -> dict[str, Any]:
        """The fields of the one callback of an eventType."""
        (fields,) = self.of(event)
        return fields

    # What was made of it

    def rules(self, level: str | None = None) -> list[str]:
        """The diagnostics, by the names of their rules."""
        found = self.carrier.diagnostics
        return [one.rule for one in found if level in (None, one.level)]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the journal's entries."""
        return [entry.kind for entry in self.carrier.journal]

    @property
    def errors(self) -> list[tuple[str, str]]:
        """What `GET /errors` would list."""
        return [(error.code, error.message) for error in self.carrier.account.errors.values()]

    @property
    def transcript(self) -> str:
        return transcript(self.carrier)


def reply_of(reply: Any) -> Outcome:
    """What a delivery is answered with."""
    match reply:
        case Outcome():
            return reply
        case int():
            return outcome_of(reply, {}, b"")
        case bytes():
            body = reply
        case str():
            body = f"<Response>{reply}</Response>".encode()
        case _:
            body = Response(reply).render("http://app.test")
    return outcome_of(200, {"content-type": "application/xml"} if body else {}, body)


@pytest.fixture(scope="session")
def world() -> type[World]:
    """`world(pages)` is a carrier with an app of these pages."""
    return World
