"""The events of v1: one class per page of the platform's documentation.

Only what an event can't be without is required; everything else may be None, as samples differ.
Lists of values are open, so other words than the ones listed here do occur. Times are promised in
UTC but sampled with other offsets too. `failure_status` stays at 500 throughout: any failure makes
the platform send the event to the fallback URL ("When a callback fails"), and nothing is
documented about further attempts.

A `duplicate_key` is given where the documents let one tell an event from all others. `redirect` has
nothing that does: a loop of redirects sends the same query each time. Keys, playback and speech
have times in whole seconds, and two within a second would be one.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, FailFast, Field

from callbackkit.errors import DecodeError
from callbackkit.events import Event as _Event
from callbackkit.models import Mend, Model, Time, Words
from callbackkit.reading import mend_address, read_json

# An empty id would make all events without one look like duplicates of each other.
_Id = Annotated[str, Field(min_length=1)]

_STEERING = "return the BXML from the answer, gather or redirect callback"
_BY_GET = (
    "set callbackHttpMethod to GET: BXML is read only from replies to GET callbacks, and a call"
    " with POST callbacks is steered through the REST API"
)
_OVER_GET: Mapping[str, Literal["yes", "disputed"]] = MappingProxyType({"GET": "yes"})


_Cause = Annotated[
    str | None,
    Words(
        "NORMAL_CLEARING", "ORIGINATOR_CANCEL", "USER_BUSY", "CALL_REJECTED", "NO_ANSWER",
        "UNALLOCATED_NUMBER", "NORMAL_TEMPORARY_FAILURE",
    ),
]  # fmt: skip
_DeliveryCode = Annotated[
    str | None,
    Words(
        "0", "187", "188", "189", "482", "600", "610", "620", "630", "650", "700", "720", "740",
        "750", "751", "770", "775", "902", "999",
    ),
]  # fmt: skip
_DiversionReason = Annotated[
    str | None,
    Words(
        "unknown", "user-busy", "no-answer", "unavailable", "unconditional", "time-of-day",
        "do-not-disturb", "deflection", "follow-me", "out-of-service", "away",
    ),
]  # fmt: skip


class Event(_Event, frozen=True):
    __doc__ = _Event.__doc__

    kind_field = "event_type"
    addresses = ("from", "to", "displayName", "preferredId")
    reply_timeout = 10.0  # limits.json, callbacks
    deadline = 9.0

    event_type: str


class UnknownEvent(Event, frozen=True):
    """An event whose type has no class here, or that lacks what its class can't be without.

    All that was sent is kept: `event.someField`, or `event.model_extra` for the lot.
    """


class Diversion(Model, frozen=True):
    """The SIP Diversion header of a diverted call; its other parameters are kept as attributes."""

    orig_to: str | None = None
    """The last number that the call was diverted from (E.164), or "Anonymous"."""
    reason: _DiversionReason = None
    """unknown, user-busy, no-answer, unavailable, unconditional, time-of-day, do-not-disturb,
    deflection, follow-me, out-of-service or away."""
    screen: Annotated[str | None, Words("yes", "no")] = None
    """yes: the network gave the number; no: the user did."""
    privacy: Annotated[str | None, Words("off", "full")] = None
    """off or full."""
    counter: int | None = None
    """The number of diversions of the call."""
    limit: int | None = Field(default=None, validation_alias=AliasChoices("limit", "Limit"))
    """The most diversions allowed; also spelt Limit by the platform."""


def _mend_diversion(value: Any) -> Any:
    """Return the object in a text that may lack its end: documented GET samples are cut short."""
    if not isinstance(value, str):
        return value
    for end in ("", "}", '"}'):
        with suppress(DecodeError):
            found = read_json(value + end)
            if isinstance(found, dict):
                return {
                    name: mend_address(part) if isinstance(part, str) else part
                    for name, part in found.items()
                }
    raise ValueError("no JSON object")


_URL = r"['\"]?[a-z][a-z0-9+.-]{0,30}://"


def _mend_media(value: Any) -> tuple[str, ...]:
    """Return the URLs of JSON text, or of an unquoted [url, url] as GET callbacks have it.

    A URL may hold a comma, but no blank (RFC 3986): where commas with a blank part the list, the
    others belong to URLs.
    """
    if isinstance(value, str):
        with suppress(DecodeError):
            value = read_json(value)
    if isinstance(value, str):
        text = value.strip().removeprefix("[").removesuffix("]")
        before = f"(?={_URL})" if re.search(_URL, text, re.IGNORECASE) else ""
        parted = re.split(rf",\s+(?:$|{before})", text, flags=re.IGNORECASE)
        if len(parted) == 1:
            parted = re.split(f",{before}", text, flags=re.IGNORECASE)
        value = [url.strip(" '\"") for url in parted]
    if not isinstance(value, list):
        raise ValueError("no list")
    return tuple(url for url in value if isinstance(url, str) and url)


class MessageEvent(Event, frozen=True):
    """An SMS or MMS: one that came in, or news of one that you sent."""

    identity = "message_id"
    unread = "send the answer as a new message through the REST API"
    starter = "print(event.from_, event.text)"
    duplicate_key = ("message_id",)
    duplicate_details: ClassVar[tuple[str, ...]] = (
        "direction",
        "state",
        "delivery_state",
        "delivery_code",
    )

    message_id: _Id
    """The message's id, m-..."""
    from_: str
    """The sender: E.164 or a short code."""
    to: str
    """The receiver: E.164 or a short code."""
    direction: Annotated[str | None, Words("in", "out")] = None
    """in: from the network to your number; out: from your number to the network."""
    message_uri: str | None = None
    """The message as a REST resource."""
    text: str | None = None
    """The text; may be empty if there is media."""
    application_id: str | None = None
    """The application of the receiving number, a-...; missing for messages that you sent."""
    time: Time = None
    """When the message was created."""
    state: Annotated[str | None, Words("received", "queued", "sending", "sent", "error")] = None
    """received, queued, sending, sent or error."""
    delivery_state: Annotated[str | None, Words("waiting", "delivered", "not-delivered")] = None
    """In receipts only: waiting, delivered or not-delivered."""
    delivery_code: _DeliveryCode = None
    """In receipts only: the carrier's code as text, "0" for delivered, "720" for a wrong number."""
    delivery_description: str | None = None
    """In receipts only: the delivery code in words."""
    segment_count: int | None = None
    """The number of segments that the text takes; 1 for an MMS."""
    tag: str | None = None
    """The tag that you set when you sent the message."""

    @property
    def wants_handler(self) -> bool:
        """Someone wrote to you; receipts may well be left alone."""
        return self.direction == "in"


class SmsEvent(MessageEvent, frozen=True):
    """A text message came in, or one that you sent changed its state (apiCallbacks/sms)."""

    duplicate_details = (*MessageEvent.duplicate_details, "errorcode")

    event_type: Literal["sms"] = "sms"
    errorcode: str | None = None
    """The delivery code in an obsolete form of receipt."""
    error: str | None = None
    """The words for `errorcode` there."""


class MmsEvent(MessageEvent, frozen=True):
    """A message with media came in, or one that you sent changed its state (apiCallbacks/mms)."""

    event_type: Literal["mms"] = "mms"
    # FailFast: an error for each of 300,000 items would cost a second and hundreds of megabytes.
    media: Annotated[tuple[str, ...] | None, FailFast(), Mend(_mend_media)] = None
    """URLs of the media, which need the API's credentials; one may be a .smil layout."""


class CallEvent(Event, frozen=True):
    """Something happened on a call."""

    identity = "call_id"
    unread = _STEERING

    call_id: _Id
    """The call's id, c-..."""


class _IncomingCallEvent(CallEvent, frozen=True):
    """The base of the events of a call that begins."""

    from_: str | None = None
    """The caller: E.164 or a SIP address."""
    to: str | None = None
    """The called party: E.164 or a SIP address."""
    call_uri: str | None = None
    """The call as a REST resource."""
    call_state: Annotated[str | None, Words("active")] = None
    """active, even before the call is answered."""
    application_id: str | None = None
    """The application of the called number, a-..."""
    time: Time = None
    """When it happened."""
    diversion: Annotated[Diversion | None, Mend(_mend_diversion)] = None
    """Where the call was diverted from, if it was."""
    withhold_caller_number: bool | None = None
    """True if the caller hides the number."""
    withhold_caller_name: bool | None = None
    """True if the caller hides the name."""
    display_name: str | None = None
    """The caller's name; in samples the number."""
    preferred_id: str | None = None
    """Undocumented; seen next to the display name."""
    tag: str | None = None
    """The tag that you set when you created the call; an incoming call has none."""


class IncomingCallEvent(_IncomingCallEvent, frozen=True):
    """A call rings; with autoAnswer on, `answer` follows at once (apiCallbacks/incomingCall)."""

    unread = "return the BXML from the answer callback, which follows at once on the same URL"

    event_type: Literal["incomingcall"] = "incomingcall"


class AnswerEvent(_IncomingCallEvent, frozen=True):
    """A call was answered, by the platform or by who you called (apiCallbacks/answer)."""

    answerable = _OVER_GET
    unread = _BY_GET
    silence = "the caller hears nothing until the call ends"
    starter = 'return [SpeakSentence("Hello."), Hangup()]'
    duplicate_key = ("call_id", "time")

    event_type: Literal["answer"] = "answer"


def _twins(spelling: str, word: str) -> Mapping[str, Mapping[str, str]]:
    """Return how status and state are rewritten: `spelling` is `word` in either of them."""
    words = MappingProxyType({spelling: word})
    return MappingProxyType({"status": words, "state": words})


class _TwinEvent(Event, frozen=True):
    """An event whose status and state say the same, and of which the platform often sends one."""

    _states: ClassVar[Mapping[str, str]] = MappingProxyType({})  # of each status; else the same

    status: str | None = None
    state: str | None = None

    def _settle(self) -> None:
        status, state = self.status, self.state
        if self.rewrites:
            sent = {"status": status, "state": state}
            words = {name: self.rewrites[name].get(word or "", word) for name, word in sent.items()}
            self._amend({name: sent[name] for name in sent if sent[name] != words[name]}, **words)
            status, state = self.status, self.state
        if status and not state:
            self._amend({}, state=self._states.get(status) if self._states else status)
        elif state and not status:
            statuses = {state: status for status, state in self._states.items()}
            self._amend({}, status=statuses.get(state) if statuses else state)


class _CallDetailEvent(CallEvent, frozen=True):
    """The base of all events of a call but `redirect`."""

    call_uri: str | None = None
    """The call as a REST resource; missing from gather events of the REST API."""
    time: Time = None
    """When it happened."""
    tag: str | None = None
    """The tag that you set on the call, or on what raised the event."""


class _PartiesEvent(CallEvent, frozen=True):
    """The base of events of a call that name both sides."""

    from_: str | None = None
    """The caller: E.164 or a SIP address."""
    to: str | None = None
    """The called party: E.164 or a SIP address."""


class PlaybackEvent(_TwinEvent, _CallDetailEvent, frozen=True):
    """A file began or ended on a call, or for one member of a conference (apiCallbacks/audio).

    `status` is started or done. Raised by the REST API, not by the PlayAudio verb.
    """

    _states: ClassVar = {"started": "PLAYBACK_STARTED", "done": "PLAYBACK_ENDED"}

    event_type: Literal["playback"] = "playback"
    status: Annotated[str | None, Words("started", "done")] = None
    state: Annotated[str | None, Words("PLAYBACK_STARTED", "PLAYBACK_ENDED")] = None


class SpeakEvent(_TwinEvent, _CallDetailEvent, frozen=True):
    """A sentence began or ended on a call, or for one member of a conference (apiCallbacks/speak).

    `status` is started or done. Raised by the REST API, not by the SpeakSentence verb.
    """

    _states: ClassVar = {"started": "PLAYBACK_START", "done": "PLAYBACK_STOP"}

    event_type: Literal["speak"] = "speak"
    status: Annotated[str | None, Words("started", "done")] = None
    state: Annotated[str | None, Words("PLAYBACK_START", "PLAYBACK_STOP")] = None
    type: Annotated[str | None, Words("speak")] = None
    """Undocumented; seen once, as "speak"."""


class DtmfEvent(_CallDetailEvent, frozen=True):
    """A key was pressed (apiCallbacks/dtmf)."""

    event_type: Literal["dtmf"] = "dtmf"
    dtmf_digit: str | None = None
    """The key: one of 0-9, * and #."""
    dtmf_duration: str | None = None
    """The time it was held, as numeric text; undocumented, presumably in milliseconds."""


class GatherEvent(_CallDetailEvent, frozen=True):
    """A gather ended: of the Gather verb by GET, of the REST API by POST (apiCallbacks/gather)."""

    answerable = _OVER_GET
    unread = _BY_GET
    starter = 'return [SpeakSentence(f"You pressed {event.digits}."), Hangup()]'
    duplicate_key = ("call_id", "gather_id")

    event_type: Literal["gather"] = "gather"
    digits: str | None = None
    """The keys pressed, which may be none; leading zeros, * and # matter."""
    reason: Annotated[
        str | None, Words("max-digits", "terminating-digit", "inter-digit-timeout", "hung-up")
    ] = None
    """max-digits, terminating-digit, inter-digit-timeout (also when no key came) or hung-up."""
    state: Annotated[str | None, Words("completed")] = None
    """completed."""
    gather_id: str | None = None
    """The gather's id, gtr-..."""
    terminating_digit: str | None = None
    """The key that ends the gather; of the Gather verb only."""


class HangupEvent(_PartiesEvent, _CallDetailEvent, frozen=True):
    """A call ended (apiCallbacks/hangup), or was rejected: the old eventType `reject`."""

    duplicate_key = ("call_id",)

    event_type: Literal["hangup", "reject"] = "hangup"
    cause: _Cause = None
    """NORMAL_CLEARING, ORIGINATOR_CANCEL, USER_BUSY, CALL_REJECTED, NO_ANSWER,
    UNALLOCATED_NUMBER or NORMAL_TEMPORARY_FAILURE; any other means an internal error."""
    call_state: Annotated[str | None, Words("completed")] = None
    """completed."""


class TimeoutEvent(_PartiesEvent, _CallDetailEvent, frozen=True):
    """Nobody answered a call that you made (apiCallbacks/timeout)."""

    duplicate_key = ("call_id",)

    event_type: Literal["timeout"] = "timeout"


class RedirectEvent(_PartiesEvent, frozen=True):
    """The Redirect verb asks for the next BXML (bxml/callBacks/redirect)."""

    answerable = _OVER_GET
    unread = _BY_GET
    silence = "the caller hears nothing until the call ends"
    starter = AnswerEvent.starter

    event_type: Literal["redirect"] = "redirect"
    call_state: Annotated[str | None, Words("active")] = None
    """active."""


class TransferCompleteEvent(_PartiesEvent, _CallDetailEvent, frozen=True):
    """A transferred call ended; `from_` and `to` are those of the leg that the Transfer verb made.

    The pages of Transfer say that the reply is not read, its requestUrl attribute that it is
    (bxml/callBacks/transfer, bxml/verbs/transfer).
    """

    answerable: ClassVar = MappingProxyType({"GET": "disputed"})
    duplicate_key = ("call_id", "from_", "to", "time")
    from_verbs = True

    event_type: Literal["transferComplete"] = "transferComplete"
    call_state: Annotated[str | None, Words("active")] = None
    """active."""


class ErrorEvent(_PartiesEvent, _CallDetailEvent, frozen=True):
    """A call failed. Known from old SDKs only; the documentation has no such event."""

    event_type: Literal["error"] = "error"
    call_state: Annotated[str | None, Words("error")] = None
    """error."""


class AnyConferenceEvent(Event, frozen=True):
    """Something happened in a conference."""

    identity = "conference_id"
    unread = _STEERING

    conference_id: _Id
    """The conference's id, conf-..."""
    tag: str | None = None
    """The tag that you set on the conference, or on what raised the event."""


class ConferenceEvent(AnyConferenceEvent, frozen=True):
    """A conference began or ended (apiCallbacks/conf)."""

    duplicate_key = ("conference_id", "status")

    event_type: Literal["conference"] = "conference"
    conference_uri: str | None = None
    """The conference as a REST resource."""
    status: Annotated[str | None, Words("created", "completed")] = None
    """created or completed."""
    created_time: Time = None
    """When it began."""
    completed_time: Time = None
    """When it ended."""


class _ConferenceAudioEvent(AnyConferenceEvent, frozen=True):
    """The base of events about a file or a sentence in a conference."""

    conference_uri: str | None = None
    """The conference as a REST resource."""
    status: Annotated[str | None, Words("started", "done")] = None
    """started or done."""
    time: Time = None
    """When it happened."""


class ConferencePlaybackEvent(_ConferenceAudioEvent, frozen=True):
    """A file began or ended for a whole conference (apiCallbacks/confAudio)."""

    event_type: Literal["conference-playback"] = "conference-playback"


class ConferenceSpeakEvent(_ConferenceAudioEvent, frozen=True):
    """A sentence began or ended for a whole conference (apiCallbacks/confSpeak)."""

    event_type: Literal["conference-speak"] = "conference-speak"


class ConferenceMemberEvent(AnyConferenceEvent, frozen=True):
    """A member joined, left, or was muted or put on hold or back (apiCallbacks/confMember).

    Which of these it was is seen only by comparing `state`, `hold` and `mute` with the last event.
    """

    event_type: Literal["conference-member"] = "conference-member"
    call_id: str | None = None
    """The member's call, c-..."""
    member_id: str | None = None
    """The member's id, member-..."""
    member_uri: str | None = None
    """The member as a REST resource."""
    active_members: int | None = None
    """The number of members."""
    state: Annotated[str | None, Words("active", "completed")] = None
    """active, or completed when the member left."""
    hold: bool | None = None
    """True if the member hears nothing."""
    mute: bool | None = None
    """True if nobody hears the member."""
    time: Time = None
    """When it happened."""


class AnyRecordingEvent(_TwinEvent, frozen=True):
    """A recording or its transcription is ready, or failed."""

    unread = _STEERING


class RecordingEvent(AnyRecordingEvent, frozen=True):
    """A recording was saved, or could not be (apiCallbacks/recording).

    `status` and `state` are complete or error. The recording itself is behind `recording_uri`.
    """

    identity = "recording_id"
    from_verbs = True
    duplicate_key = ("recording_id", "status")
    rewrites: ClassVar = _twins("completed", "complete")

    event_type: Literal["recording"] = "recording"
    status: Annotated[str | None, Words("complete", "error")] = None
    state: Annotated[str | None, Words("complete", "error")] = None
    recording_id: _Id
    """The recording's id, rec-..."""
    call_id: str | None = None
    """The call that was recorded, c-..."""
    recording_uri: str | None = None
    """The recording as a REST resource, which has the URL of the media."""
    start_time: Time = None
    """When the recording began."""
    end_time: Time = None
    """When it ended."""
    tag: str | None = None
    """Undocumented here."""


class TranscriptionEvent(AnyRecordingEvent, frozen=True):
    """A recording was transcribed, or could not be (apiCallbacks/transcription).

    `status` and `state` are completed or error. Always sent by POST; a failure has only the ids.
    """

    identity = "transcription_id"
    from_verbs = True
    duplicate_key = ("transcription_id", "status")
    rewrites: ClassVar = _twins("complete", "completed")

    event_type: Literal["transcription"] = "transcription"
    status: Annotated[str | None, Words("completed", "error")] = None
    state: Annotated[str | None, Words("completed", "error")] = None
    transcription_id: _Id
    """The transcription's id, t-..."""
    recording_id: str | None = None
    """The recording's id, rec-...; missing when the Record verb asked for the transcription."""
    text: str | None = None
    """The first 1,026 characters of the text."""
    text_size: int | None = None
    """The number of characters of the whole text."""
    text_url: str | None = None
    """The whole text as a media resource."""
    transcription_uri: str | None = None
    """The transcription as a REST resource."""


# Type checkers see every public class that is declared here.
if not TYPE_CHECKING:
    __all__ = [
        name
        for name, value in globals().items()
        if getattr(value, "__module__", None) == __name__ and not name.startswith("_")
    ]
