"""Transfer, exactly: who rings, who hears what, and how it ends for each side (carrier of v1)."""

from typing import Any

import pytest

from callbackkit.carrier.leg import Pickup
from callbackkit.v1.verbs import (
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Record,
    SpeakSentence,
    Transfer,
)

CALLER, AGENT, OTHER = "+19195551212", "+14155550111", "+14155550222"
NUMBER = "+19195550100"
WHISPER = SpeakSentence("fifteen letters", voice="susan")
SORRY = [SpeakSentence("Sorry", voice="susan"), Hangup()]


def causes(w: Any) -> dict[str, str | None]:
    """How the legs of a transfer ended."""
    return {leg.party: leg.ended and leg.ended.cause for leg in w.carrier.legs if leg.parent}


def test_all_ring_together_and_the_first_wins(world: Any) -> None:
    numbers = [PhoneNumber(OTHER), PhoneNumber("sip:bob@example.com")]
    w = world({"answer": Transfer(numbers, transfer_to=AGENT)})
    w.picks_up(OTHER, after=4).picks_up(AGENT, after=5)
    call = w.dial()
    assert [leg.began for leg in w.carrier.legs if leg.parent is call] == [0, 0, 0]
    w.run(until=20)
    assert (call.state, w.leg(OTHER).state, w.leg(OTHER).answered) == ("up", "up", 4)
    assert causes(w) == {
        AGENT: "ORIGINATOR_CANCEL",
        OTHER: None,
        "sip:bob@example.com": "ORIGINATOR_CANCEL",
    }


def test_two_who_answer_at_once_are_not_both_connected(world: Any) -> None:
    w = world({"answer": Transfer(PhoneNumber(OTHER), transfer_to=AGENT)})
    call = w.dial()
    w.leg(OTHER).answer()
    w.leg(AGENT).answer()
    w.run(until=1)
    assert (w.leg(OTHER).state, w.leg(AGENT).state) == ("up", "over")
    call.speak("hello")
    assert w.leg(AGENT).heard == []


@pytest.mark.parametrize(
    ("caller_id", "seen"), [(None, CALLER), (NUMBER, NUMBER), ("private",) * 2]
)
def test_the_caller_id_that_the_callee_sees(world: Any, caller_id: str | None, seen: str) -> None:
    w = world({"answer": Transfer(transfer_to=AGENT, transfer_caller_id=caller_id)})
    w.dial()
    assert w.leg(AGENT).from_ == seen


@pytest.mark.parametrize(
    ("attributes", "at"),
    [({}, 60), ({"call_timeout": 7}, 7), ({"call_timeout": 300}, 300), ({"call_timeout": 0}, 0)],
)
def test_when_nobody_answers_the_next_verb_runs(
    world: Any, attributes: dict[str, Any], at: float
) -> None:
    transfer = Transfer(PhoneNumber(OTHER), transfer_to=AGENT, request_url="/done", **attributes)
    w = world({"answer": [transfer, *SORRY]})
    w.carrier.pickups[OTHER] = Pickup("busy", 3)
    call = w.dial()
    w.run()
    assert call.heard == ["Sorry"]
    assert call.heard[0].start == at
    assert w.events == ["incomingcall", "answer", "hangup"]


def test_the_last_second_counts(world: Any) -> None:
    w = world({"answer": Transfer(transfer_to=AGENT, call_timeout=5)}).picks_up(AGENT, after=5)
    w.dial()
    w.run(until=10)
    assert w.leg(AGENT).state == "up"


@pytest.mark.parametrize("how", ["busy", "declined", "unallocated"])
def test_a_leg_that_is_not_answered_has_its_cause(world: Any, how: Any) -> None:
    w = world({"answer": [Transfer(transfer_to=AGENT), *SORRY]})
    call = w.dial()
    w.at(2, lambda: w.leg(AGENT).reject(how)).run()
    assert call.heard[0].start == 2
    words = {
        "busy": "USER_BUSY", "declined": "CALL_REJECTED", "unallocated": "UNALLOCATED_NUMBER",
    }  # fmt: skip
    assert causes(w) == {AGENT: words[how]}


def test_a_leg_that_ends_while_it_rings_is_a_leg_that_was_not_answered(world: Any) -> None:
    w = world({"answer": [Transfer(transfer_to=AGENT), *SORRY]})
    call = w.dial()
    w.hang_up(2, AGENT).run()
    assert call.heard == ["Sorry"]
    assert call.heard[0].start == 2


def test_only_the_callee_hears_the_whisper(world: Any) -> None:
    w = world({"answer": Transfer(WHISPER, transfer_to=AGENT)}).picks_up(AGENT, after=2)
    call = w.dial()
    w.speak("too early", 2.5).speak("now", 3.5, seconds=1).speak("yes", 5, who=AGENT)
    w.press("1", 2.5).press("2", 4).press("3", 4.5, AGENT).run(until=10)
    agent = w.leg(AGENT)
    assert agent.heard == ["fifteen letters", "now"]
    assert [(one.kind, one.start, one.end) for one in agent.heard] == [
        ("speech", 2, 3),
        ("voice", 3.5, 4.5),
    ]
    assert call.heard == ["yes"]
    assert (agent.received, call.received) == ("2", "3")
    assert w.events == ["incomingcall", "answer"]


def test_the_caller_may_hang_up_while_it_rings(world: Any) -> None:
    w = world({"answer": Transfer(PhoneNumber(OTHER), transfer_to=AGENT, request_url="/done")})
    call = w.dial()
    w.hang_up(3).run()
    assert causes(w) == {AGENT: "ORIGINATOR_CANCEL", OTHER: "ORIGINATOR_CANCEL"}
    assert w.events == ["incomingcall", "answer", "hangup"]
    assert call.ended.at == w.leg(AGENT).ended.at == 3


@pytest.mark.parametrize("at", [0.5, 5])
def test_the_caller_may_hang_up_in_the_whisper_and_later(world: Any, at: float) -> None:
    transfer = Transfer(WHISPER, transfer_to=AGENT, request_url="/done")
    w = world({"answer": transfer}).picks_up(AGENT)
    w.dial()
    w.hang_up(at).run()
    assert (w.leg(AGENT).ended.cause, w.leg(AGENT).ended.at) == ("NORMAL_CLEARING", at)
    assert w.leg(AGENT).heard[0].cut == (at < 1)
    assert w.events == ["incomingcall", "answer", "hangup"]


def test_the_REST_API_may_end_a_connected_call(world: Any) -> None:
    w = world({"answer": Transfer(transfer_to=AGENT, request_url="/done")}).picks_up(AGENT)
    call = w.dial()
    w.at(5, lambda: call.end("NORMAL_CLEARING")).run()
    assert w.leg(AGENT).ended.at == 5
    assert w.events == ["incomingcall", "answer", "hangup"]


def test_events_when_the_callee_hangs_up(world: Any) -> None:
    transfer = Transfer(transfer_to=AGENT, request_url="/done", tag="t-1")
    w = world({"answer": [transfer, *SORRY]}).picks_up(AGENT)
    call = w.dial()
    w.hang_up(7, AGENT).run()
    assert w.one("transferComplete") == {
        "eventType": "transferComplete",
        "from": CALLER,
        "to": AGENT,
        "callState": "active",
        "callId": call.id,
        "callUri": call.uri,
        "time": "2026-01-01T12:00:07Z",
        "tag": "t-1",
    }
    assert call.heard == []
    assert (call.ended.cause, call.ended.at) == ("NORMAL_CLEARING", 7)


def test_the_reply_may_transfer_again(world: Any) -> None:
    first = Transfer(transfer_to=AGENT, request_url="/done")
    w = world({"answer": first, "/done": Transfer(transfer_to=OTHER)})
    w.picks_up(AGENT).picks_up(OTHER)
    call = w.dial()
    w.hang_up(5, AGENT).speak("hello", 6).hang_up(8, OTHER).run()
    assert w.leg(OTHER).heard == ["hello"]
    assert call.ended.at == 8
    assert w.events.count("transferComplete") == 2


@pytest.mark.parametrize("who", [CALLER, AGENT])
def test_a_recording_has_both_sides_and_lasts_until_one_hangs_up(world: Any, who: str) -> None:
    record = Record(
        request_url="/saved",
        max_duration=2,
        silence_timeout=1,
        terminating_digits="#",
        multi_channel=True,
        transcribe=True,
        transcribe_callback_url="/text",
    )
    w = world({"answer": Transfer([WHISPER, record], transfer_to=AGENT)}).picks_up(AGENT)
    call = w.dial()
    w.speak("too early", 0.5, seconds=0.5).speak("hello", 2).speak("hi", 5, who=AGENT)
    w.press("#", 6).hang_up(20, who).run()
    (recording,) = call.recordings
    assert (recording.start, recording.end) == (1, 20)
    assert (recording.transcript, recording.channels) == ("hello hi", 2)
    assert w.one("recording")["callId"] == call.id
    assert w.one("transcription")["text"] == "hello hi"
    assert w.leg(AGENT).received == "#"


INVALID = {
    "no destination": "<Transfer/>",
    "no number": '<Transfer transferTo="911"/>',
    "a number without +": '<Transfer transferTo="14155550111"/>',
    "another scheme": '<Transfer transferTo="tel:+14155550111"/>',
    "no number inside": "<Transfer><PhoneNumber>911</PhoneNumber></Transfer>",
    "too many": f"<Transfer>{f'<PhoneNumber>{AGENT}</PhoneNumber>' * 8}</Transfer>",
}


@pytest.mark.parametrize("verb", INVALID.values(), ids=INVALID.keys())
def test_an_invalid_destination_ends_the_call_when_its_turn_comes(world: Any, verb: str) -> None:
    before = '<SpeakSentence voice="susan" locale="en_US">fifteen letters</SpeakSentence>'
    w = world({"answer": f"{before}{verb}<Pause/>"})
    call = w.dial()
    w.run()
    assert call.heard == ["fifteen letters"]
    assert (call.ended.cause, call.ended.at) == ("NORMAL_CLEARING", 1)
    assert set(w.rules("error")) == {"invalid-bxml"}
    assert causes(w) == {}


def test_an_invalid_destination_among_others_does_not_ring(world: Any) -> None:
    verb = f"<Transfer><PhoneNumber>911</PhoneNumber><PhoneNumber>{AGENT}</PhoneNumber></Transfer>"
    w = world({"answer": verb})
    w.dial()
    assert causes(w) == {AGENT: None}
    assert w.rules("error") == ["invalid-bxml"]


def test_a_transfer_may_ring_seven_numbers(world: Any) -> None:
    numbers = [PhoneNumber(f"+1415555000{n}") for n in range(7)]
    w = world({"answer": [Transfer(numbers), *SORRY]})
    w.dial()
    assert len(causes(w)) == 7


def test_a_file_in_the_whisper(world: Any) -> None:
    audio = "https://files.example.com/a.wav"
    w = world({"answer": [Pause(), Transfer(PlayAudio(audio, repeat_count=2), transfer_to=AGENT)]})
    w.carrier.sounds[audio] = 3
    w.picks_up(AGENT)
    w.dial()
    w.speak("hello", 8).run(until=9)
    assert w.leg(AGENT).heard == [audio, audio, "hello"]
    assert [one.start for one in w.leg(AGENT).heard] == [1, 4, 8]
