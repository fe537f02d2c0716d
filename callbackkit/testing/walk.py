"""One call of a crawl: the points it reaches, and what a person can do at each."""

from dataclasses import dataclass
from hashlib import sha256

from callbackkit.carrier.leg import Leg, Listening
from callbackkit.testing.graph import Kind
from callbackkit.testing.session import Session

SILENCE, HANG_UP, SPEECH = "silence", "hang up", "speech"
ANSWER, NO_ANSWER = "somebody answers", "nobody answers"

HUNG_UP, DEAD_AIR, FAILED = "hung up", "dead air", "failed"
_FAILURES = {
    "callback-failed",
    "handler-raised",
    "invalid-bxml",
    "redirect-loop",
    "too-big",
    "unanswered-handler",
}
"""The rules of diagnostics that end a call."""
ENDS: dict[str, tuple[Kind, str]] = {
    HUNG_UP: ("end", "the app hangs up"),
    DEAD_AIR: ("failure", "dead air"),
    FAILED: ("failure", "the call fails"),
}
"""The kind and label of each way to end."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a call, identified by its `key`."""

    key: str
    kind: Kind
    label: str
    choices: tuple[str, ...] = ()


class Walk:
    """One call on its way, with the choices that a person has."""

    def __init__(self, session: Session, leg: Leg) -> None:
        self._session = session
        self.leg = leg
        self._past: Listening | None = None
        self._rung: set[str] = set()

    @property
    def place(self) -> str | None:
        """The handler whose reply the call follows at present."""
        deliveries = [d for d in self._session.carrier.deliveries if d.subject == self.leg.id]
        return next((d.handler for d in reversed(deliveries) if d.expects_bxml and d.handler), None)

    def _listening(self) -> Listening | None:
        one = self.leg.listeners[-1] if self.leg.listeners else None
        return None if one is self._past else one

    def _ringing(self) -> list[Leg]:
        return [
            leg
            for leg in self._session.carrier.legs
            if leg.parent is self.leg and leg.state == "ringing" and leg.id not in self._rung
        ]

    async def arrive(self) -> None:
        """Wait until something depends on a person, or nothing does any more."""
        await self._session.until(
            lambda: (
                self._listening() is not None
                or bool(self._ringing())
                or self.leg.lingering is not None
                or self.leg.state == "over"
            )
        )

    def point(self, keys: str) -> Point:
        """Return the point that the call has reached."""
        if self._ringing():
            label = f"rings {', '.join(leg.party for leg in self._ringing())}"
            key = f"{label} {self._document()}"
            return Point(key, "rings", label, (ANSWER, NO_ANSWER, HANG_UP))
        one = self._listening()
        if one is not None and self.leg.state == "up":
            choices = [key for key in keys if one.takes(key)]
            if one.silent:
                choices += [SPEECH, SILENCE] if one.on_speech is not None else [SILENCE]
            key = f"{one.what} {one.number} {self._document()}"
            return Point(key, "listens", one.what, (*choices, HANG_UP))
        key = self._end()
        return Point(key, *ENDS[key])

    def _document(self) -> str:
        """Return a name of the running document, which with the place in it makes the state."""
        documents = self.leg.documents or [b""]
        return sha256(documents[-1]).hexdigest()

    def _end(self) -> str:
        found = self._session.carrier.diagnostics
        if any(one.level == "error" and one.rule in _FAILURES for one in found):
            return FAILED
        return HUNG_UP if self.leg.lingering is None else DEAD_AIR

    def takes(self, choice: str) -> bool:
        """Return True if an input is possible here."""
        return choice in self.point(choice if len(choice) == 1 else "").choices

    async def do(self, choice: str) -> int:
        """Do one thing that a person can do; return how much was heard before it had an effect."""
        session, leg = self._session, self.leg
        past = self._past = self._listening()
        heard = len(leg.heard)
        if choice == HANG_UP:
            session.act(leg.hang_up)
        elif choice == ANSWER:
            await self._be_answered()
        elif choice == NO_ANSWER:
            self._rung.update(one.id for one in self._ringing())
        elif choice == SILENCE:
            await session.until(lambda: past not in leg.listeners or leg.state == "over")
            heard = len(leg.heard)
        elif choice == SPEECH:
            session.act(leg.speak, "Hello.", 2.0)
        else:
            session.act(leg.press, choice)
        return heard

    async def _be_answered(self) -> None:
        """Answer the other phone, talk, and hang up."""
        session, leg = self._session, self.leg
        other = self._ringing()[0]
        session.act(other.answer)
        await session.until(
            lambda: bool(leg.listeners) or other.state == "over" or leg.state == "over"
        )
        self._past = leg.listeners[-1] if leg.listeners else None
        if other.state == "up":
            session.act(other.hang_up)
