"""Changes of a call: taken, rejected, hung up, recorded, transferred; and when none may be made."""

from typing import Annotated, Any

from callbackkit.carrier.server.replies import created
from callbackkit.rest import whole
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.recordings import start_recording, stop_recording
from callbackkit.v1.carrier.server.arguments import Errors, read
from callbackkit.v1.carrier.server.prompts import prompt_of
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.transfers import second_leg, transfer_by_rest
from callbackkit.v1.resources import calls as api

_ERRORS: Errors = {("string_pattern_mismatch", "transferTo"): "invalid-call-to-number"}


class _Change(api.RecordingSettings, total=False):
    """A change of a call; properties of a transfer only count for one."""

    state: api.NewState | None
    recording_max_duration: Annotated[int, whole(1, None, "second")] | None


def call_of(request: Request) -> Call:
    """Return the call that the path names. Raises RestRejection."""
    return find(request.carrier.calls, request.parameters["call_id"], "call-not-found", "callId")


def check_steerable(call: Call) -> None:
    """Raise RestRejection unless a call is up and not under BXML (tandem): only then the API may
    do something to it."""
    _check_changeable(call)
    if call.state != "up":
        raise _invalid_state(call)


def _check_changeable(call: Call) -> None:
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


@serves(api.UPDATE, api.UPDATE_TO_TRANSFER, api.TRANSFER)
def update_call(request: Request) -> Reply | None:
    """Change a call (methods/calls/postCallsCallId, methods/calls/postTransferCall)."""
    call = call_of(request)
    args = read(request, _Change)
    state = args.get("state")
    if state == "completed" and not call.over:
        # No page has a cause for an incoming call that the app ends before it was taken.
        rang_out = call.state != "up" and not call.inbound
        call.end("ORIGINATOR_CANCEL" if rang_out else "NORMAL_CLEARING")
        return None
    _check_changeable(call)
    _check_recording(call, args)
    if state == "transferring":
        leg = _transfer(request, call)
        _record(call, args)
        return created(leg.uri)
    if state is not None:
        if not call.inbound or call.status != "started":
            raise _invalid_state(call)
        if state == "rejected":
            call.end("CALL_REJECTED")
            return None
        call.take()
    _record(call, args)
    return None


# Recording


def _check_recording(call: Call, args: _Change) -> None:
    enabled = args.get("recording_enabled")
    if call.id in call.carrier.recorders and enabled is not False:
        if "recording_max_duration" in args:
            raise RestRejection("conflicted-recording-values-request:duration")
        if enabled:
            raise RestRejection("conflicted-recording-values-request")


def _record(call: Call, args: _Change) -> None:
    """Switch recording on or off; a call that still rings is recorded from its answer on."""
    settings = call.recording
    settings.file_format = args.get("recording_file_format") or settings.file_format
    settings.longest = args.get("recording_max_duration") or settings.longest
    if args.get("recording_enabled"):
        start_recording(call)
    elif args.get("recording_enabled") is False:
        stop_recording(call)


# Transfer


def _transfer(request: Request, call: Call) -> Call:
    """Ring another phone for the caller and return the leg that rings. Its id is in Location, as
    SDKs expect (rest.json). What becomes of the Diversion header only the callee's network sees."""
    args = read(request, api.Transfer, _ERRORS)
    if call.status != "active" or second_leg(call) is not None:
        raise _invalid_state(call)
    party, caller_id = args["transfer_to"], args.get("transfer_caller_id")
    if caller_id is not None and not _may_show(call, caller_id):
        raise RestRejection("validation-error:callerId", caller_id)
    shown: dict[str, Any] = {
        "transferTo": party,
        "transferCallerId": caller_id,
        "whisperAudio": request.json().get("whisperAudio"),
        "callbackUrl": args.get("callback_url"),
        "diversionTreatment": args.get("diversion_treatment"),
        "diversionReason": args.get("diversion_reason"),
    }
    call.transfer = {name: value for name, value in shown.items() if value is not None}
    # The page has a URL for the new leg and none of the other settings: those have their defaults.
    url = args.get("callback_url")
    callbacks = call.callbacks if url is None else Callbacks(url)
    whisper = prompt_of(args.get("whisper_audio"))
    return transfer_by_rest(call, party, caller_id, callbacks, whisper)


def _may_show(call: Call, caller_id: str) -> bool:
    owned = call.carrier.account.number(caller_id)
    return (
        caller_id.lower() == "private"
        or (call.inbound and caller_id == call.party)
        or (owned is not None and owned.number == caller_id)
    )
