"""The history of a call: what the platform noted about it, which is less than the journal has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callbackkit.carrier.journal import Entry
from callbackkit.carrier.leg import Heard
from callbackkit.carrier.server.replies import resource
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.call_updates import call_of
from callbackkit.v1.resources import calls as api

# The names of the sample (methods/calls/getCallsCallIdEvents), whose list is open. What it says of
# the switch behind the platform (CHANNEL_EXECUTE) is left out.
_NAMES = {"calls": "create", "is created": "create", "is answered": "answer", "ends": "hangup"}


@dataclass(frozen=True, slots=True)
class _Event:
    id: str
    at: float
    """Seconds of the clock."""
    name: str
    data: str | None


@serves(api.EVENTS)
def list_events(request: Request) -> Reply:
    """Reply with what happened on a call (methods/calls/getCallsCallIdEvents)."""
    found = sorted(_events(call_of(request)), key=lambda event: event.at)
    moment = request.carrier.moment
    return listed(
        request, (resource(api.CallHistoryEvent, one, time=moment(one.at)) for one in found)
    )


@serves(api.EVENT)
def get_event(request: Request) -> dict[str, Any]:
    """Reply with one event, with its time in milliseconds
    (methods/calls/getCallsCallIdEventsEventId)."""
    for event in _events(call_of(request)):
        if event.id == request.parameters["call_event_id"]:
            time = round(request.carrier.moment(event.at).timestamp() * 1000)
            return resource(api.CallHistoryEvent, event, time=time)
    raise RestRejection("resource-not-found")


def _events(call: Call) -> Iterator[_Event]:
    for entry in call.carrier.journal.of(call.id):
        heard = entry.data.get("heard")
        if isinstance(heard, Heard):
            yield from _playback(entry, heard)
        elif entry.kind in _NAMES:
            yield _Event(_id(entry), entry.at, _NAMES[entry.kind], entry.data.get("cause"))


def _playback(entry: Entry, heard: Heard) -> Iterator[_Event]:
    if heard.kind == "voice":
        return
    name = "speak" if heard.kind == "speech" else "playback"
    yield _Event(_id(entry), heard.start, name, "start")
    if heard.over:
        yield _Event(f"{_id(entry)}-done", heard.end, name, "done")


def _id(entry: Entry) -> str:
    return f"ce-{entry.id:06}"
