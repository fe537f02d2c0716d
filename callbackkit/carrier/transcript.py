"""The journal as people read it: a line for each entry, the same in every run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from callbackkit.bxml.text import masked
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.journal import Entry
from callbackkit.carrier.leg import Heard
from callbackkit.carrier.platform import Platform

_WIDTH = 44


def transcript(carrier: Platform, *subjects: str) -> str:
    """Return what happened on some calls and messages, or on all; one line an entry."""
    entries = carrier.journal.of(*subjects) if subjects else list(carrier.journal)
    calls = [leg.id for leg in carrier.legs if leg.parent is None]
    first = subjects[0] if subjects else calls[0] if len(calls) == 1 else ""
    parties = {leg.id: leg.party for leg in carrier.legs}
    lines = []
    for entry in entries:
        for text in _lines(carrier, entry):
            other = entry.subject != first and entry.subject in parties
            lines.append(_line(entry, text, parties[entry.subject] if other else None))
    return "\n".join(lines)


def line_of(carrier: Platform, entry: Entry, first: str = "") -> str | None:
    """Return the line of an entry as it comes in, None if it has none.

    A callback has its line when its reply is there. `first` is the call whose lines need no number.
    """
    if entry.kind == "callback":
        return None
    if entry.kind in ("reply", "reply dropped"):
        text = _callback(carrier, entry.data["delivery"])
    elif entry.kind in _WORDS:
        text = _WORDS[entry.kind](entry.data)
    else:
        return None
    legs = carrier.legs if entry.subject != first else ()
    return _line(entry, text, next((leg.party for leg in legs if leg.id == entry.subject), None))


def _line(entry: Entry, text: str, party: str | None) -> str:
    who = "" if party is None else f"[{party}] "
    # What people write and say may have several lines.
    return f"{clock(entry.at)}  {who}{' '.join(text.splitlines())}"


def clock(seconds: float) -> str:
    """Return a time in minutes, seconds and tenths, cut off as a clock does."""
    tenths = int(seconds * 10 + 1e-6)
    return f"{tenths // 600:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def _lines(carrier: Platform, entry: Entry) -> Iterator[str]:
    data = entry.data
    if entry.kind == "callback":
        yield _callback(carrier, data["delivery"])
    elif entry.kind in _WORDS:
        yield _WORDS[entry.kind](data)


def _callback(carrier: Platform, delivery: Delivery) -> str:
    shown = " ".join(
        f"{name}={masked(str(delivery.fields[name]))}"
        for name in carrier.transcript_fields
        if delivery.fields.get(name) not in (None, "")
    )
    event = delivery.event or "a file"
    sent = " ".join(filter(None, (f"-> {delivery.method} {delivery.path} {event}", shown)))
    outcome = delivery.outcome
    if outcome is None:
        return f"{sent:<{_WIDTH}}  ..."
    came = str(outcome.status) if outcome.status is not None else f"failed: it {outcome.failure}"
    summary = carrier.summary(delivery.body) if outcome.failure is None else ""
    raised = delivery.traceback.rpartition("\n")[2] if delivery.traceback else None
    parts = (came, summary, raised and f"raised {raised}", delivery.handler)
    return f"{sent:<{_WIDTH}}  {'  '.join(part for part in parts if part)}"


def _heard(data: Mapping[str, Any]) -> str:
    heard: Heard = data["heard"]
    what = f"plays  {masked(heard)}" if heard.kind == "audio" else f'hears  "{heard}"'
    cut = f" (cut at {heard.end - heard.start:.1f} s)" if heard.cut else ""
    return what + cut


def _pressed(data: Mapping[str, Any]) -> str:
    return f"presses {data['key']}{'' if data['taken'] else ' (nobody is listening)'}"


def _texted(data: Mapping[str, Any]) -> str:
    message = data["message"]
    arrow = "<-" if message.direction == "in" else "->"
    media = f" with {len(message.media)} media" if message.media else ""
    return f'{arrow} {message.from_} texts {message.to}: "{message.text}"{media}'


def _gathered(data: Mapping[str, Any]) -> str:
    return f'has gathered "{data["digits"]}" ({data["reason"]})'


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "calls": lambda data: f"<- {data['party']} calls {data['number']}",
    "is created": lambda data: f"-> {data['number']} calls {data['party']}",
    "rings": lambda data: "rings",
    "picks up": lambda data: "picks up",
    "refuses": lambda data: f"does not take it ({data['how']})",
    "hangs up": lambda data: "hangs up",
    "ends": lambda data: f"ends with {data['cause']}",
    "hears": _heard,
    "presses": _pressed,
    "receives": lambda data: f"gets the key {data['key']}",
    "speaks": lambda data: f'says   "{data["speech"].text}"',
    "pauses": lambda data: f"pause of {data['seconds']:g} s",
    "gathered": _gathered,
    "records": lambda data: "is being recorded",
    "recorded": lambda data: f"has a recording of {data['recording'].duration:.1f} s",
    "is connected": lambda data: f"is connected with {data['party']}",
    "dead air": lambda data: "silence: nothing can come any more but the end",
    "invalid BXML": lambda data: "the BXML can't be run",
    "texts": _texted,
    "sent": lambda data: "has reached the phone",
    "not sent": lambda data: "has not reached the phone",
    "rest": lambda data: f"<- {data['method']} {masked(data['path'])}  {data['status']}",
    "diagnostic": lambda data: f"!  {str(data['diagnostic']).partition(chr(10))[0]}",
}
