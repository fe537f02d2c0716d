"""The documented rate limits, on the carrier's clock.

Page: rateLimits/... (limits.json). Not stated there: whether a limit is per user, token or address
(here there is one user), and which methods the table of resources means (here all).
"""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callbackkit.v1.carrier.server.rejections import RestRejection

if TYPE_CHECKING:
    from callbackkit.v1.carrier.carrier import Carrier

_RESOURCES = frozenset(
    {
        "account",
        "applications",
        "bridges",
        "calls",
        "conferences",
        "domains",
        "endpoints",
        "errors",
        "media",
        "messages",
        "numberInfo",
        "recordings",
        "transcriptions",
    }
)
"""Those with one request a second."""

_SAMPLE = 10.0
"""Seconds over which the rate of creations is averaged. For messages no number is given: the one
for calls is taken."""


@dataclass(frozen=True, slots=True)
class _Rate:
    """`limit` requests in `period` seconds, `burst` of them at once."""

    limit: int = 1
    period: float = 1.0
    burst: int = 1


_ORDERS, _SEARCHES = _Rate(100, 60.0, 800), _Rate(100, 60.0, 800)
_NUMBERS = _Rate(2000, 1.0, 3000)


class _Bucket:
    """What is left of a rate."""

    def __init__(self, rate: _Rate, now: float) -> None:
        self._rate = rate
        self._left = float(rate.burst)
        self._at = now

    def take(self, now: float) -> float:
        """Take one: 0, or how many seconds there is none for."""
        a_second = self._rate.limit / self._rate.period
        self._left = min(float(self._rate.burst), self._left + (now - self._at) * a_second)
        self._at = now
        # Times are sums of floats: what is a whole one but for the last digits is one.
        if self._left >= 1 - 1e-9:
            self._left -= 1
            return 0.0
        return (1 - self._left) / a_second


class Limits:
    """The limits of one account. Everything passes unless the carrier's `limits` are
    "documented"."""

    def __init__(self, carrier: "Carrier") -> None:
        self._carrier = carrier
        self._buckets: dict[str, _Bucket] = {}
        self._calls: deque[float] = deque()
        self._messages: deque[float] = deque()

    @property
    def _off(self) -> bool:
        return self._carrier.limits != "documented"

    def check(self, method: str, path: str) -> None:
        """Let a request pass, by its path below the user's. Raises RestRejection."""
        if self._off:
            return
        if method == "POST" and path == "/calls":
            # The limit for a single number is the same, so that this one comes first.
            self._average(self._calls, "call-rate-limit")
            return
        rated = _rated(method, path)
        if rated is None:
            return
        name, rate = rated
        now = self._carrier.now
        bucket = self._buckets.setdefault(name, _Bucket(rate, now))
        wait = bucket.take(now)
        if wait:
            reset = self._carrier.moment(now + wait)
            text = str(round(reset.timestamp() * 1000))
            raise RestRejection(
                "rate-limit-reached",
                headers={"x-ratelimit-reset": text},
                details={"rateLimitResetTime": text},
            )

    def message(self) -> None:
        """Let one message be sent. Raises RestRejection."""
        if not self._off:
            # That of a number is the same for person-to-person traffic, and the account's comes
            # first. The sample of the refusal has this code, a table a newer name for it.
            self._average(self._messages, "message-rate-limit")

    def _average(self, times: deque[float], code: str) -> None:
        now = self._carrier.now
        while times and times[0] <= now - _SAMPLE:
            times.popleft()
        rate = (len(times) + 1) / _SAMPLE
        if rate > 1:
            raise RestRejection(code, 1, 1, f"{_SAMPLE:g}", f"{rate:g}")
        times.append(now)


def _rated(method: str, path: str) -> tuple[str, _Rate] | None:
    """The limit that a request falls under, None for none."""
    match path.strip("/").split("/"):
        case ["availableNumbers", *_]:
            return ("orders", _ORDERS) if method == "POST" else ("searches", _SEARCHES)
        case ["phoneNumbers", "numberInfo", *_]:
            return "numberInfo", _Rate()
        case ["phoneNumbers"] if method == "POST":
            return "orders", _ORDERS
        case ["phoneNumbers", *_] if method == "GET":
            return "numbers", _NUMBERS
        case ["messages"] if method == "POST":
            return None  # sending has a rule of its own
        case ["domains", _, "endpoints", *_]:
            return "endpoints", _Rate()
        case ["recordings", _, "transcriptions", *_]:
            return "transcriptions", _Rate()
        case [name, *_] if name in _RESOURCES:
            return name, _Rate()
    return None
