"""Callbacks as the platform sends them, one JSON file per eventType, and new ones made of them.

Each sample has an id, its transport ("GET" or "POST"), a note and the documentation page or other
source it comes from; `derived` says that it was put together from a table there. A POST sample has
its JSON `body`; a GET sample has the parameters meant as `query` and those sent as `raw_query`.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, TypedDict
from urllib.parse import urlencode

from callbackkit.errors import SetupError
from callbackkit.http import HttpRequest
from callbackkit.spelling import did_you_mean
from callbackkit.v1.wire import EVENTS, decode


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


_FOLDER = files(__name__)
_ID = re.compile(r"\b(m|c|gtr|rec|t|conf|member)-[a-z2-7]{23}\b")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_TIMES = {"time", "createdTime", "completedTime", "startTime", "endTime"}


def samples(event_type: str | None = None) -> list[Sample]:
    """The samples of an eventType, or all. Raises SetupError if the eventType has none."""
    names = sorted(file.name for file in _FOLDER.iterdir() if file.name.endswith(".json"))
    if event_type is not None:
        if f"{event_type}.json" not in names:
            raise SetupError(_unknown("event", event_type, EVENTS))
        names = [f"{event_type}.json"]
    return [
        sample for name in names for sample in json.loads(_FOLDER.joinpath(name).read_text("utf-8"))
    ]


def make(event_type: str, method: str | None = None, /, **values: str) -> dict[str, Any]:
    """A callback like the platform's, with fresh ids and the current time.

    `method` is "GET" or "POST"; None takes GET where the event is sent so. `values` have names on
    the wire and replace or join those of the sample: `make("sms", **{"from": "+1919..."})`. By GET
    the result is all text, for a query string; by POST it is a JSON object. Raises SetupError for
    an event, a transport or a field that does not exist, and for a value that can't be read.
    """
    if event_type not in EVENTS:
        raise SetupError(_unknown("event", event_type, EVENTS))
    first: dict[str, Sample] = {}  # the first sample of a transport is the plainest
    for sample in samples(event_type):
        first.setdefault(sample["transport"], sample)
    method = method or min(first)
    if method not in first:
        raise SetupError(f"v1 sends {event_type} only by {min(first)}, not by {method}")
    fields = EVENTS[event_type].wire_names - {"eventType"}
    for name in values:
        if name not in fields:
            raise SetupError(_unknown(f"field of {event_type}", name, fields))
    sample = first[method]
    data = _renewed(sample.get("query") or sample.get("body") or {}, values)
    typed = _typed(data, values)
    return data | (values if method == "GET" else typed)


def _renewed(data: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """A sample with fresh ids, the same ones in its URLs, and with its latest time now."""
    ids = {data[name]: values[name] for name in data.keys() & values.keys() if name.endswith("Id")}
    times = {name: datetime.fromisoformat(data[name]) for name in data.keys() & _TIMES}
    late = datetime.now(UTC) - max(times.values(), default=datetime.now(UTC))

    def fresh(match: re.Match[str]) -> str:
        letters = "".join(secrets.choice(_LETTERS) for _ in range(23))
        return ids.setdefault(match[0], f"{match[1]}-{letters}")

    def renewed(name: str, value: Any) -> Any:
        if name in times:
            moment = (times[name] + late).astimezone(UTC)
            precision = "milliseconds" if "." in value else "seconds"
            return moment.isoformat(timespec=precision).replace("+00:00", "Z")
        if isinstance(value, list):
            return [renewed("", item) for item in value]
        return _ID.sub(fresh, value) if isinstance(value, str) else value

    return {name: renewed(name, value) for name, value in data.items()}


def _typed(data: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Values as JSON has them: text that stands for a number, truth value or list becomes that."""
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    query = urlencode({**texts, **values}).encode()
    (event,) = decode(HttpRequest("GET", query=query))
    read = event.dump()
    for name, text in values.items():
        if read[name] is None:
            raise SetupError(f"{name}={text!r} can't be read as {name} of {read['eventType']}")
    return {
        name: text if isinstance(read[name], str) else read[name] for name, text in values.items()
    }


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known, f"there are {', '.join(sorted(known))}")
    return f"v1 has no {what} {name!r}; {hint}"
