"""Messages: those that come in, those that the app sends, and their receipts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from callbackkit.carrier import messaging
from callbackkit.carrier.delivering import send_event
from callbackkit.messaging import segments
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.defaults import SENDING_DELAY
from callbackkit.v1.carrier.ground import Ground

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


@dataclass(slots=True, eq=False)
class Message(messaging.Message):
    """One SMS, or MMS if it has media.

    `state` is "received", "queued", "sending", "sent" or "error" (methods/messages/getMessages).
    """

    callbacks: Callbacks = field(default_factory=Callbacks)
    application_id: str | None = None
    tag: str | None = None
    receipt_requested: Literal["none", "error", "all"] | None = None
    state: str = field(default="queued", kw_only=True)
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
        return 1 if self.media else len(segments(self.text))

    def fields(self, carrier: Ground) -> dict[str, Any]:
        """Return the fields of its events."""
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


async def come_in(carrier: Ground, message: Message) -> None:
    """Announce a message from a phone to the app."""
    carrier.journal.add(message.id, "texts", message=message)
    await _report(carrier, message)


async def go_out(carrier: Ground, message: Message) -> None:
    """Send a message of the app's, state by state (rule message-states), and its receipt."""
    carrier.rule("message-states", message.id)
    carrier.journal.add(message.id, "texts", message=message)
    await carrier.scheduler.sleep(SENDING_DELAY)
    message.state = "sending"
    await carrier.scheduler.sleep(SENDING_DELAY)
    code = carrier.faults.failure_of(message.to)
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
    if wanted == "all" or (wanted == "error" and message.state == "error"):
        await _report(carrier, message)


async def _report(carrier: Ground, message: Message) -> None:
    to = message.callbacks
    if to.url is not None:
        await send_event(carrier, message.id, message.event, to, message.fields(carrier))
