"""The history of a call: what the platform noted about it, which is less than the journal has."""

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from callbackkit.carrier.journal import Entry
from callbackkit.carrier.leg import Heard
from callbackkit.carrier.server.replies import json_reply
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.call_updates import call_of
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request

# The names of the sample (methods/calls/getCallsCallIdEvents), whose list is open. What it tells of
# the switch behind the platform (CHANNEL_EXECUTE) is left out.
_NAMES = {"calls": "create", "is created": "create", "is answered": "answer", "ends": "hangup"}


def list_events(request: Request) -> Response:
    """What happened on a call (methods/calls/getCallsCallIdEvents)."""
    found = sorted(_events(call_of(request)), key=lambda event: event["time"])
    carrier = request.carrier
    return listed(
        request, found, lambda event: {**event, "time": iso(carrier.moment(event["time"]))}
    )


def get_event(request: Request) -> Response:
    """One of them, with its time in milliseconds (methods/calls/getCallsCallIdEventsEventId)."""
    for event in _events(call_of(request)):
        if event["id"] == request.parameters["event_id"]:
            moment = request.carrier.moment(event["time"])
            return json_reply({**event, "time": round(moment.timestamp() * 1000)})
    raise RestRejection("resource-not-found")


def _events(call: Call) -> Iterator[dict[str, Any]]:
    """The events of a call, with their times in seconds of the clock."""
    for entry in call.carrier.journal.of(call.id):
        heard = entry.data.get("heard")
        if isinstance(heard, Heard):
            yield from _playback(entry, heard)
        elif entry.kind in _NAMES:
            cause = entry.data.get("cause")
            yield _event(entry, "", entry.at, _NAMES[entry.kind], cause)


def _playback(entry: Entry, heard: Heard) -> Iterator[dict[str, Any]]:
    if heard.kind == "voice":
        return
    name = "speak" if heard.kind == "speech" else "playback"
    yield _event(entry, "", heard.start, name, "start")
    if heard.over:
        yield _event(entry, "-done", heard.end, name, "done")


def _event(entry: Entry, part: str, at: float, name: str, data: str | None) -> dict[str, Any]:
    return {"id": f"ce-{entry.id:06}{part}", "time": at, "name": name, "data": data}


OPERATIONS: Operations = {
    "/users/{user_id}/calls/{call_id}/events": {"GET": list_events},
    "/users/{user_id}/calls/{call_id}/events/{event_id}": {"GET": get_event},
}
