"""Time without an event loop: processes, timers and mailboxes, by example and with anything random."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbackkit.carrier.scheduler import (
    HANGUP,
    KEY,
    TIMER,
    Interrupted,
    Mailbox,
    Process,
    Scheduler,
)


def drive(scheduler: Scheduler, until: float = float("inf")) -> None:
    """Let time pass in a plain loop."""
    scheduler.run()
    while (when := scheduler.next) is not None and when <= until:
        assert when >= scheduler.now
        scheduler.now = when
        scheduler.fire()


def test_a_process_starts_when_the_scheduler_runs_and_not_before() -> None:
    scheduler = Scheduler()
    seen: list[float] = []

    async def work() -> None:
        seen.append(scheduler.now)
        await scheduler.sleep(2)
        seen.append(scheduler.now)

    process = scheduler.spawn(work(), "work")
    assert (seen, scheduler.running, scheduler.idle) == ([], 1, False)
    scheduler.run()
    assert (seen, scheduler.idle, scheduler.next, scheduler.timers) == ([0], True, 2, 1)
    drive(scheduler)
    assert seen == [0, 2]
    assert (process.done, scheduler.running, scheduler.timers) == (True, 0, 0)


def test_a_patient_process_does_not_count() -> None:
    scheduler = Scheduler()

    async def work() -> None:
        await scheduler.block()

    process = scheduler.spawn(work(), "work", patient=True)
    scheduler.run()
    assert (scheduler.running, scheduler.next) == (0, None)
    process.interrupt(Interrupted())
    scheduler.run()
    assert process.done
    assert repr(process) == "<Process work (done)>"


def test_events_of_one_instant_have_an_order() -> None:
    scheduler = Scheduler()
    seen: list[str] = []

    def note(word: str) -> Callable[[], None]:
        return lambda: seen.append(word)

    scheduler.at(5, note("timer 1"))
    scheduler.at(5, note("timer 2"), TIMER)
    scheduler.at(5, note("key 1"), KEY)
    scheduler.at(5, note("hangup"), HANGUP)
    scheduler.at(5, note("key 2"), KEY)
    scheduler.at(4, note("before"))
    drive(scheduler)
    assert seen == ["before", "hangup", "key 1", "key 2", "timer 1", "timer 2"]


def test_a_time_that_has_passed_means_now() -> None:
    scheduler = Scheduler()
    scheduler.now = 10
    assert scheduler.at(3, lambda: None).when == 10
    assert scheduler.fire()
    assert not scheduler.fire()


def test_a_cancelled_timer_does_nothing_and_takes_no_room() -> None:
    scheduler = Scheduler()
    timers = [scheduler.at(n, lambda: pytest.fail("it was cancelled")) for n in range(1000)]
    kept = scheduler.at(500, lambda: None)
    for timer in timers:
        timer.cancel()
        timer.cancel()  # once is enough
    assert (scheduler.timers, scheduler.next) == (1, 500)
    assert len(scheduler._timers) < 100
    kept.cancel()
    assert (scheduler.timers, scheduler.next) == (0, None)


def test_waking_ends_a_wait_but_not_a_sleep() -> None:
    scheduler = Scheduler()
    seen: list[Any] = []

    async def work() -> None:
        seen.append((await scheduler.block(9), scheduler.now))
        seen.append((await scheduler.block(9), scheduler.now))
        await scheduler.sleep(5)
        seen.append(scheduler.now)

    process = scheduler.spawn(work(), "work")
    scheduler.at(2, process.wake)
    scheduler.at(10, process.wake)
    drive(scheduler)
    assert seen == [(True, 2), (False, 9), 14]


def test_an_interrupt_is_raised_where_a_process_waits_and_ends_it() -> None:
    scheduler = Scheduler()
    seen: list[str] = []

    async def work() -> None:
        try:
            await scheduler.sleep(100)
        finally:
            seen.append("tidied")

    process = scheduler.spawn(work(), "work")
    scheduler.at(3, lambda: process.interrupt(Interrupted()))
    drive(scheduler)
    assert (seen, process.done, scheduler.timers, scheduler.now) == (["tidied"], True, 0, 3)
    process.interrupt(Interrupted())  # too late to matter
    process.wake()
    assert scheduler.idle


def test_a_process_that_interrupts_itself_is_interrupted_when_it_waits() -> None:
    scheduler = Scheduler()
    seen: list[str] = []

    async def work() -> None:
        process.interrupt(Interrupted())
        seen.append("goes on")
        try:
            await scheduler.block()
        except Interrupted:
            seen.append("until it waits")
            raise

    process: Process = scheduler.spawn(work(), "work")
    drive(scheduler)
    assert (seen, process.done) == (["goes on", "until it waits"], True)


def test_a_process_that_was_interrupted_before_it_started_never_starts() -> None:
    scheduler = Scheduler()

    async def work() -> None:
        pytest.fail("it has started")

    process = scheduler.spawn(work(), "work")
    process.interrupt(Interrupted())
    drive(scheduler)
    assert (process.done, scheduler.running) == (True, 0)


def test_a_mistake_in_a_process_comes_out_and_ends_it() -> None:
    scheduler = Scheduler()

    async def work() -> None:
        await scheduler.sleep(1)
        raise RuntimeError("oh")

    process = scheduler.spawn(work(), "work")
    with pytest.raises(RuntimeError, match="oh"):
        drive(scheduler)
    assert (process.done, scheduler.running, scheduler.current) == (True, 0, None)


def test_a_mailbox_keeps_order_and_what_came_at_the_last_moment() -> None:
    scheduler = Scheduler()
    seen: list[Any] = []
    boxes: list[Mailbox[int]] = []

    async def work() -> None:
        box: Mailbox[int] = Mailbox(scheduler)
        boxes.append(box)
        for _ in range(4):
            seen.append((await box.get(5), scheduler.now))

    scheduler.spawn(work(), "work")
    scheduler.run()
    box = boxes[0]
    scheduler.at(2, lambda: [box.put(1), box.put(2)])
    scheduler.at(5, lambda: box.put(3), KEY)
    drive(scheduler)
    assert seen == [(1, 2), (2, 2), (3, 5), (None, 5)]
    box.put(4)
    box.put(5)
    assert (box.rest(), box.rest()) == ([4, 5], [])


def test_consequences_know_their_cause() -> None:
    scheduler = Scheduler()
    seen: list[tuple[str, int | None]] = []

    async def work(name: str) -> None:
        seen.append((name, scheduler.cause))
        await scheduler.sleep(1)
        seen.append((name, scheduler.cause))

    for number, name in enumerate(("one", "two"), 1):
        scheduler.cause = number
        scheduler.spawn(work(name), name)
    scheduler.cause = None
    drive(scheduler)
    assert seen == [("one", 1), ("two", 2), ("one", 1), ("two", 2)]
    assert scheduler.cause is None


def test_a_scheduler_that_was_closed_runs_nothing_any_more() -> None:
    scheduler = Scheduler()
    tidied: list[str] = []

    async def work(name: str) -> None:
        try:
            await scheduler.sleep(1)
            pytest.fail("it goes on")
        finally:
            tidied.append(name)
            scheduler.spawn(work("another"), "another")

    scheduler.spawn(work("one"), "one")
    scheduler.run()
    never = scheduler.spawn(work("two"), "two")  # which has not started
    scheduler.close()
    assert tidied == ["one"]
    assert (never.done, scheduler.running, scheduler.timers, scheduler.idle) == (True, 0, 0, True)
    drive(scheduler)


# Anything random: steps of processes that wait, wake, interrupt, put, get and start each other.

_SECONDS = st.sampled_from([0.0, 0.1, 0.5, 1.0, 1.0, 2.0, 7.0])
_WHO = st.integers(0, 4)
_STEP = st.one_of(
    st.tuples(st.just("sleep"), _SECONDS),
    st.tuples(st.just("block"), _SECONDS),
    st.tuples(st.just("get"), _SECONDS),
    st.tuples(st.just("put"), _WHO),
    st.tuples(st.just("wake"), _WHO),
    st.tuples(st.just("interrupt"), _WHO),
    st.tuples(st.just("spawn"), _WHO),
    st.tuples(st.just("timer"), _SECONDS),
    st.tuples(st.just("cancel"), _WHO),
)
_PROGRAMS = st.lists(st.lists(_STEP, max_size=8), min_size=1, max_size=5)
_OUTSIDE = st.lists(
    st.tuples(_SECONDS, st.sampled_from([HANGUP, KEY, TIMER]), _WHO, st.sampled_from("wip")),
    max_size=8,
)


def played(programs: list[list[tuple[str, Any]]], outside: list[Any]) -> list[Any]:
    """What happened when some programs ran together."""
    scheduler = Scheduler()
    happened: list[Any] = []
    processes: list[Process] = []
    boxes: dict[int, Mailbox[str]] = {}
    timers: list[Any] = []
    left = 60  # a bound on how often they start one another

    def spawn(number: int) -> None:
        nonlocal left
        if left > 0:
            left -= 1
            name = f"{number}.{len(processes)}"
            processes.append(scheduler.spawn(work(name, programs[number % len(programs)]), name))

    async def work(name: str, steps: list[tuple[str, Any]]) -> None:
        box: Mailbox[str] = Mailbox(scheduler)
        boxes[len(boxes)] = box
        try:
            for kind, value in steps:
                happened.append((scheduler.now, name, kind, value))
                await step(name, box, kind, value)
        finally:
            happened.append((scheduler.now, name, "ends"))

    async def step(name: str, box: Mailbox[str], kind: str, value: Any) -> None:
        match kind:
            case "sleep":
                begun = scheduler.now
                await scheduler.sleep(value)
                assert scheduler.now == begun + value
            case "block":
                end = scheduler.now + value
                woken = await scheduler.block(end)
                assert scheduler.now <= end
                assert woken or scheduler.now == end
            case "get":
                end = scheduler.now + value
                item = await box.get(end)
                assert item is not None or scheduler.now == end
            case "put":
                boxes[value % len(boxes)].put(name)
            case "wake":
                processes[value % len(processes)].wake()
            case "interrupt":
                processes[value % len(processes)].interrupt(Interrupted())
            case "spawn":
                spawn(value)
            case "timer":
                when = scheduler.now + value
                timers.append(scheduler.at(when, lambda: happened.append((when, name, "fired"))))
            case "cancel":
                if timers:
                    timers[value % len(timers)].cancel()

    def act(who: int, how: str) -> None:
        process = processes[who % len(processes)]
        if how == "w":
            process.wake()
        elif how == "i":
            process.interrupt(Interrupted())
        elif boxes:
            boxes[who % len(boxes)].put("outside")

    for number in range(len(programs)):
        spawn(number)
    for when, rank, who, how in outside:
        scheduler.at(when, lambda who=who, how=how: act(who, how), rank)
    drive(scheduler)
    assert all(process.done for process in processes)
    assert (scheduler.running, scheduler.timers, scheduler.next) == (0, 0, None)
    assert scheduler.idle
    assert scheduler.current is None
    return happened


@settings(max_examples=150)
@given(_PROGRAMS, _OUTSIDE)
def test_all_processes_end_and_time_never_goes_back(
    programs: list[list[tuple[str, Any]]], outside: list[Any]
) -> None:
    happened = played(programs, outside)
    times = [entry[0] for entry in happened]
    assert times == sorted(times)
    assert played(programs, outside) == happened
