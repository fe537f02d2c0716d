"""The REST API of v1: every documented operation as a method of a resource of the client.

Left out are the four that only SDKs know and no page describes: a single domain, creating and
deleting an endpoint's token, and the HEAD of media.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Unpack

from callbackkit.client import (
    ApiResponse,
    BasicAuth,
    Created,
    ErrorBody,
    LinkedPages,
    NumberedPages,
    PagingStyle,
    RestClient,
    Retry,
    TransportOptions,
    error_body,
)
from callbackkit.errors import SetupError
from callbackkit.v1.client.account import Accounts
from callbackkit.v1.client.applications import Applications
from callbackkit.v1.client.available_numbers import AvailableNumbers
from callbackkit.v1.client.bridges import Bridges
from callbackkit.v1.client.calls import Calls
from callbackkit.v1.client.conferences import Conferences
from callbackkit.v1.client.domains import CreatedDomain, Domains
from callbackkit.v1.client.endpoints import Endpoints
from callbackkit.v1.client.errors import Errors
from callbackkit.v1.client.media import Media
from callbackkit.v1.client.messages import Messages
from callbackkit.v1.client.number_info import NumberInfos
from callbackkit.v1.client.phone_numbers import PhoneNumbers
from callbackkit.v1.client.recordings import Recordings
from callbackkit.v1.client.transcriptions import Transcriptions
from callbackkit.v1.resources.account import Account, AccountTransaction
from callbackkit.v1.resources.applications import Application
from callbackkit.v1.resources.audio import Prompt, Whisper
from callbackkit.v1.resources.available_numbers import AvailableNumber, OrderedNumber
from callbackkit.v1.resources.bridges import Bridge
from callbackkit.v1.resources.calls import Call, CallGather, CallHistoryEvent
from callbackkit.v1.resources.conferences import Conference, ConferenceMember
from callbackkit.v1.resources.domains import Domain
from callbackkit.v1.resources.endpoints import Endpoint, EndpointCredentials
from callbackkit.v1.resources.errors import Detail, UserError
from callbackkit.v1.resources.media import MediaFile
from callbackkit.v1.resources.messages import Message, OutgoingMessage, SendError, SendResult
from callbackkit.v1.resources.number_info import NumberInfo
from callbackkit.v1.resources.phone_numbers import PhoneNumber
from callbackkit.v1.resources.recordings import Recording
from callbackkit.v1.resources.transcriptions import Transcription

__all__ = [
    "Account",
    "AccountTransaction",
    "Application",
    "AvailableNumber",
    "Bridge",
    "Call",
    "CallGather",
    "CallHistoryEvent",
    "Client",
    "Conference",
    "ConferenceMember",
    "Created",
    "CreatedDomain",
    "Detail",
    "Domain",
    "Endpoint",
    "EndpointCredentials",
    "MediaFile",
    "Message",
    "NumberInfo",
    "OrderedNumber",
    "OutgoingMessage",
    "PhoneNumber",
    "Prompt",
    "Recording",
    "SendError",
    "SendResult",
    "Transcription",
    "UserError",
    "Whisper",
]

_SETTINGS = {
    "user_id": "BANDWIDTH_USER_ID",
    "token": "BANDWIDTH_API_TOKEN",
    "secret": "BANDWIDTH_API_SECRET",
}


class Client(RestClient):
    """The REST API of v1: `async with Client() as client: await client.messages.send(...)`.

    `user_id` (u-..., no log-in name), `token` and `secret` come from the arguments or from
    BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET, and `base_url`, for a carrier
    of your own, from CALLBACKKIT_BASE_URL. `retry` is how often and how long a request is sent
    again. The other options are those of `callbackkit.client.TransportOptions`. Raises SetupError.
    (methods/restApi)

    The keyword arguments of a method are the fields of the TypedDict in its signature, which
    describes each of them.
    """

    default_urls: ClassVar[Mapping[str, str]] = {"": "https://api.catapult.inetwork.com/v1"}
    # Errors of creations come without a time ("limits", create_call and send_message).
    rate_limits: ClassVar[frozenset[str]] = frozenset(
        {
            "call-rate-limit",
            "message-rate-limit",
            "message-rate-limit-overall",
            "message-rate-limit-per-tn",
        }
    )
    # The call is still being set up and nothing was done: "retry your operation later" (errors).
    transient_errors: ClassVar[frozenset[str]] = frozenset({"call-unavailable"})
    paging_styles: ClassVar[Mapping[str, PagingStyle]] = {
        "link": LinkedPages(),
        "page": NumberedPages("page", "size", 0, 25),
    }
    # Errors quote keys that were pressed, which may be a PIN, and callback URLs, which may hold
    # credentials (error codes send-dtmf-failure, callback-invalid-url).
    private_fields: ClassVar[frozenset[str]] = RestClient.private_fields | {
        "callbackUrl",
        "dtmfOut",
        "fallbackUrl",
        "incomingCallFallbackUrl",
        "incomingCallUrl",
        "incomingMessageFallbackUrl",
        "incomingMessageUrl",
        "userName",
    }

    def __init__(
        self,
        user_id: str | None = None,
        token: str | None = None,
        secret: str | None = None,
        *,
        base_url: str | None = None,
        retry: Retry | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        settings = {"user_id": user_id, "token": token, "secret": secret}
        self._user_id, *credentials = (_setting(key, value) for key, value in settings.items())
        super().__init__(
            base_url or os.environ.get("CALLBACKKIT_BASE_URL") or self.default_urls,
            BasicAuth(*credentials),
            path_values={"user_id": self._user_id},
            retry=retry,
            **options,
        )
        self.account = Accounts(self)
        self.applications = Applications(self)
        self.available_numbers = AvailableNumbers(self)
        self.bridges = Bridges(self)
        self.calls = Calls(self)
        self.conferences = Conferences(self)
        self.domains = Domains(self)
        self.endpoints = Endpoints(self)
        self.errors = Errors(self)
        self.media = Media(self)
        self.messages = Messages(self)
        self.number_info = NumberInfos(self)
        self.phone_numbers = PhoneNumbers(self)
        self.recordings = Recordings(self)
        self.transcriptions = Transcriptions(self)

    def __repr__(self) -> str:
        return f"<Client of {self._user_id} at {self._sender.bases['']}>"

    def error_body(self, response: ApiResponse) -> ErrorBody:
        return error_body(
            response.json_or_none(),
            category="category",
            code="code",
            message="message",
            details=("details", "name", "value"),
        )

    def reset_time(self, response: ApiResponse) -> datetime | None:
        # Epoch milliseconds, in a header or in a detail; both may be missing ("limits", headers).
        reset = response.headers.get("x-ratelimit-reset")
        if reset is None:
            reset = self.error_body(response).details.get("rateLimitResetTime", "")
        try:
            return datetime.fromtimestamp(int(reset) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return None


def _setting(name: str, value: str | None) -> str:
    variable = _SETTINGS[name]
    found = os.environ.get(variable, "") if value is None else value
    if not found.strip():
        raise SetupError(f"Client() has no {name}: give {name}= or set {variable}.")
    return found
