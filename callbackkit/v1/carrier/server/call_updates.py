"""Changes of a call: taken, rejected, hung up, recorded, transferred; and when none may be made."""

from typing import Any, Literal, cast

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.recordings import start_recording, stop_recording
from callbackkit.v1.carrier.server.bodies import RequestFields, is_address
from callbackkit.v1.carrier.server.prompts import prompt_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request, body_of
from callbackkit.v1.carrier.transfers import second_leg, transfer_by_rest

FORMATS = ("wav", "mp3")
"""How a recording is stored."""

_STATES = ("active", "rejected", "completed", "transferring")
_TREATMENTS = ("none", "propagate", "stack")
_REASONS = (
    "unknown",
    "user-busy",
    "no-answer",
    "unavailable",
    "unconditional",
    "time-of-day",
    "do-not-disturb",
    "deflection",
    "follow-me",
    "out-of-service",
    "away",
)


def call_of(request: Request) -> Call:
    """The call that the path names. Raises RestRejection."""
    call_id = request.parameters["call_id"]
    call = request.carrier.calls.get(call_id)
    if call is None:
        raise RestRejection("call-not-found", call_id, details={"callId": call_id})
    return call


def steered(call: Call) -> Call:
    """A call that the API may do something to just now: one that is up and not under BXML (tandem).
    Raises RestRejection."""
    _changeable(call)
    if call.state != "up":
        raise _invalid_state(call)
    return call


def _changeable(call: Call) -> None:
    if call.over:
        raise RestRejection(
            "call-invalid-state:after", call.id, call.status, details={"callId": call.id}
        )
    if call.bxml and call.carrier.rule("tandem", call.id) != "allow":
        call.carrier.diagnose(
            "error",
            "tandem",
            "the REST API was asked to steer a call that is under BXML, and refused: a call is"
            " steered by one of the two; BXML is for callbacks by GET, the REST API for those by"
            " POST",
            "bxml/bxmlDifferences",
            subject=call.id,
            ledger="tandem",
        )
        raise _invalid_state(call)


def _invalid_state(call: Call) -> RestRejection:
    return RestRejection("call-invalid-state", call.id, call.status, details={"callId": call.id})


def update_call(request: Request) -> Response:
    """Change a call (methods/calls/postCallsCallId, methods/calls/postTransferCall)."""
    call = call_of(request)
    given = body_of(request, "call")
    state = given.word("state", _STATES)
    if state == "completed" and not call.over:
        _hang_up(call)
        return empty_reply()
    _changeable(call)
    recording = _recording(call, given)
    if state == "transferring":
        leg = _transfer(request, call, given)
        _record(call, given, recording)
        return created_reply(request.carrier.uri(f"calls/{leg.id}"))
    if state is not None:
        if not call.inbound or call.status != "started":
            raise _invalid_state(call)
        if state == "rejected":
            call.end("CALL_REJECTED")
            return empty_reply()
        call.take()
    _record(call, given, recording)
    return empty_reply()


def _hang_up(call: Call) -> None:
    if call.state == "up" or call.inbound:
        # No page has a cause for an incoming call that the app ends before it was taken.
        call.end("NORMAL_CLEARING")
    else:
        call.end("ORIGINATOR_CANCEL")


# Recording


def _recording(call: Call, given: RequestFields) -> bool | None:
    """Whether it is to be recorded, None for no change. Raises RestRejection."""
    enabled = given.flag("recordingEnabled")
    given.word("recordingFileFormat", FORMATS)
    most = given.whole("recordingMaxDuration")
    if call.recorder is not None and enabled is not False:
        if most is not None:
            raise RestRejection("conflicted-recording-values-request:duration")
        if enabled:
            raise RestRejection("conflicted-recording-values-request")
    return enabled


def _record(call: Call, given: RequestFields, enabled: bool | None) -> None:
    """Switch recording on or off; a call that still rings is recorded from its answer on."""
    file_format = given.word("recordingFileFormat", FORMATS)
    call.recording_format = cast(Literal["wav", "mp3"], file_format or call.recording_format)
    call.recording_max = given.whole("recordingMaxDuration") or call.recording_max
    if enabled:
        start_recording(call)
    elif enabled is False:
        stop_recording(call)


# Transfer


def _transfer(request: Request, call: Call, given: RequestFields) -> Call:
    """Ring somebody else for the caller; the leg that rings. Its id is in Location, as SDKs
    expect (rest.json)."""
    party = given.needed("transferTo")
    if call.status != "active" or second_leg(call) is not None:
        raise _invalid_state(call)
    if not is_address(party):
        raise RestRejection("invalid-call-to-number", party)
    caller_id = given.named("transferCallerId")
    if caller_id is not None and not _may_show(call, caller_id):
        raise RestRejection("validation-error:callerId", caller_id)
    whisper = given.part("whisperAudio")
    audio = prompt_of(whisper)
    # What becomes of the Diversion header is seen by the callee's network alone.
    treatment = given.word("diversionTreatment", _TREATMENTS)
    reason = given.word("diversionReason", _REASONS)
    url = given.callback_url("callbackUrl")
    asked: dict[str, Any] = {
        "transferTo": party,
        "transferCallerId": caller_id,
        "whisperAudio": given.raw("whisperAudio"),
        "callbackUrl": url,
        "diversionTreatment": treatment,
        "diversionReason": reason,
    }
    call.transfer = {name: value for name, value in asked.items() if value is not None}
    # The page has a URL for the new leg and none of the other settings: those have their defaults.
    callbacks = call.callbacks if url is None else Callbacks(url)
    return transfer_by_rest(call, party, caller_id, callbacks, audio)


def _may_show(call: Call, caller_id: str) -> bool:
    owned = call.carrier.account.number(caller_id)
    return (
        caller_id.lower() == "private"
        or (call.inbound and caller_id == call.party)
        or (owned is not None and owned.number == caller_id)
    )
