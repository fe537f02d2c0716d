"""The outside world of an app under test: phones that call it, text it, and ring when it calls."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar
from weakref import WeakKeyDictionary

from callbackkit.app import App
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.driver import (
    PATIENCE,
    AppStuckError,
    Driver,
    NothingLeftError,
    VirtualDriver,
    WallDriver,
)
from callbackkit.carrier.faults import Faults
from callbackkit.carrier.leg import Leg, Pickup
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.scheduler import HANGUP
from callbackkit.carrier.sending import Routed, own_traceback, under_way
from callbackkit.carrier.transcript import transcript
from callbackkit.errors import SetupError
from callbackkit.observing import Observation
from callbackkit.testing.apps import app_under_test
from callbackkit.testing.calls import Call, CallLeg
from callbackkit.testing.failures import PhoneFailure
from callbackkit.testing.lifespan import Lifespan
from callbackkit.testing.texts import Inbox, Text

if TYPE_CHECKING:
    from callbackkit.testing.explore import Exploration

T = TypeVar("T")

NUMBER = "+19195551212"
"""The number of a phone that is given none."""

MOST_MESSAGES = 1000
"""Messages that may come while nobody asks for one."""


class Phone:
    """A phone, and all others outside: `async with Phone(app) as phone`.

    `app` is an ASGI app, run in this process with its lifespan, or the URL of a server, in any
    language, to which callbacks go by real HTTP; None for a script that only uses the REST API.
    `number` is the phone's own, `numbers` are those of the account, in E.164. `path` is where an
    app that holds others takes its callbacks, where that can't be found. `dialect` is needed for
    what is no app of callbackkit's. `rules` choose options of open rules (`callbackkit rules`),
    `callback_http_method` is that of the application ("GET", as BXML needs), `limits` whether the
    documented rate limits apply.

    `clock` is "virtual", where time passes only while the test waits and never while the app is at
    work, or "wall", real time, `speed` times as fast. `patience` is how many seconds of real time a
    callback may take in virtual time. `serve` puts the REST API on a loopback port, as `rest_url`
    and in the environment as CALLBACKKIT_BASE_URL and BANDWIDTH_...; for a server it always is,
    on `port` if that is given. A handler's `Client` reaches it in any case.

    `strict` makes what was diagnosed as an error raise PhoneFailure at the end.
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
        callback_http_method: Literal["GET", "POST"] = "GET",
        limits: Literal["off", "documented"] = "off",
        clock: Literal["virtual", "wall"] = "virtual",
        speed: float = 1.0,
        patience: float = PATIENCE,
        strict: bool = True,
        serve: bool = False,
        port: int = 0,
    ) -> None:
        self._target = app_under_test(app, path, dialect)
        self.number = number
        self.strict = strict
        self.rest_url: str | None = None
        self._numbers = numbers
        self._rules = rules
        self._method = callback_http_method
        self._limits = limits
        self._clock = clock
        self._speed = speed
        self._patience = patience
        self._serve = serve or self._target.app is None
        self._port = port
        self._driver: Driver | None = None
        self._entered = 0
        self._stack = AsyncExitStack()
        self._allowed: set[str] = set()
        self._claimed: set[str] = set()
        self._rest_apps: WeakKeyDictionary[Platform, Callable[..., Any]] = WeakKeyDictionary()
        self.carrier: Platform = self._new_carrier()
        """The carrier behind it, with everything that it knows."""
        self.inbox = Inbox(self, lambda: self.carrier.sent)

    def _new_carrier(self) -> Platform:
        dialect = self._target.dialect
        if dialect.carrier is None or dialect.rest_app is None:
            raise SetupError(f"{dialect.name} has no local carrier")
        numbers = {} if self._numbers is None else {"numbers": self._numbers}
        carrier: Platform = dialect.carrier()(
            self._target.url,
            **numbers,
            rules=self._rules,
            callback_http_method=self._method,
            limits=self._limits,
        )
        return carrier

    # Its life

    async def __aenter__(self) -> Self:
        if self._driver is not None:
            self._entered += 1
            return self
        if self._entered:
            raise SetupError("the phone was in use before: make another Phone for another block")
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise SetupError(
                "a phone runs on asyncio, as callbackkit does: where tests run on other event loops"
                ' too, let the fixture anyio_backend return "asyncio"'
            ) from None
        async with AsyncExitStack() as stack:
            lifespan = None if self._target.app is None else Lifespan(self._target.app)
            sender = self._target.sender({} if lifespan is None else lifespan.state)
            stack.push_async_callback(sender.aclose)
            self._sender = Routed({self._target.root: sender}, None, self._elsewhere)
            self._driver = self._drive(self.carrier)
            stack.push_async_callback(self._give_up)
            await self._open_rest(stack)
            if lifespan is not None:
                stack.push_async_callback(lifespan.stop)
                await lifespan.start()
            self._stack = stack.pop_all()
        self._entered = 1
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

    def _drive(self, carrier: Platform) -> Driver:
        carrier.reaches = self._sender.takes
        if self._clock == "wall":
            return WallDriver(carrier, self._sender, self._speed, self._target.apps)
        return VirtualDriver(carrier, self._sender, self._target.apps, self._patience)

    async def _give_up(self) -> None:
        driver, self._driver = self._running, None
        await driver.aclose()

    async def _open_rest(self, stack: AsyncExitStack) -> None:
        if self._serve:
            from callbackkit.testing.serving import BackgroundServer

            served = BackgroundServer(self._rest, port=self._port)
            await served.start()
            stack.push_async_callback(served.stop)
            self.rest_url = self.carrier.served_at(served.url)
            stack.enter_context(_environment(self.carrier.environment()))

        rest_client = self._target.dialect.rest_client

        async def connected() -> AsyncIterator[Any]:
            assert rest_client is not None
            async with rest_client(self.carrier, self._rest) as client:
                yield client

        for line in self._target.apps:
            stack.enter_context(line.observed(_note))
            stack.enter_context(line.fresh_duplicates())  # ids begin anew with every carrier
            if line.dialect.client is not None:
                client = line.dialect.client()
                stack.enter_context(line.override(client, asynccontextmanager(connected)))

    async def _rest(self, scope: Any, receive: Any, send: Any) -> None:
        """The REST API of the present carrier, made for its first request: most tests have none."""
        made = self._rest_apps.get(self.carrier)
        if made is None:
            rest_app = self._target.dialect.rest_app
            assert rest_app is not None
            made = self._rest_apps[self.carrier] = rest_app(self.carrier, self._running.act)
        await made(scope, receive, send)

    @asynccontextmanager
    async def _apart(self) -> AsyncIterator[Self]:
        """The same phone with the same app, at a carrier of its own where nothing has happened."""
        before = self.carrier, self._driver, self._claimed
        self._claimed = set()
        self.carrier = self._new_carrier()
        if self.rest_url is not None:
            self.carrier.served_at(self.rest_url.rpartition("/")[0])
        self._driver = self._drive(self.carrier)
        with ExitStack() as stack:
            for line in self._target.apps:
                stack.enter_context(line.fresh_duplicates())
            try:
                yield self
            finally:
                await self._give_up()
                self.carrier, self._driver, self._claimed = before

    # What phones do

    async def call(
        self, to: str | None = None, *, from_: str | None = None, **details: Any
    ) -> Call:
        """Call the app, on `to` or the account's first number: when it returns, the call was
        answered and what follows is being heard.

        `from_` is another phone than this one. `details` are what the dialect's carrier takes in
        `dial`, such as a diversion. A number that the account doesn't have becomes one.
        """
        leg: Leg = self._act(
            lambda: self.carrier.dial(
                self.number if from_ is None else from_, to or self.carrier.own_number, **details
            )
        )
        await self.quiet()
        return Call(self, leg)

    async def text(
        self,
        to: str | None,
        text: str,
        *,
        from_: str | None = None,
        media: Sequence[str] = (),
    ) -> Text:
        """Write to the app, on `to` or the account's first number; `media` are URLs and make an
        MMS. When it returns, the app has dealt with it."""
        message: Text = self._act(
            lambda: self.carrier.text(
                self.number if from_ is None else from_, to or self.carrier.own_number, text, media
            )
        )
        await self.quiet()
        return message

    async def rings(self, number: str | None = None) -> Call:
        """Wait until the app calls a phone: any, or the one with a number. Each call is given once.

        Raises PhoneFailure when nothing is left that could make it ring.
        """
        __tracebackhide__ = True
        what = "no phone rings" if number is None else f"{number} does not ring"
        await self.until(
            lambda: self._unclaimed(number) is not None,
            otherwise=f"{what}, and nothing is left that could make it",
        )
        leg = self._unclaimed(number)
        assert leg is not None
        self._claim(leg)
        return Call(self, leg)

    def answers(
        self, number: str | None = None, *, after: float = 0.0, stays: float | None = None
    ) -> None:
        """Whoever has a number picks up when it rings, after some seconds, and hangs up `stays`
        seconds later if that is given. None stands for all other numbers."""
        pickup = Pickup("answer", after, stays)
        if number is None:
            self.carrier.default_pickup = pickup
        else:
            self.carrier.pickups[number] = pickup

    def is_busy(self, number: str) -> None:
        """Whoever has a number is busy."""
        self.carrier.pickups[number] = Pickup("busy")

    def declines(self, number: str) -> None:
        """Whoever has a number turns calls down."""
        self.carrier.pickups[number] = Pickup("decline")

    async def explore(
        self,
        to: str | None = None,
        *,
        depth: int = 4,
        keys: str = "0123456789*#",
        calls: int = 10_000,
    ) -> "Exploration":
        """Call the app again and again, and try everything that a caller can do: each key, silence
        and hanging up wherever something listens, up to `depth` inputs in a call.

        What is found is in the result, with a graph of it all; nothing is raised. `calls` is the
        most that are made. What the app keeps is kept from call to call.
        """
        from callbackkit.testing.explore import explore

        return await explore(self, to, depth=depth, keys=keys, calls=calls)

    # What happened, and what is to go wrong

    @property
    def app(self) -> App:
        """The callbackkit app under test, in whatever holds it. Raises SetupError if there is
        none."""
        if not self._target.apps:
            raise SetupError("what is tested holds no App of callbackkit's")
        return self._target.apps[0]

    @property
    def calls(self) -> list[Call]:
        """All calls there were, in the order in which they began; not the legs of transfers."""
        return [Call(self, leg) for leg in self.carrier.legs if leg.parent is None]

    @property
    def faults(self) -> Faults:
        """What is declared to go wrong: `phone.faults.status("/menu", 500)`."""
        return self.carrier.faults

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All that the carrier has found wrong so far."""
        return list(self.carrier.diagnostics)

    def allow(self, *rules: str) -> None:
        """Let diagnostics of some rules, by name, not fail the test."""
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
        """All that happened, a line for each thing: the same text in every run."""
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
        """What time it is for the carrier."""
        return self.carrier.moment()

    async def wait(self, seconds: float) -> None:
        """Let some seconds of the carrier's clock pass."""
        carrier = self.carrier
        end = self._act(lambda: carrier.now) + seconds
        await self.until(lambda: carrier.now >= end, by=end)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until the app has nothing more to do at this moment; no time passes."""
        __tracebackhide__ = True
        try:
            await self._running.quiet()
        except AppStuckError as hung:
            raise PhoneFailure(f"{hung}", self.transcript) from None

    async def until(
        self,
        ready: Callable[[], bool],
        line: CallLeg | None = None,
        *,
        by: float | None = None,
        otherwise: str = "nothing is left that could happen",
    ) -> None:
        """Let things happen until something is so; `by` is a time at which it may be, in seconds of
        the carrier's clock, which would else go past it.

        Raises PhoneFailure when nothing is left that could happen: what it says then is
        `otherwise`, with the transcript of `line` or of all.
        """
        __tracebackhide__ = True
        alarm = None
        if by is not None:
            alarm = self.carrier.scheduler.at(by, lambda: None, rank=HANGUP)
        try:
            await self._running.until(ready)
        except NothingLeftError:
            raise PhoneFailure(otherwise, str(self if line is None else line)) from None
        except AppStuckError as hung:
            raise PhoneFailure(f"{hung}", self.transcript) from None
        finally:
            if alarm is not None:
                alarm.cancel()

    async def settle(self) -> None:
        """Let everything come to its end that nobody waits for: recordings and their
        transcriptions, messages on their way, the app's work after replies.

        Raises PhoneFailure if an app that answers its own receipts goes on for ever.
        """
        __tracebackhide__ = True
        most = len(self.inbox) + MOST_MESSAGES
        for _ in range(3):
            await asyncio.sleep(0)  # tasks of the app that nobody knows get their turn
            await self.until(lambda: not self._under_way or len(self.inbox) > most)
            if len(self.inbox) > most:
                raise PhoneFailure(f"the app goes on sending, after {MOST_MESSAGES} messages")
            await self.quiet()

    # For calls and texts

    @property
    def _running(self) -> Driver:
        if self._driver is None:
            raise SetupError("the phone is not in use: write `async with Phone(app) as phone:`")
        return self._driver

    @property
    def _under_way(self) -> bool:
        """Whether something goes on that will end by itself."""
        return (
            self._running.in_flight
            or self.carrier.scheduler.running > 0
            or any(line.busy for line in self._target.apps)
        )

    def _act(self, action: Callable[..., T], *args: Any) -> T:
        return self._running.act(action, *args)

    def _unclaimed(self, number: str | None, parent: Leg | None = None) -> Leg | None:
        """A leg that rings and that no test has in its hands."""
        for leg in self.carrier.legs:
            if (
                not leg.inbound
                and leg.state == "ringing"
                and leg.id not in self._claimed
                and leg.parent is parent
                and number in (None, leg.party)
            ):
                return leg
        return None

    def _claim(self, leg: Leg) -> None:
        self._claimed.add(leg.id)

    def _elsewhere(self, delivery: Delivery) -> None:
        self.carrier.diagnose(
            "error",
            "external-url",
            f"{delivery.event or 'a file'} goes to {delivery.url}, which is none of the app's URLs"
            " and was not fetched",
            "bxml/bxml",
            subject=delivery.subject,
        )


def _note(observation: Observation) -> None:
    """Tell the delivery under way who took it and how that went."""
    delivery = under_way.get()
    if delivery is None:
        return
    if observation.handler is not None:
        delivery.handler = observation.handler.where
    delivery.advice = advice = observation.callback.advice
    # What an error handler has answered for is no failure.
    if observation.error is not None and advice is not None and advice.kind == "failed":
        delivery.traceback = own_traceback(observation.error)


def _environment(variables: Mapping[str, str]) -> ExitStack:
    """Variables of the environment while in the block, and those before after it."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    stack = ExitStack()

    def restore() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    stack.callback(restore)
    return stack
