"""Samples of callbacks, one JSON file for each kind of event, and new callbacks made of them.

Each sample has an id, its transport ("GET" or "POST"), a note and the documentation page or other
source it comes from; `derived` says that it was put together from a table there. A POST sample has
its JSON `body`; a GET sample has the parameters meant as `query` and those sent as `raw_query`.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from typing import Any, TypedDict

from callbackkit.errors import SetupError
from callbackkit.events import Event
from callbackkit.models import MissingError, repaired
from callbackkit.spelling import did_you_mean


class _Sample(TypedDict):
    id: str
    transport: str
    note: str
    source: str
    derived: bool


class Sample(_Sample, total=False):
    """A callback as documented or captured."""

    body: dict[str, Any]
    query: dict[str, str]
    raw_query: str


@dataclass(frozen=True)
class Samples:
    """The samples of one dialect.

    `dialect` is its name, `folder` holds a file for each kind in `events`. `ids` matches the ids
    that a new callback has anew: a prefix up to the first dash stays, and each character after it
    but a dash becomes one of `letters`. `times` are the names on the wire of moments.
    """

    dialect: str
    folder: Traversable
    events: Mapping[str, type[Event]]
    ids: re.Pattern[str]
    letters: str
    times: frozenset[str]

    def samples(self, kind: str | None = None) -> list[Sample]:
        """Return the samples of a kind of event, or all.

        Raises SetupError if the kind has none.
        """
        names = sorted(file.name for file in self.folder.iterdir() if file.name.endswith(".json"))
        if kind is not None:
            if f"{kind}.json" not in names:
                raise SetupError(self._unknown("event", kind, self.events))
            names = [f"{kind}.json"]
        return [
            sample
            for name in names
            for sample in json.loads(self.folder.joinpath(name).read_text("utf-8"))
        ]

    def make(self, kind: str, method: str | None = None, /, **values: str) -> dict[str, Any]:
        """Return a callback like the platform's, with fresh ids and the current time.

        `method` is "GET" or "POST"; None takes GET where the event is sent so. `values` have names
        on the wire and replace or join those of the sample: `make("sms", **{"from": "+1919..."})`.
        By GET the result is all text, for a query string; by POST it is a JSON object. Raises
        SetupError for an event, a transport or a field that does not exist, and for a value that
        can't be read.
        """
        if kind not in self.events:
            raise SetupError(self._unknown("event", kind, self.events))
        first: dict[str, Sample] = {}  # the first sample of a transport is the plainest
        for sample in self.samples(kind):
            first.setdefault(sample["transport"], sample)
        method = method or min(first)
        if method not in first:
            raise SetupError(f"{self.dialect} sends {kind} only by {min(first)}, not by {method}")
        cls = self.events[kind]
        fields = cls.wire_names - {cls.kind_name}
        for name in values:
            if name not in fields:
                raise SetupError(self._unknown(f"field of {kind}", name, fields))
        sample = first[method]
        data = self._renewed(sample.get("query") or sample.get("body") or {}, values)
        typed = _typed(cls, kind, data, values)
        return data | (values if method == "GET" else typed)

    def _renewed(self, data: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
        """Return a sample with fresh ids, the same ones in its URLs, and its latest time now."""
        ids = {
            data[name]: values[name]
            for name in data.keys() & values.keys()
            if isinstance(data[name], str)
        }
        times = {name: datetime.fromisoformat(data[name]) for name in data.keys() & self.times}
        late = datetime.now(UTC) - max(times.values(), default=datetime.now(UTC))

        def fresh(match: re.Match[str]) -> str:
            prefix, dash, rest = match[0].partition("-")
            made = "".join(c if c == "-" else secrets.choice(self.letters) for c in rest)
            return ids.setdefault(match[0], f"{prefix}{dash}{made}")

        def renewed(name: str, value: Any) -> Any:
            if name in times:
                moment = (times[name] + late).astimezone(UTC)
                precision = "milliseconds" if "." in value else "seconds"
                return moment.isoformat(timespec=precision).replace("+00:00", "Z")
            if isinstance(value, list):
                return [renewed("", item) for item in value]
            return self.ids.sub(fresh, value) if isinstance(value, str) else value

        return {name: renewed(name, value) for name, value in data.items()}

    def _unknown(self, what: str, name: str, known: Iterable[str]) -> str:
        hint = did_you_mean(name, known, f"there are {', '.join(sorted(known))}")
        return f"{self.dialect} has no {what} {name!r}; {hint}"


def _typed(
    cls: type[Event], kind: str, data: Mapping[str, Any], values: Mapping[str, str]
) -> dict[str, Any]:
    """Return values as JSON has them: text that stands for a number, a truth value or a list
    becomes that."""
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    try:
        event, lost = repaired(cls, {**texts, **values}, {})
    except MissingError:
        return dict(values)  # the callback becomes an unknown event
    read = event.dump()
    for name, text in values.items():
        if name in lost or read[name] is None:
            raise SetupError(f"{name}={text!r} can't be read as {name} of {kind}")
    return {
        name: text if isinstance(read[name], str) else read[name] for name, text in values.items()
    }
