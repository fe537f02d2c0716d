"""A call in the hands of a test: hear, press, speak, wait, hang up, and see what the app did."""

import re
from collections.abc import Callable
from typing import NoReturn

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.journal import Entry
from callbackkit.carrier.leg import KEY_INTERVAL, Ending, Heard, Leg, Listening, are_keys
from callbackkit.carrier.sound import Recording
from callbackkit.carrier.transcript import transcript
from callbackkit.errors import SetupError
from callbackkit.testing.failures import PhoneFailure
from callbackkit.testing.session import Session


class CallLeg:
    """One phone on a call.

    Every method lets the carrier's clock go on as far as it has to, and raises PhoneFailure, with
    the transcript of the call, when what it waits for can't come. Times are in seconds.
    """

    def __init__(self, session: Session, leg: Leg) -> None:
        self._session = session
        self._leg = leg
        self._ear = (0, 0)  # what was listened for so far: number in `heard`, position in its text

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} of {self.number}, {self._leg.state}>"

    def __str__(self) -> str:
        return self.transcript

    # What it is

    @property
    def id(self) -> str:
        """The call's id, as the app's events name it."""
        return self._leg.id

    @property
    def number(self) -> str:
        """The number of the phone."""
        return self._leg.party

    @property
    def heard(self) -> list[Heard]:
        """Everything heard so far: texts spoken and URLs of files, each a `str` with `kind`,
        `start`, `end` and `cut`."""
        return list(self._leg.heard)

    @property
    def keys_received(self) -> str:
        """The keys that were pressed at the other end."""
        return self._leg.received

    @property
    def listening(self) -> list[Listening]:
        """The listeners for keys or speech at this moment: each has `what`, `on_key`, `on_speech`
        and `keys`."""
        return list(self._leg.listeners)

    @property
    def ringing(self) -> bool:
        """True while the phone rings and can be answered."""
        return self._leg.state == "ringing" and not self._leg.inbound

    @property
    def answered(self) -> bool:
        """True if it was ever answered."""
        return self._leg.answered is not None

    @property
    def ended(self) -> Ending | None:
        """The end of the call, as `cause` and `at` (seconds); None before."""
        return self._leg.ended

    @property
    def duration(self) -> float:
        """Seconds since it was answered, until its end if it has ended."""
        leg = self._leg
        if leg.answered is None:
            return 0.0
        return (leg.ended.at if leg.ended else self._session.carrier.now) - leg.answered

    @property
    def transcript(self) -> str:
        """The call, a line for each thing that happened: the same text in every run."""
        return transcript(self._session.carrier, *self._subjects())

    @property
    def journal(self) -> list[Entry]:
        """Everything that happened, as entries."""
        return self._session.carrier.journal.of(*self._subjects())

    def _subjects(self) -> list[str]:
        return [self._leg.id]

    # What a person does

    async def hears(self, text: str | re.Pattern[str]) -> Heard:
        """Wait until a text is heard, or the URL of a file; return the whole sentence.

        Case and white space make no difference; a pattern is searched for. It returns when the
        words have been said, so that a key pressed then cuts off the rest. The next call listens
        from there on.
        """
        __tracebackhide__ = True
        found: tuple[Heard, int, int] | None = None

        def search() -> bool:
            nonlocal found
            found = self._search(text)
            return found is not None or self._leg.state == "over"

        while True:
            await self._until(search)
            if found is None:
                self._fail(f"{_shown(text)} was not heard: {self.why_over()}")
            heard, number, position = found
            moment = heard.reached(position)

            def said(heard: Heard = heard, moment: float = moment) -> bool:
                return self._session.carrier.now >= moment or heard.cut

            await self._until(said, by=moment)
            self._ear = (number, position)
            if not heard.cut or heard.end >= moment:
                return heard

    def _search(self, text: str | re.Pattern[str]) -> tuple[Heard, int, int] | None:
        first, after = self._ear
        for number, heard in enumerate(self._leg.heard[first:], first):
            position = _end_of(text, heard, after if number == first else 0)
            if position is not None and not (heard.cut and heard.end < heard.reached(position)):
                return heard, number, position
        return None

    async def press(self, keys: str, *, now: bool = False) -> None:
        """Wait until something listens for the first key, then press all keys, of 0-9, * and #, a
        fifth of a second apart.

        `now` presses at once, even if nothing listens. Fails if nothing will ever listen.
        """
        __tracebackhide__ = True
        if not are_keys(keys):
            raise SetupError(f"press({keys!r}): a phone has the keys 0-9, * and #")
        if not now:
            await self._ready_for(f"pressed {keys}", lambda one: one.takes(keys[0]))
        for number, key in enumerate(keys):
            if number:
                await self.wait(KEY_INTERVAL)
            if self._leg.state != "up":
                self._fail(f"pressed {key}, but {self.why_over()}")
            self._session.act(self._leg.press, key)
            await self._session.quiet()

    async def speaks(self, text: str, *, seconds: float | None = None, now: bool = False) -> None:
        """Wait until something records or somebody is connected, then say a text to its end.

        `seconds` is its length, by default that of the carrier's voice. `now` speaks at once, even
        if nobody listens.
        """
        __tracebackhide__ = True
        if not now:
            await self._ready_for(f"said {text!r}", lambda one: one.on_speech is not None)
        if self._leg.state != "up":
            self._fail(f"said {text!r}, but {self.why_over()}")
        speech = self._session.act(self._leg.speak, text, seconds)
        await self._until(
            lambda: self._session.carrier.now >= speech.end or self._leg.state == "over",
            by=speech.end,
        )
        await self._session.quiet()

    async def stays_silent(self) -> None:
        """Stay silent until this listener gives up and the next one listens, or to the end."""
        leg = self._leg

        def listening() -> Listening | None:
            return leg.listeners[-1] if leg.listeners else None

        await self._until(lambda: bool(leg.listeners) or leg.state == "over")
        first = listening()
        if first is not None and first.silent:
            await self._until(lambda: first not in leg.listeners or leg.state == "over")
            await self._until(lambda: bool(leg.listeners) or leg.state == "over")
        await self._session.quiet()

    async def until(self, ready: Callable[[], bool]) -> bool:
        """Run the call until `ready()` is true or can no longer become true; return `ready()`."""
        __tracebackhide__ = True
        leg = self._leg
        await self._until(lambda: ready() or leg.lingering is not None or leg.state == "over")
        return ready()

    async def wait(self, seconds: float) -> None:
        """Wait for some seconds of the carrier's clock."""
        await self._session.wait(seconds)

    async def hang_up(self) -> None:
        """Put the phone down. Fails if the call is over already."""
        __tracebackhide__ = True
        if self._leg.state == "over":
            self._fail(f"hung up, but {self.why_over()}")
        self._session.act(self._leg.hang_up)
        await self._session.quiet()

    async def ends(self) -> Ending:
        """Wait until the call ends, which every call does by itself, and return its end."""
        await self._until(lambda: self._leg.state == "over")
        await self._session.quiet()
        assert self._leg.ended is not None
        return self._leg.ended

    # What a person does with a phone that rings

    async def answer(self) -> None:
        """Pick the phone up."""
        __tracebackhide__ = True
        self._check_ringing("answered")
        self._session.act(self._leg.answer)
        await self._session.quiet()

    async def busy(self) -> None:
        """Be busy with another call."""
        __tracebackhide__ = True
        self._check_ringing("was busy")
        self._session.act(self._leg.reject, "busy")
        await self._session.quiet()

    async def decline(self) -> None:
        """Turn the call down."""
        __tracebackhide__ = True
        self._check_ringing("declined")
        self._session.act(self._leg.reject, "declined")
        await self._session.quiet()

    async def ignore(self) -> Ending:
        """Do not answer: wait until the ringing stops."""
        __tracebackhide__ = True
        self._check_ringing("ignored")
        return await self.ends()

    # Waiting and failing

    def _check_ringing(self, what: str) -> None:
        __tracebackhide__ = True
        if not self.ringing:
            state = "this phone makes the call" if self._leg.inbound else self._why_not_ringing()
            self._fail(f"{what}, but {state}")

    def _why_not_ringing(self) -> str:
        return "it has been answered" if self._leg.state == "up" else self.why_over()

    async def _ready_for(self, what: str, takes: Callable[[Listening], bool]) -> None:
        __tracebackhide__ = True
        if not await self.until(lambda: any(takes(one) for one in self._leg.listeners)):
            self._fail(f"{what}, but nobody is listening: {self.why_over()}")

    async def _until(self, ready: Callable[[], bool], by: float | None = None) -> None:
        __tracebackhide__ = True
        await self._session.until(ready, by=by, subjects=self._subjects)
        if self._leg.state == "over":
            await self._session.quiet()  # its last events belong to its transcript

    def why_over(self) -> str:
        """Return in words why nothing more can happen, with the handler that caused it."""
        leg = self._leg
        steering = (d.handler for d in reversed(self._deliveries()) if d.expects_bxml and d.handler)
        place = next(steering, None)
        where = "" if place is None else f" ({place})"
        if leg.lingering is not None:
            ago = (leg.ended.at if leg.ended else self._session.carrier.now) - leg.lingering
            return f"the document ended {ago:.0f} s ago{where}"
        if leg.ended is not None:
            ago = self._session.carrier.now - leg.ended.at
            return f"the call ended {ago:.0f} s ago with {leg.ended.cause}{where}"
        return f"the call is {leg.state}{where}"

    def _deliveries(self) -> list[Delivery]:
        leg = self._leg
        subject = leg.id if leg.parent is None else leg.parent.id
        return [d for d in self._session.carrier.deliveries if d.subject == subject]

    def _fail(self, sentence: str) -> NoReturn:
        __tracebackhide__ = True
        raise PhoneFailure(sentence, self.transcript)


class CallbackList(tuple[Delivery, ...]):
    """The callbacks that the app got for a call, in the order of sending.

    Each has `event`, `method`, `url`, `fields` (by their names on the wire), and of the reply
    `status`, `body` and `handler` (file:line).
    """

    @property
    def kinds(self) -> list[str]:
        """The types of all events."""
        return [delivery.event for delivery in self]

    def of(self, event: str) -> list[Delivery]:
        """Return the callbacks of one type of event."""
        return [delivery for delivery in self if delivery.event == event]

    def __repr__(self) -> str:
        return f"<CallbackList {', '.join(self.kinds) or 'empty'}>"


class Call(CallLeg):
    """A call between a phone and the app, made by either."""

    @property
    def callbacks(self) -> CallbackList:
        """The callbacks that the app got for this call."""
        return CallbackList(d for d in self._deliveries() if d.event)

    @property
    def bxml(self) -> list[bytes]:
        """The documents in the app's replies, as they came."""
        return list(self._leg.documents)

    @property
    def recordings(self) -> list[Recording]:
        """The recordings: each has `duration` in seconds and `transcript`, the words said."""
        return list(self._leg.recordings)

    @property
    def rest(self) -> list[Entry]:
        """The REST requests about this call: entries with `method`, `path` and `status` as data."""
        return [entry for entry in self.journal if entry.kind == "rest"]

    async def rings(self, number: str | None = None) -> CallLeg:
        """Wait until the app rings another phone for this call: any, or the one with a number.

        Each leg is returned once.
        """
        __tracebackhide__ = True
        session = self._session

        def ringing() -> Leg | None:
            return session.ringing(number, parent=self._leg)

        await self._until(
            lambda: (
                ringing() is not None
                or self._leg.lingering is not None
                or self._leg.state == "over"
            )
        )
        leg = ringing()
        if leg is None:
            what = "no phone rang" if number is None else f"{number} did not ring"
            self._fail(f"{what}: {self.why_over()}")
        session.claim(leg)
        return CallLeg(session, leg)

    def _subjects(self) -> list[str]:
        legs = [leg.id for leg in self._session.carrier.legs if leg.parent is self._leg]
        return [self._leg.id, *legs]


def _end_of(text: str | re.Pattern[str], heard: str, start: int) -> int | None:
    """Return the position after a text in `heard`, searched from `start`; None if not found."""
    if isinstance(text, re.Pattern):
        match = text.search(heard, start)
    else:
        words = r"\s+".join(map(re.escape, text.split()))
        match = re.compile(words, re.IGNORECASE).search(heard, start)
    return match.end() if match else None


def _shown(text: str | re.Pattern[str]) -> str:
    return f'"{text}"' if isinstance(text, str) else repr(text.pattern)
