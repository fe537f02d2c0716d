"""Rooms where calls hear each other: bridges of two, and conferences with members."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Literal, TypeAlias

from callbackkit.carrier import playing
from callbackkit.carrier.delivering import send_event
from callbackkit.carrier.joining import linked
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.defaults import BRIDGED
from callbackkit.v1.carrier.ground import Ground

BridgeState: TypeAlias = Literal["created", "active", "hold", "completed", "error"]


class Bridge:
    """A bridge of two calls at most.

    It is completed for good when its last call has left it (methods/bridges/bridges).
    """

    def __init__(self, carrier: Ground, *, audio: bool = True) -> None:
        self.carrier = carrier
        self.id = carrier.new_id("brg")
        self.calls: list[Call] = []
        self.bridge_audio = audio
        self.state: BridgeState = "created"
        self.created = carrier.moment()
        self.activated: float | None = None
        self.completed: float | None = None
        self._used = False
        self._links = ExitStack()
        carrier.bridges[self.id] = self

    @property
    def full(self) -> bool:
        """True if no call can be added."""
        return len(self.calls) >= BRIDGED or self.state == "completed"

    def add(self, call: Call) -> None:
        """Add a call that was created for it; a full bridge leaves it out, as no page says
        otherwise."""
        if not self.full:
            self.replace([*self.calls, call])

    def remove(self, call: Call) -> None:
        """Take a call out."""
        if call in self.calls:
            self.replace([other for other in self.calls if other is not call])

    def replace(self, calls: Sequence[Call]) -> None:
        """Set the calls of it. None may be in another bridge."""
        for call in calls:
            if call not in self.calls:
                call.on_end(self._remover(call))
            call.bridge_id = self.id
        self.calls = list(calls)
        self._link()

    def _remover(self, call: Call) -> Callable[[], None]:
        return lambda: self.remove(call)

    def set_audio(self, audio: bool) -> None:
        """Turn the sound between the calls on or off."""
        self.bridge_audio = audio
        self._link()

    def _link(self) -> None:
        """Connect the calls that are there now, and set the state that follows."""
        self._links.close()
        now = self.carrier.now
        self._used = self._used or bool(self.calls)
        if not self.calls:
            if self._used and self.completed is None:
                self.state, self.completed = "completed", now
                playing.stop(self)
        elif not self.bridge_audio:
            self.state = "hold"
        elif len(self.calls) == BRIDGED:
            self.state = "active"
            self.activated = now if self.activated is None else self.activated
            one, two = self.calls
            self._links.enter_context(linked(one, "the other party", lambda: (two,)))
            self._links.enter_context(linked(two, "the other party", lambda: (one,)))
        else:
            # With one call left it is what it was; with the first one it was never bridged.
            self.state = "created" if self.activated is None else "active"


def bridge_of(call: Call) -> Bridge | None:
    """Return the bridge that a call is in."""
    bridge: Bridge | None = call.carrier.bridges.get(call.bridge_id or "")
    return bridge if bridge is not None and call in bridge.calls else None


class Conference:
    """A conference with its members, past ones too."""

    def __init__(
        self,
        carrier: Ground,
        from_: str,
        callbacks: Callbacks,
        *,
        profile: str = "interpret_digits",
        tag: str | None = None,
    ) -> None:
        self.carrier = carrier
        self.id = carrier.new_id("conf")
        self.from_ = from_
        self.callbacks = callbacks
        self.profile = profile
        self.tag = tag
        self.state: Literal["created", "active", "completed"] = "created"
        self.created = carrier.moment()
        self.completed_at: float | None = None
        self.hold = False
        self.mute = False
        self.members: dict[str, Member] = {}
        carrier.conferences[self.id] = self

    @property
    def uri(self) -> str:
        """Its URL in the REST API."""
        return self.carrier.uri(f"conferences/{self.id}")

    def active(self) -> "Iterator[Member]":
        """Return the members that are in it now."""
        return (member for member in self.members.values() if member.state == "active")

    def begin(self) -> None:
        """Send the event that it exists."""
        self.send_event("conference", status="created", createdTime=self.created)

    def complete(self) -> None:
        """End it for all."""
        if self.state == "completed":
            return
        self.state = "completed"
        self.completed_at = self.carrier.now
        playing.stop(self)
        for member in list(self.active()):
            member.leave()
        self.send_event(
            "conference",
            status="completed",
            createdTime=self.created,
            completedTime=self.carrier.moment(),
        )

    def send_event(self, event: str, **values: Any) -> None:
        """Send an event of it without waiting for the outcome, if it has a URL for events."""
        carrier = self.carrier
        if self.callbacks.url is None:
            return
        fields = {
            "conferenceId": self.id,
            "conferenceUri": self.uri,
            "time": carrier.moment(),
            **values,
        }
        # The tag of what is played comes before that of the conference.
        fields["tag"] = values.get("tag") or self.tag
        carrier.scheduler.spawn(
            send_event(carrier, self.id, event, self.callbacks, fields), f"{event} of {self.id}"
        )


class Member:
    """A call in a conference."""

    def __init__(
        self,
        conference: Conference,
        call: Call,
        *,
        join_tone: bool,
        leaving_tone: bool,
        mute: bool,
        hold: bool,
    ) -> None:
        carrier = conference.carrier
        self.conference = conference
        self.call = call
        self.id = carrier.new_id("member")
        self.join_tone = join_tone
        self.leaving_tone = leaving_tone
        self.mute = mute
        self.hold = hold
        self.state: Literal["active", "completed"] = "active"
        self.added = carrier.moment()
        self.removed: float | None = None
        self._link = ExitStack()
        conference.members[self.id] = self
        conference.state = "active"
        call.on_end(self.leave)
        # interpret_digits keeps keys from the others (methods/conferences/postConferences).
        keys = conference.profile == "passthru_digits"
        self._link.enter_context(linked(call, "the conference", self._others, keys=keys))
        self.notify()

    @property
    def uri(self) -> str:
        """Its URL in the REST API."""
        return f"{self.conference.uri}/members/{self.id}"

    def leave(self) -> None:
        """Take the call out of the conference; it goes on."""
        if self.state == "completed":
            return
        self.state = "completed"
        self.removed = self.conference.carrier.now
        self._link.close()
        self.notify()
        if not any(True for _ in self.conference.active()):
            # With its last member it ends by itself (methods/conferences/conferences).
            self.conference.complete()

    def notify(self) -> None:
        """Send the event that it has joined or left, or was muted or put on hold."""
        self.conference.send_event(
            "conference-member",
            callId=self.call.id,
            memberId=self.id,
            memberUri=self.uri,
            state=self.state,
            hold=self.hold,
            mute=self.mute,
            activeMembers=sum(1 for _ in self.conference.active()),
        )

    def _others(self) -> Iterator[Call]:
        conference = self.conference
        if self.mute or self.hold or conference.mute or conference.hold:
            return
        for member in conference.active():
            if member is not self and not member.hold:
                yield member.call


def member_of(call: Call) -> Member | None:
    """Return what a call is in a conference just now."""
    conferences: list[Conference] = list(call.carrier.conferences.values())
    members = (member for one in conferences for member in one.active())
    return next((member for member in members if member.call is call), None)
