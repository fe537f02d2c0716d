"""Applications: where the platform sends the callbacks of the numbers that belong to them."""

from typing import Any, ClassVar

from pydantic import model_validator

from callbackkit.client import Pages
from callbackkit.models import Model
from callbackkit.v1.client.arguments import (
    CallbackTimeout,
    HttpMethod,
    Name,
    Page,
    Size,
    Url,
    at_least_one,
    needs,
    together,
)
from callbackkit.v1.client.resource import CallbackUrl, Created, Resource, SentHttpMethod


class Application(Model, frozen=True):
    """An application (methods/applications/applications)."""

    id: str
    """a-..."""
    name: str | None = None
    incoming_call_url: CallbackUrl = None
    incoming_call_url_callback_timeout: int | None = None
    """Milliseconds."""
    incoming_call_fallback_url: CallbackUrl = None
    incoming_message_url: CallbackUrl = None
    incoming_message_url_callback_timeout: int | None = None
    """Milliseconds."""
    incoming_message_fallback_url: CallbackUrl = None
    callback_http_method: SentHttpMethod = None
    """GET or POST, for calls and messages alike."""
    auto_answer: bool | None = None
    """Whether incoming calls are answered at once."""

    @model_validator(mode="before")
    @classmethod
    def _old_names(cls, data: Any) -> Any:
        """incomingSms... is the old name of incomingMessage...; some replies have both."""
        if not isinstance(data, dict):
            return data
        old = {name: value for name, value in data.items() if name.startswith("incomingSms")}
        renamed = {name.replace("Sms", "Message", 1): value for name, value in old.items()}
        return renamed | {name: value for name, value in data.items() if name not in old}


class Applications(Resource):
    """client.applications"""

    name: ClassVar[str] = "applications"

    def list(self, *, page: Page | None = None, size: Size | None = None) -> Pages[Application]:
        """All applications.

        `page` counts from 0; `size` is 1 to 1000 items a request, by default 25.
        Raises ArgumentError. (methods/applications/getApplications)
        """
        return self._pages(Applications.list, locals(), "applications", Application)

    # Error codes validation-error: a URL is needed, and a fallback URL has one to fall back from.
    @together(
        at_least_one("incoming_call_url", "incoming_message_url"),
        needs("incoming_call_fallback_url", "incoming_call_url"),
        needs("incoming_message_fallback_url", "incoming_message_url"),
    )
    async def create(
        self,
        *,
        name: Name,
        incoming_call_url: Url | None = None,
        incoming_call_url_callback_timeout: CallbackTimeout | None = None,
        incoming_call_fallback_url: Url | None = None,
        incoming_message_url: Url | None = None,
        incoming_message_url_callback_timeout: CallbackTimeout | None = None,
        incoming_message_fallback_url: Url | None = None,
        callback_http_method: HttpMethod | None = None,
        auto_answer: bool | None = None,
    ) -> Created[Application]:
        """A new application, with a URL for the events of calls, of messages, or of both.

        Timeouts are 1 to 10000 milliseconds, by default 10000; after one, the event goes to the
        fallback URL. `callback_http_method` is POST by default; BXML needs GET. `auto_answer` is on
        by default. Raises ArgumentError; ConflictError (duplicate-application).
        (methods/applications/postApplications)
        """
        return await self._create(Applications.create, locals(), "applications", self.get)

    async def get(self, application_id: str) -> Application:
        """An application. Raises NotFoundError.
        (methods/applications/getApplicationsApplicationId)
        """
        return await self._get(
            Applications.get, locals(), "applications/{application_id}", Application
        )

    async def update(
        self,
        application_id: str,
        *,
        name: Name | None = None,
        incoming_call_url: Url | None = None,
        incoming_call_url_callback_timeout: CallbackTimeout | None = None,
        incoming_call_fallback_url: Url | None = None,
        incoming_message_url: Url | None = None,
        incoming_message_url_callback_timeout: CallbackTimeout | None = None,
        incoming_message_fallback_url: Url | None = None,
        callback_http_method: HttpMethod | None = None,
        auto_answer: bool | None = None,
    ) -> None:
        """Change what is given; all else stays. The arguments are those of `create`.

        Raises ArgumentError, NotFoundError. (methods/applications/postApplicationsApplicationId)
        """
        await self._set(Applications.update, locals(), "applications/{application_id}")

    async def delete(self, application_id: str) -> None:
        """Delete an application. Raises NotFoundError.
        (methods/applications/deleteApplicationsApplicationId)
        """
        await self._delete(Applications.delete, locals(), "applications/{application_id}")
