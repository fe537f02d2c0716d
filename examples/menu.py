"""A menu of two levels, whose second one is reached by a key of the first.

Each Gather has a tag, which comes back with the digits, so every choice is a handler of its own.
How often a caller pressed no key, or a wrong one, travels in the URL. Run it from this folder:

    uvicorn menu:app
"""

from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    Gather,
    GatherEvent,
    Hangup,
    Redirect,
    RedirectEvent,
    Reply,
    SpeakSentence,
)

TRIES = 3


def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="julie")


app = App(fallback=[say("Something went wrong here. Please call again later."), Hangup()])


@app.on(AnswerEvent, RedirectEvent)
async def main_menu(event: AnswerEvent | RedirectEvent, callback: Callback) -> Reply:
    choices = say("For our opening hours, press 1. For your order, press 2.")
    failed = int(callback.query.get("failed", 0))
    return Gather(choices, tag="main", max_digits=1, request_url=f"/?failed={failed}")


@app.on(GatherEvent, tag="main", digits="1")
async def hours(event: GatherEvent) -> Reply:
    return [say("We are open from nine to five, Monday to Friday."), Hangup()]


@app.on(GatherEvent, tag="main", digits="2")
async def order_menu(event: GatherEvent) -> Reply:
    choices = say("To track it, press 1. To cancel it, press 2. To go back, press star.")
    return Gather(choices, tag="order", max_digits=1, request_url="/")


@app.on(GatherEvent, tag="order", digits="1")
async def track(event: GatherEvent) -> Reply:
    return [say("Your order is on its way."), Hangup()]


@app.on(GatherEvent, tag="order", digits="2")
async def cancel(event: GatherEvent) -> Reply:
    return [say("Your order is cancelled."), Hangup()]


@app.on(GatherEvent, tag="order", digits="*")
async def back(event: GatherEvent) -> Reply:
    return Redirect(request_url="/")


@app.on(GatherEvent)
async def no_choice(event: GatherEvent, callback: Callback) -> Reply:
    failed = int(callback.query.get("failed", 0)) + 1
    if failed == TRIES:
        return [say("Goodbye."), Hangup()]
    return [say("That is not one of the choices."), Redirect(request_url=f"/?failed={failed}")]
