"""Record, exactly: what ends it, what is kept, and what is told of it (carrier of v1)."""

import io
import wave
from typing import Any

import pytest

from callbackkit.v1.carrier.recordings import start_recording, stop_recording
from callbackkit.v1.verbs import Gather, Hangup, Pause, Record, SpeakSentence

ONE_SECOND = SpeakSentence("fifteen letters", voice="susan")
SAVED = {"request_url": "/saved"}


@pytest.mark.parametrize(
    ("attributes", "speech", "keys", "at"),
    [
        ({}, {}, {}, 3),
        ({}, {2: 4}, {}, 9),
        ({}, {2: 4, 8: 1}, {}, 12),
        ({}, {2: 4, 5: 9}, {}, 17),
        ({}, {2.99: 1}, {}, 6.99),
        ({}, {3: 1}, {}, 7),
        ({"silence_timeout": 10}, {2: 4}, {}, 16),
        ({"silence_timeout": 1}, {2: 4}, {}, 1),
        ({"max_duration": 5}, {2: 60}, {}, 5),
        ({"max_duration": 2}, {}, {}, 2),
        ({}, {1: 100}, {}, 60),
        ({"terminating_digits": "#"}, {1: 9}, {4: "#"}, 4),
        ({"terminating_digits": "5"}, {1: 9}, {4: "#1", 6: "5"}, 6),
        ({}, {1: 9}, {4: "#1"}, 13),
    ],
)
def test_what_ends_a_recording(
    world: Any,
    attributes: dict[str, Any],
    speech: dict[float, float],
    keys: dict[float, str],
    at: float,
) -> None:
    w = world({"answer": [Record(**SAVED, **attributes), ONE_SECOND, Hangup()]})
    call = w.dial()
    for moment, seconds in speech.items():
        w.speak("hello", moment, seconds)
    for moment, pressed in keys.items():
        w.press(pressed, moment)
    w.run()
    (recording,) = call.recordings
    assert (recording.start, recording.end) == (0, pytest.approx(at))
    assert call.heard == ["fifteen letters"]
    assert call.heard[0].start == pytest.approx(at)


def test_fields_of_a_recording_event(world: Any) -> None:
    w = world({"answer": [Pause(), Record(**SAVED), Hangup()]})
    call = w.dial()
    w.speak("hello", 2).run()
    base = "https://api.catapult.inetwork.com/v1/users/u-carrier"
    assert w.one("recording") == {
        "eventType": "recording",
        "callId": call.id,
        "recordingId": "rec-000001",
        "recordingUri": f"{base}/recordings/rec-000001",
        "status": "complete",
        "startTime": "2026-01-01T12:00:01Z",
        "endTime": "2026-01-01T12:00:05Z",
    }
    assert [one.method for one in w.callbacks if one.event == "recording"] == ["GET"]


def test_a_transcription_is_sent_by_post_with_the_fields_of_its_page(world: Any) -> None:
    record = Record(transcribe=True, transcribe_callback_url="/text")
    w = world({"answer": [record, Hangup()]})
    w.dial()
    w.speak("Hello, it is Bob", 1).speak("and Eve", 4).run()
    (delivery,) = [one for one in w.callbacks if one.event == "transcription"]
    assert (delivery.method, delivery.path) == ("POST", "/text")
    base = "https://api.catapult.inetwork.com/v1/users/u-carrier"
    assert delivery.fields == {
        "eventType": "transcription",
        "transcriptionId": "t-000001",
        "transcriptionUri": f"{base}/recordings/rec-000001/transcriptions/t-000001",
        "status": "completed",
        "textSize": 24,
        "text": "Hello, it is Bob and Eve",
        "textUrl": f"{base}/media/t-000001.txt",
    }
    assert w.carrier.account.media["t-000001.txt"].content == b"Hello, it is Bob and Eve"
    assert "recording" not in w.events


def test_a_long_transcription_is_sent_in_part(world: Any) -> None:
    record = Record(transcribe=True, transcribe_callback_url="/text")
    w = world({"answer": [record, Hangup()]})
    w.dial()
    w.speak("a" * 2000, 1, seconds=5).run()
    fields = w.one("transcription")
    assert (fields["text"], fields["textSize"]) == ("a" * 1026, 2000)
    assert len(w.carrier.account.media["t-000001.txt"].content) == 2000


def test_the_file_lasts_as_long_as_the_recording(world: Any) -> None:
    w = world({"answer": [Record(), Hangup()]})
    call = w.dial()
    w.speak("hello", 1, seconds=2).run()
    (recording,) = call.recordings
    media = w.carrier.account.media[recording.file]
    assert media.content_type == "audio/wav"
    with wave.open(io.BytesIO(b"".join(media.content.chunks()))) as file:
        assert file.getnframes() / file.getframerate() == 6
        assert file.getnchannels() == 1
    assert recording.transcript == "hello"


def test_what_is_said_until_the_caller_hangs_up_is_kept(world: Any) -> None:
    w = world({"answer": Record(**SAVED)})
    call = w.dial()
    w.speak("hello", 1, seconds=9).hang_up(4).run()
    (recording,) = call.recordings
    assert (recording.end, recording.transcript, recording.state) == (4, "hello", "complete")
    assert w.events[-2:] == ["hangup", "recording"]
    assert w.now == 5


def test_speech_under_way_is_recorded(world: Any) -> None:
    w = world({"answer": [Pause(length=2), Record(), Hangup()]})
    call = w.dial()
    w.speak("over before", 0, seconds=1).speak("hello", 1, seconds=5).run()
    (recording,) = call.recordings
    assert (recording.transcript, recording.end) == ("hello", 9)


def test_an_mp3_is_not_transcribed(world: Any) -> None:
    verbs = (
        '<Record requestUrl="http://app.test/saved" fileFormat="mp3" transcribe="true"'
        ' transcribeCallbackUrl="http://app.test/text"/><Hangup/>'
    )
    w = world({"answer": verbs})
    call = w.dial()
    w.run()
    assert w.rules("error") == ["transcribe-mp3"]
    assert w.events == ["incomingcall", "answer", "hangup", "recording"]
    (recording,) = call.recordings
    assert recording.file.endswith(".mp3")
    assert w.carrier.account.media[recording.file].content_type == "audio/mpeg"


@pytest.mark.parametrize("attributes", ['transcribe="true"', 'fileFormat="ogg"'])
def test_impossible_attributes_are_left_out(world: Any, attributes: str) -> None:
    w = world({"answer": f'<Record requestUrl="http://app.test/saved" {attributes}/><Hangup/>'})
    call = w.dial()
    w.run()
    assert len(w.rules("error")) == 1
    assert w.events == ["incomingcall", "answer", "hangup", "recording"]
    assert call.recordings[0].file.endswith(".wav")


def test_several_recordings_of_a_call_have_names_of_their_own(world: Any) -> None:
    w = world({"answer": [Record(**SAVED), Record(**SAVED), Hangup()]})
    call = w.dial()
    w.run()
    assert [fields["recordingId"] for fields in w.of("recording")] == ["rec-000001", "rec-000002"]
    assert len({one.file for one in call.recordings}) == 2


def test_a_recording_of_the_rest_api_goes_on_until_it_is_stopped(world: Any) -> None:
    w = world({}, callback_http_method="POST")
    call = w.dial()
    w.at(2, lambda: start_recording(call)).at(9, lambda: stop_recording(call))
    w.speak("before", 1).speak("hello", 3).speak("after", 10).hang_up(20).run()
    (recording,) = call.recordings
    assert (recording.start, recording.end, recording.transcript) == (2, 9, "hello")
    assert w.one("recording")["state"] == w.one("recording")["status"] == "complete"
    assert "transcription" not in w.events


def test_a_recording_of_the_rest_api_has_a_longest_time(world: Any) -> None:
    w = world({}, callback_http_method="POST")
    call = w.dial()
    call.recording.longest = 100
    start_recording(call)
    start_recording(call)  # goes on already
    w.run(until=500)
    (recording,) = call.recordings
    assert recording.end == 100
    start_recording(call)
    w.hang_up(600).run()
    assert [one.duration for one in call.recordings] == [100, 100]


@pytest.mark.parametrize("typeahead", ["drop", "buffer"])
def test_other_keys_are_recorded_and_nobody_elses(world: Any, typeahead: str) -> None:
    pages = {"answer": [Record(**SAVED), Gather(request_url="/got")]}
    w = world(pages, rules={"typeahead": typeahead})
    w.dial()
    w.press("7", 1).run()
    assert w.one("gather")["digits"] == ""
    assert [found.rule for found in w.carrier.diagnostics if found.rule == "unlistened-keys"] == []
