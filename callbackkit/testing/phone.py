"""The outside world of an app under test: phones that call it, text it, and ring when it calls."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from callbackkit.app import App
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.driver import PATIENCE
from callbackkit.carrier.faults import Faults
from callbackkit.carrier.leg import KEYS, Pickup
from callbackkit.carrier.messaging import Message
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.transcript import transcript
from callbackkit.errors import SetupError
from callbackkit.testing.apps import app_under_test
from callbackkit.testing.calls import Call, CallLeg
from callbackkit.testing.explore import Exploration, explore
from callbackkit.testing.failures import PhoneFailure
from callbackkit.testing.inbox import Inbox
from callbackkit.testing.session import Clock, Session

NUMBER = "+19195551212"
"""The default number of a phone."""


class Phone:
    """A phone, and all others outside: `async with Phone(app) as phone`.

    Parameters:
        app: an ASGI app, run in this process with its lifespan; or the URL of a server, in any
            language, to which callbacks go by real HTTP; or None for a script that only uses the
            REST API.
        number: the phone's own number, in E.164.
        numbers: the numbers of the account, in E.164.
        path: where an app that holds others takes its callbacks, if that can't be found.
        dialect: the protocol, needed for an app that is not made with callbackkit.
        rules: options of open rules, by the rule's id (see `callbackkit rules`).
        clock: "virtual", where time passes only while the test waits and never while the app is at
            work, or "wall", real time.
        speed: how many times as fast as real a "wall" clock goes.
        patience: seconds of real time that a callback may take on a "virtual" clock.
        strict: raise PhoneFailure at the end for what was diagnosed as an error.
        serve: put the REST API on a loopback port, as `rest_url` and in the environment as
            CALLBACKKIT_BASE_URL and BANDWIDTH_...; without an app in this process it always is. A
            handler's `Client` reaches it in any case.
        port: the port for `serve`; 0 takes a free one.
        carrier_options: options of the dialect's carrier, as `callbackkit carrier --help` shows
            them: `limits="documented"`.
    """

    def __init__(
        self,
        app: Any,
        *,
        number: str = NUMBER,
        numbers: Sequence[str] | None = None,
        path: str | None = None,
        dialect: str | None = None,
        rules: Mapping[str, str] | None = None,
        clock: Clock = "virtual",
        speed: float = 1.0,
        patience: float = PATIENCE,
        strict: bool = True,
        serve: bool = False,
        port: int = 0,
        **carrier_options: str,
    ) -> None:
        target = app_under_test(app, path, dialect)
        account = {} if numbers is None else {"numbers": numbers}
        new_carrier = partial(
            target.dialect.new_carrier, target.url, carrier_options, rules=rules, **account
        )
        self.number = number
        self.strict = strict
        self._session = Session(
            target,
            new_carrier=new_carrier,
            clock=clock,
            speed=speed,
            patience=patience,
            serve=serve or target.app is None,
            port=port,
        )
        self._entered = 0
        self._stack = AsyncExitStack()
        self._allowed: set[str] = set()
        self.inbox = Inbox(self._session)

    # Start and stop

    async def __aenter__(self) -> Self:
        if not self._session.in_use:
            if self._entered:
                raise SetupError("the phone was in use before: use another Phone for another block")
            await self._stack.enter_async_context(self._session.running())
        self._entered += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        if self._entered > 1:
            self._entered -= 1  # the outermost block is the phone's
            return
        try:
            if error is None:
                await self.quiet()
        finally:
            await self._stack.aclose()
        if error is None:
            self.check()

    # What phones do

    async def call(
        self, to: str | None = None, *, from_: str | None = None, **details: Any
    ) -> Call:
        """Call the app, on `to` or the account's first number: when it returns, the call was
        answered and what follows is being heard.

        `from_` is another phone than this one. `details` are arguments of `dial` of the dialect's
        carrier, such as a diversion. A number that the account doesn't have is added to it.
        """
        party = self.number if from_ is None else from_
        leg = await self._session.dial(party, to, **details)
        return Call(self._session, leg)

    async def text(
        self,
        to: str | None,
        text: str,
        *,
        from_: str | None = None,
        media: Sequence[str] = (),
    ) -> Message:
        """Write to the app, on `to` or the account's first number; `media` are URLs and make an
        MMS. When it returns, the app has dealt with it."""
        carrier, party = self.carrier, self.number if from_ is None else from_
        message: Message = self._session.act(
            lambda: carrier.text(party, to or carrier.own_number, text, media)
        )
        await self.quiet()
        return message

    async def rings(self, number: str | None = None) -> Call:
        """Wait until the app calls a phone: any, or the one with a number. Each call is returned
        once.

        Raises PhoneFailure when nothing is left that could make it ring.
        """
        __tracebackhide__ = True
        what = "no phone rings" if number is None else f"{number} does not ring"
        await self._session.until(
            lambda: self._session.ringing(number) is not None,
            otherwise=f"{what}, and nothing is left that could make it",
        )
        leg = self._session.ringing(number)
        assert leg is not None
        self._session.claim(leg)
        return Call(self._session, leg)

    def answers(
        self, number: str | None = None, *, after: float = 0.0, stays: float | None = None
    ) -> None:
        """Have the phone with a number picked up `after` seconds of ringing, and hung up `stays`
        seconds later if that is not None. A number of None stands for all other numbers."""
        pickup = Pickup("answer", after, stays)
        if number is None:
            self.carrier.default_pickup = pickup
        else:
            self.carrier.pickups[number] = pickup

    def is_busy(self, number: str) -> None:
        """Make the phone with a number busy."""
        self.carrier.pickups[number] = Pickup("busy")

    def declines(self, number: str) -> None:
        """Make the phone with a number decline calls."""
        self.carrier.pickups[number] = Pickup("decline")

    async def explore(
        self,
        to: str | None = None,
        *,
        depth: int = 4,
        keys: str = KEYS,
        calls: int = 10_000,
    ) -> Exploration:
        """Call the app again and again, and try everything that a caller can do: each key, silence
        and hanging up wherever something listens, up to `depth` inputs in a call.

        Return all findings, with a graph of the call flow; nothing is raised for them. `calls` is
        the most calls that are made. The app's own state is kept from call to call.
        """
        return await explore(self._session, self.number, to, depth=depth, keys=keys, calls=calls)

    # What happened, and what is to go wrong

    @property
    def app(self) -> App:
        """The callbackkit app under test, also inside another app. Raises SetupError if there is
        none."""
        if not self._session.target.apps:
            raise SetupError("what is tested holds no App of callbackkit's")
        return self._session.target.apps[0]

    @property
    def carrier(self) -> Platform:
        """The carrier behind the phone, with everything that it knows."""
        return self._session.carrier

    @property
    def rest_url(self) -> str | None:
        """The base URL of the REST API where it is served, else None."""
        return self._session.rest_url

    @property
    def calls(self) -> list[Call]:
        """All calls there were, in the order in which they began; not the legs of transfers."""
        return [Call(self._session, leg) for leg in self.carrier.legs if leg.parent is None]

    @property
    def legs(self) -> list[CallLeg]:
        """All phones that were on a call, in the order in which they began; those of transfers
        too."""
        return [CallLeg(self._session, leg) for leg in self.carrier.legs]

    @property
    def faults(self) -> Faults:
        """The faults that the test declares: `phone.faults.status("/menu", 500)`."""
        return self.carrier.faults

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Everything that the carrier has diagnosed so far."""
        return list(self.carrier.diagnostics)

    def allow(self, *rules: str) -> None:
        """Keep diagnostics of some rules, by name, from failing the test."""
        self._allowed.update(rules)

    def check(self) -> None:
        """Raise PhoneFailure if something was diagnosed as an error, and that is not allowed."""
        __tracebackhide__ = True
        errors = [
            found
            for found in self.carrier.diagnostics
            if found.level == "error" and found.rule not in self._allowed
        ]
        if self.strict and errors:
            raise PhoneFailure("\n".join(map(str, errors)), self.transcript)

    @property
    def transcript(self) -> str:
        """Everything that happened, a line for each thing: the same text in every run."""
        return transcript(self.carrier)

    def __str__(self) -> str:
        return self.transcript

    # Time

    @property
    def now(self) -> float:
        """Seconds of the carrier's clock since its start."""
        return self.carrier.now

    @property
    def time(self) -> datetime:
        """Date and time by the carrier's clock."""
        return self.carrier.moment()

    async def wait(self, seconds: float) -> None:
        """Wait for some seconds of the carrier's clock."""
        await self._session.wait(seconds)

    async def quiet(self) -> None:
        """Wait until the app has nothing more to do at this moment; no time passes."""
        __tracebackhide__ = True
        await self._session.quiet()

    async def until(self, ready: Callable[[], bool], *, by: float | None = None) -> None:
        """Wait until `ready()` is true.

        `by` is a time on the carrier's clock, in seconds, at which that may be; without it the
        clock would go past. Raises PhoneFailure when nothing is left that could happen.
        """
        __tracebackhide__ = True
        await self._session.until(ready, by=by)

    async def settle(self) -> None:
        """Wait until everything has ended that ends by itself: recordings and their
        transcriptions, messages on their way, the app's work after replies.

        Raises PhoneFailure if an app that answers its own receipts goes on for ever.
        """
        __tracebackhide__ = True
        await self._session.settle()
