"""Messages: SMS and MMS, sent one by one or up to 50 at once, and those that came in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AliasChoices, Field

from callbackkit.client import Pages
from callbackkit.errors import ArgumentError
from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import (
    CallbackTimeout,
    HttpMethod,
    MediaUrls,
    Sender,
    Size,
    SortOrder,
    Text,
    Together,
    Url,
    excludes,
    fields,
    moment,
    together,
)
from callbackkit.v1.client.errors import Detail
from callbackkit.v1.client.resource import CallbackUrl, Created, Resource, last_segment

# yyyy-MM-dd hh:mm:ss.sss
_Moment = Annotated[
    datetime,
    moment(lambda utc: utc.replace(tzinfo=None).isoformat(" ", timespec="milliseconds")),
]
Receipt: TypeAlias = Literal["none", "error", "all"]


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
    """How many segments of 160 characters; 1 for an MMS, 0 on old messages."""


_TEXT_RULES = (
    Together(
        "takes a text that is not blank, unless there is media",  # error code blank-property
        lambda given: not given.get("text", "").strip() and "media" not in given,
    ),
    excludes("receipt_requested", "media", harmless="none"),
)


@together(*_TEXT_RULES)
@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """A message for `client.messages.send_many`; the arguments are those of `send`."""

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
    """Why one message of many was not taken (methods/messages/postMessages)."""

    category: str | None = None
    code: str | None = None
    message: str | None = None
    details: tuple[Detail, ...] | None = None


class SendResult(Model, frozen=True):
    """What became of one message of many (methods/messages/postMessages)."""

    result: str
    """accepted or error."""
    location: str | None = None
    """The URL of an accepted message."""
    error: SendError | None = None

    @property
    def accepted(self) -> bool:
        """Whether the message is on its way."""
        return self.result == "accepted"

    @property
    def id(self) -> str | None:
        """The id of an accepted message, m-..."""
        return last_segment(self.location)


class Messages(Resource):
    """client.messages"""

    name: ClassVar[str] = "messages"

    def list(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        from_date_time: _Moment | None = None,
        to_date_time: _Moment | None = None,
        size: Size | None = None,
        direction: Literal["in", "out"] | None = None,
        state: Literal["received", "queued", "sending", "sent", "error"] | None = None,
        delivery_state: Literal["waiting", "delivered", "not-delivered"] | None = None,
        sort_order: SortOrder | None = None,
    ) -> Pages[Message]:
        """Messages sent and received; their texts are kept for 3 days.

        `from_` and `to` are E.164. `from_date_time` and `to_date_time` have a time zone.
        `size` is 1 to 1000 items a request, by default 25. `sort_order` is by time; the page names
        asc as the default and also promises the newest first, so say which. Raises ArgumentError.
        (methods/messages/getMessages)
        """
        return self._pages(Messages.list, locals(), "messages", Message, "link")

    @together(*_TEXT_RULES)
    async def send(
        self,
        *,
        from_: Sender,
        to: Sender,
        text: Text,
        media: MediaUrls | None = None,
        receipt_requested: Receipt | None = None,
        callback_url: Url | None = None,
        callback_timeout: CallbackTimeout | None = None,
        callback_http_method: HttpMethod | None = None,
        fallback_url: Url | None = None,
        tag: str | None = None,
    ) -> Created[Message]:
        """Send an SMS, or an MMS if there is `media`.

        `from_`: one of your numbers. `to`: E.164. `text`: 2048 characters at most, sent as segments
        of 160. `media`: a URL or several, of your account's media or any other.
        `receipt_requested`: which receipts your app gets, by default none; not for an MMS.
        `callback_url` gets the events; `fallback_url` those that it fails to take within
        `callback_timeout` milliseconds, 1 to 10000, by default 10000. `callback_http_method`: by
        default POST. `tag` comes back in the events. Raises ArgumentError; RateLimitError
        (message-rate-limit, ...); ForbiddenError (number-access-denied, restricted-number,
        message-from-toll-free, insufficient-available-balance). (methods/messages/postMessages)
        """
        return await self._create(Messages.send, locals(), "messages", self.get)

    async def send_many(self, messages: Sequence[OutgoingMessage]) -> tuple[SendResult, ...]:
        """Send 1 to 50 messages by one request; one result each, in their order.

        A message that is not taken is a result with an `error`, no exception. Raises ArgumentError;
        RateLimitError; ForbiddenError (multi-message-limit). (methods/messages/postMessages)
        """
        if not 1 <= len(messages) <= 50:
            raise ArgumentError(
                f"messages.send_many: messages is a list of 1 to 50, not {len(messages)}."
            )
        body = [
            fields(OutgoingMessage, f"messages.send_many: messages[{number}]", vars(message))
            for number, message in enumerate(messages)
        ]
        path, _ = self._wire(Messages.send_many, {}, "messages")
        reply = await self._client.call("POST", path, body=body, repeatable=False)
        results = self._items(reply, SendResult)
        if len(results) != len(messages):
            raise reply.bad(f"it has {len(results)} results for {len(messages)} messages")
        return results

    async def get(self, message_id: str) -> Message:
        """A message. Raises NotFoundError. (methods/messages/getMessagesMessageId)"""
        return await self._get(Messages.get, locals(), "messages/{message_id}", Message)

    async def redact(self, message_id: str) -> None:
        """Empty the text of a message for good. Raises NotFoundError.
        (methods/messages/redactMessageText)
        """
        path, _ = self._wire(Messages.redact, locals(), "messages/{message_id}")
        await self._client.call("PATCH", path, body={"text": ""}, repeatable=True)
