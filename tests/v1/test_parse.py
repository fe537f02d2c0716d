"""What is written can be read back, and is what lxml would have written."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from callbackkit.bxml import Element
from callbackkit.bxml.parsing import read
from callbackkit.errors import ParseError, VerbError
from callbackkit.v1.linting import parse
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

BASE = "https://app.example.com/calls?a=1&b"
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
URLS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "https://user:pass@"]),
    st.sampled_from(["a.example", "127.0.0.1:8000", "[::1]:80", "xn--bcher-kva.example"]),
    st.sampled_from(["", "/", "/a?b=c&d=\"<>'", "?q", "/%23f", "/ü/\U0001f600"]),
)
PATHS = st.sampled_from(["/", "/menu", "/a/b?c=d&e", "/ü"])


def options(**strategies: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=strategies)


def elements(urls: st.SearchStrategy[str]) -> st.SearchStrategy[Response]:
    volume = st.integers(-4, 4)
    milliseconds = st.integers(1, 2**31 - 1)
    voices = st.sampled_from(
        [
            {"voice": voice, "gender": gender, "locale": locale}
            for voice, (gender, locales) in VOICES.items()
            for locale in locales
        ]
    )
    chosen = st.tuples(voices, st.sets(st.sampled_from(["voice", "gender", "locale"])))
    speak = st.builds(
        lambda text, choice, more: SpeakSentence(
            text, **{k: v for k, v in choice[0].items() if k in choice[1]}, **more
        ),
        TEXT,
        chosen,
        options(volume=volume),
    )
    play = st.builds(
        lambda url, more: PlayAudio(url, **more),
        URLS,
        options(volume=volume, repeat_count=st.integers(1, 30)),
    )
    waiting_play = st.builds(
        lambda url, count, delay: PlayAudio(url, repeat_count=count, delay_before_repeat=delay),
        URLS,
        st.integers(2, 30),
        st.integers(0, 60),
    )
    key = st.sampled_from("0123456789*#")
    record = st.builds(
        lambda more, transcription: Record(**more, **transcription),
        options(
            request_url=urls,
            request_url_timeout=milliseconds,
            multi_channel=st.booleans(),
            max_duration=st.integers(1, 3600),
            silence_timeout=st.integers(1, 60),
            silence_threshold=st.integers(0, 1000),
            terminating_digits=key,
        ),
        st.just({})
        | st.fixed_dictionaries({"file_format": st.sampled_from(["wav", "mp3"])})
        | st.fixed_dictionaries({"transcribe": st.booleans(), "transcribe_callback_url": urls}),
    )
    gather = st.builds(
        lambda content, more: Gather(content, **more),
        play | waiting_play | speak | st.lists(speak, max_size=3),
        options(
            request_url=urls,
            request_url_timeout=milliseconds,
            terminating_digits=st.text(key, min_size=1, max_size=12),
            max_digits=st.integers(1, 128),
            inter_digit_timeout=st.integers(1, 60),
            bargeable=st.booleans(),
            tag=TEXT,
        ),
    )
    number = st.sampled_from(["+19195551212", "+1919", "sip:bob@example.com;a=b&c"])
    transfer = st.builds(
        lambda content, more, diversion: Transfer(content, **more, **diversion),
        st.lists(st.builds(PhoneNumber, number), min_size=1, max_size=3).flatmap(
            lambda phones: st.lists(speak | play | record, max_size=2).map(lambda v: [*phones, *v])
        ),
        options(
            transfer_to=number,
            transfer_caller_id=TEXT.map("x{}".format),
            call_timeout=st.integers(0, 300),
            request_url=urls,
            request_url_timeout=milliseconds,
            tag=TEXT,
        ),
        st.sampled_from(
            [
                {},
                {"diversion_treatment": "propagate"},
                {"diversion_treatment": "stack", "diversion_reason": "away"},
            ]
        ),
    )
    verb = st.one_of(
        gather,
        transfer,
        record,
        speak,
        play,
        st.just(Hangup()),
        st.builds(Pause) | st.builds(Pause, length=st.integers(0, 3600)),
        st.builds(SendDtmf, st.text(st.sampled_from("0123456789*#,wW"), min_size=1, max_size=92)),
        st.builds(Redirect, request_url=urls, request_url_timeout=milliseconds),
    )
    return st.lists(verb, max_size=4).map(Response)


def tree_of(element: Element, base: str) -> etree._Element:
    """The element as lxml's own tree, made from its fields."""
    shape = element.shape
    node = etree.Element(shape.name)
    for xml_name, attribute in shape.attributes.items():
        value = getattr(element, attribute.name)
        if isinstance(value, bool):
            node.set(xml_name, "true" if value else "false")
        elif value is not None:
            relative = xml_name.lower().endswith("url") and value.startswith("/")
            node.set(xml_name, (base if relative else "") + str(value))
    if shape.text is not None:
        node.text = getattr(element, shape.text)
    for child in element.children:
        node.append(tree_of(child, base))
    return node


slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(elements(URLS | PATHS))
def test_the_writer_writes_what_lxml_would(response: Response) -> None:
    mine = etree.fromstring(response.to_xml(BASE).encode())
    assert etree.tostring(mine, method="c14n") == etree.tostring(
        tree_of(response, BASE), method="c14n"
    )


@slow
@given(elements(URLS))
def test_a_rendered_document_parses_to_the_same(response: Response) -> None:
    xml = response.to_xml()
    assert parse(xml) == response
    assert parse(xml.encode()) == response
    assert hash(parse(xml)) == hash(response)
    assert parse(xml).to_xml() == xml


def test_paths_can_be_parsed() -> None:
    assert parse('<Response><Redirect requestUrl="/menu"/></Response>') == Response(
        Redirect(request_url="/menu")
    )


def test_comments_cdata_white_space_and_instructions_are_no_content() -> None:
    text = """<?xml version="1.0"?>
    <!-- a --><?b c?>
    <Response>
      <!-- d -->
      <SpeakSentence>one <!-- e --><![CDATA[<two>]]></SpeakSentence>
      <PlayAudio>
        https://files.example.com/a.mp3
      </PlayAudio>
    </Response>"""
    audio = PlayAudio("https://files.example.com/a.mp3")
    assert parse(text) == Response([SpeakSentence("one <two>"), audio])


def test_bytes_are_read_in_the_encoding_they_declare() -> None:
    text = (
        '<?xml version="1.0" encoding="{}"?><Response><SpeakSentence>ü</SpeakSentence></Response>'
    )
    for encoding in ("utf-8", "iso-8859-1", "utf-16"):
        assert parse(text.format(encoding).encode(encoding)) == Response(SpeakSentence("ü"))
    assert parse(text.format("iso-8859-1")) == Response(SpeakSentence("ü"))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "not well-formed"),
        ("<Response>\n<Hangup>", 2, "not well-formed"),
        ("<Response>\n&nbsp;</Response>", 2, "not well-formed"),
        ("<Response>\n\ud800</Response>", 2, "surrogate"),
        ("<Hangup/>", 1, "the root element must be Response, not Hangup"),
        ("<Response>\n<Reject/>\n</Response>", 2, "Response can't hold Reject: it takes Gather"),
        ("<Response>\n<PhoneNumber>+1919</PhoneNumber></Response>", 2, "can't hold PhoneNumber"),
        ('<Response><n:Hangup xmlns:n="u"/></Response>', 1, "can't hold {u}Hangup"),
        ("<Response><Gather>\n<Gather/></Gather></Response>", 2, "Gather can't hold Gather"),
        ("<Response><SpeakSentence>a<b/></SpeakSentence></Response>", 1, "can't hold b"),
        ("<Response>\n<Pause lenght='1'/></Response>", 2, "did you mean length?"),
        ("<Response>\n<Pause\nlength='01x'/></Response>", 3, "Pause length='01x': must be a whole"),
        ("<Response><Pause length='1e3'/></Response>", 1, "must be a whole number"),
        (f"<Response><Pause length='{'9' * 5000}'/></Response>", 1, "must be a whole number"),
        (
            "<Response><Pause length='3601'/></Response>",
            1,
            "Pause length=3601: must be at most 3600",
        ),
        (
            "<Response><Record transcribe='yes'/></Response>",
            1,
            "Record transcribe='yes': must be true or false",
        ),
        ("<Response><Redirect/></Response>", 1, "Redirect needs requestUrl"),
        ("<Response><Transfer/></Response>", 1, "Transfer needs a destination"),
        ("<Response>hello<Hangup/></Response>", 1, "Response holds no text"),
        ("<Response><Hangup/>hello</Response>", 1, "Response holds no text"),
        ("<Response><Hangup>hello</Hangup></Response>", 1, "Hangup holds no text"),
    ],
)
def test_a_parse_error_has_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}: ")


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Response>",
        '<!DOCTYPE Response SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE Response [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Response [<!ENTITY a "b">]>',
    ],
)
def test_a_doctype_is_refused(doctype: str) -> None:
    for body in ("<Response/>", "<Response><SpeakSentence>&a;</SpeakSentence></Response>"):
        with pytest.raises(ParseError):
            parse(doctype + body)


def test_entities_that_multiply_cost_nothing() -> None:
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(12)
    )
    before = time.process_time()
    for body in ("<Response>&e11;</Response>", "<Response a='&e11;'/>"):
        with pytest.raises(ParseError):
            parse(f"<!DOCTYPE Response [{entities}]>{body}")
    assert time.process_time() - before < 1


def test_a_file_that_an_entity_names_is_not_read(tmp_path: Path) -> None:
    for name in ("there", "not-there"):
        (tmp_path / "there").write_text("secret")
        doctype = f'<!DOCTYPE Response [<!ENTITY a SYSTEM "{(tmp_path / name).as_uri()}">]>'
        with pytest.raises(ParseError, match="line 1: a DOCTYPE is not allowed in BXML"):
            parse(doctype + "<Response><SpeakSentence>&a;</SpeakSentence></Response>")


def test_deep_nesting_is_refused_before_it_is_a_tree() -> None:
    with pytest.raises(ParseError, match="not well-formed XML: Excessive depth"):
        parse("<Response>" + "<Gather>" * 1000 + "</Gather>" * 1000 + "</Response>")


@given(st.binary() | st.text(st.characters(exclude_categories=())))
def test_garbage_is_a_parse_error(garbage: bytes | str) -> None:
    with pytest.raises(ParseError):
        parse(garbage)


# Read as leniently as a carrier does.


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ('<SpeakSentence voice="paul" gender="female">a</SpeakSentence>',
         SpeakSentence("a", gender="female")),
        ('<SpeakSentence voice="susan" locale="it">a</SpeakSentence>',
         SpeakSentence("a", locale="it")),
        ('<PlayAudio delayBeforeRepeat="3">http://a/</PlayAudio>', PlayAudio("http://a/")),
        ('<Record fileFormat="mp3" transcribe="true" transcribeCallbackUrl="/t"/>',
         Record(file_format="mp3", transcribe_callback_url="/t")),
        ('<Record transcribe="true"/>', Record()),
        ('<Transfer transferTo="+1919" diversionReason="away"/>', Transfer(transfer_to="+1919")),
    ],
)  # fmt: skip
def test_conflicting_elements_are_left_out(text: str, verb: Element) -> None:
    parsed = read(f"<Response>{text}</Response>", VOCABULARY, (Response,))
    assert (parsed.document, parsed.complete) == (Response(verb), True)  # type: ignore[arg-type]
    assert len(parsed.problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "<Transfer/>",
        '<Transfer transferTo="911"/>',
        "<Transfer><PhoneNumber>911</PhoneNumber></Transfer>",
    ],
)
def test_another_element_may_replace_an_impossible_one(text: str) -> None:
    document = f"<Response><Pause/>{text}</Response>"
    assert not read(document, VOCABULARY, (Response,)).complete
    instead = {Transfer: Hangup(), PhoneNumber: None}
    parsed = read(document, VOCABULARY, (Response,), instead=instead)
    assert (parsed.document, parsed.complete) == (Response([Pause(), Hangup()]), True)
    assert parsed.problems
    # Never for what may not stand there at all.
    assert not read("<Response><PhoneNumber>+1919</PhoneNumber></Response>", VOCABULARY, (Response,),
                    instead=instead).complete  # fmt: skip


def test_an_error_names_the_attribute_that_is_to_blame() -> None:
    with pytest.raises(VerbError) as raised:
        SpeakSentence("a", voice="paul", gender="female")
    assert raised.value.attribute == "voice"
    with pytest.raises(VerbError) as raised:
        Transfer()
    assert raised.value.attribute is None
