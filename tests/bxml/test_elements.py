"""The core of BXML with a dialect of its own: nothing in it knows the verbs of v1."""

import inspect
import traceback
from collections.abc import Sequence
from dataclasses import field
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field

from callbackkit.bxml import CallbackUrl, Content, Document, Element, Verb, element
from callbackkit.bxml.linting import Finding, Linter
from callbackkit.bxml.parsing import parse
from callbackkit.errors import ParseError, ReplyError, VerbError


@element
class Bell(Verb):
    docs: ClassVar[str] = "bells"
    times: Annotated[int, Field(ge=1)] | None = None
    tone: Literal["high", "low"] | None = None
    very_long_name: bool = False


@element
class Note(Element):
    docs: ClassVar[str] = "notes"
    words: str = field(kw_only=False)


@element
class Call(Verb):
    docs: ClassVar[str] = "calls"
    content: Annotated[Note | Sequence[Note], Content] = field(default=(), kw_only=False)
    answer_url: CallbackUrl

    @property
    def children(self) -> tuple[Note, ...]:
        return self.content  # type: ignore[return-value]


@element
class Page(Document):
    docs: ClassVar[str] = "pages"
    max_size: ClassVar[int] = 200
    content: Annotated[Bell | Call | Sequence[Bell | Call], Content] = field(
        default=(), kw_only=False
    )

    @property
    def children(self) -> tuple[Bell | Call, ...]:
        return self.content  # type: ignore[return-value]


VOCABULARY: dict[str, type[Element]] = {"Bell": Bell, "Note": Note, "Call": Call, "Page": Page}


def test_the_constructor_of_an_element_can_be_read_and_debugged() -> None:
    source = inspect.getsource(Bell.__init__)
    assert source.startswith("def __init__(self")
    assert "if times is not None" in source
    with pytest.raises(VerbError) as raised:
        Bell(times=0)
    inside = [frame for frame in raised.traceback if frame.name == "__init__"]
    assert "return make(" in str(inside[0].statement)
    printed = "".join(traceback.format_exception(raised.value))
    assert 'Bell.__init__>", line' in printed
    assert "return make(" in printed


def test_a_declaration_is_all_that_a_verb_needs() -> None:
    page = Page([Bell(times=2, tone="low"), Call(Note("<hi>"), answer_url="/a")])
    xml = page.to_xml("https://a.example")
    assert xml == (
        '<?xml version="1.0" encoding="UTF-8"?><Page>'
        '<Bell times="2" tone="low" veryLongName="false"/>'
        '<Call answerUrl="https://a.example/a"><Note>&lt;hi&gt;</Note></Call></Page>'
    )
    assert parse(xml, VOCABULARY, (Page,)) == Page(
        [Bell(times=2, tone="low"), Call(Note("<hi>"), answer_url="https://a.example/a")]
    )


def test_a_required_attribute_may_follow_the_content() -> None:
    with pytest.raises(VerbError, match=r"^Call needs answer_url \(calls\)$"):
        Call(Note("a"))  # type: ignore[call-arg]


def test_a_noun_stands_only_where_it_is_named() -> None:
    with pytest.raises(VerbError, match=r"^Page can't hold Note: it takes Bell or Call \(pages\)$"):
        Page(Note("a"))  # type: ignore[arg-type]


def test_the_size_limit_is_that_of_the_document_class() -> None:
    with pytest.raises(ReplyError, match="more than the 200 allowed"):
        Page([Bell(), Bell(), Bell(), Bell(), Bell(), Bell()]).render()


def test_the_root_is_that_of_the_dialect() -> None:
    with pytest.raises(ParseError, match="must be Page, not Response"):
        parse("<Response/>", VOCABULARY, (Page,))


def test_rules_see_documents_and_get_lines_for_text() -> None:
    def loud(document: Document) -> list[tuple[Element, Finding]]:
        return [
            (child, Finding("info", "loud", "a bell", None, "bells"))
            for child in document.children
            if isinstance(child, Bell)
        ]

    rules = {"rules": (loud,), "text_rules": ()}
    linter = Linter(VOCABULARY, (Page,), **rules, name_of=lambda _: ("error", "bad"))
    assert [(f.rule, f.line) for f in linter.lint(Page([Bell(), Bell()]))] == [("loud", None)] * 2
    text = "<Page>\n<Bell/>\n<Bell times='0'/>\n</Page>"
    # What is said of a bell that can't be read as it is would be said of another bell.
    assert [(f.rule, f.line) for f in linter.lint(text)] == [("loud", 2), ("bad", 3)]


def test_a_declaration_that_would_not_be_checked_is_refused() -> None:
    with pytest.raises(TypeError, match="times: an element's field can have ge and le, not "):

        @element
        class Odd(Verb):
            docs: ClassVar[str] = "odd"
            times: Annotated[int, Field(gt=1)] | None = None
