"""Voicemail: a message from the tone to the notice."""

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="voicemail:app")]


@pytest.fixture
def mailbox(phone, load):
    """An empty mailbox in place of the app's."""
    mailbox = load("voicemail").Mailbox()
    with phone.app.override(type(mailbox), mailbox):
        yield mailbox


@pytest.fixture
def told(load, monkeypatch) -> list[str]:
    """The texts that somebody was told of."""
    told: list[str] = []
    monkeypatch.setattr(load("voicemail"), "notify", lambda message: told.append(message.text))
    return told


@pytest.mark.callbackkit(rules="all")
async def test_a_message_is_recorded_transcribed_and_told(phone, mailbox, told) -> None:
    call = await phone.call()
    await call.hears("press pound when you are done")
    await call.speaks("Call me, it is Bob", seconds=4)
    await call.press("#")
    await call.ends()
    await phone.settle()

    (message,) = mailbox.messages.values()
    assert message.caller == phone.number
    assert message.text == "Call me, it is Bob"
    assert message.recording.endswith(call.recordings[0].id)
    assert told == ["Call me, it is Bob"]


async def test_who_hangs_up_has_left_a_message_too(phone, mailbox, told) -> None:
    call = await phone.call()
    await call.speaks("It is Ann")
    await call.hang_up()
    await phone.settle()

    assert told == ["It is Ann"]
    assert call.callbacks.kinds[2:] == ["hangup", "recording", "transcription"]


async def test_a_recording_that_is_not_told_of_is_left_alone(phone, mailbox, told) -> None:
    phone.faults.refuse("/recorded")
    call = await phone.call()
    await call.speaks("It is Ann")
    await call.ends()
    await phone.settle()

    (message,) = mailbox.messages.values()
    assert message.recording == ""
    assert message.text == "It is Ann"


async def test_what_is_delivered_twice_is_told_once(phone, mailbox, told) -> None:
    phone.faults.duplicate("*")
    call = await phone.call()
    await call.speaks("It is Ann")
    await call.press("#")
    await call.ends()
    await phone.settle()

    assert call.callbacks.kinds.count("transcription") == 2
    assert told == ["It is Ann"]
