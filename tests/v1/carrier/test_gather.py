"""Gather, exactly: what ends it, when, with which digits, and what follows (carrier of v1)."""

from typing import Any

import pytest

from callbackkit.v1.verbs import Gather, Hangup, Pause, PlayAudio, SpeakSentence

AUDIO = "https://files.example.com/menu.wav"
TWO_SECONDS = SpeakSentence("Press one or two, please, now.", voice="susan")
ONE_SECOND = SpeakSentence("fifteen letters", voice="susan")
BYE = [SpeakSentence("Bye", voice="susan"), Hangup()]


def gathered(w: Any) -> tuple[str, str]:
    fields = w.one("gather")
    return fields["digits"], fields["reason"]


def sent_at(w: Any, event: str) -> float:
    """When a callback was sent."""
    (at,) = {
        entry.at
        for entry in w.carrier.journal
        if entry.kind == "callback" and entry.data["delivery"].event == event
    }
    return pytest.approx(at)


def test_the_prompts_are_heard_in_order_and_then_it_waits(world: Any) -> None:
    gather = Gather([ONE_SECOND, TWO_SECONDS], request_url="/menu")
    w = world({"answer": gather, "/menu": BYE})
    call = w.dial()
    w.run()
    assert call.heard[:2] == ["fifteen letters", "Press one or two, please, now."]
    assert [(one.start, one.end, one.cut) for one in call.heard[:2]] == [
        (0, 1, False),
        (1, 3, False),
    ]
    assert gathered(w) == ("", "inter-digit-timeout")
    assert sent_at(w, "gather") == 8


@pytest.mark.parametrize(
    ("at", "heard", "cut"),
    [(0.4, 1, 0.4), (1, 1, None), (1.2, 2, 0.2), (2.5, 2, 1.5), (5, 2, None)],
)
def test_a_key_cuts_the_prompt_and_counts(
    world: Any, at: float, heard: int, cut: float | None
) -> None:
    gather = Gather([ONE_SECOND, TWO_SECONDS], request_url="/menu", max_digits=1)
    w = world({"answer": gather, "/menu": Hangup()})
    call = w.dial()
    w.press("7", at).run()
    last = call.heard[-1]
    assert gathered(w) == ("7", "max-digits")
    assert sent_at(w, "gather") == at
    assert last.cut == (cut is not None)
    assert len(call.heard) == heard
    if cut:
        assert last.end - last.start == pytest.approx(cut)


def test_a_prompt_can_not_be_made_uninterruptible(world: Any) -> None:
    gather = Gather(TWO_SECONDS, request_url="/menu", bargeable=False, max_digits=1)
    w = world({"answer": gather, "/menu": Hangup()})
    w.dial()
    w.press("7", 0.5).run()
    assert sent_at(w, "gather") == 0.5
    assert "ignored-attribute" in w.rules("warning")


@pytest.mark.parametrize(
    ("attributes", "keys", "expected", "at"),
    [
        ({}, {1: "1", 2: "2", 3: "#"}, ("12", "terminating-digit"), 3),
        ({}, {1: "1", 2: "*"}, ("1*", "inter-digit-timeout"), 7),
        ({"terminating_digits": "*0"}, {1: "1#", 2: "0"}, ("1#", "terminating-digit"), 2),
        ({"max_digits": 3}, {1: "12", 5: "3"}, ("123", "max-digits"), 5),
        ({"max_digits": 3}, {1: "12", 4: "#"}, ("12", "terminating-digit"), 4),
        ({"max_digits": 1}, {1: "#"}, ("", "terminating-digit"), 1),
        ({"inter_digit_timeout": 2}, {1: "1", 3: "2", 5: "3"}, ("123", "inter-digit-timeout"), 7),
        ({"inter_digit_timeout": 2}, {1: "1", 3.01: "2"}, ("1", "inter-digit-timeout"), 3),
        ({"inter_digit_timeout": 30}, {29: "1"}, ("1", "inter-digit-timeout"), 59),
        ({}, {1: "1" * 128}, ("1" * 128, "max-digits"), 1),
        ({}, {1: "1" * 127}, ("1" * 127, "inter-digit-timeout"), 6),
    ],
)
def test_what_ends_a_gather(
    world: Any,
    attributes: dict[str, Any],
    keys: dict[float, str],
    expected: tuple[str, str],
    at: float,
) -> None:
    w = world({"answer": Gather(request_url="/menu", **attributes), "/menu": Hangup()})
    w.dial()
    for moment, pressed in keys.items():
        w.press(pressed, moment)
    w.run()
    assert gathered(w) == expected
    assert sent_at(w, "gather") == at


@pytest.mark.parametrize(
    ("keys", "digits"), [({}, ""), ({1: "4"}, "4"), ({0.5: "4", 3: "2"}, "42")]
)
def test_hanging_up_ends_it_wherever_it_is(world: Any, keys: dict[float, str], digits: str) -> None:
    w = world({"answer": Gather(TWO_SECONDS, request_url="/menu"), "/menu": BYE})
    call = w.dial()
    for moment, pressed in keys.items():
        w.press(pressed, moment)
    end = max([*keys, 0]) + 1
    w.hang_up(end).run()
    assert gathered(w) == (digits, "hung-up")
    assert w.events[-2:] == ["gather", "hangup"]
    assert "Bye" not in call.heard
    assert call.ended.at == end


def test_hanging_up_while_its_file_is_looked_at_ends_it_too(world: Any) -> None:
    gather = Gather(PlayAudio("http://app.test/a.wav"), request_url="/menu")
    w = world({"answer": gather, "/a.wav": None, "/menu": Hangup()})
    w.carrier.reaches = lambda url: True
    w.dial()
    w.hang_up(2).run()
    assert gathered(w) == ("", "hung-up")


def test_fields_of_a_gather_event(world: Any) -> None:
    gather = Gather(request_url="/menu?lang=en&x=1", tag='{"a": "<&>"}', max_digits=1)
    w = world({"answer": gather, "/menu": Hangup()})
    call = w.dial()
    w.press("0", 1).run()
    assert w.one("gather") == {
        "eventType": "gather",
        "state": "completed",
        "time": "2026-01-01T12:00:01Z",
        "reason": "max-digits",
        "digits": "0",
        "gatherId": "gtr-000001",
        "callId": call.id,
        "callUri": call.uri,
        "tag": '{"a": "<&>"}',
    }
    (delivery,) = [one for one in w.callbacks if one.event == "gather"]
    assert delivery.method == "GET"
    assert delivery.query.startswith("lang=en&x=1&eventType=gather&")
    assert delivery.timeout == 30


def test_the_reply_goes_on_with_the_call(world: Any) -> None:
    again = Gather(request_url="/again", max_digits=1)
    pages = {"answer": Gather(request_url="/menu", max_digits=1), "/menu": again, "/again": BYE}
    w = world(pages)
    call = w.dial()
    w.press("1", 1).press("2", 2).run()
    assert [fields["digits"] for fields in w.of("gather")] == ["1", "2"]
    assert [fields["gatherId"] for fields in w.of("gather")] == ["gtr-000001", "gtr-000002"]
    assert call.heard == ["Bye"]


@pytest.mark.parametrize("reply", [b"", b" \n", 500, 404])
@pytest.mark.parametrize("late", [None, 20])
def test_without_a_document_the_call_is_cut_30_seconds_after_it_ended(
    world: Any, reply: Any, late: float | None
) -> None:
    w = world({"answer": Gather(request_url="/menu", max_digits=1), "/menu": reply})
    if late is not None:
        w.carrier.faults.slow("/menu", late)
    call = w.dial()
    w.press("1", 2).run()
    assert (call.ended.cause, call.ended.at) == ("NORMAL_CLEARING", 32)
    assert call.lingering == 2


@pytest.mark.parametrize(
    ("timeout", "late", "heard_at"),
    [
        (None, 29, 30),
        (None, 31, None),
        (2000, 1, 2),
        (2000, 3, None),
        (60_000, 29, 30),
        (60_000, 40, None),
    ],
)
def test_the_timeout_of_the_reply_to_a_gather(
    world: Any, timeout: int | None, late: float, heard_at: float | None
) -> None:
    gather = Gather(request_url="/menu", request_url_timeout=timeout, max_digits=1)
    w = world({"answer": gather, "/menu": BYE})
    w.carrier.faults.slow("/menu", late)
    call = w.dial()
    w.press("1", 1).run()
    if heard_at is None:
        assert call.heard == []
        assert call.ended.at == 31
    else:
        assert call.heard[0].start == heard_at


def test_its_reply_may_be_invalid_and_then_the_call_is_cut_at_once(world: Any) -> None:
    w = world({"answer": Gather(request_url="/menu", max_digits=1), "/menu": b"<Response>"})
    call = w.dial()
    w.press("1", 1).run()
    assert call.ended.at == 1


def test_the_next_verb_starts_before_the_reply_comes(world: Any) -> None:
    w = world({"answer": [Gather(request_url="/menu", max_digits=1), Pause(length=9)]})
    w.carrier.faults.slow("/menu", 20)
    call = w.dial()
    w.press("1", 1).run()
    assert call.ended.at == 1 + 9 + 30


@pytest.mark.parametrize("reply", [500, b"<Response>"])
def test_a_gather_that_is_not_last_does_not_care_for_its_reply(world: Any, reply: Any) -> None:
    w = world({"answer": [Gather(request_url="/menu", max_digits=1), *BYE], "/menu": reply})
    call = w.dial()
    w.press("1", 1).run()
    assert call.heard == ["Bye"]


def test_a_file_is_repeated_with_time_for_keys_after_each_time(world: Any) -> None:
    audio = PlayAudio(AUDIO, repeat_count=3, delay_before_repeat=2)
    w = world({"answer": Gather(audio, request_url="/menu"), "/menu": Hangup()})
    w.carrier.sounds[AUDIO] = 4
    call = w.dial()
    w.run()
    assert [(one.start, one.end) for one in call.heard] == [(0, 4), (6, 10), (12, 16)]
    assert sent_at(w, "gather") == 18


@pytest.mark.parametrize(("at", "heard"), [(1, 1), (5, 1), (6, 2), (11, 2), (17.9, 3)])
def test_a_key_in_any_repetition_or_between_ends_it_all(world: Any, at: float, heard: int) -> None:
    audio = PlayAudio(AUDIO, repeat_count=3, delay_before_repeat=2)
    gather = Gather(audio, request_url="/menu", inter_digit_timeout=7)
    w = world({"answer": gather, "/menu": Hangup()})
    w.carrier.sounds[AUDIO] = 4
    call = w.dial()
    w.press("1", at).run()
    # At the very end of a delay the key is first.
    assert len(call.heard) == (1 if at == 6 else heard)
    assert gathered(w) == ("1", "inter-digit-timeout")
    assert sent_at(w, "gather") == at + 7


def test_a_file_that_is_not_repeated_leaves_the_usual_time(world: Any) -> None:
    w = world({"answer": Gather(PlayAudio(AUDIO), request_url="/menu"), "/menu": Hangup()})
    w.carrier.sounds[AUDIO] = 4
    w.dial()
    w.run()
    assert sent_at(w, "gather") == 9


def test_a_gather_listens_though_its_file_can_not_be_played(world: Any) -> None:
    gather = Gather(PlayAudio("http://app.test/no.wav"), request_url="/menu", max_digits=1)
    w = world({"answer": gather, "/no.wav": 404, "/menu": Hangup()})
    w.carrier.reaches = lambda url: True
    w.dial()
    w.press("1", 1).run()
    assert gathered(w) == ("1", "max-digits")


def test_two_calls_gather_apart(world: Any) -> None:
    w = world({"answer": Gather(request_url="/menu", max_digits=2), "/menu": Hangup()})
    one, two = w.dial(), w.dial(party="+14155550111")
    w.press("1", 1).press("5", 1, two.party).press("6", 2, two.party).press("2", 3).run()
    digits = {fields["callId"]: fields["digits"] for fields in w.of("gather")}
    assert digits == {one.id: "12", two.id: "56"}
