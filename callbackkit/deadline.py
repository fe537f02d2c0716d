"""The time a handler has, without a timer for the many handlers that never wait.

A coroutine's first step is taken by hand; only when it waits for something is a timeout entered.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")
Abandon = Callable[[Coroutine[Any, Any, T]], None]


class DeadlinePassed(Exception):
    """The handler was cancelled because its time was up."""


async def run_within(seconds: float | None, work: Coroutine[Any, Any, T], abandon: Abandon[T]) -> T:
    """Run `work` for at most `seconds`: `finish_within`, its first step included."""
    try:
        waiting_for = work.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    return await finish_within(seconds, work, waiting_for, abandon)


async def finish_within(
    seconds: float | None, work: Coroutine[Any, Any, T], waiting_for: Any, abandon: Abandon[T]
) -> T:
    """Continue work that has taken its first step and waits, for at most `seconds`.

    Then it is cancelled and `DeadlinePassed` raised. Work that goes on waiting after its
    cancellation is handed to `abandon`, as a coroutine that runs what is left of it, so that the
    reply is never late because of it.
    """
    if seconds is None:
        return await _resume(work, waiting_for)
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            return await _resume(work, waiting_for, timeout, abandon)
    except TimeoutError:
        # A handler may raise a TimeoutError of its own; only an expired timeout is the deadline.
        if not timeout.expired():
            raise
    raise DeadlinePassed


@coroutine
def _resume(
    work: Coroutine[Any, Any, T],
    waiting_for: Any,
    timeout: asyncio.Timeout | None = None,
    abandon: Abandon[T] | None = None,
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
            if timeout is not None and timeout.expired():
                # It swallowed its cancellation and returned; asyncio.timeout would let that pass.
                raise asyncio.CancelledError from None
            return stop.value  # type: ignore[no-any-return]
        if timeout is not None and timeout.expired():
            assert abandon is not None
            abandon(_continue(work, waiting_for))
            raise asyncio.CancelledError  # what asyncio.timeout turns into a TimeoutError


async def _continue(work: Coroutine[Any, Any, T], waiting_for: Any) -> T:
    return await _resume(work, waiting_for)
