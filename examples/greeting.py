"""Answers every call with a greeting.

Run it from this folder, and set the address it is reached at as the `incomingCallUrl` of an
application with `callbackHttpMethod: GET`, as BXML is read only from replies to GET:

    uvicorn greeting:app

`callbackkit run greeting:app` serves it too, and logs a line for each callback.
"""

from callbackkit.v1 import AnswerEvent, App, Hangup, Reply, SpeakSentence

app = App()


@app.on(AnswerEvent)
async def greet(call: AnswerEvent) -> Reply:
    hello = SpeakSentence("Hello from Bandwidth", voice="susan", gender="female", locale="en_US")
    return [hello, Hangup()]
