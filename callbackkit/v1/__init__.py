"""The v1 dialect: its app, events and verbs, and what reads and checks its BXML.

This is the one place to import from; what costs an import of its own (lxml) is loaded when used.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, TypeAlias, Union

from callbackkit.app import App as _App
from callbackkit.background import After
from callbackkit.bxml import Verb
from callbackkit.callback import Callback
from callbackkit.dialect import Dialect
from callbackkit.events import Event, UnknownEvent, collect
from callbackkit.routing import Router as _Router
from callbackkit.v1 import events, wire
from callbackkit.v1.events import (
    AnswerEvent,
    CallEvent,
    ConferenceEvent,
    ConferenceMemberEvent,
    ConferencePlaybackEvent,
    ConferenceSpeakEvent,
    Diversion,
    DtmfEvent,
    ErrorEvent,
    GatherEvent,
    HangupEvent,
    IncomingCallEvent,
    MessageEvent,
    MmsEvent,
    PlaybackEvent,
    RecordingEvent,
    RedirectEvent,
    SmsEvent,
    SpeakEvent,
    TimeoutEvent,
    TranscriptionEvent,
    TransferCompleteEvent,
)
from callbackkit.v1.linting import lint, parse
from callbackkit.v1.verbs import (
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
    from starlette.responses import Response as _HttpResponse

DIALECT = Dialect("v1", __name__, collect(events), wire.decode, Response)

Reply: TypeAlias = Union[Verb, Sequence[Verb], Response, "_HttpResponse", None]
"""What a handler may return: nothing, verbs, a Response, or an HTTP response of Starlette's."""


__all__ = [
    "DIALECT",
    "After",
    "AnswerEvent",
    "App",
    "CallEvent",
    "Callback",
    "ConferenceEvent",
    "ConferenceMemberEvent",
    "ConferencePlaybackEvent",
    "ConferenceSpeakEvent",
    "Diversion",
    "DtmfEvent",
    "ErrorEvent",
    "Event",
    "Gather",
    "GatherEvent",
    "Hangup",
    "HangupEvent",
    "IncomingCallEvent",
    "MessageEvent",
    "MmsEvent",
    "Pause",
    "PhoneNumber",
    "PlayAudio",
    "PlaybackEvent",
    "Record",
    "RecordingEvent",
    "Redirect",
    "RedirectEvent",
    "Reply",
    "Response",
    "Router",
    "SendDtmf",
    "SmsEvent",
    "SpeakEvent",
    "SpeakSentence",
    "TimeoutEvent",
    "TranscriptionEvent",
    "Transfer",
    "TransferCompleteEvent",
    "UnknownEvent",
    "Verb",
    "lint",
    "parse",
]


class Router(_Router):
    """Handlers of v1 events in a file of their own, added to the app by `app.include(router)`."""

    dialect: ClassVar[Dialect] = DIALECT


class App(_App):
    __doc__ = _App.__doc__

    dialect: ClassVar[Dialect] = DIALECT
