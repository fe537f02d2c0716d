"""The REST API of v1: every documented operation as a method of a resource of the client.

Left out are the four that only SDKs know and no page describes: a single domain, creating and
deleting an endpoint's token, and the HEAD of media.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar, Literal

from callbackkit.client import Http, Reply, RestClient, Retry, Timeout, Transport
from callbackkit.client.replies import read_problem
from callbackkit.errors import SetupError
from callbackkit.v1.client.account import Account, Accounts, AccountTransaction
from callbackkit.v1.client.applications import Application, Applications
from callbackkit.v1.client.audio import Prompt, Whisper
from callbackkit.v1.client.available_numbers import (
    AvailableNumber,
    AvailableNumbers,
    OrderedNumber,
)
from callbackkit.v1.client.bridges import Bridge, Bridges
from callbackkit.v1.client.calls import Call, CallGather, CallHistoryEvent, Calls
from callbackkit.v1.client.conferences import Conference, ConferenceMember, Conferences
from callbackkit.v1.client.domains import CreatedDomain, Domain, Domains
from callbackkit.v1.client.endpoints import Endpoint, EndpointCredentials, Endpoints
from callbackkit.v1.client.errors import Detail, Errors, UserError
from callbackkit.v1.client.media import Media, MediaFile
from callbackkit.v1.client.messages import (
    Message,
    Messages,
    OutgoingMessage,
    SendError,
    SendResult,
)
from callbackkit.v1.client.number_info import NumberInfo, NumberInfos
from callbackkit.v1.client.phone_numbers import PhoneNumber, PhoneNumbers
from callbackkit.v1.client.recordings import Recording, Recordings
from callbackkit.v1.client.resource import Created
from callbackkit.v1.client.transcriptions import Transcription, Transcriptions

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
    of your own, from CALLBACKKIT_BASE_URL. The other arguments are those of
    `callbackkit.client.RestClient`. Raises SetupError. (methods/restApi)
    """

    default_url: ClassVar[str] = "https://api.catapult.inetwork.com/v1"
    # Refusals of creations come without a time ("limits", create_call and send_message).
    waits_out: ClassVar[frozenset[str]] = frozenset(
        {
            "call-rate-limit",
            "message-rate-limit",
            "message-rate-limit-overall",
            "message-rate-limit-per-tn",
        }
    )
    # Refusals quote keys that were pressed, which may be a PIN, and callback URLs, which may hold
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
        timeout: float | Timeout = 30.0,
        connections: int = 64,
        retry: Retry | None = None,
        transport: Literal["aiohttp"] | Transport | Callable[[], Transport] | None = None,
        http: Http | None = None,
    ) -> None:
        given = {"user_id": user_id, "token": token, "secret": secret}
        self._user_id, name, password = (_setting(key, value) for key, value in given.items())
        super().__init__(
            base_url or os.environ.get("CALLBACKKIT_BASE_URL") or self.default_url,
            (name, password),
            timeout=timeout,
            connections=connections,
            retry=retry,
            transport=transport,
            http=http,
        )
        self.account = Accounts(self, self._user_id)
        self.applications = Applications(self, self._user_id)
        self.available_numbers = AvailableNumbers(self, self._user_id)
        self.bridges = Bridges(self, self._user_id)
        self.calls = Calls(self, self._user_id)
        self.conferences = Conferences(self, self._user_id)
        self.domains = Domains(self, self._user_id)
        self.endpoints = Endpoints(self, self._user_id)
        self.errors = Errors(self, self._user_id)
        self.media = Media(self, self._user_id)
        self.messages = Messages(self, self._user_id)
        self.number_info = NumberInfos(self, self._user_id)
        self.phone_numbers = PhoneNumbers(self, self._user_id)
        self.recordings = Recordings(self, self._user_id)
        self.transcriptions = Transcriptions(self, self._user_id)

    def __repr__(self) -> str:
        return f"<Client of {self._user_id} at {self._wire.base}>"

    def reset_time(self, reply: Reply) -> datetime | None:
        # Epoch milliseconds, in a header or in a detail; both may be missing ("limits", headers).
        said = reply.headers.get("x-ratelimit-reset")
        if said is None:
            said = self.problem(read_problem(reply)).details.get("rateLimitResetTime", "")
        try:
            return datetime.fromtimestamp(int(said) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return None


def _setting(name: str, value: str | None) -> str:
    variable = _SETTINGS[name]
    found = os.environ.get(variable, "") if value is None else value
    if not found.strip():
        raise SetupError(f"Client() has no {name}: give {name}= or set {variable}.")
    return found
