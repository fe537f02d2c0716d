"""Calls, and what happens on them: audio, keys, gathers, events, recordings, transcriptions."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Required, TypeAlias

from pydantic import AliasChoices, Field
from typing_extensions import TypedDict

from callbackkit.models import Model, Time
from callbackkit.rest import (
    ANY_CASE,
    Flag,
    Name,
    Number,
    Operation,
    Together,
    Url,
    needs,
    number,
    together,
    whole,
    written,
)
from callbackkit.v1.resources.audio import (
    CallPlayback,
    CallSpeech,
    Prompt,
    Whisper,
    audio_operations,
)
from callbackkit.v1.resources.recordings import Recording
from callbackkit.v1.resources.transcriptions import Transcription
from callbackkit.v1.resources.values import (
    E164,
    Address,
    Callbacks,
    CallbackUrl,
    FileFormat,
    Paging,
    SentHttpMethod,
    SipHeaders,
    SortOrder,
    last_segment,
)


class Call(Model, frozen=True):
    """A call, or one leg of one (methods/calls/calls)."""

    id: str
    """c-..."""
    direction: str | None = None
    """in: to your number; out: from it."""
    from_: str | None = None
    """The caller: E.164 or a SIP URI."""
    to: str | None = None
    """The callee: E.164 or a SIP URI."""
    state: str | None = None
    """started, rejected, active, completed or transferring. Voicemail answers: such a call is not
    rejected."""
    start_time: Time = None
    active_time: Time = None
    end_time: Time = None
    call_timeout: int | None = None
    """Seconds that it rings."""
    callback_url: CallbackUrl = None
    callback_http_method: SentHttpMethod = None
    callback_timeout: int | None = None
    """Milliseconds."""
    fallback_url: CallbackUrl = None
    chargeable_duration: int | None = None
    """Seconds."""
    bridge_id: str | None = None
    conference_id: str | None = None
    events: str | None = None
    """The URL of its events."""
    recordings: str | None = None
    """The URL of its recordings."""
    transcriptions: str | None = None
    """The URL of its transcriptions."""
    recording_enabled: bool | None = None
    recording_file_format: str | None = None
    """wav or mp3."""
    recording_max_duration: int | None = None
    """Seconds."""
    transcription_enabled: bool | None = None
    sip_headers: Mapping[str, Any] | None = None
    """Their names keep their case."""
    transfer_to: str | None = None
    transfer_caller_id: str | None = None
    whisper_audio: Annotated[Mapping[str, Any] | None, Field(repr=False)] = None
    tag: str | None = None


class CallHistoryEvent(Model, frozen=True):
    """Something that the platform noted about a call (methods/calls/getCallsCallIdEvents).

    Not a callback: the names differ from the events that your app gets.
    """

    id: str
    """ce-..."""
    time: Time = None
    name: str | None = None
    """create, answer, playback, hangup, error, CHANNEL_EXECUTE, ...: an open list."""
    data: Annotated[Any, Field(repr=False)] = None
    """Plain text or JSON text; may hold what was spoken."""


class CallGather(Model, frozen=True):
    """Digits being gathered on a call (methods/calls/getCallsCallIdGatherGatherId)."""

    # The table calls it gatherId, the sample id.
    id: Annotated[str, Field(validation_alias=AliasChoices("id", "gatherId"))]
    """gtr-..."""
    state: str | None = None
    """started or completed."""
    reason: str | None = None
    """max-digits, terminating-digit, inter-digit-timeout or hung-up."""
    created_time: Time = None
    completed_time: Time = None
    call: str | None = None
    """The URL of the call."""
    digits: Annotated[str | None, Field(repr=False)] = None

    @property
    def call_id(self) -> str | None:
        """The id of the call, c-..."""
        return last_segment(self.call)


class CallFilter(Paging, total=False):
    """A choice of calls, and their order (methods/calls/getCalls)."""

    bridge_id: str | None
    """With it there is one page of all."""
    conference_id: str | None
    """With it there is one page of all."""
    from_: str | None
    """E.164 or a SIP URI."""
    to: str | None
    """E.164 or a SIP URI."""
    sort_order: SortOrder | None
    """By start time, by default desc."""


class NewCall(Callbacks, total=False):
    """A call to someone (methods/calls/postCalls)."""

    from_: Required[E164]
    """One of your numbers."""
    to: Required[Address]
    """E.164 or a "sip:" URI."""
    call_timeout: Annotated[int, whole(1, 300, "seconds")] | None
    """Seconds that it rings: 1 to 300, by default 60."""
    bridge_id: str | None
    """The bridge that the call joins when it is answered."""
    conference_id: str | None
    """The conference it joins when it is answered; it takes only calls created for it."""
    recording_enabled: Flag | None
    recording_max_duration: Annotated[int, whole(1, None, "second")] | None
    """Seconds, by default 3600. The platform's own limit is not documented."""
    recording_file_format: FileFormat | None
    """By default wav."""
    transcription_enabled: Flag | None
    """Of every recording."""
    tag: str | None
    """Comes back in the events."""
    sip_headers: SipHeaders | None
    """5 at most, names start with "X-", names and values of 256 characters at most."""


NewState: TypeAlias = Annotated[
    Literal["active", "rejected", "completed", "transferring"], ANY_CASE
]


class RecordingSettings(TypedDict, total=False):
    """The recording of a call."""

    recording_enabled: Flag | None
    """Start or stop recording; each start makes a recording of its own."""
    recording_file_format: FileFormat | None
    """By default wav."""


class _NewLeg(RecordingSettings, total=False):
    transfer_caller_id: Name | None
    """"private", one of your numbers, or, on an incoming call, the caller's number."""
    whisper_audio: Whisper | None
    """An announcement that only the callee hears first."""
    callback_url: Url | None
    """Gets the events of the new leg."""


# A new leg needs to know where to, or the platform answers missing-property.
@together(
    Together(
        "needs transfer_to when state is transferring",
        lambda passed: passed.get("state") == "transferring" and "transfer_to" not in passed,
    ),
    Together(
        "takes transfer_caller_id only when state is transferring",
        lambda passed: "transfer_caller_id" in passed and passed.get("state") != "transferring",
    ),
)
class CallChange(_NewLeg, total=False):
    """Changes of a call (methods/calls/postCallsCallId)."""

    state: NewState | None
    """active answers, rejected refuses, completed hangs up, transferring transfers."""
    transfer_to: Address | None
    """E.164 or a "sip:" URI, when it is transferred."""


@together(needs("diversion_reason", "diversion_treatment"))
class Transfer(_NewLeg, total=False):
    """A transfer of a call (methods/calls/postTransferCall)."""

    transfer_to: Required[Address]
    """E.164 or a "sip:" URI."""
    diversion_treatment: Annotated[Literal["none", "propagate", "stack"], ANY_CASE] | None
    """The treatment of the SIP Diversion header, by default none."""
    diversion_reason: (
        Annotated[
            Literal[
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
            ],
            ANY_CASE,
        ]
        | None
    )
    """Only with stack, by default unknown."""


class Keys(TypedDict):
    """Keys to press (methods/calls/postCallsCallIdDTMF)."""

    dtmf_out: Annotated[
        str,
        Field(max_length=92),
        written("is 1 to 92 characters of 0-9, A-D, #, *, comma, w and W", "[A-D0-9#*,wW]+"),
    ]
    """1 to 92 of 0-9, A-D, # and *; a comma or w waits 0.5 s, W 1 s."""


class NewGather(TypedDict, total=False):
    """Digits to gather (methods/calls/postCallsCallIdGather)."""

    max_digits: Annotated[int, whole(1, 30, "digits")] | None
    """1 to 30, without the terminating one."""
    inter_digit_timeout: Annotated[Number, number(0, 30, "seconds")] | None
    """Seconds between two digits, at most 30, by default 5."""
    terminating_digits: Name | None
    """Each of them ends it, by default "#"; there is always one."""
    tag: str | None
    """Comes back in the event."""
    prompt: Prompt | None
    """An announcement while they are gathered."""


_ALL = "/users/{user_id}/calls"
_ONE = "/users/{user_id}/calls/{call_id}"
_GATHER = f"{_ONE}/gather/{{gather_id}}"

LIST = Operation("calls.list", "GET", _ALL, CallFilter, Call, paging="page")
GET = Operation("calls.get", "GET", _ONE, returns=Call)
CREATE = Operation("calls.create", "POST", _ALL, NewCall, created=GET)
UPDATE = Operation("calls.update", "POST", _ONE, CallChange, repeatable=True)
# The same as UPDATE, for the one state that makes a new call.
UPDATE_TO_TRANSFER = Operation("calls.update", "POST", _ONE, CallChange)
TRANSFER = Operation(
    "calls.transfer", "POST", _ONE, Transfer, created=GET, sends={"state": "transferring"}
)
AUDIO = audio_operations("calls", f"{_ONE}/audio", (CallPlayback,), CallSpeech)
SEND_DTMF = Operation("calls.send_dtmf", "POST", f"{_ONE}/dtmf", Keys)
EVENTS = Operation("calls.events", "GET", f"{_ONE}/events", returns=CallHistoryEvent, paging="link")
EVENT = Operation(
    "calls.event", "GET", f"{_ONE}/events/{{call_event_id}}", returns=CallHistoryEvent
)
RECORDINGS = Operation(
    "calls.recordings", "GET", f"{_ONE}/recordings", returns=Recording, paging="link"
)
TRANSCRIPTIONS = Operation(
    "calls.transcriptions", "GET", f"{_ONE}/transcriptions", returns=Transcription, paging="link"
)
GET_GATHER = Operation("calls.get_gather", "GET", _GATHER, returns=CallGather)
GATHER = Operation("calls.gather", "POST", f"{_ONE}/gather", NewGather, created=GET_GATHER)
STOP_GATHER = Operation(
    "calls.stop_gather", "POST", _GATHER, sends={"state": "completed"}, repeatable=True
)
