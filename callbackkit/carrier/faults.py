"""Faults that a test declares: a callback that fails, is late, comes twice or in the wrong order, a
REST request that is refused, a message that is not delivered."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from callbackkit.carrier.delivery import Delivery
from callbackkit.errors import SetupError

GARBAGE = b"<Response><SpeakSentence>This ends in the mid"


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, `times` times or, with None, every time."""

    where: str
    kind: Literal["status", "slow", "refuse", "garbage", "duplicate", "reorder"]
    times: int | None
    status: int = 0
    seconds: float = 0.0
    body: bytes = b""

    def concerns(self, delivery: Delivery) -> bool:
        """Return True if it is about a callback."""
        wanted = delivery.path if self.where.startswith("/") else delivery.event
        return fnmatchcase(wanted, self.where)


@dataclass(slots=True)
class RestFault:
    """The error that a REST request gets instead of being carried out."""

    method: str
    path: str
    status: int
    code: str
    times: int | None


class Faults:
    """The faults of one carrier.

    `where` names a callback by its path ("/menu"), or by the type of its event ("hangup"); "*"
    stands for any characters. `times` is how often it goes wrong, by default every time. The first
    fault that was declared for a callback counts.
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._rest: list[RestFault] = []
        self._undelivered: dict[str, str] = {}

    def status(self, where: str, status: int, *, times: int | None = None) -> None:
        """Answer with a status instead of the app."""
        if not 100 <= status <= 599:
            raise SetupError(f"faults.status(): an HTTP status is 100 to 599, not {status}")
        self._add(Fault(where, "status", times, status=status))

    def slow(self, where: str, seconds: float, *, times: int | None = None) -> None:
        """Delay the app's reply by some seconds of the carrier's clock."""
        if not seconds > 0:
            raise SetupError(f"faults.slow(): seconds are more than 0, not {seconds}")
        self._add(Fault(where, "slow", times, seconds=seconds))

    def refuse(self, where: str = "*", *, times: int | None = None) -> None:
        """Refuse the connection, so that the app gets nothing."""
        self._add(Fault(where, "refuse", times))

    def garbage_bxml(
        self, where: str = "*", body: bytes = GARBAGE, *, times: int | None = None
    ) -> None:
        """Replace the body of the reply by one that is no BXML."""
        self._add(Fault(where, "garbage", times, body=body))

    def duplicate(self, where: str = "*", *, times: int | None = None) -> None:
        """Send the callback twice; only the first reply counts."""
        self._add(Fault(where, "duplicate", times))

    def reorder(self, where: str = "*", *, times: int | None = None) -> None:
        """Hold a callback whose reply nobody reads until the next one of its call was sent."""
        self._add(Fault(where, "reorder", times))

    def rest(self, request: str, status: int, code: str, *, times: int | None = None) -> None:
        """Refuse a REST request: "POST /messages" names its method and its path below the user's,
        where "*" stands for any characters. `code` is an error code of the platform's."""
        method, _, path = request.partition(" ")
        if not (method.isalpha() and path.startswith("/")):
            raise SetupError(f'faults.rest({request!r}): write it as "POST /messages"')
        self._rest.append(RestFault(method.upper(), path, status, code, _checked(times)))

    def undelivered(self, to: str, code: str | int) -> None:
        """Fail every message to a number with a delivery code, such as 770."""
        self._undelivered[to] = str(code)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()
        self._rest.clear()
        self._undelivered.clear()

    # For the carrier

    def of(self, delivery: Delivery) -> Fault | None:
        """Return the fault of a callback, and count it as used; None if it has none."""
        for fault in self._faults:
            if fault.times != 0 and fault.concerns(delivery):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def of_rest(self, method: str, path: str) -> RestFault | None:
        """Return the fault of a REST request, and count it as used; `path` is below the user's."""
        for fault in self._rest:
            if (
                fault.times != 0
                and fault.method == method
                and fnmatchcase(path.rstrip("/"), fault.path.rstrip("/"))
            ):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def failure_of(self, to: str) -> str | None:
        """Return the code that messages to a number fail with, None if they don't fail."""
        return self._undelivered.get(to)

    def _add(self, fault: Fault) -> None:
        _checked(fault.times)
        self._faults.append(fault)


def _checked(times: int | None) -> int | None:
    if times is not None and times < 1:
        raise SetupError(f"times= is how often it goes wrong, at least 1, not {times}")
    return times
