"""Text messages: each one that comes in becomes a ticket."""

from callbackkit.v1 import MmsEvent, Router, SmsEvent

from .tickets import Tickets

router = Router()


@router.on(SmsEvent, MmsEvent, direction="in")
async def receive(message: SmsEvent | MmsEvent, tickets: Tickets) -> None:
    tickets.open(message.text or "a picture")
