"""The messages resource: sent one by one or up to 50 at once, listed, and made to forget a text."""

from datetime import timedelta
from typing import Annotated, Any

from callbackkit.carrier.server.replies import created, json_reply, resource
from callbackkit.rest import at, whole
from callbackkit.v1.carrier.messages import Message
from callbackkit.v1.carrier.server.arguments import Errors, read, read_fields
from callbackkit.v1.carrier.server.callback_settings import callbacks_of, shown_callbacks
from callbackkit.v1.carrier.server.limits import MESSAGES
from callbackkit.v1.carrier.server.own_numbers import check_sender, is_toll_free
from callbackkit.v1.carrier.server.paging import SIZE, Links, listed, matches
from callbackkit.v1.carrier.server.rejections import RestRejection, error_body, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.resources import messages as api

KEPT = timedelta(days=3)
"""How long texts are kept (methods/messages/getMessages)."""

_ERRORS: Errors = {("string_pattern_mismatch", "to"): "validation-error:number"}


@serves(api.SEND, api.SEND_MANY)
def send(request: Request) -> Reply:
    """Send a message, or each of a list (methods/messages/postMessages)."""
    body = request.json()
    if isinstance(body, list):
        return _send_many(request, body)
    message = _message(request, body)
    request.carrier.send(message)
    return created(request.carrier.uri(f"messages/{message.id}"))


def _send_many(request: Request, items: list[Any]) -> Reply:
    if len(items) > api.MOST:
        raise RestRejection("multi-message-limit", len(items), api.MOST)
    if not items:
        raise RestRejection("validation-error", reason="there is no message")
    results: list[dict[str, Any]] = []
    for item in items:
        try:
            message = _message(request, item)
        except RestRejection as rejection:
            results.append({"result": "error", "error": error_body(rejection, {})})
        else:
            request.carrier.send(message)
            place = request.carrier.uri(f"messages/{message.id}")
            results.append({"result": "accepted", "location": place})
    return json_reply(results, 202)


def _message(request: Request, fields: Any) -> Message:
    """Return the message that a JSON object is. Raises RestRejection."""
    carrier = request.carrier
    check_sender(carrier, fields, "methods/messages/postMessages")
    if isinstance(fields, dict) and fields.get("media") == []:
        fields = {**fields, "media": None}
    elif isinstance(fields, dict) and fields.get("media") and fields.get("text") is None:
        # Official SDKs have examples of pictures without a text, which the page calls mandatory.
        fields = {**fields, "text": ""}
    args = read_fields(fields, api.NewMessage, "message", _ERRORS)
    if is_toll_free(args["from_"]):
        raise RestRejection("message-from-toll-free", args["from_"])
    text, media = args["text"], args.get("media") or ()
    if not text.strip() and not media:
        raise RestRejection("blank-property", "message", "text")
    receipt = args.get("receipt_requested")
    if media and receipt not in (None, "none"):
        reason = "message.receiptRequested goes with no media"
        raise RestRejection("validation-error", reason=reason)
    request.limits.take(MESSAGES)
    return Message(
        carrier.new_id("m"),
        "out",
        args["from_"],
        args["to"],
        text,
        tuple(media),
        carrier.moment(),
        callbacks_of(args),
        tag=args.get("tag"),
        receipt_requested=receipt,
    )


# Reading


class _Filter(api.MessageFilter, total=False):
    # Places in the list: only the former is documented, in a sample of a Link header.
    sort_key_lt: Annotated[Annotated[int, whole(0, None)] | None, at("sortKeyLT")]
    sort_key_gt: Annotated[Annotated[int, whole(0, None)] | None, at("sortKeyGT")]


@serves(api.LIST)
def list_messages(request: Request) -> Reply:
    """Reply with a page of the messages, to the next of which the Link header leads by a cursor
    (methods/messages/getMessages).

    The newest come first, as the text says and the cursor of the sample, sortKeyLT, implies; the
    table says the opposite.
    """
    args = read(request, _Filter)
    size = args.get("size") or SIZE
    ascending = args.get("sort_order") == "asc"
    cursor = args.get("sort_key_gt") if ascending else args.get("sort_key_lt")
    since, until = args.get("from_date_time"), args.get("to_date_time")
    found = [
        message
        for message in request.carrier.messages.values()
        if matches(message, args, "from_", "to", "direction", "state", "delivery_state")
        and (since is None or message.time >= since)
        and (until is None or message.time <= until)
    ]
    found = found if ascending else found[::-1]
    if cursor is not None:
        found = [one for one in found if (_key(one) > cursor if ascending else _key(one) < cursor)]
    page = found[:size]
    links: Links = {}
    if len(found) > size:
        name = "sortKeyGT" if ascending else "sortKeyLT"
        links = {"next": {**request.query, name: str(_key(page[-1]))}}
    shown = ({**_shown(request, one), "messageId": one.id} for one in page)
    return listed(request, shown, links)


def _key(message: Message) -> int:
    """Return the place of a message in time: milliseconds and a number, as in the sample."""
    number = int(message.id.rpartition("-")[2])
    return round(message.time.timestamp() * 1000) * 1_000_000 + number % 1_000_000


@serves(api.GET)
def get_message(request: Request) -> dict[str, Any]:
    """Reply with a message (methods/messages/getMessagesMessageId)."""
    return _shown(request, _message_of(request))


@serves(api.REDACT)
def redact(request: Request) -> None:
    """Empty the text of a message for good (methods/messages/redactMessageText)."""
    message = _message_of(request)
    if request.json() != api.REDACT.sends:
        raise RestRejection("validation-error", reason='the body has to be {"text": ""}')
    message.redacted = True


def _message_of(request: Request) -> Message:
    message_id = request.parameters["message_id"]
    return find(request.carrier.messages, message_id, "message-not-found", "messageId")


def _shown(request: Request, message: Message) -> dict[str, Any]:
    kept = request.carrier.moment() - message.time <= KEPT
    callbacks = shown_callbacks(message.callbacks)
    del callbacks["callback_http_method"]  # the resource has none
    text = message.visible_text if kept else None
    return resource(api.Message, message, text=text, **callbacks)
