"""Recordings of v1: their events, those that the REST API starts, and their transcriptions."""

from callbackkit.carrier.delivering import send_event
from callbackkit.carrier.recording import Recorder, begin, save
from callbackkit.carrier.sound import Recording
from callbackkit.v1.carrier.account import Callbacks, Transcription
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.defaults import (
    RECORDING_DELAY,
    TRANSCRIPTION_DELAY,
    TRANSCRIPTION_SHOWN,
    VERB_TIMEOUT,
)
from callbackkit.v1.carrier.ground import Ground
from callbackkit.v1.verbs import Record


def save_and_report(
    call: Call, recording: Recording, to: Callbacks, transcribe_to: Callbacks | None
) -> None:
    """Store a recording that has ended, send its event, and transcribe it if that has a
    destination; all of that outlives the call."""
    work = _save_and_report(call, recording, to, transcribe_to)
    call.scheduler.spawn(work, f"recording {recording.id}")


async def _save_and_report(
    call: Call, recording: Recording, to: Callbacks, transcribe_to: Callbacks | None
) -> None:
    carrier = call.carrier
    await save(call, recording, RECORDING_DELAY)
    values = {
        "recordingId": recording.id,
        "recordingUri": carrier.uri(f"recordings/{recording.id}"),
        "state": "complete",
        "status": "complete",
        "startTime": carrier.moment(recording.start),
        "endTime": carrier.moment(recording.end),
    }
    await call.send_event("recording", values, to=to)
    if transcribe_to is not None and recording.file_format == "wav":
        await transcribe(carrier, recording, transcribe_to, bxml=call.bxml)


# Transcriptions


def new_transcription(carrier: Ground, recording: Recording) -> Transcription:
    """Return a transcription that is being made."""
    made = Transcription(carrier.new_id("t"), recording.id, carrier.moment(), recording.duration)
    carrier.account.transcriptions[made.id] = made
    return made


async def transcribe(
    carrier: Ground,
    recording: Recording,
    to: Callbacks,
    transcription: Transcription | None = None,
    *,
    bxml: bool = False,
) -> None:
    """Make a transcription and send its event; under BXML that has fewer fields
    (bxml/callBacks/transcription)."""
    transcription = transcription or new_transcription(carrier, recording)
    await carrier.scheduler.sleep(TRANSCRIPTION_DELAY)
    carrier.rule("transcription-status", recording.subject)
    text = recording.transcript
    transcription.text = text
    transcription.state = "completed"
    transcription.media_name = f"{transcription.id}.txt"
    carrier.store(transcription.media_name, text.encode(), "text/plain")
    if to.url is None:
        return
    uri = f"recordings/{recording.id}/transcriptions/{transcription.id}"
    values = {
        "transcriptionId": transcription.id,
        "transcriptionUri": carrier.uri(uri),
        "recordingId": None if bxml else recording.id,
        "state": None if bxml else "completed",
        "status": "completed",
        "textSize": len(text),
        "text": text[:TRANSCRIPTION_SHOWN],
        "textUrl": carrier.uri(f"media/{transcription.media_name}"),
    }
    await send_event(carrier, recording.subject, "transcription", to, values)


# By the Record verb


def targets(call: Call, verb: Record) -> tuple[Callbacks, Callbacks | None]:
    """Return where the events of a Record and of its transcription go."""
    if verb.request_url is not None and verb.request_url_timeout is None:
        call.carrier.rule("verb-callback-timeout", call.id)
    to = Callbacks.of_verb(verb.request_url, verb.request_url_timeout, VERB_TIMEOUT)
    if not (verb.transcribe and verb.transcribe_callback_url):
        return to, None
    return to, Callbacks(verb.transcribe_callback_url, None, VERB_TIMEOUT, "POST")


def record_both(call: Call, verb: Record) -> Recorder:
    """Record both sides of a call for a Record inside a Transfer, which has no longest time
    (bxml/verbs/record)."""

    def done(recorder: Recorder) -> None:
        save_and_report(call, recorder.recording, *targets(call, verb))

    recording = begin(call, verb.file_format or "wav", 2 if verb.multi_channel else 1)
    return Recorder(call, recording, done)


# By the REST API


def start_recording(call: Call) -> None:
    """Record a call until it ends or recording is stopped; one that rings from its answer on."""
    call.recording.enabled = True
    recorders = call.carrier.recorders
    if call.id in recorders or call.state != "up":
        return
    settings = call.recording

    def done(recorder: Recorder) -> None:
        del recorders[call.id]
        call.carrier.rule("rest-recording-url", call.id)
        to = call.callbacks
        by_post = Callbacks(to.url, to.fallback_url, to.timeout, "POST")
        save_and_report(call, recorder.recording, to, by_post if settings.transcribes else None)

    recording = begin(call, settings.file_format)
    recorders[call.id] = Recorder(call, recording, done, settings.longest)


def stop_recording(call: Call) -> None:
    """End the recording of a call."""
    call.recording.enabled = False
    recorder = call.carrier.recorders.get(call.id)
    if recorder is not None:
        recorder.stop()
