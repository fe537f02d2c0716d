"""`callbackkit demo`: the quickstart at work, without an account, a phone or a line of code."""

import asyncio
import io
import os
import socket
import sys
from collections.abc import Generator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, TextIO

import click

import callbackkit
from callbackkit.app import App
from callbackkit.cli.exchange import TIMEOUT, body_lines, request_of, visible
from callbackkit.cli.loading import DIALECTS, dialect_module
from callbackkit.events import Event
from callbackkit.observing import Observation

_SITE = Path(callbackkit.__file__).parent.parent
_TOLD = ("from_", "to", "text", "digits", "tag", "cause")


@click.command(short_help="Watch a small app take a text message and a call.")
@click.argument("dialect", type=click.Choice(DIALECTS), metavar="[DIALECT]", default=DIALECTS[0])
@click.option("--serve", is_flag=True, help="Stay up afterwards, until Ctrl-C.")
def demo(dialect: str, serve: bool) -> None:
    """Start the quickstart app on a free port of this machine, and send it a text message and a
    whole call over HTTP, as the platform would.

    Each callback is shown with the handler that took it and the BXML that came back. DIALECT is v1,
    also when it is left out.
    """
    # Its URLs have to lead to the server started here.
    os.environ.pop("CALLBACKKIT_PUBLIC_URL", None)
    quickstart = dialect_module(dialect, "quickstart")
    story = dialect_module(dialect, "demo").story
    with suppress(KeyboardInterrupt):
        asyncio.run(_play(quickstart.app, quickstart.__file__, story, serve))


async def _play(app: App, file: str, story: Any, serve: bool) -> None:
    import uvicorn

    printed = io.StringIO()
    transcript = _Transcript(sys.stdout, printed)
    app.observe(transcript.observe)
    with socket.create_server(("127.0.0.1", 0)) as listener, redirect_stdout(printed):
        root = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        transcript.line(f"The quickstart app runs on {root}")
        transcript.line(f"It is {file}")
        server = uvicorn.Server(
            uvicorn.Config(app, lifespan="on", log_level="warning", access_log=False)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        playing = asyncio.create_task(_send_all(story(root), transcript))
        # The server ends first if it can't start, or at Ctrl-C.
        await asyncio.wait({serving, playing}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
        elif serve and not playing.exception():
            transcript.line(f"\nStill on {root} - Ctrl-C stops it. Send it something else:")
            transcript.line(f"  callbackkit send v1 answer --to {root}")
            await serving
        server.should_exit = True
        await serving
        with suppress(asyncio.CancelledError):
            await playing


async def _send_all(story: Generator[Any, bytes, None], transcript: "_Transcript") -> None:
    import httpx

    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
        with suppress(StopIteration):
            step = next(story)
            while True:
                transcript.happened(step.happened)
                response = await client.send(request_of(step.method, step.url, step.callback))
                response.raise_for_status()
                step = story.send(response.content)


class _Transcript:
    """Tells of each callback while it is handled.

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

    def happened(self, what: str) -> None:
        self.line("\n" + click.style(what, bold=True))

    def observe(self, observation: Observation) -> None:
        callback, handler, reply = observation.callback, observation.handler, observation.reply
        event = callback.event
        kind = click.style(visible(event.kind), fg="cyan", bold=True)
        named = visible(getattr(event, event.identity, "")) if event.identity else ""
        request = f"{callback.method} {visible(callback.path)}  {kind}  {named}"
        self._told("callback", request, *_facts(event))
        if handler is not None:
            where = handler.where.removeprefix(f"{_SITE}{os.sep}")
            self._told("handler", f"{click.style(handler.name, fg='yellow')}  {where}")
        else:
            again = ": it came before, and gets the same reply" if observation.duplicate else ""
            self._told("handler", f"none{again}")
        lines = self._printed.getvalue().splitlines()
        self._printed.seek(0)
        self._printed.truncate()
        if lines:
            self._told("prints", *map(visible, lines))
        body = body_lines(reply.body)
        self._told("reply", f"{reply.status}{'' if body else ', empty'}", *body)

    def _told(self, label: str, *lines: str) -> None:
        for number, line in enumerate(lines):
            lead = " " * 8 if number else click.style(label.ljust(8), dim=True)
            self.line(f"  {lead}  {line}")


def _facts(event: Event) -> list[str]:
    """What tells an event from others of its kind, on a line if there is anything."""
    facts = []
    for name in _TOLD:
        if value := getattr(event, name, None):
            shown = f'"{visible(value)}"' if name == "text" else visible(value)
            facts.append(f"{click.style(name.rstrip('_'), dim=True)} {shown}")
    return ["  ".join(facts)] if facts else []
