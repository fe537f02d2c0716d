"""Calls: placing them, steering them, waiting for them, and looking at what happened on them.

Steer a call either from here or by BXML, not by both at once.
"""

import asyncio
from typing import Literal, TypeAlias, Unpack

from callbackkit.client import Created, Pages, Resource
from callbackkit.errors import ArgumentError, WaitError, WaitTimeoutError
from callbackkit.v1.resources import calls as api
from callbackkit.v1.resources.audio import CallPlayback, CallSpeech
from callbackkit.v1.resources.recordings import Recording
from callbackkit.v1.resources.transcriptions import Transcription

CallState: TypeAlias = Literal["started", "rejected", "active", "completed", "transferring"]
# error is known to one SDK only; a call in it has ended all the same.
ENDED = frozenset({"completed", "rejected", "error"})


class Calls(Resource):
    """client.calls"""

    def list(self, **query: Unpack[api.CallFilter]) -> Pages[api.Call]:
        """Return all calls, or those of a bridge, a conference, a caller or a callee.

        Raises ArgumentError. (methods/calls/getCalls)
        """
        joined = query.get("bridge_id") or query.get("conference_id")
        return self._pages(api.LIST, paging="link" if joined else None, **query)

    async def create(self, **call: Unpack[api.NewCall]) -> Created[api.Call]:
        """Call someone.

        Raises ArgumentError; RateLimitError (call-rate-limit); ForbiddenError
        (number-access-denied, invalid-call-to-number, insufficient-available-balance, ...). A
        callee who does not answer is no error but an event. (methods/calls/postCalls)
        """
        return await self._create(api.CREATE, **call)

    async def get(self, call_id: str) -> api.Call:
        """Return a call. Raises NotFoundError. (methods/calls/getCallsCallId)"""
        return await self._fetch(api.GET, call_id)

    async def update(self, call_id: str, **change: Unpack[api.CallChange]) -> None:
        """Change a call; `answer`, `reject`, `hangup`, `set_recording`, `transfer` are shorter.

        Other than `transfer`, the state transferring does not return the id of the new leg. Raises
        ArgumentError, NotFoundError; ForbiddenError (call-invalid-state); ConflictError
        (call-update-conflict, conflicted-recording-values-request).
        (methods/calls/postCallsCallId)
        """
        transfers = change.get("state") == "transferring"
        operation = api.UPDATE_TO_TRANSFER if transfers else api.UPDATE
        await self._send(operation, call_id, **change)

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
        self,
        call_id: str,
        enabled: bool,
        *,
        recording_file_format: Literal["wav", "mp3"] | None = None,
    ) -> None:
        """Start or stop recording; each start makes a recording of its own.

        `recording_file_format`: wav (by default) or mp3. Raises ArgumentError, NotFoundError,
        ConflictError. (methods/calls/postCallsCallId)
        """
        await self.update(
            call_id, recording_enabled=enabled, recording_file_format=recording_file_format
        )

    async def transfer(self, call_id: str, **transfer: Unpack[api.Transfer]) -> Created[api.Call]:
        """Call someone, join them with an active call, and return the new leg.

        Raises ArgumentError, NotFoundError; ForbiddenError (call-invalid-state); ServerError
        (call-transfer-error). (methods/calls/postTransferCall)
        """
        return await self._create(api.TRANSFER, call_id, **transfer)

    async def play_audio(
        self, call_id: str, file_url: str, **playback: Unpack[CallPlayback]
    ) -> None:
        """Play a WAV or MP3.

        Raises ArgumentError, NotFoundError; ForbiddenError (media-not-supported).
        (methods/calls/postCallsCallIdAudio)
        """
        await self._send(api.AUDIO.play, call_id, file_url=file_url, **playback)

    async def speak_sentence(
        self, call_id: str, sentence: str, **speech: Unpack[CallSpeech]
    ) -> None:
        """Say something of 1 to 1000 characters.

        Raises ArgumentError, NotFoundError; ServerError (speak-error).
        (methods/calls/postCallsCallIdAudio)
        """
        await self._send(api.AUDIO.speak, call_id, sentence=sentence, **speech)

    async def stop_audio(self, call_id: str) -> None:
        """Stop a playing file. Raises ForbiddenError (call-audio-invalid-state) if none plays.
        (methods/calls/postCallsCallIdAudio)
        """
        await self._send(api.AUDIO.stop_audio, call_id)

    async def stop_sentence(self, call_id: str) -> None:
        """Stop speech. Raises ForbiddenError (call-audio-invalid-state) if there is none.
        (methods/calls/postCallsCallIdAudio)
        """
        await self._send(api.AUDIO.stop_sentence, call_id)

    async def send_dtmf(self, call_id: str, dtmf_out: str) -> None:
        """Press keys: 1 to 92 of 0-9, A-D, # and *; a comma or w waits 0.5 s, W 1 s.

        Raises ArgumentError, NotFoundError; ServerError (send-dtmf-failure).
        (methods/calls/postCallsCallIdDTMF)
        """
        await self._send(api.SEND_DTMF, call_id, dtmf_out=dtmf_out)

    def events(self, call_id: str) -> Pages[api.CallHistoryEvent]:
        """Return what happened on a call. (methods/calls/getCallsCallIdEvents)"""
        return self._pages(api.EVENTS, call_id)

    async def event(self, call_id: str, call_event_id: str) -> api.CallHistoryEvent:
        """Return one thing that happened on a call. Raises NotFoundError.
        (methods/calls/getCallsCallIdEventsEventId)
        """
        return await self._fetch(api.EVENT, call_id, call_event_id)

    def recordings(self, call_id: str) -> Pages[Recording]:
        """Return the recordings of a call. (methods/calls/getCallsCallIdRecordings)"""
        return self._pages(api.RECORDINGS, call_id)

    def transcriptions(self, call_id: str) -> Pages[Transcription]:
        """Return the transcriptions of a call's recordings.
        (methods/calls/getCallsCallIdTranscriptions)
        """
        return self._pages(api.TRANSCRIPTIONS, call_id)

    async def gather(
        self, call_id: str, **gather: Unpack[api.NewGather]
    ) -> Created[api.CallGather]:
        """Start gathering digits; the gather event brings them. One gather at a time per call.

        Raises ArgumentError, NotFoundError; ConflictError (call-duplicate-gather-error).
        (methods/calls/postCallsCallIdGather)
        """
        return await self._create(api.GATHER, call_id, **gather)

    async def get_gather(self, call_id: str, gather_id: str) -> api.CallGather:
        """Return a gather, with the digits so far. Raises NotFoundError.
        (methods/calls/getCallsCallIdGatherGatherId)
        """
        return await self._fetch(api.GET_GATHER, call_id, gather_id)

    async def stop_gather(self, call_id: str, gather_id: str) -> None:
        """Stop gathering. Raises NotFoundError. (methods/calls/postCallsCallIdGatherGatherId)"""
        await self._send(api.STOP_GATHER, call_id, gather_id)

    async def wait(
        self,
        call_id: str,
        until: CallState = "active",
        *,
        timeout: float | None = 60.0,  # noqa: ASYNC109 (what it bounds is many requests)
        interval: float = 2.0,
    ) -> api.Call:
        """Wait until a call is in a state and return it, by asking every `interval` seconds.

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
