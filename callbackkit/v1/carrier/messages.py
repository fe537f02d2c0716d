"""Messages: those that come in, those that the app sends, and their receipts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.rules import SENDING_DELAY

if TYPE_CHECKING:
    from callbackkit.v1.carrier.carrier import Carrier

# Descriptions as the page of receipts has them (apiCallbacks/sms).
DELIVERY_CODES: Mapping[str, str] = {
    "0": "Message Delivered to Carrier",
    "187": "Rejected as spam, statistical",
    "188": "Rejected as spam, keyword",
    "189": "Rejected as spam",
    "482": "Loop",
    "600": "Carrier queue full",
    "610": "Submit failed",
    "620": "Destination app error",
    "630": "NACK",
    "650": "Destination failure",
    "700": "Invalid service type",
    "720": "Invalid Destination Address",
    "740": "Invalid source address",
    "750": "Destination rejected message",
    "751": "Destination rejected message, too large",
    "770": "Destination rejected message, spam",
    "775": "Rejected, user opted out",
    "902": "Expired",
    "999": "Unknown",
}

# The basic characters of GSM 03.38, and those that take two places.
_GSM = frozenset(
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5\u0394_\u03a6"
    "\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9 !\"#\u00a4%&'()*+,-./"
    "0123456789:;<=>?\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7\u00bf"
    "abcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0"
)
_GSM_TWICE = frozenset("^{}\\[~]|\u20ac\f")


def segments(text: str) -> int:
    """How many segments a text takes: of 160 characters of the GSM alphabet, 153 in several, or of
    70 and 67 of any other."""
    if all(character in _GSM or character in _GSM_TWICE for character in text):
        size, one, more = len(text) + sum(c in _GSM_TWICE for c in text), 160, 153
    else:
        size, one, more = len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    return 1 if size <= one else -(-size // more)


@dataclass(slots=True, eq=False)
class Message:
    """One SMS or MMS. `direction` is "in" from a phone to the account, "out" from the account."""

    id: str
    direction: Literal["in", "out"]
    from_: str
    to: str
    text: str
    media: tuple[str, ...]
    time: datetime
    callbacks: Callbacks = field(default_factory=Callbacks)
    application_id: str | None = None
    tag: str | None = None
    receipt_requested: Literal["none", "error", "all"] | None = None
    state: Literal["received", "queued", "sending", "sent", "error"] = "queued"
    delivery_state: Literal["waiting", "delivered", "not-delivered"] | None = None
    delivery_code: str | None = None
    redacted: bool = False

    @property
    def event(self) -> str:
        return "mms" if self.media else "sms"

    @property
    def delivery_description(self) -> str | None:
        return None if self.delivery_code is None else DELIVERY_CODES.get(self.delivery_code)

    @property
    def visible_text(self) -> str:
        """The text as the platform still has it; a phone has what it was sent."""
        return "" if self.redacted else self.text

    @property
    def segment_count(self) -> int:
        return 1 if self.media else segments(self.text)

    def fields(self, carrier: "Carrier") -> dict[str, Any]:
        """What its events tell."""
        return {
            "messageId": self.id,
            "messageUri": carrier.uri(f"messages/{self.id}"),
            "direction": self.direction,
            "from": self.from_,
            "to": self.to,
            "text": self.visible_text,
            "media": list(self.media) or None,
            "applicationId": self.application_id,
            "time": self.time,
            "state": self.state,
            "deliveryState": self.delivery_state,
            "deliveryCode": self.delivery_code,
            "deliveryDescription": self.delivery_description,
            "segmentCount": self.segment_count,
            "tag": self.tag,
        }


async def come_in(carrier: "Carrier", message: Message) -> None:
    """Tell the app of a message that came in."""
    carrier.journal.add(message.id, "texts", message=message)
    if message.callbacks.url is not None:
        await carrier.send_event(
            message.id, message.event, message.callbacks, message.fields(carrier)
        )


async def go_out(carrier: "Carrier", message: Message) -> None:
    """Send a message of the app's, state by state (rule message-states), and its receipt."""
    carrier.rule("message-states", message.id)
    carrier.journal.add(message.id, "texts", message=message)
    await carrier.scheduler.sleep(SENDING_DELAY)
    message.state = "sending"
    await carrier.scheduler.sleep(SENDING_DELAY)
    code = carrier.faults.delivery_code(message.to)
    message.state = "sent" if code in (None, "0") else "error"
    carrier.journal.add(message.id, "sent" if message.state == "sent" else "not sent")
    if message.state == "sent":
        carrier.sent.append(message)
    wanted = message.receipt_requested or "none"
    if wanted != "none":
        message.delivery_state = "waiting"
        await carrier.scheduler.sleep(SENDING_DELAY)
    message.delivery_state = "delivered" if message.state == "sent" else "not-delivered"
    message.delivery_code = code or "0"
    told = wanted == "all" or (wanted == "error" and message.state == "error")
    if told and message.callbacks.url is not None:
        await carrier.send_event(
            message.id, message.event, message.callbacks, message.fields(carrier)
        )
