"""Messages: SMS and MMS, sent one by one or up to 50 at once, and those that came in."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Literal, Required, TypeAlias

from pydantic import AliasChoices, Field
from typing_extensions import TypedDict

from callbackkit.models import Model, Time
from callbackkit.rest import (
    ANY_CASE,
    ArgumentRule,
    Operation,
    Together,
    Url,
    excludes,
    moment,
    together,
    whole,
)
from callbackkit.v1.resources.errors import Detail
from callbackkit.v1.resources.values import (
    Callbacks,
    CallbackTimeout,
    CallbackUrl,
    HttpMethod,
    MediaUrls,
    Sender,
    SortOrder,
    last_segment,
)

MOST = 50
"""Messages of one request (methods/messages/postMessages)."""


class Message(Model, frozen=True):
    """A message (methods/messages/messages)."""

    id: Annotated[str, Field(validation_alias=AliasChoices("id", "messageId"))]
    """m-..."""
    from_: str | None = None
    """E.164 or a short code."""
    to: str | None = None
    """E.164 or a short code."""
    direction: str | None = None
    """in or out."""
    text: Annotated[str | None, Field(repr=False)] = None
    """Kept for 3 days."""
    media: tuple[str, ...] | None = None
    """URLs; for those of your account see client.media."""
    state: str | None = None
    """received, queued, sending, sent or error."""
    time: Time = None
    callback_url: CallbackUrl = None
    callback_timeout: int | None = None
    """Milliseconds."""
    fallback_url: CallbackUrl = None
    tag: str | None = None
    receipt_requested: str | None = None
    """none, error or all."""
    delivery_state: str | None = None
    """waiting, delivered or not-delivered."""
    delivery_code: str | None = None
    """The carrier's code as text, "0" for delivered."""
    delivery_description: str | None = None
    segment_count: int | None = None
    """The number of segments of 160 characters; 1 for an MMS, 0 on old messages."""


Text: TypeAlias = Annotated[
    str, ArgumentRule("is a text of 2048 characters at most", (Field(max_length=2048),))
]
Receipt: TypeAlias = Annotated[Literal["none", "error", "all"], ANY_CASE]


@together(
    Together(
        "takes a text that is not blank, unless there is media",  # error code blank-property
        lambda passed: not passed["text"].strip() and "media" not in passed,
    ),
    excludes("receipt_requested", "media", harmless="none"),
)
class NewMessage(Callbacks, total=False):
    """A message to send: an SMS, or an MMS if there is `media` (methods/messages/postMessages)."""

    from_: Required[Sender]
    """One of your numbers, as "+19195551212", or a short code."""
    to: Required[Sender]
    """A number as "+19195551212", or a short code."""
    text: Required[Text]
    """2048 characters at most, sent as segments of 160."""
    media: MediaUrls | None
    """A URL or several, of your account's media or any other."""
    receipt_requested: Receipt | None
    """The receipts that your app gets, by default none; not for an MMS."""
    tag: str | None
    """Comes back in the events."""


@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """A message for `client.messages.send_many`; the arguments are those of `send`, `NewMessage`.

    It is checked when it is sent.
    """

    from_: Sender
    to: Sender
    text: Text = field(repr=False)
    media: MediaUrls | None = None
    receipt_requested: Receipt | None = None
    callback_url: Url | None = field(default=None, repr=False)
    callback_timeout: CallbackTimeout | None = None
    callback_http_method: HttpMethod | None = None
    fallback_url: Url | None = field(default=None, repr=False)
    tag: str | None = None


class SendError(Model, frozen=True):
    """The reason why one message of many was not taken (methods/messages/postMessages)."""

    category: str | None = None
    code: str | None = None
    message: str | None = None
    details: tuple[Detail, ...] | None = None


class SendResult(Model, frozen=True):
    """The result of one message of many (methods/messages/postMessages)."""

    result: str
    """accepted or error."""
    location: str | None = None
    """The URL of an accepted message."""
    error: SendError | None = None

    @property
    def accepted(self) -> bool:
        """True if the message is on its way."""
        return self.result == "accepted"

    @property
    def id(self) -> str | None:
        """The id of an accepted message, m-..."""
        return last_segment(self.location)


_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]([0-9]{1,2})(?::([0-9]{1,2})"
    r"(?::([0-9]{1,2})(?:\.([0-9]{1,6}))?)?)?Z?)?"
)


def _read_moment(text: str) -> datetime:
    """Read a time as yyyy-MM-dd hh:mm:ss.sss, of which the end may be missing."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError("no time")
    *numbers, fraction = found.groups(default="0")
    year, month, day, hour, minute, second = map(int, numbers)
    return datetime(year, month, day, hour, minute, second, int(fraction.ljust(6, "0")), UTC)


_Moment: TypeAlias = Annotated[
    datetime,
    moment(
        lambda utc: utc.replace(tzinfo=None).isoformat(" ", timespec="milliseconds"), _read_moment
    ),
]


class MessageFilter(TypedDict, total=False):
    """A choice of messages, and their order (methods/messages/getMessages)."""

    from_: str | None
    """E.164."""
    to: str | None
    """E.164."""
    from_date_time: _Moment | None
    """With a time zone."""
    to_date_time: _Moment | None
    """With a time zone."""
    size: Annotated[int, whole(1, 1000)] | None
    """Items of one request: 1 to 1000, by default 25."""
    direction: Annotated[Literal["in", "out"], ANY_CASE] | None
    state: Annotated[Literal["received", "queued", "sending", "sent", "error"], ANY_CASE] | None
    delivery_state: Annotated[Literal["waiting", "delivered", "not-delivered"], ANY_CASE] | None
    sort_order: SortOrder | None
    """By time. The page names asc as the default and also promises the newest first, so say which.
    """


_ALL = "/users/{user_id}/messages"
_ONE = "/users/{user_id}/messages/{message_id}"

LIST = Operation("messages.list", "GET", _ALL, MessageFilter, Message, paging="link")
GET = Operation("messages.get", "GET", _ONE, returns=Message)
SEND = Operation("messages.send", "POST", _ALL, NewMessage, created=GET)
SEND_MANY = Operation("messages.send_many", "POST", _ALL, NewMessage, SendResult, listed=True)
REDACT = Operation("messages.redact", "PATCH", _ONE, sends={"text": ""})
