"""Gathers of the REST API, and the event that they share with the Gather verb."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from callbackkit.carrier.gathering import Collected, Collecting
from callbackkit.carrier.playing import Sound
from callbackkit.carrier.scheduler import Over, Process
from callbackkit.v1.carrier.audio import AudioRequest
from callbackkit.v1.carrier.calls import Call

GatherReason: TypeAlias = Literal[
    "max-digits", "terminating-digit", "inter-digit-timeout", "hung-up", "cancelled"
]

REASONS: dict[str, GatherReason] = {
    "full": "max-digits",
    "terminated": "terminating-digit",
    "timeout": "inter-digit-timeout",
}
"""The words of v1 for the reasons why no more digits are collected (bxml/callBacks/gather)."""


def gather_fields(
    gather_id: str, found: Collected, reason: GatherReason | None, tag: str | None
) -> dict[str, object]:
    """Return the fields of the event of a gather."""
    return {
        "gatherId": gather_id,
        "state": "completed",
        "reason": reason,
        "digits": found.digits,
        "terminatingDigit": found.terminator,
        "tag": tag,
    }


@dataclass(slots=True, eq=False)
class CallGather:
    """A gather of the REST API."""

    call: Call
    id: str
    created: datetime
    collecting: Collecting
    prompt: list[AudioRequest]
    loop: bool
    tag: str | None
    found: Collected = field(default_factory=Collected)
    reason: GatherReason | None = None
    completed: datetime | None = None
    stopped: bool = False
    process: Process | None = None

    def start(self) -> None:
        """Begin to collect digits."""
        self.call.carrier.gathers[self.id] = self
        self.process = self.call.start(self.run(), f"gather {self.id}")

    def stop(self) -> None:
        """End it, if it goes on."""
        if self.process is not None and self.completed is None:
            self.stopped = True
            self.process.interrupt(Over())

    async def run(self) -> None:
        """Collect digits and send their event; the end of the call ends it too."""
        try:
            await self.collecting.run(
                self.call,
                "a gather",
                self._sounds(),
                self.found,
                loop=self.loop,
                notify=self._notify,
            )
        except Over:
            # Only an SDK knows of a reason for the former (events.json, gather).
            self._complete("cancelled" if self.stopped else "hung-up")
            raise
        assert self.found.reason is not None
        self._complete(REASONS[self.found.reason])

    def _complete(self, reason: GatherReason) -> None:
        self.reason = reason
        self.completed = self.call.carrier.moment()
        self.call.notify("gather", gather_fields(self.id, self.found, reason, self.tag))

    async def _sounds(self) -> list[Sound]:
        carrier, subject = self.call.carrier, self.call.id
        return [sound for one in self.prompt for sound in await one.sounds(carrier, subject)]

    def _notify(self, status: str) -> None:
        # A prompt has the events of what is played (apiCallbacks/audio, apiCallbacks/speak).
        for request in self.prompt:
            self.call.notify(request.kind, request.fields(status, self.call.carrier))


def gather_on(call: Call) -> CallGather | None:
    """Return the gather that goes on on a call."""
    gathers: list[CallGather] = list(call.carrier.gathers.values())
    return next((one for one in gathers if one.call is call and one.completed is None), None)
