"""A call of ten callbacks in virtual time: what the carrier and the kit cost beside the app."""

import asyncio
import atexit
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any

from harness import Comparison, Contender, Row, Run, Sample, WrongOutput, per_operation

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.sending import Asgi
from callbackkit.testing import Phone
from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, Hangup, Reply, SpeakSentence

GATHERS = 7
CALLBACKS = 3 + GATHERS  # with incomingcall, answer and hangup

_runner = asyncio.Runner()


def line() -> App:
    """Asks for a key, again and again."""
    app = App(duplicates=False)

    def ask(number: int) -> Reply:
        question = SpeakSentence(f"Question {number}: press a key.", voice="julie")
        return Gather(question, request_url="/", max_digits=1, tag=str(number))

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent) -> Reply:
        return ask(1)

    @app.on(GatherEvent)
    async def again(event: GatherEvent) -> Reply:
        number = int(event.tag or 0) + 1
        if number <= GATHERS:
            return ask(number)
        return [SpeakSentence("Goodbye.", voice="julie"), Hangup()]

    return app


async def call(phone: Phone) -> list[Delivery]:
    """One call, from the ring to its end: its callbacks."""
    made = await phone.call()
    for _ in range(GATHERS):
        await made.press("1")
    await made.ends()
    return list(made.callbacks)


def comparisons() -> Iterator[Comparison]:
    """Compare a call with its bare callbacks."""
    yield Comparison(
        f"a call of {CALLBACKS} callbacks",
        [
            _contender("callbackkit.testing", _phoning),
            _contender("its callbacks alone, by ASGI", _by_asgi),
            _contender("its callbacks alone, by httpx", _by_httpx),
        ],
        [
            Row("callbackkit.testing", "its callbacks alone, by ASGI", "of its cost"),
            Row("callbackkit.testing", "its callbacks alone, by httpx", "of its cost"),
        ],
    )


Batch = Callable[[int], Coroutine[Any, Any, int]]
"""Makes a number of calls, and tells how many callbacks were answered with 200."""


def _contender(
    name: str, prepare: Callable[[AsyncExitStack], Coroutine[Any, Any, Batch]]
) -> Contender:
    def ready() -> Run:
        stack = AsyncExitStack()
        batch = _runner.run(prepare(stack))
        atexit.register(lambda: _runner.run(stack.aclose()))
        if (answered := _runner.run(batch(1))) != CALLBACKS:
            raise WrongOutput(f"{name}: {answered} of {CALLBACKS} callbacks were answered")

        def run(operations: int) -> Sample:
            start = time.process_time_ns()
            _runner.run(batch(operations))
            return per_operation(time.process_time_ns() - start, operations)

        return run

    return Contender(name, ready)


async def _phoning(stack: AsyncExitStack) -> Batch:
    app = line()

    async def batch(number: int) -> int:
        answered = 0
        for _ in range(number):
            async with Phone(app) as phone:
                answered += sum(delivery.status == 200 for delivery in await call(phone))
        return answered

    return batch


async def _recorded(app: App) -> list[Delivery]:
    async with Phone(app) as phone:
        return await call(phone)


async def _by_asgi(stack: AsyncExitStack) -> Batch:
    app = line()
    await stack.enter_async_context(app.lifespan())
    deliveries = await _recorded(app)
    sender = Asgi(app)

    async def batch(number: int) -> int:
        answered = 0
        for _ in range(number):
            for delivery in deliveries:
                answered += (await sender.send(delivery)).status == 200
        return answered

    return batch


async def _by_httpx(stack: AsyncExitStack) -> Batch:
    import httpx

    app = line()
    await stack.enter_async_context(app.lifespan())
    urls = [f"{d.url}?{d.query}" for d in await _recorded(app)]
    client = await stack.enter_async_context(
        httpx.AsyncClient(transport=httpx.ASGITransport(app), trust_env=False)
    )

    async def batch(number: int) -> int:
        answered = 0
        for _ in range(number):
            for url in urls:
                answered += (await client.get(url)).status_code == 200
        return answered

    return batch


atexit.register(_runner.close)
