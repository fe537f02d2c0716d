"""A call of a platform: it rings, is answered, has work going on, sends events, and ends."""

from abc import abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn

from callbackkit.carrier.delivering import send_event
from callbackkit.carrier.delivery import Delivery, Destination
from callbackkit.carrier.leg import Ending, Leg, Rejection, Speech
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.scheduler import Mailbox, Over, Process


@dataclass(frozen=True, slots=True)
class Causes:
    """A dialect's words for the ways in which a call ends."""

    hangup: str
    cancel: str
    unanswered: str
    busy: str
    declined: str
    unallocated: str
    failed_callback: str
    invalid_document: str


class Call(Leg):
    """One call: a leg, and what goes on for it until it ends.

    `callbacks` is where its events go, `ring_seconds` how long it rings. What a dialect differs in
    is in the class variables and in `fields` and `report_end`.
    """

    causes: ClassVar[Causes]
    longest: ClassVar[float]
    """Seconds after which a call is cut (rule longest-call)."""
    dead_air: ClassVar[float]
    """Seconds of silence after which a call is cut when nothing more can come; 0 for none."""

    def __init__(
        self,
        carrier: Platform,
        *,
        inbound: bool,
        party: str,
        number: str,
        callbacks: Destination,
        ring_seconds: int,
    ) -> None:
        super().__init__(
            carrier.scheduler,
            carrier.journal,
            carrier.new_id("c"),
            party,
            number,
            inbound=inbound,
        )
        self.carrier = carrier
        self.callbacks = callbacks
        self.ring_seconds = ring_seconds
        self.inputs = 0
        """How often something came from outside."""
        self.buffered: list[str] = []
        """Keys for the next gather (rule typeahead)."""
        self.process: Process | None = None
        """What the platform does with the call."""
        self.changes: Mailbox[str] | None = None
        """Takes "answered" or a cause while it rings."""
        self._tasks: list[Process] = []
        self._on_end: list[Callable[[], object]] = []
        carrier.calls[self.id] = self

    def __repr__(self) -> str:
        return f"<Call {self.id} {self.state}>"

    @property
    def over(self) -> bool:
        """True once it has ended."""
        return self.ended is not None

    # What a person can do

    def answer(self) -> None:
        if self.state == "ringing" and not self.inbound:
            self.journal.add(self.id, "picks up")
            self.inputs += 1
            self.change("answered")

    def reject(self, how: Rejection) -> None:
        if self.state == "ringing" and not self.inbound:
            self.journal.add(self.id, "refuses", how=how)
            self.change(getattr(self.causes, how))

    def hang_up(self) -> None:
        if not self.over:
            self.journal.add(self.id, "hangs up")
            self.inputs += 1
            self.end(self.causes.hangup if self.state == "up" else self.causes.cancel)

    def press(self, key: str) -> None:
        self.inputs += 1
        super().press(key)

    def speak(self, text: str, seconds: float | None = None) -> Speech:
        self.inputs += 1
        return super().speak(text, seconds)

    def unlistened(self, key: str) -> None:
        if self.carrier.rule("typeahead", self.id) == "buffer":
            self.buffered.append(key)
            return
        self.carrier.diagnose(
            "warning",
            "unlistened-keys",
            f"the key {key} was pressed when nothing gathers keys, and is lost",
            subject=self.id,
            ledger="typeahead",
        )

    # How it begins

    async def ring(self, seconds: float) -> str | None:
        """Ring the phone; return None once it was answered, else the cause why it was not."""
        self.changes = Mailbox(self.scheduler)
        self.journal.add(self.id, "rings")
        self.carrier.rings(self)
        change = await self.changes.get(self.scheduler.now + seconds)
        self.changes = None
        if change is None:
            return self.causes.unanswered
        return None if change == "answered" else change

    def change(self, what: str) -> None:
        """Wake the process that waits while it rings."""
        if self.changes is not None:
            self.changes.put(what)

    def activate(self) -> None:
        """Mark it as answered: from now on something can be heard."""
        if self.state == "up":
            return
        self.state = "up"
        self.answered = self.scheduler.now
        self.journal.add(self.id, "is answered")
        limit = self.scheduler.at(self.answered + self.longest, self._too_long)
        self.on_end(limit.cancel)

    def _too_long(self) -> None:
        self.carrier.rule("longest-call", self.id)
        self.end(self.causes.hangup)

    # What goes on for it

    def start(self, work: Coroutine[Any, bool, object], name: str) -> Process:
        """Run something that ends with the call."""
        process = self.scheduler.spawn(work, f"{name} of {self.id}", patient=True)
        self._tasks = [task for task in self._tasks if not task.done]
        self._tasks.append(process)
        return process

    def on_end(self, action: Callable[[], object]) -> None:
        """Call something when it ends."""
        self._on_end.append(action)

    # What it sends to the app

    async def send_event(
        self,
        event: str,
        values: Mapping[str, Any] = MappingProxyType({}),
        *,
        to: Destination | None = None,
        expects_bxml: bool = False,
    ) -> Delivery | None:
        """Send an event, by default where the call's events go, and return the last delivery.

        Return None if there is no URL for it. `expects_bxml` is true if the reply will be run.
        """
        where = self.callbacks if to is None else to
        if where.url is None:
            return None
        values = {**self.fields(event), **values}
        return await send_event(
            self.carrier, self.id, event, where, values, expects_bxml=expects_bxml
        )

    def notify(
        self, event: str, values: Mapping[str, Any], *, to: Destination | None = None
    ) -> None:
        """Send an event without waiting for the outcome; it outlives the call."""
        self.scheduler.spawn(self.send_event(event, values, to=to), f"{event} of {self.id}")

    @abstractmethod
    def fields(self, event: str) -> dict[str, Any]:
        """Return the values that an event has of the call."""

    @abstractmethod
    def report_end(self, cause: str) -> None:
        """Send the event that it has ended."""

    # How it ends

    def finish(self, cause: str, *, notify: bool = True) -> NoReturn:
        """End it from within its own process."""
        self.end(cause, notify=notify)
        raise Over

    async def linger(self, since: float) -> None:
        """Wait in silence until nothing can come any more, and hang up."""
        if self.dead_air:
            self.lingering = since
            self.journal.add(self.id, "dead air")
            await self.scheduler.sleep(max(0.0, since + self.dead_air - self.scheduler.now))
        self.finish(self.causes.hangup)

    def end(self, cause: str, *, notify: bool = True) -> None:
        """End it, from wherever; its last event follows unless `notify` is false."""
        if self.over:
            return
        now = self.scheduler.now
        self.ended = Ending(cause, now)
        self.state = "over"
        self.journal.add(self.id, "ends", cause=cause)
        for task in self._tasks:
            task.interrupt(Over())
        if self.process is not None:
            self.process.interrupt(Over())
        for action in list(self._on_end):
            action()
        for heard in self.heard:
            heard.stop(now)  # a person who talks at the other end is not heard any more
        if notify:
            # After the events of the interrupted processes (rule hang-up-order).
            self.scheduler.soon(lambda: self.report_end(cause))
