"""What lint finds, in documents and in text, and where."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callbackkit.bxml import Finding, Verb
from callbackkit.errors import VerbError
from callbackkit.v1.linting import lint
from callbackkit.v1.verbs import (
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

AUDIO = "https://files.example.com/a.mp3"
URL = "https://app.example.com/x"
SAID = SpeakSentence("Hi", voice="julie")


def found(
    document: Response | Verb | list[Verb] | str | bytes,
) -> list[tuple[str, str, int | None]]:
    return [(finding.level, finding.rule, finding.line) for finding in lint(document)]


@pytest.mark.parametrize(
    "verbs",
    [
        [SAID, Hangup()],
        [Gather(SAID, request_url="/menu")],
        [PlayAudio(AUDIO), Redirect(request_url="/next")],
        [Record(request_url="/r", transcribe=True, transcribe_callback_url="/t"), Hangup()],
        [Transfer([PhoneNumber("+1919"), Record(multi_channel=True)]), SAID, Hangup()],
        [SpeakSentence("Hallo", voice="katrin", locale="de"), Hangup()],
    ],
)
def test_a_sound_document_has_no_findings(verbs: list[object]) -> None:
    document = Response(verbs)  # type: ignore[arg-type]
    assert lint(document) == []
    assert lint(document.to_xml(URL)) == []


@pytest.mark.parametrize(
    ("verbs", "expected"),
    [
        ([], [("warning", "dead-air")]),
        ([SAID], [("warning", "dead-air")]),
        ([PlayAudio(AUDIO)], [("warning", "dead-air")]),
        ([SendDtmf("1")], [("warning", "dead-air")]),
        ([Pause()], [("warning", "dead-air")]),
        ([Record()], [("warning", "dead-air")]),
        ([Transfer(transfer_to="+1919")], [("info", "dead-air")]),
        ([Gather(SAID)], [("warning", "dead-air"), ("error", "gather-no-url")]),
        ([Gather(request_url="/x"), Hangup()], [("warning", "gather-not-last")]),
        ([Gather(), Hangup()], [("error", "gather-no-url")]),
        ([Hangup(), Pause(), Pause()], [("warning", "unreachable-verb")]),
        ([Redirect(request_url="/x"), Hangup()], [("warning", "unreachable-verb")]),
        ([Gather(bargeable=False, request_url="/x")], [("warning", "ignored-attribute")]),
        ([SpeakSentence("Hi"), Hangup()], [("warning", "voice-default")]),
        (
            [SpeakSentence("Hi", gender="male", locale="it"), Hangup()],
            [("warning", "voice-default")],
        ),
        ([SpeakSentence("Hi", voice="katrin"), Hangup()], [("warning", "voice-mismatch")]),
        ([SpeakSentence(" \n", voice="kate"), Hangup()], [("warning", "empty-text")]),
        ([Gather(SpeakSentence("Hi"), request_url="/x")], [("warning", "voice-default")]),
        ([Record(multi_channel=True), Hangup()], [("warning", "ignored-attribute")]),
        ([Record(transcribe_callback_url="/x"), Hangup()], [("warning", "ignored-attribute")]),
        (
            [
                Transfer([Record(max_duration=1, terminating_digits="1")], transfer_to="+1919"),
                Hangup(),
            ],
            [("warning", "ignored-attribute")] * 2,
        ),
    ],
)
def test_each_rule_finds_its_mistake(verbs: list[object], expected: list[tuple[str, str]]) -> None:
    document = Response(verbs)  # type: ignore[arg-type]
    assert found(document) == [(level, rule, None) for level, rule in expected]
    in_text = found(document.to_xml(URL))
    assert sorted(in_text) == sorted((level, rule, 1) for level, rule in expected)


def test_every_problem_of_a_text_is_found_on_its_line() -> None:
    text = """<Response>
      <Gather maxDigits="0" colour="red" requestUrl="digits">
        <Hangup/>
      </Gather>
      <Reject/>
      <Record transcribe="true" fileFormat="mp3" transcribeCallbackUrl="https://a/"/>
      <SpeakSentence voice="paul" gender="female">Hi</SpeakSentence>
      <Redirect/>
    </Response>"""
    assert [(finding.line, finding.rule) for finding in lint(text)] == [
        (2, "invalid-bxml"),
        (2, "relative-url"),
        (2, "invalid-bxml"),
        (3, "invalid-bxml"),
        (5, "invalid-bxml"),
        (6, "transcribe-mp3"),
        (7, "voice-mismatch"),
        (8, "invalid-bxml"),
    ]
    assert {finding.level for finding in lint(text)} == {"error"}


def test_a_bad_attribute_hides_no_other_finding() -> None:
    text = """<Response>
      <Gather requestUrl="https://a/" maxDigits="0"/>
      <SpeakSentence>Hi</SpeakSentence>
      <Hangup/>
      <Pause/>
    </Response>"""
    assert found(text) == [
        ("error", "invalid-bxml", 2),
        ("warning", "voice-default", 3),
        ("warning", "unreachable-verb", 5),
    ]


def test_unreadable_text_has_one_finding() -> None:
    text = "<Response>\n<Pause/>\n<Redirect/>\n</Response>"
    assert found(text) == [("error", "invalid-bxml", 3)]
    text = '<Response>\n<Gather requestUrl="digits"/>\n</Response>'
    assert found(text) == [("error", "relative-url", 2)]


def test_a_path_in_text_is_found_and_in_a_document_is_not() -> None:
    document = Response([Record(request_url="/r"), Redirect(request_url="/x")])
    assert lint(document) == []
    text = '<Response>\n<Record requestUrl="/r"/>\n<Redirect requestUrl="/x"/>\n</Response>'
    assert found(text) == [("error", "relative-url", 2), ("error", "relative-url", 3)]
    text = '<Response><Transfer transferTo="+1919" requestUrl="/x"/><Hangup/></Response>'
    assert found(text) == [("info", "relative-url", 1)]


@pytest.mark.parametrize("letter", ["a", "ü"])
def test_size_is_counted_in_bytes(letter: str) -> None:
    def levels(size: int) -> list[str]:
        bare = Response([SpeakSentence("", voice="kate"), Hangup()]).to_xml().replace("/>", ">", 1)
        bare_size = len(bare) + len("</SpeakSentence>")
        count, rest = divmod(size - bare_size, len(letter.encode()))
        verb = SpeakSentence(letter * count + "x" * rest, voice="kate")
        document = Response([verb, Hangup()])
        assert len(document.to_xml().encode()) == size
        for text in (document.to_xml(), document.to_xml().encode()):
            assert [f.level for f in lint(text)] == [f.level for f in lint(document)]
        assert {f.rule for f in lint(document)} <= {"too-big"}
        return [f.level for f in lint(document)]

    assert levels(12_288) == []
    assert levels(12_289) == ["warning"]
    assert levels(16_384) == ["warning"]
    assert levels(16_385) == ["error"]


def test_a_finding_reads_as_one_line() -> None:
    (finding,) = lint("<Response>\n<Pause length='-1'/><Hangup/>\n</Response>")
    assert finding == Finding(
        "error", "invalid-bxml", "Pause length=-1: must be at least 0", 2, "bxml/verbs/pause"
    )
    assert str(finding) == (
        "line 2: error: Pause length=-1: must be at least 0 [invalid-bxml, bxml/verbs/pause]"
    )
    (finding,) = lint(Response())
    assert str(finding).startswith("warning: Response is empty")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<Gather maxDigits='x'/>", "Gather maxDigits='x': must be a whole number"),
        ("<Gather bargeable='TRUE'/>", "Gather bargeable='TRUE': must be true or false"),
        ("<Gather bargeable='false' requestUrl='http://a'/>", "Gather bargeable=false is ignored"),
        ("<Gather/>", "Gather has no requestUrl: "),
        ("<Transfer transferTo='123'/>", "Transfer transferTo='123': must be a number in E.164"),
        ("<Transfer/>", "give transferTo or a PhoneNumber"),
        ("<Redirect/>", "Redirect needs requestUrl"),
        ("<SendDtmf>x</SendDtmf>", "SendDtmf 'x': must be 1 to 92"),
        ("<Record transcribe='true'/>", "Record transcribe=true: needs a transcribeCallbackUrl"),
        ("<Record transcribeCallbackUrl='http://a'/>", "never called without transcribe=true"),
        ("<Record multiChannel='true'/>", "Record multiChannel is ignored outside"),
        ("<Gather requestUrl='request_url?a='/>", "Gather requestUrl='request_url?a=': "),
        ("<Record requestUrl='/max_digits'/>", "Record requestUrl='/max_digits' is not"),
    ],
)
def test_of_text_the_words_are_those_of_xml(text: str, sentence: str) -> None:
    messages = [finding.message for finding in lint(f"<Response>{text}</Response>")]
    assert [message for message in messages if sentence in message], messages
    assert not any("True" in message or "False" in message for message in messages)


def test_of_verbs_the_words_are_those_of_python() -> None:
    messages = [finding.message for finding in lint([Gather(bargeable=False)])]
    assert any("Gather bargeable=False is ignored" in message for message in messages)
    assert any("Gather has no request_url" in message for message in messages)


def test_dead_air_after_a_gather_is_not_mended_by_a_gather_like_it() -> None:
    (finding,) = [f for f in lint(Gather(SAID)) if f.rule == "dead-air"]
    assert finding.message.endswith("end with Hangup, Redirect or a Gather that has a request_url")


def test_return_values_of_handlers_can_be_linted() -> None:
    assert lint(Hangup()) == lint([Hangup()]) == lint((SAID, Hangup())) == []
    assert found(SAID) == found([SAID]) == found(Response(SAID))
    assert found([]) == found(Response())
    for wrong in (None, [None], [PhoneNumber("+1919")]):
        with pytest.raises(VerbError, match=r"Gather, Hangup, .* or Transfer"):
            lint(wrong)  # type: ignore[arg-type]


PIECES = st.sampled_from(
    [
        "<Response>", "</Response>", "<Gather", "<Record", "<Transfer", "<SpeakSentence", ">", "/>",
        ' voice="katrin"', ' transcribe="true"', ' requestUrl="/x"', ' transferTo="+1919"', "</Gather>",
        "<Hangup/>", "<!DOCTYPE a>", "&a;", "<!--", "-->", "<?xml version='1.0' encoding='x'?>",
        ' fileFormat="mp3"', "<PlayAudio>", "</PlayAudio>", "<a:b/>", "\x00", "\ud800",
    ]
)  # fmt: skip


@pytest.mark.parametrize("url", ["/done", "done", "../done?x=1"])
def test_only_a_Transfer_may_have_a_relative_URL(url: str) -> None:
    transfer = f'<Transfer transferTo="+1919" requestUrl="{url}"/>'
    redirect = f'<Redirect requestUrl="{url}" requestUrlTimeout="1"/>'
    for text, level in ((transfer, "info"), (redirect, "error")):
        findings = found(f"<Response>{text}</Response>")
        assert (level, "relative-url", 1) in findings
        assert {rule for _, rule, _ in findings} <= {"relative-url", "dead-air"}


@given(st.text(st.characters(exclude_categories=())) | st.lists(PIECES).map("".join))
def test_no_text_breaks_lint(text: str) -> None:
    for finding in lint(text):
        assert str(finding)


@given(st.binary())
@example(b"<?xml version='1.0' encoding='nonsense'?><Response/>")
@example(b"<?xml version='1.0' encoding='utf-16'?><Response/>")
@example("<Response/>".encode("utf-16"))
@example(b"\xff\xfe")
@example(b"<Response>\xff</Response>")
def test_no_bytes_break_lint(data: bytes) -> None:
    assert lint(data)


@pytest.mark.parametrize(
    ("url", "rules"),
    [
        ("/x?to=+19195550101", ["plus-in-url"]),
        ("/x?a=1&to=+19195550101&b=2", ["plus-in-url"]),
        ("/x?a=1&amp;b=2", ["escaped-url"]),
        ("/x?q=call+me+1&to=%2B1919&n=a+1&e=+a", []),
        ("/+1919/x?a=b", []),
    ],
)
@pytest.mark.parametrize("root", ["", "https://app.example.com"])
def test_urls_that_mean_something_else_are_found(url: str, rules: list[str], root: str) -> None:
    documents = [
        Gather(SAID, request_url=root + url),
        [Record(request_url=root + url), Hangup()],
        Redirect(request_url=root + url),
        [
            Record(request_url=URL, transcribe=True, transcribe_callback_url=root + url),
            Hangup(),
        ],
        [Transfer(transfer_to="+1919", request_url=root + url), Hangup()],
    ]
    if root:
        documents += [
            [PlayAudio(root + url), Hangup()],
            [Gather(PlayAudio(root + url), request_url=URL)],
        ]
    for verbs in documents:
        assert [finding.rule for finding in lint(verbs)] == rules  # type: ignore[arg-type]
        text = Response(verbs).to_xml(URL)  # type: ignore[arg-type]
        assert [finding.rule for finding in lint(text)] == rules


@pytest.mark.parametrize("url", ["/x?a=12#34", "https://a.example/x#y", "https://a.example/%"])
def test_a_url_that_is_cut_on_its_way_is_an_error_in_text(url: str) -> None:
    for text in (f"<Redirect requestUrl='{url}'/>", f"<Gather requestUrl='{url}'/>"):
        assert found(f"<Response>{text}</Response>") == [("error", "invalid-bxml", 1)]
