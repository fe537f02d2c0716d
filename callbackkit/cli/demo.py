"""`callbackkit demo`: the quickstart at work, without an account, a phone or a line of code."""

import asyncio
import io
import os
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

import callbackkit
from callbackkit.app import App
from callbackkit.cli.loading import dialect_module
from callbackkit.cli.options import own_dialect_option
from callbackkit.cli.output import body_lines, visible
from callbackkit.events import Event
from callbackkit.observing import Observation

if TYPE_CHECKING:
    from callbackkit.testing.phone import Phone

_SITE = Path(callbackkit.__file__).parent.parent
_FACTS = ("from_", "to", "text", "digits", "tag", "cause")

NOTE = "Milk & eggs, and <3 for the cat"


@click.command(short_help="Watch a small app take a text message and a call.")
@own_dialect_option
@click.option("--serve", is_flag=True, help="Stay up afterwards, until Ctrl-C.")
def demo(dialect: str, serve: bool) -> None:
    """Start the quickstart app on a free port of this machine, and let the local carrier text it
    and call it over HTTP, as the platform would.

    Each callback is shown with the handler that took it and the BXML that came back, and what the
    caller hears. Nothing leaves the machine, and no account is needed.
    """
    # Its URLs have to lead to the server started here.
    os.environ.pop("CALLBACKKIT_PUBLIC_URL", None)
    quickstart = dialect_module(dialect, "quickstart")
    with suppress(KeyboardInterrupt):
        asyncio.run(_play(quickstart.app, quickstart.__file__, dialect, serve))


async def _play(app: App, file: str, dialect: str, serve: bool) -> None:
    from callbackkit.testing.phone import Phone
    from callbackkit.testing.serving import BackgroundServer

    printed = io.StringIO()
    narrator = _Narrator(sys.stdout, printed)
    app.observe(narrator.callback)
    server = BackgroundServer(app, lifespan="on")
    with redirect_stdout(printed):
        await server.start()
        try:
            narrator.line(f"The quickstart app runs on {server.url}/")
            narrator.line(f"It is {file}")
            async with Phone(f"{server.url}/", dialect=dialect) as phone:
                await _text_and_call(phone, narrator)
            if serve:
                narrator.line(f"\nStill on {server.url}/ - Ctrl-C stops it. Call it yourself:")
                narrator.line(f"  callbackkit call {server.url}/ --dialect {dialect}")
                await asyncio.Event().wait()
        finally:
            await server.stop()


async def _text_and_call(phone: "Phone", narrator: "_Narrator") -> None:
    """Do what a person does with a quickstart: every dialect's takes a note and reads it out."""
    narrator.heading("A phone texts a note")
    await phone.text(None, NOTE)
    narrator.heading("The same phone calls")
    call = await phone.call()
    narrator.caller(await call.hears("Press 1"))
    narrator.heading("The caller presses 1")
    await call.press("1")
    narrator.caller(await call.hears(NOTE))
    narrator.heading("The call ends")
    await call.ends()


class _Narrator:
    """Prints each callback when it has been handled.

    `printed` collects what handlers print, so that it is shown as theirs.
    """

    def __init__(self, out: TextIO, printed: io.StringIO) -> None:
        self._out = out
        self._printed = printed

    def line(self, text: str) -> None:
        try:
            click.echo(text, file=self._out)
        except BrokenPipeError:  # as with `| head`: the rest goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())

    def heading(self, text: str) -> None:
        self.line("\n" + click.style(text, bold=True))

    def caller(self, heard: str) -> None:
        self._part("caller", f'hears "{visible(heard)}"')

    def callback(self, observation: Observation) -> None:
        callback, handler, reply = observation.callback, observation.handler, observation.reply
        event = callback.event
        kind = click.style(visible(event.kind), fg="cyan", bold=True)
        named = visible(getattr(event, event.identity, "")) if event.identity else ""
        request = f"{callback.method} {visible(callback.path)}  {kind}  {named}"
        self._part("callback", request, *_facts(event))
        if handler is not None:
            where = handler.where.removeprefix(f"{_SITE}{os.sep}")
            self._part("handler", f"{click.style(handler.name, fg='yellow')}  {where}")
        else:
            again = ": it came before, and gets the same reply" if observation.duplicate else ""
            self._part("handler", f"none{again}")
        lines = self._printed.getvalue().splitlines()
        self._printed.seek(0)
        self._printed.truncate()
        if lines:
            self._part("prints", *map(visible, lines))
        body = body_lines(reply.body)
        self._part("reply", f"{reply.status}{'' if body else ', empty'}", *body)

    def _part(self, label: str, *lines: str) -> None:
        for number, line in enumerate(lines):
            lead = " " * 8 if number else click.style(label.ljust(8), dim=True)
            self.line(f"  {lead}  {line}")


def _facts(event: Event) -> list[str]:
    """Return a line with the fields that matter to people, or none."""
    facts = []
    for name in _FACTS:
        if value := getattr(event, name, None):
            shown = f'"{visible(value)}"' if name == "text" else visible(value)
            facts.append(f"{click.style(name.rstrip('_'), dim=True)} {shown}")
    return ["  ".join(facts)] if facts else []
