"""BXML v1 as text: reading it back, and finding what is legal and still goes wrong in a call."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callbackkit.addresses import fault_in_url
from callbackkit.bxml.elements import Document, Verb
from callbackkit.bxml.linting import (
    Finding,
    Found,
    Level,
    Linter,
    about,
    reachable,
    suspicious_urls,
    unreachable,
    walk,
)
from callbackkit.v1.verbs import (
    VOCABULARY,
    Gather,
    Hangup,
    Record,
    Redirect,
    Response,
    SpeakSentence,
    Transfer,
)
from callbackkit.v1.voices import VOICES

if TYPE_CHECKING:
    from callbackkit.bxml.parsing import Problem


def parse(text: str | bytes) -> Response:
    """Read a BXML document back into verbs.

    Parameters:
        text: the document, as text or in the encoding that it declares (UTF-8 if none).

    Raises:
        ParseError: it is not well-formed, has a DOCTYPE, or breaks a rule of a verb; with the line.
    """
    from callbackkit.bxml.parsing import parse as parse_document

    return parse_document(text, VOCABULARY, (Response,))


def lint(document: Response | Verb | Sequence[Verb] | str | bytes) -> list[Finding]:
    """Find what is wrong with a document, or legal and hardly meant.

    Parameters:
        document: a Response, a verb or a sequence of verbs as a handler returns them, or BXML as
            text or bytes. Bad text never raises: its findings have lines and cover every part that
            can't be read; while an element can't be, only that and the size are judged.

    Returns:
        The findings in the order of their lines; none for a sound document.

    Raises:
        VerbError: it is no verbs, or verbs that may not stand in a Response.
    """
    return _LINTER.lint(document)


_ENDERS = (Hangup, Redirect)


def _order(document: Document) -> Found:
    yield from unreachable(document, _ENDERS)
    verbs = document.children
    for verb in verbs[: len(verbs) - 1]:
        if isinstance(verb, Gather) and verb.request_url is not None:
            yield about(
                verb,
                "warning",
                "gather-not-last",
                "Gather is not the last verb: the next one starts at once and the answer to the "
                "gather event is lost; put it last",
            )


def _dead_air(document: Document) -> Found:
    count = reachable(document, _ENDERS)
    if count == 0:
        yield about(
            document,
            "warning",
            "dead-air",
            "Response is empty: the caller hears nothing until the call is cut after 30 seconds",
        )
        return
    last = document.children[count - 1]
    match last:
        case Hangup() | Redirect():
            return
        case Gather() if last.request_url is not None:
            return
        case Transfer():
            # Its end ends the call, so only the unanswered one is left in silence.
            yield about(
                last,
                "info",
                "dead-air",
                "Transfer is the last verb: when nobody answers, the caller hears nothing until "
                "the call is cut; say what to do then",
            )
        case _:
            yield about(
                last,
                "warning",
                "dead-air",
                f"{type(last).__name__} is the last verb: after it the caller hears nothing for 30 "
                "seconds until the call is cut; end with Hangup, Redirect or a Gather that has a "
                "request_url",
            )


def _gathers(document: Document) -> Found:
    for _, verb in walk(document):
        if not isinstance(verb, Gather):
            continue
        if verb.request_url is None:
            yield about(
                verb,
                "error",
                "gather-no-url",
                "Gather has no request_url: the digits are sent nowhere",
            )
        if verb.bargeable is False:
            yield about(
                verb,
                "warning",
                "ignored-attribute",
                "Gather bargeable=False is ignored: it is deprecated and always true",
            )


def _speech(document: Document) -> Found:
    for _, verb in walk(document):
        if not isinstance(verb, SpeakSentence):
            continue
        if not verb.text.strip():
            yield about(
                verb, "warning", "empty-text", "SpeakSentence has no text: nothing is spoken"
            )
        if verb.voice is None:
            yield about(
                verb,
                "warning",
                "voice-default",
                "SpeakSentence names no voice: the documentation requires one and no default is "
                "known; give voice",
            )
        elif verb.locale is None:
            locales = " or ".join(repr(locale) for locale in VOICES[verb.voice][1])
            yield about(
                verb,
                "warning",
                "voice-mismatch",
                f"SpeakSentence voice={verb.voice!r} names no locale, and the default 'en_US' is "
                f"not its own; give locale {locales}",
            )


def _recordings(document: Document) -> Found:
    for parent, verb in walk(document):
        if not isinstance(verb, Record):
            continue
        if isinstance(parent, Transfer):
            for name in ("max_duration", "terminating_digits"):
                if getattr(verb, name) is not None:
                    message = f"Record {name} is ignored inside a Transfer"
                    yield about(verb, "warning", "ignored-attribute", message)
        elif verb.multi_channel:
            message = "Record multi_channel is ignored outside a Transfer"
            yield about(verb, "warning", "ignored-attribute", message)
        if verb.transcribe_callback_url is not None and not verb.transcribe:
            message = "Record transcribe_callback_url is never called without transcribe=True"
            yield about(verb, "warning", "ignored-attribute", message)


def _relative_urls(document: Document) -> Found:
    for _, verb in walk(document):
        for attribute in verb.shape.attributes.values():
            if attribute.pattern is None or attribute.pattern.role != "callback-url":
                continue
            value = getattr(verb, attribute.name)
            if value is None or not value.startswith("/"):
                continue
            message = f"{type(verb).__name__} {attribute.xml_name}={value!r} is not absolute"
            if isinstance(verb, Transfer):
                yield about(verb, "info", "relative-url", f"{message}, as other verbs demand")
            else:
                yield about(verb, "error", "relative-url", f"{message}; write the whole URL")


def _name_of(problem: "Problem") -> tuple[Level, str]:
    values = problem.values
    if problem.attribute is not None:
        attribute = problem.kind.shape.by_name.get(problem.attribute) if problem.kind else None
        pattern = attribute.pattern if attribute else None
        value = str(values.get(problem.attribute, ""))
        relative = pattern is not None and pattern.role == "callback-url" and "://" not in value
        if not (relative and value) or fault_in_url(value):
            return "error", "invalid-bxml"
        # Only a Transfer's may be "relative or absolute" (bxml/verbs/transfer).
        return "info" if problem.kind is Transfer else "error", "relative-url"
    # Rules about several attributes at once: only these two have a name of their own.
    if problem.kind is SpeakSentence and "voice" in values:
        return "error", "voice-mismatch"
    if problem.kind is Record and values.get("file_format") == "mp3" and values.get("transcribe"):
        return "error", "transcribe-mp3"
    return "error", "invalid-bxml"


_LINTER = Linter(
    vocabulary=VOCABULARY,
    roots=(Response,),
    rules=(_order, _dead_air, _gathers, _speech, _recordings, suspicious_urls),
    text_rules=(_relative_urls,),
    name_of=_name_of,
)
