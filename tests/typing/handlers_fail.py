"""Handlers that both type checkers must refuse, at each line that ends in the word error."""

from callbackkit import App as NoDialect  # error
from callbackkit import Next
from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    CallEvent,
    GatherEvent,
    Hangup,
    PhoneNumber,
    Reply,
    Router,
    SmsEvent,
    SpeakSentence,
)
from callbackkit.v1 import AnswerEvnt  # error
from callbackkit.v1 import respond  # error

app = App()
router = Router()


@app.on(SmsEvent)  # error
async def wrong_event(call: AnswerEvent) -> None: ...


@router.on(SmsEvent)  # error
async def wrong_event_in_a_router(call: AnswerEvent) -> None: ...


@app.on(CallEvent)  # error
async def too_narrow(call: AnswerEvent) -> None: ...


@app.on(AnswerEvent, GatherEvent)  # error
async def one_of_two(call: AnswerEvent) -> None: ...


@app.on(AnswerEvent)  # error
@app.on(GatherEvent)  # error
async def stacked(call: SmsEvent) -> None: ...


@app.on(AnswerEvent)  # error
async def text(call: AnswerEvent) -> str:
    return "<Response/>"


@app.on(AnswerEvent)  # error
async def number(call: AnswerEvent) -> int:
    return 200


@app.on(AnswerEvent)  # error
async def json(call: AnswerEvent) -> dict[str, str]:
    return {}


@app.on(AnswerEvent)  # error
async def a_noun(call: AnswerEvent) -> PhoneNumber:
    return PhoneNumber("+19195551212")


@app.on(AnswerEvent)  # error
async def texts(call: AnswerEvent) -> list[str]:
    return []


@app.on(AnswerEvent)  # error
def text_in_a_thread(call: AnswerEvent) -> str:
    return ""


@app.on(AnswerEvent)  # error
async def no_parameter() -> None: ...


@app.on(int)  # error
async def no_event(event: int) -> None: ...


@app.on()  # error
async def no_event_at_all(event: AnswerEvent) -> None: ...


@app.on(SmsEvent, timeout="2")  # error
async def wrong_option(event: SmsEvent) -> None: ...


@app.on(SmsEvent, when=lambda sms: sms.txt == "hi")  # error
async def wrong_predicate(event: SmsEvent) -> None: ...


@app.on(SmsEvent)
async def wrong_body(event: SmsEvent, callback: Callback) -> Reply:
    print(event.txt)  # error
    print(callback.evnt)  # error
    return "hello"  # error


@app.on_error(LookupError)  # error
async def wrong_error(error: ValueError) -> None: ...


@app.on_error(LookupError)  # error
async def unrenderable(error: LookupError) -> str:
    return ""


@app.middleware  # error
async def one_parameter(callback: Callback) -> Reply:
    return None


@app.middleware  # error
async def textual(callback: Callback, following: Next) -> str:
    return ""


@app.observe  # error
def too_many(callback: Callback, reply: Reply) -> None: ...


App(fallback="Sorry.")  # error
App(auth="user:secret")  # error
App(deadlin=9.0)  # error
App(fallback=[SpeakSentence("Sorry."), PhoneNumber("+19195551212")])  # error


async def registered_stay_themselves(answer: AnswerEvent, sms: SmsEvent) -> None:
    await wrong_body(sms)  # error
    await wrong_body(answer, Callback)  # error
    hangup: Hangup = await wrong_body(sms, Callback)  # error
