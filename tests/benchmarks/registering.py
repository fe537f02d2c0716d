"""Many handlers: what they cost a callback, and what it costs to register and check them."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from callbacks import sms_requests
from driving import asgi, note
from harness import Comparison, Contender, Row, Run, Sample, WrongOutput, per_operation

from callbackkit.v1 import App, Event, GatherEvent, SmsEvent

_FEW = 10
_TAG = "tag-7"


def comparisons(number: int) -> Iterator[Comparison]:
    """Compare so many handlers with ten."""
    # Nothing of what other handlers are registered for may cost; 5 % is what the control differs by.
    yield _serving(f"{number:,} handlers of other events", _with_others, number, 1.05)
    yield _serving(f"{number:,} handlers with a filter each", _with_filters, number, None)
    for what, fill in ("other events", _with_others), ("a filter each", _with_filters):
        few, many = (f"callbackkit, {n:,}" for n in (_FEW, number))
        yield Comparison(
            f"register and check, each of {number:,} handlers with {what}",
            [_filling(few, fill, _FEW), _filling(many, fill, number)],
            [Row(many, few, "of its cost")],
            share=0.1,
        )


Fill = Callable[[int], App]


def _serving(title: str, fill: Fill, number: int, goal: float | None) -> Comparison:
    few, many = (f"callbackkit, {n:,}" for n in (_FEW, number))
    requests = partial(sms_requests, tag=_TAG)
    return Comparison(
        title,
        [
            asgi(few, lambda: fill(_FEW), requests, lambda body: body == b""),
            asgi(many, lambda: fill(number), requests, lambda body: body == b""),
        ],
        [Row(many, few, "of its cost", goal)],
    )


async def _received(event: SmsEvent) -> None:
    note(event.from_, event.text or "")


async def _other(event: Event) -> None:
    note("", "")


def _with_others(number: int) -> App:
    """Handlers of eventTypes without a class, and of one class, beside the one that is called."""
    app = App()
    for n in range(number // 2):
        app.on(f"invented-{n}")(_other)
        app.on(GatherEvent, tag=f"tag-{n}")(_other)
    app.on(SmsEvent, direction="in")(_received)
    return app


def _with_filters(number: int) -> App:
    """Handlers of one event, of which one takes it."""
    app = App()
    for n in range(number):
        app.on(SmsEvent, tag=f"tag-{n}")(_received if f"tag-{n}" == _TAG else _other)
    return app


def _filling(name: str, fill: Fill, handlers: int) -> Contender:
    def ready() -> Run:
        app = fill(_FEW)
        app.check()
        if not _FEW <= len(app.handlers) <= _FEW + 1:
            raise WrongOutput(f"{name}: {len(app.handlers)} of {_FEW} handlers are registered")

        def run(operations: int) -> Sample:
            start = time.process_time_ns()
            for _ in range(operations):
                fill(handlers).check()
            return per_operation(time.process_time_ns() - start, operations * handlers)

        return run

    return Contender(name, ready, operations=1_000 // handlers or 1)
