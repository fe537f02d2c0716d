"""Errors that the platform has noted about the account, failed callbacks to your app among them."""

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from callbackkit.client import Pages
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import Page, Size
from callbackkit.v1.client.resource import Resource


def _as_listed(value: Any) -> Any:
    """BAD_REQUEST, as a single error writes its category, as a list writes it: bad-request."""
    return value.lower().replace("_", "-") if isinstance(value, str) else value


class Detail(Model, frozen=True):
    """What an error was about."""

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


class Errors(Resource):
    """client.errors"""

    name: ClassVar[str] = "errors"

    def list(self, *, page: Page | None = None, size: Size | None = None) -> Pages[UserError]:
        """The recent errors; older ones are not kept.

        `page` counts from 0; `size` is 1 to 1000 items a request, by default 25.
        Raises ArgumentError. (methods/errors/getErrors)
        """
        return self._pages(Errors.list, locals(), "errors", UserError)

    async def get(self, error_id: str) -> UserError:
        """An error. Raises NotFoundError. (methods/errors/getErrorsErrorId)"""
        return await self._get(Errors.get, locals(), "errors/{error_id}", UserError)
