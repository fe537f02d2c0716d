"""The time a handler has, without a timer for the many handlers that never wait.

A coroutine's first step is taken by hand; only when it waits for something is a timeout entered.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class DeadlinePassed(Exception):
    """The handler was cancelled because its time was up."""


async def run_within(
    seconds: float | None,
    work: Coroutine[Any, Any, T],
    abandon: Callable[[Coroutine[Any, Any, T]], None],
) -> T:
    """Run `work` for at most `seconds`, then cancel it and raise `DeadlinePassed`.

    Work that goes on waiting after its cancellation is handed to `abandon`, as a coroutine that
    runs what is left of it, so that the reply is never late because of it.
    """
    try:
        waiting_for = work.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    if seconds is None:
        return await _resume(work, waiting_for)
    try:
        async with asyncio.timeout(seconds) as timeout:
            return await _resume(work, waiting_for, timeout, abandon)
    except TimeoutError:
        # A handler may raise a TimeoutError of its own; only an expired timeout is the deadline.
        if not timeout.expired():
            raise
    # Reached also by work that swallowed its cancellation and returned: its result came too late.
    raise DeadlinePassed


@coroutine
def _resume(
    work: Coroutine[Any, Any, T],
    waiting_for: Any,
    timeout: asyncio.Timeout | None = None,
    abandon: Callable[[Coroutine[Any, Any, T]], None] | None = None,
) -> Generator[Any, Any, T]:
    """Drive a coroutine on from the future it already waits for."""
    while True:
        step: Callable[[Any], Any] = work.send
        try:
            value = yield waiting_for
        except BaseException as error:
            step, value = work.throw, error
        try:
            waiting_for = step(value)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        if timeout is not None and timeout.expired():
            assert abandon is not None
            abandon(_continue(work, waiting_for))
            raise asyncio.CancelledError  # what asyncio.timeout turns into a TimeoutError


async def _continue(work: Coroutine[Any, Any, T], waiting_for: Any) -> T:
    return await _resume(work, waiting_for)
