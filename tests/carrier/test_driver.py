"""What lets a carrier's time pass on an event loop: virtual time, real time, and what can go wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.driver import (
    AppStuckError,
    Driver,
    NothingLeftError,
    VirtualDriver,
    WallDriver,
)
from callbackkit.carrier.http import OverHttp
from callbackkit.v1 import (
    AnswerEvent,
    Gather,
    GatherEvent,
    Hangup,
    Pause,
    Response,
    SpeakSentence,
    Verb,
)
from callbackkit.v1 import App as LineApp
from callbackkit.v1.carrier import Carrier

pytestmark = pytest.mark.anyio

CALLER, OTHER, NUMBER = "+19195551212", "+14155550111", "+19195550100"
Handler = Callable[[Delivery], Awaitable[Outcome]]


class App:
    """An app: verbs or a handler by eventType; all else is answered with an empty 200."""

    def __init__(self, **handlers: Any) -> None:
        self.handlers = handlers

    async def send(self, delivery: Delivery) -> Outcome:
        handler = self.handlers.get(delivery.event, b"")
        if callable(handler):
            return await handler(delivery)
        if isinstance(handler, (Verb, list)):
            handler = Response(handler).render("http://app.test")
        return Outcome(200, {}, handler)

    async def aclose(self) -> None:
        pass


class ApiServer:
    """A handler that waits for the test, and says when it was reached."""

    def __init__(self, *verbs: Verb) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.given_up = False
        self._body = Response(list(verbs)).render("http://app.test")

    async def __call__(self, delivery: Delivery) -> Outcome:
        self.reached.set()
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.given_up = True
            raise
        return Outcome(200, {}, self._body)


@asynccontextmanager
async def virtual(app: App, **options: Any) -> AsyncIterator[VirtualDriver]:
    driver = VirtualDriver(Carrier("http://app.test/voice"), app, **options)
    yield driver
    await driver.aclose()


@asynccontextmanager
async def wall(app: App, **options: Any) -> AsyncIterator[WallDriver]:
    driver = WallDriver(Carrier("http://app.test/voice"), app, **options)
    yield driver
    await driver.aclose()


def dial(driver: Driver, party: str = CALLER) -> Any:
    return driver.act(driver.carrier.dial, party, NUMBER)


def over(call: Any) -> Callable[[], bool]:
    return lambda: call.over


async def later(driver: Driver, moment: float) -> float:
    """Wait for a time of the clock: when it has come."""
    driver.carrier.scheduler.at(moment, lambda: None)
    await driver.until(lambda: driver.carrier.now >= moment)
    return driver.carrier.now


async def a_few_turns() -> None:
    """Let everything run that could."""
    for _ in range(20):
        await asyncio.sleep(0)


# Virtual time.


async def test_an_hour_passes_in_no_time() -> None:
    async with virtual(App(answer=[Pause(length=3600), Hangup()])) as driver:
        call = dial(driver)
        await driver.until(over(call))
        assert (driver.carrier.now, call.ended.at) == (3600, 3600)


async def test_time_stands_still_while_a_handler_is_at_work() -> None:
    door = ApiServer(Pause(length=60), Hangup())
    async with virtual(App(answer=door)) as driver:
        call = dial(driver)
        waiting = asyncio.ensure_future(driver.until(over(call)))
        await door.reached.wait()
        driver.carrier.scheduler.at(1, lambda: None)  # somewhere time could go
        await a_few_turns()
        assert (driver.carrier.now, driver.in_flight) == (0, True)
        door.opened.set()
        await waiting
        assert call.ended.at == 60


async def test_time_passes_only_while_somebody_waits_for_it() -> None:
    async with virtual(App(answer=[Pause(length=60), Hangup()])) as driver:
        call = dial(driver)
        await driver.quiet()
        await a_few_turns()
        assert (driver.carrier.now, call.state, driver.in_flight) == (0, "up", False)


async def test_each_of_several_waiters_wakes_at_its_own_time() -> None:
    async with virtual(App(answer=Pause(length=60))) as driver:
        dial(driver)
        moments = await asyncio.gather(*(later(driver, moment) for moment in (9, 4, 20, 4)))
        assert moments == [9, 4, 20, 4]
        assert driver.carrier.now == 20


async def test_people_act_before_the_timers_of_the_same_moment() -> None:
    app = App(answer=Gather(request_url="/menu", max_digits=1), gather=Hangup())
    async with virtual(app) as driver:
        call = dial(driver)

        async def press() -> None:
            await later(driver, 5)  # when the Gather gives up
            driver.act(call.press, "7")

        await asyncio.gather(press(), driver.until(over(call)))
        assert driver.carrier.deliveries[-2].fields["digits"] == "7"


async def test_a_waiter_goes_on_when_another_is_cancelled() -> None:
    async with virtual(App(answer=[Pause(length=60), Hangup()])) as driver:
        door = ApiServer(Hangup())
        driver._sender.handlers["incomingcall"] = door  # type: ignore[attr-defined]
        call = dial(driver)
        first = asyncio.ensure_future(driver.until(over(call)))
        second = asyncio.ensure_future(driver.until(over(call)))
        await door.reached.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        door.opened.set()
        await second
        assert call.ended.at == 60


async def test_waiting_for_what_is_true_takes_no_time() -> None:
    async with virtual(App()) as driver:
        await driver.until(lambda: True)
        assert driver.carrier.now == 0


async def test_stuck_when_nothing_is_left_that_could_happen() -> None:
    async with virtual(App(answer=Hangup())) as driver:
        call = dial(driver)
        with pytest.raises(NothingLeftError):
            await driver.until(lambda: False)
        assert call.over


async def test_two_waiters_both_fail_when_nothing_is_left() -> None:
    async with virtual(App()) as driver:
        waits = (driver.until(lambda: False) for _ in range(2))
        found = await asyncio.gather(*waits, return_exceptions=True)
        assert [type(one) for one in found] == [NothingLeftError, NothingLeftError]


async def test_a_hanging_handler_is_named_and_cancelled() -> None:
    door = ApiServer(Hangup())
    async with virtual(App(answer=door), patience=0.05) as driver:
        call = dial(driver)
        with pytest.raises(AppStuckError) as raised:
            await driver.until(over(call))
        assert str(raised.value) == (
            "GET /voice answer has had no reply for 0.05 s of real time, and the carrier's clock"
            " waits for it"
        )
        assert raised.value.delivery is driver.carrier.deliveries[1]
        await a_few_turns()
        assert door.given_up
        assert raised.value.delivery.outcome == Outcome(failure="was given up")
        assert call.ended.at == 0


async def test_quiet_is_bounded_too() -> None:
    async with virtual(App(incomingcall=ApiServer()), patience=0.05) as driver:
        dial(driver)
        with pytest.raises(AppStuckError, match="GET /voice incomingcall"):
            await driver.quiet()


class Chore:
    """Work of the app's between callbacks."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    @property
    def busy(self) -> bool:
        return not self.done.is_set()

    async def settle(self) -> None:
        await self.done.wait()


async def test_time_stands_still_while_the_app_works_between_callbacks() -> None:
    chore = Chore()
    app = App(answer=[Pause(length=60), Hangup()])
    async with virtual(app, works=(chore,)) as driver:
        call = dial(driver)
        waiting = asyncio.ensure_future(driver.until(over(call)))
        await a_few_turns()
        assert driver.carrier.now == 0
        chore.done.set()
        await waiting
        assert call.ended.at == 60


async def test_endless_work_of_the_app_is_an_error() -> None:
    async with virtual(App(), works=(Chore(),), patience=0.05) as driver:
        with pytest.raises(
            AppStuckError, match=r"the app's work after a reply goes on for 0\.05 s"
        ):
            await driver.quiet()


async def test_two_calls_go_on_side_by_side() -> None:
    async with virtual(App(answer=[Pause(length=60), Hangup()])) as driver:
        one = dial(driver)
        await later(driver, 10)
        two = dial(driver, OTHER)
        await driver.until(lambda: one.over and two.over)
        assert (one.ended.at, two.ended.at) == (60, 70)


async def mistaken(delivery: Delivery) -> Outcome:
    raise RuntimeError("a mistake of ours")


@pytest.mark.parametrize("make", [virtual, wall])
async def test_a_mistake_in_the_sender_comes_out_where_somebody_waits(make: Any) -> None:
    loop = asyncio.get_running_loop()
    told: list[Any] = []
    loop.set_exception_handler(lambda loop, context: told.append(context["exception"]))
    async with make(App(answer=mistaken)) as driver:
        call = dial(driver)
        for wait in (driver.until(over(call)), driver.until(over(call))):
            with pytest.raises(RuntimeError, match="a mistake of ours"):
                await wait
        if make is virtual:
            with pytest.raises(RuntimeError, match="a mistake of ours"):
                await driver.quiet()
    assert len(told) == 1


def fail() -> None:
    raise RuntimeError("a mistake of ours")


async def test_a_mistake_in_a_timer_comes_out_where_somebody_waits() -> None:
    async with virtual(App()) as driver:
        driver.carrier.scheduler.at(1, fail)
        with pytest.raises(RuntimeError, match="a mistake of ours"):
            await driver.until(lambda: False)
    loop = asyncio.get_running_loop()
    told: list[Any] = []
    loop.set_exception_handler(lambda loop, context: told.append(context["exception"]))
    async with wall(App(), speed=10_000) as driver:
        driver.act(driver.carrier.scheduler.at, 100, fail)
        with pytest.raises(RuntimeError, match="a mistake of ours"):
            await driver.until(lambda: False)
    assert len(told) == 1


@pytest.mark.parametrize("make", [virtual, wall])
async def test_closing_gives_up_what_is_under_way(make: Any) -> None:
    door = ApiServer(Hangup())
    async with make(App(answer=door)) as driver:
        call = dial(driver)
        await door.reached.wait()
    assert door.given_up
    assert call.state == "up"  # nothing more happens to it
    assert [one.event for one in driver.carrier.deliveries] == ["incomingcall", "answer"]
    assert (driver.carrier.scheduler.running, driver.carrier.scheduler.timers) == (0, 0)
    await a_few_turns()
    assert not driver.in_flight


# Real time.


async def test_real_time_follows_the_speed() -> None:
    loop = asyncio.get_running_loop()
    async with wall(App(answer=[Pause(length=600), Hangup()]), speed=10_000) as driver:
        begun = loop.time()
        call = dial(driver)
        await driver.until(over(call))
        passed = loop.time() - begun
        (pause,) = [entry.at for entry in driver.carrier.journal if entry.kind == "pauses"]
        assert call.ended.at == pytest.approx(pause + 600)  # each timer fires at its own time
        assert driver.carrier.now >= call.ended.at
        assert passed >= 600 / 10_000 - 0.01


async def test_a_call_of_an_app_that_a_server_has(serve: Callable[..., str]) -> None:
    line = LineApp()

    @line.on(AnswerEvent)
    async def answered(event: AnswerEvent) -> Verb:
        return Gather(SpeakSentence("Press 1.", voice="julie"), request_url="/menu", max_digits=1)

    @line.on(GatherEvent)
    async def chosen(event: GatherEvent) -> list[Verb]:
        return [SpeakSentence(f"You pressed {event.digits}.", voice="julie"), Hangup()]

    carrier = Carrier(f"{serve(line)}/")
    sender = OverHttp()
    driver = WallDriver(carrier, sender, speed=50)
    call = dial(driver)
    await driver.until(lambda: bool(call.listeners))
    driver.act(call.press, "1")
    await driver.until(over(call))
    await driver.quiet()
    assert call.heard == ["Press 1.", "You pressed 1."]
    events = [(one.event, one.status) for one in carrier.deliveries]
    assert events == [("incomingcall", 200), ("answer", 200), ("gather", 200), ("hangup", 200)]
    assert [str(one) for one in carrier.diagnostics if one.level == "error"] == []
    await driver.aclose()
    await sender.aclose()


async def test_an_action_happens_at_the_current_time() -> None:
    app = App(answer=Gather(request_url="/menu", max_digits=1), gather=Hangup())
    async with wall(app, speed=50) as driver:
        call = dial(driver)
        await driver.until(lambda: bool(call.listeners))
        driver.act(call.press, "7")
        await driver.until(over(call))
        (gather,) = [one for one in driver.carrier.deliveries if one.event == "gather"]
        assert gather.fields["digits"] == "7"


async def test_real_time_passes_while_a_handler_is_at_work() -> None:
    door = ApiServer(Hangup())
    async with wall(App(answer=door), speed=10_000) as driver:
        call = dial(driver)
        await later(driver, 100)
        assert not call.over
        door.opened.set()
        await driver.until(over(call))
        assert call.ended.at >= 100


async def test_a_handler_that_takes_too_long_in_real_time_has_failed() -> None:
    door = ApiServer(Hangup())
    async with wall(App(incomingcall=door, answer=Hangup())) as driver:
        driver.carrier.application.incoming_call_url_callback_timeout = 20  # type: ignore[attr-defined]
        call = dial(driver)
        await driver.until(over(call))
        first = driver.carrier.deliveries[0]
        assert first.outcome == Outcome(failure="took longer than 0.02 s", took=0.02)
        assert door.given_up


async def test_quiet_waits_for_callbacks_in_real_time_too() -> None:
    async with wall(App(answer=Pause(length=3600))) as driver:
        call = dial(driver)
        await driver.quiet()
        assert (call.state, driver.in_flight) == ("up", False)


async def test_in_real_time_a_cancelled_waiter_is_forgotten() -> None:
    async with wall(App(answer=Pause(length=3600))) as driver:
        call = dial(driver)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await driver.until(over(call))
        await driver.quiet()


async def test_in_real_time_many_wait_at_once() -> None:
    async with wall(App(answer=Pause(length=60)), speed=10_000) as driver:
        dial(driver)
        moments = await asyncio.gather(*(later(driver, moment) for moment in (90, 40, 200, 40)))
        for moment, asked in zip(moments, (90, 40, 200, 40), strict=True):
            assert moment >= asked
