"""The ground that every carrier stands on: clock, callbacks, rules, diagnostics and legs.

A dialect's carrier adds what its platform does. Nothing here, or there, does any I/O.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from callbackkit.bxml import Finding
from callbackkit.bxml.linting import Level
from callbackkit.bxml.text import masked
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.ledger import Choices, Ledger
from callbackkit.carrier.leg import Leg, Pickup
from callbackkit.carrier.messaging import Message
from callbackkit.carrier.outbox import Outbox
from callbackkit.carrier.scheduler import Process
from callbackkit.carrier.sound import Recording, Silence

EPOCH = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""The default start of a carrier's clock: the same in every run, so that tests see the same."""

KEPT = 500
"""Ended calls, and messages, that `Platform.forget` keeps."""

LONG_AGO = 60.0
"""Seconds for which `Platform.forget` keeps what has ended: callbacks may still refer to it."""


class Platform(Outbox, ABC):
    """The state of a platform and what it does, driven from outside.

    `rules` chooses options of open rules by the rule's id (see the dialect's `ledger`).
    `epoch` is when the clock starts.
    """

    ledger: ClassVar[Ledger]
    pages: ClassVar[Mapping[str, str]]
    """The page of the documentation that each diagnostic rests on, by the diagnostic's rule."""
    transcript_fields: ClassVar[Sequence[str]] = ()
    """The fields of events that a transcript shows."""
    array_events: ClassVar[frozenset[str]] = frozenset()
    """Events whose body is an array with the event in it."""
    user_agent: ClassVar[str]
    file_timeout: ClassVar[float]
    """Seconds that the download of a sound file from the app may take."""

    def __init__(self, rules: Mapping[str, str] | None = None, *, epoch: datetime = EPOCH) -> None:
        super().__init__()
        self.choices = Choices(self.ledger, rules or {})
        self.diagnostics: list[Diagnostic] = []
        self.legs: list[Leg] = []
        """All legs that have rung or called, in the order in which they began."""
        self.calls: dict[str, Any] = {}
        """All calls by id, those that are only legs of others too."""
        self.recordings: dict[str, Recording] = {}
        self.playing: dict[str, tuple[str, Process]] = {}
        """The kind and process of the sound that a call or room hears last, by its id."""
        self.pickups: dict[str, Pickup] = {}
        """Behaviour by number when it rings."""
        self.default_pickup: Pickup | None = None
        """Behaviour of all other numbers; with None they keep ringing."""
        self.sounds: dict[str, float] = {}
        """Seconds of files that can't be looked at, by URL."""
        self.sent: list[Message] = []
        """The messages of the app that have reached a phone, in order."""
        self.reaches: Callable[[str], bool] = lambda url: False
        """Returns True for a URL of the app, which may be fetched. Set by the driver's owner."""
        self._epoch = epoch
        self._ids: Counter[str] = Counter()
        self._noted: set[tuple[str, str]] = set()
        self._found: set[Diagnostic] = set()

    # Clock and names

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self.scheduler.now

    def moment(self, at: float | None = None) -> datetime:
        """Return a time of the clock, by default now, as date and time."""
        return self._epoch + timedelta(seconds=self.now if at is None else at)

    def new_id(self, prefix: str) -> str:
        """Return the next id of a kind: the same ones in every run."""
        self._ids[prefix] += 1
        return f"{prefix}-{self._ids[prefix]:06}"

    # For phones

    @property
    @abstractmethod
    def own_number(self) -> str:
        """The first number of the account. Raises StopIteration if it has none."""

    @abstractmethod
    def dial(self, *args: Any, **kwargs: Any) -> Leg:
        """Call a number of the account (second argument) from a phone (first); the others are what
        the dialect's network can say of a caller."""

    @abstractmethod
    def text(self, party: str, number: str, text: str, media: Sequence[str] = ()) -> Message:
        """Send a message from a phone to a number of the account."""

    # For clients of the REST API

    @abstractmethod
    def served_at(self, url: str) -> str:
        """Note where a server has the REST API, and return the base URL for clients."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return the environment variables that lead a client here."""

    # Policies of a dialect

    @abstractmethod
    def fields(self, event: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of an event as they are sent by an HTTP method."""

    def headers(self, delivery: Delivery) -> Sequence[tuple[str, str]]:
        """Return more headers for the event in a delivery, such as a signature of its body."""
        return ()

    def retry_delays(self, delivery: Delivery) -> Iterable[float]:
        """Return the seconds to wait before each further attempt of a delivery that failed and has
        no fallback URL; by default there is none."""
        return ()

    def unread_reply(self, delivery: Delivery) -> tuple[Level, str]:
        """Return level and rule of the diagnostic about verbs in a reply that nobody reads."""
        return "warning", "unread-reply"

    def on_failed(self, delivery: Delivery) -> None:
        """Note a failed delivery where the dialect lists such errors."""

    def on_invalid_document(self, delivery: Delivery) -> None:
        """Note a document that can't be run where the dialect lists such errors."""

    def own_file(self, url: str) -> bytes | Silence | None:
        """Return the sound of a URL in the account's own storage, None for any other URL. Raises
        LookupError if the storage has no such file."""
        return None

    def store(self, name: str, content: bytes | Silence, content_type: str) -> None:
        """Put a file into the account's own storage, where the dialect has one."""
        raise NotImplementedError

    @abstractmethod
    def summary(self, body: bytes) -> str:
        """Return the content of a reply's body on a line."""

    # Rules and findings

    def rule(self, rule_id: str, subject: str = "") -> str | None:
        """Return the option taken of a rule that decides what happens to a call or message.

        Return None if it has no options, and for a rule that the ledger lacks: the dialect's
        documentation has the answer, which is then the default one.
        """
        if (rule_id, subject) not in self._noted:
            if rule_id not in self.ledger:
                return None
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
        docs: str | None = None,
        *,
        subject: str = "",
        line: int | None = None,
        ledger: str | None = None,
        place: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Note a problem; the same one about the same reply only once.

        `docs` is by default the page that `pages` has for the rule; the other arguments are fields
        of `Diagnostic`.
        """
        self._diagnose(
            Diagnostic(
                level,
                rule,
                masked(message),
                line,
                self.pages[rule] if docs is None else docs,
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
        """Ring a phone; it reacts as `pickups` has it."""
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
        """Drop what is long over, for a carrier that runs for days; return the dropped ids.

        The last calls and messages stay, and what was found and sent about them.
        """
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
        self.playing = {subject: one for subject, one in self.playing.items() if not one[1].done}
        for subject in dropped:
            self.calls.pop(subject, None)
        del self.sent[:-keep]
        return dropped
