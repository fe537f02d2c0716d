"""Digits: the Gather verb, and the gather of the REST API, which work alike but for their event."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from callbackkit.bxml import Document
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.scheduler import Mailbox, Process
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.audio import AudioRequest
from callbackkit.v1.carrier.calls import Over
from callbackkit.v1.carrier.playing import Sound, sounds
from callbackkit.v1.carrier.rules import GATHER_TIMEOUT, LINGER
from callbackkit.v1.verbs import Gather, PlayAudio, SpeakSentence

if TYPE_CHECKING:
    from callbackkit.v1.carrier.calls import Call
    from callbackkit.v1.carrier.scripts import Script

Reason = Literal["max-digits", "terminating-digit", "inter-digit-timeout", "hung-up", "cancelled"]

MAX_DIGITS = 128
"""How many digits end a Gather by default (bxml/verbs/gather)."""


@dataclass(slots=True)
class Collected:
    """The digits of a gather so far, and why it ended."""

    digits: str = ""
    reason: Reason | None = None
    terminator: str | None = None


@dataclass(frozen=True, slots=True)
class Collecting:
    """How digits are collected. Times are in seconds."""

    max_digits: int
    inter_digit: float
    terminating: str

    async def run(
        self,
        call: "Call",
        keys: Mailbox[str],
        prompt: list[Sound],
        found: Collected,
        after_each: float = 0.0,
        *,
        repeats: bool = False,
        told: Callable[[str], object] | None = None,
    ) -> None:
        """Collect into `found`, while the prompt is heard until the first key.

        After each sound of the prompt it listens for `after_each` seconds, after the last one for
        the time between digits instead if that is 0 (rule last-repetition). `repeats` plays the
        prompt for ever.
        `told` is called when the prompt has "started" and when it is "done".
        """
        scheduler = call.carrier.scheduler
        key: str | None = None
        if told is not None:
            told("started")
        try:
            while key is None:
                for text, kind, seconds in prompt:
                    with call.hearing(text, kind, seconds) as heard:
                        key = await keys.get(heard.end)
                    if key is None and after_each:
                        key = await keys.get(scheduler.now + after_each)
                    if key is not None:
                        break
                # What takes no time would be repeated without any passing.
                if not (repeats and any(seconds for _, _, seconds in prompt)):
                    break
        finally:
            if told is not None:
                told("done")
        if key is None and not after_each:
            key = await keys.get(scheduler.now + self.inter_digit)
        while key is not None:
            if key in self.terminating:
                found.reason, found.terminator = "terminating-digit", key
                return
            found.digits += key
            if len(found.digits) >= self.max_digits:
                found.reason = "max-digits"
                return
            key = await keys.get(scheduler.now + self.inter_digit)
        found.reason = "inter-digit-timeout"


async def gather(script: "Script", verb: Gather, *, last: bool) -> Document | None:
    """Run a Gather: the document that its reply brings, None if the next verb runs."""
    call = script.call
    carrier = call.carrier
    gather_id = carrier.new_id("gtr")
    collecting = Collecting(
        verb.max_digits or MAX_DIGITS,
        float(verb.inter_digit_timeout or 5),
        "#" if verb.terminating_digits is None else verb.terminating_digits,
    )
    found = Collected()
    keys: Mailbox[str] = Mailbox(carrier.scheduler)
    for key in call.buffered:
        keys.put(key)
    call.buffered.clear()
    carrier.journal.add(call.id, "gathers", gather=gather_id)
    try:
        with call.listening("Gather", on_key=keys.put, silent=True):
            prompt, after_each = await _prompt(call, verb)
            await collecting.run(call, keys, prompt, found, after_each)
    except Over:
        carrier.rule("hang-up-order", call.id)
        found.reason = "hung-up"
        if verb.request_url is not None:
            call.notify("gather", _told(gather_id, found, verb.tag), to=_target(verb))
        raise
    for key in keys.rest():
        call.unlistened(key)
    carrier.journal.add(
        call.id, "gathered", gather=gather_id, digits=found.digits, reason=found.reason
    )
    return await _report(script, verb, gather_id, found, last)


async def _report(
    script: "Script", verb: Gather, gather_id: str, found: Collected, last: bool
) -> Document | None:
    call = script.call
    carrier = call.carrier
    ended = carrier.now
    if verb.request_url is None:
        carrier.rule("gather-without-url", call.id)
        return None
    if not found.digits:
        carrier.rule(
            "only-terminator" if found.reason == "terminating-digit" else "no-input", call.id
        )
        if carrier.rule("no-input", call.id) == "next":
            return None
    if found.reason == "terminating-digit":
        carrier.rule("terminating-digit", call.id)
    told = _told(gather_id, found, verb.tag)
    if not last:
        _report_late(script, verb, told)
        return None
    to = _target(verb)
    # No document within that time ends the call, however long the reply itself may take.
    to.timeout = min(to.timeout, LINGER)
    delivery = await call.send_event("gather", told, to=to, expects_bxml=True)
    assert delivery is not None
    assert delivery.outcome is not None
    document = None if delivery.outcome.failure else script.document(delivery)
    if document is None:
        await call.linger(ended)
    return document


def _report_late(script: "Script", verb: Gather, told: dict[str, object]) -> None:
    """Send the event while the next verb runs already (late-reply)."""
    call = script.call

    async def report() -> None:
        delivery = await call.send_event("gather", told, to=_target(verb))
        assert delivery is not None
        assert delivery.outcome is not None
        failed = delivery.outcome.failure is not None
        if (
            failed
            or not delivery.body.strip()
            or call.carrier.rule("late-reply", call.id) == "ignore"
        ):
            return
        _replace(script, delivery)

    call.carrier.scheduler.spawn(report(), f"gather of {call.id}")


def _replace(script: "Script", delivery: Delivery) -> None:
    from callbackkit.v1.carrier.scripts import Replaced

    process = script.call.process
    if script.call.over or process is None:
        return
    document = script.document(delivery)
    if document is not None:
        process.interrupt(Replaced(document))


async def _prompt(call: "Call", verb: Gather) -> tuple[list[Sound], float]:
    prompt: list[Sound] = []
    after_each = 0.0
    for child in verb.children:
        assert isinstance(child, (SpeakSentence, PlayAudio))
        prompt += await sounds(call, child)
        if isinstance(child, PlayAudio) and (child.repeat_count or 1) > 1:
            call.carrier.rule("last-repetition", call.id)
            after_each = float(child.delay_before_repeat or 0)
    return prompt, after_each


def _target(verb: Gather) -> Callbacks:
    timeout = (
        GATHER_TIMEOUT if verb.request_url_timeout is None else verb.request_url_timeout / 1000
    )
    return Callbacks(verb.request_url, None, timeout, "GET")


def _told(gather_id: str, found: Collected, tag: str | None) -> dict[str, object]:
    return {
        "gatherId": gather_id,
        "state": "completed",
        "reason": found.reason,
        "digits": found.digits,
        "terminatingDigit": found.terminator,
        "tag": tag,
    }


@dataclass(slots=True, eq=False)
class CallGather:
    """A gather of the REST API."""

    call: "Call"
    id: str
    created: datetime
    collecting: Collecting
    prompt: list[AudioRequest]
    repeats: bool
    tag: str | None
    found: Collected = field(default_factory=Collected)
    completed: datetime | None = None
    stopped: bool = False
    process: Process | None = None

    def start(self) -> None:
        """Begin to collect digits."""
        call = self.call
        call.gather = call.gathers[self.id] = self
        self.process = call.start(self.run(), f"gather {self.id}")

    def stop(self) -> None:
        """End it, if it goes on."""
        if self.process is not None and self.completed is None:
            self.stopped = True
            self.process.interrupt(Over())

    async def run(self) -> None:
        """Collect digits and tell of them; the call ends it too."""
        call = self.call
        keys: Mailbox[str] = Mailbox(call.carrier.scheduler)
        try:
            with call.listening("a gather", on_key=keys.put, silent=True):
                await self._collect(keys)
        except Over:
            # Only an SDK knows of a reason for the former (events.json, gather).
            self.found.reason = "cancelled" if self.stopped else "hung-up"
            self._complete()
            raise
        self._complete()

    async def _collect(self, keys: Mailbox[str]) -> None:
        call = self.call
        prompt = []
        for asked in self.prompt:
            prompt += await asked.sounds(call.carrier, call.id)

        def told(status: str) -> None:
            # A prompt has the events of what is played (apiCallbacks/audio, apiCallbacks/speak).
            for asked in self.prompt:
                call.notify(asked.kind, asked.fields(status, call.carrier))

        await self.collecting.run(
            call, keys, prompt, self.found, repeats=self.repeats, told=told if prompt else None
        )

    def _complete(self) -> None:
        call = self.call
        self.completed = call.carrier.moment()
        if call.gather is self:
            call.gather = None
        call.notify("gather", _told(self.id, self.found, self.tag))
