"""Conferences: calls that all hear each other, and what is told of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

from callbackkit.carrier.leg import Speech
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.audio import Audio, stop_in
from callbackkit.v1.carrier.transfers import overheard

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call
    from callbackkit.v1.carrier.carrier import Carrier


class Conference:
    """A conference with its members, past ones too."""

    def __init__(
        self,
        carrier: "Carrier",
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
        self.playing: Audio | None = None
        carrier.conferences[self.id] = self

    @property
    def uri(self) -> str:
        return self.carrier.uri(f"conferences/{self.id}")

    def active(self) -> Iterator["Member"]:
        """The members that are in it now."""
        return (member for member in self.members.values() if member.state == "active")

    def begin(self) -> None:
        """Tell that it exists."""
        self.send_event("conference", status="created", createdTime=self.created)

    def complete(self) -> None:
        """End it for all."""
        if self.state == "completed":
            return
        self.state = "completed"
        self.completed_at = self.carrier.now
        stop_in(self)
        for member in list(self.active()):
            member.leave()
        self.send_event(
            "conference",
            status="completed",
            createdTime=self.created,
            completedTime=self.carrier.moment(),
        )

    def send_event(self, event: str, **values: Any) -> None:
        """Send an event of it, if it has a URL for them."""
        carrier = self.carrier
        if self.callbacks.url is None:
            return
        told = {
            "conferenceId": self.id,
            "conferenceUri": self.uri,
            "time": carrier.moment(),
            **values,
        }
        # The tag of what is played comes before that of the conference.
        told["tag"] = values.get("tag") or self.tag
        carrier.scheduler.spawn(
            carrier.send_event(self.id, event, self.callbacks, told),
            f"{event} of {self.id}",
        )


class Member:
    """A call in a conference."""

    def __init__(
        self,
        conference: Conference,
        call: "Call",
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
        self._ears = ExitStack()
        conference.members[self.id] = self
        conference.state = "active"
        call.conference, call.member = conference, self
        self._ears.enter_context(
            call.listening("the conference", on_key=self._key, on_speech=self._spoken)
        )
        self.notify()

    @property
    def uri(self) -> str:
        return f"{self.conference.uri}/members/{self.id}"

    def leave(self) -> None:
        """Take the call out of the conference; it goes on."""
        if self.state == "completed":
            return
        self.state = "completed"
        self.removed = self.conference.carrier.now
        self.call.conference = self.call.member = None
        self._ears.close()
        self.notify()
        if not any(True for _ in self.conference.active()):
            # With its last member it ends by itself (methods/conferences/conferences).
            self.conference.complete()

    def notify(self) -> None:
        """Tell what it is now: joined, left, muted or on hold."""
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

    def _others(self) -> Iterator["Call"]:
        conference = self.conference
        if self.mute or self.hold or conference.mute or conference.hold:
            return
        for member in conference.active():
            if member is not self and not member.hold:
                yield member.call

    def _spoken(self, speech: Speech) -> None:
        for other in self._others():
            overheard(other, speech)

    def _key(self, key: str) -> None:
        # interpret_digits keeps keys from the others (methods/conferences/postConferences).
        if self.conference.profile == "passthru_digits":
            for other in self._others():
                other.receive(key)
