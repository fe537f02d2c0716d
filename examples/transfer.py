"""Transfers a call to whoever is on duty, whispers who is calling, and takes a message otherwise.

What stands inside the Transfer is heard only by who picks up, before the two are connected. The
verbs after it run when nobody picked up in time. Run it from this folder:

    uvicorn transfer:app
"""

from callbackkit.v1 import (
    AnswerEvent,
    App,
    Hangup,
    PhoneNumber,
    Record,
    Reply,
    SpeakSentence,
    Transfer,
    TransferCompleteEvent,
    Verb,
)


class NobodyOnDuty(Exception):
    """There is no one to transfer a call to."""


class Rota:
    """Who is on duty, and how many calls they took."""

    def __init__(self, *on_duty: str) -> None:
        self.on_duty = on_duty
        self.calls_taken = 0

    def phones(self) -> list[PhoneNumber]:
        if not self.on_duty:
            raise NobodyOnDuty
        return [PhoneNumber(number) for number in self.on_duty]


def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="kate")


def take_message() -> list[Verb]:
    please = say("Nobody can take your call. Please leave a message.")
    return [please, Record(max_duration=120), Hangup()]


app = App()
app.provide(Rota, Rota("+19195550101", "+19195550102"))


@app.on(AnswerEvent)
async def answer(call: AnswerEvent, rota: Rota) -> Reply:
    # With blanks a number is spoken digit by digit.
    caller = " ".join(call.from_) if call.from_ else "somebody"
    whisper = say(f"A call from {caller}.")
    return [
        say("One moment please."),
        Transfer([*rota.phones(), whisper], call_timeout=20, request_url="/ended"),
        *take_message(),
    ]


@app.on(TransferCompleteEvent, path="/ended")
async def ended(transfer: TransferCompleteEvent, rota: Rota) -> None:
    rota.calls_taken += 1


@app.on_error(NobodyOnDuty)
async def nobody(error: NobodyOnDuty) -> Reply:
    return take_message()
