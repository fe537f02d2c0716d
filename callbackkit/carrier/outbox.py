"""Callbacks on their way: sent as faults have it, and waited for.

Nothing here does any I/O: a driver takes deliveries out of the `outbox` and hands their outcome to
`complete`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.faults import Faults
from callbackkit.carrier.journal import Journal
from callbackkit.carrier.scheduler import Scheduler

HELD = 5.0
"""Seconds after which a callback that a fault holds back is sent alone."""


class Outbox:
    """The callbacks of one carrier, with the clock, journal and faults that they depend on."""

    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.journal = Journal(self.scheduler)
        self.faults = Faults()
        self.outbox: deque[Delivery] = deque()
        """Those to be sent now."""
        self.deliveries: list[Delivery] = []
        """All there were, in order."""
        self._held: dict[str, Delivery] = {}
        self._late: dict[int, float] = {}
        self._waiting: dict[int, Callable[[], None]] = {}

    def dropped(self, delivery: Delivery) -> None:
        """Note a reply that comes when nobody waits for it any more."""

    async def deliver(self, delivery: Delivery, *, expects_bxml: bool = True) -> Outcome:
        """Send a callback and wait for its outcome; to be awaited in a process.

        `expects_bxml` is true if the reply says how the call goes on: such a callback is never held
        back by a fault.
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
            self.scheduler.at(self.scheduler.now + HELD, lambda: self._release(delivery))
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
        """Take the outcome of a delivery of the outbox."""
        late = self._late.pop(id(delivery), 0.0)
        if late > delivery.timeout:
            failure = f"took longer than {delivery.timeout:g} s"
            outcome, late = Outcome(failure=failure, took=delivery.timeout), delivery.timeout
            delivery.faulty = True
        elif late:
            outcome = outcome._replace(took=late)
        if late:
            self.scheduler.at(self.scheduler.now + late, lambda: self._arrive(delivery, outcome))
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
