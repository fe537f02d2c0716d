"""A call in real time: its transcript line by line, and a person at the keyboard."""

import asyncio
import codecs
import os
import sys
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import TYPE_CHECKING, Any, TextIO

import click

from callbackkit.carrier.leg import are_keys
from callbackkit.cli.output import visible

if TYPE_CHECKING:
    from callbackkit.carrier.platform import Platform
    from callbackkit.testing.calls import Call, CallLeg
    from callbackkit.testing.phone import Phone

_USAGE = "Type keys, say TEXT or hang up; answer, busy or decline when another phone rings."

Until = Callable[[Callable[[], bool]], Awaitable[None]]


class LiveTranscript:
    """Prints what happens at a carrier, each line when it happens.

    `first` returns the id of the call whose lines need no number.
    """

    def __init__(
        self, carrier: "Platform", out: TextIO, first: Callable[[], str] = lambda: ""
    ) -> None:
        self._carrier = carrier
        self._out = out
        self._first = first
        self._printed = 0

    async def follow(self, until: Until) -> None:
        """Print new lines for ever."""
        while True:
            await until(lambda: self._carrier.journal.last > self._printed)
            self.flush()

    def flush(self) -> None:
        """Print what has not been printed yet."""
        from callbackkit.carrier.transcript import line_of

        journal = self._carrier.journal
        for entry in journal.since(self._printed):
            if line := line_of(self._carrier, entry, self._first()):
                click.echo(visible(line), file=self._out)
        self._printed = journal.last


class _Keyboard:
    """The lines of standard input; None at its end."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        # A thread that waits for a line can't be stopped: the process ends without it.
        Thread(target=self._read, name="keyboard", daemon=True).start()

    async def get(self) -> str | None:
        return await self._lines.get()

    def _read(self) -> None:
        # Not by sys.stdin: a thread interrupted in that holds a lock which the interpreter needs.
        number = sys.stdin.fileno()
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        line = ""
        while True:
            try:
                chunk = os.read(number, 4096)
            except OSError:  # the terminal is gone
                chunk = b""
            *lines, line = (line + decode(chunk)).split("\n")
            try:
                for one in lines:
                    self._loop.call_soon_threadsafe(self._lines.put_nowait, one)
                if not chunk:
                    self._loop.call_soon_threadsafe(self._lines.put_nowait, None)
                    return
            except RuntimeError:  # the loop is closed, and nobody reads any more
                return


async def converse(phone: "Phone", to: str | None, stay: float | None, out: TextIO) -> "Call":
    """Call the app for a person at the keyboard, and return that call.

    Other phones are answered by themselves for `stay` seconds, unless that is None.
    """
    task = asyncio.current_task()
    assert task is not None
    async with phone:
        if stay is not None:
            phone.answers(stays=stay)
        if phone.rest_url is not None:
            click.echo(f"The REST API is on {phone.rest_url}", file=out)
        click.echo(_USAGE, file=out)
        before = len(phone.calls)
        transcript = LiveTranscript(phone.carrier, out, lambda: _ids(phone, before))
        printing = asyncio.create_task(transcript.follow(phone.until))
        person = _Person(phone, out)
        try:
            person.take(await phone.call(to))
            await person.take_part()
        except asyncio.CancelledError:  # Ctrl-C, which the terminal has shown
            task.uncancel()
            click.echo(file=out)
        await person.leave()
        await phone.settle()
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)
        transcript.flush()
        return phone.calls[before]


def _ids(phone: "Phone", number: int) -> str:
    calls = phone.calls
    return calls[number].id if number < len(calls) else ""


class _Person:
    """The person who has all phones, and types what they do."""

    def __init__(self, phone: "Phone", out: TextIO) -> None:
        self._phone = phone
        self._out = out
        self._hands: list[CallLeg] = []

    def take(self, leg: "CallLeg") -> None:
        """Take a phone in hand."""
        self._hands.append(leg)

    @property
    def _all_over(self) -> bool:
        return all(leg.state == "over" for leg in self._phone.carrier.legs)

    async def take_part(self) -> None:
        """Do what is typed until every call is over, or until there is no more input."""
        typed = _Keyboard()
        typing = asyncio.create_task(typed.get())
        try:
            while not await self._over():
                ending = asyncio.create_task(self._phone.until(lambda: self._all_over))
                try:
                    await asyncio.wait({typing, ending}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    ending.cancel()
                if typing.done():
                    line = typing.result()
                    if line is None:
                        return
                    typing = asyncio.create_task(typed.get())
                    await self._do(line.strip())
        finally:
            typing.cancel()

    async def _over(self) -> bool:
        """Return True if every call is over, and still is when the app has heard of that."""
        if self._all_over:
            await self._phone.settle()
        return self._all_over

    async def leave(self) -> None:
        """Hang up, and decline calls from now on."""
        from callbackkit.carrier.leg import Pickup

        self._phone.carrier.default_pickup = Pickup("decline")
        for leg in self._phone.legs:
            if leg.ringing:
                await leg.decline()
            elif leg.ended is None:
                await leg.hang_up()

    async def _do(self, line: str) -> None:
        from callbackkit.testing.failures import PhoneFailure

        word, _, rest = line.partition(" ")
        keys = "".join(line.split())
        try:
            if are_keys(keys):
                await self._with_hand(lambda hand: hand.press(keys, now=True))
            elif word == "say" and rest.strip():
                text = rest.strip()
                await self._with_hand(lambda hand: hand.speaks(text, now=True))
            elif line in ("hang up", "hangup"):
                await self._with_hand(lambda hand: hand.hang_up())
            elif word in ("answer", "busy", "decline"):
                await self._pick_up(word, rest.strip())
            elif line:
                self._echo(_USAGE)
        except PhoneFailure as failure:
            self._echo(failure.sentence)

    async def _with_hand(self, action: "Callable[[CallLeg], Awaitable[Any]]") -> None:
        hand = next((leg for leg in reversed(self._hands) if leg.ended is None), None)
        if hand is None:
            self._echo("no phone is in hand: all calls are over, or ring")
        else:
            await action(hand)

    async def _pick_up(self, word: str, number: str) -> None:
        rings = (leg for leg in self._phone.legs if leg.ringing and number in ("", leg.number))
        leg = next(rings, None)
        if leg is None:
            self._echo(f"{number} does not ring" if number else "no phone rings")
        elif word == "answer":
            self.take(leg)
            await leg.answer()
        elif word == "busy":
            await leg.busy()
        else:
            await leg.decline()

    def _echo(self, text: str) -> None:
        click.echo(visible(text), file=self._out)
