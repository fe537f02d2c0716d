"""What both type checkers must accept where annotations are text."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, Response, Router, SpeakSentence

if TYPE_CHECKING:
    from callbackkit.v1 import After, Callback, CallEvent, Reply

app = App()
router = Router()


@app.on(AnswerEvent)
async def menu(call: AnswerEvent, callback: Callback, after: After) -> Gather:
    return Gather(SpeakSentence("Press 1."), request_url="/digits")


@router.on(AnswerEvent, GatherEvent)
async def both(event: CallEvent) -> Reply:
    return Response()


async def registered_stay_themselves(call: AnswerEvent, callback: Callback, after: After) -> None:
    assert_type(await menu(call, callback, after), Gather)
    assert_type(await both(call), Reply)
