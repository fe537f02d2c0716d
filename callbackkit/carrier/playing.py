"""Sounds on a call or in a room: speech, files, silence and tones, each for as long as it takes."""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Protocol, TypeAlias

from callbackkit.carrier.call import Call
from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.leg import HeardKind, speech_seconds
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.scheduler import Over, Process
from callbackkit.carrier.sound import Silence, seconds_of

UNKNOWN_AUDIO = 5.0
"""Seconds of a file whose length is unknown (rule unplayable-file)."""
TONE = 0.1
"""Seconds of one tone (ours: only pauses are documented)."""

Sound: TypeAlias = tuple[str, HeardKind, float]
"""The text or URL that is heard, its kind, and its seconds."""


# Lengths


def sentence(carrier: Platform, text: str, subject: str) -> list[Sound]:
    """Return the sound of a text, none for an empty one."""
    carrier.rule("speech-length", subject)
    return [(text, "speech", speech_seconds(text))] if text else []


async def file(carrier: Platform, url: str, subject: str) -> list[Sound]:
    """Return the sound of a file, none if it can't be played or lasts no time."""
    seconds = await _length(carrier, url, subject)
    return [(url, "audio", seconds)] if seconds else []


async def _length(carrier: Platform, url: str, subject: str) -> float:
    if url in carrier.sounds:
        return carrier.sounds[url]
    try:
        content = carrier.own_file(url)
    except LookupError:
        return _broken(carrier, url, subject, "is no file of the account")
    if isinstance(content, Silence):
        return content.seconds
    if content is None:
        if not carrier.reaches(url):
            carrier.rule("unplayable-file", subject)
            return UNKNOWN_AUDIO
        fetch = Delivery(subject, "", "GET", url, {}, carrier.file_timeout, carrier.user_agent)
        outcome = await carrier.deliver(fetch)
        if outcome.failure is not None:
            return _broken(carrier, url, subject, outcome.failure)
        return seconds_of(outcome.body, _size(outcome)) or UNKNOWN_AUDIO
    return seconds_of(content) or UNKNOWN_AUDIO


def _size(outcome: Outcome) -> int:
    """Return the bytes of a file of which only the beginning may have been kept."""
    said = outcome.headers.get("content-length", "")
    return max(len(outcome.body), int(said) if said.isdecimal() else 0)


def _broken(carrier: Platform, url: str, subject: str, why: str) -> float:
    carrier.rule("unplayable-file", subject)
    carrier.diagnose(
        "error",
        "broken-audio",
        f"the file {url} {why}; it is skipped",
        subject=subject,
        ledger="unplayable-file",
    )
    return 0.0


# On a call, while its process waits


async def hear(call: Call, sounds: Iterable[Sound]) -> None:
    """Play sounds on a call to their end, one after another."""
    for text, kind, seconds in sounds:
        with call.hearing(text, kind, seconds):
            await call.scheduler.sleep(seconds)


async def pause(call: Call, seconds: float) -> None:
    """Play nothing on a call for some seconds."""
    call.journal.add(call.id, "pauses", seconds=seconds)
    await call.scheduler.sleep(seconds)


def tones(digits: str, pauses: Mapping[str, float]) -> Iterator[tuple[str | None, float]]:
    """Yield the keys of digits with their seconds; None for a pause, which `pauses` has by its
    character."""
    for key in digits:
        yield (None, pauses[key]) if key in pauses else (key, TONE)


async def send_keys(call: Call, keys: Iterable[tuple[str | None, float]]) -> None:
    """Send tones to the phone."""
    for key, seconds in keys:
        if key is not None:
            call.receive(key)
        await call.scheduler.sleep(seconds)


# On a call or in a room, beside its process


class Place(Protocol):
    """A call or a room, where one sound at a time is played."""

    @property
    def carrier(self) -> Platform: ...

    @property
    def id(self) -> str: ...


def start(place: Place, kind: str, process: Process) -> None:
    """Note what plays from now on."""
    place.carrier.playing[place.id] = kind, process


def stop(place: Place, kind: str | None = None) -> bool:
    """Stop what plays, if it is of a kind, by default of any; return True if there was any."""
    playing = place.carrier.playing
    found, process = playing.get(place.id, (None, None))
    if process is None or process.done or kind not in (None, found):
        return False
    del playing[place.id]
    process.interrupt(Over())
    return True


async def play(
    carrier: Platform,
    legs: Callable[[], Sequence[Call]],
    sounds: Coroutine[Any, bool, list[Sound]],
    notify: Callable[[str], object],
    *,
    loop: bool = False,
) -> None:
    """Play sounds to some legs, for ever if `loop`; call `notify` with "started" and "done"."""
    heard = await sounds
    notify("started")
    try:
        while heard:
            for text, kind, seconds in heard:
                with ExitStack() as stack:
                    for leg in legs():
                        if not leg.over:
                            stack.enter_context(leg.hearing(text, kind, seconds))
                    await carrier.scheduler.sleep(seconds)
            # A loop that nobody hears, or that takes no time, would go on for ever.
            if not loop or not legs() or not any(seconds for _, _, seconds in heard):
                break
    finally:
        # Stopping is an end too; the pages know no other.
        notify("done")
