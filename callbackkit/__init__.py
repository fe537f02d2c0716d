"""SMS and voice apps on Bandwidth: callbacks in, typed events to async handlers, BXML out.

Everything of a protocol is imported from its dialect: `from callbackkit.v1 import App, SmsEvent`.
Here are the names that belong to none.
"""

from typing import TYPE_CHECKING

from callbackkit.background import After
from callbackkit.bxml import Finding
from callbackkit.callback import Callback
from callbackkit.duplicates import DuplicateStore, MemoryDuplicates
from callbackkit.errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    ArgumentError,
    AuthenticationError,
    BadReplyError,
    CallbackkitError,
    ConflictError,
    DecodeError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    ParseError,
    RateLimitError,
    ReplyError,
    ServerError,
    SetupError,
    VerbError,
    WaitError,
    WaitTimeoutError,
    with_code,
)
from callbackkit.http import HttpResponse
from callbackkit.observing import Observation
from callbackkit.routing import Next

__all__ = [
    "After",
    "ApiConnectionError",
    "ApiError",
    "ApiTimeoutError",
    "ArgumentError",
    "AuthenticationError",
    "BadReplyError",
    "Callback",
    "CallbackkitError",
    "ConflictError",
    "DecodeError",
    "DuplicateStore",
    "Finding",
    "ForbiddenError",
    "HttpResponse",
    "InvalidRequestError",
    "MemoryDuplicates",
    "Next",
    "NotFoundError",
    "Observation",
    "ParseError",
    "RateLimitError",
    "ReplyError",
    "ServerError",
    "SetupError",
    "VerbError",
    "WaitError",
    "WaitTimeoutError",
    "with_code",
]

__version__: str

if not TYPE_CHECKING:  # which would take any name for one of the package

    def __getattr__(name: str) -> str:
        """Return `__version__` as the installed metadata has it; read only when it is wanted."""
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import version

        return version(__name__)
