"""What goes back to the platform: what a handler may return, and that reply as an HTTP value."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Union

from callbackkit.bxml import Document, Verb
from callbackkit.bxml.text import masked

if TYPE_CHECKING:
    from starlette.responses import Response

    from callbackkit.callback import Callback

Reply: TypeAlias = Union[Verb, Sequence[Verb], Document, "Response", None]
"""What a handler may return: nothing, verbs, a document of verbs, or Starlette's response."""


class HttpReply(NamedTuple):
    """A reply before it is sent: a value that can be compared, kept and sent again."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-length", b"0"),)

    def __repr__(self) -> str:
        # Observers log what they are told, and the URLs in a document may carry credentials.
        return f"HttpReply({self.status}, {masked(self.body.decode('utf-8', 'replace'))!r})"

    @classmethod
    def text(cls, status: int, text: str, *headers: tuple[bytes, bytes]) -> "HttpReply":
        """A short plain-text reply, for what is refused."""
        return cls._typed(status, text.encode(), b"text/plain; charset=utf-8", *headers)

    @classmethod
    def bxml(cls, body: bytes) -> "HttpReply":
        """A document of verbs.

        The platform states no content type; application/xml is the one that fits every reading
        (bxml/bxml; reference: "safe choice").
        """
        return cls._typed(200, body, b"application/xml")

    @classmethod
    def _typed(
        cls, status: int, body: bytes, media_type: bytes, *headers: tuple[bytes, bytes]
    ) -> "HttpReply":
        length = b"%d" % len(body)
        return cls(
            status,
            body,
            ((b"content-type", media_type), (b"content-length", length), *headers),
        )


def is_response(result: object) -> bool:
    """Whether a handler returned an HTTP response of Starlette's."""
    # Who returns one has imported it; nobody else pays for the import.
    responses = sys.modules.get("starlette.responses")
    return responses is not None and isinstance(result, responses.Response)


async def collected(response: "Response", callback: "Callback") -> HttpReply:
    """A response of Starlette's as a value, whatever kind it is."""
    status, headers, body = 200, (), bytearray()

    async def receive() -> Any:
        return await asyncio.get_running_loop().create_future()  # nobody disconnects from a value

    async def send(message: Any) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], tuple(message["headers"])
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    # Without extensions: a server's own way of sending a file can't be collected.
    await response({**callback.request.scope, "extensions": {}}, receive, send)
    return HttpReply(status, bytes(body), headers)


EMPTY = HttpReply(200)
FAILED = HttpReply(500)
