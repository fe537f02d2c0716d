"""Handlers that both type checkers must accept, and what the decorator leaves of their types."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import assert_type

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.responses import Response as HttpResponse

from callbackkit import Next, Observation
from callbackkit.v1 import (
    After,
    AnswerEvent,
    App,
    Callback,
    CallEvent,
    Event,
    Gather,
    GatherEvent,
    Hangup,
    HangupEvent,
    MessageEvent,
    RecordingEvent,
    Reply,
    Response,
    Router,
    SmsEvent,
    SpeakSentence,
    UnknownEvent,
    Verb,
)


class Orders:
    """Something that a user provides."""

    async def close(self, number: str) -> None: ...


app = App()
router = Router()


@app.on(SmsEvent)
async def nothing(sms: SmsEvent) -> None:
    assert_type(sms.text, str | None)


@app.on(AnswerEvent)
async def one_verb(call: AnswerEvent) -> Gather:
    return Gather(SpeakSentence("Press 1."), request_url="/digits")


@app.on(AnswerEvent)
async def verbs(call: AnswerEvent) -> list[SpeakSentence | Hangup]:
    return [SpeakSentence("Hello."), Hangup()]


@app.on(AnswerEvent)
async def sequence(call: AnswerEvent) -> Sequence[Verb]:
    return (SpeakSentence("Hello."), Hangup())


@app.on(AnswerEvent)
async def document(call: AnswerEvent) -> Response:
    return Response([SpeakSentence("Hello."), Hangup()])


@app.on(AnswerEvent)
async def any_reply(call: AnswerEvent) -> Reply:
    return Hangup() if call.from_ == "Anonymous" else None


@app.on(SmsEvent)
async def http_response(sms: SmsEvent) -> PlainTextResponse:
    return PlainTextResponse("ok")


@app.on(SmsEvent)
def in_a_thread(sms: SmsEvent) -> Hangup | None:
    return None


# Parameters after the event are chosen by type; any are accepted.


@app.on(GatherEvent, tag="menu", path="/digits", timeout=2.0)
async def injected(
    event: GatherEvent, callback: Callback, after: After, orders: Orders, request: Request
) -> Reply:
    after(orders.close, "7")
    assert_type(callback.method, str)
    return None


@app.on(GatherEvent)
async def injected_by_keyword(event: GatherEvent, *, orders: Orders) -> None: ...


@app.on(GatherEvent)
async def with_default(event: GatherEvent, retries: int = 3) -> None: ...


# A base class of the event, or a union that holds it.


@app.on(AnswerEvent)
async def base_class(event: CallEvent) -> None: ...


@app.on(AnswerEvent)
async def every_event(event: Event) -> None: ...


@app.on(AnswerEvent)
async def wider_union(event: AnswerEvent | GatherEvent) -> None: ...


@app.on(CallEvent)
async def registered_for_a_base(event: CallEvent) -> None: ...


# Several events for one handler, and events without a class.


@app.on(AnswerEvent, GatherEvent)
async def two(event: AnswerEvent | GatherEvent) -> Reply:
    return Hangup()


@app.on(AnswerEvent, GatherEvent, HangupEvent)
async def three(event: CallEvent) -> None: ...


@app.on("mediaStreamPaused", "mediaStreamResumed")
async def by_name(event: UnknownEvent) -> None: ...


@app.on("sms")
async def known_by_name(event: SmsEvent) -> None: ...


@app.on(MessageEvent, when=lambda event: event.direction == "in")
async def chosen(event: MessageEvent) -> None: ...


@router.on(RecordingEvent)
async def in_a_router(event: RecordingEvent) -> None: ...


class Menu:
    """Handlers may be methods that somebody registers."""

    async def pick(self, event: GatherEvent) -> Hangup:
        return Hangup()

    async def __call__(self, event: GatherEvent) -> None: ...


async def configured(greeting: str, event: GatherEvent) -> None: ...


app.on(GatherEvent)(Menu().pick)
app.on(GatherEvent)(Menu())
app.on(GatherEvent)(partial(configured, "Hello."))


@app.on_error(LookupError)
async def sorry(error: LookupError, callback: Callback) -> Hangup:
    return Hangup()


@app.on_error(KeyError)
async def base_error(error: Exception) -> None: ...


@app.middleware
async def timed(callback: Callback, following: Next) -> Reply:
    return await following(callback)


@app.observe
def count(observation: Observation) -> None:
    assert_type(observation.duration, float)


@asynccontextmanager
async def startup(app: App) -> AsyncIterator[None]:
    yield


App(
    auth=[("user", "new"), ("user", "old")],
    public_url="https://example.com",
    fallback=[SpeakSentence("Sorry."), Hangup()],
    deadline=None,
    lifespan=startup,
)
app.include(router)
app.provide(Orders, Orders)


# The function comes back with its parameters and its return type.


async def registered_stay_themselves(
    sms: SmsEvent, gather: GatherEvent, callback: Callback, after: After, orders: Orders
) -> None:
    answer = AnswerEvent(event_type="answer", call_id="c-1")
    assert_type(await one_verb(answer), Gather)
    assert_type(await verbs(answer), list[SpeakSentence | Hangup])
    assert_type(await document(answer), Response)
    assert_type(await any_reply(answer), Reply)
    assert_type(await http_response(sms), PlainTextResponse)
    assert_type(in_a_thread(sms), Hangup | None)
    assert_type(await two(gather), Reply)
    assert_type(await timed(callback, lambda callback: any_reply(answer)), Reply)
    assert_type(await sorry(LookupError(), callback), Hangup)
    await injected_by_keyword(gather, orders=orders)
    await with_default(gather)
    await with_default(gather, 5)
    response: HttpResponse = await http_response(sms)
    assert_type(response.status_code, int)
