"""Recordings of a call: until silence or a key, or beside all else until they are stopped."""

from collections.abc import Callable

from callbackkit.carrier.call import Call
from callbackkit.carrier.leg import Speech
from callbackkit.carrier.scheduler import Mailbox, Over, Process
from callbackkit.carrier.sound import FileFormat, Recording, Silence


def begin(call: Call, file_format: FileFormat = "wav", channels: int = 1) -> Recording:
    """Return a new recording of a call, which goes on until `end`."""
    carrier = call.carrier
    file = f"{call.id}-{len(call.recordings) + 1}.{file_format}"
    recording = Recording(carrier.new_id("rec"), call.id, carrier.now, file, file_format, channels)
    call.recordings.append(recording)
    carrier.recordings[recording.id] = recording
    call.journal.add(call.id, "records", recording=recording)
    return recording


def end(call: Call, recording: Recording) -> None:
    """End a recording now; it is still to be saved."""
    recording.end = call.scheduler.now
    recording.state = "saving"


async def save(call: Call, recording: Recording, delay: float) -> None:
    """Store the file of a recording that has ended, after some seconds."""
    call.carrier.rule("recording-delay", call.id)
    await call.scheduler.sleep(delay)
    recording.state = "complete"
    sound = Silence(recording.duration, recording.file_format, recording.channels)
    call.carrier.store(recording.file, sound, sound.content_type)
    call.journal.add(call.id, "recorded", recording=recording)


async def until_silence(
    call: Call, recording: Recording, *, what: str, longest: float, silence: float, keys: str
) -> None:
    """Record a caller until one of the `keys`, some seconds of `silence`, or the `longest` time.

    `what` names it as what listens. Silence at the start counts or not (rule initial-silence).
    """
    scheduler = call.scheduler
    inputs: Mailbox[str | Speech] = Mailbox(scheduler)
    last = scheduler.now + longest
    waits = call.carrier.rule("initial-silence", call.id) == "waits"
    # Somebody may be speaking already.
    spoken = [speech for speech in call.speeches if speech.end > scheduler.now]
    for speech in spoken:
        recording.hear(speech.text)
    until = max((speech.end for speech in spoken), default=scheduler.now)
    # All keys are taken: those that don't end it are recorded.
    with call.listening(what, on_key=inputs.put, on_speech=inputs.put, silent=True, keys=keys):
        while True:
            quiet = last if waits and not recording.transcript else min(last, until + silence)
            one = await inputs.get(quiet)
            if one is None or (isinstance(one, str) and one in keys):
                return
            if isinstance(one, Speech):
                recording.hear(one.text)
                until = max(until, one.end)


class Recorder:
    """A recording of all that is said and heard from others on a call, until it is stopped, the
    call ends, or `longest` seconds have passed; then `done` is called."""

    def __init__(
        self,
        call: Call,
        recording: Recording,
        done: Callable[["Recorder"], object],
        longest: float | None = None,
    ) -> None:
        self.call = call
        self.recording = recording
        self._finish = done
        self._longest = longest
        self._process: Process = call.start(self._run(), f"recording {recording.id}")

    def stop(self) -> None:
        """End it."""
        self._process.interrupt(Over())

    async def _run(self) -> None:
        call, recording = self.call, self.recording
        scheduler = call.scheduler
        limit = None if self._longest is None else scheduler.now + self._longest

        def hear(speech: Speech) -> None:
            recording.hear(speech.text)

        try:
            with call.listening("a recording", on_speech=hear, on_voice=hear):
                while await scheduler.block(limit):
                    pass
        finally:
            end(call, recording)
            self._finish(self)
