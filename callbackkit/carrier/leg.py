"""One phone's side of a call: what is heard, pressed and said there, and how it ends."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

from callbackkit.carrier.journal import Journal
from callbackkit.carrier.scheduler import HANGUP, Scheduler
from callbackkit.carrier.sound import Recording

SPOKEN_A_SECOND = 15.0
"""Characters of a text that a voice speaks in a second (ours: no page says how long that takes)."""
SHORTEST_SPEECH = 0.5
"""Seconds that the shortest text takes (ours)."""
KEYS = "0123456789*#"
"""The keys of a phone."""
KEY_INTERVAL = 0.2
"""Seconds between two keys that are pressed in a row."""

HeardKind: TypeAlias = Literal["speech", "audio", "voice"]
Rejection: TypeAlias = Literal["busy", "declined", "unallocated"]


def are_keys(text: str) -> bool:
    """Return whether a text is one or more keys of a phone."""
    return text != "" and set(text) <= set(KEYS)


def speech_seconds(text: str) -> float:
    """Return how many seconds it takes to say a text."""
    return max(SHORTEST_SPEECH, len(text) / SPOKEN_A_SECOND)


class Heard(str):
    """Something that was heard on a leg: the text spoken, or the URL of a file.

    `kind` is "speech" for the platform's voice, "audio" for a file, "voice" for a person on another
    leg. `start` and `end` are seconds of the carrier's clock; `end` is when it stopped, or will
    stop if nothing cuts it. `cut` is true once something did.
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
        """Return the time of a position in the text, as if nothing had cut it."""
        return self.start + self._seconds * min(1.0, position / max(1, len(self)))

    def stop(self, now: float) -> None:
        """Cut what is left of it."""
        if now < self.end:
            self.end = max(now, self.start)
            self.cut = True


@dataclass(frozen=True, slots=True)
class Speech:
    """Something said into a phone, from `start` to `end` of the carrier's clock."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a leg: the platform's `cause`, and the time in seconds of the carrier's clock."""

    cause: str
    at: float


@dataclass(eq=False, slots=True)
class Listening:
    """Something that takes what is pressed or said on a leg.

    `number` counts the listeners of one document from 1. `what` names it in messages. `on_voice`
    takes what the leg hears from others. `keys` are the keys that make a difference, None for all.
    `silent` is true if silence makes one too: it ends by itself when nothing comes.
    """

    number: int
    what: str
    on_key: Callable[[str], object] | None
    on_speech: Callable[[Speech], object] | None
    on_voice: Callable[[Speech], object] | None
    silent: bool
    keys: str | None

    def takes(self, key: str) -> bool:
        """Return True if a key makes a difference."""
        return self.on_key is not None and (self.keys is None or key in self.keys)


@dataclass(frozen=True, slots=True)
class Pickup:
    """The reaction of a phone that rings, after some seconds; one that answers hangs up after
    `stays` seconds, or never if that is None."""

    does: Literal["answer", "busy", "decline", "ignore"]
    after: float = 0.0
    stays: float | None = None

    def apply(self, leg: "Leg") -> None:
        """Do it, if the phone still rings."""
        if leg.state != "ringing":
            return
        if self.does == "answer":
            leg.answer()
            if self.stays is not None:
                scheduler = leg.scheduler
                scheduler.at(scheduler.now + self.stays, leg.hang_up, rank=HANGUP)
        elif self.does == "busy":
            leg.reject("busy")
        elif self.does == "decline":
            leg.reject("declined")


class Leg(ABC):
    """One phone's connection with the platform, as seen from the phone.

    `party` is the phone's number, `number` the one at the platform's end. `inbound` is true if the
    phone called the platform. The methods are what a person can do; each returns at once, and what
    follows happens when the scheduler runs.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        leg_id: str,
        party: str,
        number: str,
        *,
        inbound: bool,
    ) -> None:
        self.scheduler = scheduler
        self.journal = journal
        self.id = leg_id
        self.party = party
        self.number = number
        self.inbound = inbound
        self.state: Literal["ringing", "up", "over"] = "ringing"
        self.heard: list[Heard] = []
        self.received = ""
        """The keys that were pressed at this phone's other end, as tones it hears."""
        self.speeches: list[Speech] = []
        self.recordings: list[Recording] = []
        self.listeners: list[Listening] = []
        self.began = scheduler.now
        self.answered: float | None = None
        self.ended: Ending | None = None
        self.lingering: float | None = None
        """Since when nothing but the end of the call can come, None while something else can."""
        self.documents: list[bytes] = []
        """The documents that the app has sent for it."""
        self.parent: Leg | None = None
        """The leg on whose behalf this one was made."""
        self._numbers = 0

    @property
    def from_(self) -> str:
        """The number of the caller."""
        return self.party if self.inbound else self.number

    @property
    def to(self) -> str:
        """The number of the callee."""
        return self.number if self.inbound else self.party

    # What a person can do

    @abstractmethod
    def answer(self) -> None:
        """Pick up the phone if it rings."""

    @abstractmethod
    def reject(self, how: Rejection) -> None:
        """Turn the call down if the phone rings; "unallocated" is a number that nobody has."""

    @abstractmethod
    def hang_up(self) -> None:
        """End the call from this phone."""

    def press(self, key: str) -> None:
        """Press one key of the phone, which must be up."""
        assert self.state == "up"
        takers = [one.on_key for one in self.listeners if one.on_key is not None]
        self.journal.add(self.id, "presses", key=key, taken=bool(takers))
        for take in takers:
            take(key)
        if not takers:
            self.unlistened(key)

    def speak(self, text: str, seconds: float | None = None) -> Speech:
        """Say something into the phone, which must be up; by default it takes the time of a voice
        at normal speed."""
        assert self.state == "up"
        now = self.scheduler.now
        speech = Speech(text, now, now + (speech_seconds(text) if seconds is None else seconds))
        self.journal.add(self.id, "speaks", speech=speech)
        self.speeches.append(speech)
        for one in list(self.listeners):
            if one.on_speech is not None:
                one.on_speech(speech)
        return speech

    # What a dialect's carrier does with it

    def new_document(self, body: bytes) -> None:
        """Note a new document from the app; listeners are counted anew."""
        self.documents.append(body)
        self._numbers = 0

    @abstractmethod
    def unlistened(self, key: str) -> None:
        """Take note of a key that nothing listens for."""

    @contextmanager
    def listening(
        self,
        what: str,
        *,
        on_key: Callable[[str], object] | None = None,
        on_speech: Callable[[Speech], object] | None = None,
        on_voice: Callable[[Speech], object] | None = None,
        silent: bool = False,
        keys: str | None = None,
    ) -> Iterator[Listening]:
        """Take what is pressed, said or heard from others while in the block."""
        self._numbers += 1
        one = Listening(self._numbers, what, on_key, on_speech, on_voice, silent, keys)
        self.listeners.append(one)
        try:
            yield one
        finally:
            self.listeners.remove(one)

    @contextmanager
    def hearing(self, text: str, kind: HeardKind, seconds: float) -> Iterator[Heard]:
        """Make something audible while in the block; what is left of it at the end is cut."""
        heard = Heard(text, kind, self.scheduler.now, seconds)
        self.heard.append(heard)
        self.journal.add(self.id, "hears", heard=heard)
        try:
            yield heard
        finally:
            heard.over = True
            heard.stop(self.scheduler.now)

    def overhear(self, speech: Speech) -> None:
        """Hear what a person says on another leg."""
        heard = Heard(speech.text, "voice", speech.start, speech.end - speech.start)
        self.heard.append(heard)
        self.journal.add(self.id, "hears", heard=heard)
        for one in list(self.listeners):
            if one.on_voice is not None:
                one.on_voice(speech)

    def receive(self, key: str) -> None:
        """Hear a key that is pressed at the other end."""
        self.received += key
        self.journal.add(self.id, "receives", key=key)
