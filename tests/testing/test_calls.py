"""What a test does on a call, and how long that takes on the carrier's clock."""

import re

import pytest

from callbackkit.errors import SetupError
from callbackkit.testing import PhoneFailure

pytestmark = pytest.mark.anyio

PROMPT = "For sales, press 1. For a message, press 2. For a number, press 3."


async def test_a_call_is_answered_when_it_is_there(phone) -> None:
    call = await phone.call("+19195550100")

    assert call.answered
    assert call.callbacks.kinds == ["incomingcall", "answer"]
    assert call.number == "+19195551212"
    assert (phone.now, call.duration) == (0.0, 0.0)


async def test_hearing_takes_as_long_as_saying_it(phone) -> None:
    call = await phone.call()

    heard = await call.hears("for SALES,\n press 1")

    assert heard == PROMPT
    assert phone.now == pytest.approx(heard.start + len("For sales, press 1") / len(PROMPT) * 4.4)
    assert not heard.over


async def test_a_heard_sentence_is_not_heard_again(phone) -> None:
    call = await phone.call()

    await call.hears("press")
    await call.hears("press")
    heard = await call.hears(re.compile(r"press \d\.$"))
    assert heard.start == 0.0
    assert phone.now == pytest.approx(4.4)
    heard = await call.hears("press 1")

    assert heard.start > 9  # the prompt of the second round, after silence


async def test_a_sentence_that_never_comes_fails_with_the_transcript(phone) -> None:
    call = await phone.call()

    await call.press("2")
    with pytest.raises(PhoneFailure) as failed:
        await call.hears("Press 4")

    assert failed.value.sentence.startswith(
        '"Press 4" was not heard: the call ended 0 s ago with NORMAL_CLEARING ('
    )
    assert re.search(r"\(\S*conftest\.py:\d+\)$", failed.value.sentence)
    assert "has gathered" in failed.value.transcript
    assert str(call) == failed.value.transcript


async def test_a_key_cuts_the_prompt_short(phone) -> None:
    call = await phone.call()

    await call.hears("press 2")
    await call.press("2")

    assert call.heard[0].cut
    assert call.callbacks[-1].fields["digits"] == "2"
    await call.hears("Speak")


async def test_a_press_waits_until_something_listens(phone) -> None:
    call = await phone.call()

    await call.press("3")
    await call.press("42#")

    await call.hears("You are 42")
    gathers = call.callbacks.of("gather")
    assert gathers[1].fields["reason"] == "terminating-digit"


async def test_a_press_where_nothing_will_ever_listen_fails_at_once(phone) -> None:
    call = await phone.call()
    await call.press("3")
    await call.press("1#")

    with pytest.raises(PhoneFailure, match="pressed 5, but nobody is listening: the call ended"):
        await call.press("5")


async def test_a_press_after_the_document_has_ended_says_when_it_did(phone, phone_app) -> None:
    phone.carrier.application.incoming_call_url += "silent"
    phone.allow("unanswered-handler")
    phone.faults.garbage_bxml("/silent", b"<Response><Pause length='2'/></Response>")
    call = await phone.call()
    await call.wait(14)

    with pytest.raises(PhoneFailure, match="the document ended 12 s ago"):
        await call.press("1")

    assert phone.now == 14.0


async def test_type_ahead_is_lost_and_reported(phone) -> None:
    call = await phone.call()
    await call.press("2")

    await call.press("5", now=True)

    await call.hears("Speak")
    (found,) = phone.diagnostics
    assert (found.level, found.rule, found.ledger) == ("warning", "unlistened-keys", "typeahead")
    assert "presses 5 (nobody is listening)" in str(call)


@pytest.mark.parametrize("keys", ["", "A", "1,2", "1 2"])
async def test_a_phone_has_no_other_keys(phone, keys: str) -> None:
    call = await phone.call()

    with pytest.raises(SetupError, match="has the keys 0-9"):
        await call.press(keys)


async def test_silence_leads_to_the_next_thing_that_listens(phone) -> None:
    call = await phone.call()

    await call.stays_silent()

    assert call.callbacks[-1].event == "redirect"
    assert call.callbacks.of("gather")[0].fields["digits"] == ""
    await call.press("2")
    await call.stays_silent()  # until the recording gives up and the call ends

    assert call.ended.cause == "NORMAL_CLEARING"


async def test_speech_is_recorded(phone) -> None:
    call = await phone.call()
    await call.press("2")
    await call.speaks("It is Bob", seconds=4)
    await call.press("#")
    await call.ends()

    (recording,) = call.recordings
    assert (recording.transcript, recording.duration) == ("It is Bob", 4.0)


async def test_speaking_where_nobody_listens_fails(phone) -> None:
    call = await phone.call()
    await call.hang_up()

    with pytest.raises(PhoneFailure, match="said 'hello', but nobody is listening: the call ended"):
        await call.speaks("hello")


async def test_hanging_up_sends_the_app_a_hangup(phone, phone_app) -> None:
    call = await phone.call()

    await call.hang_up()

    assert phone_app.ended == ["NORMAL_CLEARING"]
    assert call.callbacks.kinds == ["incomingcall", "answer", "gather", "hangup"]
    with pytest.raises(PhoneFailure, match="hung up, but the call ended 0 s ago"):
        await call.hang_up()


async def test_the_far_end_of_a_transfer_is_a_phone_too(phone) -> None:
    call = await phone.call()
    await call.press("1")
    agent = await call.rings("+19195550111")

    await agent.answer()
    await agent.hears("A caller")
    await call.speaks("Hello?")
    await agent.hears("Hello")
    await agent.press("12")
    await agent.hang_up()

    assert agent.heard == ["A caller.", "Hello?"]
    assert call.keys_received == "12"
    assert call.callbacks.kinds[-2:] == ["transferComplete", "hangup"]
    assert f"[{agent.number}] picks up" in str(call)
    assert agent.ended.cause == call.ended.cause == "NORMAL_CLEARING"


@pytest.mark.parametrize(
    ("does", "cause", "after"),
    [("busy", "USER_BUSY", 0), ("decline", "CALL_REJECTED", 0), ("ignore", "NO_ANSWER", 20)],
)
async def test_a_phone_that_is_not_picked_up(phone, does: str, cause: str, after: float) -> None:
    call = await phone.call()
    await call.press("1")
    agent = await call.rings()
    rang = phone.now

    await getattr(agent, does)()

    assert agent.ended.cause == cause
    assert phone.now - rang == pytest.approx(after)
    await call.hears("Nobody is there")


async def test_answering_a_phone_that_does_not_ring_fails(phone) -> None:
    call = await phone.call()
    await call.press("1")

    with pytest.raises(PhoneFailure, match=r"\+19195550199 did not ring: the call ended"):
        await call.rings("+19195550199")


async def test_answering_a_call_of_ones_own_fails(phone) -> None:
    call = await phone.call()

    with pytest.raises(PhoneFailure, match="answered, but this phone makes the call"):
        await call.answer()


async def test_two_callers_are_two_calls(phone) -> None:
    one = await phone.call(from_="+19195550001")
    two = await phone.call(from_="+19195550002")

    await one.press("2")
    await two.press("3")
    await one.hears("Speak")
    await two.hears("Your number")

    assert [call.number for call in phone.calls] == [one.number, two.number]
    assert "Your number" not in str(one)


async def test_waiting_lets_time_pass_and_nothing_else(phone) -> None:
    call = await phone.call()

    await call.wait(2.5)

    assert (phone.now, call.duration) == (2.5, 2.5)
    assert phone.time.isoformat() == "2026-01-01T12:00:02.500000+00:00"


async def test_a_transcript_is_the_same_in_every_run(phone) -> None:
    call = await phone.call()
    await call.hears("press 2")
    await call.press("2")
    await call.speaks("It is Bob", seconds=4)
    await call.ends()
    await phone.settle()

    assert re.sub(r"\S+conftest\.py:\d+", "FILE:LINE", str(call)) == (
        """\
00:00.0  <- +19195551212 calls +19195550100
00:00.0  -> GET / incomingcall                         200
00:00.0  -> GET / answer                               200  Gather(maxDigits=1)  FILE:LINE
00:00.0  hears  "For sales, press 1. For a message, press 2. For a number, press 3." (cut at 2.8 s)
00:02.8  presses 2
00:02.8  has gathered "2" (max-digits)
00:02.8  -> GET /chosen gather digits=2 tag=menu       200  SpeakSentence, Record, Hangup  FILE:LINE
00:02.8  hears  "Speak."
00:03.3  is being recorded
00:03.3  says   "It is Bob"
00:10.3  ends with NORMAL_CLEARING
00:10.3  -> GET / hangup cause=NORMAL_CLEARING         200  FILE:LINE
00:11.3  has a recording of 7.0 s"""
    )


async def test_a_sentence_cut_off_by_a_key_was_not_heard(phone) -> None:
    call = await phone.call()
    await call.hears("For sales")
    await call.press("3")

    with pytest.raises(PhoneFailure, match="was not heard"):
        await call.hears("For a number, press 3")
