"""A small line to call, with a bit of everything that the kit has to do with."""

import pytest

from callbackkit.v1 import (
    After,
    AnswerEvent,
    App,
    Client,
    Gather,
    GatherEvent,
    Hangup,
    HangupEvent,
    Record,
    Redirect,
    RedirectEvent,
    Reply,
    SmsEvent,
    SpeakSentence,
    Transfer,
)


def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="julie")


def make_line(**options: object) -> App:
    """The app of the fixture `line`; `app.ended` collects the causes of hangups."""
    app = App(**options)  # type: ignore[arg-type]
    ended: list[str | None] = []
    app.ended = ended  # type: ignore[attr-defined]

    @app.on(AnswerEvent, RedirectEvent)
    async def menu(call: AnswerEvent | RedirectEvent) -> Reply:
        choices = say("For sales, press 1. For a message, press 2. For a number, press 3.")
        return Gather(choices, request_url="/chosen", max_digits=1, tag="menu")

    @app.on(GatherEvent, tag="menu", digits="1")
    async def sales(event: GatherEvent) -> Reply:
        return [
            say("One moment."),
            Transfer(say("A caller."), transfer_to="+19195550111", call_timeout=20),
            say("Nobody is there."),
            Hangup(),
        ]

    @app.on(GatherEvent, tag="menu", digits="2")
    async def message(event: GatherEvent) -> Reply:
        return [say("Speak."), Record(terminating_digits="#", max_duration=30), Hangup()]

    @app.on(GatherEvent, tag="menu", digits="3")
    async def number(event: GatherEvent) -> Reply:
        return Gather(say("Your number, please."), request_url="/number", tag="number")

    @app.on(GatherEvent, tag="number")
    async def numbered(event: GatherEvent) -> Reply:
        return [say(f"You are {event.digits}."), Hangup()]

    @app.on(GatherEvent)
    async def again(event: GatherEvent) -> Reply:
        return [say("Once more."), Redirect(request_url="/")]

    @app.on(HangupEvent)
    async def hung_up(event: HangupEvent) -> None:
        ended.append(event.cause)

    @app.on(SmsEvent, direction="in", text="later")
    async def later(message: SmsEvent, client: Client, after: After) -> None:
        after(client.messages.send, from_=message.to, to=message.from_, text="It is later.")

    @app.on(SmsEvent, direction="in", text="call")
    async def call(message: SmsEvent, client: Client) -> None:
        await client.calls.create(
            from_=message.to,
            to="+19195550122",
            callback_url="http://app.test/",
            callback_http_method="GET",
            call_timeout=30,
        )

    @app.on(SmsEvent, direction="in")
    async def echo(message: SmsEvent, client: Client) -> None:
        await client.messages.send(
            from_=message.to,
            to=message.from_,
            text=f"You said: {message.text}",
            receipt_requested="all",
            callback_url="http://app.test/receipts",
        )

    return app


@pytest.fixture
def phone_app() -> App:
    return make_line()
