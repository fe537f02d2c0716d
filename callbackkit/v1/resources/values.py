"""The kinds of values that several resources have.

Pages: methods/calls/postCalls, methods/messages/postMessages.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from typing_extensions import TypedDict

from callbackkit.addresses import E164 as _E164
from callbackkit.addresses import is_http_url
from callbackkit.rest import ANY_CASE, ArgumentRule, Url, checked, whole, written

# Values that are sent

E164: TypeAlias = Annotated[
    str, written('is a telephone number in E.164 form, as "+19195551212"', _E164)
]
"""A telephone number as "+19195551212"."""
Address: TypeAlias = Annotated[
    str,
    written(
        'is a telephone number in E.164 form, as "+19195551212", or a "sip:" URI',
        rf"{_E164}|(?i:sip):\S+",
    ),
]
"""A telephone number as "+19195551212", or a "sip:" URI (not "sips:")."""
Sender: TypeAlias = Annotated[
    str,
    # The page asks for E.164; message resources show short codes as well, so they are let through.
    written(
        'is a telephone number in E.164 form, as "+19195551212", or a short code',
        rf"{_E164}|[0-9]{{3,8}}",
    ),
]
"""A telephone number as "+19195551212", or a short code."""
HttpMethod: TypeAlias = Annotated[Literal["GET", "POST"], ANY_CASE]
CallbackTimeout: TypeAlias = Annotated[int, whole(1, 10_000, "milliseconds")]
FileFormat: TypeAlias = Annotated[Literal["wav", "mp3"], ANY_CASE]
SortOrder: TypeAlias = Annotated[Literal["asc", "desc"], ANY_CASE]


def _as_dict(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _is_headers(value: Mapping[Any, Any]) -> bool:
    return len(value) <= 5 and all(
        # Older versions of pydantic (2.11) look at names and values after this.
        isinstance(name, str)
        and isinstance(text, str)
        and name.lower().startswith("x-")
        and len(name) <= 256
        and len(text) <= 256
        for name, text in value.items()
    )


SipHeaders: TypeAlias = Annotated[
    Mapping[str, str],
    ArgumentRule(
        'is a mapping of 5 headers at most, with names that start with "X-" and names and values of'
        " 256 characters at most",
        (BeforeValidator(_as_dict), checked("headers", _is_headers)),
    ),
]
"""SIP headers of a call: 5 at most, names start with "X-" and keep their case."""


def _as_list(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)


MediaUrls: TypeAlias = Annotated[
    str | Sequence[str],
    ArgumentRule(
        "is an http or https URL, or a list of them",
        (
            AfterValidator(_as_list),
            Field(min_length=1),
            checked("url", lambda value: all(map(is_http_url, value))),
        ),
    ),
]
"""URLs: media of your account or any other."""


class Paging(TypedDict, total=False):
    """The part of a list to read."""

    page: Annotated[int, whole(0, None)] | None
    """The page to start with, counted from 0."""
    size: Annotated[int, whole(1, 1000)] | None
    """Items of one request: 1 to 1000, by default 25."""


class Callbacks(TypedDict, total=False):
    """The settings of callbacks: where events go, and those that your app fails to take."""

    callback_url: Url | None
    """Gets the events. Credentials in it are sent to you as HTTP Basic."""
    callback_timeout: CallbackTimeout | None
    """The time your app has for an event: 1 to 10000 milliseconds, by default 10000."""
    callback_http_method: HttpMethod | None
    """By default POST; GET makes a call a BXML call."""
    fallback_url: Url | None
    """Gets the events that `callback_url` fails to take in time."""


# Values that are read back. A callback URL may hold credentials: it is shown in no repr.

CallbackUrl = Annotated[str | None, Field(repr=False)]
SentHttpMethod = Annotated[
    # Written GET, read back as get.
    str | None, BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)
]


def last_segment(url: str | None) -> str | None:
    """Return the id or name at the end of a resource's URL: hosts and paths before it vary in
    samples."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return None
    return unquote(path.rstrip("/").rpartition("/")[2]) or None
