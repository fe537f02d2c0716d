"""Transcriptions: created, read, and those of one call."""

import math
from typing import Any

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier.account import Callbacks, Transcription
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.recordings import new_transcription, transcribe
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.call_updates import call_of
from callbackkit.v1.carrier.server.resources.recordings import recording_of
from callbackkit.v1.resources import calls
from callbackkit.v1.resources import transcriptions as api

MAX_SHOWN = 1000
"""Characters of the text that are in the resource (methods/transcriptions/transcriptions)."""


@serves(api.LIST)
def list_transcriptions(request: Request) -> Reply:
    """Reply with the transcriptions of a recording (methods/transcriptions/getTranscriptions)."""
    return _list_of(request, {recording_of(request).id})


@serves(calls.TRANSCRIPTIONS)
def list_of_call(request: Request) -> Reply:
    """Reply with those of a call's recordings (methods/calls/getCallsCallIdTranscriptions)."""
    return _list_of(request, {recording.id for recording in call_of(request).recordings})


def _list_of(request: Request, recordings: set[str]) -> Reply:
    transcriptions = request.carrier.account.transcriptions.values()
    found = (one for one in transcriptions if one.recording_id in recordings)
    return listed(request, (_shown(request.carrier, one) for one in found))


@serves(api.CREATE)
def create_transcription(request: Request) -> Reply:
    """Transcribe a recording (methods/transcriptions/postTranscriptions)."""
    carrier, recording = request.carrier, recording_of(request)
    if not isinstance(request.json(), dict):
        raise RestRejection("validation-error", reason="the transcription is no JSON object")
    if recording.state != "complete":
        raise RestRejection("invalid-recording-state", recording.id)
    for one in carrier.account.transcriptions.values():
        if one.recording_id == recording.id:
            raise RestRejection("duplicate-transcription", one.id)
    made = new_transcription(carrier, recording)
    events = carrier.calls[recording.subject].callbacks
    to = Callbacks(events.url, events.fallback_url, events.timeout, "POST")
    carrier.rule("rest-recording-url", recording.subject)
    carrier.scheduler.spawn(transcribe(carrier, recording, to, made), f"transcription {made.id}")
    return created(carrier.uri(f"recordings/{recording.id}/transcriptions/{made.id}"))


@serves(api.GET)
def get_transcription(request: Request) -> dict[str, Any]:
    """Reply with a transcription (methods/transcriptions/getTranscriptionsTranscriptionId)."""
    recording_id = recording_of(request).id
    transcription_id = request.parameters["transcription_id"]
    found = request.carrier.account.transcriptions.get(transcription_id)
    if found is None or found.recording_id != recording_id:
        raise RestRejection("transcription-not-found", transcription_id, recording_id)
    return _shown(request.carrier, found)


def _shown(carrier: Carrier, one: Transcription) -> dict[str, Any]:
    complete = one.state == "completed"
    return resource(
        api.Transcription,
        one,
        text=one.text[:MAX_SHOWN] if complete else None,
        # No page says whether seconds are rounded up.
        chargeable_duration=math.ceil(one.seconds),
        text_size=len(one.text) if complete else None,
        text_url=carrier.uri(f"media/{one.media_name}") if complete else None,
    )
