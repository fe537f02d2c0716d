"""The recordings resource, and the recordings of one call."""

from typing import Any
from urllib.parse import quote

from callbackkit.carrier.server.replies import resource
from callbackkit.carrier.sound import Recording
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server.paging import listed, paged
from callbackkit.v1.carrier.server.rejections import find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.call_updates import call_of
from callbackkit.v1.resources import calls
from callbackkit.v1.resources import recordings as api


@serves(api.LIST)
def list_recordings(request: Request) -> Reply:
    """Reply with a page of the recordings (methods/recordings/getRecordings)."""
    found = list(request.carrier.account.recordings.values())
    return paged(request, found, lambda one: _shown(request.carrier, one))


@serves(calls.RECORDINGS)
def list_of_call(request: Request) -> Reply:
    """Reply with the recordings of a call (methods/calls/getCallsCallIdRecordings)."""
    found = call_of(request).recordings
    return listed(request, (_shown(request.carrier, one) for one in found))


@serves(api.GET)
def get_recording(request: Request) -> dict[str, Any]:
    """Reply with a recording (methods/recordings/getRecordingsRecordingId)."""
    return _shown(request.carrier, recording_of(request))


def recording_of(request: Request) -> Recording:
    """Return the recording that the path names. Raises RestRejection."""
    recordings = request.carrier.account.recordings
    return find(recordings, request.parameters["recording_id"], "recording-not-found")


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
