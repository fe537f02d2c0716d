"""The recordings resource, and the recordings of one call."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply
from callbackkit.v1.carrier.account import Recording
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.call_updates import call_of
from callbackkit.v1.carrier.server.paging import listed, paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request


def list_recordings(request: Request) -> Response:
    """All recordings (methods/recordings/getRecordings)."""
    found = list(request.carrier.account.recordings.values())
    return paged(request, "recording", found, lambda one: _shown(request.carrier, one))


def list_of_call(request: Request) -> Response:
    """The recordings of a call (methods/calls/getCallsCallIdRecordings)."""
    found = call_of(request).recordings
    return listed(request, found, lambda one: _shown(request.carrier, one))


def get_recording(request: Request) -> Response:
    """A recording (methods/recordings/getRecordingsRecordingId)."""
    return json_reply(_shown(request.carrier, recording_of(request)))


def recording_of(request: Request) -> Recording:
    """The recording that the path names. Raises RestRejection."""
    recording_id = request.parameters["recording_id"]
    found = request.carrier.account.recordings.get(recording_id)
    if found is None:
        raise RestRejection("recording-not-found", recording_id)
    return found


def _shown(carrier: Carrier, recording: Recording) -> dict[str, Any]:
    end = recording.end
    return {
        "id": recording.id,
        "startTime": iso(carrier.moment(recording.start)),
        "endTime": None if end is None else iso(carrier.moment(end)),
        "call": carrier.uri(f"calls/{recording.call_id}"),
        "media": carrier.uri(f"media/{quote(recording.media_name, safe='')}"),
        "state": recording.state,
    }


OPERATIONS: Operations = {
    "/users/{user_id}/recordings": {"GET": list_recordings},
    "/users/{user_id}/recordings/{recording_id}": {"GET": get_recording},
    "/users/{user_id}/calls/{call_id}/recordings": {"GET": list_of_call},
}
