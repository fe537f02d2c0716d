"""Drivers, which run a carrier on an event loop: they send its callbacks, bring the outcomes back,
and move its clock, in virtual or real time."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.platform import Platform

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds of real time that a callback may take where time stands still meanwhile."""


class Sender(Protocol):
    """Sends callbacks. It raises nothing: a failure is an outcome too."""

    async def send(self, delivery: Delivery) -> Outcome: ...

    async def aclose(self) -> None: ...


class Work(Protocol):
    """Work of the app that goes on between callbacks."""

    @property
    def busy(self) -> bool: ...

    async def settle(self) -> None: ...


class NothingLeftError(Exception):
    """The condition can't become true any more: nothing is left that could happen."""


class AppStuckError(Exception):
    """The app has not finished in real time, so the clock can't move."""

    def __init__(self, delivery: Delivery | None, seconds: float) -> None:
        self.delivery = delivery
        super().__init__(
            "the app's work after a reply goes on"
            if delivery is None
            else f"{delivery.method} {delivery.path} {delivery.event} has had no reply",
            seconds,
        )

    def __str__(self) -> str:
        words, seconds = self.args
        return f"{words} for {seconds:g} s of real time, and the carrier's clock waits for it"


@dataclass(eq=False, slots=True)
class _Waiter:
    ready: Callable[[], bool]
    future: asyncio.Future[None]


class Driver(ABC):
    """A driver; the subclasses differ in how time passes."""

    def __init__(self, carrier: Platform, sender: Sender) -> None:
        self.carrier = carrier
        self._scheduler = carrier.scheduler
        self._sender = sender
        self._in_flight: dict[asyncio.Task[None], Delivery] = {}
        self._waiters: list[_Waiter] = []
        self._broken: BaseException | None = None

    def act(self, action: Callable[..., T], *args: Any) -> T:
        """Return the result of an action from outside, after all that follows from it at once."""
        self._catch_up()
        result = action(*args)
        self.run_pending()
        return result

    def run_pending(self) -> None:
        """Run what can run, send what is to be sent, and wake waiters whose condition is true."""
        carrier = self.carrier
        self._scheduler.run()
        while carrier.outbox:
            delivery = carrier.outbox.popleft()
            task = asyncio.get_running_loop().create_task(self._send(delivery))
            self._in_flight[task] = delivery
            task.add_done_callback(self._completed)
        self._wake()

    async def _send(self, delivery: Delivery) -> None:
        outcome = await self._sender.send(delivery)
        self._catch_up()
        self.carrier.complete(delivery, outcome)

    def _completed(self, task: asyncio.Task[None]) -> None:
        delivery = self._in_flight.pop(task, None)
        if delivery is None:
            return  # given up
        if task.cancelled():
            self.carrier.complete(delivery, Outcome(failure="was given up"))
        try:
            if not task.cancelled() and (error := task.exception()):
                raise error
            self.run_pending()
        except BaseException as error:
            self._break(error)
            raise

    def _break(self, error: BaseException) -> None:
        """Pass a bug of the carrier to all waiters, as nobody else would see it."""
        self._broken = error
        for waiter in self._waiters:
            if not waiter.future.done():
                waiter.future.set_exception(error)

    def _wake(self) -> bool:
        """Wake waiters whose condition is true; return True if there were any."""
        woken = [one for one in self._waiters if one.future.done() or one.ready()]
        for one in woken:
            self._waiters.remove(one)
            if not one.future.done():
                one.future.set_result(None)
        return bool(woken)

    @abstractmethod
    def _catch_up(self) -> None:
        """Bring the carrier's clock up to date."""

    @property
    def in_flight(self) -> bool:
        """True while callbacks are under way."""
        return bool(self._in_flight) or bool(self.carrier.outbox) or not self._scheduler.idle

    @abstractmethod
    async def until(self, ready: Callable[[], bool]) -> None:
        """Run until `ready()` is true. Raises NothingLeftError, AppStuckError."""

    @abstractmethod
    async def quiet(self) -> None:
        """Wait until nothing is under way at this instant."""

    async def aclose(self) -> None:
        """Cancel what is under way, and close the carrier."""
        # First the carrier, which would send more events about what is cancelled.
        self._scheduler.close()
        tasks = list(self._in_flight)
        self._in_flight.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class VirtualDriver(Driver):
    """Virtual time: it passes only while somebody waits for it, and never while the app works.

    The clock moves when every call waits for it or for a person on the phone, so a slow handler
    takes none of the caller's time. One that takes longer than `patience` seconds of real time
    raises AppStuckError.
    """

    def __init__(
        self,
        carrier: Platform,
        sender: Sender,
        works: tuple[Work, ...] = (),
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(carrier, sender)
        self._works = works
        self._patience = patience
        self._driven = False
        self._resting: set[asyncio.Future[None]] = set()

    def _catch_up(self) -> None:
        pass  # the clock is where `until` has brought it

    def run_pending(self) -> None:
        super().run_pending()
        self._go_on()

    def _break(self, error: BaseException) -> None:
        super()._break(error)
        self._go_on()

    def _go_on(self) -> None:
        for one in self._resting:
            if not one.done():
                one.set_result(None)

    async def until(self, ready: Callable[[], bool]) -> None:
        self.run_pending()
        while self._driven and not ready():
            # Another waiter drives; it is our turn when its condition is true.
            waiter = _Waiter(ready, asyncio.get_running_loop().create_future())
            self._waiters.append(waiter)
            try:
                await waiter.future
            except BaseException:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                self._hand_over()  # the turn may have been given to it already
                raise
            if waiter in self._waiters:
                self._waiters.remove(waiter)
        if ready():
            return
        self._driven = True
        try:
            while not ready():
                await self._step()
        finally:
            self._driven = False
            self._hand_over()

    def _hand_over(self) -> None:
        """Make the next waiter drive, if nobody does."""
        if not self._driven and self._waiters and not self._waiters[0].future.done():
            self._waiters[0].future.set_result(None)

    async def quiet(self) -> None:
        self.run_pending()
        while self.in_flight or any(work.busy for work in self._works):
            await self._at_rest()
        self._check()

    def _check(self) -> None:
        if self._broken is not None:
            raise self._broken

    async def _step(self) -> None:
        """Run the next thing that happens."""
        self._check()
        if self.in_flight or any(work.busy for work in self._works):
            await self._at_rest()
            return
        scheduler = self._scheduler
        when = scheduler.next
        if when is None:
            raise NothingLeftError
        if when > scheduler.now:
            scheduler.now = when
            # Waiters for this moment act before the timers that are due in it.
            if self._wake():
                await asyncio.sleep(0)
            return
        scheduler.fire()
        self.run_pending()

    async def _at_rest(self) -> None:
        """Wait for the app, for `patience` seconds at most."""
        if not self._in_flight:
            if self.in_flight:
                self.run_pending()
                return
            working = [work.settle() for work in self._works if work.busy]
            await self._bounded(asyncio.gather(*working), None)
            self.run_pending()
            return
        progress = asyncio.get_running_loop().create_future()
        self._resting.add(progress)
        try:
            await self._bounded(progress, next(iter(self._in_flight.values()), None))
        finally:
            self._resting.discard(progress)

    async def _bounded(self, work: "asyncio.Future[Any]", delivery: Delivery | None) -> None:
        loop = asyncio.get_running_loop()
        given_up = False

        def give_up() -> None:
            nonlocal given_up
            given_up = True
            work.cancel()

        limit = loop.call_later(self._patience, give_up)
        try:
            await work
        except asyncio.CancelledError:
            if not given_up:
                raise
            for task in list(self._in_flight):
                task.cancel()
            raise AppStuckError(delivery, self._patience) from None
        finally:
            limit.cancel()


class WallDriver(Driver):
    """Real time, `speed` times as fast. The timeouts of callbacks are real seconds."""

    def __init__(
        self,
        carrier: Platform,
        sender: Sender,
        speed: float = 1.0,
        works: tuple[Work, ...] = (),
    ) -> None:
        super().__init__(carrier, sender)
        self._speed = speed
        self._works = works
        self._watched: dict[Work, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._alarm: asyncio.TimerHandle | None = None

    async def _send(self, delivery: Delivery) -> None:
        started = self._loop.time()
        try:
            async with asyncio.timeout(delivery.timeout):
                outcome = await self._sender.send(delivery)
        except TimeoutError:
            failure = f"took longer than {delivery.timeout:g} s"
            outcome = Outcome(failure=failure, took=delivery.timeout)
        outcome = outcome._replace(took=outcome.took or self._loop.time() - started)
        self._catch_up()
        self.carrier.complete(delivery, outcome)

    def _catch_up(self) -> None:
        # Timers that are due fire first, each at its own time.
        now = (self._loop.time() - self._started) * self._speed
        scheduler = self._scheduler
        while (when := scheduler.next) is not None and when <= now:
            scheduler.now = max(scheduler.now, when)
            scheduler.fire()
        scheduler.now = max(scheduler.now, now)

    def run_pending(self) -> None:
        self._catch_up()
        super().run_pending()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        when = self._scheduler.next
        if when is not None:
            real = self._started + when / self._speed
            self._alarm = self._loop.call_at(real, self._ring)
        for work in self._works:
            if work.busy and work not in self._watched:
                self._watched[work] = self._loop.create_task(self._watch(work))

    async def _watch(self, work: Work) -> None:
        """Run what is pending when the app's work is done, as nothing else may do so."""
        await work.settle()
        del self._watched[work]
        self._ring()

    def _ring(self) -> None:
        try:
            self.run_pending()
        except BaseException as error:
            self._break(error)
            raise

    async def until(self, ready: Callable[[], bool]) -> None:
        self.run_pending()
        if ready():
            return
        if self._broken is not None:
            raise self._broken
        waiter = _Waiter(ready, self._loop.create_future())
        self._waiters.append(waiter)
        try:
            await waiter.future
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def quiet(self) -> None:
        await self.until(lambda: not self.in_flight)

    async def aclose(self) -> None:
        for task in self._watched.values():
            task.cancel()
        if self._alarm is not None:
            self._alarm.cancel()
        await super().aclose()
