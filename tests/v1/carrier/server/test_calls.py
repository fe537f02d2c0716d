"""Calls: the client places and steers them, and the carrier and its phones follow."""

from datetime import timedelta
from typing import Any

import pytest

from callbackkit.errors import (
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    WaitError,
)
from callbackkit.v1.carrier.gathers import gather_on
from callbackkit.v1.client import Client, Prompt

pytestmark = pytest.mark.anyio

APP = "http://app.test/hook"
NUMBER, PARTY, OTHER = "+19195550100", "+19195551212", "+19195551313"
SOUND = "http://sounds.example/ring.wav"


async def manual(local: Any) -> None:
    """Let incoming calls wait for the API."""
    await local.client.applications.update(local.carrier.application.id, auto_answer=False)


# Placing calls


async def test_create_call(local: Any, client: Client) -> None:
    created = await client.calls.create(
        from_=NUMBER,
        to="sip:someone@example.com",
        call_timeout=20,
        callback_url=f"{APP}/a",
        callback_timeout=2500,
        callback_http_method="POST",
        fallback_url=f"{APP}/b",
        recording_max_duration=90,
        recording_file_format="mp3",
        transcription_enabled=True,
        tag="red",
        sip_headers={"X-One": "1", "x-Two": "2"},
    )
    call = local.call(created.id)
    assert (call.party, call.number, call.ring_seconds, call.status) == (
        "sip:someone@example.com",
        NUMBER,
        20,
        "started",
    )
    shown = await created.fetch()
    assert (shown.callback_url, shown.callback_http_method) == (f"{APP}/a", "POST")
    assert (shown.callback_timeout, shown.fallback_url) == (2500, f"{APP}/b")
    assert (shown.recording_file_format, shown.recording_max_duration) == ("mp3", 90)
    assert (shown.transcription_enabled, shown.tag) == (True, "red")
    assert shown.sip_headers == {"X-One": "1", "x-Two": "2"}
    local.pages[f"{APP}/a".removeprefix("http://app.test")] = 500
    await local.act(call.answer)
    assert [(event["path"], event["eventType"]) for event in local.received] == [
        ("/hook/a", "answer"),
        ("/hook/b", "answer"),
    ]
    assert local.received[0]["tag"] == "red"


async def test_a_call_that_nobody_answers(local: Any, client: Client) -> None:
    created = await client.calls.create(from_=NUMBER, to=PARTY, call_timeout=10, callback_url=APP)
    await local.wait(11)
    assert local.events == ["timeout", "hangup"]
    assert local.received[1]["cause"] == "NO_ANSWER"
    assert (await client.calls.get(created.id)).state == "completed"


async def test_a_call_is_recorded_from_its_answer_on(local: Any, client: Client) -> None:
    for method in ("POST", "GET"):
        local.pages["answer"] = b"<Response><Pause length='5'/><Hangup/></Response>"
        call_id = await local.calls_out(recording_enabled=True, callback_http_method=method)
        await local.wait(2)
        if method == "POST":
            await client.calls.hangup(call_id)
        await local.wait(5)
        [recording] = local.call(call_id).recordings
        assert recording.state == "complete"
    local.carrier.diagnostics.clear()


async def test_list_calls(local: Any, client: Client) -> None:
    ids = [(await client.calls.create(from_=NUMBER, to=PARTY)).id for _ in range(3)]
    await local.wait(1)
    ids.append((await client.calls.create(from_=NUMBER, to=OTHER)).id)
    assert [call.id async for call in client.calls.list()] == ids[::-1]
    assert [call.id async for call in client.calls.list(sort_order="asc")] == ids
    assert [call.id async for call in client.calls.list(to=OTHER)] == ids[3:]
    assert [call.id async for call in client.calls.list(from_=OTHER)] == []


async def test_get_call(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    began = local.carrier.moment()
    await local.wait(61)
    await local.act(local.call(call_id).hang_up)
    call = await client.calls.get(call_id)
    assert (call.direction, call.from_, call.to, call.state) == (
        "out",
        NUMBER,
        PARTY,
        "completed",
    )
    assert (call.start_time, call.active_time) == (began, began)
    assert call.end_time == began + timedelta(seconds=61)
    assert call.chargeable_duration == 120
    assert call.events is not None
    assert call.events.endswith(f"/calls/{call_id}/events")
    with pytest.raises(NotFoundError) as caught:
        await client.calls.get("c-nobody")
    assert (caught.value.code, caught.value.details["callId"]) == ("call-not-found", "c-nobody")


async def test_waiting_for_a_call(local: Any, client: Client) -> None:
    call_id = (await client.calls.create(from_=NUMBER, to=PARTY)).id
    attempts: list[Any] = []

    @client.observe
    def answers(attempt: Any) -> None:
        attempts.append(attempt)
        if len(attempts) == 3:
            local.driver.act(local.call(call_id).answer)

    assert (await client.calls.wait(call_id, "active", interval=0.001)).state == "active"
    assert len(attempts) == 4
    await client.calls.hangup(call_id)
    with pytest.raises(WaitError, match="completed"):
        await client.calls.wait(call_id, "active")


async def test_a_number_of_another_account_is_rejected_and_diagnosed(
    local: Any, client: Client
) -> None:
    with pytest.raises(AuthenticationError, match="permission to use number") as caught:
        await client.calls.create(from_=OTHER, to=PARTY)
    assert (caught.value.code, caught.value.category) == ("number-access-denied", "authorization")
    [found] = local.carrier.diagnostics
    assert (found.level, found.rule) == ("error", "unowned-number")
    await client.phone_numbers.delete(NUMBER)
    with pytest.raises(AuthenticationError) as caught:
        await client.calls.create(from_=NUMBER, to=PARTY)
    assert caught.value.code == "no-allocated-number"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": PARTY}, 400, "missing-property"),
        ({"from": NUMBER}, 400, "missing-property"),
        ({"from": NUMBER, "to": " "}, 400, "blank-property"),
        ({"from": NUMBER, "to": "919"}, 403, "invalid-call-to-number"),
        ({"from": NUMBER, "to": "sips:a@b"}, 403, "invalid-call-to-number"),
        ({"from": NUMBER, "to": PARTY, "callTimeout": 301}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "callTimeout": 0}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "callTimeout": 1.5}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "callbackTimeout": "10001"}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "callbackHttpMethod": "PUT"}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "callbackUrl": "app.test"}, 400, "callback-invalid-url"),
        (
            {"from": NUMBER, "to": PARTY, "callbackUrl": "http://a:99999"},
            400,
            "callback-invalid-url",
        ),
        ({"from": NUMBER, "to": PARTY, "fallbackUrl": "http://a b/"}, 400, "callback-invalid-url"),
        ({"from": NUMBER, "to": PARTY, "recordingEnabled": "si"}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "tag": 1}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "sipHeaders": {"One": "1"}}, 400, "validation-error"),
        ({"from": NUMBER, "to": PARTY, "bridgeId": "brg-9"}, 404, "bridge-not-found"),
        (
            {"from": NUMBER, "to": PARTY, "conferenceId": "conf-9"},
            403,
            "invalid-call-conference-id",
        ),
        ([], 400, "validation-error"),
    ],
)
async def test_a_call_that_can_not_be(local: Any, body: Any, status: int, code: str) -> None:
    assert (await local.error_of("POST", "/calls", body))[:2] == (status, code)
    assert local.carrier.calls == {}


async def test_samples_are_lenient(local: Any) -> None:
    body = {
        "from": NUMBER,
        "to": PARTY,
        "callTimeout": "30",
        "callbackTimeout": "2000",
        "callbackHttpMethod": "get",
        "recordingEnabled": "true",
        "tag": None,
        "callbackUrl": "",
        "unknown": {},
    }
    reply = await local.request("POST", "/calls/", body)
    assert reply.status_code == 201
    call = local.call(reply.headers["location"].rpartition("/")[2])
    assert (call.ring_seconds, call.callbacks.timeout, call.callbacks.method) == (30, 2.0, "GET")
    assert (call.recording.enabled, call.callbacks.url) == (True, None)


async def test_empty_texts_mean_none(local: Any) -> None:
    call_id = await local.calls_out()
    for path, body, status in (
        (f"/calls/{call_id}/gather", {"prompt": {"sentence": "", "fileUrl": ""}}, 201),
        (f"/calls/{call_id}", {"recordingEnabled": "false", "transferTo": ""}, 200),
        ("/messages", {"from": NUMBER, "to": PARTY, "text": "hi", "media": []}, 201),
    ):
        assert (await local.request("POST", path, body)).status_code == status, path


async def test_what_is_missing_is_named_before_what_is_wrong(local: Any) -> None:
    body = {"from": NUMBER, "callbackTimeout": 0, "tag": 5}
    assert (await local.error_of("POST", "/calls", body))[1:] == (
        "missing-property",
        "The 'call' resource property 'to' is required but was not specified",
    )


# Changing calls


async def test_update_call(local: Any, client: Client) -> None:
    await manual(local)
    call_id = await local.dials()
    assert (await client.calls.get(call_id)).state == "started"
    await client.calls.answer(call_id)
    await local.driver.quiet()
    assert local.call(call_id).state == "up"
    assert local.events == ["incomingcall", "answer"]
    with pytest.raises(ForbiddenError, match="Invalid call state active"):
        await client.calls.answer(call_id)
    await client.calls.hangup(call_id)
    await local.driver.quiet()
    assert local.call(call_id).ended.cause == "NORMAL_CLEARING"
    assert local.events[-1] == "hangup"
    with pytest.raises(ForbiddenError, match="after being set to completed") as caught:
        await client.calls.hangup(call_id)
    assert caught.value.code == "call-invalid-state"


async def test_a_call_is_taken_by_the_handler_that_hears_of_it(local: Any) -> None:
    await manual(local)

    async def take(event: dict[str, Any]) -> bytes:
        await local.client.calls.answer(event["callId"])
        assert (await local.client.calls.get(event["callId"])).state == "active"
        await local.client.calls.speak_sentence(event["callId"], "Hello")
        return b""

    local.pages["incomingcall"] = take
    call_id = await local.dials()
    await local.wait(2)
    assert local.call(call_id).heard == ["Hello"]
    assert local.events == ["incomingcall", "answer", "speak", "speak"]


async def test_a_call_is_rejected(local: Any, client: Client) -> None:
    await manual(local)
    call_id = await local.dials()
    await client.calls.reject(call_id)
    await local.driver.quiet()
    assert local.received[-1]["cause"] == "CALL_REJECTED"
    assert (await client.calls.get(call_id)).state == "rejected"


async def test_an_incoming_call_that_nobody_takes_rings_on(local: Any) -> None:
    await manual(local)
    local.pages["incomingcall"] = 500
    call_id = await local.dials()
    await local.wait(299)
    assert local.call(call_id).state == "ringing"
    await local.wait(2)
    assert local.call(call_id).ended.cause == "NO_ANSWER"


async def test_only_an_incoming_call_is_taken_or_rejected(local: Any, client: Client) -> None:
    created = await client.calls.create(from_=NUMBER, to=PARTY)
    for change in (client.calls.answer, client.calls.reject):
        with pytest.raises(ForbiddenError, match="call-invalid-state"):
            await change(created.id)
    await client.calls.hangup(created.id)
    assert local.call(created.id).ended.cause == "ORIGINATOR_CANCEL"


async def test_recording_is_switched_on_and_off(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    call = local.call(call_id)
    await client.calls.set_recording(call_id, True, recording_file_format="mp3")
    await local.act(call.speak, "It is Bob", 2)
    await local.wait(3)
    with pytest.raises(ConflictError, match="executed already") as caught:
        await client.calls.set_recording(call_id, True)
    assert caught.value.code == "conflicted-recording-values-request"
    assert await local.error_of("POST", f"/calls/{call_id}", {"recordingMaxDuration": 5}) == (
        409,
        "conflicted-recording-values-request",
        "Call recoding maximum duration time cannot be changed while recording is been executed!",
    )
    await client.calls.set_recording(call_id, False)
    await client.calls.set_recording(call_id, False)
    await local.wait(2)
    [event] = local.of("recording")
    [recording] = call.recordings
    assert (recording.duration, recording.file_format) == (3.0, "mp3")
    assert recording.transcript == "It is Bob"
    assert event["recordingUri"].endswith(recording.id)
    await client.calls.set_recording(call_id, True, recording_file_format="wav")
    await local.driver.quiet()
    assert [one.file_format for one in call.recordings] == ["mp3", "wav"]


# What is heard


async def test_play_call_audio(local: Any, client: Client) -> None:
    local.carrier.sounds[SOUND] = 4.0
    call_id = await local.calls_out()
    call = local.call(call_id)
    await client.calls.play_audio(call_id, SOUND, tag="t1", loop_enabled=True, volume=-4)
    await local.wait(9)
    await client.calls.stop_audio(call_id)
    await local.driver.quiet()
    assert [(heard, heard.cut) for heard in call.heard] == [
        (SOUND, False),
        (SOUND, False),
        (SOUND, True),
    ]
    assert [(event["status"], event["tag"]) for event in local.of("playback")] == [
        ("started", "t1"),
        ("done", "t1"),
    ]
    with pytest.raises(ForbiddenError, match="already finished") as caught:
        await client.calls.stop_audio(call_id)
    assert caught.value.code == "call-audio-invalid-state"
    await client.calls.speak_sentence(
        call_id, "Hello, thank you", gender="male", locale="en_UK", voice="bridget"
    )
    with pytest.raises(ForbiddenError):
        await client.calls.stop_audio(call_id)  # a sentence is no file
    await client.calls.stop_sentence(call_id)
    await local.driver.quiet()
    assert call.heard[-1] == "Hello, thank you"
    assert [event["state"] for event in local.of("speak")] == ["PLAYBACK_START", "PLAYBACK_STOP"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "missing-property"),
        ({"fileUrl": "ring.wav"}, 403, "media-invalid-url"),
        ({"fileUrl": SOUND, "sentence": "x"}, 400, "validation-error"),
        ({"sentence": "   "}, 400, "blank-property"),
        ({"sentence": "x" * 1001}, 400, "validation-error"),
        ({"sentence": "x", "voice": "simon"}, 400, "validation-error"),
        ({"sentence": "x", "locale": "de_AT"}, 400, "validation-error"),
        ({"sentence": "x", "volume": 5}, 400, "validation-error"),
        ({"sentence": "x", "volume": -5}, 400, "validation-error"),
    ],
)
async def test_inaudible_audio_is_refused(local: Any, body: Any, status: int, code: str) -> None:
    call_id = await local.calls_out()
    assert (await local.error_of("POST", f"/calls/{call_id}/audio", body))[:2] == (status, code)
    assert local.call(call_id).heard == []


async def test_a_call_that_rings_or_has_ended_hears_nothing(local: Any, client: Client) -> None:
    created = await client.calls.create(from_=NUMBER, to=PARTY)
    for _ in range(2):
        with pytest.raises(ForbiddenError, match="call-invalid-state"):
            await client.calls.speak_sentence(created.id, "Hello")
        local.call(created.id).end("NORMAL_CLEARING")


async def test_send_call_dtmf(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    await client.calls.send_dtmf(call_id, "1,w2W#*AD")
    await local.wait(5)
    assert local.call(call_id).received == "12#*AD"
    for keys in ("12E", "", "1" * 93):
        status, code, _ = await local.error_of("POST", f"/calls/{call_id}/dtmf", {"dtmfOut": keys})
        assert (status, code) in {(400, "validation-error"), (400, "blank-property")}


# Digits


async def test_create_call_gather(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    call = local.call(call_id)
    await client.calls.gather(
        call_id,
        max_digits=3,
        terminating_digits="*",
        tag="pin",
        prompt=Prompt(sentence="Please enter your code"),
    )
    await local.wait(0.5)
    for key in "12":
        await local.act(call.press, key)
    assert call.heard[0].cut
    await local.act(call.press, "3")
    [event] = local.of("gather")
    assert (event["digits"], event["reason"], event["tag"]) == ("123", "max-digits", "pin")
    # Each key has an event as well, and the prompt has its own events.
    assert [event["dtmfDigit"] for event in local.of("dtmf")] == ["1", "2", "3"]
    assert [event["status"] for event in local.of("speak")] == ["started", "done"]


async def test_gathers_end_in_other_ways(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    await client.calls.gather(call_id, inter_digit_timeout=2.5)
    with pytest.raises(ConflictError) as caught:
        await client.calls.gather(call_id)
    assert caught.value.code == "call-duplicate-gather-error"
    await local.wait(3)
    await client.calls.gather(call_id)
    await local.act(local.call(call_id).press, "7")
    await local.act(local.call(call_id).press, "#")
    await client.calls.gather(call_id, prompt=Prompt(sentence="x", loop_enabled=True))
    await local.wait(60)
    await local.act(local.call(call_id).hang_up)
    assert [(event["reason"], event["digits"]) for event in local.of("gather")] == [
        ("inter-digit-timeout", ""),
        ("terminating-digit", "7"),
        ("hung-up", ""),
    ]
    assert len(local.call(call_id).heard) > 60


async def test_get_call_gather(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    created = await client.calls.gather(call_id)
    await local.act(local.call(call_id).press, "5")
    gather = await created.fetch()
    assert (gather.state, gather.digits, gather.call_id) == ("started", "5", call_id)
    assert gather.reason is None
    await local.wait(6)
    gather = await created.fetch()
    assert (gather.state, gather.reason) == ("completed", "inter-digit-timeout")
    assert gather.completed_time is not None
    with pytest.raises(NotFoundError):
        await client.calls.get_gather(call_id, "gtr-9")


async def test_update_call_gather(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    created = await client.calls.gather(call_id)
    await local.act(local.call(call_id).press, "5")
    await client.calls.stop_gather(call_id, created.id)
    await client.calls.stop_gather(call_id, created.id)
    gather = await created.fetch()
    assert (gather.state, gather.digits) == ("completed", "5")
    await local.driver.quiet()
    [event] = local.of("gather")
    assert (event["digits"], event["reason"]) == ("5", "cancelled")
    await client.calls.gather(call_id)
    path = f"/calls/{call_id}/gather/{created.id}"
    assert (await local.error_of("POST", path, {}))[:2] == (400, "missing-property")
    assert (await local.error_of("POST", path, {"state": "x"}))[:2] == (400, "validation-error")


@pytest.mark.parametrize(
    "body",
    [
        {"maxDigits": 31},
        {"maxDigits": "0"},
        {"interDigitTimeout": 30.5},
        {"interDigitTimeout": "soon"},
        {"interDigitTimeout": True},
        {"terminatingDigits": ""},
        {"terminatingDigits": "x"},
        {"prompt": "Hello"},
        {"prompt": {"sentence": 1}},
    ],
)
async def test_gathers_that_can_not_be(local: Any, body: Any) -> None:
    call_id = await local.calls_out()
    assert (await local.error_of("POST", f"/calls/{call_id}/gather", body))[0] == 400
    assert gather_on(local.call(call_id)) is None


# What is known afterwards


async def test_list_call_events(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    await client.calls.speak_sentence(call_id, "Hello")
    await local.wait(1)
    await client.calls.hangup(call_id)
    events = [event async for event in client.calls.events(call_id)]
    assert [(event.name, event.data) for event in events] == [
        ("create", None),
        ("answer", None),
        ("speak", "start"),
        ("speak", "done"),
        ("hangup", "NORMAL_CLEARING"),
    ]
    assert len({event.id for event in events}) == 5


async def test_get_call_event(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    await local.wait(1.5)
    await client.calls.hangup(call_id)
    *_, last = [event async for event in client.calls.events(call_id)]
    event = await client.calls.event(call_id, last.id)
    assert (event.name, event.time) == ("hangup", last.time)
    raw = await local.request("GET", f"/calls/{call_id}/events/{last.id}")
    assert raw.json()["time"] == round(local.carrier.moment().timestamp() * 1000)
    with pytest.raises(NotFoundError, match="resource-not-found"):
        await client.calls.event(call_id, "ce-9")


async def recorded(local: Any, transcribed: bool = False) -> tuple[str, str]:
    """A call with a recording of three seconds: their ids."""
    call_id = await local.calls_out(
        recording_enabled=True, transcription_enabled=transcribed or None
    )
    await local.act(local.call(call_id).speak, "It is Bob", 2)
    await local.wait(3)
    await local.client.calls.hangup(call_id)
    await local.wait(6)
    return call_id, local.call(call_id).recordings[0].id


async def test_list_call_recordings(local: Any, client: Client) -> None:
    call_id, recording_id = await recorded(local)
    [recording] = [one async for one in client.calls.recordings(call_id)]
    assert (recording.id, recording.call_id, recording.state) == (
        recording_id,
        call_id,
        "complete",
    )
    assert recording.media_name == f"{call_id}-1.wav"


async def test_list_recordings(local: Any, client: Client) -> None:
    ids = [(await recorded(local))[1] for _ in range(3)]
    assert [one.id async for one in client.recordings.list(size=2)] == ids


async def test_get_recording(local: Any, client: Client, tmp_path: Any) -> None:
    _, recording_id = await recorded(local)
    recording = await client.recordings.get(recording_id)
    assert recording.end_time is not None
    assert recording.start_time is not None
    assert (recording.end_time - recording.start_time).total_seconds() == 3
    assert await client.media.download(recording.media_name or "", tmp_path / "a") == 44 + 24_000
    with pytest.raises(NotFoundError, match="recording-not-found"):
        await client.recordings.get("rec-9")


async def test_create_transcription(local: Any, client: Client) -> None:
    call_id = await local.calls_out(recording_enabled=True)
    await local.act(local.call(call_id).speak, "It is Bob", 2)
    [recording] = local.call(call_id).recordings
    with pytest.raises(ForbiddenError, match="must be complete") as caught:
        await client.transcriptions.create(recording.id)
    assert caught.value.code == "invalid-recording-state"
    await local.act(local.call(call_id).hang_up)
    await local.wait(2)
    created = await client.transcriptions.create(recording.id)
    assert (await created.fetch()).state == "transcribing"
    with pytest.raises(ConflictError, match="trancription"):
        await client.transcriptions.create(recording.id)
    await local.wait(4)
    [event] = local.of("transcription")
    assert (event["text"], event["transcriptionId"]) == ("It is Bob", created.id)


async def test_a_transcription_of_a_call_without_events(local: Any, client: Client) -> None:
    created = await client.calls.create(
        from_=NUMBER, to=PARTY, recording_enabled=True, transcription_enabled=True
    )
    await local.act(local.call(created.id).answer)
    await local.wait(1)
    await local.act(local.call(created.id).hang_up)
    await local.wait(6)
    [one] = [one async for one in client.calls.transcriptions(created.id)]
    assert one.state == "completed"
    assert local.received == []


async def test_list_transcriptions(local: Any, client: Client) -> None:
    _, recording_id = await recorded(local, transcribed=True)
    _, other_id = await recorded(local)
    [one] = [one async for one in client.transcriptions.list(recording_id)]
    assert (one.text, one.text_size, one.chargeable_duration) == ("It is Bob", 9, 3)
    assert [one async for one in client.transcriptions.list(other_id)] == []


async def test_list_call_transcriptions(local: Any, client: Client) -> None:
    call_id, _ = await recorded(local, transcribed=True)
    [one] = [one async for one in client.calls.transcriptions(call_id)]
    assert one.state == "completed"


async def test_get_transcription(local: Any, client: Client) -> None:
    _, recording_id = await recorded(local, transcribed=True)
    [listed] = [one async for one in client.transcriptions.list(recording_id)]
    one = await client.transcriptions.get(recording_id, listed.id)
    assert one == listed
    async with client.media.stream((one.text_url or "").rpartition("/")[2]) as file:
        assert b"".join([chunk async for chunk in file]) == b"It is Bob"
    _, other_id = await recorded(local)
    with pytest.raises(NotFoundError, match=f"from recording {other_id}"):
        await client.transcriptions.get(other_id, listed.id)


async def test_what_is_refused_is_noted_among_the_errors(local: Any, client: Client) -> None:
    with pytest.raises(InvalidRequestError):
        await client.calls.update(
            await local.calls_out(),
            state="transferring",
            transfer_to="+1234",
            transfer_caller_id="x",
        )
    [error] = [error async for error in client.errors.list()]
    assert error.code == "validation-error"
    assert {detail.name for detail in error.details or ()} == {
        "requestMethod",
        "remoteAddress",
        "requestPath",
    }
