"""Documents and the verbs that need no answer: how long they take, what is heard, what is wrong with
them (carrier of v1)."""

import io
import struct
import wave
from typing import Any

import pytest

from callbackkit.carrier.delivery import Outcome
from callbackkit.carrier.sound import Silence
from callbackkit.v1.carrier.account import MediaFile
from callbackkit.v1.verbs import Gather, Hangup, Pause, PlayAudio, Redirect, SendDtmf, SpeakSentence

CALLER = "+19195551212"
AUDIO = "https://files.example.com/a.wav"
HELLO = SpeakSentence("fifteen letters", voice="susan")
BYE = [SpeakSentence("Bye", voice="susan"), Hangup()]


def wav(seconds: float, rate: int = 8000) -> bytes:
    """A file that Python's own module has made."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes(round(seconds * rate) * 4))
    return made.getvalue()


def mu_law(seconds: float) -> bytes:
    """A file as telephones have it, with a chunk that nobody knows."""
    form = struct.pack("<HHIIHHH", 7, 1, 8000, 8000, 1, 8, 0)
    data = bytes(round(seconds * 8000))
    chunks = [(b"fmt ", form), (b"LIST", b"odd"), (b"data", data)]
    body = b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def lasts(world: Any, verb: Any) -> float:
    """How many seconds a verb takes."""
    w = world({"answer": [verb, Hangup()]})
    w.carrier.sounds[AUDIO] = 4
    call = w.dial()
    w.run()
    return pytest.approx(call.ended.at)


@pytest.mark.parametrize(
    ("verb", "seconds"),
    [
        (Pause(), 1),
        (Pause(length=0), 0),
        (Pause(length=7), 7),
        (Pause(length=3600), 3600),
        (HELLO, 1),
        (SpeakSentence("", voice="susan"), 0),
        (SpeakSentence("\n  fifteen \n letters  ", voice="susan"), 1),
        (PlayAudio(AUDIO), 4),
        (PlayAudio(AUDIO, repeat_count=3), 12),
        (SendDtmf("1"), 0.1),
        (SendDtmf("1WWW,59#"), 3.5 + 0.4),
        (SendDtmf(",w"), 1),
        (SendDtmf("W" * 92), 92),
        (Hangup(), 0),
    ],
)
def test_how_long_a_verb_takes(world: Any, verb: Any, seconds: float) -> None:
    assert lasts(world, verb) == seconds


def test_the_other_side_gets_the_keys_when_they_are_pressed(world: Any) -> None:
    w = world({"answer": [SendDtmf("1WWW,59#"), Hangup()]}).picks_up(CALLER)
    call = w.create()
    w.run()
    entries = [entry for entry in w.carrier.journal if entry.kind == "receives"]
    assert [(entry.data["key"], round(entry.at, 6)) for entry in entries] == [
        ("1", 0),
        ("5", 3.6),  # as the page says, the pauses make 3.5 s
        ("9", 3.7),
        ("#", 3.8),
    ]
    assert call.received == "159#"


def test_a_file_outside_a_gather_is_repeated_without_a_break(world: Any) -> None:
    w = world({"answer": [PlayAudio(AUDIO, repeat_count=3), Hangup()]})
    w.carrier.sounds[AUDIO] = 4
    call = w.dial()
    w.press("1", 2).run()
    assert [(one, one.start, one.end, one.cut) for one in call.heard] == [
        (AUDIO, 0, 4, False),
        (AUDIO, 4, 8, False),
        (AUDIO, 8, 12, False),
    ]


@pytest.mark.parametrize(
    ("file", "seconds"),
    [
        (wav(2.5), 2.5),
        (wav(3, 44100), 3),
        (mu_law(7), 7),
        (b"ID3 something", 5),
        (b"", 5),
        (b"RIFF\0\0\0\0WAVE", 5),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0four", 5),
        (wav(0), 5),
    ],
)
def test_a_file_of_the_app_lasts_as_its_header_says(
    world: Any, file: bytes, seconds: float
) -> None:
    url = "http://app.test/a.wav"
    w = world({"answer": [PlayAudio(url), Hangup()], "/a.wav": file})
    w.carrier.reaches = lambda url: url.startswith("http://app.test/")
    call = w.dial()
    w.run()
    assert call.ended.at == pytest.approx(seconds)
    assert [one.query for one in w.carrier.deliveries if not one.event] == [""]


def test_a_file_of_the_account_lasts_as_it_is(world: Any) -> None:
    base = "https://api.catapult.inetwork.com/v1/users/u-carrier/media"
    names = ["a%20b.wav", "c.wav", "empty.wav", "unknown.wav"]
    w = world({"answer": [*(PlayAudio(f"{base}/{name}") for name in names), Hangup()]})
    media = w.carrier.account.media
    media["a b.wav"] = MediaFile("a b.wav", wav(2), "audio/wav")
    media["c.wav"] = MediaFile("c.wav", Silence(6), "audio/wav")
    media["empty.wav"] = MediaFile("empty.wav", Silence(0), "audio/wav")
    call = w.dial()
    w.run()
    assert call.heard == [f"{base}/{name}" for name in names[:2]]
    assert call.ended.at == 8
    assert w.rules("error") == ["broken-audio"]


def test_a_file_that_takes_no_time_is_not_heard(world: Any) -> None:
    w = world({"answer": [PlayAudio(AUDIO, repeat_count=30), Hangup()]})
    w.carrier.sounds[AUDIO] = 0
    call = w.dial()
    w.run()
    assert (call.heard, call.ended.at) == ([], 0)


def test_a_redirect_goes_on_with_another_document(world: Any) -> None:
    pages = {"answer": [HELLO, Redirect(request_url="/next"), *BYE], "/next": BYE}
    w = world(pages)
    call = w.dial()
    w.run()
    assert call.heard == ["fifteen letters", "Bye"]
    assert w.one("redirect") == {
        "eventType": "redirect",
        "callState": "active",
        "to": "+19195550100",
        "from": CALLER,
        "callId": call.id,
    }
    assert len(call.documents) == 2


@pytest.mark.parametrize(("late", "heard"), [(2.9, ["Bye"]), (3.1, [])])
def test_a_redirect_waits_as_long_as_it_says(world: Any, late: float, heard: list[str]) -> None:
    w = world({"answer": Redirect(request_url="/next", request_url_timeout=3000), "/next": BYE})
    w.carrier.faults.slow("/next", late)
    call = w.dial()
    w.run()
    assert call.heard == heard
    assert call.ended.at == pytest.approx(late + 0.5 if heard else 3)


def test_nothing_after_a_hangup_runs(world: Any) -> None:
    w = world({"answer": [Hangup(), HELLO]})
    call = w.dial()
    w.run()
    assert call.heard == []
    assert (call.ended.cause, call.ended.at) == ("NORMAL_CLEARING", 0)
    assert "unreachable-verb" in w.rules("warning")


@pytest.mark.parametrize("reply", [b"", b"  \n"])
def test_an_answer_without_a_document_leaves_silence(world: Any, reply: bytes) -> None:
    w = world({"answer": reply})
    call = w.dial()
    w.run()
    assert call.ended.at == 30
    assert w.rules("error") == ["unanswered-handler"]


def test_BXML_in_the_reply_to_a_POST_does_not_run_and_is_reported(world: Any) -> None:
    w = world({"answer": [HELLO, Hangup()]}, callback_http_method="POST")
    call = w.dial()
    w.run(until=60)
    assert (call.heard, call.state) == ([], "up")
    assert w.rules("error") == ["bxml-on-post"]
    assert "callbackHttpMethod" in w.carrier.diagnostics[0].message
    w = world({"answer": b'{"ok": true}'}, callback_http_method="POST")
    w.dial()
    assert w.rules() == []


def test_the_reply_to_incomingcall_is_not_read(world: Any) -> None:
    w = world({"incomingcall": b"<Response><Hangup/>", "answer": [HELLO, Hangup()]})
    call = w.dial()
    w.run()
    assert call.heard == ["fifteen letters"]
    assert w.rules("error") == []


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("next", "/deep/er/next"),
        ("../next?a=b", "/deep/next"),
        ("/next", "/next"),
        ("//app.test/next", "/next"),
        ("?page=2", "/deep/er/document"),
    ],
)
@pytest.mark.parametrize(
    "verb",
    [
        '<Redirect requestUrl="{}" requestUrlTimeout="1000"/>',
        '<Gather requestUrl="{}" maxDigits="1"/>',
        '<Record requestUrl="{}"/><Hangup/>',
    ],
)
def test_a_relative_URL_is_that_of_the_document_and_an_error(
    world: Any, verb: str, given: str, meant: str
) -> None:
    first = Redirect(request_url="http://app.test/deep/er/document?page=1")
    count = 0

    def page(delivery: Any) -> str:
        nonlocal count
        count += 1
        return verb.format(given) if count == 1 else "<Hangup/>"

    w = world({"answer": first, "/deep/er/document": page, meant: page})
    w.dial()
    w.press("1", 1).run()
    event = {"R": "redirect", "G": "gather"}.get(verb[1], "recording")
    event = "recording" if "Record" in verb else event
    assert [one.path for one in w.callbacks if one.event == event][-1] == meant
    assert w.rules("error") == ["relative-url"]


@pytest.mark.parametrize("given", ["/done", "done"])
def test_a_Transfer_may_have_a_relative_URL(world: Any, given: str) -> None:
    w = world({"answer": f'<Transfer transferTo="+14155550111" requestUrl="{given}"/>'})
    w.picks_up("+14155550111")
    w.dial()
    w.hang_up(1, "+14155550111").run()
    assert [one.path for one in w.callbacks if one.event == "transferComplete"] == ["/done"]
    assert w.rules("error") == []


def test_a_relative_file_is_that_of_the_document(world: Any) -> None:
    w = world({"answer": "<PlayAudio>a.wav</PlayAudio><Hangup/>"})
    call = w.dial()
    w.run()
    assert call.heard == ["http://app.test/a.wav"]


@pytest.mark.parametrize(
    ("verbs", "at"),
    [
        ('<Pause length="9999"/>', 3600),
        ('<Pause length="-1"/>', 0),
        ('<Pause length="long"/>', 1),
        ('<Pause length="2" size="3"/>', 2),
        ('<Record maxDuration="0"/>', 1),
        ('<Record silenceTimeout="61"/>', 60),
        ('<Record silenceTimeout="0"/>', 1),
        ('<Transfer transferTo="+14155550111" callTimeout="301"/>', 300),
        ('<Transfer transferTo="+14155550111" callTimeout="-1"/>', 0),
        (f'<PlayAudio repeatCount="31">{AUDIO}</PlayAudio>', 120),
        (f'<PlayAudio repeatCount="0">{AUDIO}</PlayAudio>', 4),
        (f'<PlayAudio volume="5">{AUDIO}</PlayAudio>', 4),
        ('<Gather requestUrl="http://app.test/m" interDigitTimeout="0"/><Pause/>', 2),
        ('<Gather requestUrl="http://app.test/m" terminatingDigits=""/>Pause', 5),
        ('<SpeakSentence voice="bob">fifteen letters</SpeakSentence>', 1),
        ('<SpeakSentence voice="paul" gender="female">fifteen letters</SpeakSentence>', 1),
        ('<SpeakSentence voice="susan" locale="it">fifteen letters</SpeakSentence>', 1),
    ],
)
def test_a_value_out_of_its_range_is_an_error_and_the_call_goes_on(
    world: Any, verbs: str, at: float
) -> None:
    w = world({"answer": verbs.removesuffix("Pause") + "<Hangup/>"})
    w.carrier.sounds[AUDIO] = 4
    call = w.dial()
    w.run()
    assert call.ended.at == pytest.approx(at)
    assert len(w.rules("error")) == 1
    assert w.errors == []


def test_the_least_number_of_digits_is_one(world: Any) -> None:
    w = world({"answer": '<Gather requestUrl="http://app.test/m" maxDigits="0"/>', "/m": Hangup()})
    w.dial()
    w.press("1", 1).run()
    assert w.one("gather")["digits"] == "1"
    assert w.rules("error") == ["invalid-bxml"]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("text/html; charset=utf-8", ["content-type"]),
        ("application/json", ["content-type"]),
        ("text/xml", []),
        ("application/xml; charset=utf-8", []),
        ("", []),
    ],
)
def test_any_content_type_is_run_and_one_other_than_XML_is_noted(
    world: Any, kind: str, found: list[str]
) -> None:
    body = b"<Response><Hangup/></Response>"
    w = world({"answer": Outcome(200, {"content-type": kind}, body)})
    call = w.dial()
    w.run()
    assert call.ended.at == 0
    assert w.rules() == found


@pytest.mark.parametrize(("size", "found"), [(12_288, []), (12_289, ["too-big"])])
def test_a_document_that_is_almost_too_big_is_noted(
    world: Any, size: int, found: list[str]
) -> None:
    body = b"<Response><Hangup/></Response>"
    w = world({"answer": body.replace(b"<Hangup/>", b" " * (size - len(body)) + b"<Hangup/>")})
    w.dial()
    assert w.rules("warning") == found


def test_the_words_of_a_lint_come_with_the_line_and_once(world: Any) -> None:
    body = (
        b"<Response>\n<Gather maxDigits='1'/>\n<Pause length='-1'/>\n"
        b"<Redirect requestUrl='/next' requestUrlTimeout='1000'/></Response>"
    )
    pages = iter([body, body, b"<Response><Hangup/></Response>"])
    w = world({"answer": body, "/next": lambda delivery: next(pages)})
    call = w.dial()
    w.run()
    assert len(call.documents) == 4
    assert [(one.rule, one.line) for one in w.carrier.diagnostics if one.level == "error"] == [
        ("gather-no-url", 2),
        ("invalid-bxml", 3),
        ("relative-url", 4),
    ]


@pytest.mark.parametrize("url", ["http://[:::]/x", "http://[1.1.1]/x", "http://app.test:99999/x"])
def test_a_URL_that_only_looks_like_one_breaks_nothing(world: Any, url: str) -> None:
    verbs = [PlayAudio(url), Gather(request_url=url, max_digits=1), Redirect(request_url=url)]
    w = world({"answer": verbs, "redirect": b"", "gather": b""})
    call = w.dial()
    w.run()
    assert call.ended.at == 5 + 5 + 30
    assert w.transcript
    assert all(one.path and one.query for one in w.callbacks)


def test_a_call_that_the_app_makes_runs_the_document_of_who_answers(world: Any) -> None:
    w = world({"answer": [HELLO, Hangup()]}).picks_up(CALLER, after=3)
    call = w.create(tag="t-1")
    assert (call.status, w.events) == ("started", [])
    w.run()
    assert w.events == ["answer", "hangup"]
    assert (w.one("answer")["tag"], w.one("answer")["time"]) == ("t-1", "2026-01-01T12:00:03Z")
    assert (call.heard, call.ended.at) == (["fifteen letters"], 4)


@pytest.mark.parametrize(
    ("how", "cause", "status"),
    [
        ("busy", "USER_BUSY", "completed"),
        ("declined", "CALL_REJECTED", "rejected"),
        ("unallocated", "UNALLOCATED_NUMBER", "completed"),
    ],
)
def test_a_call_that_the_app_makes_and_nobody_takes(
    world: Any, how: Any, cause: str, status: str
) -> None:
    w = world({"answer": [HELLO, Hangup()]})
    call = w.create()
    w.at(2, lambda: call.reject(how)).run()
    assert w.events == ["hangup"]
    assert (call.ended.cause, call.ended.at, call.status) == (cause, 2, status)
    assert call.heard == []


def test_a_caller_who_gives_up_before_an_answer(world: Any) -> None:
    w = world({"incomingcall": None})
    call = w.dial()
    w.hang_up(2).run()
    assert w.events == ["incomingcall", "hangup"]
    assert w.one("hangup")["cause"] == "ORIGINATOR_CANCEL"
    assert call.answered is None


def test_the_app_may_take_a_call_before_it_answers_its_first_event(world: Any) -> None:
    w = world({}, callback_http_method="POST")

    def taken(delivery: Any) -> bytes:
        w.carrier.calls[delivery.fields["callId"]].take()
        return b""

    w.pages = {"incomingcall": taken}
    w.carrier.application.auto_answer = False
    call = w.dial()
    assert w.events == ["incomingcall", "answer"]
    assert call.state == "up"


@pytest.mark.parametrize(
    "verb",
    [
        "<SendDtmf>1A</SendDtmf>",
        f"<SendDtmf>{'1' * 93}</SendDtmf>",
        "<SendDtmf/>",
        "<PlayAudio>ftp://host/file.wav</PlayAudio>",
    ],
)
def test_unplayable_and_unsendable_content_is_skipped_with_an_error(world: Any, verb: str) -> None:
    w = world({"answer": f"{verb}<Pause length='2'/><Hangup/>"})
    call = w.dial()
    w.run()
    assert (call.ended.at, call.received, call.heard) == (2.0, "", [])
    assert [found.rule for found in w.carrier.diagnostics if found.level == "error"] == [
        "invalid-bxml"
    ]
