"""Time and concurrency of a carrier without an event loop: processes, timers, and a clock that only
its driver moves.

A process is a coroutine that waits for nothing but the clock and to be woken. So the same code runs
in virtual time, in real time, and in a plain loop of a property test, with the same outcome.
"""

from collections import deque
from collections.abc import Callable, Coroutine, Generator
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# What happens at one instant, in this order: who is on the phone comes before every timer, so that
# a key at the very end of a timeout counts.
HANGUP, KEY, TIMER = range(3)


class Interrupted(Exception):
    """Ends a process at the place where it waits."""


class Over(Interrupted):
    """Ends a process because its call has ended, or because it was stopped."""


class Timer:
    """Something that happens at a time, unless it is cancelled."""

    __slots__ = ("_order", "_scheduler", "action", "cause", "when")

    def __init__(
        self,
        scheduler: "Scheduler",
        when: float,
        rank: int,
        number: int,
        action: Callable[[], object],
    ) -> None:
        self.when = when
        self.action: Callable[[], object] | None = action
        self.cause = scheduler.cause
        self._order = (when, rank, number)
        self._scheduler = scheduler

    def __lt__(self, other: "Timer") -> bool:
        return self._order < other._order

    def cancel(self) -> None:
        if self.action is not None:
            self.action = None
            self._scheduler.cancelled()


class _Block:
    """The value that a process yields to the scheduler while it waits."""

    __slots__ = ()

    def __await__(self) -> Generator["_Block", bool, bool]:
        return (yield self)


_BLOCK = _Block()


class Process:
    """A coroutine that the scheduler runs. Made by `Scheduler.spawn`."""

    __slots__ = ("_error", "_queued", "_scheduler", "_timer", "_work", "done", "name", "patient")

    def __init__(
        self, scheduler: "Scheduler", work: Coroutine[Any, bool, object], name: str, patient: bool
    ) -> None:
        self.name = name
        self.patient = patient
        self.done = False
        self._scheduler = scheduler
        self._work = work
        self._timer: Timer | None = None
        self._error: BaseException | None = None
        self._queued = False

    def __repr__(self) -> str:
        return f"<Process {self.name}{' (done)' if self.done else ''}>"

    def wake(self) -> None:
        """Make it look again at what it waits for."""
        if not self._queued and not self.done and self._scheduler.current is not self:
            self._queue(True)

    def interrupt(self, error: BaseException) -> None:
        """Raise `error` where it waits, now or as soon as it waits again."""
        if not self.done:
            self._error = error
            self.wake()

    def _queue(self, woken: bool) -> None:
        self._queued = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._scheduler.soon(lambda: self._step(woken))

    def _time_is_up(self) -> None:
        self._timer = None
        if not self._queued:
            self._queue(False)

    def _step(self, woken: bool) -> None:
        self._queued = False
        scheduler = self._scheduler
        outer, scheduler.current = scheduler.current, self
        error, self._error = self._error, None
        try:
            if error is not None:
                self._work.throw(error)
            else:
                self._work.send(woken)
        except (StopIteration, Interrupted):
            self._end()
        except BaseException:
            self._end()
            raise
        finally:
            scheduler.current = outer
        if self._error is not None and not self.done:
            self.wake()  # interrupted by itself, before it waited

    def _end(self) -> None:
        self.done = True
        self._scheduler.ended(self)

    def close(self) -> None:
        """Give it up where it is."""
        self.done = True
        self._work.close()

    def start(self) -> None:
        # The first value sent into a coroutine must be None.
        def first() -> None:
            self._queued = False
            self._step(None)  # type: ignore[arg-type]

        self._queued = True
        self._scheduler.soon(first)


class Scheduler:
    """Runs processes and timers. `now` is in seconds since its start; who drives it moves `now`.

    `running` counts the processes that aren't done and don't wait for anybody outside (`patient`).
    `cause` is what the present action follows from, such as the id of a journal entry; everything
    that the action starts inherits it.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.current: Process | None = None
        self.running = 0
        self.cause: int | None = None
        self._timers: list[Timer] = []
        self._cancelled = 0
        self._ready: deque[tuple[int | None, Callable[[], object]]] = deque()
        self._number = count()
        self._processes: set[Process] = set()
        self._closed = False

    # For processes

    async def block(self, until: float | None = None) -> bool:
        """Wait to be woken (True), at most until a time (False). May only be awaited in a process.

        It can be woken for nothing: look again at what was waited for.
        """
        process = self.current
        assert process is not None, "only a process can wait"
        if until is not None:
            process._timer = self.at(until, process._time_is_up)
        return await _BLOCK

    async def sleep(self, seconds: float) -> None:
        """Wait some seconds, even if woken meanwhile."""
        end = self.now + seconds
        while await self.block(end):
            pass

    def spawn(
        self, work: Coroutine[Any, bool, object], name: str, *, patient: bool = False
    ) -> Process:
        """Start a process. A `patient` one may wait for somebody outside for ever."""
        process = Process(self, work, name, patient)
        if self._closed:
            process.close()
            return process
        if not patient:
            self.running += 1
        self._processes.add(process)
        process.start()
        return process

    def ended(self, process: Process) -> None:
        """Note that a process is done."""
        self._processes.discard(process)
        if not process.patient:
            self.running -= 1

    # For who drives it

    def close(self) -> None:
        """Give up every process and timer; nothing runs or starts any more."""
        self._closed = True
        for process in list(self._processes):
            process.close()
        self._processes.clear()
        self._ready.clear()
        self._timers.clear()
        self.running = 0

    def soon(self, action: Callable[[], object]) -> None:
        """Run an action after what runs now."""
        self._ready.append((self.cause, action))

    def at(self, when: float, action: Callable[[], object], rank: int = TIMER) -> Timer:
        """Run an action at a time; a past time means now."""
        timer = Timer(self, max(when, self.now), rank, next(self._number), action)
        heappush(self._timers, timer)
        return timer

    def cancelled(self) -> None:
        """Count a cancelled timer; they are swept out when they are the majority."""
        self._cancelled += 1
        if self._cancelled > 64 and self._cancelled > len(self._timers) // 2:
            self._timers = [timer for timer in self._timers if timer.action is not None]
            heapify(self._timers)
            self._cancelled = 0

    def run(self) -> None:
        """Run everything that can run without time passing or a reply coming."""
        while self._ready:
            self.cause, action = self._ready.popleft()
            action()
        self.cause = None

    @property
    def idle(self) -> bool:
        """True if nothing is left to run at this instant."""
        return not self._ready

    @property
    def next(self) -> float | None:
        """The time of the next timer, None if there is none."""
        timers = self._timers
        while timers and timers[0].action is None:
            heappop(timers)
            self._cancelled -= 1
        return timers[0].when if timers else None

    @property
    def timers(self) -> int:
        """The number of timers that are set."""
        return sum(timer.action is not None for timer in self._timers)

    def fire(self) -> bool:
        """Fire one timer that is due and run what follows; return False if none is due."""
        when = self.next
        if when is None or when > self.now:
            return False
        timer = heappop(self._timers)
        action, timer.action = timer.action, None
        assert action is not None
        self.cause = timer.cause
        action()
        self.run()
        return True


class Mailbox(Generic[T]):
    """A queue of items for the process in which it was made."""

    __slots__ = ("_items", "_process", "_scheduler")

    def __init__(self, scheduler: Scheduler) -> None:
        assert scheduler.current is not None
        self._scheduler = scheduler
        self._process = scheduler.current
        self._items: deque[T] = deque()

    def put(self, item: T) -> None:
        self._items.append(item)
        self._process.wake()

    async def get(self, until: float | None = None) -> T | None:
        """Return the next item, or None if there is none at the time `until`."""
        while not self._items:
            # What was put in at the last moment counts.
            if not await self._scheduler.block(until) and not self._items:
                return None
        return self._items.popleft()

    def rest(self) -> list[T]:
        """Drain and return the remaining items."""
        items = list(self._items)
        self._items.clear()
        return items
