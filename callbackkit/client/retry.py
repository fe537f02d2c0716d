"""Retries: how often and how long a request is sent again, and the record of each try."""

import random
from dataclasses import dataclass

from callbackkit.errors import ApiError, SetupError


@dataclass(frozen=True)
class Retry:
    """Limits on sending a request again.

    `tries` counts the first one too; 1 never repeats. `seconds` limits the waiting between all
    tries: a wait that would exceed it is not begun. Where the platform names no time, the first
    wait is `delay` seconds and each further one twice as long, at most `longest`, half of it at
    random. `creations=True` also repeats requests that may already have created a call or a
    message.
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
        """Return the seconds to wait after the try with this number, where no time is named."""
        # Python's floats have a greatest value, and so has the exponent.
        longest = min(self.longest, self.delay * 2.0 ** min(number - 1, 60))
        return longest * _chance(0.5, 1.0)

    def until(self, seconds: float) -> float:
        """Return the seconds to wait where the platform named them: a little more, so that not all
        clients come back at once."""
        return seconds + self.delay * _chance(0.0, 1.0)


def _chance(low: float, high: float) -> float:
    return random.uniform(low, high)  # noqa: S311 (it spreads load and guards nothing)


@dataclass(frozen=True)
class Attempt:
    """One try of a request, for the functions of `client.observe`.

    `path` has no query. `number` counts from 1. `status` is None without a response; `error` is the
    exception of a try that failed. `duration` is in seconds. `wait` is the seconds until the next
    try, None if there is none.
    """

    method: str
    path: str
    number: int
    status: int | None
    duration: float
    error: ApiError | None = None
    wait: float | None = None
