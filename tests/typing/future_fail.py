"""What both type checkers must refuse where annotations are text, at lines that end in error."""

from __future__ import annotations

from callbackkit.v1 import AnswerEvent, App, Callback, GatherEvent, SmsEvent

app = App()


@app.on(SmsEvent)  # error
async def wrong_event(call: AnswerEvent) -> None: ...


@app.on(AnswerEvent)  # error
async def text(call: AnswerEvent, callback: Callback) -> str:
    return "<Response/>"


@app.on(AnswerEvent, GatherEvent)  # error
async def one_of_two(call: GatherEvent) -> None: ...


@app.on(AnswerEvent)
async def unknown_name(call: AnswerEvent, database: Databse) -> None: ...  # error
