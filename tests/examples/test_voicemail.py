"""Voicemail: a message from the tone to the notice."""

from queue import SimpleQueue
from urllib.parse import urlsplit

from callbackkit.v1 import Hangup, Record, SpeakSentence


def answered(call) -> Record:
    """The Record verb that a new call gets."""
    speech, record, end = call.get("answer", callId="c-7", **{"from": "+19195550001"})
    assert isinstance(speech, SpeakSentence)
    assert isinstance(record, Record)
    assert end == Hangup()
    return record


def test_a_message_is_recorded_and_transcribed(platform, load) -> None:
    call = platform("voicemail:app")
    example = load("voicemail")
    mailbox = example.Mailbox()

    with example.app.override(example.Mailbox, mailbox):
        record = answered(call)
        assert record.transcribe
        recording = {"callId": "c-7", "recordingUri": "https://api.test/rec-1"}
        assert call.get("recording", record.request_url, **recording) is None
        # As the platform words it for a Record verb: no call id, no recording id.
        assert call.post("transcription", record.transcribe_callback_url, text="Call me") is None

    assert mailbox.messages == {
        "c-7": example.Message("+19195550001", "https://api.test/rec-1", "Call me")
    }


def test_somebody_is_told_of_the_transcription(platform, load, monkeypatch) -> None:
    call = platform("voicemail:app")
    told: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr(load("voicemail"), "notify", lambda message: told.put(message.text))

    record = answered(call)
    call.post("transcription", record.transcribe_callback_url, text="Call me")

    assert told.get(timeout=5) == "Call me"


def test_a_failed_recording_is_left_alone(platform, load) -> None:
    call = platform("voicemail:app")
    example = load("voicemail")
    mailbox = example.Mailbox()

    with example.app.override(example.Mailbox, mailbox):
        record = answered(call)
        call.get("recording", record.request_url, callId="c-7", status="error")

    assert mailbox.messages["c-7"].recording == ""


def test_the_urls_are_paths_of_the_app(platform) -> None:
    call = platform("voicemail:app")

    record = answered(call)

    assert record.request_url == f"{call.url}recorded"
    assert urlsplit(record.transcribe_callback_url).query == "call=c-7"
