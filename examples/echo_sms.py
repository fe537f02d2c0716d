"""Answers every text message with the same text.

Put your credentials into BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET, run it
from this folder, and set the address it is reached at as the `incomingMessageUrl` of an
application:

    uvicorn echo_sms:app
"""

from callbackkit.v1 import App, Client, SmsEvent

app = App()


# Only what comes in: the receipts of messages sent come to the same address.
@app.on(SmsEvent, direction="in")
async def echo(message: SmsEvent, client: Client) -> None:
    if message.text:
        await client.messages.send(from_=message.to, to=message.from_, text=message.text)
