"""A callback on its way to an app, and what came of it: values, no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus, urlsplit

from callbackkit.bxml.text import masked

if TYPE_CHECKING:
    from callbackkit.advice import Advice


# The same names and ids come in every call of a test suite.
_quoted = lru_cache(maxsize=4096)(partial(quote_plus, errors="replace"))


class Outcome(NamedTuple):
    """What came of a delivery.

    `status` is None where no reply came. `failure` is why it counts as failed, in words that follow
    "it", None for a success. `took` is in seconds of the carrier's clock. `reached` tells whether
    there was a connection at all.
    """

    status: int | None = None
    headers: Mapping[str, str] = {}
    body: bytes = b""
    failure: str | None = None
    took: float = 0.0
    reached: bool = True


def path_of(url: str) -> str:
    """The path of a URL, without query and credentials; what is no URL, without passwords."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return masked(url)


@dataclass(slots=True, eq=False)
class Delivery:
    """One HTTP request of a carrier to an app.

    Parameters:
        subject: the id of the call or message that it is about.
        event: the eventType; "" for the fetch of a file.
        method: "GET" or "POST".
        url: where to, as it was configured, credentials included.
        fields: what is told, by its names on the wire: text by GET.
        timeout: seconds that the carrier waits for the reply.
        user_agent: how the carrier calls itself.
    """

    subject: str
    event: str
    method: str
    url: str
    fields: Mapping[str, Any]
    timeout: float
    user_agent: str = ""
    outcome: Outcome | None = None
    handler: str | None = None
    """The handler that took it, as file:line, where that is known."""
    traceback: str | None = None
    """What the handler raised, without the frames of this package."""
    advice: "Advice | None" = None
    """What the app's log tells its developer about the reply."""
    expects_bxml: bool = False
    """Whether the reply says how the call goes on."""
    faulty: bool = False
    """Whether what is wrong with it is none of the app's, or was told already."""

    def __repr__(self) -> str:
        return f"<Delivery {self.method} {self.path} {self.event}>"

    @property
    def path(self) -> str:
        """The path it goes to, without query and credentials."""
        return path_of(self.url)

    @property
    def query(self) -> str:
        """The whole query string: that of the URL, then by GET the fields."""
        own = self.url.partition("#")[0].partition("?")[2]
        fields = ""
        if self.method == "GET":
            fields = "&".join(
                f"{_quoted(name)}={_quoted(text)}" for name, text in self.fields.items()
            )
        return "&".join(part for part in (own, fields) if part)

    @property
    def status(self) -> int | None:
        """The reply's status, None while or where there is none."""
        return self.outcome.status if self.outcome else None

    @property
    def body(self) -> bytes:
        """The reply's body, empty where there is none."""
        return self.outcome.body if self.outcome else b""
