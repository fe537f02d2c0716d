"""Rate limits on the carrier's clock: token buckets, and averages over some seconds."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from callbackkit.carrier.platform import Platform
from callbackkit.carrier.server.rejections import Rejection


@dataclass(frozen=True, slots=True)
class Rate:
    """`limit` requests in `period` seconds, `burst` of them at once."""

    limit: int = 1
    period: float = 1.0
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Average:
    """One request a second, averaged over the last `period` seconds."""

    period: float


class _Bucket:
    """The requests left of a Rate."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._left = float(rate.burst)
        self._at = now

    def take(self, now: float) -> float:
        """Take one, or return the seconds until there is one."""
        per_second = self._rate.limit / self._rate.period
        self._left = min(float(self._rate.burst), self._left + (now - self._at) * per_second)
        self._at = now
        # Times are sums of floats: 1 but for the last digits is 1.
        if self._left >= 1 - 1e-9:
            self._left -= 1
            return 0.0
        return (1 - self._left) / per_second


class _Window:
    """The requests within the period of an Average."""

    def __init__(self, average: Average) -> None:
        self._period = average.period
        self._times: deque[float] = deque()

    def take(self, now: float) -> float:
        """Take one, or return the rate per second that there would be with it."""
        while self._times and self._times[0] <= now - self._period:
            self._times.popleft()
        rate = (len(self._times) + 1) / self._period
        if rate > 1:
            return rate
        self._times.append(now)
        return 0.0


class RateLimits:
    """The rate limits of one account.

    Parameters:
        carrier: brings the clock.
        limits: a Rate or an Average by name.
        enabled: called at each request; limits may be switched off while the carrier runs.
        rejection: makes the error from the name of a limit and, for a Rate, the seconds to wait,
            for an Average the rate there would be.
    """

    def __init__(
        self,
        carrier: Platform,
        limits: Mapping[str, Rate | Average],
        enabled: Callable[[], bool],
        rejection: Callable[[str, float], Rejection],
    ) -> None:
        self._carrier = carrier
        self._limits = limits
        self._enabled = enabled
        self._rejection = rejection
        self._counters: dict[str, _Bucket | _Window] = {}

    def take(self, name: str | None) -> None:
        """Count one request against a limit, None for none. Raises Rejection."""
        if name is None or not self._enabled():
            return
        now = self._carrier.now
        counter = self._counters.get(name)
        if counter is None:
            limit = self._limits[name]
            counter = _Bucket(limit, now) if isinstance(limit, Rate) else _Window(limit)
            self._counters[name] = counter
        exceeded = counter.take(now)
        if exceeded:
            raise self._rejection(name, exceeded)
