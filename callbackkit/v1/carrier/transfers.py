"""Two legs that are joined: the Transfer verb, a REST transfer, and a number's fallback."""

from typing import TYPE_CHECKING

from callbackkit.bxml import Document
from callbackkit.carrier.leg import Heard, Speech
from callbackkit.carrier.process import Mailbox
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.playing import play
from callbackkit.v1.carrier.recordings import Recorder
from callbackkit.v1.carrier.rules import VERB_TIMEOUT
from callbackkit.v1.verbs import PhoneNumber, PlayAudio, Record, SpeakSentence, Transfer

if TYPE_CHECKING:
    from callbackkit.v1.carrier.scripts import Script

RING_SECONDS = 60
"""How long a Transfer rings by default (bxml/verbs/transfer)."""


async def transfer(script: "Script", verb: Transfer) -> Document | None:
    """Run a Transfer: the document that follows its end, None if nobody answered and so the next
    verb runs."""
    call = script.call
    carrier = call.carrier
    numbers = [] if verb.transfer_to is None else [verb.transfer_to]
    numbers += [child.number for child in verb.children if isinstance(child, PhoneNumber)]
    whisper = [c for c in verb.children if isinstance(c, (SpeakSentence, PlayAudio))]
    records = [child for child in verb.children if isinstance(child, Record)]
    if whisper or records:
        carrier.rule("R44", call.id)
    seconds = RING_SECONDS if verb.call_timeout is None else verb.call_timeout
    other = await ring(call, numbers, seconds, verb.transfer_caller_id)
    if other is None:
        return None
    try:
        await _together(call, other, whisper, records)
    finally:
        if not other.over:
            other.end("NORMAL_CLEARING")
    carrier.rule("R22", call.id)
    carrier.rule("R24", call.id)
    carrier.rule("R36", call.id)
    return await _report(script, verb, other)


async def _report(script: "Script", verb: Transfer, other: Call) -> Document | None:
    call = script.call
    values = {
        "from": other.from_,
        "to": other.to,
        "callState": "active",
        "tag": verb.tag,
    }
    if verb.request_url is None:
        # Nothing says that this reply may hold BXML: only the attribute that is missing does.
        await call.tell("transferComplete", values)
        told = None
    else:
        timeout = verb.request_url_timeout
        if timeout is None:
            call.carrier.rule("R1", call.id)
        seconds = VERB_TIMEOUT if timeout is None else timeout / 1000
        to = Callbacks(verb.request_url, None, seconds, "GET")
        told = await call.tell("transferComplete", values, to=to, read=True)
    failed = told is None or told.outcome is None or told.outcome.failure is not None
    # Any other text is no attempt at BXML, which the pages don't ask for.
    if told is not None and not failed and told.body.lstrip()[:1] == b"<":
        runs = call.carrier.rule("R13", call.id) == "run"
        call.carrier.diagnose(
            "info",
            "disputed-reply",
            f"the pages contradict each other about BXML in the reply to transferComplete; here it"
            f" {'runs' if runs else 'is ignored'}",
            "bxml/callBacks/transfer",
            subject=call.id,
            ledger="R13",
            place=told.handler,
        )
        if runs:
            return script.document(told)
    call.finish("NORMAL_CLEARING")


async def ring(
    call: Call, numbers: list[str], seconds: float, caller_id: str | None = None
) -> Call | None:
    """Ring phones together: the leg of the first who answers, the others given up; None if nobody
    does."""
    carrier = call.carrier
    answers: Mailbox[tuple[Call, str | None]] = Mailbox(carrier.scheduler)
    legs: list[Call] = []

    async def ring_one(leg: Call) -> None:
        cause: str | None = "ORIGINATOR_CANCEL"
        try:
            cause = await leg.ring(seconds)
        finally:
            # Also when somebody else has ended it.
            answers.put((leg, cause))

    for number in numbers:
        leg = Call(
            carrier,
            inbound=False,
            party=number,
            number=caller_id or call.from_,
            callbacks=Callbacks(),
        )
        leg.parent, leg.silent = call, True
        legs.append(leg)
        leg.process = carrier.scheduler.spawn(ring_one(leg), f"leg {leg.id}", patient=True)
    winner: Call | None = None
    causes: list[str | None] = []
    try:
        while len(causes) < len(legs) and winner is None:
            given = await answers.get()
            assert given is not None
            leg, cause = given
            causes.append(cause)
            if cause is None and not leg.over:
                winner = leg
            elif not leg.over:
                leg.end(cause or "NORMAL_CLEARING")
    finally:
        for leg in legs:
            if leg is not winner and not leg.over:
                leg.end("ORIGINATOR_CANCEL")
    if winner is None:
        carrier.rule("R23" if "NO_ANSWER" in causes else "R11", call.id)
        return None
    winner.activate()
    return winner


async def _together(
    call: Call,
    other: Call,
    whisper: list[SpeakSentence | PlayAudio],
    records: list[Record],
) -> None:
    """Let the callee hear who calls, then connect the two until the callee hangs up."""
    scheduler = call.carrier.scheduler
    process = scheduler.current
    assert process is not None
    other.on_end(process.wake)

    async def whispering() -> None:
        for verb in whisper:
            await play(other, verb)
        process.wake()

    if whisper:
        telling = other.start(whispering(), "whisper")
        while not telling.done and not other.over:
            await scheduler.block()
        if other.over:
            call.carrier.rule("R12", call.id)
            return
    await joined(call, other, records)


async def joined(call: Call, other: Call, records: list[Record]) -> None:
    """Connect two legs until the other one ends."""
    scheduler = call.carrier.scheduler
    process = scheduler.current
    assert process is not None
    other.on_end(process.wake)
    recorders = [Recorder(call, verb) for verb in records]
    for recorder in recorders:
        recorder.start()

    def spoken(speech: Speech) -> None:
        for recorder in recorders:
            recorder.hear(speech)
        overheard(call, speech)

    call.carrier.journal.add(call.id, "is connected", party=other.party)
    with (
        call.listening(
            "the other party",
            on_key=other.receive,
            on_speech=lambda speech: overheard(other, speech),
        ),
        other.listening("the other party", on_key=call.receive, on_speech=spoken),
    ):
        try:
            while not other.over:
                await scheduler.block()
        finally:
            for recorder in recorders:
                recorder.stop()


def overheard(leg: Call, speech: Speech) -> None:
    """What somebody says at the other end is heard."""
    heard = Heard(speech.text, "voice", speech.start, speech.end - speech.start)
    leg.heard.append(heard)
    leg.carrier.journal.add(leg.id, "hears", heard=heard)


async def connect(call: Call, number: str) -> bool:
    """Ring a number and connect it with the call until it hangs up; whether it was answered."""
    other = await ring(call, [number], RING_SECONDS)
    if other is None:
        return False
    try:
        await joined(call, other, [])
    finally:
        if not other.over:
            other.end("NORMAL_CLEARING")
    return True
