"""`callbackkit call`: a phone in the terminal, for scripts in virtual time and for people in real
time."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from callbackkit.cli.live import converse
from callbackkit.cli.options import (
    check_keys,
    check_texts,
    from_option,
    json_option,
    speed_option,
    target_argument,
    target_options,
    to_option,
)
from callbackkit.cli.output import echo_diagnostics, echo_json, summary
from callbackkit.cli.phones import app_at_work, come_to_end, conclude, phone_of, transcript_lines
from callbackkit.testing.failures import PhoneFailure

if TYPE_CHECKING:
    from callbackkit.carrier.leg import Listening
    from callbackkit.testing.calls import Call
    from callbackkit.testing.phone import Phone

STAY = 5.0
"""Seconds for which other phones stay on a call that they have answered."""


def _presses(context: click.Context, option: click.Parameter, value: str | None) -> Any:
    presses = [] if value is None else [part.strip() for part in value.split(",")]
    return check_keys(context, option, presses)


@click.command(short_help="Call an app: a phone in the terminal.")
@target_argument
@to_option
@from_option
@click.option(
    "--press",
    "presses",
    metavar="KEYS,...",
    callback=_presses,
    help="Keys to press; after each comma it waits until something listens again.",
)
@click.option(
    "--say",
    "texts",
    metavar="TEXT",
    multiple=True,
    callback=check_texts,
    help="A text to say when something records or somebody is connected; repeatable.",
)
@click.option(
    "--answer",
    is_flag=True,
    help=f"Answer the other phones that the app rings, for {STAY:g} seconds.",
)
@target_options
@json_option
@speed_option
def call(
    target: str,
    to: str | None,
    presses: list[str],
    texts: Sequence[str],
    answer: bool,
    as_json: bool,
    speed: float,
    **options: Any,
) -> None:
    """Call the app that TARGET names, and show what happens.

    TARGET is module:app, for any ASGI app, or the URL of a server in any language.

    In a terminal the call takes place in real time: type keys to press them, "say" and a text, or
    "hang up"; "answer", "busy" or "decline" when another phone rings. Keys and texts go to the
    phone that was picked up last. The end of input hangs up.

    With --press, --say or --json, or without a terminal, it runs by itself in virtual time: each
    key and text waits until something takes it, and then the caller is silent until the call ends.

    Exits with 1 if something is wrong with the app, or if nothing has taken a key or text.
    """
    script = Script(presses, list(texts))
    alone = script.left or as_json or sys.stdin is None or not sys.stdin.isatty()
    out = sys.stdout
    with app_at_work():
        if alone:
            phone = phone_of(target, **options)
            made, failure = asyncio.run(_perform(phone, to, script, answer))
        else:
            phone = phone_of(target, clock="wall", speed=speed, **options)
            made, failure = asyncio.run(converse(phone, to, STAY if answer else None, out)), None
    found = phone.diagnostics
    if as_json:
        echo_json(_as_json(phone, made, to, failure))
    else:
        if alone:
            click.echo("\n".join(transcript_lines(phone)))
        click.echo()
        echo_diagnostics(found)
        click.echo(f"{_end_of(made)}; {summary(found)}")
    conclude(found, failure)


@dataclass
class Script:
    """The keys and texts that are left to press and say."""

    presses: list[str]
    texts: list[str]
    _pressed_at: "list[Listening]" = field(default_factory=list)
    _spoken_at: "list[Listening]" = field(default_factory=list)

    @property
    def left(self) -> bool:
        return bool(self.presses or self.texts)

    def _hearer(self, call: "Call") -> "Listening | None":
        """Return the listener for the next text, if there is one."""
        takers = (one for one in call.listening if one.on_speech is not None)
        return next((one for one in takers if one not in self._spoken_at), None)

    def _taker(self, call: "Call") -> "Listening | None":
        """Return the listener for the next keys, if there is one that takes them."""
        takers = (one for one in call.listening if one.takes(self.presses[0][0]))
        return next((one for one in takers if one not in self._pressed_at), None)

    def _ready(self, call: "Call") -> bool:
        return bool(self.texts and self._hearer(call)) or bool(self.presses and self._taker(call))

    async def play(self, call: "Call") -> None:
        """Press and say everything, each when something listens. Raises PhoneFailure."""
        while self.left and await call.until(lambda: self._ready(call)):
            # Where both are possible the text comes first, as a key may end what listens. What
            # ends by itself, such as a Gather, gets one text and one press.
            if self.texts and (hearer := self._hearer(call)):
                self._spoken_at += [hearer] if hearer.silent else []
                await call.speaks(self.texts.pop(0))
            elif taker := self._taker(call):
                self._pressed_at += [taker] if taker.silent else []
                await call.press(self.presses.pop(0))

    def missed(self, call: "Call") -> str | None:
        """Return what nothing has taken, as a sentence."""
        missed = [
            f"{' and '.join(left)} {'was' if len(left) == 1 else 'were'} never {done}"
            for left, done in (
                (self.presses, "pressed"),
                ([f'"{text}"' for text in self.texts], "said"),
            )
            if left
        ]
        return f"{', '.join(missed)}: {call.why_over()}" if missed else None


async def _perform(
    phone: "Phone", to: str | None, script: Script, answer: bool
) -> "tuple[Call, str | None]":
    """Make the call of a script; return it, and what went wrong with the script."""
    failure: str | None = None
    before = None
    try:
        async with phone:
            before = len(phone.calls)
            if answer:
                phone.answers(stays=STAY)
            made = await phone.call(to)
            try:
                await script.play(made)
                failure = script.missed(made)
            except PhoneFailure as error:
                failure = error.sentence
            await made.ends()
            await come_to_end(phone)
    except PhoneFailure as error:  # the app is stuck, and with it the call
        if before is None:
            raise  # it has not even started
        failure = error.sentence
    return phone.calls[before], failure


def _end_of(made: "Call") -> str:
    from callbackkit.carrier.transcript import clock

    ended = "did not end" if made.ended is None else f"ended with {made.ended.cause}"
    return f"The call {ended} after {clock(made.duration)}"


def _as_json(phone: "Phone", made: "Call", to: str | None, failure: str | None) -> dict[str, Any]:
    from callbackkit.carrier import plain

    return {
        "number": to or phone.carrier.own_number,
        "from": phone.number,
        "ended": plain.ending_json(made.ended),
        "duration": plain.seconds(made.duration),
        "heard": [plain.heard_json(heard) for heard in made.heard],
        "callbacks": [plain.callback_json(delivery) for delivery in made.callbacks],
        "diagnostics": [plain.diagnostic_json(found) for found in phone.diagnostics],
        "failure": failure,
        "transcript": phone.transcript,
    }
