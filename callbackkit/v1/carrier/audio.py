"""What the REST API lets be heard: on a call, in a bridge, in a conference."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from callbackkit.carrier.leg import HeardKind, speech_seconds
from callbackkit.carrier.scheduler import Process
from callbackkit.v1.carrier.playing import Sound, length

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call
    from callbackkit.v1.carrier.carrier import Carrier

AudioKind = Literal["playback", "speak"]

_STATES = {"started": "PLAYBACK_START", "done": "PLAYBACK_STOP"}


@dataclass(frozen=True, slots=True)
class AudioRequest:
    """A file or a sentence that is to be heard."""

    kind: AudioKind
    what: str
    loop: bool = False
    tag: str | None = None

    async def sounds(self, carrier: "Carrier", subject: str) -> list[Sound]:
        """What is heard once; nothing if it can't be played."""
        if self.kind == "speak":
            return [(self.what, "speech", speech_seconds(self.what))]
        seconds = await length(carrier, self.what, subject)
        kind: HeardKind = "audio"
        return [] if seconds is None else [(self.what, kind, seconds)]

    def fields(self, status: str, carrier: "Carrier") -> dict[str, Any]:
        """What its events tell; `status` is "started" or "done"."""
        return {
            "status": status,
            "state": _STATES[status] if self.kind == "speak" else None,
            "tag": self.tag,
            "time": carrier.moment(),
        }


class Audio:
    """Something that is being played, until it is over or stopped."""

    def __init__(self, kind: AudioKind, process: Process) -> None:
        self.kind = kind
        self.process = process

    @property
    def over(self) -> bool:
        return self.process.done


async def play_on(
    legs: Callable[[], list["Call"]],
    carrier: "Carrier",
    asked: AudioRequest,
    subject: str,
    tell: Callable[[dict[str, Any]], object],
) -> None:
    """Let some legs hear something, and tell of its beginning and end."""
    sounds = await asked.sounds(carrier, subject)
    tell(asked.fields("started", carrier))
    try:
        while sounds:
            for text, kind, seconds in sounds:
                await _heard_by(legs(), carrier, text, kind, seconds)
            # A loop that nobody hears, or that takes no time, would go on for ever.
            if not asked.loop or not legs() or not any(seconds for _, _, seconds in sounds):
                break
    finally:
        # A stop is an end as well; the pages know no other.
        tell(asked.fields("done", carrier))


async def _heard_by(
    legs: list["Call"], carrier: "Carrier", text: str, kind: HeardKind, seconds: float
) -> None:
    from contextlib import ExitStack

    with ExitStack() as stack:
        for leg in legs:
            if not leg.over:
                stack.enter_context(leg.hearing(text, kind, seconds))
        await carrier.scheduler.sleep(seconds)


def play_to_call(call: "Call", asked: AudioRequest) -> None:
    """Play on a call; it takes the place of what is playing (audio-replaced)."""
    stop(call)
    work: Coroutine[Any, bool, object] = play_on(
        lambda: [call],
        call.carrier,
        asked,
        call.id,
        lambda told: call.notify(asked.kind, told),
    )
    call.audio = Audio(asked.kind, call.start(work, asked.kind))


def stop(call: "Call", kind: AudioKind | None = None) -> bool:
    """Stop what is playing on a call, if it is of a kind; whether there was any."""
    from callbackkit.v1.carrier.calls import Over

    audio = call.audio
    if audio is None or audio.over or (kind is not None and audio.kind != kind):
        return False
    if kind is None:
        call.carrier.rule("audio-replaced", call.id)
    call.audio = None
    audio.process.interrupt(Over())
    return True


class Room(Protocol):
    """Where several calls hear the same: a bridge, a conference."""

    carrier: "Carrier"
    id: str
    playing: Audio | None


def play_in(
    room: Room,
    legs: Callable[[], list["Call"]],
    asked: AudioRequest,
    tell: Callable[[dict[str, Any]], object],
) -> None:
    """Play to all members of a room, instead of what is playing there (rule audio-replaced)."""
    if stop_in(room):
        room.carrier.rule("audio-replaced", room.id)
    process = room.carrier.scheduler.spawn(
        play_on(legs, room.carrier, asked, room.id, tell),
        f"{asked.kind} of {room.id}",
        patient=True,
    )
    room.playing = Audio(asked.kind, process)


def stop_in(room: Room, kind: AudioKind | None = None) -> bool:
    """Stop what is playing in a room, if it is of a kind; whether there was any."""
    from callbackkit.v1.carrier.calls import Over

    audio = room.playing
    if audio is None or audio.over or (kind is not None and audio.kind != kind):
        return False
    room.playing = None
    audio.process.interrupt(Over())
    return True
