"""The messages resource: sent one by one or up to 50 at once, listed, and made to forget a text."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply, without_none
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.messages import Message
from callbackkit.v1.carrier.server.bodies import RequestFields, is_number, is_url
from callbackkit.v1.carrier.server.callback_settings import callbacks_of, shown_callbacks
from callbackkit.v1.carrier.server.limits import MESSAGES
from callbackkit.v1.carrier.server.own_numbers import is_toll_free, sender
from callbackkit.v1.carrier.server.paging import MAX_SIZE, SIZE, listed
from callbackkit.v1.carrier.server.rejections import RestRejection, error_body
from callbackkit.v1.carrier.server.request import Operations, Request, decode, query_of

MAX_MESSAGES = 50
"""Messages of one request (methods/messages/postMessages)."""
MAX_TEXT = 2048
"""Characters of a message (methods/messages/postMessages)."""
KEPT = timedelta(days=3)
"""How long texts are kept (methods/messages/getMessages)."""

_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]([0-9]{1,2})(?::([0-9]{1,2})"
    r"(?::([0-9]{1,2})(?:\.([0-9]{1,6}))?)?)?Z?)?"
)


def send(request: Request) -> Response:
    """Send a message, or each of a list (methods/messages/postMessages)."""
    body = decode(request)
    if isinstance(body, list):
        return _send_many(request, body)
    message = _message(request, RequestFields.of(body, "message"))
    request.carrier.send(message)
    return created_reply(request.carrier.uri(f"messages/{message.id}"))


def _send_many(request: Request, items: list[Any]) -> Response:
    if len(items) > MAX_MESSAGES:
        raise RestRejection("multi-message-limit", len(items), MAX_MESSAGES)
    if not items:
        raise RestRejection("validation-error", reason="there is no message")
    results: list[dict[str, Any]] = []
    for item in items:
        try:
            message = _message(request, RequestFields.of(item, "message"))
        except RestRejection as refused:
            results.append({"result": "error", "error": error_body(refused, {})})
        else:
            request.carrier.send(message)
            place = request.carrier.uri(f"messages/{message.id}")
            results.append({"result": "accepted", "location": place})
    return json_reply(results, 202)


def _message(request: Request, given: RequestFields) -> Message:
    """A message as it is asked for. Raises RestRejection."""
    carrier = request.carrier
    number = sender(carrier, given, "methods/messages/postMessages")
    party = given.needed("to")
    # The page asks for E.164, the resource shows short codes too.
    if not is_number(party) and not _SHORT_CODE.fullmatch(party):
        raise RestRejection("validation-error:number")
    if is_toll_free(number):
        raise RestRejection("message-from-toll-free", number)
    media = given.texts("media") or []
    for url in media:
        if not is_url(url):
            raise RestRejection("media-invalid-url", url)
    text = given.text("text", most=MAX_TEXT)
    if text is None and not media:
        raise RestRejection("missing-property", "message", "text")
    # Official SDKs have examples of pictures without a text, which the page calls mandatory.
    text = text or ""
    if not text.strip() and not media:
        raise RestRejection("blank-property", "message", "text")
    receipt = given.word("receiptRequested", ("none", "error", "all"))
    if media and receipt not in (None, "none"):
        raise given.wrong("receiptRequested", "not to be asked for together with media")
    callbacks, tag = callbacks_of(given), given.text("tag")
    request.limits.take(MESSAGES)
    return Message(
        carrier.new_id("m"),
        "out",
        number,
        party,
        text,
        tuple(media),
        carrier.moment(),
        callbacks,
        tag=tag,
        receipt_requested=cast(Literal["none", "error", "all"] | None, receipt),
    )


# Reading


def list_messages(request: Request) -> Response:
    """Messages, a page at a time by a cursor that the Link header has
    (methods/messages/getMessages).

    The newest come first, as the text says and the cursor of the sample, sortKeyLT, implies; the
    table says the opposite.
    """
    query = query_of(request, "message")
    size = query.whole("size", high=MAX_SIZE) or SIZE
    ascending = query.word("sortOrder", ("asc", "desc")) == "asc"
    name = "sortKeyGT" if ascending else "sortKeyLT"  # only the latter is documented
    after = query.whole(name, low=0)
    wanted = _filter(query)
    found = [message for message in request.carrier.messages.values() if wanted(message)]
    found = found if ascending else found[::-1]
    if after is not None:
        found = [one for one in found if (_key(one) > after if ascending else _key(one) < after)]
    page = found[:size]
    links = {}
    if len(found) > size:
        links["next"] = {**request.query, name: str(_key(page[-1]))}
    return listed(request, page, lambda one: {**_shown(request, one), "messageId": one.id}, links)


def _filter(query: RequestFields) -> Callable[[Message], bool]:
    """Which messages a query asks for. Raises RestRejection if it is wrong."""
    from_, to = query.text("from"), query.text("to")
    since, until = _moment(query, "fromDateTime"), _moment(query, "toDateTime")
    direction = query.word("direction", ("in", "out"))
    state = query.word("state", ("received", "queued", "sending", "sent", "error"))
    delivery = query.word("deliveryState", ("waiting", "delivered", "not-delivered"))

    def wanted(message: Message) -> bool:
        return (
            from_ in (None, message.from_)
            and to in (None, message.to)
            and direction in (None, message.direction)
            and state in (None, message.state)
            and delivery in (None, message.delivery_state)
            and (since is None or message.time >= since)
            and (until is None or message.time <= until)
        )

    return wanted


def _moment(query: RequestFields, name: str) -> datetime | None:
    """A time as yyyy-MM-dd hh:mm:ss.sss, of which the end may be missing."""
    text = query.text(name)
    if text is None:
        return None
    found = _MOMENT.fullmatch(text.strip())
    if found is not None:
        *numbers, fraction = found.groups(default="0")
        year, month, day, hour, minute, second = map(int, numbers)
        try:
            return datetime(
                year, month, day, hour, minute, second, int(fraction.ljust(6, "0")), UTC
            )
        except ValueError:
            pass
    raise query.wrong(name, "no time as yyyy-MM-dd hh:mm:ss.sss")


def _key(message: Message) -> int:
    """Where a message is in the order of time: milliseconds and a number, as in the sample."""
    number = int(message.id.rpartition("-")[2])
    return round(message.time.timestamp() * 1000) * 1_000_000 + number % 1_000_000


def get_message(request: Request) -> Response:
    """A message (methods/messages/getMessagesMessageId)."""
    return json_reply(_shown(request, _message_of(request)))


def redact(request: Request) -> Response:
    """Empty the text of a message for good (methods/messages/redactMessageText)."""
    message = _message_of(request)
    if decode(request) != {"text": ""}:
        raise RestRejection("validation-error", reason='the body has to be {"text": ""}')
    message.redacted = True
    return empty_reply()


def _message_of(request: Request) -> Message:
    message_id = request.parameters["message_id"]
    found = request.carrier.messages.get(message_id)
    if found is None:
        raise RestRejection("message-not-found", message_id, details={"messageId": message_id})
    return found


def _shown(request: Request, message: Message) -> dict[str, Any]:
    kept = request.carrier.moment() - message.time <= KEPT
    callbacks = shown_callbacks(message.callbacks)
    del callbacks["callbackHttpMethod"]  # the resource has none
    return without_none(
        {
            "id": message.id,
            "from": message.from_,
            "to": message.to,
            "direction": message.direction,
            "text": message.visible_text if kept else None,
            "media": list(message.media),
            "state": message.state,
            "time": iso(message.time),
            **callbacks,
            "tag": message.tag,
            "receiptRequested": message.receipt_requested,
            "deliveryState": message.delivery_state,
            "deliveryCode": message.delivery_code,
            "deliveryDescription": message.delivery_description,
            "segmentCount": message.segment_count,
        }
    )


OPERATIONS: Operations = {
    "/users/{user_id}/messages": {"GET": list_messages, "POST": send},
    "/users/{user_id}/messages/{message_id}": {"GET": get_message, "PATCH": redact},
}
