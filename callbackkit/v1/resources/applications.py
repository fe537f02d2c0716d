"""Applications: where the platform sends the callbacks of the numbers that belong to them."""

from typing import Any, Required

from pydantic import model_validator
from typing_extensions import TypedDict

from callbackkit.models import Model
from callbackkit.rest import Flag, Name, Operation, Url, at_least_one, needs, together
from callbackkit.v1.resources.values import (
    CallbackTimeout,
    CallbackUrl,
    HttpMethod,
    Paging,
    SentHttpMethod,
)


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
    """True if incoming calls are answered at once."""

    @model_validator(mode="before")
    @classmethod
    def _old_names(cls, data: Any) -> Any:
        """Rename incomingSms..., the old name of incomingMessage...; some replies have both."""
        if not isinstance(data, dict):
            return data
        old = {name: value for name, value in data.items() if name.startswith("incomingSms")}
        renamed = {name.replace("Sms", "Message", 1): value for name, value in old.items()}
        return renamed | {name: value for name, value in data.items() if name not in old}


class _Settings(TypedDict, total=False):
    incoming_call_url: Url | None
    """Gets the events of calls. Credentials in it are sent to you as HTTP Basic."""
    incoming_call_url_callback_timeout: CallbackTimeout | None
    """1 to 10000 milliseconds, by default 10000; after it the event goes to the fallback URL."""
    incoming_call_fallback_url: Url | None
    incoming_message_url: Url | None
    """Gets the events of messages. Credentials in it are sent to you as HTTP Basic."""
    incoming_message_url_callback_timeout: CallbackTimeout | None
    """1 to 10000 milliseconds, by default 10000; after it the event goes to the fallback URL."""
    incoming_message_fallback_url: Url | None
    callback_http_method: HttpMethod | None
    """By default POST; BXML needs GET."""
    auto_answer: Flag | None
    """Answer incoming calls at once, by default True."""


class ApplicationChange(_Settings, total=False):
    """Changes of an application (methods/applications/postApplicationsApplicationId)."""

    name: Name | None


# Error codes validation-error: a URL is needed, and a fallback URL has one to fall back from.
@together(
    at_least_one("incoming_call_url", "incoming_message_url"),
    needs("incoming_call_fallback_url", "incoming_call_url"),
    needs("incoming_message_fallback_url", "incoming_message_url"),
)
class NewApplication(_Settings, total=False):
    """A new application, with a URL for the events of calls, of messages, or of both
    (methods/applications/postApplications)."""

    name: Required[Name]


_ALL = "/users/{user_id}/applications"
_ONE = "/users/{user_id}/applications/{application_id}"

LIST = Operation("applications.list", "GET", _ALL, Paging, Application, paging="page")
GET = Operation("applications.get", "GET", _ONE, returns=Application)
CREATE = Operation("applications.create", "POST", _ALL, NewApplication, created=GET)
UPDATE = Operation("applications.update", "POST", _ONE, ApplicationChange, repeatable=True)
DELETE = Operation("applications.delete", "DELETE", _ONE)
