"""BXML read back into elements. The only file that imports lxml, and only loaded to parse."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast
from urllib.parse import urljoin

from lxml import etree

from callbackkit.bxml.elements import Attribute, Document, Element
from callbackkit.bxml.fields import Pattern
from callbackkit.bxml.messages import in_xml, problems, unknown_attribute, wrong_child
from callbackkit.bxml.text import clean
from callbackkit.errors import ParseError, VerbError

D = TypeVar("D", bound=Document)
T = TypeVar("T")

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_WHITE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a text that keeps it from being the document it should be."""

    message: str
    line: int | None
    kind: type[Element] | None = None
    attribute: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Parsed:
    """The result of a lenient reading.

    `document` is None if the text is no document at all. `complete` is true if every element
    could be made, if without some of its attributes; `lines` and `flawed` know elements by id.
    """

    document: Document | None = None
    complete: bool = True
    problems: list[Problem] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)
    flawed: set[int] = field(default_factory=set)


def parse(
    text: str | bytes, vocabulary: Mapping[str, type[Element]], roots: Sequence[type[D]]
) -> D:
    """Read a document.

    Parameters:
        text: as text, or as bytes in the encoding that it declares (UTF-8 if none).
        vocabulary: the element classes by their name in XML.
        roots: the classes that the outermost element may have.

    Raises:
        ParseError: it is not well-formed, has a DOCTYPE, or breaks a rule of an element.
    """
    parsed = read(text, vocabulary, roots)
    if parsed.problems:
        first = parsed.problems[0]
        where = "" if first.line is None else f"line {first.line}: "
        raise ParseError(where + first.message, first.line)
    return cast(D, parsed.document)


def read(
    text: str | bytes,
    vocabulary: Mapping[str, type[Element]],
    roots: Sequence[type[Document]],
    base_url: str | None = None,
    instead: Mapping[type[Element], Element | None] = MappingProxyType({}),
) -> Parsed:
    """Read what can be read of a document, and notes each problem; never raises for a bad one.

    A number out of its range becomes the nearest one in it; what else is wrong is left out. With
    `base_url`, where the document came from, relative URLs are made absolute. `instead` is what an
    element becomes that can't be made, None for nothing; without it there, the reading is not
    complete.
    """
    parsed = Parsed()
    try:
        tree = _tree(text)
    except ParseError as error:
        parsed.problems.append(Problem(str(error), error.line))
        return parsed
    name = str(tree.tag)
    root = next((root for root in roots if root.__name__ == name), None)
    if root is None:
        names = " or ".join(root.__name__ for root in roots)
        message = f"the root element must be {names}, not {name} ({roots[0].docs})"
        parsed.problems.append(Problem(message, _line(tree)))
        return parsed
    document = _Builder(vocabulary, parsed, base_url, instead).build(tree, root)
    assert document is None or isinstance(document, Document)
    parsed.document = document
    # Siblings are made before the element around them, so the order found is not the text's.
    parsed.problems.sort(key=lambda problem: problem.line or 0)
    return parsed


def indented(text: str | bytes) -> str:
    """Return a document laid out for people, without its declaration.

    Raises ParseError if it is no XML.
    """
    tree = _tree(text)
    etree.indent(tree)
    return etree.tostring(tree, encoding="unicode")


def _tree(text: str | bytes) -> etree._Element:
    encoding = None
    if isinstance(text, str):
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            line = text[: error.start].count("\n") + 1
            raise ParseError("the text holds half of a surrogate pair", line) from None
        # What is text already has no encoding, whatever its declaration says.
        encoding = "utf-8"
    else:
        data = text
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=encoding,
    )
    try:
        tree = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        reason = clean(error.msg or "no document").partition(", line ")[0]
        raise ParseError(f"not well-formed XML: {reason}", error.lineno or None) from None
    except (LookupError, ValueError) as error:
        raise ParseError(f"not readable as XML: {error}") from None
    if tree.getroottree().docinfo.internalDTD is not None:
        raise ParseError("a DOCTYPE is not allowed in BXML", 1)
    return tree


@dataclass(frozen=True, slots=True)
class _Builder:
    vocabulary: Mapping[str, type[Element]]
    parsed: Parsed
    base_url: str | None
    instead: Mapping[type[Element], Element | None]

    def build(self, node: etree._Element, cls: type[Element]) -> Element | None:
        """Return the element without its wrong parts, or None if nothing can be made of it."""
        shape, line = cls.shape, _line(node)
        found: list[Problem] = []
        values: dict[str, Any] = {}
        for key, given in node.attrib.items():
            attribute = shape.attributes.get(str(key))
            if attribute is None:
                message = unknown_attribute(cls, str(key), list(shape.attributes))
                found.append(Problem(message, line, cls))
            else:
                value = _value(attribute, str(given))
                values[attribute.name] = self._absolute(value, attribute.pattern)
        if shape.text is not None:
            text = str(node.text or "")
            # Samples set text off with white space; a URL or a number can't mean it.
            text = text.strip(_WHITE) if shape.text_pattern else text
            values[shape.text] = self._absolute(text, shape.text_pattern)
        elif any((t or "").strip(_WHITE) for t in [node.text, *[c.tail for c in node]]):
            message = f"{shape.name} holds no text of its own ({cls.docs})"
            found.append(Problem(message, line, cls))
        children = self._children(node, cls)
        if shape.content is not None:
            values[shape.content] = children

        possible = True
        for name, message in problems(cls, values):
            found.append(Problem(message, line, cls, name, dict(values)))
            attribute = shape.by_name.get(name)
            value = values.pop(name, None)
            if attribute is not None and isinstance(value, int) and attribute.type is int:
                values[name] = min(max(value, attribute.low), attribute.high)
                continue
            possible = possible and name != shape.text and not shape.by_name[name].required
        made = None
        while possible and made is None:
            try:
                made = cls(**values)
            except VerbError as error:
                # Without a value that was refused above, another one may look wrong that isn't.
                if not found:
                    message = in_xml(str(error), self.vocabulary)
                    found.append(Problem(message, line, cls, None, dict(values)))
                possible = values.pop(error.attribute or "", None) is not None
        self.parsed.problems += found
        if made is None:
            made = self.instead.get(cls)
            if cls not in self.instead:
                self.parsed.complete = False
        if made is not None:
            self.parsed.lines[id(made)] = line or 0
            if found:
                self.parsed.flawed.add(id(made))
        return made

    def _absolute(self, value: T, pattern: Pattern | None) -> T | str:
        """Return a URL as an absolute one, if it is known where the document came from."""
        if self.base_url is None or pattern is None or not pattern.is_url or not value:
            return value
        try:
            return urljoin(self.base_url, str(value))
        except ValueError:
            return value

    def _children(self, node: etree._Element, cls: type[Element]) -> tuple[Element, ...]:
        made = []
        for child in node:
            name = str(child.tag)
            kind = self.vocabulary.get(name)
            if kind is None or kind not in cls.shape.children:
                message = wrong_child(cls, name)
                self.parsed.problems.append(Problem(message, _line(child), cls))
                self.parsed.complete = False
                continue
            element = self.build(child, kind)
            if element is not None:
                made.append(element)
        return tuple(made)


def _line(node: Any) -> int | None:
    line: int | None = node.sourceline
    return line


def _value(attribute: Attribute, given: str) -> str | int | bool:
    """Return the value of an attribute's text; the text if it is none of its type."""
    if attribute.type is bool:
        return {"true": True, "false": False}.get(given, given)
    if attribute.type is int and _WHOLE_NUMBER.fullmatch(given):
        return int(given)
    return given
