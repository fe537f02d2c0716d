"""A callback on its way to an app, and its outcome: values, no HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias
from urllib.parse import quote_plus, urlsplit

from callbackkit.bxml.text import masked

if TYPE_CHECKING:
    from callbackkit.advice import Advice


HttpMethod: TypeAlias = Literal["GET", "POST"]

# The same names and ids come in every call of a test suite.
_quoted = lru_cache(maxsize=4096)(partial(quote_plus, errors="replace"))


class Outcome(NamedTuple):
    """The outcome of a delivery.

    `status` is None where no reply came. `failure` is why it counts as failed, in words that follow
    "it", None for a success. `took` is in seconds of the carrier's clock. `reached` is False if
    there was no connection at all.
    """

    status: int | None = None
    headers: Mapping[str, str] = {}
    body: bytes = b""
    failure: str | None = None
    took: float = 0.0
    reached: bool = True


def path_of(url: str) -> str:
    """Return the path of a URL, without query and credentials; if it is none, the text without
    passwords."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return masked(url)


@dataclass(slots=True)
class Destination:
    """The target of the events of a call, message or conference; none if `url` is None.

    `timeout` is in seconds.
    """

    url: str | None
    fallback_url: str | None
    timeout: float
    method: HttpMethod


@dataclass(slots=True, eq=False)
class Delivery:
    """One HTTP request of a carrier to an app.

    Parameters:
        subject: the id of the call or message that it is about.
        event: the type of the event; "" for the fetch of a file.
        method: "GET" or "POST".
        url: where to, as it was configured, credentials included.
        fields: the fields of the event by their names on the wire: text by GET.
        timeout: seconds that the carrier waits for the reply.
        user_agent: the User-Agent header.
        in_array: True if the body is an array with the event in it.
    """

    subject: str
    event: str
    method: str
    url: str
    fields: Mapping[str, Any]
    timeout: float
    user_agent: str = ""
    in_array: bool = False
    headers: Sequence[tuple[str, str]] = ()
    """Headers beside those that every delivery has; names are in lower case."""
    outcome: Outcome | None = None
    handler: str | None = None
    """The handler that took it, as file:line, where that is known."""
    traceback: str | None = None
    """The traceback of the handler's exception, without the frames of this package."""
    advice: "Advice | None" = None
    """The advice about the reply in the app's log."""
    expects_bxml: bool = False
    """True if the reply says how the call goes on."""
    faulty: bool = False
    """True if its failure is not the app's fault, or was reported already."""

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
    def failure(self) -> str | None:
        """The reason why it has failed, None for a success and before there is an outcome."""
        return self.outcome.failure if self.outcome else None

    @property
    def advised(self) -> str:
        """The first sentences of the advice, without the code to paste; "" without advice."""
        return self.advice.words.partition(" Paste one")[0] if self.advice else ""

    @property
    def body(self) -> bytes:
        """The reply's body, empty where there is none."""
        return self.outcome.body if self.outcome else b""
