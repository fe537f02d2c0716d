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
    """A request that is no callback at all. The app answers 400."""


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
    """A request to the platform failed; subclasses say how.

    `status` is the HTTP status, None where no reply came. `category`, `code`, `message` and
    `details` are those of the reply, as far as it has them; the platform's support needs
    `request_id`. `path` has no query. `maybe_executed` is true where the platform may have executed
    the request although it did not say so: look before you retry.
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
    """The platform found the request wrong (400 and its kin): a retry changes nothing."""


class AuthenticationError(ApiError):
    """The platform does not know the credentials (401)."""


class ForbiddenError(ApiError):
    """The platform rejects known credentials (403): a permission, balance or limit is missing."""


class NotFoundError(ApiError):
    """Nothing is there that the path names (404, 410)."""


class ConflictError(ApiError):
    """The present state rules the request out, such as a duplicate (409)."""


class RateLimitError(ApiError):
    """Too many requests at a time (429, and errors that name a rate): they work later.

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
    """A class that no exception is an instance of."""


def with_code(*codes: str) -> type[ApiError]:
    """For `except with_code("call-rate-limit") as error:`, an ApiError with one of these codes.

    Works only in an except clause, as it looks at the exception that is being handled.
    """
    error = sys.exception()
    return type(error) if isinstance(error, ApiError) and error.code in codes else _Nothing


class WaitError(CallbackkitError):
    """Waiting for something that can't happen any more. `state` is the last one seen."""

    def __init__(self, message: str, state: str | None = None) -> None:
        super().__init__(message)
        self.state = state


class WaitTimeoutError(WaitError, TimeoutError):
    """Waiting for something that did not happen in time. `state` is the last one seen."""
