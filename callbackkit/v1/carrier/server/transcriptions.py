"""Transcriptions: asked for, read, and those of one call."""

import math
from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, json_reply
from callbackkit.v1.carrier.account import Callbacks, Transcription
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.recordings import new_transcription, transcribe
from callbackkit.v1.carrier.server.call_updates import call_of
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.recordings import recording_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of

SHOWN = 1000
"""Characters of the text that are in the resource (methods/transcriptions/transcriptions)."""


def list_transcriptions(request: Request) -> Response:
    """The transcriptions of a recording (methods/transcriptions/getTranscriptions)."""
    return _listed(request, {recording_of(request).id})


def list_of_call(request: Request) -> Response:
    """Those of a call's recordings (methods/calls/getCallsCallIdTranscriptions)."""
    return _listed(request, {recording.id for recording in call_of(request).recordings})


def _listed(request: Request, recordings: set[str]) -> Response:
    found = [
        one
        for one in request.carrier.account.transcriptions.values()
        if one.recording_id in recordings
    ]
    return listed(request, found, lambda one: _shown(request.carrier, one))


def create_transcription(request: Request) -> Response:
    """Have a recording transcribed (methods/transcriptions/postTranscriptions)."""
    carrier, recording = request.carrier, recording_of(request)
    body_of(request, "transcription")  # an empty object, or nothing
    if recording.state != "complete":
        raise RestRejection("invalid-recording-state", recording.id)
    for one in request.carrier.account.transcriptions.values():
        if one.recording_id == recording.id:
            raise RestRejection("duplicate-transcription", one.id)
    made = new_transcription(carrier, recording)
    events = carrier.calls[recording.call_id].callbacks
    to = Callbacks(events.url, events.fallback_url, events.timeout, "POST")
    carrier.rule("rest-recording-url", recording.call_id)
    carrier.scheduler.spawn(transcribe(carrier, recording, to, made), f"transcription {made.id}")
    return created_reply(request.carrier.uri(f"recordings/{recording.id}/transcriptions/{made.id}"))


def get_transcription(request: Request) -> Response:
    """A transcription (methods/transcriptions/getTranscriptionsTranscriptionId)."""
    recording_id = recording_of(request).id
    transcription_id = request.parameters["transcription_id"]
    found = request.carrier.account.transcriptions.get(transcription_id)
    if found is None or found.recording_id != recording_id:
        raise RestRejection("transcription-not-found", transcription_id, recording_id)
    return json_reply(_shown(request.carrier, found))


def _shown(carrier: Carrier, one: Transcription) -> dict[str, Any]:
    complete = one.state == "completed"
    return {
        "id": one.id,
        "state": one.state,
        "text": one.text[:SHOWN] if complete else None,
        "time": iso(one.time),
        # Whether seconds are rounded up is not said.
        "chargeableDuration": math.ceil(one.seconds),
        "textSize": len(one.text) if complete else None,
        "textUrl": carrier.uri(f"media/{one.media_name}") if complete else None,
    }


OPERATIONS: Operations = {
    "/users/{user_id}/recordings/{recording_id}/transcriptions": {
        "GET": list_transcriptions,
        "POST": create_transcription,
    },
    "/users/{user_id}/recordings/{recording_id}/transcriptions/{transcription_id}": {
        "GET": get_transcription,
    },
    "/users/{user_id}/calls/{call_id}/transcriptions": {"GET": list_of_call},
}
