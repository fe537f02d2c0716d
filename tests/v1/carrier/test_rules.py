"""Every rule of the ledger, by its id: what an app or a caller sees of it, under each option."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import callbackkit
from callbackkit import v1
from callbackkit.carrier.delivery import Outcome
from callbackkit.carrier.leg import Pickup
from callbackkit.errors import SetupError
from callbackkit.v1.carrier import LEDGER, Carrier
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.audio import AudioRequest, play_to_call
from callbackkit.v1.carrier.recordings import start_recording
from callbackkit.v1.carrier.server import rest_app

APP = "http://app.test/voice"
NUMBER, CALLER, AGENT, OTHER = "+19195550100", "+19195551212", "+14155550111", "+14155550222"
SECOND = "fifteen letters"  # takes one second to say


def say(text: str) -> str:
    return f'<SpeakSentence voice="susan" locale="en_US">{text}</SpeakSentence>'


def gather(path: str = "/menu", inside: str = "", **attributes: Any) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<Gather requestUrl="http://app.test{path}"{more}>{inside}</Gather>'


def redirect(path: str) -> str:
    return f'<Redirect requestUrl="http://app.test{path}" requestUrlTimeout="10000"/>'


def transfer(inside: str = "", **attributes: Any) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<Transfer transferTo="{AGENT}"{more}>{inside}</Transfer>'


def ended(call: Any) -> tuple[str, float]:
    assert call.ended is not None, "the call goes on"
    return call.ended.cause, call.ended.at


def hung_up_at(seconds: float) -> tuple[str, Any]:
    return "NORMAL_CLEARING", pytest.approx(seconds)


GATHER = gather("/menu")
DONE = {"requestUrl": "http://app.test/done"}
MENU = {"/menu": say("menu") + "<Hangup/>"}
POSTED = Callbacks(APP, method="POST")


def called(world: Any, pages: dict[str, Any], **options: str) -> tuple[Any, Any]:
    """A call to an app of some pages, with its carrier."""
    w = world(pages, rules={name.replace("_", "-"): option for name, option in options.items()})
    return w, w.dial()


# The ledger itself.


def test_every_rule_has_a_test_of_its_name() -> None:
    tests = [name for name in globals() if name.startswith("test_rule_")]
    starts = {f"test_rule_{rule.id.replace('-', '_')}_": rule.id for rule in LEDGER}
    assert {starts[start] for start in starts for name in tests if name.startswith(start)} == {
        rule.id for rule in LEDGER
    }
    assert [name for name in tests if not name.startswith(tuple(starts))] == []


def test_every_rule_that_decides_is_in_the_ledger() -> None:
    named: set[str] = set()
    folder = Path(callbackkit.__file__).parent
    for path in [*folder.glob("carrier/**/*.py"), *folder.glob("v1/carrier/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".rule"):
                rule = node.args[0]
                choices = [rule.body, rule.orelse] if isinstance(rule, ast.IfExp) else [rule]
                named |= {one.value for one in choices if isinstance(one, ast.Constant)}  # type: ignore[misc]
    assert {"document-limit", "tandem"} <= named
    assert named <= {rule.id for rule in LEDGER}


def test_every_rule_says_what_it_should() -> None:
    for rule in LEDGER:
        assert re.fullmatch("[a-z]+(-[a-z]+)*", rule.id)
        assert rule.question.endswith("?"), rule.id
        assert rule.answer.endswith("."), rule.id
        assert rule.docs, rule.id
        assert rule.pages, rule.id
        if rule.options is not None:
            assert len(rule.options) > 1, rule.id
            assert rule.default == next(iter(rule.options))


# Pages that only the carrier names.
PAGES = {
    "apiCallbacks/callbacks",
    "apiCallbacks/reject",
    "bxml/buildingBlocks/voicemail",
    "bxml/bxmlCallbacks",
    "bxml/bxmlDifferences",
    "bxml/bxmlOverview",
    "bxml/callBacks/answer",
    "bxml/callBacks/callTimeout",
    "bxml/callBacks/gather",
    "bxml/callBacks/incomingCall",
    "bxml/callBacks/recording",
    "bxml/callBacks/redirect",
    "bxml/callBacks/transcription",
    "bxml/callBacks/transfer",
    "methods/errors/errors",
    "methods/restApi",
    "sipDiversionHeader/sipDiversionHeader",
}
PAGE = re.compile(r"\b(?:bxml|apiCallbacks|methods|sipDiversionHeader)/[A-Za-z/-]*[A-Za-z]")


def test_only_pages_that_there_are_are_named() -> None:
    package = Path(v1.__file__).parent
    named: dict[bool, set[str]] = {True: set(), False: set()}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).parts
        if "server" not in parts:
            named["carrier" in parts] |= set(PAGE.findall(path.read_text("utf-8")))
    assert {page for rule in LEDGER for page in rule.pages} <= named[True]
    assert named[True] - {"bxml/callBacks"} <= named[False] | PAGES


def test_a_rule_is_met_when_it_decides(world: Any) -> None:
    w, _ = called(world, {"answer": GATHER, **MENU})
    w.run()
    met = w.carrier.choices.met
    assert met["no-input"] == "event"
    assert met["speech-length"] is None
    assert "transfer-reply" not in met
    assert ("no-input", "next") in w.carrier.choices.others()
    noted = [entry.data["rule"] for entry in w.carrier.journal if entry.kind == "rule"]
    assert len(noted) == len(set(noted))


@pytest.mark.parametrize("rules", [{"retries": "1"}, {"retry": "2"}, {"typeahead": ""}])
def test_an_unknown_rule_or_option_is_refused(rules: dict[str, str]) -> None:
    with pytest.raises(SetupError, match="rule"):
        Carrier(APP, rules=rules)


# Callbacks.


@pytest.mark.parametrize(("late", "at"), [(9, 9.5 + 1), (11, 10)])
def test_rule_verb_callback_timeout_a_reply_to_transferComplete_may_take_10_seconds(
    world: Any, late: float, at: float
) -> None:
    w, call = called(world, {"answer": transfer(**DONE), "/done": say("x") + "<Hangup/>"})
    w.carrier.faults.slow("/done", late)
    w.picks_up(AGENT)
    w.leg(AGENT).answer()
    w.hang_up(1, AGENT).run()
    assert ended(call) == hung_up_at(1 + min(late, 10) + (0.5 if late < 10 else 0))


@pytest.mark.parametrize(("late", "errors"), [(10, 0), (10.1, 1)])
def test_rule_verb_callback_timeout_a_recording_event_may_take_10_seconds(
    world: Any, late: float, errors: int
) -> None:
    record = '<Record requestUrl="http://app.test/saved"/><Hangup/>'
    w, _ = called(world, {"answer": record})
    w.carrier.faults.slow("/saved", late)
    w.run()
    assert len(w.errors) == errors
    assert "verb-callback-timeout" in w.carrier.choices.met


FAILURES = [
    Outcome(failure="was refused", reached=False), 300, 302, 304, 400, 404, 500, 503,
]  # fmt: skip


@pytest.mark.parametrize("reply", FAILURES)
def test_rule_failed_callback_any_other_status_than_2xx_is_a_failure(
    world: Any, reply: Any
) -> None:
    w = world({"answer": reply, "/fallback": "<Hangup/>"})
    w.carrier.application.incoming_call_fallback_url = "http://app.test/fallback"
    call = w.dial()
    w.run()
    answers = [one for one in w.callbacks if one.event == "answer"]
    assert [one.path for one in answers] == ["/voice", "/fallback"]
    assert answers[0].fields == answers[1].fields
    assert ended(call) == hung_up_at(0)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_rule_failed_callback_every_2xx_is_a_success(world: Any, status: int) -> None:
    w, call = called(
        world, {"answer": Outcome(status, {}, b"<Response><Hangup/></Response>"), "hangup": status}
    )
    w.run()
    assert ended(call) == hung_up_at(0)
    assert w.errors == []


def test_rule_failed_callback_a_redirect_is_not_followed(world: Any) -> None:
    moved = Outcome(302, {"location": "http://app.test/new"}, b"", "was answered with 302")
    w, call = called(world, {"answer": moved, "/new": say("new")})
    w.run()
    assert [one.path for one in w.callbacks] == ["/voice"] * 3
    assert call.heard == []


def test_rule_failed_callback_a_late_reply_has_failed(world: Any) -> None:
    w, call = called(world, {"answer": say("hello")})
    w.carrier.faults.slow("answer", 10.5)
    call = w.dial()
    w.run()
    assert ended(call) == hung_up_at(10)
    assert call.heard == []


@pytest.mark.parametrize(("option", "at"), [("hangup", 0), ("silence", 30)])
def test_rule_on_failure_a_failed_answer(world: Any, option: str, at: float) -> None:
    w, call = called(world, {"answer": 500}, on_failure=option)
    w.run()
    assert ended(call) == hung_up_at(at)


@pytest.mark.parametrize(("option", "at"), [("hangup", 1), ("silence", 31)])
def test_rule_on_failure_a_failed_redirect(world: Any, option: str, at: float) -> None:
    pages = {"answer": say(SECOND) + redirect("/next"), "/next": 404}
    w, call = called(world, pages, on_failure=option)
    w.run()
    assert ended(call) == hung_up_at(at)


def test_rule_failed_incoming_call_a_call_goes_on_when_incomingcall_fails(world: Any) -> None:
    w = world({"incomingcall": 500, "/fallback": 500, "answer": say("hello") + "<Hangup/>"})
    w.carrier.application.incoming_call_fallback_url = "http://app.test/fallback"
    call = w.dial()
    w.run()
    assert w.events == ["incomingcall", "incomingcall", "answer", "hangup"]
    assert [one.path for one in w.callbacks] == ["/voice", "/fallback", "/voice", "/voice"]
    assert call.heard == ["hello"]


@pytest.mark.parametrize(("option", "times"), [("0", 1), ("1", 2)])
def test_rule_retry_a_notification_without_a_connection(
    world: Any, option: str, times: int
) -> None:
    w, _ = called(world, {"answer": "<Hangup/>"}, retry=option)
    w.carrier.faults.refuse("hangup")
    w.run()
    w.dial()
    assert w.events.count("hangup") - 1 == times


def test_rule_retry_nothing_else_is_sent_again(world: Any) -> None:
    w, _ = called(world, {"hangup": 500, "answer": "<Hangup/>"}, retry="1")
    assert w.run().events.count("hangup") == 1  # there was a connection
    w.carrier.faults.slow("hangup", 11)
    w.dial()
    assert w.run().events.count("hangup") == 2  # and here
    w.carrier.faults.clear()
    w.carrier.faults.refuse("answer")
    w.dial()
    assert w.run().events.count("answer") == 3  # its reply is waited for


def test_rule_retry_a_fallback_url_is_the_one_other_attempt(world: Any) -> None:
    w = world({"answer": "<Hangup/>"}, rules={"retry": "1"})
    w.carrier.application.incoming_call_fallback_url = "http://app.test/fallback"
    w.carrier.faults.refuse("hangup")
    w.dial()
    w.run()
    assert [one.path for one in w.callbacks if one.event == "hangup"] == ["/voice", "/fallback"]


# Documents.

INVALID = {
    "not well-formed": b"<Response><Hangup/>",
    "no XML": b"Hello!",
    "half a character": b"<Response><SpeakSentence>\xc3</SpeakSentence></Response>",
    "another root": b"<Reply><Hangup/></Reply>",
    "an unknown verb": b"<Response><SpeakSentence>hi</SpeakSentence><Sing/></Response>",
    "a verb where none may be": b"<Response><Gather><Hangup/></Gather></Response>",
    "a DOCTYPE": b"<!DOCTYPE a [<!ENTITY b 'c'>]><Response><Hangup/></Response>",
    "too big": b"<Response>" + b"<Pause/>" * 2048 + b"</Response>",
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
def test_rule_invalid_document_an_invalid_document_ends_the_call_at_once(
    world: Any, body: bytes
) -> None:
    w, call = called(world, {"answer": body})
    w.run()
    assert ended(call) == hung_up_at(0)
    assert call.heard == []
    assert "error" in {one.level for one in w.carrier.diagnostics}
    assert [code for code, _ in w.errors] == ["callback-not-delivered"]


def test_rule_invalid_document_the_size_is_what_it_may_be(world: Any) -> None:
    padding = 16_384 - len("<Response><Hangup/></Response>")
    for more, at in ((0, 1.0), (1, 0.0)):
        body = "<Response>{}<Pause/><Hangup/></Response>"
        size = len(body) - 2
        w, call = called(world, {"answer": body.format(" " * (16_384 - size + more)).encode()})
        w.run()
        assert ended(call) == hung_up_at(at)
        assert ("too-big" in w.rules("error")) == bool(more)
    assert padding > 0


@pytest.mark.parametrize(
    ("verb", "at"),
    [
        ("<Pause length='2'/>", 2),
        ("<Record/>", 3),
        (f'<Transfer transferTo="{AGENT}" callTimeout="7"/>', 7),
        (say(SECOND), 1),
        ("<SendDtmf>1</SendDtmf>", 0.1),
        ("", 0),
    ],
)
def test_rule_after_last_verb_thirty_seconds_after_the_last_verb_the_call_is_cut(
    world: Any, verb: str, at: float
) -> None:
    w, call = called(world, {"answer": verb})
    w.run()
    assert ended(call) == hung_up_at(at + 30)


def test_rule_unplayable_file_a_file_that_fails_is_skipped(world: Any) -> None:
    w = world({"answer": f"<PlayAudio>http://app.test/a.wav</PlayAudio>{say(SECOND)}<Hangup/>"})
    w.carrier.reaches = lambda url: url.startswith("http://app.test/")
    w.carrier.faults.status("/a.wav", 404)
    call = w.dial()
    w.run()
    assert call.heard == [SECOND]
    assert ended(call) == hung_up_at(1)
    assert w.rules("error") == ["broken-audio"]


def test_rule_unplayable_file_a_file_that_nobody_can_look_at_takes_5_seconds(world: Any) -> None:
    url = "https://files.example.com/a.mp3"
    w, call = called(world, {"answer": f"<PlayAudio>{url}</PlayAudio><Hangup/>"})
    w.run()
    assert call.heard == [url]
    assert ended(call) == hung_up_at(5)
    assert [one.url for one in w.carrier.deliveries if not one.event] == []


# Keys and voices.


@pytest.mark.parametrize(("option", "digits"), [("drop", "2"), ("buffer", "12")])
def test_rule_typeahead_keys_that_nobody_gathers(world: Any, option: str, digits: str) -> None:
    pages = {"answer": say(SECOND) + gather(maxDigits=3), "/menu": "<Hangup/>"}
    w, _ = called(world, pages, typeahead=option)
    w.press("1", 0.5).press("2", 1.5).run()
    assert w.one("gather")["digits"] == digits
    assert ("unlistened-keys" in w.rules()) == (option == "drop")


@pytest.mark.parametrize(("option", "later"), [("drop", ["1", ""]), ("buffer", ["1", "23"])])
def test_rule_typeahead_keys_after_a_gather_has_ended(
    world: Any, option: str, later: list[str]
) -> None:
    again = {"/menu": gather("/next", maxDigits=2), "/next": "<Hangup/>"}
    w, _ = called(world, {"answer": gather(maxDigits=1), **again}, typeahead=option)
    w.press("123", 1).run()
    assert [one["digits"] for one in w.of("gather")] == later


@pytest.mark.parametrize(("option", "at"), [("counts", 3), ("waits", 20)])
def test_rule_initial_silence_silence_at_the_start_of_a_record(
    world: Any, option: str, at: float
) -> None:
    record = '<Record requestUrl="http://app.test/saved" maxDuration="20"/><Hangup/>'
    w, call = called(world, {"answer": record}, initial_silence=option)
    w.run()
    assert ended(call) == hung_up_at(at)


@pytest.mark.parametrize("option", ["counts", "waits"])
def test_rule_initial_silence_silence_after_speech_always_counts(world: Any, option: str) -> None:
    w, call = called(world, {"answer": "<Record/><Hangup/>"}, initial_silence=option)
    w.speak("hello", 2, seconds=4).run()
    assert ended(call) == hung_up_at(9)


@pytest.mark.parametrize("does", ["busy", "decline"])
def test_rule_transfer_refused_when_all_refuse_the_next_verb_runs_at_once(
    world: Any, does: Any
) -> None:
    number = f"<PhoneNumber>{OTHER}</PhoneNumber>"
    w = world({"answer": transfer(number) + say("sorry") + "<Hangup/>"})
    w.carrier.pickups = {AGENT: Pickup(does, 2), OTHER: Pickup("busy", 4)}
    call = w.dial()
    w.run()
    assert call.heard == ["sorry"]
    assert call.heard[0].start == 4
    assert "transferComplete" not in w.events


@pytest.mark.parametrize("at", [0.5, 4])
def test_rule_whisper_hang_up_a_callee_who_hangs_up_in_the_whisper_was_connected(
    world: Any, at: float
) -> None:
    pages = {"answer": transfer(say(SECOND), **DONE) + say("never"), "/done": "<Hangup/>"}
    w = world(pages).picks_up(AGENT)
    call = w.dial()
    w.hang_up(at, AGENT).run()
    assert w.events == ["incomingcall", "answer", "transferComplete", "hangup"]
    assert call.heard == []
    assert ended(call) == hung_up_at(at)


@pytest.mark.parametrize(("option", "heard"), [("run", ["bye"]), ("ignore", [])])
def test_rule_transfer_reply_the_reply_to_transferComplete(
    world: Any, option: str, heard: list[str]
) -> None:
    pages = {"answer": transfer(**DONE), "/done": say("bye") + "<Hangup/>"}
    w = world(pages, rules={"transfer-reply": option}).picks_up(AGENT)
    call = w.dial()
    w.hang_up(2, AGENT).run()
    assert call.heard == heard
    assert ended(call) == hung_up_at(2 + 0.5 * len(heard))
    assert w.rules("info").count("disputed-reply") == 1
    assert w.rules("error") == []


@pytest.mark.parametrize("reply", [b"", b"ok", 500, b"<Response>"])
def test_rule_transfer_reply_without_BXML_in_the_reply_the_caller_is_hung_up(
    world: Any, reply: Any
) -> None:
    w = world({"answer": transfer(**DONE) + say("never"), "/done": reply}).picks_up(AGENT)
    call = w.dial()
    w.hang_up(2, AGENT).run()
    assert call.heard == []
    assert ended(call) == hung_up_at(2)
    assert ("error" in {one.level for one in w.carrier.diagnostics}) == (
        reply in (500, b"<Response>")
    )


def test_rule_transfer_reply_without_a_requestUrl_no_reply_is_read(world: Any) -> None:
    w = world({"answer": transfer(), "transferComplete": say("never")}).picks_up(AGENT)
    call = w.dial()
    w.hang_up(2, AGENT).run()
    assert call.heard == []
    assert ended(call) == hung_up_at(2)


def test_rule_document_limit_twenty_documents_at_one_instant_are_a_loop(world: Any) -> None:
    w, call = called(world, {"answer": redirect("/a"), "/a": redirect("/b"), "/b": redirect("/a")})
    w.run()
    assert ended(call) == hung_up_at(0)
    assert len(call.documents) == 20
    (found,) = [one for one in w.carrier.diagnostics if one.rule == "redirect-loop"]
    assert found.level == "error"
    assert "http://app.test/a -> http://app.test/b" in found.message


def test_rule_document_limit_a_loop_in_which_something_is_heard_ends_after_1000(world: Any) -> None:
    w, call = called(world, {"answer": redirect("/a"), "/a": "<Pause/>" + redirect("/a")})
    w.run()
    assert len(call.documents) == 1000
    assert ended(call) == hung_up_at(999)


def test_rule_document_limit_a_key_ends_an_instant(world: Any) -> None:
    w, call = called(world, {"answer": gather(maxDigits=1), "/menu": gather(maxDigits=1)})
    for _ in range(25):
        w.press("1", 1)
    w.hang_up(2).run()
    assert "redirect-loop" not in w.rules()
    assert len(call.documents) == 26
    assert ended(call) == hung_up_at(2)


# Gather.


@pytest.mark.parametrize(("option", "events"), [("event", 1), ("next", 0)])
def test_rule_no_input_no_key_at_all(world: Any, option: str, events: int) -> None:
    w, call = called(world, {"answer": GATHER, **MENU}, no_input=option)
    w.run()
    assert len(w.of("gather")) == events
    if events:
        assert w.one("gather")["digits"] == ""
        assert w.one("gather")["reason"] == "inter-digit-timeout"
    assert call.heard == ["menu"] * events
    assert ended(call) == hung_up_at(5.5 if events else 35)


@pytest.mark.parametrize("option", ["event", "next"])
def test_rule_no_input_the_next_verb_runs_in_any_case(world: Any, option: str) -> None:
    pages = {"answer": GATHER + say("next") + "<Hangup/>", **MENU}
    w, call = called(world, pages, no_input=option)
    w.run()
    assert call.heard == ["next"]
    assert call.heard[0].start == 5


@pytest.mark.parametrize(("option", "events"), [("event", 1), ("next", 0)])
def test_rule_only_terminator_a_terminating_digit_alone(
    world: Any, option: str, events: int
) -> None:
    w, call = called(world, {"answer": GATHER, **MENU}, no_input=option)
    w.press("#", 2).run()
    for fields in w.of("gather"):
        assert (fields["digits"], fields["reason"]) == ("", "terminating-digit")
    assert call.heard == ["menu"] * events
    assert len(w.of("gather")) == events


@pytest.mark.parametrize(
    ("keys", "terminator"), [("12*", "*"), ("12", None), ("123", None), ("*", "*")]
)
def test_rule_terminating_digit_terminatingDigit_comes_only_when_it_was_pressed(
    world: Any, keys: str, terminator: str | None
) -> None:
    pages = {"answer": gather(maxDigits=3, terminatingDigits="*#"), "/menu": "<Hangup/>"}
    w, _ = called(world, pages)
    w.press(keys, 1).run()
    assert w.one("gather").get("terminatingDigit") == terminator


@pytest.mark.parametrize(("delay", "at"), [(0, 3 + 3 + 7), (2, 3 + 2 + 3 + 2)])
def test_rule_last_repetition_after_the_last_repetition(world: Any, delay: int, at: float) -> None:
    audio = (
        f'<PlayAudio repeatCount="2" delayBeforeRepeat="{delay}">https://a.test/a.wav</PlayAudio>'
    )
    w = world({"answer": gather("/menu", audio, interDigitTimeout=7), "/menu": "<Hangup/>"})
    w.carrier.sounds["https://a.test/a.wav"] = 3
    call = w.dial()
    w.run()
    assert ended(call) == hung_up_at(at)


def test_rule_hang_up_order_hanging_up_in_a_gather(world: Any) -> None:
    w, _ = called(world, {"answer": GATHER, **MENU})
    w.press("12", 1).hang_up(2).run()
    assert w.events == ["incomingcall", "answer", "gather", "hangup"]
    assert (w.one("gather")["digits"], w.one("gather")["reason"]) == ("12", "hung-up")


def test_rule_hang_up_order_hanging_up_in_a_record(world: Any) -> None:
    w, _ = called(world, {"answer": '<Record requestUrl="http://app.test/saved"/>'})
    w.speak("hello", 1, seconds=9).hang_up(4).run()
    assert w.events == ["incomingcall", "answer", "hangup", "recording"]
    assert w.one("recording")["endTime"] == "2026-01-01T12:00:04Z"


@pytest.mark.parametrize(("option", "heard"), [("ignore", ["next"]), ("replace", ["next", "menu"])])
def test_rule_late_reply_the_reply_to_a_gather_that_is_not_last(
    world: Any, option: str, heard: list[str]
) -> None:
    pages = {"answer": gather(maxDigits=1) + say("next") + say("and on") + "<Hangup/>", **MENU}
    w, call = called(world, pages, late_reply=option)
    w.press("1", 1).run()
    assert call.heard[: len(heard)] == heard
    assert call.heard[0].start == 1
    assert ("and on" in call.heard) == (option == "ignore")
    assert "gather-not-last" in w.rules("warning")


@pytest.mark.parametrize("late", [2, 20])
def test_rule_late_reply_a_late_reply_takes_the_place_of_whatever_goes_on(
    world: Any, late: float
) -> None:
    pages = {"answer": gather(maxDigits=1) + say("next") + "<Pause length='3'/>", **MENU}
    w, call = called(world, pages, late_reply="replace")
    w.carrier.faults.slow("/menu", late)
    w.press("1", 1).run()
    assert call.heard == ["next", "menu"]
    assert ended(call) == hung_up_at(1 + late + 0.5)
    assert call.lingering is None


@pytest.mark.parametrize("reply", [b"", 500, Outcome(500, {}, b"Oh no", "was answered with 500")])
def test_rule_late_reply_a_late_reply_that_failed_changes_nothing(world: Any, reply: Any) -> None:
    pages = {"answer": gather(maxDigits=1) + say(SECOND) + "<Hangup/>", "/menu": reply}
    w, call = called(world, pages, late_reply="replace")
    w.press("1", 1).run()
    assert call.heard == [SECOND]
    assert ended(call) == hung_up_at(2)


def test_rule_gather_without_url_a_gather_without_a_requestUrl(world: Any) -> None:
    w, call = called(world, {"answer": "<Gather/>" + say("next") + "<Hangup/>"})
    w.press("1#", 1).run()
    assert w.events == ["incomingcall", "answer", "hangup"]
    assert call.heard == ["next"]
    assert "gather-no-url" in w.rules("error")


# Transfer.


@pytest.mark.parametrize(("attributes", "path"), [(DONE, "/done"), ({}, "/voice")])
def test_rule_transfer_complete_url_where_transferComplete_goes(
    world: Any, attributes: dict[str, str], path: str
) -> None:
    w = world({"answer": transfer(**attributes)}).picks_up(AGENT)
    w.dial()
    w.hang_up(1, AGENT).run()
    assert [one.path for one in w.callbacks if one.event == "transferComplete"] == [path]


def test_rule_transfer_ring_timeout_no_timeout_event_for_a_leg_that_nobody_answers(
    world: Any,
) -> None:
    w, _ = called(world, {"answer": transfer(callTimeout=5) + "<Hangup/>"})
    w.run()
    assert w.leg(AGENT).ended.cause == "NO_ANSWER"
    assert w.events == ["incomingcall", "answer", "hangup"]


def test_rule_transfer_complete_leg_transferComplete_names_the_first_leg_and_the_parties_of_the_second(
    world: Any,
) -> None:
    w = world({"answer": transfer(transferCallerId=NUMBER, **DONE)}).picks_up(AGENT)
    call = w.dial()
    w.hang_up(1, AGENT).run()
    fields = w.one("transferComplete")
    assert (fields["callId"], fields["callUri"]) == (call.id, call.uri)
    assert (fields["from"], fields["to"]) == (NUMBER, AGENT)


async def ask(w: Any, in_process: Any, path: str, **body: Any) -> Any:
    """A POST request to the REST API about a call."""

    def act(action: Any, *args: Any) -> Any:
        result = action(*args)
        w.run(w.now)
        return result

    rest = rest_app(w.carrier, act)
    async with in_process(rest, "http://rest.test/v1/users/u-carrier/calls/") as client:
        return await client.post(path, json=body, auth=("t-carrier", "s-carrier"))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("option", "status", "heard"), [("reject", 403, []), ("allow", 200, ["hello"])]
)
async def test_rule_tandem_what_the_REST_API_may_do_to_a_call_under_BXML(
    world: Any, in_process: Any, option: str, status: int, heard: list[str]
) -> None:
    w, call = called(world, {"answer": "<Pause length='60'/>"}, tandem=option)
    reply = await ask(w, in_process, f"{call.id}/audio", sentence="hello")
    assert reply.status_code == status
    assert call.heard == heard
    if option == "reject":
        assert reply.json()["code"] == "call-invalid-state"
    assert ("tandem" in w.rules("error")) == (option == "reject")
    # It may hang it up under both options.
    reply = await ask(w, in_process, call.id, state="completed")
    assert (reply.status_code, ended(call)) == (200, hung_up_at(0))


@pytest.mark.anyio
async def test_rule_rest_transfer_end_the_first_leg_of_a_REST_transfer_ends_with_the_second(
    world: Any, in_process: Any
) -> None:
    w = world({}, callback_http_method="POST").picks_up(AGENT, after=2)
    call = w.dial()
    reply = await ask(w, in_process, call.id, state="transferring", transferTo=AGENT)
    assert reply.status_code == 201
    w.speak("hello", 3).hang_up(9, AGENT).run()
    assert w.leg(AGENT).heard == ["hello"]
    assert ended(call) == hung_up_at(9)


# Words, voices, answers.


def test_rule_transcription_status_the_status_of_a_transcription(world: Any) -> None:
    attributes = 'transcribe="true" transcribeCallbackUrl="http://app.test/text"'
    w, _ = called(world, {"answer": f"<Record {attributes}/><Hangup/>"})
    w.speak("hello", 1).run()
    assert w.one("transcription")["status"] == "completed"


@pytest.mark.parametrize("attributes", ["", 'gender="female"'])
def test_rule_default_voice_speech_without_a_voice(world: Any, attributes: str) -> None:
    w, call = called(world, {"answer": f"<SpeakSentence {attributes}>hi</SpeakSentence><Hangup/>"})
    w.run()
    assert call.heard == ["hi"]
    assert w.rules("warning") == ["voice-default"]
    assert w.rules("error") == []
    assert "default-voice" in w.carrier.choices.met


def test_rule_dtmf_under_bxml_keys_are_sent_only_to_calls_under_the_REST_API(world: Any) -> None:
    w, _ = called(world, {"answer": GATHER, **MENU})
    w.press("12#", 1).run()
    assert "dtmf" not in w.events
    w = world({}, callback_http_method="POST")
    w.dial()
    w.press("1*", 1).hang_up(2).run()
    assert [fields["dtmfDigit"] for fields in w.of("dtmf")] == ["1", "*"]


def test_rule_no_auto_answer_without_autoAnswer_there_is_no_BXML(world: Any) -> None:
    w = world({"incomingcall": say("a"), "answer": say("b")})
    w.carrier.application.auto_answer = False
    call = w.dial()
    assert w.events == ["incomingcall"]
    assert call.state == "ringing"
    assert w.rules() == ["no-auto-answer"]
    call.take()
    w.run(until=100)
    assert w.events == ["incomingcall", "answer"]
    assert call.state == "up"
    assert call.heard == []
    assert "bxml-on-post" in w.rules("error")


def test_rule_same_instant_hanging_up_comes_before_keys_and_keys_before_timers(world: Any) -> None:
    pages = {"answer": gather(interDigitTimeout=3, maxDigits=9), "/menu": "<Hangup/>"}
    w, _ = called(world, pages)
    w.press("1", 3).press("2", 6).run()  # each at the very end of a timeout
    assert w.one("gather")["digits"] == "12"
    w, _ = called(world, pages)
    w.press("1", 2).press("2", 2.5).hang_up(2.5).run()
    assert (w.one("gather")["digits"], w.one("gather")["reason"]) == ("1", "hung-up")
    w, _ = called(world, {"answer": "<Pause length='2'/>" + gather(maxDigits=1), **MENU})
    w.press("1", 2).run()
    assert w.one("gather")["digits"] == ""


def test_rule_same_instant_timers_fire_in_the_order_in_which_they_were_set(world: Any) -> None:
    w = world({"answer": "<Pause length='5'/><Hangup/>"})
    first, second = w.dial(), w.dial(party=OTHER)
    w.run()
    ends = [entry.subject for entry in w.carrier.journal if entry.kind == "ends"]
    assert ends == [first.id, second.id]


@pytest.mark.parametrize(
    ("option", "events"), [("both", ["timeout", "hangup"]), ("timeout", ["timeout"])]
)
def test_rule_unanswered_a_call_that_nobody_answers(
    world: Any, option: str, events: list[str]
) -> None:
    w = world({}, rules={"unanswered": option})
    call = w.create(timeout=20)
    w.run()
    assert w.events == events
    assert ended(call) == ("NO_ANSWER", 20)
    assert [fields["cause"] for fields in w.of("hangup")] == ["NO_ANSWER"] * (len(events) - 1)


@pytest.mark.parametrize(("option", "tag"), [("tables", None), ("promised", "t-1")])
def test_rule_tag_in_events_the_tag_of_a_call(world: Any, option: str, tag: str | None) -> None:
    w = world({}, rules={"tag-in-events": option}).picks_up(CALLER)
    call = w.create(tag="t-1", to=POSTED)
    start_recording(call)
    w.press("1", 1).hang_up(2).run()
    w.create(OTHER, tag="t-1", to=POSTED, timeout=5)
    w.run()
    assert w.one("answer")["tag"] == "t-1"
    for event in ("dtmf", "hangup", "recording", "timeout"):
        assert {fields.get("tag") for fields in w.of(event)} == {tag}, event


@pytest.mark.parametrize(("letters", "seconds"), [(1, 0.5), (7, 0.5), (15, 1), (150, 10)])
def test_rule_speech_length_how_long_speech_takes(world: Any, letters: int, seconds: float) -> None:
    w, call = called(world, {"answer": say("a" * letters) + "<Hangup/>"})
    w.run()
    assert ended(call) == hung_up_at(seconds)
    assert (call.heard[0].start, call.heard[0].end) == (0, pytest.approx(seconds))


def test_rule_untaken_call_a_call_without_an_application_is_rejected(world: Any) -> None:
    w = world({})
    w.carrier.own(NUMBER).application_id = None
    call = w.dial()
    assert ended(call) == ("CALL_REJECTED", 0)
    assert (call.status, w.events) == ("rejected", [])
    w.carrier.own(NUMBER).application_id = w.carrier.application.id
    w.carrier.application.incoming_call_url = None
    assert ended(w.dial()) == ("CALL_REJECTED", 0)
    assert [code for code, _ in w.errors] == ["no-application-for-number", "no-callback-for-call"]


def test_rule_untaken_call_the_fallback_number_rings(world: Any) -> None:
    w = world({"incomingcall": 500, "answer": say("never")}).picks_up(AGENT, after=3)
    w.carrier.own(NUMBER).fallback_number = AGENT
    call = w.dial()
    w.speak("hello", 4).hang_up(9, AGENT).run()
    assert w.leg(AGENT).heard == ["hello"]
    assert ended(call) == hung_up_at(9)
    assert w.events == ["incomingcall", "hangup"]
    w.carrier.application.incoming_call_url = None
    call = w.dial()
    w.run(until=w.now + 5)
    assert w.leg(AGENT).state == "up"
    assert call.state == "up"


def test_rule_untaken_call_a_call_that_waits_for_the_REST_API_rings_300_seconds(world: Any) -> None:
    w = world({}, callback_http_method="POST")
    w.carrier.application.auto_answer = False
    call = w.dial()
    w.run()
    assert ended(call) == ("NO_ANSWER", 300)
    assert w.events == ["incomingcall", "hangup"]


def test_rule_longest_call_a_call_lasts_24_hours_at_most(world: Any) -> None:
    w, call = called(world, {"answer": "<Pause length='3600'/>" * 30})
    w.run()
    assert ended(call) == hung_up_at(24 * 3600)


def test_rule_transfer_leg_events_the_legs_of_a_transfer_have_no_events(world: Any) -> None:
    number = f"<PhoneNumber>{OTHER}</PhoneNumber>"
    w = world({"answer": transfer(number)}).picks_up(AGENT, after=2)
    call = w.dial()
    w.press("1", 3, AGENT).hang_up(4, AGENT).run()
    assert w.events == ["incomingcall", "answer", "transferComplete", "hangup"]
    assert {one.subject for one in w.callbacks} == {call.id}


def test_rule_callback_error_entry_a_failed_callback_in_the_list_of_errors(world: Any) -> None:
    w, call = called(world, {"answer": 500})
    (error,) = w.carrier.account.errors.values()
    assert (error.category, error.code) == ("unavailable", "callback-not-delivered")
    assert "answer" in error.message
    assert "500" in error.message
    assert error.details == [{"name": "id", "value": call.id}]


def test_rule_message_states_the_states_of_a_message(world: Any) -> None:
    w = world({})
    sent = w.send(receipt_requested="all")
    for second, state in enumerate(["queued", "sending", "sent"]):
        w.run(until=second + 0.5)
        assert (sent.state, w.events) == (state, [])
        assert w.carrier.sent == ([sent] if state == "sent" else [])
    w.run()
    assert (w.now, w.events) == (3, ["sms"])
    assert w.one("sms")["deliveryState"] == "delivered"


@pytest.mark.parametrize("wanted", [None, "none", "error"])
def test_rule_message_states_no_receipt_comes_unrequested(world: Any, wanted: Any) -> None:
    w = world({})
    sent = w.send(receipt_requested=wanted)
    w.run()
    assert (sent.state, w.events) == ("sent", [])


def test_rule_own_number_a_number_of_the_own_account_is_a_phone_outside(world: Any) -> None:
    w = world({"answer": "<Hangup/>"}, numbers=(NUMBER, OTHER))
    call = w.create(OTHER)
    assert (w.leg(OTHER), call.state, w.events) == (call, "ringing", [])
    call.answer()
    sent = w.send(to=OTHER)
    w.run()
    assert w.events == ["answer", "hangup"]
    assert w.carrier.sent == [sent]


def test_rule_audio_replaced_a_new_sentence_ends_the_old_one(world: Any) -> None:
    w = world({}).picks_up(CALLER)
    call = w.create(to=POSTED)
    play_to_call(call, AudioRequest("playback", "https://a.test/a.wav"))
    w.at(2, lambda: play_to_call(call, AudioRequest("speak", SECOND))).run(until=10)
    first, second = call.heard
    assert (first.cut, first.end, second, second.start, second.end) == (True, 2, SECOND, 2, 3)
    found = [(one.event, one.fields["status"]) for one in w.callbacks[1:]]
    assert found == [
        ("playback", "started"),
        ("playback", "done"),
        ("speak", "started"),
        ("speak", "done"),
    ]


def test_rule_recording_delay_when_the_events_of_a_recording_come(world: Any) -> None:
    attributes = (
        'requestUrl="http://app.test/saved" transcribe="true"'
        ' transcribeCallbackUrl="http://app.test/text"'
    )
    w, _ = called(world, {"answer": f"<Record {attributes}/><Hangup/>"})
    w.run()
    entries = [entry for entry in w.carrier.journal if entry.kind == "callback"]
    times = {entry.data["delivery"].event: entry.at for entry in entries}
    assert (times["hangup"], times["recording"], times["transcription"]) == (3, 4, 7)


def test_rule_rest_recording_url_the_events_of_recordings_that_the_REST_API_started(
    world: Any,
) -> None:
    w = world({}).picks_up(CALLER)
    call = w.create(to=Callbacks("http://app.test/events", method="POST"))
    call.recording.transcribes = True
    start_recording(call)
    w.speak("hello", 1).hang_up(5).run()
    found = {one.event: (one.method, one.path) for one in w.callbacks}
    assert found["recording"] == found["transcription"] == ("POST", "/events")


def test_rule_transfer_children_the_children_of_a_transfer(world: Any) -> None:
    record = '<Record requestUrl="http://app.test/saved"/>'
    audio = "<PlayAudio>https://a.test/a.wav</PlayAudio>"
    w = world({"answer": transfer(record + say(SECOND) + audio + say("go"))}).picks_up(AGENT)
    call = w.dial()
    w.hang_up(10, AGENT).run()
    heard = w.leg(AGENT).heard
    assert heard == [SECOND, "https://a.test/a.wav", "go"]
    assert [one.start for one in heard] == [0, 1, 6]
    (recording,) = call.recordings
    assert (recording.start, recording.end) == (6.5, 10)
