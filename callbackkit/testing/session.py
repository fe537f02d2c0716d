"""An app under test with its carrier: starting and stopping both, and letting time pass."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from callbackkit.carrier.driver import (
    PATIENCE,
    AppStuckError,
    Driver,
    NothingLeftError,
    VirtualDriver,
    WallDriver,
)
from callbackkit.carrier.leg import Leg
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.scheduler import HANGUP
from callbackkit.carrier.sending import Routed, below, own_traceback, under_way
from callbackkit.carrier.transcript import transcript
from callbackkit.errors import SetupError
from callbackkit.observing import Observation
from callbackkit.testing.apps import AppUnderTest
from callbackkit.testing.failures import PhoneFailure
from callbackkit.testing.lifespan import Lifespan

T = TypeVar("T")

Clock = Literal["virtual", "wall"]

MAX_MESSAGES = 1000
"""Messages that may arrive while the test waits for none."""


@dataclass
class _Stage:
    """One carrier at work."""

    carrier: Platform
    driver: Driver | None = None
    rest_app: Callable[..., Any] | None = None
    claimed: set[str] = field(default_factory=set)


class Session:
    """One app, the carrier that calls it, and the clock of both.

    `new_carrier` makes a carrier where nothing has happened yet. `clock`, `speed`, `patience`
    (seconds), `serve` and `port` are those of `Phone`.
    """

    def __init__(
        self,
        target: AppUnderTest,
        *,
        new_carrier: Callable[[], Platform],
        clock: Clock = "virtual",
        speed: float = 1.0,
        patience: float = PATIENCE,
        serve: bool = False,
        port: int = 0,
    ) -> None:
        self.target = target
        self.rest_url: str | None = None
        """The base URL of the REST API, where it is served."""
        self._new_carrier = new_carrier
        self._clock = clock
        self._speed = speed
        self._patience = patience
        self._serve = serve
        self._port = port
        self._stage = _Stage(self._new_carrier())

    @property
    def carrier(self) -> Platform:
        """The carrier at work."""
        return self._stage.carrier

    @property
    def in_use(self) -> bool:
        """True while the app and the clock are running."""
        return self._stage.driver is not None

    @property
    def driver(self) -> Driver:
        """The driver of the carrier's clock. Raises SetupError while there is none."""
        if self._stage.driver is None:
            raise SetupError("the phone is not in use: write `async with Phone(app) as phone:`")
        return self._stage.driver

    # Start and stop

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start the app and the carrier's clock; stop both at the end of the block."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise SetupError(
                "a phone runs on asyncio, as callbackkit does: where tests run on other event loops"
                ' too, let the fixture anyio_backend return "asyncio"'
            ) from None
        lifespan = None if self.target.app is None else Lifespan(self.target.app)
        self._sender = self.target.sender({} if lifespan is None else lifespan.state)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._sender.aclose)
            self._start_clock()
            stack.push_async_callback(self._stop_clock)
            for app, url in self.target.served:
                stack.enter_context(app.served_at(url))
            await self._open_rest(stack)
            if lifespan is not None:
                stack.push_async_callback(lifespan.stop)
                await lifespan.start()
            for app in self.target.apps:
                for doubt in app.doubts:
                    self.carrier.diagnose("warning", "unlisted-word", doubt)
            yield

    def _start_clock(self) -> None:
        carrier, apps = self.carrier, self.target.apps
        takes = below(self.target.root)
        sender = Routed(carrier, self._sender, takes, "none of the app's URLs")
        if self._clock == "wall":
            self._stage.driver = WallDriver(carrier, sender, self._speed, apps)
        else:
            self._stage.driver = VirtualDriver(carrier, sender, apps, self._patience)

    async def _stop_clock(self) -> None:
        driver, self._stage.driver = self.driver, None
        await driver.aclose()

    async def _open_rest(self, stack: AsyncExitStack) -> None:
        if self._serve:
            from unittest.mock import patch

            from callbackkit.testing.serving import BackgroundServer

            server = BackgroundServer(self.rest, port=self._port)
            await server.start()
            stack.push_async_callback(server.stop)
            self.rest_url = self.carrier.served_at(server.url)
            stack.enter_context(patch.dict("os.environ", self.carrier.environment()))

        rest_client = self.target.dialect.rest_client

        async def connected() -> AsyncIterator[Any]:
            assert rest_client is not None
            async with rest_client(self.carrier, self.rest) as client:
                yield client

        for app in self.target.apps:
            stack.enter_context(app.observed(_note))
            stack.enter_context(app.fresh_duplicates())  # ids begin anew with every carrier
            if app.dialect.client is not None:
                client = app.dialect.client()
                stack.enter_context(app.override(client, asynccontextmanager(connected)))

    async def rest(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a REST request by the carrier at work, as an ASGI app."""
        stage = self._stage
        if stage.rest_app is None:  # most tests send no request
            assert self.target.dialect.rest_app is not None
            stage.rest_app = self.target.dialect.rest_app(stage.carrier, self.driver.act)
        await stage.rest_app(scope, receive, send)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """Put another carrier to work while in the block, where nothing has happened yet."""
        before = self._stage
        self._stage = _Stage(self._new_carrier())
        if self.rest_url is not None:
            self.carrier.served_at(self.rest_url.rpartition("/")[0])
        self._start_clock()
        with ExitStack() as stack:
            for app in self.target.apps:
                stack.enter_context(app.fresh_duplicates())
            try:
                yield
            finally:
                await self._stop_clock()
                self._stage = before

    # Act

    def act(self, action: Callable[..., T], *args: Any) -> T:
        """Do something to the carrier, and everything that follows from it at this instant."""
        return self.driver.act(action, *args)

    async def dial(self, from_: str, to: str | None, **details: Any) -> Leg:
        """Call a number of the account, by default the first, and wait until the app is quiet."""
        carrier = self.carrier
        leg: Leg = self.act(lambda: carrier.dial(from_, to or carrier.own_number, **details))
        await self.quiet()
        return leg

    def ringing(self, number: str | None, parent: Leg | None = None) -> Leg | None:
        """Return the first leg that rings and that no test has claimed, of any number or of one.

        `parent` is the leg on whose behalf it rings, None for a call of its own.
        """
        for leg in self.carrier.legs:
            if (
                not leg.inbound
                and leg.state == "ringing"
                and leg.id not in self._stage.claimed
                and leg.parent is parent
                and number in (None, leg.party)
            ):
                return leg
        return None

    def claim(self, leg: Leg) -> None:
        """Keep `ringing` from returning a leg again."""
        self._stage.claimed.add(leg.id)

    # Wait

    async def quiet(self) -> None:
        """Wait until the app has nothing more to do at this moment; no time passes."""
        __tracebackhide__ = True
        try:
            await self.driver.quiet()
        except AppStuckError as stuck:
            raise PhoneFailure(f"{stuck}", transcript(self.carrier)) from None

    async def until(
        self,
        ready: Callable[[], bool],
        *,
        by: float | None = None,
        otherwise: str = "nothing is left that could happen",
        subjects: Callable[[], list[str]] = list,
    ) -> None:
        """Wait until `ready()` is true.

        `by` is a time on the carrier's clock, in seconds, at which that may be; without it the
        clock would go past. Raises PhoneFailure when nothing is left that could happen: with the
        sentence `otherwise` and the transcript of the calls that `subjects` names, or of all.
        """
        __tracebackhide__ = True
        alarm = None
        if by is not None:
            alarm = self.carrier.scheduler.at(by, lambda: None, rank=HANGUP)
        try:
            await self.driver.until(ready)
        except NothingLeftError:
            raise PhoneFailure(otherwise, transcript(self.carrier, *subjects())) from None
        except AppStuckError as stuck:
            raise PhoneFailure(f"{stuck}", transcript(self.carrier)) from None
        finally:
            if alarm is not None:
                alarm.cancel()

    async def wait(self, seconds: float) -> None:
        """Wait for some seconds of the carrier's clock."""
        carrier = self.carrier
        end = self.act(lambda: carrier.now) + seconds
        await self.until(lambda: carrier.now >= end, by=end)
        await self.quiet()

    @property
    def busy(self) -> bool:
        """True while something goes on that will end by itself."""
        return (
            self.driver.in_flight
            or self.carrier.scheduler.running > 0
            or any(app.busy for app in self.target.apps)
        )

    async def settle(self) -> None:
        """Wait until everything has ended that ends by itself: see `Phone.settle`."""
        __tracebackhide__ = True
        sent = self.carrier.sent
        most = len(sent) + MAX_MESSAGES
        for _ in range(3):
            await asyncio.sleep(0)  # let tasks run that the app has started on its own
            await self.until(lambda: not self.busy or len(sent) > most)
            if len(sent) > most:
                raise PhoneFailure(f"the app goes on sending, after {MAX_MESSAGES} messages")
            await self.quiet()


def _note(observation: Observation) -> None:
    """Note on the delivery under way which handler took it, and what that raised."""
    delivery = under_way.get()
    if delivery is None:
        return
    if observation.handler is not None:
        delivery.handler = observation.handler.where
    delivery.advice = advice = observation.callback.advice
    # What an error handler has answered for is no failure.
    if observation.error is not None and advice is not None and advice.kind == "failed":
        delivery.traceback = own_traceback(observation.error)
