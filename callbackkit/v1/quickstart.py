"""A number that remembers: text it a note, then call it to have the note read out.

Run it with `callbackkit run callbackkit.v1.quickstart:app`.
"""

from functools import partial

from callbackkit.v1 import (
    AnswerEvent,
    App,
    Gather,
    GatherEvent,
    Hangup,
    HangupEvent,
    IncomingCallEvent,
    Reply,
    SmsEvent,
    SpeakSentence,
)

say = partial(SpeakSentence, voice="julie")
app = App(fallback=[say("Something went wrong. Please call again later."), Hangup()])
notes: dict[str, str] = {}


@app.on(SmsEvent, direction="in")
async def keep(sms: SmsEvent) -> None:
    notes[sms.from_] = sms.text or ""


@app.on(IncomingCallEvent, HangupEvent)
async def log(call: IncomingCallEvent | HangupEvent) -> None:
    print(f"{call.event_type}: {call.from_} to {call.to}")


@app.on(AnswerEvent)
async def menu(call: AnswerEvent) -> Reply:
    question = say("Press 1 to hear your note.")
    return Gather(question, request_url="/picked", max_digits=1, tag=call.from_)


@app.on(GatherEvent, path="/picked", digits="1")
async def read_out(gather: GatherEvent) -> Reply:
    note = notes.get(gather.tag or "", "There is no note of yours.")
    return [say(note), Hangup()]


@app.on(GatherEvent, path="/picked")
async def goodbye(gather: GatherEvent) -> Reply:
    return [say("Goodbye."), Hangup()]
