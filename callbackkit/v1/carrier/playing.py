"""What is heard on a call: speech, files, silence and tones, each for as long as it takes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.leg import HeardKind, speech_seconds
from callbackkit.carrier.sound import Silence, seconds_of
from callbackkit.v1.carrier.rules import CALLBACK_TIMEOUT, UNKNOWN_AUDIO
from callbackkit.v1.verbs import PlayAudio, SpeakSentence

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call
    from callbackkit.v1.carrier.carrier import Carrier

TONE = 0.1
"""Seconds of one tone (ours: only the pauses are documented)."""
PAUSES = {",": 0.5, "w": 0.5, "W": 1.0}
"""Seconds of the pauses in digits (bxml/verbs/sendDtmf)."""

Sound = tuple[str, HeardKind, float]
"""What is heard, of which kind, and for how many seconds."""


async def play(call: "Call", verb: SpeakSentence | PlayAudio) -> None:
    """Let the call hear a verb; nothing interrupts it (bxml/bxmlDifferences)."""
    for sound in await sounds(call, verb):
        await hear(call, sound)


async def hear(call: "Call", sound: Sound) -> None:
    """Let the call hear something to its end."""
    text, kind, seconds = sound
    with call.hearing(text, kind, seconds):
        await call.carrier.scheduler.sleep(seconds)


async def sounds(call: "Call", verb: SpeakSentence | PlayAudio) -> list[Sound]:
    """What a verb lets be heard, one for each repetition; nothing if it can't be played."""
    if isinstance(verb, SpeakSentence):
        if verb.voice is None or verb.gender is None:
            call.carrier.rule("default-voice", call.id)
        text = " ".join(verb.text.split())
        call.carrier.rule("speech-length", call.id)
        return [(text, "speech", speech_seconds(text))] if text else []
    seconds = await length(call.carrier, verb.url, call.id)
    return [] if seconds is None else [(verb.url, "audio", seconds)] * (verb.repeat_count or 1)


async def length(carrier: "Carrier", url: str, subject: str) -> float | None:
    """How many seconds a file lasts, None if it can't be played or there is nothing to play."""
    if url in carrier.sounds:
        return carrier.sounds[url] or None
    name = carrier.media_name(url)
    if name is not None:
        stored = carrier.account.media.get(name)
        if stored is None:
            _broken(carrier, url, subject, "is no file of the account")
            return None
        if isinstance(stored.content, Silence):
            return stored.content.seconds or None
        return seconds_of(stored.content) or UNKNOWN_AUDIO
    if not carrier.reaches(url):
        carrier.rule("unplayable-file", subject)
        return UNKNOWN_AUDIO
    fetch = Delivery(subject, "", "GET", url, {}, CALLBACK_TIMEOUT, carrier.user_agent)
    outcome = await carrier.deliver(fetch)
    if outcome.failure is not None:
        _broken(carrier, url, subject, outcome.failure)
        return None
    return seconds_of(outcome.body) or UNKNOWN_AUDIO


def _broken(carrier: "Carrier", url: str, subject: str, why: str) -> None:
    carrier.rule("unplayable-file", subject)
    carrier.diagnose(
        "error",
        "broken-audio",
        f"the file {url} {why}; it is skipped",
        "bxml/verbs/playAudio",
        subject=subject,
        ledger="unplayable-file",
    )


async def pause(call: "Call", seconds: float) -> None:
    """Let the call hear nothing."""
    call.carrier.journal.add(call.id, "pauses", seconds=seconds)
    await call.carrier.scheduler.sleep(seconds)


def tones(digits: str) -> Iterator[tuple[str | None, float]]:
    """The keys and pauses of digits, with their seconds; None for a pause."""
    for key in digits:
        yield (None, PAUSES[key]) if key in PAUSES else (key, TONE)


async def send_keys(call: "Call", digits: str) -> None:
    """Press keys on the call, so that whoever is on the phone gets the tones."""
    for key, seconds in tones(digits):
        if key is not None:
            call.receive(key)
        await call.carrier.scheduler.sleep(seconds)
