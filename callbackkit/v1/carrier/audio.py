"""Audio of the REST API: a file or a sentence on a call, in a bridge or in a conference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from callbackkit.carrier import playing
from callbackkit.carrier.leg import speech_seconds
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.playing import Place, Sound
from callbackkit.v1.carrier.calls import Call

AudioKind: TypeAlias = Literal["playback", "speak"]

_STATES = {"started": "PLAYBACK_START", "done": "PLAYBACK_STOP"}


@dataclass(frozen=True, slots=True)
class AudioRequest:
    """A file or a sentence that is to be played; its kind is the name of its events."""

    kind: AudioKind
    what: str
    loop: bool = False
    tag: str | None = None

    async def sounds(self, carrier: Platform, subject: str) -> list[Sound]:
        """Return what is heard once; nothing if it can't be played."""
        if self.kind == "speak":
            return [(self.what, "speech", speech_seconds(self.what))]
        return await playing.file(carrier, self.what, subject)

    def fields(self, status: str, carrier: Platform) -> dict[str, Any]:
        """Return the fields of its events; `status` is "started" or "done"."""
        return {
            "status": status,
            "state": _STATES[status] if self.kind == "speak" else None,
            "tag": self.tag,
            "time": carrier.moment(),
        }


async def play_on(
    legs: Callable[[], Sequence[Call]],
    carrier: Platform,
    request: AudioRequest,
    subject: str,
    notify: Callable[[dict[str, Any]], object],
) -> None:
    """Play to some legs; call `notify` with the fields of the events when it starts and ends."""
    await playing.play(
        carrier,
        legs,
        request.sounds(carrier, subject),
        lambda status: notify(request.fields(status, carrier)),
        loop=request.loop,
    )


def play_to_call(call: Call, request: AudioRequest) -> None:
    """Play on a call, instead of what plays there (rule audio-replaced)."""
    _replace(call)
    work = play_on(
        lambda: [call],
        call.carrier,
        request,
        call.id,
        lambda fields: call.notify(request.kind, fields),
    )
    playing.start(call, request.kind, call.start(work, request.kind))


def play_in(
    room: Place,
    legs: Callable[[], Sequence[Call]],
    request: AudioRequest,
    notify: Callable[[dict[str, Any]], object],
) -> None:
    """Play to all members of a room, instead of what plays there (rule audio-replaced)."""
    _replace(room)
    work = play_on(legs, room.carrier, request, room.id, notify)
    name = f"{request.kind} of {room.id}"
    process = room.carrier.scheduler.spawn(work, name, patient=True)
    playing.start(room, request.kind, process)


def _replace(place: Place) -> None:
    if playing.stop(place):
        place.carrier.rule("audio-replaced", place.id)


def stop(place: Place, kind: AudioKind | None = None) -> bool:
    """Stop what plays on a call or in a room, if it is of a kind; return True if there was any."""
    return playing.stop(place, kind)
