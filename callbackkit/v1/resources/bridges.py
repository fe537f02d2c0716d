"""Bridges: two calls that hear each other."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from callbackkit.models import Model, Time
from callbackkit.rest import ArgumentRule, Flag, Operation
from callbackkit.v1.resources.audio import Speaker, audio_operations
from callbackkit.v1.resources.calls import Call
from callbackkit.v1.resources.values import Paging


class Bridge(Model, frozen=True):
    """A bridge (methods/bridges/bridges)."""

    id: str
    """brg-..."""
    state: str | None = None
    """created, active, hold, completed or error."""
    call_ids: tuple[str, ...] | None = None
    """In the documented table, but in no sample: `calls` is certain."""
    calls: str | None = None
    """The URL of its calls."""
    bridge_audio: bool | None = None
    """True if the calls hear each other."""
    created_time: Time = None
    activated_time: Time = None
    completed_time: Time = None


class BridgeSettings(TypedDict, total=False):
    """The calls of a bridge (methods/bridges/postBridges, methods/bridges/postBridgesBridgeId)."""

    call_ids: (
        Annotated[
            Sequence[str],
            # Error code bridge-callIds-overflow.
            ArgumentRule("is a list of 2 ids at most", (Field(max_length=2),)),
        ]
        | None
    )
    """All of them, at most 2; an empty list takes those out that are in it."""
    bridge_audio: Flag | None
    """Make them hear each other, by default True; False puts them on hold."""


_ALL = "/users/{user_id}/bridges"
_ONE = "/users/{user_id}/bridges/{bridge_id}"

LIST = Operation("bridges.list", "GET", _ALL, Paging, Bridge, paging="page")
GET = Operation("bridges.get", "GET", _ONE, returns=Bridge)
CREATE = Operation("bridges.create", "POST", _ALL, BridgeSettings, created=GET)
UPDATE = Operation("bridges.update", "POST", _ONE, BridgeSettings, repeatable=True)
CALLS = Operation("bridges.calls", "GET", f"{_ONE}/calls", returns=Call, paging="link")
AUDIO = audio_operations("bridges", f"{_ONE}/audio", (), Speaker)
