"""Voicemail: records a message, has it transcribed, and tells somebody when the text is there.

The platform sends the recording by GET and the transcription, later, by POST; both come to the
paths that the Record verb names. Run it from this folder:

    uvicorn voicemail:app
"""

import logging
from dataclasses import dataclass, field
from urllib.parse import urlencode

from callbackkit.v1 import (
    After,
    AnswerEvent,
    App,
    Callback,
    Hangup,
    Record,
    RecordingEvent,
    Reply,
    SpeakSentence,
    TranscriptionEvent,
)

log = logging.getLogger("voicemail")


@dataclass
class Message:
    caller: str
    recording: str = ""
    text: str = ""


@dataclass
class Mailbox:
    """The messages by the call they were left on."""

    messages: dict[str, Message] = field(default_factory=dict)


def notify(message: Message) -> None:
    """Stands for the e-mail that you would send here."""
    log.warning("%s said: %s", message.caller, message.text)


app = App()
app.provide(Mailbox, Mailbox)


@app.on(AnswerEvent)
async def answer(call: AnswerEvent, mailbox: Mailbox) -> Reply:
    mailbox.messages[call.call_id] = Message(caller=call.from_ or "somebody")
    return [
        SpeakSentence("Leave a message, and press pound when you are done.", voice="susan"),
        Record(
            max_duration=120,
            terminating_digits="#",
            request_url="/recorded",
            transcribe=True,
            # A transcription names neither the call nor the recording, so the URL does.
            transcribe_callback_url="/transcribed?" + urlencode({"call": call.call_id}),
        ),
        Hangup(),
    ]


@app.on(RecordingEvent, path="/recorded", status="complete")
async def recorded(recording: RecordingEvent, mailbox: Mailbox) -> None:
    if recording.call_id in mailbox.messages:
        mailbox.messages[recording.call_id].recording = recording.recording_uri or ""


@app.on(TranscriptionEvent, path="/transcribed", status="completed")
async def transcribed(
    transcription: TranscriptionEvent, callback: Callback, mailbox: Mailbox, after: After
) -> None:
    message = mailbox.messages.get(callback.query.get("call", ""))
    if message is not None:
        message.text = transcription.text or ""
        after(notify, message)  # the platform does not wait for the mail server
