"""The v1 dialect: its app, events and verbs, and what reads and checks its BXML.

This is the one place to import from; what costs an import of its own (lxml) is loaded when used.
"""

from typing import ClassVar

from callbackkit.app import App as _App
from callbackkit.background import After
from callbackkit.bxml import Verb
from callbackkit.callback import Callback
from callbackkit.dialect import Dialect
from callbackkit.events import Event, UnknownEvent
from callbackkit.replies import Reply
from callbackkit.routing import Router as _Router
from callbackkit.v1 import wire
from callbackkit.v1.events import (
    AnswerEvent,
    AnyConferenceEvent,
    AnyRecordingEvent,
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

DIALECT = Dialect("v1", __name__, wire.EVENTS, wire.decode, Response)

__all__ = [
    "DIALECT",
    "After",
    "AnswerEvent",
    "AnyConferenceEvent",
    "AnyRecordingEvent",
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
