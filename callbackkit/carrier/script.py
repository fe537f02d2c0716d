"""A call under BXML: documents are fetched, read and run, verb by verb, until the call ends."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

from callbackkit.bxml import Document, Finding
from callbackkit.bxml.elements import Element
from callbackkit.bxml.parsing import read
from callbackkit.bxml.text import masked
from callbackkit.carrier.call import Call
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.scheduler import Interrupted

INSTANT_DOCUMENTS = 20
"""Documents without a moment or an input in between that make a loop (rule document-limit)."""
MOST_DOCUMENTS = 1000
"""Documents that one call may fetch (rule document-limit)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The continuation after a verb: the document in a reply, or silence where there is none.

    `vital` is true if the call can't go on after a failed delivery (rule on-failure). `since` is
    when the silence began, None for now.
    """

    delivery: Delivery | None = None
    vital: bool = False
    since: float | None = None


class Replaced(Interrupted):
    """Ends the document that runs: that of a late reply takes its place (rule late-reply)."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__()
        self.delivery = delivery


Run: TypeAlias = Callable[[Any, Any, bool], Awaitable[Reply | None]]
"""Runs a verb (second argument) on a call; the third is true for the last verb of its document.
Returns None if the next verb follows."""


@dataclass(frozen=True, eq=False)
class Language:
    """The documents of a dialect as a carrier reads, runs and shows them.

    `documents` are the roots that a document may have. `instead` is what a verb becomes that can't
    be run, None for nothing. `lint` finds what is wrong
    with a body. `verbs` runs each kind of verb, `shown` gives what a summary has in brackets.
    `open_ends` are the verbs after which the end of a document is not documented (rule
    after-last-verb).
    """

    vocabulary: Mapping[str, type[Element]]
    documents: tuple[type[Document], ...]
    instead: Mapping[type[Element], Element | None]
    lint: Callable[[bytes], list[Finding]]
    verbs: Mapping[type[Element], Run]
    shown: Mapping[type[Element], Callable[[Any], str]]
    open_ends: tuple[type[Element], ...] = ()

    def read(self, body: bytes, url: str) -> tuple[Document | None, tuple[Finding, ...]]:
        """Return what can be run of a document, None if it is rejected as a whole, and all that is
        wrong with it."""
        return _read(self, body, url)

    def summary(self, body: bytes) -> str:
        """Return the verbs of a body on a line, with what decides where the call goes."""
        return _summary(self, body)


@lru_cache(maxsize=512)
def _read(language: Language, body: bytes, url: str) -> tuple[Document | None, tuple[Finding, ...]]:
    parsed = read(body, language.vocabulary, language.documents, url, language.instead)
    findings = tuple(language.lint(body))
    document = parsed.document
    if document is None or not parsed.complete or len(body) > document.max_size:
        return None, findings
    return document, findings


@lru_cache(maxsize=512)
def _summary(language: Language, body: bytes) -> str:
    if not body.strip():
        return ""
    document = language.read(body, "http://a/")[0]
    if document is None:
        return "no BXML that can be run"
    return ", ".join(_shown(language, verb) for verb in document.children) or "no verbs"


def _shown(language: Language, verb: Element) -> str:
    name = type(verb).__name__
    shown = language.shown.get(type(verb))
    inside = shown(verb) if shown else ""
    return f"{name}({inside})" if inside else name


class Script:
    """Runs the documents of one call."""

    def __init__(self, call: Call, language: Language) -> None:
        self._call = call
        self._carrier = call.carrier
        self._language = language
        self._fetched = 0
        self._instant: tuple[float, int] = (-1.0, 0)
        self._urls: list[str] = []

    async def run(self, reply: Reply) -> None:
        """Run the document in a reply, and all that follow, to the end of the call."""
        call = self._call
        while True:
            try:
                while (document := self._document(reply)) is not None:
                    reply = await self._run(document)
                await call.linger(self._carrier.now if reply.since is None else reply.since)
            except Replaced as late:
                reply = Reply(late.delivery)
                call.lingering = None

    async def _run(self, document: Document) -> Reply:
        language, last = self._language, len(document.children)
        for number, verb in enumerate(document.children, 1):
            reply = await language.verbs[type(verb)](self._call, verb, number == last)
            if reply is not None:
                return reply
            if number == last and isinstance(verb, language.open_ends):
                self._carrier.rule("after-last-verb", self._call.id)
        return Reply()

    def _document(self, reply: Reply) -> Document | None:
        """Return the document in a reply, None if there is none. An invalid one ends the call."""
        call, carrier, delivery = self._call, self._carrier, reply.delivery
        if delivery is None:
            return None
        if delivery.failure is not None:
            if reply.vital and carrier.rule("on-failure", call.id) != "silence":
                call.finish(call.causes.failed_callback)
            return None
        if not delivery.body.strip():
            why = f": {delivery.advised}" if delivery.advice else ""
            carrier.diagnose(
                "error",
                "unanswered-handler",
                f"{delivery.event} was answered without BXML, so the caller hears nothing{why}",
                carrier.pages["unanswered-handler"].format(event=delivery.event),
                subject=call.id,
                place=delivery.handler,
            )
            return None
        self._count(delivery)
        call.new_document(delivery.body)
        document, findings = self._language.read(delivery.body, delivery.url)
        place = delivery.handler
        if delivery.faulty:  # a body that a test has put in: not the app's
            findings, place = tuple(replace(one, level="info") for one in findings), None
        for finding in findings:
            carrier.diagnose_finding(finding, call.id, place)
        self._look_at_type(delivery)
        if document is None:
            carrier.rule("invalid-document", call.id)
            carrier.on_invalid_document(delivery)
            call.journal.add(call.id, "invalid BXML", delivery=delivery)
            call.finish(call.causes.invalid_document)
        return document

    def _look_at_type(self, delivery: Delivery) -> None:
        assert delivery.outcome is not None
        kind = delivery.outcome.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and "xml" not in kind:
            self._carrier.diagnose(
                "warning",
                "content-type",
                f"BXML was sent as {kind[:60]!r}; application/xml says what it is",
                subject=self._call.id,
                place=delivery.handler,
            )

    def _count(self, delivery: Delivery) -> None:
        """End a call that goes from document to document for ever (rule document-limit)."""
        call, carrier = self._call, self._carrier
        instant = (carrier.now, call.inputs)
        if instant != self._instant:
            self._instant = instant
            self._urls = []
        self._urls.append(delivery.url.partition("#")[0])
        self._fetched += 1
        if len(self._urls) <= INSTANT_DOCUMENTS and self._fetched <= MOST_DOCUMENTS:
            return
        carrier.rule("document-limit", call.id)
        cycle = list(dict.fromkeys(self._urls[-INSTANT_DOCUMENTS:]))
        if len(self._urls) > INSTANT_DOCUMENTS:
            words = f"{INSTANT_DOCUMENTS} documents came without a moment in between"
            mend = "end the loop, or let something be heard in it"
        else:
            words = f"the call went through {MOST_DOCUMENTS} documents"
            mend = "hang up after some rounds, as nobody may be there any more"
        path = " -> ".join(masked(url) for url in cycle[:5])
        carrier.diagnose(
            "error",
            "redirect-loop",
            f"{words}, over {path}; {mend}",
            subject=call.id,
            ledger="document-limit",
            place=delivery.handler,
        )
        call.finish(call.causes.hangup)
