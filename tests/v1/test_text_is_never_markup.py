"""No text, whatever is in it, can add an element or an attribute to a document or break it."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from callbackkit.v1.verbs import Gather, PlayAudio, Redirect, Response, SpeakSentence, Transfer

MARKUP = [
    "</SpeakSentence><Hangup/><SpeakSentence>",
    '"/><Hangup/><Gather tag="',
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?xml?>",
    "&amp;",
    "&#60;Hangup/&#62;",
    "&lt;",
    "'",
    "\0",
    "\r\n",
    "\r",
    "\t",
    "\ud800",
    "\udfff\ud800",
    "\ufffe\uffff",
    "\x85\u2028",
    "\x0b\x0c\x1b\x7f",
    "\U0001f600\U0010ffff",
]
TEXT = st.lists(st.sampled_from(MARKUP) | st.text(st.characters(exclude_categories=()))).map(
    "".join
)


def cleaned(text: str) -> str:
    """By the production Char of XML 1.0, written down a second time."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000"
    )


@given(TEXT)
def test_element_text_comes_back_as_it_was(text: str) -> None:
    verb = SpeakSentence(text)
    assert verb.text == cleaned(text)
    (speak,) = etree.fromstring(Response(verb).render())
    assert speak.tag == "SpeakSentence"
    assert len(speak) == 0
    assert dict(speak.attrib) == {}
    assert (speak.text or "") == cleaned(text)


@given(TEXT, TEXT)
def test_attribute_text_comes_back_as_it_was(tag: str, caller: str) -> None:
    gather = Gather(tag=tag)
    transfer = Transfer(transfer_to="+1919", tag=tag, transfer_caller_id="x" + caller)
    tree = etree.fromstring(Response([gather, transfer]).render())
    assert [child.tag for child in tree.iter()] == ["Response", "Gather", "Transfer"]
    assert dict(tree[0].attrib) == {"tag": cleaned(tag)}
    assert dict(tree[1].attrib) == {
        "transferTo": "+1919",
        "tag": cleaned(tag),
        "transferCallerId": "x" + cleaned(caller),
    }


class Sly(str):
    """A text that claims to be harmless."""

    def replace(self, *_: object) -> str:  # type: ignore[override]
        return self

    def __contains__(self, _: object) -> bool:
        return False

    def isprintable(self) -> bool:
        return True


def test_a_subclass_of_str_is_escaped_too() -> None:
    verb = SpeakSentence(Sly("<Hangup/>\x01"))
    assert type(verb.text) is str
    assert b"&lt;Hangup/&gt;<" in Response(verb).render()
    assert b'tag="&quot;/&gt;"' in Response(Gather(tag=Sly('"/>'))).render()


@pytest.mark.parametrize(
    "base", ['https://x"/><Hangup/>', "https://a.example/?a=1&b='2'", "http://<"]
)
def test_a_base_url_is_escaped(base: str) -> None:
    data = Response(Redirect(request_url="/x?c=<&d")).render(base)
    tree = etree.fromstring(data)
    assert [child.tag for child in tree.iter()] == ["Response", "Redirect"]
    assert tree[0].attrib["requestUrl"] == base + "/x?c=<&d"


@given(st.from_regex(r"https?://[a-z]{1,9}/[^\s\x00-\x20\x7f-\x9f#%\ufffe\uffff]*", fullmatch=True))
def test_a_url_is_escaped(url: str) -> None:
    if re.search("[\ud800-\udfff]", url):
        return
    play, redirect = etree.fromstring(
        Response([PlayAudio(url), Redirect(request_url=url)]).render()
    )
    assert unquote(play.text or "") == url
    assert redirect.attrib["requestUrl"] == play.text
