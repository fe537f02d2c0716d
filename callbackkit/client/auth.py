"""Authentication: the header that proves to a platform who sends a request."""

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Awaitable, Collection, Mapping
from typing import Protocol

from callbackkit.client.responses import ApiResponse


class SendOne(Protocol):
    """Sends one request without authentication and returns its response. Raises ApiError."""

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Awaitable[ApiResponse]: ...


class Auth(ABC):
    """A way to authenticate. One object serves all requests of a client, many at a time."""

    @abstractmethod
    async def authorization(self, send: SendOne) -> str:
        """Return the Authorization header of the next request.

        `send` is for a request that this takes first, such as one for a token. Raises ApiError.
        """

    def renew(self, rejected: str) -> bool:
        """Forget a header that the platform rejected (401).

        Return whether the request is to be sent once more with a new one.
        """
        return False

    @property
    @abstractmethod
    def secrets(self) -> Collection[str]:
        """The texts that must be in no message."""


class BasicAuth(Auth):
    """HTTP Basic."""

    def __init__(self, username: str, password: str) -> None:
        pair = b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._header = f"Basic {pair}"
        self._secrets = (username, password, pair)

    async def authorization(self, send: SendOne) -> str:
        return self._header

    @property
    def secrets(self) -> Collection[str]:
        return self._secrets
