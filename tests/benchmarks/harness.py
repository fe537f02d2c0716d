"""Measures contenders against one another, so that a noisy machine tells something all the same.

In every round each contender runs once, in a new order, for about the same time; what counts is the
ratio of two contenders within a round, of which the median and the quartiles are shown. Time is CPU
time of this process. Garbage of a contender is collected on its own time, that of others before.
"""

import gc
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Literal

Sample = Mapping[str, float]
"""The cost of one operation, or a rate of operations, by unit."""

Run = Callable[[int], Sample]
"""Runs a number of operations."""

MICROSECONDS = "us"


@dataclass
class Contender:
    """One way to do the work.

    `ready` builds it, checks what it puts out (raising WrongOutput) and gives what is timed; an
    ImportError means that what it needs is not installed. `operations` is how many make up a round;
    0 finds a number that takes some milliseconds.
    """

    name: str
    ready: Callable[[], Run]
    run: Run | None = None
    missing: str | None = None
    operations: int = 0
    samples: list[Sample] = field(default_factory=list)


class WrongOutput(Exception):
    """A contender does not do the work it is to be timed for."""


@dataclass(frozen=True)
class Row:
    """A ratio to show: of `subject`'s cost to that of `against`, or how many times cheaper it is; or
    of its rate, where the unit is one of which more is better."""

    subject: str
    against: str
    way: Literal["of its cost", "times cheaper", "of its rate"]
    goal: float | None = None
    unit: str = MICROSECONDS


@dataclass(frozen=True)
class Result:
    """A row with what was measured; no ratio where a contender is not installed."""

    row: Row
    cost: float | None = None
    against_cost: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    missing: str | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, or None where there is none."""
        if self.row.goal is None or self.ratio is None:
            return None
        if self.row.way == "of its cost":
            return self.ratio <= self.row.goal
        return self.ratio >= self.row.goal


@dataclass
class Comparison:
    """Contenders for the same work, and the ratios to show. `share` is for slow ones: the part of
    the rounds that they get."""

    title: str
    contenders: Sequence[Contender]
    rows: Sequence[Row]
    share: float = 1.0


def measure(comparison: Comparison, rounds: int, slice_seconds: float) -> list[Result]:
    """Check all contenders, then time them in interleaved rounds. Raises WrongOutput."""
    for contender in comparison.contenders:
        try:
            contender.run = contender.ready()
        except ImportError as error:
            contender.missing = error.name or str(error)
    present = [contender for contender in comparison.contenders if contender.run is not None]
    # What was imported and built is no garbage: looking through it would be timed with the work.
    gc.collect()
    gc.freeze()
    for contender in present:
        if contender.operations == 0:
            contender.operations = _operations(contender, slice_seconds)
    order = random.Random(1)
    for _ in range(max(1, round(rounds * comparison.share))):
        order.shuffle(present)
        for contender in present:
            assert contender.run is not None
            gc.collect()
            contender.samples.append(contender.run(contender.operations))
    gc.unfreeze()
    by_name = {contender.name: contender for contender in comparison.contenders}
    return [_result(row, by_name[row.subject], by_name[row.against]) for row in comparison.rows]


def _operations(contender: Contender, seconds: float) -> int:
    """How many operations take about `seconds` of CPU time, when the contender is warm."""
    assert contender.run is not None
    contender.run(10)
    operations = 10
    while True:
        start = time.process_time()
        contender.run(operations)
        took = time.process_time() - start
        if took >= seconds or operations >= 1_000_000:
            return max(1, round(operations * seconds / took))
        operations *= 4


def _result(row: Row, subject: Contender, against: Contender) -> Result:
    missing = subject.missing or against.missing
    if missing is not None:
        return Result(row, missing=missing)
    costs = [sample[row.unit] for sample in subject.samples]
    others = [sample[row.unit] for sample in against.samples]
    pairs = zip(costs, others, strict=True)
    ratios = [b / a if row.way == "times cheaper" else a / b for a, b in pairs]
    low, _, high = (
        quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else [ratios[0]] * 3
    )
    return Result(row, median(costs), median(others), median(ratios), low, high)


def reads(
    name: str,
    function: Callable[[bytes], Any],
    inputs: Callable[[int], Sequence[bytes]],
    check: Callable[[Any, bytes], bool],
) -> Contender:
    """A contender that is a function of what `inputs` makes so many of, before it is timed."""

    def ready() -> Run:
        (given,) = inputs(1)
        output = function(given)
        if not check(output, given):
            raise WrongOutput(f"{name} gives {output!r} for {given!r}")

        def run(operations: int) -> Sample:
            batch = inputs(operations)
            start = time.process_time_ns()
            for given in batch:
                function(given)
            return per_operation(time.process_time_ns() - start, operations)

        return run

    return Contender(name, ready)


def calls(
    name: str, prepare: Callable[[], Callable[[], Any]], check: Callable[[Any], bool]
) -> Contender:
    """A contender that is one function, made by `prepare`, which may import what it needs."""

    def ready() -> Run:
        function = prepare()
        output = function()
        if not check(output):
            raise WrongOutput(f"{name} gives {output!r}")

        def run(operations: int) -> Sample:
            times = range(operations)
            start = time.process_time_ns()
            for _ in times:
                function()
            return per_operation(time.process_time_ns() - start, operations)

        return run

    return Contender(name, ready)


def per_operation(nanoseconds: int, operations: int) -> Sample:
    return {MICROSECONDS: max(nanoseconds, 1) / operations / 1000}
