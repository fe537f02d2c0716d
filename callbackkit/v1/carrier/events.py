"""The callbacks of v1 as they go out: which fields each one has by GET and by POST, in the order of
its page.

The pages of BXML (bxml/callBacks/...) are the GET form, those of the API (apiCallbacks/...) the
POST form. Where a page shows only the POST form, GET has the same names as text (events.json calls
this a guess, and it is what decoders expect).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

_CALL = "eventType callState to withholdCallerNumber time from withholdCallerName displayName"
_MESSAGE_RECEIPT = "deliveryState deliveryCode deliveryDescription"
_CONFERENCE = "eventType conferenceId conferenceUri status"

_GET: dict[str, str] = {
    "incomingcall": f"{_CALL} diversion callId callUri",
    "answer": f"{_CALL} diversion tag callId callUri",
    "gather": "eventType state time reason digits terminatingDigit gatherId callId callUri tag",
    "redirect": "eventType callState to from callId",
    "recording": "eventType callId recordingId recordingUri status startTime endTime tag",
    "transferComplete": "eventType from to callState callId callUri time tag",
    "timeout": "eventType from to callId callUri time tag",
    "hangup": "eventType callState cause to from time callId callUri tag",
    "sms": "messageId from eventType text time to state applicationId direction segmentCount"
    f" messageUri {_MESSAGE_RECEIPT} tag",
    "mms": "messageId from eventType text time to state applicationId direction segmentCount media"
    f" messageUri {_MESSAGE_RECEIPT} tag",
}
_POST: dict[str, str] = {
    "incomingcall": "eventType from to callId callUri callState applicationId time diversion"
    " withholdCallerNumber",
    "answer": "eventType from to callId callUri callState time tag diversion withholdCallerNumber",
    "playback": "eventType callId callUri status tag time",
    "speak": "eventType callId callUri status state tag time",
    "dtmf": "eventType callId callUri dtmfDigit time tag",
    "gather": "eventType gatherId callId state reason digits time tag",
    "hangup": "eventType callId callUri from to cause time tag",
    # The page of a rejected call has the state that the plain one lacks (apiCallbacks/reject).
    "reject": "eventType callId callUri from to cause callState time tag",
    "recording": "eventType callId recordingId recordingUri state status startTime endTime tag",
    "timeout": "eventType from to callId callUri time tag",
    "transcription": "eventType transcriptionId transcriptionUri recordingId state status textSize"
    " text textUrl",
    "sms": "eventType direction messageId messageUri from to text applicationId time state"
    f" {_MESSAGE_RECEIPT} segmentCount tag",
    "mms": "eventType direction messageId messageUri from to text applicationId time state media"
    f" {_MESSAGE_RECEIPT} segmentCount tag",
    "conference": f"{_CONFERENCE} createdTime completedTime tag",
    "conference-member": "eventType conferenceId callId memberId memberUri state hold mute"
    " activeMembers time tag",
    "conference-playback": f"{_CONFERENCE} time tag",
    "conference-speak": f"{_CONFERENCE} time tag",
}


def fields(event: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a callback in their order: those of the event that `values` has.

    By POST they are JSON values, by GET all text. Times are datetimes in `values`; they have whole
    seconds by GET and milliseconds by POST, as in the samples. None is left out.
    """
    if method == "POST" and event == "hangup" and values.get("cause") == "CALL_REJECTED":
        names = _names(method, "reject")
    else:
        names = _names(method, event)
    found: dict[str, Any] = {}
    for name in names:
        value = event if name == "eventType" else values.get(name)
        if value is not None:
            found[name] = _text(value) if method == "GET" else _json(name, value)
    return found


@cache
def _names(method: str, event: str) -> tuple[str, ...]:
    by_get = _GET.get(event) if method == "GET" else None
    return tuple((by_get or _POST[event]).split())


def _iso(moment: datetime, timespec: str = "milliseconds") -> str:
    """Return a time as the platform writes it."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def _json(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return _iso(value)
    # Text in JSON too (sipDiversionHeader/sipDiversionHeader).
    return _text(value) if name == "withholdCallerNumber" else value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return _iso(value, "seconds")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)
