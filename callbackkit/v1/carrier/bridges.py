"""Bridges: two calls that hear each other."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Literal

from callbackkit.carrier.leg import Speech
from callbackkit.v1.carrier.audio import Audio
from callbackkit.v1.carrier.transfers import overheard

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call
    from callbackkit.v1.carrier.carrier import Carrier

BridgeState = Literal["created", "active", "hold", "completed", "error"]


class Bridge:
    """A bridge of two calls at most."""

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
        self._links = ExitStack()
        carrier.bridges[self.id] = self

    def add(self, call: "Call") -> None:
        """Put a call in, which must not be in another bridge."""
        self.calls.append(call)
        call.bridge = self
        self._link()

    def remove(self, call: "Call") -> None:
        """Take a call out."""
        if call in self.calls:
            self.calls.remove(call)
            call.bridge = None
            self._link()

    def set_audio(self, audio: bool) -> None:
        """Let the calls hear each other, or not."""
        self.bridge_audio = audio
        self._link()

    def _link(self) -> None:
        """Connect the calls that are there now, and say what state that makes."""
        self._links.close()
        now = self.carrier.now
        if not self.calls:
            if self.activated is not None and self.completed is None:
                self.completed = now
            self.state = "created" if self.activated is None else "completed"
            return
        self.completed = None
        if self.activated is None:
            self.activated = now
        self.state = "active" if self.bridge_audio else "hold"
        if len(self.calls) == 2 and self.bridge_audio:
            one, two = self.calls
            for leg, other in ((one, two), (two, one)):
                self._links.enter_context(
                    leg.listening(
                        "the other party", on_key=other.receive, on_speech=_to(other)
                    )
                )


def _to(other: "Call"):  # type: ignore[no-untyped-def]
    def spoken(speech: Speech) -> None:
        overheard(other, speech)

    return spoken
