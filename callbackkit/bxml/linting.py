"""What a lint reports, and the part of linting that knows no dialect: size, reading and order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from callbackkit.bxml.elements import Document, Element, Verb
from callbackkit.bxml.messages import in_xml

if TYPE_CHECKING:
    from callbackkit.bxml.parsing import Problem

D = TypeVar("D", bound=Document)

Level: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a document that its author should know.

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


@dataclass(frozen=True, slots=True)
class Linter:
    """The rules of one dialect.

    Parameters:
        vocabulary, root: as for `callbackkit.bxml.parsing.parse`.
        rules: look at any document, and speak Python without quoting free text.
        text_rules: look only at text, which nothing will complete before it is sent, and speak XML.
        name_of: how bad it is that something can't be read, and the name of the rule it breaks.
    """

    vocabulary: Mapping[str, type[Element]]
    root: type[Document]
    rules: Sequence[Callable[[Document], Found]]
    text_rules: Sequence[Callable[[Document], Found]]
    name_of: Callable[["Problem"], tuple[Level, str]]

    def lint(self, document: Document | Verb | Sequence[Verb] | str | bytes) -> list[Finding]:
        """All findings, in the order of their lines; never raises for bad text."""
        if not isinstance(document, (str, bytes)):
            if not isinstance(document, Document):
                document = self.root(document)
            # Of a path the final URL isn't known yet, so this is the least size.
            size = len(document.to_xml("http://a").encode())
            found = [finding for rule in self.rules for _, finding in rule(document)]
            return self._size(size) + found
        data = document.encode(errors="replace") if isinstance(document, str) else document
        return self._size(len(data)) + self._lint_text(document)

    def _lint_text(self, text: str | bytes) -> list[Finding]:
        from callbackkit.bxml.parsing import read

        parsed = read(text, self.vocabulary, self.root)
        findings = []
        for problem in parsed.problems:
            docs = (problem.kind or self.root).docs
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

    def _size(self, size: int) -> list[Finding]:
        limit = self.root.max_size
        near = limit * 3 // 4
        if size <= near:
            return []
        name = self.root.__name__
        if size > limit:
            message = f"{name} has {size:,} bytes, more than the {limit:,} allowed"
            return [Finding("error", "too-big", message, None, self.root.docs)]
        message = f"{name} has {size:,} bytes, close to the {limit:,} allowed"
        return [Finding("warning", "too-big", message, None, self.root.docs)]
