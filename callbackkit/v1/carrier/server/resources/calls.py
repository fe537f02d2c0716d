"""The calls resource: placing calls, and what is known of them. Changing one is in call_updates."""

import math
from typing import Any

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.server.arguments import Errors, read
from callbackkit.v1.carrier.server.callback_settings import callbacks_of, shown_callbacks
from callbackkit.v1.carrier.server.own_numbers import check_sender
from callbackkit.v1.carrier.server.paging import listed, matches, paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.call_updates import call_of
from callbackkit.v1.resources import calls as api

BILLED = 60
"""Seconds that are billed as a whole: samples have 60 for calls of 2 and of 4 seconds
(methods/calls/getCalls)."""

_ERRORS: Errors = {("string_pattern_mismatch", "to"): "invalid-call-to-number"}


@serves(api.LIST)
def list_calls(request: Request) -> Reply:
    """Reply with a page of the calls, or with all of a bridge or conference
    (methods/calls/getCalls)."""
    args = read(request, api.CallFilter)
    names = ("bridge_id", "conference_id", "from_", "to")
    found = [call for call in request.carrier.calls.values() if matches(call, args, *names)]
    # They are kept in the order of their startTime.
    found = found if args.get("sort_order") == "asc" else found[::-1]
    if "bridge_id" in args or "conference_id" in args:
        return listed(request, map(shown_call, found))
    return paged(request, found, shown_call)


@serves(api.CREATE)
def create_call(request: Request) -> Reply:
    """Call a phone (methods/calls/postCalls)."""
    carrier = request.carrier
    check_sender(carrier, request.json(), "methods/calls/postCalls")
    args = read(request, api.NewCall, _ERRORS)
    bridge_id = _bridge_id(request, args.get("bridge_id"))
    conference_id = _conference_id(request, args.get("conference_id"))
    call = Call(
        carrier,
        inbound=False,
        party=args["to"],
        number=args["from_"],
        callbacks=callbacks_of(args),
        tag=args.get("tag"),
        timeout=args.get("call_timeout") or 60,
    )
    call.bridge_id, call.conference_id = bridge_id, conference_id
    settings = call.recording
    settings.enabled = args.get("recording_enabled") or False
    settings.transcribes = args.get("transcription_enabled") or False
    # A limit exists (maximum-recording-value-request), but no page says which.
    settings.longest = args.get("recording_max_duration") or settings.longest
    settings.file_format = args.get("recording_file_format") or settings.file_format
    call.sip_headers = args.get("sip_headers")
    carrier.call_out(call)
    return created(call.uri)


def _bridge_id(request: Request, bridge_id: str | None) -> str | None:
    if not bridge_id:
        return None
    bridge = request.carrier.bridges.get(bridge_id)
    if bridge is None:
        raise RestRejection("bridge-not-found", bridge_id)
    if bridge.state == "completed":
        raise RestRejection("bridge-invalid-state", bridge_id, bridge.state)
    if bridge.full:
        raise RestRejection("bridge-callIds-overflow:full", bridge_id)
    return bridge_id


def _conference_id(request: Request, conference_id: str | None) -> str | None:
    if not conference_id:
        return None
    conference = request.carrier.conferences.get(conference_id)
    if conference is None or conference.state == "completed":
        raise RestRejection("invalid-call-conference-id", conference_id)
    return conference_id


@serves(api.GET)
def get_call(request: Request) -> dict[str, Any]:
    """Reply with a call (methods/calls/getCallsCallId)."""
    return shown_call(call_of(request))


def shown_call(call: Call) -> dict[str, Any]:
    """Return a call as the API shows it."""
    carrier = call.carrier
    answered, ended, bridge = call.answered, call.ended, call.bridge_id
    found = resource(
        api.Call,
        call,
        direction="in" if call.inbound else "out",
        state=call.status,
        start_time=carrier.moment(call.began),
        active_time=None if answered is None else carrier.moment(answered),
        end_time=None if ended is None else carrier.moment(ended.at),
        call_timeout=None if call.inbound else call.ring_seconds,
        **shown_callbacks(call.callbacks),
        chargeable_duration=_billed(call),
        events=f"{call.uri}/events",
        recordings=f"{call.uri}/recordings",
        transcriptions=f"{call.uri}/transcriptions",
        recording_enabled=call.recording.enabled,
        recording_file_format=call.recording.file_format,
        recording_max_duration=call.recording.longest,
        transcription_enabled=call.recording.transcribes,
        sip_headers=None if call.sip_headers is None else dict(call.sip_headers),
        transfer_to=call.transfer.get("transferTo"),
        transfer_caller_id=call.transfer.get("transferCallerId"),
        whisper_audio=call.transfer.get("whisperAudio"),
    )
    # In samples only (methods/calls/getCallsCallId).
    return found if bridge is None else {**found, "bridge": carrier.uri(f"bridges/{bridge}")}


def _billed(call: Call) -> int | None:
    if call.ended is None or call.answered is None:
        return None
    return BILLED * math.ceil((call.ended.at - call.answered) / BILLED)
