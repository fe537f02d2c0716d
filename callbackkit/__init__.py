"""SMS and voice apps on Bandwidth: callbacks in, typed events to async handlers, BXML out.

Everything of a protocol is imported from its dialect: `from callbackkit.v1 import App, SmsEvent`.
Here are the names that belong to none.
"""

from callbackkit.background import After
from callbackkit.bxml import Finding
from callbackkit.callback import Callback
from callbackkit.duplicates import DuplicateStore, MemoryDuplicates
from callbackkit.errors import (
    CallbackkitError,
    DecodeError,
    ParseError,
    ReplyError,
    SetupError,
    VerbError,
)
from callbackkit.observing import Observation
from callbackkit.replies import HttpReply
from callbackkit.routing import Next

__all__ = [
    "After",
    "Callback",
    "CallbackkitError",
    "DecodeError",
    "DuplicateStore",
    "Finding",
    "HttpReply",
    "MemoryDuplicates",
    "Next",
    "Observation",
    "ParseError",
    "ReplyError",
    "SetupError",
    "VerbError",
]
