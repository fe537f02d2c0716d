"""Recordings: the Record verb, what the REST API has recorded, and their transcriptions."""

from typing import TYPE_CHECKING

from callbackkit.carrier.leg import Speech
from callbackkit.carrier.scheduler import Mailbox, Process
from callbackkit.carrier.sound import Silence
from callbackkit.v1.carrier.account import Callbacks, MediaFile, Recording, Transcription
from callbackkit.v1.carrier.calls import Over
from callbackkit.v1.carrier.rules import RECORDING_DELAY, TRANSCRIPTION_DELAY, VERB_TIMEOUT
from callbackkit.v1.verbs import Record

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call
    from callbackkit.v1.carrier.carrier import Carrier

MAX_DURATION = 60
"""Seconds that a Record lasts by default (bxml/verbs/record)."""
SILENCE_TIMEOUT = 3
"""Seconds of silence that end a Record by default (bxml/verbs/record)."""


def begin(call: "Call", file_format: str = "wav", channels: int = 1) -> Recording:
    """A new recording of a call, which goes on."""
    carrier = call.carrier
    recording_id = carrier.new_id("rec")
    kind = "mp3" if file_format == "mp3" else "wav"
    recording = Recording(
        recording_id,
        call.id,
        carrier.now,
        f"{call.id}-{len(call.recordings) + 1}.{kind}",
        "mp3" if file_format == "mp3" else "wav",
        channels,
    )
    call.recordings.append(recording)
    carrier.account.recordings[recording_id] = recording
    carrier.journal.add(call.id, "records", recording=recording)
    return recording


def end(carrier: "Carrier", recording: Recording) -> None:
    """It has ended now, and is being saved."""
    recording.end = carrier.now
    recording.state = "saving"


def hear(recording: Recording, speech: Speech) -> None:
    """Somebody speaks on what is recorded."""
    recording.transcript = f"{recording.transcript} {speech.text}".strip()


async def save(
    call: "Call", recording: Recording, to: Callbacks, transcribe_to: Callbacks | None
) -> None:
    """Store a recording that has ended, tell of it, and transcribe it if that is asked for."""
    carrier = call.carrier
    carrier.rule("recording-delay", call.id)
    await carrier.scheduler.sleep(RECORDING_DELAY)
    recording.state = "complete"
    sound = Silence(recording.duration, recording.file_format, recording.channels)
    carrier.account.media[recording.media_name] = MediaFile(
        recording.media_name, sound, sound.content_type
    )
    carrier.journal.add(call.id, "recorded", recording=recording)
    told = {
        "recordingId": recording.id,
        "recordingUri": carrier.uri(f"recordings/{recording.id}"),
        "state": "complete",
        "status": "complete",
        "startTime": carrier.moment(recording.start),
        "endTime": carrier.moment(recording.end),
    }
    await call.send_event("recording", told, to=to)
    if transcribe_to is not None:
        await transcribe(carrier, recording, transcribe_to, bxml=call.bxml)


async def transcribe(
    carrier: "Carrier",
    recording: Recording,
    to: Callbacks,
    transcription: Transcription | None = None,
    *,
    bxml: bool = False,
) -> None:
    """Make a transcription, and tell of it; the page of BXML (bxml/callBacks/transcription) has
    fewer fields for that."""
    transcription = transcription or new_transcription(carrier, recording)
    await carrier.scheduler.sleep(TRANSCRIPTION_DELAY)
    carrier.rule("transcription-status", recording.call_id)
    text = recording.transcript
    transcription.text = text
    transcription.state = "completed"
    transcription.media_name = f"{transcription.id}.txt"
    carrier.account.media[transcription.media_name] = MediaFile(
        transcription.media_name, text.encode(), "text/plain"
    )
    if to.url is None:
        return
    uri = f"recordings/{recording.id}/transcriptions/{transcription.id}"
    await carrier.send_event(
        recording.call_id,
        "transcription",
        to,
        {
            "transcriptionId": transcription.id,
            "transcriptionUri": carrier.uri(uri),
            "recordingId": None if bxml else recording.id,
            "state": None if bxml else "completed",
            "status": "completed",
            "textSize": len(text),
            # The first 1026 characters (apiCallbacks/transcription).
            "text": text[:1026],
            "textUrl": carrier.uri(f"media/{transcription.media_name}"),
        },
    )


def new_transcription(carrier: "Carrier", recording: Recording) -> Transcription:
    """A transcription that is being made."""
    made = Transcription(carrier.new_id("t"), recording.id, carrier.moment(), recording.duration)
    carrier.account.transcriptions[made.id] = made
    return made


async def record(call: "Call", verb: Record) -> None:
    """Run a Record outside a Transfer."""
    carrier = call.carrier
    scheduler = carrier.scheduler
    inputs: Mailbox[str | Speech] = Mailbox(scheduler)
    recording = begin(call, verb.file_format or "wav")
    last = scheduler.now + (verb.max_duration or MAX_DURATION)
    silence = float(verb.silence_timeout or SILENCE_TIMEOUT)
    waits = carrier.rule("initial-silence", call.id) == "waits"
    # Somebody may be speaking already.
    spoken = [speech for speech in call.speeches if speech.end > scheduler.now]
    for speech in spoken:
        hear(recording, speech)
    until = max((speech.end for speech in spoken), default=scheduler.now)
    keys = verb.terminating_digits or ""

    def saved() -> None:
        end(carrier, recording)
        to = Callbacks(verb.request_url, None, _timeout(call, verb), "GET")
        transcribe_to = None
        if verb.transcribe and verb.transcribe_callback_url and recording.file_format == "wav":
            transcribe_to = Callbacks(verb.transcribe_callback_url, None, VERB_TIMEOUT, "POST")
        scheduler.spawn(save(call, recording, to, transcribe_to), f"recording {recording.id}")

    try:
        with call.listening(
            "Record",
            on_key=inputs.put,  # other keys are recorded, and lost on nobody
            on_speech=inputs.put,
            silent=True,
            keys=keys,
        ):
            while True:
                heard_any = bool(recording.transcript)
                quiet = last if waits and not heard_any else min(last, until + silence)
                given = await inputs.get(quiet)
                if given is None or (isinstance(given, str) and given in keys):
                    break
                if isinstance(given, Speech):
                    hear(recording, given)
                    until = max(until, given.end)
    finally:
        # Also when the call ends: what was said until then is kept (bxml/buildingBlocks/voicemail).
        saved()


def _timeout(call: "Call", verb: Record) -> float:
    if verb.request_url_timeout is not None:
        return verb.request_url_timeout / 1000
    if verb.request_url is not None:
        call.carrier.rule("verb-callback-timeout", call.id)
    return VERB_TIMEOUT


def start_recording(call: "Call") -> None:
    """Record a call until it ends or is told to stop."""
    call.recording_enabled = True
    if call.recorder is None and call.state == "up":
        call.recorder = Recorder(call)
        call.recorder.start()


def stop_recording(call: "Call") -> None:
    """End a recording that goes on."""
    call.recording_enabled = False
    if call.recorder is not None:
        call.recorder.stop()


class Recorder:
    """A recording of all that is said on a call, until it is stopped: by the REST API, or by a
    Record inside a Transfer, which then says where to tell of it."""

    def __init__(self, call: "Call", verb: Record | None = None) -> None:
        self._call = call
        self._verb = verb
        self._process: Process | None = None
        self._done = False
        channels = 2 if verb is not None and verb.multi_channel else 1
        file_format = call.recording_format if verb is None else verb.file_format or "wav"
        self.recording = begin(call, file_format, channels)

    def start(self) -> None:
        self._process = self._call.start(self._run(), f"recording {self.recording.id}")

    def stop(self) -> None:
        """End it and have it saved."""
        if self._process is not None and not self._process.done:
            self._process.interrupt(Over())

    def hear(self, speech: Speech) -> None:
        """Somebody at the other end speaks."""
        if not self._done:
            hear(self.recording, speech)

    async def _run(self) -> None:
        call = self._call
        scheduler = call.carrier.scheduler
        # Ignored inside a Transfer (bxml/verbs/record).
        limit = None if self._verb is not None else scheduler.now + call.recording_max
        try:
            with call.listening("a recording", on_speech=self.hear):
                while await scheduler.block(limit):
                    pass
        finally:
            self._done = True
            if call.recorder is self:
                call.recorder = None
            self._save()

    def _save(self) -> None:
        call, verb, recording = self._call, self._verb, self.recording
        carrier = call.carrier
        end(carrier, recording)
        transcribe_to: Callbacks | None = None
        if verb is None:
            carrier.rule("rest-recording-url", call.id)
            to = call.callbacks
            if call.transcribes and recording.file_format == "wav":
                transcribe_to = Callbacks(to.url, to.fallback_url, to.timeout, "POST")
        else:
            to = Callbacks(verb.request_url, None, _timeout(call, verb), "GET")
            if verb.transcribe and verb.transcribe_callback_url and recording.file_format == "wav":
                transcribe_to = Callbacks(verb.transcribe_callback_url, None, VERB_TIMEOUT, "POST")
        carrier.scheduler.spawn(save(call, recording, to, transcribe_to), f"{recording.id}")
