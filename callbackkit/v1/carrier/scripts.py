"""A call under BXML: documents are fetched, read and run, verb by verb, until the call ends."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from callbackkit.bxml import Document, Finding
from callbackkit.bxml.elements import Element
from callbackkit.bxml.parsing import read
from callbackkit.bxml.text import masked
from callbackkit.carrier.delivery import Delivery, path_of
from callbackkit.carrier.scheduler import Interrupted
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.gathers import gather
from callbackkit.v1.carrier.playing import pause, play, send_keys
from callbackkit.v1.carrier.recordings import record
from callbackkit.v1.carrier.rules import INSTANT_DOCUMENTS, MOST_DOCUMENTS
from callbackkit.v1.carrier.transfers import transfer
from callbackkit.v1.linting import lint
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

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call


# What a verb becomes that can't be run. A destination that is none completes the call, which is
# hung up (bxml/verbs/transfer); a file or keys that are none are skipped (unplayable-file).
_INSTEAD: Mapping[type[Element], Element | None] = {
    Transfer: Hangup(),
    PhoneNumber: None,
    PlayAudio: None,
    SendDtmf: None,
}


class Replaced(Interrupted):
    """late-reply: a late reply takes the place of the document that runs."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document


@lru_cache(maxsize=512)
def _read(body: bytes, url: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """What can be run of a document, None if it is rejected as a whole, and all that is wrong."""
    parsed = read(body, VOCABULARY, Response, url, _INSTEAD)
    findings = tuple(lint(body))
    valid = parsed.document is not None and parsed.complete
    if len(body) > Response.max_size or not valid:
        return None, findings
    return parsed.document, findings


@lru_cache(maxsize=512)
def summary(body: bytes) -> str:
    """The verbs of a reply's document on a line, with what decides where the call goes."""
    document = _read(body, "http://a/")[0] if body.strip() else None
    if document is None:
        return "no BXML that can be run" if body.strip() else ""
    return ", ".join(_shown(verb) for verb in document.children) or "no verbs"


def _shown(verb: object) -> str:
    match verb:
        case Gather(max_digits=int(most)):
            inside = f"maxDigits={most}"
        case Redirect(request_url=url):
            inside = path_of(url)
        case Pause(length=int(seconds)):
            inside = str(seconds)
        case Transfer():
            numbers = [c.number for c in verb.children if isinstance(c, PhoneNumber)]
            inside = ", ".join(filter(None, (verb.transfer_to, *numbers)))
        case SendDtmf():
            inside = verb.digits
        case _:
            inside = ""
    return f"{type(verb).__name__}({inside})" if inside else type(verb).__name__


class Script:
    """What runs a call's documents."""

    def __init__(self, call: "Call") -> None:
        self.call = call
        self._carrier = call.carrier
        self._fetched = 0
        self._instant: tuple[float, int] = (-1.0, 0)
        self._urls: list[str] = []

    async def run(self, told: Delivery | None) -> None:
        """Run the reply to an answer event, and all that follows, to the end of the call."""
        document = self._steering(told, "answer")
        while True:
            try:
                while document is not None:
                    document = await self._execute(document)
                await self.call.linger(self._carrier.now)
            except Replaced as late:
                document = late.document
                self.call.lingering = None

    # Replies

    def _steering(self, told: Delivery | None, event: str) -> Document | None:
        """The document in a reply without which the call can't go on."""
        call = self.call
        if told is None:
            return None
        assert told.outcome is not None
        if told.outcome.failure is not None:
            if self._carrier.rule("on-failure", call.id) == "hangup":
                call.finish("NORMAL_CLEARING")
            return None
        return self.document(told)

    def document(self, told: Delivery) -> Document | None:
        """The document in a reply: None if there is none. One that is invalid ends the call."""
        call, carrier = self.call, self._carrier
        body = told.body
        if not body.strip():
            carrier.diagnose(
                "error",
                "unanswered-handler",
                _unanswered(told),
                f"bxml/callBacks/{told.event}",
                subject=call.id,
                place=told.handler,
            )
            return None
        self._count(told)
        call.new_document(body)
        found, findings = _read(body, told.url)
        place = told.handler
        if told.faulty:  # a body that a test has put in: none of the app's
            findings, place = tuple(replace(one, level="info") for one in findings), None
        for finding in findings:
            carrier.diagnose_finding(finding, call.id, place)
        self._look_at_type(told)
        if found is None:
            carrier.rule("invalid-document", call.id)
            carrier.note_error(
                "unavailable",
                "callback-not-delivered",
                f"The reply to {told.event} of call {call.id} is no BXML that can be run",
                callId=call.id,
            )
            carrier.journal.add(call.id, "invalid BXML", delivery=told)
            call.finish("NORMAL_CLEARING")
        return found

    def _look_at_type(self, told: Delivery) -> None:
        assert told.outcome is not None
        kind = told.outcome.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and "xml" not in kind:
            self._carrier.diagnose(
                "warning",
                "content-type",
                f"BXML was sent as {kind[:60]!r}; application/xml says what it is",
                "bxml/bxml",
                subject=self.call.id,
                place=told.handler,
            )

    def _count(self, told: Delivery) -> None:
        """End a call that goes from document to document without end (document-limit)."""
        call, carrier = self.call, self._carrier
        instant = (carrier.now, call.inputs)
        if instant != self._instant:
            self._instant = instant
            self._urls = []
        self._urls.append(told.url.partition("#")[0])
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
            "bxml/verbs/redirect",
            subject=call.id,
            ledger="document-limit",
            place=told.handler,
        )
        call.finish("NORMAL_CLEARING")

    # Verbs

    async def _execute(self, document: Document) -> Document | None:
        """Run a document: the one that follows it, None when nothing does."""
        call = self.call
        verbs = document.children
        for number, verb in enumerate(verbs, 1):
            match verb:
                case SpeakSentence() | PlayAudio():
                    await play(call, verb)
                case Pause():
                    await pause(call, 1 if verb.length is None else verb.length)
                case SendDtmf():
                    await send_keys(call, verb.digits)
                case Hangup():
                    call.finish("NORMAL_CLEARING")
                case Redirect():
                    to = Callbacks(verb.request_url, None, verb.request_url_timeout / 1000, "GET")
                    told = await call.send_event(
                        "redirect", {"callState": "active"}, to=to, expects_bxml=True
                    )
                    return self._steering(told, "redirect")
                case Gather():
                    last = number == len(verbs)
                    following = await gather(self, verb, last=last)
                    if following is not None:
                        return following
                case Record():
                    await record(call, verb)
                case Transfer():
                    following = await transfer(self, verb)
                    if following is not None:
                        return following
                case _:
                    raise AssertionError(f"{type(verb).__name__} is no verb of a document")
            if number == len(verbs) and isinstance(verb, (Pause, Record, Transfer)):
                self._carrier.rule("after-last-verb", call.id)
        return None


def _unanswered(told: Delivery) -> str:
    why = f": {told.advice.words.partition(' Paste one')[0]}" if told.advice else ""
    return f"{told.event} was answered without BXML, so the caller hears nothing{why}"
