"""Checks of a request before it is decoded: credentials, and limits on its size."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from hmac import compare_digest
from typing import Any

from callbackkit.errors import SetupError
from callbackkit.http import HttpRequest, HttpResponse

Pair = tuple[str, str]

CHALLENGE = HttpResponse.text(
    401, "credentials needed\n", (b"www-authenticate", b'Basic realm="callbacks", charset="UTF-8"')
)


class BodyTooLarge(Exception):
    """The body is larger than the app takes."""


class ClientDisconnected(Exception):
    """The sender left before its body was complete."""


class Verifier:
    """Checks that requests come from the platform.

    `credentials` is the (user, password) pair that generated callback URLs carry, None if none.
    """

    credentials: Pair | None = None

    def check_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> HttpResponse | None:
        """Return the response to a request that is rejected before its body is read, else None."""
        return None

    def check_request(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response to a whole request that is rejected, else None."""
        return None


class BasicAuth(Verifier):
    """HTTP Basic, as a callback URL with user:password@ makes the platform send it.

    `auth` is one (user, password) pair or several, so that they can be rotated; the first one is
    written into generated callback URLs.
    """

    def __init__(self, auth: Pair | Sequence[Pair]) -> None:
        match auth:
            case (str(), _):
                given: list[Any] = [auth]
            case [*several]:
                given = several
            case _:
                given = [None]
        pairs: list[Pair] = []
        for pair in given:
            match pair:
                case (str(user), str(password)) if user and password and ":" not in user:
                    pairs.append((user, password))
                case _:
                    raise SetupError(
                        "auth= takes a (user, password) pair or several of them, neither part"
                        " empty and no colon in the user"
                    )
        if not pairs:
            raise SetupError("auth= is an empty list: leave it out to serve without credentials")
        self.credentials = pairs[0]
        texts = [f"{user}:{password}" for user, password in pairs]
        # Nothing says in which encoding the platform sends what a URL had percent-encoded; some
        # HTTP clients send Latin-1 whatever the challenge says (RFC 7617, appendix B.3).
        self._accepted = [text.encode() for text in texts]
        self._accepted += [text.encode("latin-1") for text in texts if _only_latin_1(text)]

    def check_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> HttpResponse | None:
        """Challenge a request without one of the pairs; takes as long for each of them."""
        given = [v for name, v in headers if len(name) == 13 and name.lower() == b"authorization"]
        # Of two headers, a proxy in front may have checked the other one.
        scheme, _, encoded = (given[0] if len(given) == 1 else b"").partition(b" ")
        try:
            credentials = b64decode(encoded.strip(), validate=True)
        except (Base64Error, ValueError):
            credentials = b""
        matched = scheme.lower() == b"basic"
        found = False
        for accepted in self._accepted:
            found |= compare_digest(credentials, accepted)
        return None if matched and found else CHALLENGE


def _only_latin_1(text: str) -> bool:
    """Return whether Latin-1 can spell a text, and does so in another way than UTF-8."""
    return not text.isascii() and max(text) <= "\xff"


async def read_body(receive: Any, limit: int) -> bytes:
    """Return the whole body. Raises BodyTooLarge above `limit` bytes, whatever length it claims."""
    received: bytearray | None = None  # no list: chunks of two bytes would take 20 times their size
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body", b"")
        if len(chunk) + (0 if received is None else len(received)) > limit:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return chunk if received is None else bytes(received + chunk)
        if received is None:
            received = bytearray()
        received += chunk
