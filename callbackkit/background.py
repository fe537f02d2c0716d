"""Work after the reply: held until it is done, waited for at shutdown, its errors logged."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, ParamSpec

from callbackkit.events import Event, about, log_fields
from callbackkit.handlers import Handler, asynchronous, place_of
from callbackkit.logs import logger

P = ParamSpec("P")


class After:
    """Runs functions after the reply was sent. Annotate a parameter with it and call it:

        async def record(event: SmsEvent, after: After) -> None:
            after(store, event.text)

    A plain `def` runs in a worker thread. Nothing runs when the handler fails, as the platform may
    deliver the event again. `await app.settle()` waits for what is running; so does the end of the
    app's lifespan, for `shutdown_timeout`, where the server or the host enters it.
    """

    __slots__ = ("_jobs", "_start")

    def __init__(self) -> None:
        self._jobs: list[Callable[[], Any]] = []
        self._start: Callable[[Callable[[], Any]], None] = self._jobs.append

    def __call__(self, fn: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """Run `fn(*args, **kwargs)` once the reply is on its way, or at once if it was sent.

        Raises TypeError if `fn` can't be called.
        """
        if not callable(fn):
            if isinstance(fn, Coroutine):
                fn.close()  # nobody will await it
            raise TypeError("after() takes a function and its arguments, as in after(work, x)")
        self._start(partial(fn, *args, **kwargs))

    def start(self, background: "Background", event: Event, handler: Handler | None) -> None:
        """Start what was collected, and what comes later: the app calls this after the reply."""

        def start_one(job: Callable[[], Any]) -> None:
            background.hold(_run(job), event, handler, f"{place_of(job)}, run after the reply,")

        self._start = start_one
        for job in self._jobs:
            start_one(job)


async def _run(job: Callable[[], Any]) -> None:
    await asynchronous(job)()  # called in the task: wrong arguments are the job's failure


class Background:
    """The tasks of one app that outlive their request."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def hold(self, work: Awaitable[Any], event: Event, handler: Handler | None, what: str) -> None:
        """Run something as a task that is not lost, and log it if it fails or is cancelled."""
        task = asyncio.get_running_loop().create_task(_logged(work, event, handler, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> bool:
        """True while a task of this event loop goes on."""
        loop = asyncio.get_running_loop()
        return any(task.get_loop() is loop for task in self._tasks)

    async def settle(self, seconds: float | None = None) -> None:
        """Wait until no task is left, also those that tasks start; after `seconds` cancel them."""
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        # A task of a loop that is gone will never end.
        while tasks := {task for task in self._tasks if task.get_loop() is loop}:
            left = None if end is None else max(0.0, end - loop.time())
            _, running = await asyncio.wait(tasks, timeout=left)
            if not running or end is None or loop.time() < end:
                continue
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=1.0)
            return


async def _logged(work: Awaitable[Any], event: Event, handler: Handler | None, what: str) -> None:
    try:
        await work
    except asyncio.CancelledError:
        logger.warning(
            "%s was cancelled for %s", what, about(event), extra=log_fields(event, handler)
        )
        raise
    except Exception:
        logger.exception("%s failed for %s", what, about(event), extra=log_fields(event, handler))
