"""The journal and the story that it tells: lines that people read, and causes (carrier of v1)."""

from typing import Any

import pytest

from callbackkit.carrier.delivery import Outcome
from callbackkit.carrier.transcript import clock, transcript
from callbackkit.v1.verbs import (
    Gather,
    Pause,
    PlayAudio,
    Record,
    Redirect,
    SendDtmf,
    SpeakSentence,
    Transfer,
)

CALLER, AGENT = "+19195551212", "+14155550111"
WORDS = SpeakSentence("Press 1 for sales, or hold.", voice="susan")


def sales(world: Any) -> Any:
    pages = {
        "answer": Gather(WORDS, request_url="/menu", max_digits=1),
        "/menu": [
            PlayAudio("https://bob:pw@files.example.com/ring.wav"),
            SendDtmf("5"),
            Pause(length=2),
            Record(request_url="/saved", max_duration=2),
            Transfer(SpeakSentence("A call", voice="susan"), transfer_to=AGENT),
        ],
    }
    w = world(pages).picks_up(AGENT, after=3)
    w.dial()
    w.press("1", 0.4).press("2", 1).speak("hello\nthere", 8)
    w.press("3", 14, AGENT).hang_up(16, AGENT).run()
    return w


def test_the_transcript_of_a_call(world: Any) -> None:
    w = sales(world)
    call_id = next(iter(w.carrier.calls))
    assert transcript(w.carrier, call_id, w.leg(AGENT).id).splitlines() == [
        "00:00.0  <- +19195551212 calls +19195550100",
        "00:00.0  -> GET /voice incomingcall                    200",
        "00:00.0  -> GET /voice answer                          200  Gather(maxDigits=1)",
        '00:00.0  hears  "Press 1 for sales, or hold." (cut at 0.4 s)',
        "00:00.4  presses 1",
        '00:00.4  has gathered "1" (max-digits)',
        "00:00.4  -> GET /menu gather digits=1                  200  PlayAudio, SendDtmf(5),"
        " Pause(2), Record, Transfer(+14155550111)",
        "00:00.4  !  info: c-000001 line 1: Transfer is the last verb: when nobody answers, the caller"
        " hears nothing until the call is cut; say what to do then [dead-air, bxml/verbs/transfer]",
        "00:00.4  plays  https://bob:***@files.example.com/ring.wav",
        "00:01.0  presses 2 (nobody is listening)",
        "00:01.0  !  warning: c-000001 the key 2 was pressed when nothing gathers keys, and is"
        " lost [unlistened-keys, typeahead, bxml/verbs/gather]",
        "00:05.4  gets the key 5",
        "00:05.5  pause of 2 s",
        "00:07.5  is being recorded",
        '00:08.0  says   "hello there"',
        "00:09.5  [+14155550111] rings",
        "00:10.5  has a recording of 2.0 s",
        "00:10.5  -> GET /saved recording status=complete       200",
        "00:12.5  [+14155550111] picks up",
        '00:12.5  [+14155550111] hears  "A call"',
        "00:13.0  is connected with +14155550111",
        "00:14.0  [+14155550111] presses 3",
        "00:14.0  gets the key 3",
        "00:16.0  [+14155550111] hangs up",
        "00:16.0  [+14155550111] ends with NORMAL_CLEARING",
        "00:16.0  -> GET /voice transferComplete                200",
        "00:16.0  ends with NORMAL_CLEARING",
        "00:16.0  -> GET /voice hangup cause=NORMAL_CLEARING    200",
    ]


def test_a_transcript_is_the_same_in_every_run(world: Any) -> None:
    assert sales(world).transcript == sales(world).transcript


def test_every_entry_has_a_cause_before_it(world: Any) -> None:
    entries = list(sales(world).carrier.journal)
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert all(entry.cause is None or entry.cause < entry.id for entry in entries)


def test_a_chain_of_causes_leads_back_to_who_did_something(world: Any) -> None:
    w = sales(world)
    journal = w.carrier.journal

    def chain(kind: str) -> list[str]:
        entry = next(entry for entry in journal if entry.kind == kind)
        kinds = [kind]
        while entry.cause is not None:
            entry = journal[entry.cause]
            kinds.append(entry.kind)
        return kinds

    assert chain("gathered") == ["gathered", "presses"]
    assert chain("receives") == ["receives", "hears", "reply", "callback", "gathered", "presses"]
    assert chain("recorded")[-1] == "speaks"


def test_the_transcript_of_a_call_that_fails(world: Any) -> None:
    def raising(delivery: Any) -> Outcome:
        delivery.handler = "app.py:31"
        delivery.traceback = "Traceback (most recent call last):\n  ...\nKeyError: 'order'"
        return Outcome(500, {}, b"Oh", "was answered with 500")

    w = world({"answer": Redirect(request_url="http://app.test/next?a=1"), "/next": raising})
    w.dial()
    w.carrier.faults.refuse("hangup")
    w.run()
    lines = w.transcript.splitlines()
    assert lines[2].endswith("GET /voice answer                          200  Redirect(/next)")
    assert lines[3].endswith("GET /next redirect                         500  raised KeyError:"
                             " 'order'  app.py:31")  # fmt: skip
    (raised,) = [one for one in w.carrier.diagnostics if one.rule == "handler-raised"]
    assert (raised.place, raised.detail.splitlines()[-1]) == ("app.py:31", "KeyError: 'order'")


def test_a_call_that_the_app_makes(world: Any) -> None:
    w = world({"answer": b"<Response><Sing/></Response>"})
    w.create()
    w.at(3, w.leg(CALLER).answer)
    w.run()
    call = w.leg(CALLER)
    lines = [line.partition("  ")[2] for line in transcript(w.carrier, call.id).splitlines()]
    assert lines[:3] == ["-> +19195550100 calls +19195551212", "rings", "picks up"]
    assert lines[3].endswith("200  no BXML that can be run")
    assert lines[-3:-1] == ["the BXML can't be run", "ends with NORMAL_CLEARING"]
    w.create(AGENT)
    w.leg(AGENT).reject("busy")
    w.run()
    assert "does not take it (busy)" in w.transcript


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "00:00.0"),
        (0.1 + 0.2, "00:00.3"),
        (0.99, "00:00.9"),
        (59.96, "00:59.9"),
        (60, "01:00.0"),
        (3725.4, "62:05.4"),
        (86400, "1440:00.0"),
    ],
)
def test_a_time_on_the_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
