"""Bridges: two calls that hear each other."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

from callbackkit.carrier.leg import Speech
from callbackkit.v1.carrier.audio import Audio, stop_in
from callbackkit.v1.carrier.transfers import overheard

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call
    from callbackkit.v1.carrier.carrier import Carrier

BridgeState = Literal["created", "active", "hold", "completed", "error"]

MOST_CALLS = 2
"""Calls in a bridge (errors, bridge-callIds-overflow)."""


class Bridge:
    """A bridge of two calls at most.

    It is completed for good when its last call has left it (methods/bridges/bridges).
    """

    def __init__(self, carrier: "Carrier", *, audio: bool = True) -> None:
        self.carrier = carrier
        self.id = carrier.new_id("brg")
        self.calls: list[Call] = []
        self.bridge_audio = audio
        self.state: BridgeState = "created"
        self.created = carrier.moment()
        self.activated: float | None = None
        self.completed: float | None = None
        self.playing: Audio | None = None
        self._used = False
        self._links = ExitStack()
        carrier.bridges[self.id] = self

    @property
    def full(self) -> bool:
        """Whether no call can be added."""
        return len(self.calls) >= MOST_CALLS or self.state == "completed"

    def add(self, call: "Call") -> None:
        """Put a call in that was created for it; where there is no place left, it stays out, which
        no page has an answer to."""
        if not self.full:
            self.replace([*self.calls, call])

    def remove(self, call: "Call") -> None:
        """Take a call out."""
        if call in self.calls:
            self.replace([other for other in self.calls if other is not call])

    def replace(self, calls: "Sequence[Call]") -> None:
        """Let it have these calls and no others. None may be in another bridge."""
        for call in self.calls:
            if call not in calls:
                call.bridge = None
        self.calls = list(calls)
        for call in calls:
            call.bridge, call.bridge_id = self, self.id
        self._link()

    def set_audio(self, audio: bool) -> None:
        """Let the calls hear each other, or not."""
        self.bridge_audio = audio
        self._link()

    def _link(self) -> None:
        """Connect the calls that are there now, and say what state that makes."""
        self._links.close()
        now = self.carrier.now
        self._used = self._used or bool(self.calls)
        if not self.calls:
            if self._used and self.completed is None:
                self.state, self.completed = "completed", now
                stop_in(self)
        elif not self.bridge_audio:
            self.state = "hold"
        elif len(self.calls) == MOST_CALLS:
            self.state = "active"
            self.activated = now if self.activated is None else self.activated
            one, two = self.calls
            for leg, other in ((one, two), (two, one)):
                self._links.enter_context(
                    leg.listening("the other party", on_key=other.receive, on_speech=_to(other))
                )
        else:
            # With one call left it is what it was; with the first one it was never bridged.
            self.state = "created" if self.activated is None else "active"


def _to(other: "Call") -> Callable[[Speech], object]:
    return lambda speech: overheard(other, speech)
