"""Linting: what it reports, and the part of it that all dialects share."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from callbackkit.bxml.elements import Document, Element, Verb
from callbackkit.bxml.messages import in_xml

if TYPE_CHECKING:
    from callbackkit.bxml.parsing import Parsed, Problem

D = TypeVar("D", bound=Document)

Level: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark about a document that its author should know.

    Parameters:
        level: "error" breaks the call, "warning" is hardly meant, "info" is debatable.
        rule: the name of the rule, in kebab-case.
        message: one sentence: where, what, and how to mend it.
        line: the line in the text, counted from 1; None if there is no text or no place in it.
        docs: the page of the platform's documentation that it rests on.
    """

    level: Level
    rule: str
    message: str
    line: int | None
    docs: str

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.level}: {self.message} [{self.rule}, {self.docs}]"


Found: TypeAlias = Iterable[tuple[Element, Finding]]
"""Findings without a line, each with the element that it is about."""


def about(element: Element, level: Level, rule: str, message: str) -> tuple[Element, Finding]:
    """Return a finding about an element, with the page that the element follows."""
    return element, Finding(level, rule, message, None, element.docs)


def walk(element: Element) -> Iterator[tuple[Element, Element]]:
    """Yield every element below this one after its parent, in order."""
    for child in element.children:
        yield element, child
        yield from walk(child)


def reachable(document: Document, enders: tuple[type[Verb], ...]) -> int:
    """Return how many verbs of a document can run: nothing after one of `enders` does."""
    for count, verb in enumerate(document.children, 1):
        if isinstance(verb, enders):
            return count
    return len(document.children)


def unreachable(document: Document, enders: tuple[type[Verb], ...]) -> Found:
    """Yield the first verb that never runs."""
    verbs, count = document.children, reachable(document, enders)
    if count < len(verbs):
        ender, verb = type(verbs[count - 1]).__name__, verbs[count]
        message = f"{type(verb).__name__} never runs: nothing after {ender} does"
        yield about(verb, "warning", "unreachable-verb", message)


def suspicious_urls(document: Document) -> Found:
    """Yield what means something else in a URL than its author had in mind."""
    for _, element in walk(document):
        shape = element.shape
        fields = [(name, found.pattern) for name, found in shape.by_name.items()]
        for name, pattern in [*fields, (shape.text, shape.text_pattern)]:
            url = getattr(element, name) if name and pattern and pattern.is_url else None
            if url is None:
                continue
            where = f"{type(element).__name__} {name}"
            if "&amp;" in url:
                message = (
                    f'{where} has "&amp;" where "&" is meant: the document escapes it by itself'
                )
                yield about(element, "warning", "escaped-url", message)
            if re.search(r"[?&][^=&]*=\+[0-9]", url):
                message = f'{where} has a "+" before a number, which is read as a blank: write %2B'
                yield about(element, "warning", "plus-in-url", message)


@dataclass(frozen=True, slots=True)
class Linter:
    """The rules of one dialect.

    Parameters:
        vocabulary, roots: as for `callbackkit.bxml.parsing.parse`; verbs alone get the first root.
        rules: look at any document, and speak Python without quoting free text.
        text_rules: look only at text, which nothing will complete before it is sent, and speak XML.
        name_of: how bad it is that something can't be read, and the name of the rule it breaks.
    """

    vocabulary: Mapping[str, type[Element]]
    roots: tuple[type[Document], ...]
    rules: Sequence[Callable[[Document], Found]]
    text_rules: Sequence[Callable[[Document], Found]]
    name_of: Callable[["Problem"], tuple[Level, str]]

    def lint(self, document: Document | Verb | Sequence[Verb] | str | bytes) -> list[Finding]:
        """Return all findings in the order of their lines. Never raises for bad text."""
        if not isinstance(document, (str, bytes)):
            if not isinstance(document, Document):
                document = self.roots[0](document)
            # Of a path the final URL isn't known yet, so this is the least size.
            size = len(document.to_xml("http://a").encode())
            found = [finding for rule in self.rules for _, finding in rule(document)]
            return _size(size, type(document)) + found
        data = document.encode(errors="replace") if isinstance(document, str) else document
        from callbackkit.bxml.parsing import read

        parsed = read(document, self.vocabulary, self.roots)
        root = self.roots[0] if parsed.document is None else type(parsed.document)
        return _size(len(data), root) + self._lint_text(parsed, root)

    def _lint_text(self, parsed: "Parsed", root: type[Document]) -> list[Finding]:
        findings = []
        for problem in parsed.problems:
            docs = (problem.kind or root).docs
            message = problem.message.removesuffix(f" ({docs})")
            level, rule = self.name_of(problem)
            findings.append(Finding(level, rule, message, problem.line, docs))
        # What couldn't be read isn't judged: it would only repeat the problem in other words.
        if parsed.document is not None and parsed.complete:
            for rule_ in (*self.rules, *self.text_rules):
                for element, finding in rule_(parsed.document):
                    if id(element) not in parsed.flawed:
                        message = finding.message
                        if rule_ in self.rules:
                            message = in_xml(message, self.vocabulary)
                        line = parsed.lines[id(element)]
                        findings.append(replace(finding, message=message, line=line))
        return sorted(findings, key=lambda finding: finding.line or 0)


def _size(size: int, root: type[Document]) -> list[Finding]:
    limit = root.max_size
    near = limit * 3 // 4
    if size <= near:
        return []
    name = root.__name__
    if size > limit:
        message = f"{name} has {size:,} bytes, more than the {limit:,} allowed"
        return [Finding("error", "too-big", message, None, root.docs)]
    message = f"{name} has {size:,} bytes, close to the {limit:,} allowed"
    return [Finding("warning", "too-big", message, None, root.docs)]
