"""Calls: placing them, steering them, waiting for them, and what happened on them.

Steer a call either from here or by BXML, not by both at once.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import AliasChoices, Field

from callbackkit.client import Pages
from callbackkit.errors import ArgumentError, WaitError, WaitTimeoutError
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import (
    E164,
    Address,
    CallbackTimeout,
    CallTimeout,
    FileFormat,
    HttpMethod,
    MaxDuration,
    Name,
    Page,
    SipHeaders,
    Size,
    SortOrder,
    Together,
    Url,
    needs,
    number,
    together,
    whole,
    written,
)
from callbackkit.v1.client.audio import Gender, Locale, Prompt, Sentence, Voice, Whisper
from callbackkit.v1.client.recordings import Recording
from callbackkit.v1.client.resource import (
    CallbackUrl,
    Created,
    Resource,
    SentHttpMethod,
    last_segment,
)
from callbackkit.v1.client.transcriptions import Transcription

CallState: TypeAlias = Literal["started", "rejected", "active", "completed", "transferring"]
# error is known to one SDK only; a call in it has ended all the same.
ENDED = frozenset({"completed", "rejected", "error"})


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


# A new leg needs to know where to, or the platform answers missing-property.
_TRANSFERRING = (
    Together(
        "needs transfer_to when state is transferring",
        lambda given: given.get("state") == "transferring" and "transfer_to" not in given,
    ),
    Together(
        "takes transfer_caller_id only when state is transferring",
        lambda given: "transfer_caller_id" in given and given.get("state") != "transferring",
    ),
)


class Calls(Resource):
    """client.calls"""

    name: ClassVar[str] = "calls"

    def list(
        self,
        *,
        bridge_id: str | None = None,
        conference_id: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        page: Page | None = None,
        size: Size | None = None,
        sort_order: SortOrder | None = None,
    ) -> Pages[Call]:
        """All calls, or those of a bridge, a conference, a caller or a callee.

        `from_` and `to` are E.164 or SIP URIs. `page` counts from 0; `size` is 1 to 1000 items a
        request, by default 25; with `bridge_id` or `conference_id` there is one page of all.
        `sort_order` is by start time, by default desc. Raises ArgumentError.
        (methods/calls/getCalls)
        """
        return self._pages(
            Calls.list, locals(), "calls", Call, "link" if bridge_id or conference_id else "page"
        )

    async def create(
        self,
        *,
        from_: E164,
        to: Address,
        call_timeout: CallTimeout | None = None,
        callback_url: Url | None = None,
        callback_timeout: CallbackTimeout | None = None,
        callback_http_method: HttpMethod | None = None,
        fallback_url: Url | None = None,
        bridge_id: str | None = None,
        conference_id: str | None = None,
        recording_enabled: bool | None = None,
        recording_max_duration: MaxDuration | None = None,
        recording_file_format: FileFormat | None = None,
        transcription_enabled: bool | None = None,
        tag: str | None = None,
        sip_headers: SipHeaders | None = None,
    ) -> Created[Call]:
        """Call someone.

        `from_`: one of your numbers. `to`: E.164 or a "sip:" URI. `call_timeout`: seconds that it
        rings, 1 to 300, by default 60. `callback_url` gets the events; `fallback_url` those that it
        fails to take within `callback_timeout` milliseconds, 1 to 10000, by default 10000.
        `callback_http_method`: by default POST; GET makes it a BXML call. `bridge_id` and
        `conference_id`: where the call goes when it is answered; a conference takes only calls that
        were created for it. `recording_max_duration`: seconds, by default 3600;
        `recording_file_format`: by default wav; `transcription_enabled`: of every recording.
        `sip_headers`: 5 at most, names start with "X-", names and values of 256 characters at most.
        Raises ArgumentError; RateLimitError (call-rate-limit); ForbiddenError
        (number-access-denied, invalid-call-to-number, insufficient-available-balance, ...). A
        callee who does not answer is no error but an event. (methods/calls/postCalls)
        """
        return await self._create(Calls.create, locals(), "calls", self.get)

    async def get(self, call_id: str) -> Call:
        """A call. Raises NotFoundError. (methods/calls/getCallsCallId)"""
        return await self._get(Calls.get, locals(), "calls/{call_id}", Call)

    @together(*_TRANSFERRING)
    async def update(
        self,
        call_id: str,
        *,
        state: Literal["active", "rejected", "completed", "transferring"] | None = None,
        recording_enabled: bool | None = None,
        recording_file_format: FileFormat | None = None,
        transfer_to: Address | None = None,
        transfer_caller_id: Name | None = None,
        whisper_audio: Whisper | None = None,
        callback_url: Url | None = None,
    ) -> None:
        """Change a call; `answer`, `reject`, `hangup`, `set_recording`, `transfer` are shorter.

        `state`: active answers, rejected refuses, completed hangs up, transferring transfers, which
        takes `transfer_to`, `transfer_caller_id`, `whisper_audio` and `callback_url` as `transfer`
        does, but does not tell the id of the new leg. Raises ArgumentError, NotFoundError;
        ForbiddenError (call-invalid-state); ConflictError (call-update-conflict,
        conflicted-recording-values-request). (methods/calls/postCallsCallId)
        """
        if state == "transferring":
            await self._do(Calls.update, locals(), "calls/{call_id}")
        else:
            await self._set(Calls.update, locals(), "calls/{call_id}")

    async def answer(self, call_id: str) -> None:
        """Answer an incoming call of an application without auto_answer.

        Raises NotFoundError; ForbiddenError (call-invalid-state). (methods/calls/postCallsCallId)
        """
        await self.update(call_id, state="active")

    async def reject(self, call_id: str) -> None:
        """Refuse an incoming call of an application without auto_answer.

        Raises NotFoundError; ForbiddenError (call-invalid-state). (methods/calls/postCallsCallId)
        """
        await self.update(call_id, state="rejected")

    async def hangup(self, call_id: str) -> None:
        """End a call. Raises NotFoundError; ForbiddenError (call-invalid-state) if it has ended.
        (methods/calls/postCallsCallId)
        """
        await self.update(call_id, state="completed")

    async def set_recording(
        self, call_id: str, enabled: bool, *, recording_file_format: FileFormat | None = None
    ) -> None:
        """Start or stop recording; each start makes a recording of its own.

        `recording_file_format`: wav (by default) or mp3. Raises ArgumentError, NotFoundError,
        ConflictError. (methods/calls/postCallsCallId)
        """
        await self.update(
            call_id, recording_enabled=enabled, recording_file_format=recording_file_format
        )

    @together(needs("diversion_reason", "diversion_treatment"))
    async def transfer(
        self,
        call_id: str,
        *,
        transfer_to: Address,
        transfer_caller_id: Name | None = None,
        recording_enabled: bool | None = None,
        recording_file_format: FileFormat | None = None,
        callback_url: Url | None = None,
        whisper_audio: Whisper | None = None,
        diversion_treatment: Literal["none", "propagate", "stack"] | None = None,
        diversion_reason: Literal[
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
        ]
        | None = None,
    ) -> Created[Call]:
        """Call someone and join them with an active call. The result is the new leg.

        `transfer_to`: E.164 or a "sip:" URI. `transfer_caller_id`: "private", one of your numbers,
        or, on an incoming call, the caller's number. `callback_url`: for the events of the new leg.
        `whisper_audio`: what only the callee hears first. `diversion_treatment`: what becomes of
        the SIP Diversion header, by default none; `diversion_reason`: only with stack, by default
        unknown. Raises ArgumentError, NotFoundError; ForbiddenError (call-invalid-state);
        ServerError (call-transfer-error). (methods/calls/postTransferCall)
        """
        return await self._create(
            Calls.transfer, locals(), "calls/{call_id}", self.get, {"state": "transferring"}
        )

    async def play_audio(
        self,
        call_id: str,
        file_url: Url,
        *,
        loop_enabled: bool | None = None,
        tag: str | None = None,
        volume: Annotated[int, whole(-4, 4)] | None = None,
    ) -> None:
        """Play a WAV or MP3.

        `loop_enabled` repeats it until `stop_audio`. `tag` comes back in the playback events.
        `volume`: -4 to 4, by default 0. Raises ArgumentError, NotFoundError; ForbiddenError
        (media-not-supported). (methods/calls/postCallsCallIdAudio)
        """
        await self._do(Calls.play_audio, locals(), "calls/{call_id}/audio")

    async def speak_sentence(
        self,
        call_id: str,
        sentence: Sentence,
        *,
        gender: Gender | None = None,
        locale: Locale | None = None,
        voice: Voice | None = None,
        loop_enabled: bool | None = None,
        tag: str | None = None,
        volume: Annotated[int, whole(-4, 4)] | None = None,
    ) -> None:
        """Say something.

        `sentence`: 1 to 1000 characters. By default a female voice ("susan") speaks en_US.
        `loop_enabled` repeats it until `stop_sentence`. `tag` comes back in the speak events.
        `volume`: -4 to 4, by default 0. Raises ArgumentError, NotFoundError; ServerError
        (speak-error). (methods/calls/postCallsCallIdAudio)
        """
        await self._do(Calls.speak_sentence, locals(), "calls/{call_id}/audio")

    async def stop_audio(self, call_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/calls/postCallsCallIdAudio)
        """
        await self._set(Calls.stop_audio, locals(), "calls/{call_id}/audio", fileUrl="")

    async def stop_sentence(self, call_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/calls/postCallsCallIdAudio)
        """
        await self._set(Calls.stop_sentence, locals(), "calls/{call_id}/audio", sentence="")

    async def send_dtmf(
        self,
        call_id: str,
        dtmf_out: Annotated[
            str,
            written(
                "is 1 to 92 characters of 0-9, A-D, #, *, comma, w and W", "[A-D0-9#*,wW]{1,92}"
            ),
        ],
    ) -> None:
        """Press keys: 1 to 92 of 0-9, A-D, # and *; a comma or w waits 0.5 s, W 1 s.

        Raises ArgumentError, NotFoundError; ServerError (send-dtmf-failure).
        (methods/calls/postCallsCallIdDTMF)
        """
        await self._do(Calls.send_dtmf, locals(), "calls/{call_id}/dtmf")

    def events(self, call_id: str) -> Pages[CallHistoryEvent]:
        """What happened on a call. (methods/calls/getCallsCallIdEvents)"""
        return self._pages(
            Calls.events, locals(), "calls/{call_id}/events", CallHistoryEvent, "link"
        )

    async def event(self, call_id: str, call_event_id: str) -> CallHistoryEvent:
        """One thing that happened on a call. Raises NotFoundError.
        (methods/calls/getCallsCallIdEventsEventId)
        """
        return await self._get(
            Calls.event, locals(), "calls/{call_id}/events/{call_event_id}", CallHistoryEvent
        )

    def recordings(self, call_id: str) -> Pages[Recording]:
        """The recordings of a call. (methods/calls/getCallsCallIdRecordings)"""
        return self._pages(
            Calls.recordings, locals(), "calls/{call_id}/recordings", Recording, "link"
        )

    def transcriptions(self, call_id: str) -> Pages[Transcription]:
        """The transcriptions of a call's recordings.
        (methods/calls/getCallsCallIdTranscriptions)
        """
        return self._pages(
            Calls.transcriptions, locals(), "calls/{call_id}/transcriptions", Transcription, "link"
        )

    async def gather(
        self,
        call_id: str,
        *,
        max_digits: Annotated[int, whole(1, 30, "digits")] | None = None,
        inter_digit_timeout: Annotated[float, number(0, 30, "seconds")] | None = None,
        terminating_digits: Name | None = None,
        tag: str | None = None,
        prompt: Prompt | None = None,
    ) -> Created[CallGather]:
        """Start gathering digits; the gather event brings them. One gather at a time per call.

        `max_digits`: 1 to 30, without the terminating one. `inter_digit_timeout`: seconds between
        two digits, at most 30, by default 5. `terminating_digits`: each of them ends it, by default
        "#"; there is always one. `tag` comes back in the event. `prompt`: what is heard meanwhile.
        Raises ArgumentError, NotFoundError; ConflictError (call-duplicate-gather-error).
        (methods/calls/postCallsCallIdGather)
        """
        return await self._create(
            Calls.gather, locals(), "calls/{call_id}/gather", partial(self.get_gather, call_id)
        )

    async def get_gather(self, call_id: str, gather_id: str) -> CallGather:
        """A gather, with the digits so far. Raises NotFoundError.
        (methods/calls/getCallsCallIdGatherGatherId)
        """
        return await self._get(
            Calls.get_gather, locals(), "calls/{call_id}/gather/{gather_id}", CallGather
        )

    async def stop_gather(self, call_id: str, gather_id: str) -> None:
        """Stop gathering. Raises NotFoundError. (methods/calls/postCallsCallIdGatherGatherId)"""
        await self._set(
            Calls.stop_gather, locals(), "calls/{call_id}/gather/{gather_id}", state="completed"
        )

    async def wait(
        self,
        call_id: str,
        until: CallState = "active",
        *,
        timeout: float | None = 60.0,  # noqa: ASYNC109 (what it bounds is many requests)
        interval: float = 2.0,
    ) -> Call:
        """Wait until a call is in a state, by asking every `interval` seconds; the call it then is.

        `timeout`: seconds in all, None for as long as it takes. The platform allows about one
        request a second (limits: /calls), so an `interval` below 1 is slower, not faster. Prefer
        events where your app gets them. Raises WaitError when the call has ended in another state,
        WaitTimeoutError, NotFoundError, ArgumentError. (methods/calls/getCallsCallId)
        """
        if not interval > 0:
            raise ArgumentError(f"calls.wait: interval is more than 0 seconds, not {interval}.")
        state: str | None = None
        bound = asyncio.timeout(timeout)
        try:
            async with bound:
                while True:
                    call = await self.get(call_id)
                    state = call.state
                    if state == until:
                        return call
                    if state in ENDED:
                        raise WaitError(
                            f"the call {call.id} is {state}: it will never be {until}.", state=state
                        )
                    await asyncio.sleep(interval)
        except TimeoutError:
            if not bound.expired():
                raise
        raise WaitTimeoutError(
            f"the call {call_id} was not {until} within {timeout:g} seconds, it is"
            f" {state or 'in no known state'}.",
            state=state,
        )
