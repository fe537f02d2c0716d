"""Digits that a caller presses, collected while a prompt is played."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from callbackkit.carrier.call import Call
from callbackkit.carrier.playing import Sound
from callbackkit.carrier.scheduler import Mailbox

Reason: TypeAlias = Literal["full", "terminated", "timeout"]


@dataclass(slots=True)
class Collected:
    """The digits so far, why no more are collected, and the key that ended them."""

    digits: str = ""
    reason: Reason | None = None
    terminator: str | None = None


@dataclass(frozen=True, slots=True)
class Collecting:
    """Rules for collecting digits: at most `most`, each within `pause` seconds, until a key of
    `terminators`."""

    most: int
    pause: float
    terminators: str

    async def run(
        self,
        call: Call,
        what: str,
        prompt: Coroutine[Any, bool, list[Sound]],
        found: Collected,
        after_each: float = 0.0,
        *,
        loop: bool = False,
        notify: Callable[[str], object] = lambda status: None,
    ) -> None:
        """Collect into `found`, while the prompt plays until the first key.

        `what` names it as what listens. After each sound of the prompt it listens for `after_each`
        seconds, after the last one for `pause` instead if that is 0 (rule last-repetition). `loop`
        repeats the prompt for ever. `notify` is called with "started" and "done" when the prompt
        is. Keys kept by the rule typeahead come first; keys that are left over get lost.
        """
        keys: Mailbox[str] = Mailbox(call.scheduler)
        for kept in call.buffered:
            keys.put(kept)
        call.buffered.clear()
        with call.listening(what, on_key=keys.put, silent=True):
            sounds = await prompt
            key = await self._first(call, keys, sounds, after_each, loop, notify)
            await self._more(call, keys, key, found)
        for left in keys.rest():
            call.unlistened(left)

    async def _first(
        self,
        call: Call,
        keys: Mailbox[str],
        prompt: list[Sound],
        after_each: float,
        loop: bool,
        notify: Callable[[str], object],
    ) -> str | None:
        scheduler = call.scheduler
        key: str | None = None
        if prompt:
            notify("started")
        try:
            while key is None:
                for text, kind, seconds in prompt:
                    with call.hearing(text, kind, seconds) as heard:
                        key = await keys.get(heard.end)
                    if key is None and after_each:
                        key = await keys.get(scheduler.now + after_each)
                    if key is not None:
                        break
                # A prompt that takes no time would repeat without any passing.
                if not (loop and any(seconds for _, _, seconds in prompt)):
                    break
        finally:
            if prompt:
                notify("done")
        if key is None and not after_each:
            key = await keys.get(scheduler.now + self.pause)
        return key

    async def _more(
        self, call: Call, keys: Mailbox[str], key: str | None, found: Collected
    ) -> None:
        while key is not None:
            if key in self.terminators:
                found.reason, found.terminator = "terminated", key
                return
            found.digits += key
            if len(found.digits) >= self.most:
                found.reason = "full"
                return
            key = await keys.get(call.scheduler.now + self.pause)
        found.reason = "timeout"
