"""Every attribute and every rule of the documentation, as data, against what the verbs do about it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from callbackkit.errors import ParseError, ReplyError, VerbError
from callbackkit.v1.linting import lint, parse
from callbackkit.v1.verbs import (
    VOCABULARY,
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Record,
    Redirect,
    Response,
    SendDtmf,
    SpeakSentence,
    Transfer,
)
from callbackkit.v1.voices import VOICES

DATA = json.loads((Path(__file__).parent / "verb_rules.json").read_text())
ELEMENTS = {element["name"]: element for element in DATA["elements"]}
ATTRIBUTES = [(name, a) for name, element in ELEMENTS.items() for a in element["attributes"]]
RULES = {f"{name}.{r['id']}": r for name, element in ELEMENTS.items() for r in element["rules"]}

AUDIO = "https://files.example.com/a.mp3"
URL = "https://app.example.com/x"
NUMBER = "+19195551212"

# What each element needs, and what some attributes need beside them.
NEEDED: dict[str, dict[str, object]] = {
    "PlayAudio": {"url": AUDIO},
    "Redirect": {"request_url": URL},
    "SpeakSentence": {"text": "Hello"},
    "Transfer": {"transfer_to": NUMBER},
}
BESIDE: dict[tuple[str, str], dict[str, object]] = {
    ("PlayAudio", "delayBeforeRepeat"): {"repeat_count": 2},
    ("Record", "transcribe"): {"transcribe_callback_url": URL},
    ("Transfer", "diversionReason"): {"diversion_treatment": "stack"},
}


def build(name: str, attribute: str, value: object) -> object:
    python = VOCABULARY[name].shape.attributes[attribute].name
    values = {**NEEDED.get(name, {}), **BESIDE.get((name, attribute), {}), python: value}
    return VOCABULARY[name](**values)  # type: ignore[call-arg]


def rules_found(*verbs: object) -> set[str]:
    return {finding.rule for finding in lint(Response(list(verbs)))}  # type: ignore[arg-type]


def test_the_elements_are_the_documented_ones() -> None:
    assert set(VOCABULARY) == set(ELEMENTS)


def test_the_voices_are_the_documented_ones() -> None:
    documented = {
        (voice, row["gender"], row["locale"]) for row in DATA["voices"] for voice in row["voices"]
    }
    assert documented == {
        (voice, gender, locale) for voice, (gender, locales) in VOICES.items() for locale in locales
    }


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_element_has_the_documented_attributes_children_text_and_page(name: str) -> None:
    shape, data = VOCABULARY[name].shape, ELEMENTS[name]
    assert set(shape.attributes) == {a["name"] for a in data["attributes"]}
    assert sorted(child.__name__ for child in shape.children) == data["children"]
    assert (shape.text is not None) == data["text"]
    assert VOCABULARY[name].docs == data["docs"]


@pytest.mark.parametrize("name", ELEMENTS)
def test_a_retired_attribute_is_unknown(name: str) -> None:
    for retired in ELEMENTS[name]["retired"]:
        with pytest.raises(VerbError, match=f"{name} has no attribute '{retired}'"):
            VOCABULARY[name](**{retired: "x"})


@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_an_attribute_takes_its_type_and_nothing_else(
    name: str, attribute: dict[str, object]
) -> None:
    kind = attribute["type"]
    good: list[object] = {
        "integer": [attribute["min"] or 1, attribute["max"] or 1000],
        "boolean": [True, False],
        "URL": [URL, "/x"],
        "string": attribute["enum"] or ["1" if "Digits" in str(attribute["name"]) else NUMBER],
    }[str(kind)]
    bad: list[object] = {
        "integer": [True, "5", 1.0, b"1", 2**31],
        "boolean": [1, 0, "true"],
        "URL": [1, "", "x", "//host/x", "../x", "ftp://host/x", "https:///x", "/a b", b"/x"],
        "string": [1, True, b"x", ["x"]],
    }[str(kind)]
    if attribute["enum"]:
        bad += ["", "x", str(attribute["enum"][0]).upper() + "_"]  # type: ignore[index]
    if attribute["min"] is not None:
        bad.append(int(str(attribute["min"])) - 1)
    if attribute["max"] is not None:
        bad.append(int(str(attribute["max"])) + 1)
    for value in good:
        assert build(name, str(attribute["name"]), value)
    for value in bad:
        python = VOCABULARY[name].shape.attributes[str(attribute["name"])].name
        with pytest.raises(
            VerbError, match=rf"^{name} {python}=.*: .*\({VOCABULARY[name].docs}\)$"
        ):
            build(name, str(attribute["name"]), value)


@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_a_default_of_the_platform_is_not_written(name: str, attribute: dict[str, object]) -> None:
    if name == "Redirect":  # both are required
        return
    bare = VOCABULARY[name](**NEEDED.get(name, {}))
    xml = Response(Gather(bare) if name == "PlayAudio" else bare).to_xml()  # type: ignore[arg-type]
    if attribute["name"] != "transferTo":
        assert f"{attribute['name']}=" not in xml


def test_the_timeout_of_redirect_is_always_written() -> None:
    assert 'requestUrlTimeout="10000"' in Response(Redirect(request_url=URL)).to_xml()
    assert (
        'requestUrlTimeout="5"'
        in Response(Redirect(request_url=URL, request_url_timeout=5)).to_xml()
    )


def check_size() -> None:
    with pytest.raises(ReplyError, match="16,384"):
        Response(SpeakSentence("x" * 16_384)).render()


def check_one_root() -> None:
    for text in ("<Hangup/>", "<Response/><Response/>", "<xml><Response/></xml>"):
        with pytest.raises(ParseError):
            parse(text)


def check_one_kind() -> None:
    for children in ([SpeakSentence("a"), PlayAudio(AUDIO)], [PlayAudio(AUDIO), PlayAudio(AUDIO)]):
        with pytest.raises(VerbError, match="Gather can't hold PlayAudio next to another child"):
            Gather(children)  # type: ignore[arg-type]
    assert len(Gather([SpeakSentence("a"), SpeakSentence("b")]).children) == 2


def check_last() -> None:
    gather = Gather(request_url="/x")
    assert "gather-not-last" in rules_found(gather, Hangup())
    assert "gather-not-last" in rules_found(gather, gather)
    assert "gather-not-last" not in rules_found(Hangup(), gather)


def check_query() -> None:
    xml = Response(Gather(request_url="/x?a=1&b=2")).to_xml("https://a.example")
    assert 'requestUrl="https://a.example/x?a=1&amp;b=2"' in xml


def check_nothing_after_hangup() -> None:
    assert "unreachable-verb" in rules_found(Hangup(), Pause())


def check_nothing_after_redirect() -> None:
    assert "unreachable-verb" in rules_found(Redirect(request_url="/x"), Pause())


def check_seven() -> None:
    phones = [PhoneNumber(NUMBER)] * 7
    assert len(Transfer(phones).children) == 7
    with pytest.raises(VerbError, match="8 destinations: at most 7"):
        Transfer(phones, transfer_to=NUMBER)
    with pytest.raises(VerbError, match="needs a destination"):
        Transfer(SpeakSentence("a"))


def check_cut(verb: object) -> Callable[[], None]:
    def check() -> None:
        assert "dead-air" in rules_found(verb)
        assert "dead-air" not in rules_found(verb, Hangup())

    return check


def check_record_in_transfer() -> None:
    for record in (Record(max_duration=5), Record(terminating_digits="1")):
        assert "ignored-attribute" in rules_found(Transfer(record, transfer_to=NUMBER))
        assert "ignored-attribute" not in rules_found(record)


def check_record_outside() -> None:
    record = Record(multi_channel=True)
    assert "ignored-attribute" in rules_found(record)
    assert "ignored-attribute" not in rules_found(Transfer(record, transfer_to=NUMBER))


def check_mp3() -> None:
    with pytest.raises(VerbError, match="needs the file_format 'wav'"):
        Record(transcribe=True, file_format="mp3", transcribe_callback_url="/t")
    with pytest.raises(VerbError, match="needs a transcribe_callback_url"):
        Record(transcribe=True)
    assert "ignored-attribute" in rules_found(Record(transcribe_callback_url="/t"))


def check_destination() -> None:
    for good in ("+1919", "+123456789012345", "sip:bob@example.com"):
        assert Transfer(transfer_to=good)
    for bad in ("", "911", "19195551212", "+1234567890123456", "+1 919", "+0919", "bob", "sip:"):
        with pytest.raises(VerbError, match=r"E\.164"):
            Transfer(transfer_to=bad)
        with pytest.raises(VerbError, match=r"E\.164"):
            PhoneNumber(bad)


CHECKS: dict[str, Callable[[], None]] = {
    "Response.size": check_size,
    "Response.one-root": check_one_root,
    "Gather.one-kind": check_one_kind,
    "Gather.last": check_last,
    "Gather.not-awaited": check_last,
    "Gather.query": check_query,
    "Hangup.end": check_nothing_after_hangup,
    "PhoneNumber.seven": check_seven,
    "PlayAudio.cut": check_cut(PlayAudio(AUDIO)),
    "Record.both-sides": check_record_in_transfer,
    "Record.one-side": check_record_outside,
    "Record.mp3": check_mp3,
    "Redirect.end": check_nothing_after_redirect,
    "SendDtmf.cut": check_cut(SendDtmf("1")),
    "SpeakSentence.cut": check_cut(SpeakSentence("a")),
    "Transfer.invalid-destination": check_destination,
    "Transfer.after": check_cut(Transfer(transfer_to=NUMBER)),
    "Transfer.record": check_record_in_transfer,
}


def test_each_rule_that_a_document_can_break_has_a_check() -> None:
    assert set(CHECKS) == {key for key, rule in RULES.items() if rule["how"] != "informative"}


@pytest.mark.parametrize("rule", CHECKS)
def test_a_documented_rule_is_checked(rule: str) -> None:
    CHECKS[rule]()
