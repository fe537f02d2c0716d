"""What a request must pass before anything of it is read: credentials, and limits on its size."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hmac import compare_digest
from typing import Any

from callbackkit.errors import SetupError
from callbackkit.replies import HttpReply

Pair = tuple[str, str]

CHALLENGE = HttpReply.text(
    401, "credentials needed\n", (b"www-authenticate", b'Basic realm="callbacks", charset="UTF-8"')
)


class TooBig(Exception):
    """The body is larger than the app takes."""


class Gone(Exception):
    """The sender left before its body was complete."""


class BasicAuth:
    """HTTP Basic, the only protection the platform offers (a callback URL with user:password@).

    `auth` is one (user, password) pair or several, so that they can be rotated; the first one is
    written into generated callback URLs.
    """

    def __init__(self, auth: Pair | Sequence[Pair]) -> None:
        given = [auth] if len(auth) == 2 and isinstance(auth[0], str) else list(auth)
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
        self.first = pairs[0]
        self._accepted = [f"{user}:{password}".encode() for user, password in pairs]

    def accepts(self, scope: Any) -> bool:
        """Whether the request carries one of the pairs; takes as long whichever it is."""
        given = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                given = value
                break
        scheme, _, encoded = given.partition(b" ")
        try:
            credentials = b64decode(encoded.strip(), validate=True)
        except (Base64Error, ValueError):
            credentials = b""
        matched = scheme.lower() == b"basic"
        found = False
        for accepted in self._accepted:
            found |= compare_digest(credentials, accepted)
        return matched and found


async def read_body(receive: Any, limit: int) -> bytes:
    """The whole body. Raises TooBig above `limit` bytes, whatever length was promised."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if len(body) > limit:
            raise TooBig
        return body
    chunks = [body]
    size = len(body)
    while message.get("more_body", False):
        if size > limit:
            raise TooBig
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        chunks.append(chunk)
    if size > limit:
        raise TooBig
    return b"".join(chunks)
