"""HTTP as values: a request that may hold callbacks, and the response that goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from callbackkit.bxml.text import masked


@dataclass(slots=True, repr=False)
class HttpRequest:
    """A request as it came: what is needed to decode it, now or from a store.

    `path` is the path below the app's root, `query` the query string as it was sent. Names of
    `headers` are in lower case.
    """

    method: str
    path: str = "/"
    query: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""

    def __repr__(self) -> str:
        # Query, headers and body may hold credentials and what people wrote.
        return f"<HttpRequest {self.method}, {len(self.query) + len(self.body)} bytes>"


class HttpResponse(NamedTuple):
    """A reply before it is sent: a value that can be compared, kept and sent again."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-length", b"0"),)

    def __repr__(self) -> str:
        # Observers log responses, and the URLs in a document may carry credentials.
        return f"HttpResponse({self.status}, {masked(self.body.decode('utf-8', 'replace'))!r})"

    @classmethod
    def text(cls, status: int, text: str, *headers: tuple[bytes, bytes]) -> "HttpResponse":
        """Return a short plain-text response, for a request that is rejected."""
        return cls._typed(status, text.encode(), b"text/plain; charset=utf-8", *headers)

    @classmethod
    def bxml(cls, body: bytes) -> "HttpResponse":
        """Return the response with a document of verbs.

        The platform states no content type; application/xml is the one that fits every reading
        (bxml/bxml; reference: "safe choice").
        """
        return cls._typed(200, body, b"application/xml")

    @classmethod
    def _typed(
        cls, status: int, body: bytes, media_type: bytes, *headers: tuple[bytes, bytes]
    ) -> "HttpResponse":
        length = b"%d" % len(body)
        return cls(
            status,
            body,
            ((b"content-type", media_type), (b"content-length", length), *headers),
        )


EMPTY = HttpResponse(200)
FAILED = HttpResponse(500)
BUSY = HttpResponse(503)
