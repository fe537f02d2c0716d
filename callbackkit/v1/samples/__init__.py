"""Callbacks as the platform sends them, one JSON file per eventType, and new ones made of them.

Each sample has an id, its transport ("GET" or "POST"), a note and the documentation page or other
source it comes from; `derived` says that it was put together from a table there. A POST sample has
its JSON `body`; a GET sample has the parameters meant as `query` and those sent as `raw_query`.
"""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, TypedDict

from pydantic import ValidationError

from callbackkit.errors import SetupError
from callbackkit.v1.wire import EVENTS


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


def samples(event_type: str) -> list[Sample]:
    """All samples of an eventType. Raises SetupError if there is no such type."""
    file = files(__name__).joinpath(f"{event_type}.json")
    if event_type not in EVENTS and not (event_type.isascii() and file.is_file()):
        raise SetupError(_unknown("event", event_type, EVENTS))
    found: list[Sample] = json.loads(file.read_text("utf-8"))
    return found


_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ID = re.compile(r"\b(m|c|gtr|rec|t|conf|member)-[a-z2-7]{23}\b")


def make(event_type: str, method: str | None = None, **values: str) -> dict[str, Any]:
    """A callback like the platform's, with fresh ids and the current time.

    `method` is "GET" or "POST"; None takes GET where the event can come so. `values` are by name on
    the wire and replace or join those of the sample (`make("sms", **{"from": "+1919..."})`). By
    GET all values of the result are text, for a query string; by POST it is a JSON object. Raises
    SetupError for an event or a field that does not exist, and for a value that is none.
    """
    found = {sample["transport"]: sample for sample in reversed(samples(event_type))}
    method = method or min(found)
    if method not in found:
        raise SetupError(f"v1 sends {event_type} by {' and '.join(found)} only, not by {method}.")
    ...
