"""The calls resource: placing calls, and what is known of them. Changing one is in call_updates."""

import math
from typing import Any, Literal, cast

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, json_reply
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.bodies import RequestFields, is_address
from callbackkit.v1.carrier.server.call_updates import FORMATS, call_of, update_call
from callbackkit.v1.carrier.server.callback_settings import callbacks_of, shown_callbacks
from callbackkit.v1.carrier.server.own_numbers import sender
from callbackkit.v1.carrier.server.paging import listed, paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of, query_of

MAX_CALL_TIMEOUT = 300
"""Seconds that a call may be told to ring (methods/calls/postCalls)."""
MAX_HEADERS, MAX_HEADER = 5, 256
"""SIP headers of a call, and characters of a name or value (methods/calls/getCalls)."""
BILLED = 60
"""Seconds that are billed as a whole: samples have 60 for calls of 2 and of 4 seconds
(methods/calls/getCalls)."""


def list_calls(request: Request) -> Response:
    """All calls, or those of a bridge or conference, then in one piece (methods/calls/getCalls)."""
    query = query_of(request, "call")
    bridge, conference = query.text("bridgeId"), query.text("conferenceId")
    caller, callee = query.text("from"), query.text("to")
    ascending = query.word("sortOrder", ("asc", "desc")) == "asc"
    found = [
        call
        for call in request.carrier.calls.values()
        if bridge in (None, call.bridge_id)
        and conference in (None, call.conference_id)
        and caller in (None, call.from_)
        and callee in (None, call.to)
    ]
    # They are kept in the order of their startTime.
    found = found if ascending else found[::-1]
    if bridge is None and conference is None:
        return paged(request, "call", found, shown_call)
    return listed(request, found, shown_call)


def create_call(request: Request) -> Response:
    """Call somebody (methods/calls/postCalls)."""
    carrier = request.carrier
    given = body_of(request, "call")
    number = sender(carrier, given, "methods/calls/postCalls")
    party = given.needed("to")
    if not is_address(party):
        raise RestRejection("invalid-call-to-number", party)
    callbacks = callbacks_of(given)
    timeout = given.whole("callTimeout", high=MAX_CALL_TIMEOUT)
    bridge_id = _bridge_id(request, given)
    conference_id = _conference_id(request, given)
    recording = given.flag("recordingEnabled") or False
    # A limit exists (maximum-recording-value-request), but no page says which.
    most = given.whole("recordingMaxDuration")
    file_format = given.word("recordingFileFormat", FORMATS)
    transcribes = given.flag("transcriptionEnabled") or False
    tag = given.text("tag")
    headers = _sip_headers(given)
    call = Call(
        carrier,
        inbound=False,
        party=party,
        number=number,
        callbacks=callbacks,
        tag=tag,
        timeout=timeout or 60,
    )
    call.bridge_id, call.conference_id = bridge_id, conference_id
    call.recording_enabled, call.transcribes = recording, transcribes
    call.recording_max = most or call.recording_max
    call.recording_format = cast(Literal["wav", "mp3"], file_format or call.recording_format)
    call.sip_headers = headers
    carrier.call_out(call)
    return created_reply(request.carrier.uri(f"calls/{call.id}"))


def _bridge_id(request: Request, given: RequestFields) -> str | None:
    bridge_id = given.text("bridgeId")
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


def _conference_id(request: Request, given: RequestFields) -> str | None:
    conference_id = given.text("conferenceId")
    if not conference_id:
        return None
    conference = request.carrier.conferences.get(conference_id)
    if conference is None or conference.state == "completed":
        raise RestRejection("invalid-call-conference-id", conference_id)
    return conference_id


def _sip_headers(given: RequestFields) -> dict[str, str] | None:
    headers = given.part("sipHeaders")
    if headers is None:
        return None
    found = {name: headers.text(name) or "" for name in headers.names()}
    if len(found) > MAX_HEADERS:
        raise RestRejection("validation-error:limit", "call", "sipHeaders", MAX_HEADERS)
    for name, value in found.items():
        if not name.lower().startswith("x-") or max(len(name), len(value)) > MAX_HEADER:
            raise given.wrong("sipHeaders", "made of names that start with X-, and not too long")
    # In the order in which they came.
    return {name: found[name] for name in given.raw("sipHeaders") if name in found}


def get_call(request: Request) -> Response:
    """A call (methods/calls/getCallsCallId)."""
    return json_reply(shown_call(call_of(request)))


def shown_call(call: Call) -> dict[str, Any]:
    """A call as the API shows it."""
    carrier = call.carrier
    answered, ended = call.answered, call.ended
    bridge = call.bridge_id
    whisper = call.transfer.get("whisperAudio")
    return {
        "id": call.id,
        "direction": "in" if call.inbound else "out",
        "from": call.from_,
        "to": call.to,
        "state": call.status,
        "startTime": iso(call.started),
        "activeTime": None if answered is None else iso(carrier.moment(answered)),
        "endTime": None if ended is None else iso(carrier.moment(ended.at)),
        "callTimeout": None if call.inbound else call.ring_seconds,
        **shown_callbacks(call.callbacks),
        "chargeableDuration": _billed(call),
        "bridgeId": bridge,
        "bridge": None if bridge is None else carrier.uri(f"bridges/{bridge}"),
        "conferenceId": call.conference_id,
        "events": f"{call.uri}/events",
        "recordings": f"{call.uri}/recordings",
        "transcriptions": f"{call.uri}/transcriptions",
        "recordingEnabled": call.recording_enabled,
        "recordingFileFormat": call.recording_format,
        "recordingMaxDuration": call.recording_max,
        "transcriptionEnabled": call.transcribes,
        "sipHeaders": None if call.sip_headers is None else dict(call.sip_headers),
        "transferTo": call.transfer.get("transferTo"),
        "transferCallerId": call.transfer.get("transferCallerId"),
        "whisperAudio": whisper,
        "tag": call.tag,
    }


def _billed(call: Call) -> int | None:
    if call.ended is None or call.answered is None:
        return None
    return BILLED * math.ceil((call.ended.at - call.answered) / BILLED)


OPERATIONS: Operations = {
    "/users/{user_id}/calls": {"GET": list_calls, "POST": create_call},
    "/users/{user_id}/calls/{call_id}": {"GET": get_call, "POST": update_call},
}
