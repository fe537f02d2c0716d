"""The recordings resource, and the recordings of one call."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply, resource
from callbackkit.carrier.sound import Recording
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.call_updates import call_of
from callbackkit.v1.carrier.server.paging import list_reply, page_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request, Served
from callbackkit.v1.resources import calls
from callbackkit.v1.resources import recordings as api
from callbackkit.v1.resources.values import Paging


def list_recordings(request: Request) -> Response:
    """Reply with a page of the recordings (methods/recordings/getRecordings)."""
    found = list(request.carrier.account.recordings.values())
    items, links = page_of(request, read(request, Paging), found)
    return list_reply(request, (_shown(request.carrier, one) for one in items), links)


def list_of_call(request: Request) -> Response:
    """Reply with the recordings of a call (methods/calls/getCallsCallIdRecordings)."""
    found = call_of(request).recordings
    return list_reply(request, (_shown(request.carrier, one) for one in found))


def get_recording(request: Request) -> Response:
    """Reply with a recording (methods/recordings/getRecordingsRecordingId)."""
    return json_reply(_shown(request.carrier, recording_of(request)))


def recording_of(request: Request) -> Recording:
    """Return the recording that the path names. Raises RestRejection."""
    recording_id = request.parameters["recording_id"]
    found = request.carrier.account.recordings.get(recording_id)
    if found is None:
        raise RestRejection("recording-not-found", recording_id)
    return found


def _shown(carrier: Carrier, recording: Recording) -> dict[str, Any]:
    end = recording.end
    return resource(
        api.Recording,
        recording,
        start_time=carrier.moment(recording.start),
        end_time=None if end is None else carrier.moment(end),
        call=carrier.uri(f"calls/{recording.subject}"),
        media=carrier.uri(f"media/{quote(recording.file, safe='')}"),
    )


SERVED: Served = {
    api.LIST: list_recordings,
    api.GET: get_recording,
    calls.RECORDINGS: list_of_call,
}
