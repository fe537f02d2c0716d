"""How patient a client is, and what it tells of each try."""

import random
from dataclasses import dataclass

from callbackkit.errors import ApiError, SetupError


@dataclass(frozen=True)
class Retry:
    """How patient a client is.

    `tries` counts the first; 1 never repeats. `seconds` is the most that is spent on waiting
    between them: a wait that would pass it is not begun. Where the platform names no time, the
    first wait is `delay` seconds and each one after it twice as long, at most `longest`, half of it
    by chance. `creations=True` also repeats what may already have created a call or a message.
    """

    tries: int = 5
    seconds: float = 60.0
    delay: float = 0.5
    longest: float = 10.0
    creations: bool = False

    def __post_init__(self) -> None:
        if self.tries < 1:
            raise SetupError(f"Retry(tries=) counts the first try too, so not {self.tries!r}")
        if min(self.seconds, self.delay, self.longest) < 0:
            raise SetupError("Retry() takes seconds= delay= and longest= that are not negative")

    def growing(self, number: int) -> float:
        """Seconds to wait after the try with this number, where nobody named a time."""
        # The exponent has a bound as Python's floats have one.
        longest = min(self.longest, self.delay * 2.0 ** min(number - 1, 60))
        return longest * _chance(0.5, 1.0)

    def until(self, seconds: float) -> float:
        """Seconds to wait where the platform named them: a little more, so that not all who were
        told the same come at once."""
        return seconds + self.delay * _chance(0.0, 1.0)


def _chance(low: float, high: float) -> float:
    return random.uniform(low, high)  # noqa: S311 (it spreads load and guards nothing)


@dataclass(frozen=True)
class Attempt:
    """One try of a request, as `client.observe` is told of it.

    `path` has no query. `number` counts from 1. `status` is None where no reply came; `error` is
    what the try failed with. `duration` is in seconds. `wait` is for how many seconds the client
    waits before the next try, None if there is none.
    """

    method: str
    path: str
    number: int
    status: int | None
    duration: float
    error: ApiError | None = None
    wait: float | None = None
