"""The documented rate limits.

Page: rateLimits/... (limits.json). Not stated there: whether a limit is per user, token or address
(here there is one user), and which methods the table of resources means (here all).
"""

from collections.abc import Mapping

from callbackkit.carrier.server.rates import Average, Rate, RateLimits
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server.rejections import RestRejection

CALLS, MESSAGES = "calls created", "messages sent"

_ONCE_A_SECOND = (
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
)

# For messages no period is documented: that of calls is taken.
_PERIOD = 10.0

LIMITS: Mapping[str, Rate | Average] = {
    **{name: Rate() for name in _ONCE_A_SECOND},
    "orders": Rate(100, 60.0, 800),
    "searches": Rate(100, 60.0, 800),
    "numbers": Rate(2000, 1.0, 3000),
    # The limit for a single number is the same, so that the account's is reached first.
    CALLS: Average(_PERIOD),
    # That of a number is the same for person-to-person traffic.
    MESSAGES: Average(_PERIOD),
}
# The sample of the refusal has the latter code, a table a newer name for it.
_CODES = {CALLS: "call-rate-limit", MESSAGES: "message-rate-limit"}


def limits_of(carrier: Carrier) -> RateLimits:
    """Return the limits of a carrier, which hold while its `limits` are "documented"."""

    def rejection(name: str, exceeded: float) -> RestRejection:
        if name in _CODES:
            return RestRejection(_CODES[name], 1, 1, f"{_PERIOD:g}", f"{exceeded:g}")
        reset = carrier.moment(carrier.now + exceeded)
        text = str(round(reset.timestamp() * 1000))
        return RestRejection(
            "rate-limit-reached",
            headers={"x-ratelimit-reset": text},
            details={"rateLimitResetTime": text},
        )

    return RateLimits(carrier, LIMITS, lambda: carrier.limits == "documented", rejection)


def limit_of(method: str, path: str) -> str | None:
    """Return the limit that a request counts against, by its path below the user's."""
    match path.strip("/").split("/"):
        case ["availableNumbers", *_]:
            return "orders" if method == "POST" else "searches"
        case ["phoneNumbers", "numberInfo", *_]:
            return "numberInfo"
        case ["phoneNumbers"] if method == "POST":
            return "orders"
        case ["phoneNumbers", *_] if method == "GET":
            return "numbers"
        case ["calls"] if method == "POST":
            return CALLS
        case ["messages"] if method == "POST":
            return None  # counted one by one
        case ["domains", _, "endpoints", *_]:
            return "endpoints"
        case ["recordings", _, "transcriptions", *_]:
            return "transcriptions"
        case [name, *_] if name in _ONCE_A_SECOND:
            return name
    return None
