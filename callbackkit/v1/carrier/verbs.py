"""The verbs of v1 as the carrier runs them: one function for each."""

from callbackkit.bxml.elements import Element
from callbackkit.carrier import playing
from callbackkit.carrier.delivering import examine
from callbackkit.carrier.delivery import path_of
from callbackkit.carrier.gathering import Collected, Collecting
from callbackkit.carrier.joining import joined, whisper
from callbackkit.carrier.playing import Sound
from callbackkit.carrier.recording import begin, end, until_silence
from callbackkit.carrier.scheduler import Over
from callbackkit.carrier.script import Language, Replaced, Reply
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.calls import CAUSES, Call
from callbackkit.v1.carrier.defaults import (
    CALLBACK_TIMEOUT,
    GATHER_DIGITS,
    GATHER_PAUSE,
    GATHER_TERMINATORS,
    GATHER_TIMEOUT,
    LINGER,
    PAUSE,
    PAUSES,
    RECORD_LONGEST,
    RECORD_SILENCE,
    RING,
    VERB_TIMEOUT,
)
from callbackkit.v1.carrier.gathers import REASONS, gather_fields
from callbackkit.v1.carrier.recordings import record_both, save_and_report, targets
from callbackkit.v1.carrier.transfers import ring
from callbackkit.v1.linting import lint
from callbackkit.v1.verbs import (
    VOCABULARY,
    Gather,
    Hangup,
    Pause,
    PhoneNumber,
    PlayAudio,
    Record,
    Redirect,
    Response,
    SendDtmf,
    SpeakSentence,
    Transfer,
)


async def play(call: Call, verb: SpeakSentence | PlayAudio, last: bool) -> None:
    """Play a sentence or a file; nothing interrupts it (bxml/bxmlDifferences)."""
    await playing.hear(call, await _sounds(call, verb))


async def _sounds(call: Call, verb: SpeakSentence | PlayAudio) -> list[Sound]:
    if isinstance(verb, PlayAudio):
        return await playing.file(call.carrier, verb.url, call.id) * (verb.repeat_count or 1)
    if verb.voice is None or verb.gender is None:
        call.carrier.rule("default-voice", call.id)
    return playing.sentence(call.carrier, " ".join(verb.text.split()), call.id)


async def pause(call: Call, verb: Pause, last: bool) -> None:
    """Wait in silence."""
    await playing.pause(call, PAUSE if verb.length is None else verb.length)


async def send_dtmf(call: Call, verb: SendDtmf, last: bool) -> None:
    """Send tones."""
    await playing.send_keys(call, playing.tones(verb.digits, PAUSES))


async def hangup(call: Call, verb: Hangup, last: bool) -> None:
    """End the call."""
    call.finish(CAUSES.hangup)


async def redirect(call: Call, verb: Redirect, last: bool) -> Reply:
    """Fetch the next document."""
    to = Callbacks.of_verb(verb.request_url, verb.request_url_timeout, CALLBACK_TIMEOUT)
    values = {"callState": "active"}
    delivery = await call.send_event("redirect", values, to=to, expects_bxml=True)
    return Reply(delivery, vital=True)


async def gather(call: Call, verb: Gather, last: bool) -> Reply | None:
    """Collect digits. Only the reply to the last verb of a document is read."""
    carrier = call.carrier
    gather_id = carrier.new_id("gtr")
    terminators = verb.terminating_digits
    collecting = Collecting(
        verb.max_digits or GATHER_DIGITS,
        float(verb.inter_digit_timeout or GATHER_PAUSE),
        GATHER_TERMINATORS if terminators is None else terminators,
    )
    to = Callbacks.of_verb(verb.request_url, verb.request_url_timeout, GATHER_TIMEOUT)
    found = Collected()
    call.journal.add(call.id, "gathers", gather=gather_id)
    try:
        await collecting.run(call, "Gather", _prompt(call, verb), found, _after_each(call, verb))
    except Over:
        carrier.rule("hang-up-order", call.id)
        if verb.request_url is not None:
            call.notify("gather", gather_fields(gather_id, found, "hung-up", verb.tag), to=to)
        raise
    assert found.reason is not None
    reason = REASONS[found.reason]
    call.journal.add(call.id, "gathered", gather=gather_id, digits=found.digits, reason=reason)
    if not _reports(call, verb, found):
        return None
    values = gather_fields(gather_id, found, reason, verb.tag)
    if not last:
        call.scheduler.spawn(_report_late(call, values, to), f"gather of {call.id}")
        return None
    # Without a document in that time the call ends, however long the reply itself may take.
    to.timeout = min(to.timeout, LINGER)
    since = carrier.now
    delivery = await call.send_event("gather", values, to=to, expects_bxml=True)
    return Reply(delivery, since=since)


def _reports(call: Call, verb: Gather, found: Collected) -> bool:
    """Return True if a Gather that has ended by itself sends its event."""
    carrier = call.carrier
    if verb.request_url is None:
        carrier.rule("gather-without-url", call.id)
        return False
    if not found.digits:
        carrier.rule("only-terminator" if found.terminator else "no-input", call.id)
        if carrier.rule("no-input", call.id) == "next":
            return False
    if found.terminator:
        carrier.rule("terminating-digit", call.id)
    return True


async def _report_late(call: Call, values: dict[str, object], to: Callbacks) -> None:
    """Send the event while the next verb runs already (rule late-reply)."""
    delivery = await call.send_event("gather", values, to=to)
    assert delivery is not None
    if (
        delivery.failure is None
        and delivery.body.strip()
        and call.carrier.rule("late-reply", call.id) == "replace"
        and call.process is not None
    ):
        call.process.interrupt(Replaced(delivery))


async def _prompt(call: Call, verb: Gather) -> list[Sound]:
    return [sound for child in verb.children for sound in await _sounds(call, child)]


def _after_each(call: Call, verb: Gather) -> float:
    for child in verb.children:
        if isinstance(child, PlayAudio) and (child.repeat_count or 1) > 1:
            call.carrier.rule("last-repetition", call.id)
            return float(child.delay_before_repeat or 0)
    return 0.0


async def record(call: Call, verb: Record, last: bool) -> None:
    """Record the caller."""
    recording = begin(call, verb.file_format or "wav")
    try:
        await until_silence(
            call,
            recording,
            what="Record",
            longest=verb.max_duration or RECORD_LONGEST,
            silence=verb.silence_timeout or RECORD_SILENCE,
            keys=verb.terminating_digits or "",
        )
    finally:
        # Also when the call ends: what was said until then is kept (bxml/buildingBlocks/voicemail).
        end(call, recording)
        save_and_report(call, recording, *targets(call, verb))


async def transfer(call: Call, verb: Transfer, last: bool) -> Reply | None:
    """Connect somebody else with the call; the next verb runs if nobody answers."""
    carrier = call.carrier
    numbers = [] if verb.transfer_to is None else [verb.transfer_to]
    numbers += [child.number for child in verb.children if isinstance(child, PhoneNumber)]
    spoken = [child for child in verb.children if isinstance(child, (SpeakSentence, PlayAudio))]
    records = [child for child in verb.children if isinstance(child, Record)]
    if spoken or records:
        carrier.rule("transfer-children", call.id)
    seconds = RING if verb.call_timeout is None else verb.call_timeout
    other = await ring(call, numbers, seconds, verb.transfer_caller_id)
    if other is None:
        return None
    try:
        await _together(call, other, spoken, records)
    finally:
        other.end(CAUSES.hangup)
    for rule in ("transfer-complete-url", "transfer-complete-leg", "transfer-leg-events"):
        carrier.rule(rule, call.id)
    return await _report_transfer(call, verb, other)


async def _together(
    call: Call, other: Call, spoken: list[SpeakSentence | PlayAudio], records: list[Record]
) -> None:
    async def whispering() -> None:
        for verb in spoken:
            await play(other, verb, False)

    if spoken and not await whisper(call, other, whispering):
        call.carrier.rule("whisper-hang-up", call.id)
        return
    recorders = [record_both(call, verb) for verb in records]
    try:
        await joined(call, other)
    finally:
        for recorder in recorders:
            recorder.stop()


async def _report_transfer(call: Call, verb: Transfer, other: Call) -> Reply:
    carrier = call.carrier
    values = {"from": other.from_, "to": other.to, "callState": "active", "tag": verb.tag}
    if verb.request_url is None:
        # Nothing says that this reply may hold BXML: only the attribute that is missing does.
        await call.send_event("transferComplete", values)
        call.finish(CAUSES.hangup)
    if verb.request_url_timeout is None:
        carrier.rule("verb-callback-timeout", call.id)
    to = Callbacks.of_verb(verb.request_url, verb.request_url_timeout, VERB_TIMEOUT)
    delivery = await call.send_event("transferComplete", values, to=to, expects_bxml=True)
    assert delivery is not None
    if delivery.failure is None and not delivery.body:
        examine(carrier, delivery, advice=True)  # perhaps nobody has taken it
    # Any other text is no attempt at BXML, which the pages don't ask for.
    if delivery.failure is None and delivery.body.lstrip()[:1] == b"<":
        runs = carrier.rule("transfer-reply", call.id) == "run"
        carrier.diagnose(
            "info",
            "disputed-reply",
            f"the pages contradict each other about BXML in the reply to transferComplete; here it"
            f" {'runs' if runs else 'is ignored'}",
            subject=call.id,
            ledger="transfer-reply",
            place=delivery.handler,
        )
        if runs:
            return Reply(delivery)
    call.finish(CAUSES.hangup)


def _destinations(verb: Transfer) -> str:
    numbers = [child.number for child in verb.children if isinstance(child, PhoneNumber)]
    return ", ".join(filter(None, (verb.transfer_to, *numbers)))


# What a verb becomes that can't be run. A destination that is none completes the call, which is
# hung up (bxml/verbs/transfer); a file or keys that are none are skipped (rule unplayable-file).
_INSTEAD: dict[type[Element], Element | None] = {
    Transfer: Hangup(),
    PhoneNumber: None,
    PlayAudio: None,
    SendDtmf: None,
}

LANGUAGE = Language(
    VOCABULARY,
    (Response,),
    _INSTEAD,
    lint,
    verbs={
        Gather: gather,
        Hangup: hangup,
        Pause: pause,
        PlayAudio: play,
        Record: record,
        Redirect: redirect,
        SendDtmf: send_dtmf,
        SpeakSentence: play,
        Transfer: transfer,
    },
    shown={
        Gather: lambda verb: "" if verb.max_digits is None else f"maxDigits={verb.max_digits}",
        Pause: lambda verb: "" if verb.length is None else str(verb.length),
        Redirect: lambda verb: path_of(verb.request_url),
        SendDtmf: lambda verb: verb.digits,
        Transfer: _destinations,
    },
    open_ends=(Pause, Record, Transfer),
)
"""The verbs of v1."""
