"""A call: how it begins, what it tells the app, and how it ends.

A call is one leg. It is under BXML when its callbacks go by GET, and under the REST API otherwise.
"""

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.leg import Ending, Leg
from callbackkit.carrier.scheduler import Interrupted, Mailbox, Process, Timer
from callbackkit.v1.carrier.account import Application, Callbacks, Recording
from callbackkit.v1.carrier.rules import LINGER, LONGEST_CALL

if TYPE_CHECKING:
    from callbackkit.v1.carrier.audio import Audio
    from callbackkit.v1.carrier.bridges import Bridge
    from callbackkit.v1.carrier.carrier import Carrier
    from callbackkit.v1.carrier.conferences import Conference, Member
    from callbackkit.v1.carrier.gathers import CallGather
    from callbackkit.v1.carrier.recordings import Recorder

CallState = Literal["started", "rejected", "active", "completed", "transferring"]

REJECT_CAUSES = {
    "busy": "USER_BUSY",
    "declined": "CALL_REJECTED",
    "unallocated": "UNALLOCATED_NUMBER",
}
"""The cause of a hangup by what the callee's phone does (apiCallbacks/hangup)."""


class Over(Interrupted):
    """The call has ended, wherever its process was."""


class Call(Leg):
    """One call of the platform, from or to a phone outside."""

    carrier: "Carrier"

    def __init__(
        self,
        carrier: "Carrier",
        *,
        inbound: bool,
        party: str,
        number: str,
        callbacks: Callbacks,
        tag: str | None = None,
        timeout: int = 60,
    ) -> None:
        super().__init__(carrier, carrier.new_id("c"), party, number, inbound=inbound)
        self.callbacks = callbacks
        self.tag = tag
        self.ring_seconds = timeout
        self.status: CallState = "started"
        self.application: Application | None = None
        self.bxml = False
        """Whether replies to its callbacks are run."""
        self.details: dict[str, Any] = {}
        """What the caller's network tells: diversion, withheld names."""
        self.sip_headers: Mapping[str, str] | None = None
        self.transfer: dict[str, Any] = {}
        """What a transfer of this call was asked for with, by its names on the wire."""
        self.silent = False
        """transfer-leg-events: whether it has no events of its own."""
        self.recordings: list[Recording] = []
        self.gathers: dict[str, CallGather] = {}
        self.gather: CallGather | None = None
        self.audio: Audio | None = None
        self.recorder: Recorder | None = None
        self.recording_enabled = False
        self.recording_format: Literal["wav", "mp3"] = "wav"
        self.recording_max = 3600
        self.transcribes = False
        self.bridge: Bridge | None = None
        self.bridge_id: str | None = None
        self.conference: Conference | None = None
        self.conference_id: str | None = None
        self.member: Member | None = None
        self.buffered: list[str] = []
        """typeahead: keys for the next Gather."""
        self.inputs = 0
        """How often something came from outside."""
        self.process: Process | None = None
        self._tasks: list[Process] = []
        self.changes: Mailbox[str] | None = None
        """Where it goes that the phone was answered or refused, or the app has taken the call."""
        self._limit: Timer | None = None
        self._on_end: list[Callable[[], object]] = []
        carrier.calls[self.id] = self

    def __repr__(self) -> str:
        return f"<Call {self.id} {self.status}>"

    # Names and times

    @property
    def from_(self) -> str:
        return self.party if self.inbound else self.number

    @property
    def to(self) -> str:
        return self.number if self.inbound else self.party

    @property
    def uri(self) -> str:
        return self.carrier.uri(f"calls/{self.id}")

    @property
    def over(self) -> bool:
        return self.ended is not None

    # What a person can do

    def answer(self) -> None:
        """Pick up a phone that rings."""
        if self.state == "ringing" and not self.inbound:
            self.carrier.journal.add(self.id, "picks up")
            self.inputs += 1
            self._change("answered")

    def reject(self, how: Literal["busy", "declined", "unallocated"]) -> None:
        """Let a phone that rings be busy, turn the call down, or not exist."""
        if self.state == "ringing" and not self.inbound:
            self.carrier.journal.add(self.id, "refuses", how=how)
            self._change(REJECT_CAUSES[how])

    def hang_up(self) -> None:
        """Put the phone down. Who does so before an answer gives up."""
        if not self.over:
            self.carrier.journal.add(self.id, "hangs up")
            self.inputs += 1
            self.end("NORMAL_CLEARING" if self.state == "up" else "ORIGINATOR_CANCEL")

    def press(self, key: str) -> None:
        self.inputs += 1
        super().press(key)

    def speak(self, text: str, seconds: float | None = None) -> Any:
        self.inputs += 1
        return super().speak(text, seconds)

    def unlistened(self, key: str) -> None:
        if not self.bxml:
            return  # the platform tells of keys under the REST API, whether anything waits or not
        if self.carrier.rule("typeahead", self.id) == "buffer":
            self.buffered.append(key)
            return
        self.carrier.diagnose(
            "warning",
            "unlistened-keys",
            f"the key {key} was pressed when nothing gathers keys, and is lost",
            "bxml/verbs/gather",
            subject=self.id,
            ledger="typeahead",
        )

    # How it begins

    async def ring(self, seconds: float) -> str | None:
        """Ring the phone: None once it was answered, else the cause why it was not."""
        self.changes = Mailbox(self.carrier.scheduler)
        self.carrier.journal.add(self.id, "rings")
        self.carrier.rings(self)
        change = await self.changes.get(self.carrier.now + seconds)
        self.changes = None
        return "NO_ANSWER" if change is None else None if change == "answered" else change

    def _change(self, what: str) -> None:
        if self.changes is not None:
            self.changes.put(what)

    def take(self) -> None:
        """The REST API answers an incoming call."""
        self._change("active")

    def activate(self) -> None:
        """It is answered: from now on it costs, and something can be heard."""
        if self.state == "up":
            return
        scheduler = self.carrier.scheduler
        self.status, self.state = "active", "up"
        self.answered = scheduler.now
        self.carrier.journal.add(self.id, "is answered")
        self._limit = scheduler.at(scheduler.now + LONGEST_CALL, self._too_long)

    def _too_long(self) -> None:
        self.carrier.rule("longest-call", self.id)
        self.end("NORMAL_CLEARING")

    # What goes on beside its own process

    def start(self, work: Coroutine[Any, bool, object], name: str) -> Process:
        """Run something that ends with the call."""
        process = self.carrier.scheduler.spawn(work, f"{name} of {self.id}", patient=True)
        self._tasks = [task for task in self._tasks if not task.done]
        self._tasks.append(process)
        return process

    # What it tells the app

    async def send_event(
        self,
        event: str,
        values: Mapping[str, Any] = MappingProxyType({}),
        *,
        to: Callbacks | None = None,
        expects_bxml: bool = False,
    ) -> Delivery | None:
        """Send an event, also to the fallback URL if need be: what became of it last, None if it
        has nowhere to go. `expects_bxml` tells that the reply will be."""
        where = self.callbacks if to is None else to
        if where.url is None:
            return None
        return await self.carrier.send_event(
            self.id, event, where, {**self._fields(event), **values}, expects_bxml=expects_bxml
        )

    def notify(self, event: str, values: Mapping[str, Any], *, to: Callbacks | None = None) -> None:
        """Send an event without waiting for what becomes of it; it outlives the call."""
        self.carrier.scheduler.spawn(self.send_event(event, values, to=to), f"{event} of {self.id}")

    def _fields(self, event: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "callId": self.id,
            "callUri": self.uri,
            "from": self.from_,
            "to": self.to,
            "time": self.carrier.moment(),
        }
        if event in ("incomingcall", "answer"):
            found |= {
                "applicationId": self.application.id if self.application else None,
                "displayName": self.from_,
                "withholdCallerNumber": False,
                "withholdCallerName": False,
                **self.details,
            }
        if self.tag is not None and (
            event == "answer"
            or (
                event in ("hangup", "timeout", "dtmf", "recording")
                and self.carrier.rule("tag-in-events", self.id) == "promised"
            )
        ):
            found["tag"] = self.tag
        return found

    # How it ends

    def finish(self, cause: str, *, notify: bool = True) -> NoReturn:
        """End it from within its own process."""
        self.end(cause, notify=notify)
        raise Over

    async def linger(self, since: float) -> None:
        """Wait in silence until nothing can come any more, and hang up."""
        self.lingering = since
        self.carrier.journal.add(self.id, "dead air")
        await self.carrier.scheduler.sleep(max(0.0, since + LINGER - self.carrier.now))
        self.finish("NORMAL_CLEARING")

    def end(self, cause: str, *, notify: bool = True) -> None:
        """End it, from wherever that comes; the hangup event follows unless `notify` is false."""
        if self.over:
            return
        carrier = self.carrier
        self.status = (
            "rejected" if cause == "CALL_REJECTED" and self.state == "ringing" else "completed"
        )
        self.state = "over"
        self.ended = Ending(cause, carrier.now)
        carrier.journal.add(self.id, "ends", cause=cause)
        if self._limit is not None:
            self._limit.cancel()
        for task in self._tasks:
            task.interrupt(Over())
        if self.process is not None:
            self.process.interrupt(Over())
        if self.bridge is not None:
            self.bridge.remove(self)
        if self.member is not None:
            self.member.leave()
        for action in list(self._on_end):
            action()
        for heard in self.heard:
            heard.stop(carrier.now)  # who talks at the other end is not heard any more
        if notify and not self.silent:
            # After what the interrupted processes have to say (hang-up-order).
            carrier.scheduler.soon(
                lambda: self.notify("hangup", {"cause": cause, "callState": "completed"})
            )

    def on_end(self, action: Callable[[], object]) -> None:
        """Call something when it has ended."""
        self._on_end.append(action)

    @property
    def started(self) -> datetime:
        return self.carrier.moment(self.began)
