"""Events of v1 on the wire: a GET query string, or a POST body of JSON or a form."""

from codecs import BOM_UTF8
from collections.abc import Sequence

from callbackkit.errors import DecodeError
from callbackkit.events import Event, collect
from callbackkit.http import HttpRequest
from callbackkit.query import parse_repeated
from callbackkit.reading import Reader
from callbackkit.v1 import events

EVENTS = collect(events)
"""The class of each eventType."""

_reader = Reader(EVENTS, events.UnknownEvent)


def decode(request: HttpRequest) -> Sequence[Event]:
    """Return the one event of a callback: of the query by GET, else of the body.

    A field that can't be read is None, an event of an unknown type an UnknownEvent. Raises
    DecodeError for what is no callback at all.
    """
    if request.method == "GET":
        return (_reader.parameters(*parse_repeated(request.query)),)
    body = request.body
    if body[:1] != b"{":
        body = body.removeprefix(BOM_UTF8).lstrip()
        if not body:
            raise DecodeError("The callback's body is empty.")
        if body[:1] == b"[":
            raise DecodeError("The callback's body is a JSON array; v1 sends one object.")
        if body[:1] != b"{":
            return (_form(body),)
    return (_reader.json(body),)


def _form(body: bytes) -> Event:
    if b"=" not in body:
        raise DecodeError("The callback's body is neither a JSON object nor a form.")
    if b"eventType" not in body:  # as other platforms send them
        raise DecodeError("The callback is a form without an eventType; send JSON, as v1 does.")
    return _reader.parameters(*parse_repeated(body))
