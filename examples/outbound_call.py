"""Calls everybody who asks for it by the text "call me", and speaks to them.

The call is told to send its callbacks to this app too, by GET, as BXML is read only from replies to
GET. Put your credentials into BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET, run
it from this folder, and set the address it is reached at as the `incomingMessageUrl` of an
application:

    uvicorn outbound_call:app
"""

import logging
import re

from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    Client,
    Hangup,
    HangupEvent,
    Reply,
    SmsEvent,
    SpeakSentence,
    TimeoutEvent,
)

CALL_ME = re.compile(r"\s*call me\W*", re.IGNORECASE)

log = logging.getLogger("outbound_call")
app = App()


@app.on(SmsEvent, direction="in", text=CALL_ME)
async def call_back(message: SmsEvent, callback: Callback, client: Client) -> None:
    await client.calls.create(
        from_=message.to,
        to=message.from_,
        callback_url=callback.url("/called", credentials=True),
        callback_http_method="GET",
    )


@app.on(AnswerEvent, path="/called")
async def speak(call: AnswerEvent) -> Reply:
    return [SpeakSentence("Hello From Bandwidth. Goodbye.", voice="susan"), Hangup()]


@app.on(HangupEvent, TimeoutEvent, path="/called")
async def ended(call: HangupEvent | TimeoutEvent) -> None:
    log.warning("the call to %s has ended: %s", call.to, call.event_type)
