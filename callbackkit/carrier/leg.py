"""A leg of a call as whoever is on the phone has it: what is heard, pressed, said, and its end."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from callbackkit.carrier.scheduler import HANGUP

if TYPE_CHECKING:
    from callbackkit.carrier.platform import Platform

SPOKEN_A_SECOND = 15.0
"""Characters of a text that a voice speaks in a second (ours: no page says how long that takes)."""
SHORTEST_SPEECH = 0.5
"""Seconds that the shortest text takes (ours)."""
KEY_INTERVAL = 0.2
"""Seconds between two keys that are pressed in a row."""

HeardKind = Literal["speech", "audio", "voice"]


def speech_seconds(text: str) -> float:
    """How long it takes to say a text."""
    return max(SHORTEST_SPEECH, len(text) / SPOKEN_A_SECOND)


class Heard(str):
    """Something that was heard on a leg: the text spoken, or the URL of a file.

    `kind` is "speech" for the platform's voice, "audio" for a file, "voice" for a person on another
    leg. `start` and `end` are seconds of the carrier's clock; `end` is when it stopped, or will
    stop if nothing cuts it. `cut` tells that something did.
    """

    start: float
    end: float
    kind: HeardKind
    cut: bool
    over: bool
    _seconds: float

    def __new__(cls, text: str, kind: HeardKind, start: float, seconds: float) -> Self:
        made = super().__new__(cls, text)
        made.kind = kind
        made.start = start
        made.end = start + seconds
        made._seconds = seconds
        made.cut = made.over = False
        return made

    def reached(self, position: int) -> float:
        """When it has come to a position of the text, or would have if nothing had cut it."""
        return self.start + self._seconds * min(1.0, position / max(1, len(self)))

    def stop(self, now: float) -> None:
        """Cut what is left of it."""
        if now < self.end:
            self.end = max(now, self.start)
            self.cut = True


@dataclass(frozen=True, slots=True)
class Speech:
    """What somebody says into a phone, from `start` to `end` of the carrier's clock."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Ending:
    """How a leg ended: the platform's `cause`, and when, in seconds of the carrier's clock."""

    cause: str
    at: float


@dataclass(eq=False, slots=True)
class Listening:
    """Something that takes what is pressed or said on a leg.

    `number` counts what listens in one document from 1. `what` names it in messages. `keys` are the
    keys that make a difference, None for all. `silent` tells that silence does too: it ends by
    itself when nothing comes.
    """

    number: int
    what: str
    on_key: Callable[[str], object] | None
    on_speech: Callable[[Speech], object] | None
    silent: bool
    keys: str | None

    def takes(self, key: str) -> bool:
        """Whether a key makes a difference."""
        return self.on_key is not None and (self.keys is None or key in self.keys)


@dataclass(frozen=True, slots=True)
class Pickup:
    """What whoever has a phone does when it rings, after some seconds. Who answers hangs up when
    `stays` seconds have passed, if that is given."""

    does: Literal["answer", "busy", "decline", "ignore"]
    after: float = 0.0
    stays: float | None = None

    def apply(self, leg: "Leg") -> None:
        if leg.state == "ringing":
            if self.does == "answer":
                leg.answer()
                if self.stays is not None:
                    carrier = leg.carrier
                    carrier.scheduler.at(carrier.now + self.stays, leg.hang_up, rank=HANGUP)
            elif self.does == "busy":
                leg.reject("busy")
            elif self.does == "decline":
                leg.reject("declined")


class Leg(ABC):
    """One phone's connection with the platform, as seen from the phone.

    `party` is the phone's number, `number` the one at the platform's end. `inbound` tells that the
    phone called the platform. The methods are what a person can do; each returns at once, and what
    follows happens when the carrier's scheduler runs.
    """

    def __init__(
        self, carrier: "Platform", leg_id: str, party: str, number: str, *, inbound: bool
    ) -> None:
        self.carrier = carrier
        self.id = leg_id
        self.party = party
        self.number = number
        self.inbound = inbound
        self.state: Literal["ringing", "up", "over"] = "ringing"
        self.heard: list[Heard] = []
        self.received = ""
        """The keys that were pressed at this phone's other end, as tones it hears."""
        self.speeches: list[Speech] = []
        self.listeners: list[Listening] = []
        self.began = carrier.now
        self.answered: float | None = None
        self.ended: Ending | None = None
        self.lingering: float | None = None
        """Since when nothing more can come of the call but its end, None while something can."""
        self.documents: list[bytes] = []
        """What the app has steered it with, as it came."""
        self.parent: Leg | None = None
        """The leg on whose behalf this one was made."""
        self._numbers = 0

    # What a person can do

    @abstractmethod
    def answer(self) -> None:
        """Pick it up."""

    @abstractmethod
    def reject(self, how: Literal["busy", "declined", "unallocated"]) -> None:
        """Let it ring in vain."""

    @abstractmethod
    def hang_up(self) -> None:
        """End it from this phone."""

    def press(self, key: str) -> None:
        """Press one key of the phone, which must be up."""
        assert self.state == "up"
        takers = [one.on_key for one in self.listeners if one.on_key is not None]
        self.carrier.journal.add(self.id, "presses", key=key, taken=bool(takers))
        for take in takers:
            take(key)
        if not takers:
            self.unlistened(key)

    def speak(self, text: str, seconds: float | None = None) -> Speech:
        """Say something into the phone, which must be up; it takes its time on the clock."""
        assert self.state == "up"
        now = self.carrier.now
        speech = Speech(text, now, now + (speech_seconds(text) if seconds is None else seconds))
        self.carrier.journal.add(self.id, "speaks", speech=speech)
        self.speeches.append(speech)
        for one in list(self.listeners):
            if one.on_speech is not None:
                one.on_speech(speech)
        return speech

    # What a dialect's carrier does with it

    def new_document(self, body: bytes) -> None:
        """From now on another document steers it; what listens is counted anew."""
        self.documents.append(body)
        self._numbers = 0

    @abstractmethod
    def unlistened(self, key: str) -> None:
        """A key was pressed that nothing takes."""

    @contextmanager
    def listening(
        self,
        what: str,
        *,
        on_key: Callable[[str], object] | None = None,
        on_speech: Callable[[Speech], object] | None = None,
        silent: bool = False,
        keys: str | None = None,
    ) -> Iterator[Listening]:
        """Take what is pressed or said while in the block."""
        self._numbers += 1
        one = Listening(self._numbers, what, on_key, on_speech, silent, keys)
        self.listeners.append(one)
        try:
            yield one
        finally:
            self.listeners.remove(one)

    @contextmanager
    def hearing(self, text: str, kind: HeardKind, seconds: float) -> Iterator[Heard]:
        """Let something be heard while in the block; what is left of it at the end is cut."""
        heard = Heard(text, kind, self.carrier.now, seconds)
        self.heard.append(heard)
        self.carrier.journal.add(self.id, "hears", heard=heard)
        try:
            yield heard
        finally:
            heard.over = True
            heard.stop(self.carrier.now)

    def receive(self, key: str) -> None:
        """A key is pressed at the other end."""
        self.received += key
        self.carrier.journal.add(self.id, "receives", key=key)
