"""What a user of the verbs sees: signatures, sentences, values that never change, URLs, sizes."""

import copy
import dataclasses
import inspect
import pickle
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbackkit.bxml import Element, Verb
from callbackkit.errors import ReplyError, VerbError
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

AUDIO = "https://files.example.com/a.mp3"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
EVERY_VERB: list[Element] = [
    Gather(SpeakSentence("Hi", voice="kate"), request_url="/menu", max_digits=1, tag="a"),
    Hangup(),
    Pause(length=2),
    PhoneNumber("+19195551212"),
    PlayAudio(AUDIO, repeat_count=2, delay_before_repeat=3),
    Record(transcribe=True, transcribe_callback_url="/text"),
    Redirect(request_url="https://app.example.com/next"),
    Response([Hangup(), Pause()]),
    SendDtmf("12,W"),
    SpeakSentence("Hi"),
    Transfer([PhoneNumber("+1919"), SpeakSentence("Hi")], transfer_to="sip:bob@example.com"),
]


def refusal(cls: type[Element], *args: object, **kwargs: object) -> str:
    with pytest.raises(VerbError) as caught:
        cls(*args, **kwargs)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_document_is_written_from_top_to_bottom() -> None:
    document = Response(
        [
            SpeakSentence("Fish & chips", voice="julie", volume=-2),
            Gather(
                [SpeakSentence("One"), SpeakSentence("Two")],
                request_url="https://app.example.com/menu?a=1&b=2",
                max_digits=1,
                bargeable=True,
            ),
            Hangup(),
        ]
    )
    assert (
        document.render()
        == (
            DECLARATION + "<Response>"
            '<SpeakSentence gender="female" locale="en_US" voice="julie" volume="-2">'
            "Fish &amp; chips</SpeakSentence>"
            '<Gather requestUrl="https://app.example.com/menu?a=1&amp;b=2" maxDigits="1" bargeable="true">'
            "<SpeakSentence>One</SpeakSentence><SpeakSentence>Two</SpeakSentence></Gather>"
            "<Hangup/></Response>"
        ).encode()
    )
    assert Response().render() == f"{DECLARATION}<Response/>".encode()


def test_one_verb_a_list_and_a_tuple_are_the_same_content() -> None:
    verb = SpeakSentence("Hi")
    for content in (verb, [verb], (verb,)):
        assert Gather(content).children == (verb,)  # type: ignore[arg-type]
        assert Response(content) == Response(verb)  # type: ignore[arg-type]
        assert Response(content=content) == Response(verb)  # type: ignore[arg-type]


def test_a_list_given_as_content_can_change_without_the_verb() -> None:
    verbs = [SpeakSentence("Hi")]
    gather = Gather(verbs)
    verbs.clear()
    assert gather.children == (SpeakSentence("Hi"),)


def test_nouns_are_no_verbs_and_documents_are_neither() -> None:
    for name, cls in VOCABULARY.items():
        assert issubclass(cls, Element)
        assert issubclass(cls, Verb) == (name not in {"PhoneNumber", "Response"})


def test_an_empty_document_is_true_and_has_no_verbs() -> None:
    assert Response()
    assert len(Response()) == 0
    assert list(Response([Hangup(), Pause()])) == [Hangup(), Pause()]


@pytest.mark.parametrize("verb", EVERY_VERB, ids=lambda verb: type(verb).__name__)
def test_verbs_are_values(verb: Element) -> None:
    twins = [copy.copy(verb), copy.deepcopy(verb), pickle.loads(pickle.dumps(verb))]
    twins.append(dataclasses.replace(verb))  # type: ignore[type-var]
    twins.append(eval(repr(verb), dict(VOCABULARY)))
    for twin in twins:
        assert twin == verb
        assert hash(twin) == hash(verb)
        assert repr(twin) == repr(verb)
        assert type(twin) is type(verb)
    assert not hasattr(verb, "__dict__")
    names = [a.name for a in verb.shape.attributes.values()]
    for name in [*names, verb.shape.text, verb.shape.content, "anything", "_xml"]:
        if name is not None:
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(verb, name, None)
            with pytest.raises(dataclasses.FrozenInstanceError):
                delattr(verb, name)


class Unusual(str):
    """Exact values take a short cut through the constructor, values of this class don't."""


@pytest.mark.parametrize("verb", EVERY_VERB, ids=lambda verb: type(verb).__name__)
def test_both_ways_through_the_constructor_make_the_same_verb(verb: Element) -> None:
    fields = {f.name: getattr(verb, f.name) for f in dataclasses.fields(verb)}  # type: ignore[arg-type]
    unusual = {n: Unusual(v) if isinstance(v, str) else v for n, v in fields.items()}
    twin = type(verb)(**unusual)
    assert twin == verb
    assert [type(getattr(twin, name)) for name in fields] == [type(v) for v in fields.values()]
    if isinstance(verb, Verb):
        base = "https://a.example"
        pages = [
            Response(Gather(v) if isinstance(v, PlayAudio) else v)  # type: ignore[arg-type]
            for v in (twin, verb)
        ]
        assert pages[0].render(base) == pages[1].render(base)


def test_verbs_with_other_values_are_others() -> None:
    assert Pause(length=1) != Pause(length=2)
    assert Pause() != Hangup()
    assert SpeakSentence("a") != SpeakSentence("b")
    assert len({Pause(length=1), Pause(length=1), Pause()}) == 2


def test_signatures_are_what_an_editor_shows() -> None:
    parameters = inspect.signature(Gather).parameters
    assert next(iter(parameters)) == "content"
    kinds = {p.kind for name, p in parameters.items() if name != "content"}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
    assert parameters["max_digits"].default is None


@pytest.mark.parametrize("name", VOCABULARY)
def test_every_element_documents_its_parameters_and_source(name: str) -> None:
    cls = VOCABULARY[name]
    text = cls.__doc__ or ""
    for parameter in inspect.signature(cls).parameters:
        assert f" {parameter}:" in text
    assert f"Source: {cls.docs}" in text


@pytest.mark.parametrize(
    ("cls", "args", "kwargs", "sentence"),
    [
        (Gather, (), {"max_digits": 0}, "Gather max_digits=0: must be at least 1 (bxml/verbs/gather)"),
        (Gather, (), {"max_digit": 1}, "Gather has no attribute 'max_digit': did you mean max_digits?"),
        (Gather, (), {"maxDigits": 1}, "Gather has no attribute 'maxDigits': did you mean max_digits?"),
        (Gather, (), {"color": 1}, "Gather has no attribute 'color': it takes request_url, "),
        (Redirect, (), {"url": "/x"}, "Redirect has no attribute 'url': did you mean request_url?"),
        (Hangup, (), {"x": 1}, "Hangup has no attribute 'x': it takes nothing"),
        (Redirect, (), {}, "Redirect needs request_url (bxml/verbs/redirect)"),
        (Redirect, ("/x",), {}, "Redirect takes nothing without a name"),
        (SpeakSentence, (), {}, "SpeakSentence needs text"),
        (SpeakSentence, ("a", "b"), {}, "SpeakSentence takes only text without a name"),
        (SpeakSentence, ("a",), {"text": "b"}, "SpeakSentence was given text twice"),
        (SpeakSentence, (5,), {}, "SpeakSentence text=5: must be a str"),
        (SpeakSentence, (None,), {}, "SpeakSentence text=None: must be a str"),
        (SpeakSentence, ("a",), {"voice": "Susan"}, "; did you mean 'susan'? "),
        (SpeakSentence, ("a",), {"voice": ["susan"]}, "voice=an object of type list: must be 'bernard', "),
        (SpeakSentence, ("a",), {"locale": "de_DE"}, "; did you mean 'de_de'? "),
        (SpeakSentence, ("a",), {"gender": "other"}, "gender='other': must be 'female' or 'male' ("),
        (SpeakSentence, ("a",), {"voice": "paul", "gender": "female"}, "voice='paul': is a male voice, so gender can't be 'female'"),
        (SpeakSentence, ("a",), {"voice": "katrin", "locale": "it"}, "speaks locale 'de' or 'de_de', not 'it'"),
        (PlayAudio, (AUDIO,), {"delay_before_repeat": 1}, "delay_before_repeat=1: needs a repeat_count of at least 2"),
        (PlayAudio, (AUDIO,), {"delay_before_repeat": 0, "repeat_count": 1}, "needs a repeat_count"),
        (SendDtmf, ("A",), {}, "SendDtmf digits='A': must be 1 to 92 of the keys"),
        (SendDtmf, ("1" * 93,), {}, "must be 1 to 92"),
        (SendDtmf, ("1\n",), {}, "must be 1 to 92"),
        (Gather, (), {"terminating_digits": ""}, "must be one or more of the keys 0-9 * #"),
        (Record, (), {"terminating_digits": "12"}, "must be exactly one of the keys 0-9 * #"),
        (Transfer, (), {"transfer_to": "+1919", "transfer_caller_id": ""}, "must not be empty"),
        (Transfer, (), {"transfer_to": "+1919", "diversion_reason": "away"}, "needs diversion_treatment='stack'"),
        (Gather, (Hangup(),), {}, "Gather can't hold Hangup: it takes PlayAudio or SpeakSentence (bxml/verbs/gather)"),
        (Gather, ([SpeakSentence("a"), Hangup()],), {}, "Gather can't hold Hangup"),
        (Gather, ("Hi",), {}, "Gather content='Hi': must be PlayAudio or SpeakSentence, alone or in a list; write SpeakSentence('Hi') ("),
        (Gather, (["Hi"],), {}, "Gather can't hold 'Hi'"),
        (Gather, (SpeakSentence("a"), SpeakSentence("b")), {}, "only content without a name, several verbs in one list"),
        (Response, (None,), {}, "Response content=None: must be Gather, "),
        (Response, ({Hangup()},), {}, "content=an object of type set"),
        (Response, ([Hangup(), None],), {}, "Response can't hold None"),
        (Response, (PhoneNumber("+1919"),), {}, "Response can't hold PhoneNumber"),
        (Response, (Response(),), {}, "Response can't hold Response"),
        (Response, (PlayAudio(AUDIO, repeat_count=2, delay_before_repeat=1),), {}, "Response can't hold PlayAudio with delay_before_repeat=1: only a Gather"),
        (Transfer, ([PhoneNumber("+1919"), PlayAudio(AUDIO, repeat_count=2, delay_before_repeat=1)],), {}, "Transfer can't hold PlayAudio with"),
        (Pause, (), {"length": 10**6}, "Pause length=1000000: must be at most 3600"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence(
    cls: type[Element], args: tuple[object, ...], kwargs: dict[str, object], sentence: str
) -> None:
    assert sentence in refusal(cls, *args, **kwargs)


def test_a_refusal_shortens_what_was_given() -> None:
    assert len(refusal(SendDtmf, "x" * 10_000)) < 200
    assert len(refusal(Pause, length=10**4000)) < 200


@pytest.mark.parametrize("gender", ["female", "male", None])
@pytest.mark.parametrize(
    "locale", ["en_US", "en_UK", "de", "de_de", "es", "es_mx", "fr", "fr_fr", "it", "it_it", None]
)
@pytest.mark.parametrize("voice", [*VOICES, None])
def test_a_voice_brings_what_it_has_only_one_of(voice: str, locale: str, gender: str) -> None:
    its_gender, its_locales = VOICES.get(voice, (gender, (locale,)))
    if gender in (its_gender, None) and locale in (*its_locales, None):
        verb = SpeakSentence("a", voice=voice, locale=locale, gender=gender)  # type: ignore[arg-type]
        assert verb.gender == its_gender
        assert verb.locale == (its_locales[0] if len(its_locales) == 1 else locale)
        assert SpeakSentence("a", voice=voice, locale=verb.locale, gender=verb.gender) == verb  # type: ignore[arg-type]
    else:
        assert f"voice={voice!r}" in refusal(
            SpeakSentence, "a", voice=voice, locale=locale, gender=gender
        )


GOOD_URLS = [
    "http://a",
    "HTTPS://a.example:8443/x?y=z",
    "https://user:p%40ss@a.example/",
    "https://user@a.example",
    "http://[::1]:8000/x",
    "https://xn--tda.example/%C3%BC?a=%2f%2F",
    "https://%C3%BC.example",
    "https://a?b",
]
BAD_URLS = [
    "",
    "http://",
    "https:///x",
    "https://user:pass@/x",
    "https://a b/",
    "https://a/\n",
    "\u00a0https://a/",
    "https://a/\x85",
    "https://a/\u2028",
    "https://a:port/",
    "ftp://a/x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "//a/x",
    "x",
    "../x",
    "./x",
    "?x",
    "#x",
    "/x#",
    "https://a/x?code=12#34",
    "https://a#",
    "https://a/100%",
    "https://a/%g0",
    "https://a/%2",
    "https://a%/",
    "https://%c3%/",
    "https://u%:p@a/",
    "/x?rate=5%",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD_URLS)
def test_absolute_urls_are_taken_everywhere(url: str) -> None:
    assert PlayAudio(url).url == url
    assert Redirect(request_url=url).request_url == url
    Response(Redirect(request_url=url)).render()


@pytest.mark.parametrize("url", BAD_URLS)
def test_other_urls_are_refused_everywhere(url: str) -> None:
    assert "must " in refusal(PlayAudio, url)
    assert "must " in refusal(Redirect, request_url=url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("digits", "a path of this app, such as '/digits'"),
        ("../menu", "such as '/menu'"),
        ("//a/x", "write https: in front of it"),
        ("/a b", "percent-encode it as %20"),
        ("ftp://a/x", "must be an absolute http(s) URL with a host"),
        ("https://", "must be an absolute http(s) URL with a host"),
        ("/lookup?code=12#34", "write %23, or let callback.url(path, query={...}) write it"),
        ("https://a/#x", "nothing from there on is sent"),
        ("/x?rate=5%", "write %25 for the sign itself"),
        ("https://a/%zz", "two hexadecimal digits"),
    ],
)
def test_a_refused_callback_url_says_what_to_write(url: str, words: str) -> None:
    assert words in refusal(Redirect, request_url=url)


def test_a_path_as_media_url_says_what_to_write() -> None:
    assert "use callback.url('/x.mp3')" in refusal(PlayAudio, "/x.mp3")


@pytest.mark.parametrize(
    ("url", "encoded"),
    [
        ("https://a.example/bücher?q=ü", "https://a.example/b%C3%BCcher?q=%C3%BC"),
        ("https://a.example/\U0001f600%20é", "https://a.example/%F0%9F%98%80%20%C3%A9"),
        ("https://ü:ä@ü.example/", "https://%C3%BC:%C3%A4@%C3%BC.example/"),
    ],
)
def test_what_is_not_ascii_in_a_url_is_percent_encoded(url: str, encoded: str) -> None:
    assert PlayAudio(url).url == PlayAudio(url=url).url == encoded
    assert Redirect(request_url=url).request_url == encoded
    record = Record(request_url=url, transcribe=True, transcribe_callback_url=url)
    assert record.request_url == record.transcribe_callback_url == encoded
    assert Response([record, PlayAudio(url)]).to_xml().count(encoded) == 3
    path = "/" + url.partition("example/")[2]
    assert Gather(request_url=path).request_url == "/" + encoded.partition("example/")[2]


@pytest.mark.parametrize("path", ["/", "/menu", "/menu/?a=1&b=/c", "/%C3%BC", "/?a=+b"])
def test_a_path_becomes_absolute_when_rendered(path: str) -> None:
    document = Response(Redirect(request_url=path))
    escaped = path.replace("&", "&amp;")
    for base in ("https://a.example/calls", "http://user:pass@b.example"):
        assert f'requestUrl="{base}{escaped}"' in document.render(base).decode()
    with pytest.raises(VerbError, match="base_url") as caught:
        document.render()
    assert repr(escaped) in str(caught.value)


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_slash_at_the_end_of_the_base_is_not_doubled(slashes: str) -> None:
    document = Response(Redirect(request_url="/x"))
    for base in ("https://a.example", "https://a.example/calls"):
        assert document.render(base + slashes) == document.render(base)


def test_only_urls_of_callbacks_get_the_base() -> None:
    xml = Response(Gather(SpeakSentence("/a"), tag="/b")).to_xml("https://a.example")
    assert "a.example" not in xml


@pytest.mark.parametrize("base", ["", "a.example", "/x", "ftp://a.example", "https://a b"])
def test_a_base_that_is_no_absolute_url_is_refused(base: str) -> None:
    with pytest.raises(VerbError, match="base_url="):
        Response(Redirect(request_url="/x")).render(base)


@pytest.mark.parametrize(
    "url", ["https://user:secret@a.example/", "https://secret@a.example/x", "http://u:sec@ret@a"]
)
def test_passwords_show_in_no_repr(url: str) -> None:
    try:
        shown = repr(Response(Redirect(request_url=url))) + repr(SpeakSentence(f"see {url}"))
    except VerbError as error:
        shown = str(error)
    assert "sec" not in shown
    assert "***@a" in shown


@pytest.mark.parametrize(
    "url",
    [
        "https://user:sec/ret@a.example/",
        "//user:secret@a.example/x",
        "ftp://user:secret@a.example",
        "user:secret@a.example/x",
        "https://user:secret@a.example/ x",
    ],
)
def test_passwords_show_in_no_refusal(url: str) -> None:
    for sentence in (refusal(Redirect, request_url=url), refusal(PlayAudio, url)):
        assert "sec" not in sentence
    with pytest.raises(VerbError) as caught:
        Response(Redirect(request_url="/x")).render(url)
    assert "sec" not in str(caught.value)


def padded(size: int, letter: str) -> Response:
    bare = len(Response(SpeakSentence("x")).render()) - 1
    count, rest = divmod(size - bare, len(letter.encode()))
    return Response(SpeakSentence(letter * count + "x" * rest))


@pytest.mark.parametrize("letter", ["a", "ü", "€", "\U0001f600"])
def test_the_size_limit_counts_bytes(letter: str) -> None:
    assert len(padded(16_384, letter).render()) == 16_384
    with pytest.raises(ReplyError) as caught:
        padded(16_385, letter).render()
    assert re.search(r"Response has 16,385 bytes, more than the 16,384 ", str(caught.value))


def test_the_size_error_names_the_largest_verb() -> None:
    verbs = [Pause(), SpeakSentence("a" * 9000), Gather(SpeakSentence("b" * 9000))]
    with pytest.raises(ReplyError, match=r"verb is number 3, Gather, with 9,\d\d\d bytes"):
        Response(verbs).render()


def test_the_base_url_counts_for_the_size() -> None:
    bare = len(Response([SpeakSentence("x"), Redirect(request_url="/x")]).render("http://a"))
    document = Response([SpeakSentence("x" * (16_385 - bare)), Redirect(request_url="/x")])
    assert len(document.render("http://a")) == 16_384
    with pytest.raises(ReplyError):
        document.render("http://ab")


@given(st.sampled_from(sorted(VOCABULARY)), st.data())
def test_no_value_breaks_a_constructor_otherwise(name: str, data: st.DataObject) -> None:
    cls = VOCABULARY[name]
    anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    anything |= st.lists(anything, max_size=2) | st.dictionaries(st.text(), anything, max_size=1)
    names = st.sampled_from([*inspect.signature(cls).parameters, "other"])
    values = data.draw(st.dictionaries(names, anything, max_size=4))
    problem = ""
    try:
        assert repr(cls(**values))  # type: ignore[arg-type]
    except VerbError as error:
        problem = str(error)
    assert not problem or problem.endswith(f"({cls.docs})")


def test_verbs_load_no_parser() -> None:
    code = (
        "import sys, callbackkit.v1.verbs, callbackkit.v1.linting; sys.exit('lxml' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
