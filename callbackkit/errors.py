"""Every exception that callbackkit itself raises, so that users can catch them in one place."""

import sys
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any


class CallbackkitError(Exception):
    """The base of all errors of callbackkit."""


class SetupError(CallbackkitError):
    """A wrong handler, filter, provider or option. Raised before the first callback is served."""


class DecodeError(CallbackkitError, ValueError):
    """What was received is no callback at all. The app answers 400."""


class ReplyError(CallbackkitError):
    """A handler's reply that nobody will read, that can't be rendered, or that is too big."""


class VerbError(CallbackkitError, ValueError):
    """A verb was given a value, a child or an attribute that its documentation rules out.

    `attribute` is the Python name of the attribute that is to blame, None where it is not one.
    """

    attribute: str | None = None


class ParseError(CallbackkitError, ValueError):
    """BXML that can't be read back into verbs.

    `line` is the line in the document, counted from 1, or None where there is none to name.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class ArgumentError(CallbackkitError, ValueError):
    """A method of a client was given a value that can't be sent. Nothing was sent."""


class ApiError(CallbackkitError):
    """A request to the platform failed; subclasses tell how.

    `status` is the HTTP status, None where no reply came. `category`, `code`, `message` and
    `details` are what the platform said, as far as it said it; `request_id` is what its support
    asks for. `path` has no query. `maybe_executed` tells that the platform may have done what was
    asked although it did not say so: look before you ask again.
    """

    def __init__(
        self,
        problem: str,
        *,
        method: str,
        path: str,
        status: int | None = None,
        category: str | None = None,
        code: str | None = None,
        message: str | None = None,
        details: Mapping[str, str] | None = None,
        request_id: str | None = None,
        maybe_executed: bool = False,
    ) -> None:
        super().__init__(f"{method} {path}: {problem}")
        self.method = method
        self.path = path
        self.status = status
        self.category = category
        self.code = code
        self.message = message
        self.details: Mapping[str, str] = MappingProxyType(dict(details or {}))
        self.request_id = request_id
        self.maybe_executed = maybe_executed

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process borders (task queues, test workers); the default would call
        # __init__ with the text alone.
        return _restored, (type(self), str(self), {**vars(self), "details": dict(self.details)})


def _restored(cls: type[ApiError], text: str, state: Mapping[str, Any]) -> ApiError:
    error = cls.__new__(cls, text)
    vars(error).update(state, details=MappingProxyType(state["details"]))
    return error


class InvalidRequestError(ApiError):
    """The platform found the request wrong (400 and its kin): asking again changes nothing."""


class AuthenticationError(ApiError):
    """The platform does not know the credentials (401)."""


class ForbiddenError(ApiError):
    """The platform knows who asks and refuses (403): a right, a balance or a limit lacks."""


class NotFoundError(ApiError):
    """What the path names is not there (404, 410)."""


class ConflictError(ApiError):
    """The state of things rules it out, such as a duplicate (409)."""


class RateLimitError(ApiError):
    """Too much at a time (429, and refusals that name a rate): it works later.

    `reset` is when, if the platform said so.
    """

    reset: datetime | None = None


class ServerError(ApiError):
    """The platform failed (5xx)."""


class BadReplyError(ServerError):
    """A reply that can't be used: a redirect, or a success without what it should hold."""


class ApiConnectionError(ApiError):
    """No whole reply came: refused, cut off, or not HTTP."""


class ApiTimeoutError(ApiConnectionError):
    """No whole reply came in time."""


class _Nothing(ApiError):
    """What no exception is an instance of."""


def with_code(*codes: str) -> type[ApiError]:
    """For `except with_code("call-rate-limit") as error:`, an ApiError with one of these codes.

    Works only in an except clause, as it looks at the exception that is being handled.
    """
    error = sys.exception()
    return type(error) if isinstance(error, ApiError) and error.code in codes else _Nothing


class WaitError(CallbackkitError):
    """What was waited for can't happen any more. `state` is the last one that was seen."""

    def __init__(self, message: str, state: str | None = None) -> None:
        super().__init__(message)
        self.state = state


class WaitTimeoutError(WaitError, TimeoutError):
    """What was waited for did not happen in time. `state` is the last one that was seen."""
