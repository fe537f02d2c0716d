"""Receives text messages, keeps them, and respects who writes STOP.

Run it from this folder, and set the address it is reached at as the `incomingMessageUrl` of an
application:

    uvicorn receive_sms:app
"""

import re
from collections import defaultdict

from callbackkit.v1 import App, SmsEvent

STOP = re.compile(r"\s*(stop|unsubscribe)\s*", re.IGNORECASE)


class Inbox:
    """What people wrote, by their number. An app that is meant to last has a database here."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.unsubscribed: set[str] = set()


app = App()
app.provide(Inbox, Inbox)  # made once, when the app starts


# The first handler that matches takes the message, so the special case stands first.
@app.on(SmsEvent, direction="in", text=STOP)
async def unsubscribe(message: SmsEvent, inbox: Inbox) -> None:
    inbox.unsubscribed.add(message.from_)


@app.on(SmsEvent, direction="in")
async def receive(message: SmsEvent, inbox: Inbox) -> None:
    inbox.texts[message.from_].append(message.text or "")
