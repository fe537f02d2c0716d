"""Two legs that are joined: the Transfer verb, a REST transfer, and a number's fallback."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callbackkit.bxml import Document
from callbackkit.carrier.leg import Heard, Speech
from callbackkit.carrier.scheduler import Mailbox
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.playing import hear, play
from callbackkit.v1.carrier.recordings import Recorder
from callbackkit.v1.carrier.rules import VERB_TIMEOUT
from callbackkit.v1.verbs import PhoneNumber, PlayAudio, Record, SpeakSentence, Transfer

if TYPE_CHECKING:
    from callbackkit.v1.carrier.audio import AudioRequest
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
        carrier.rule("transfer-children", call.id)
    seconds = RING_SECONDS if verb.call_timeout is None else verb.call_timeout
    other = await ring(call, numbers, seconds, verb.transfer_caller_id)
    if other is None:
        return None
    try:
        await _together(call, other, whisper, records)
    finally:
        if not other.over:
            other.end("NORMAL_CLEARING")
    carrier.rule("transfer-complete-url", call.id)
    carrier.rule("transfer-complete-leg", call.id)
    carrier.rule("transfer-leg-events", call.id)
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
        await call.send_event("transferComplete", values)
        told = None
    else:
        timeout = verb.request_url_timeout
        if timeout is None:
            call.carrier.rule("verb-callback-timeout", call.id)
        seconds = VERB_TIMEOUT if timeout is None else timeout / 1000
        to = Callbacks(verb.request_url, None, seconds, "GET")
        told = await call.send_event("transferComplete", values, to=to, expects_bxml=True)
    failed = told is None or told.outcome is None or told.outcome.failure is not None
    # Any other text is no attempt at BXML, which the pages don't ask for.
    if told is not None and not failed and told.body.lstrip()[:1] == b"<":
        runs = call.carrier.rule("transfer-reply", call.id) == "run"
        call.carrier.diagnose(
            "info",
            "disputed-reply",
            f"the pages contradict each other about BXML in the reply to transferComplete; here it"
            f" {'runs' if runs else 'is ignored'}",
            "bxml/callBacks/transfer",
            subject=call.id,
            ledger="transfer-reply",
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
        carrier.rule(
            "transfer-ring-timeout" if "NO_ANSWER" in causes else "transfer-refused", call.id
        )
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
            call.carrier.rule("whisper-hang-up", call.id)
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
    if leg.recorder is not None:
        # What the REST API records is the call, not only its own side.
        leg.recorder.hear(speech)


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


# By the REST API


def second_leg(call: Call) -> Call | None:
    """The leg that a call is being transferred to, or is connected with by a REST transfer."""
    for leg in call.carrier.calls.values():
        if leg.parent is call and not leg.over:
            return leg
    return None


def transfer_by_rest(
    call: Call,
    party: str,
    caller_id: str | None,
    callbacks: Callbacks,
    whisper: "Sequence[AudioRequest]",
) -> Call:
    """Ring somebody and connect them with a call that is up: the new leg, which is a call with
    events of its own.

    `whisper` is what only the callee hears first. While it rings the call is transferring; it is
    active again when that is answered, or is not (methods/calls/postTransferCall).
    """
    carrier = call.carrier
    leg = Call(
        carrier,
        inbound=False,
        party=party,
        number=caller_id or call.from_,
        callbacks=callbacks,
        timeout=RING_SECONDS,
    )
    leg.parent = call
    call.status = "transferring"
    carrier.journal.add(leg.id, "is created", party=leg.party, number=leg.number)
    call.on_end(lambda: leg.end("NORMAL_CLEARING" if leg.state == "up" else "ORIGINATOR_CANCEL"))
    leg.on_end(lambda: _second_leg_over(call, leg))
    leg.process = carrier.scheduler.spawn(
        _second_leg(call, leg, whisper), f"leg {leg.id}", patient=True
    )
    return leg


def _second_leg_over(call: Call, leg: Call) -> None:
    if call.over:
        return
    if leg.answered is None:
        call.status = "active"
    else:
        call.carrier.rule("rest-transfer-end", call.id)
        call.end("NORMAL_CLEARING")


async def _second_leg(call: Call, leg: Call, whisper: "Sequence[AudioRequest]") -> None:
    carrier = call.carrier
    cause = await leg.ring(leg.ring_seconds)
    if cause == "NO_ANSWER":
        await leg.send_event("timeout")
        if carrier.rule("unanswered", leg.id) == "timeout":
            leg.finish(cause, notify=False)
    if cause is not None:
        leg.finish(cause)
    leg.activate()
    call.status = "active"
    leg.notify("answer", {"callState": "active"})

    def pressed(key: str) -> None:
        leg.start(leg.send_event("dtmf", {"dtmfDigit": key}), "dtmf")

    with leg.listening("the app", on_key=pressed):
        for asked in whisper:
            for sound in await asked.sounds(carrier, leg.id):
                await hear(leg, sound)
        await joined(call, leg, [])
