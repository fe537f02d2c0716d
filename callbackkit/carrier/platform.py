"""What every carrier is: a clock, a journal, rules, faults, and callbacks that wait to be sent.

A dialect's carrier adds what its platform does. Nothing here, or there, does any I/O: who drives a
carrier takes deliveries out of its `outbox` and gives their outcome to `complete`.
"""

from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from callbackkit.bxml import Finding
from callbackkit.bxml.linting import Level
from callbackkit.bxml.text import masked
from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.faults import Faults
from callbackkit.carrier.journal import Journal
from callbackkit.carrier.ledger import Choices, Ledger
from callbackkit.carrier.leg import Leg, Pickup
from callbackkit.carrier.scheduler import Scheduler

EPOCH = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When a carrier's clock starts, unless it is told otherwise: always then, so that what a test sees
is the same each time."""

KEPT = 500
"""Calls that are kept when they are over, and messages, where a carrier forgets at all."""

LONG_AGO = 60.0
"""Seconds in which what has ended is kept in any case: it may still be talked of."""

HELD = 5.0
"""Seconds after which a callback that was held by a fault goes out alone."""


class Platform(ABC):
    """The state of a platform and what it does, driven from outside.

    `rules` chooses options of open rules by the rule's id (see the dialect's `LEDGER`).
    `epoch` is when the clock starts.
    """

    ledger: ClassVar[Ledger]
    user_agent: ClassVar[str]

    def __init__(self, rules: Mapping[str, str] | None = None, *, epoch: datetime = EPOCH) -> None:
        self.scheduler = Scheduler()
        self.journal = Journal(self.scheduler)
        self.choices = Choices(self.ledger, rules or {})
        self.faults = Faults()
        self.diagnostics: list[Diagnostic] = []
        self.outbox: deque[Delivery] = deque()
        self.deliveries: list[Delivery] = []
        self.legs: list[Leg] = []
        """All legs there were, in the order in which they began."""
        self.pickups: dict[str, Pickup] = {}
        """What whoever has a number does when it rings; nobody touches other phones by itself."""
        self.default_pickup: Pickup | None = None
        """What those do who are not among them."""
        self.sounds: dict[str, float] = {}
        """How long files are that nobody can look at: seconds by URL."""
        self.sent: list[Any] = []
        """The messages of the app that have reached a phone, in order."""
        self.reaches: Callable[[str], bool] = lambda url: False
        """Whether a URL is one of the app's, which may be fetched. Set by who drives it."""
        self._epoch = epoch
        self._ids: Counter[str] = Counter()
        self._held: dict[str, Delivery] = {}
        self._late: dict[int, float] = {}
        self._noted: set[tuple[str, str]] = set()
        self._found: set[Diagnostic] = set()
        self._waiting: dict[int, Callable[[], None]] = {}

    # Clock and names

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self.scheduler.now

    def moment(self, at: float | None = None) -> datetime:
        """A time of the clock, by default now, as the date and time that the carrier says it is."""
        return self._epoch + timedelta(seconds=self.now if at is None else at)

    def new_id(self, prefix: str) -> str:
        """The next id of a kind: the same ones in every run."""
        self._ids[prefix] += 1
        return f"{prefix}-{self._ids[prefix]:06}"

    # What a dialect's carrier is asked for

    @property
    @abstractmethod
    def own_number(self) -> str:
        """The first number of the account."""

    @abstractmethod
    def dial(self, *args: Any, **kwargs: Any) -> Leg:
        """A phone (first argument) calls a number of the account (second); the others are what the
        dialect's network can tell of a caller."""

    @abstractmethod
    def text(self, party: str, number: str, text: str, media: Sequence[str] = ()) -> Any:
        """A phone writes to a number of the account."""

    @abstractmethod
    def dropped(self, delivery: Delivery) -> None:
        """A reply has come that nobody waits for any more."""

    @abstractmethod
    def summary(self, body: bytes) -> str:
        """What a reply's body says, on a line."""

    @abstractmethod
    def served_at(self, url: str) -> str:
        """Take note of where a server has the REST API: the base URL for clients."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Variables of the environment that lead a client here."""

    # Rules and findings

    def rule(self, rule_id: str, subject: str = "") -> str | None:
        """Return the option taken of a rule that decides what happens to a call or message."""
        if (rule_id, subject) not in self._noted:
            self._noted.add((rule_id, subject))
            # A note on the way, not a cause of its own.
            cause = self.scheduler.cause
            self.journal.add(subject, "rule", rule=rule_id)
            self.scheduler.cause = cause
        return self.choices.of(rule_id)

    def diagnose(
        self,
        level: Level,
        rule: str,
        message: str,
        docs: str,
        *,
        subject: str = "",
        line: int | None = None,
        ledger: str | None = None,
        place: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Note what is wrong; the same thing about the same reply once."""
        self._diagnose(
            Diagnostic(
                level,
                rule,
                masked(message),
                line,
                docs,
                subject=subject,
                at=self.now,
                ledger=ledger,
                place=place,
                detail=detail,
            )
        )

    def diagnose_finding(self, finding: Finding, subject: str, place: str | None) -> None:
        """Note what a lint has found in a reply."""
        self.diagnose(
            finding.level,
            finding.rule,
            finding.message,
            finding.docs,
            subject=subject,
            line=finding.line,
            place=place,
        )

    def _diagnose(self, found: Diagnostic) -> None:
        same = replace(found, at=0.0)
        if same in self._found:
            return
        self._found.add(same)
        self.diagnostics.append(found)
        cause = self.scheduler.cause
        self.journal.add(found.subject, "diagnostic", diagnostic=found)
        self.scheduler.cause = cause

    # Legs

    def rings(self, leg: Leg) -> None:
        """A phone rings somewhere; whoever has it may have said what happens then."""
        self.legs.append(leg)
        pickup = self.pickups.get(leg.party, self.default_pickup)
        if pickup is None or pickup.does == "ignore":
            return
        if pickup.after:
            self.scheduler.at(self.now + pickup.after, lambda: pickup.apply(leg))
        else:
            self.scheduler.soon(lambda: pickup.apply(leg))

    # What is kept

    def forget(self, keep: int = KEPT) -> set[str]:
        """Drop what is long over, for a carrier that is up for days: all but the last calls and the
        last messages, and what was found and sent about the others, whose ids are returned."""
        past = self.now - LONG_AGO
        over = [leg for leg in self.legs if leg.ended is not None and leg.ended.at < past]
        dropped = {leg.id for leg in over[:-keep]}
        self.legs[:] = [leg for leg in self.legs if leg.id not in dropped]
        calls = {leg.id for leg in self.legs} | dropped | {""}
        others = [one for one in self.journal.subjects if one not in calls]
        dropped.update(one for one in others[:-keep] if self.journal.of(one)[-1].at < past)
        self.journal.forget(dropped, keep)
        self.deliveries[:] = [one for one in self.deliveries if one.subject not in dropped]
        self.diagnostics[:] = [one for one in self.diagnostics if one.subject not in dropped]
        self._found = {one for one in self._found if one.subject not in dropped}
        self._noted = {(rule, subject) for rule, subject in self._noted if subject not in dropped}
        del self.sent[:-keep]
        return dropped

    # Callbacks

    async def deliver(self, delivery: Delivery, *, expects_bxml: bool = True) -> Outcome:
        """Send a callback and wait for what comes of it; to be awaited in a process.

        `expects_bxml` tells that the reply steers the call: such a callback is never held back.
        """
        delivery.expects_bxml = expects_bxml
        self.deliveries.append(delivery)
        entry = self.journal.add(delivery.subject, "callback", delivery=delivery)
        fault = self.faults.of(delivery)
        kind = fault.kind if fault else None
        process = self.scheduler.current
        assert process is not None
        if fault is not None and kind in ("status", "refuse"):
            failure = f"was answered with {fault.status}" if kind == "status" else "was refused"
            status = fault.status if kind == "status" else None
            good = status is not None and 200 <= status <= 299
            reached = status is not None
            delivery.faulty = not good
            delivery.outcome = Outcome(status, failure=None if good else failure, reached=reached)
        elif kind == "reorder" and not expects_bxml and delivery.subject not in self._held:
            self._held[delivery.subject] = delivery
            self.scheduler.at(self.now + HELD, lambda: self._release(delivery))
        else:
            if fault is not None and kind == "slow":
                self._late[id(delivery)] = fault.seconds
            self._send(delivery)
            if kind == "duplicate":
                again = replace(delivery, outcome=None)
                self.deliveries.append(again)
                self.journal.add(again.subject, "callback", delivery=again)
                self._send(again)
        self._waiting[id(delivery)] = process.wake
        try:
            while delivery.outcome is None:
                await self.scheduler.block()
        finally:
            del self._waiting[id(delivery)]
        outcome = delivery.outcome
        if fault is not None and fault.kind == "garbage" and outcome.failure is None:
            outcome = outcome._replace(body=fault.body)
            delivery.faulty = True
        delivery.outcome = outcome
        self.scheduler.cause = entry.id
        self.journal.add(delivery.subject, "reply", delivery=delivery)
        return outcome

    def _send(self, delivery: Delivery) -> None:
        self.outbox.append(delivery)
        held = self._held.get(delivery.subject)
        if held is not None and held is not delivery:
            self._release(held)

    def _release(self, delivery: Delivery) -> None:
        if self._held.get(delivery.subject) is delivery:
            del self._held[delivery.subject]
            self._send(delivery)

    def complete(self, delivery: Delivery, outcome: Outcome) -> None:
        """Tell what came of a delivery of the outbox."""
        late = self._late.pop(id(delivery), 0.0)
        if late > delivery.timeout:
            failure = f"took longer than {delivery.timeout:g} s"
            outcome, late = Outcome(failure=failure, took=delivery.timeout), delivery.timeout
            delivery.faulty = True
        elif late:
            outcome = outcome._replace(took=late)
        if late:
            self.scheduler.at(self.now + late, lambda: self._arrive(delivery, outcome))
        else:
            self._arrive(delivery, outcome)

    def _arrive(self, delivery: Delivery, outcome: Outcome) -> None:
        delivery.outcome = outcome
        wake = self._waiting.get(id(delivery))
        if wake is not None:
            wake()
        else:
            self.journal.add(delivery.subject, "reply dropped", delivery=delivery)
            self.dropped(delivery)
