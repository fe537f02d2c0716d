"""Errors that the platform has noted about the account, failed callbacks to your app among them."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from callbackkit.models import Model, Time
from callbackkit.rest import Operation
from callbackkit.v1.resources.values import Paging


def _as_listed(value: Any) -> Any:
    """Write the category of a single error, BAD_REQUEST, as a list has it: bad-request."""
    return value.lower().replace("_", "-") if isinstance(value, str) else value


class Detail(Model, frozen=True):
    """A thing that an error was about."""

    id: str | None = None
    name: str | None = None
    """requestPath, requestMethod, remoteAddress, applicationId, number, callId, userId, ..."""
    value: str | None = None


class UserError(Model, frozen=True):
    """Something that went wrong (methods/errors/getErrors)."""

    id: str
    """ue-..."""
    time: Time = None
    category: Annotated[str | None, BeforeValidator(_as_listed)] = None
    """authentication, authorization, not-found, bad-request, conflict, forbidden, unavailable,
    credit, limit, payment or backend."""
    code: str | None = None
    """no-callback-for-call, ..."""
    message: str | None = None
    details: tuple[Detail, ...] | None = None
    # The sample of a single error leaks its user with e-mail and password: nothing shows or dumps
    # that.
    user: Annotated[Any, Field(repr=False, exclude=True)] = None


LIST = Operation("errors.list", "GET", "/users/{user_id}/errors", Paging, UserError, paging="page")
GET = Operation("errors.get", "GET", "/users/{user_id}/errors/{error_id}", returns=UserError)
