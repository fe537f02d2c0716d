"""Phones as people have them: what they do when they ring, what is heard on them, what can't be done
with them (carrier of v1)."""

from typing import Any

import pytest

from callbackkit.carrier.leg import Heard, Pickup, speech_seconds
from callbackkit.v1.verbs import Gather, Hangup, Pause, Record, SpeakSentence, Transfer

CALLER, AGENT = "+19195551212", "+14155550111"
WORDS = SpeakSentence("fifteen letters", voice="susan")


@pytest.mark.parametrize(
    ("pickup", "cause", "at"),
    [
        (Pickup("answer", 2, stays=5), "NORMAL_CLEARING", 7),
        (Pickup("answer", stays=0), "NORMAL_CLEARING", 0),
        (Pickup("busy", 2), "USER_BUSY", 2),
        (Pickup("decline"), "CALL_REJECTED", 0),
        (Pickup("ignore"), "NO_ANSWER", 60),
        (Pickup("answer", 60), "NORMAL_CLEARING", 90),
        (Pickup("answer", 60.5), "NO_ANSWER", 60),
        (None, "NO_ANSWER", 60),
    ],
)
def test_what_a_phone_does_when_it_rings(
    world: Any, pickup: Pickup | None, cause: str, at: float
) -> None:
    for everybody in (False, True):
        w = world({"answer": [Pause(length=30), Hangup()]})
        if everybody:
            w.carrier.default_pickup = pickup
        elif pickup is not None:
            w.carrier.pickups[CALLER] = pickup
        call = w.create()
        w.run()
        assert (call.ended.cause, call.ended.at) == (cause, at)


def test_only_a_phone_that_rings_can_be_answered_or_refused(world: Any) -> None:
    w = world({"answer": Pause(length=30)})
    call = w.dial()
    call.answer()
    call.reject("busy")
    assert (call.state, w.run(until=1).events) == ("up", ["incomingcall", "answer"])
    call.hang_up()
    call.hang_up()
    w.run()
    assert w.events.count("hangup") == 1
    call.answer()
    w.run()
    assert call.ended.cause == "NORMAL_CLEARING"


def test_the_first_of_two_answers_to_a_ring_counts(world: Any) -> None:
    w = world({"answer": Hangup()})
    call = w.create()
    call.reject("busy")
    call.answer()
    w.run()
    assert (call.ended.cause, w.events) == ("USER_BUSY", ["hangup"])


def test_a_phone_that_is_not_up_can_not_be_pressed_or_spoken_into(world: Any) -> None:
    call = world({}).create()
    with pytest.raises(AssertionError):
        call.press("1")
    with pytest.raises(AssertionError):
        call.speak("hello")


def test_heard_audio_has_start_and_end() -> None:
    heard = Heard("Press 1 for sales", "speech", 10, 4)
    assert (heard.start, heard.end, heard.kind, heard.cut) == (10, 14, "speech", False)
    assert heard == "Press 1 for sales"
    assert [heard.reached(position) for position in (0, 17, 99)] == [10, 14, 14]
    assert heard.reached(8.5) == 12  # type: ignore[arg-type]
    assert Heard("", "speech", 3, 0).reached(0) == 3
    assert (speech_seconds(""), speech_seconds("a" * 45)) == (0.5, 3)


def test_listeners_are_known_at_any_moment(world: Any) -> None:
    pages = {
        "answer": [WORDS, Gather(request_url="/menu", max_digits=1)],
        "/menu": [Record(terminating_digits="#"), Transfer(transfer_to=AGENT)],
    }
    w = world(pages).picks_up(AGENT)
    call = w.dial()
    w.press("1", 2)

    def listening(at: float) -> list[tuple[str, bool, bool, bool, str | None]]:
        w.run(until=at)
        return [
            (one.what, one.on_key is not None, one.on_speech is not None, one.silent, one.keys)
            for one in call.listeners
        ]

    assert listening(0.5) == []
    assert listening(1.5) == [("Gather", True, False, True, None)]
    assert listening(3) == [("Record", True, True, True, "#")]
    assert listening(6) == [("the other party", True, True, False, None)]
    assert [one.what for one in w.leg(AGENT).listeners] == ["the other party"]
    w.hang_up(9, AGENT).run()
    assert call.listeners == w.leg(AGENT).listeners == []


def test_a_call_that_only_waits_for_its_end_says_so(world: Any) -> None:
    w = world({"answer": WORDS})
    call = w.dial()
    w.run(until=0.5)
    assert call.lingering is None
    w.run(until=5)
    assert call.lingering == 1
    assert "dead air" in w.kinds
