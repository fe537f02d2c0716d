"""Calls: who calls can hear a ticket by its number."""

from callbackkit.v1 import (
    AnswerEvent,
    Gather,
    GatherEvent,
    Hangup,
    HangupEvent,
    Redirect,
    RedirectEvent,
    Reply,
    Router,
    SpeakSentence,
)

from .tickets import NoSuchTicket, Tickets

router = Router()


def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="bridget")


@router.on(AnswerEvent, RedirectEvent)
async def ask(event: AnswerEvent | RedirectEvent) -> Reply:
    question = say("Enter the number of your ticket, then press pound.")
    return Gather(question, request_url="/ticket")


@router.on(GatherEvent, path="/ticket", digits={None, ""})
async def silence(event: GatherEvent) -> Reply:
    return [say("Goodbye."), Hangup()]


@router.on(GatherEvent, path="/ticket")
async def read_out(event: GatherEvent, tickets: Tickets) -> Reply:
    # What somebody wrote is only ever spoken, whatever is in it: text is never markup.
    question = tickets.question(event.digits or "")
    return [say(f"You asked: {question}"), Hangup()]


@router.on_error(NoSuchTicket)
async def unknown(error: NoSuchTicket) -> Reply:
    return [say("There is no such ticket."), Redirect(request_url="/")]


@router.on(HangupEvent)
async def count(event: HangupEvent, tickets: Tickets) -> None:
    tickets.calls += 1
