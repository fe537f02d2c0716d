"""`callbackkit carrier`: the platform on this machine, over real HTTP, for apps in any language."""

import asyncio
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from callbackkit.cli.live import LiveTranscript
from callbackkit.cli.loading import DIALECTS, InputError
from callbackkit.cli.options import (
    check_numbers,
    check_urls,
    own_dialect_option,
    rule_option,
    speed_option,
)
from callbackkit.cli.output import visible
from callbackkit.dialect import Dialect, dialect_named
from callbackkit.errors import SetupError

if TYPE_CHECKING:
    from callbackkit.carrier.platform import Platform

TIDY_EVERY = 60.0
"""Seconds of the carrier's clock after which it forgets what is long over."""


class _Command(click.Command):
    """A command with the options that carriers declare, for which the dialects are imported."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        *params, last = super().get_params(ctx)
        return [*params, *_declared_options(), last]


@cache
def _declared_options() -> list[click.Option]:
    declared = [one for name in DIALECTS for one in dialect_named(name).carrier_options]
    return [
        click.Option(
            [f"--{one.name.replace('_', '-')}"],
            metavar=f"[{'|'.join(one.choices)}]",
            help=f"{one.help}  [default: {one.choices[0]}]",
        )
        for one in {one.name: one for one in declared}.values()
    ]


@click.command(cls=_Command, short_help="Be the platform for an app in any language.")
@click.option(
    "--app",
    metavar="URL",
    callback=check_urls,
    help="Where the account's application sends its callbacks.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8050,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--number",
    "owned",
    multiple=True,
    callback=check_numbers,
    metavar="NUMBER",
    help="A number of the account, by default +19195550100; repeatable.",
)
@own_dialect_option
@rule_option
@speed_option
def carrier(
    app: str | None,
    host: str,
    port: int,
    owned: Sequence[str],
    dialect: str,
    rules: Mapping[str, str],
    speed: float,
    **options: str | None,
) -> None:
    """Serve the platform's REST API on this machine, and send callbacks by HTTP in real time.

    Prints what a client of it needs as shell commands, then what happens. Callbacks go to this
    machine and to the host of --app, and nowhere else. The account and everything else is in
    memory, with the last 500 calls and messages. Ctrl-C stops it.

    \b
    Any program that sends JSON (Content-Type: application/json) can be the phone:
      POST   /phone/calls            {"from", "to"}: call the app
      GET    /phone/calls            all calls
      GET    /phone/calls/ID         what was heard, what listens, how it ended
      POST   /phone/calls/ID/keys    {"keys"}: press when something listens
      POST   /phone/calls/ID/speech  {"text", "seconds"}: say something
      POST   /phone/calls/ID/answer  pick up a ringing phone; or /busy, /decline
      DELETE /phone/calls/ID         hang up
      POST   /phone/messages         {"from", "to", "text", "media"}: text the app
      GET    /phone/messages         the messages that the app has sent
      GET    /phone/diagnostics      what is wrong
    With "now": true keys and text don't wait for something that listens.
    """
    protocol = dialect_named(dialect)
    account = {"numbers": owned} if owned else {}
    chosen = {name: choice for name, choice in options.items() if choice is not None}
    try:
        platform = protocol.new_carrier(
            app, chosen, rules=rules, epoch=datetime.now(UTC), **account
        )
    except SetupError as error:
        raise InputError(str(error)) from None
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(protocol, platform, app, owned, host, port, speed))


async def _serve(
    protocol: Dialect,
    platform: "Platform",
    app: str | None,
    owned: Sequence[str],
    host: str,
    port: int,
    speed: float,
) -> None:
    from callbackkit.carrier.driver import WallDriver
    from callbackkit.carrier.guard import Guarded
    from callbackkit.carrier.http import OverHttp
    from callbackkit.carrier.phone_api import PhoneApi
    from callbackkit.carrier.sending import Routed, local_or
    from callbackkit.testing.serving import BackgroundServer

    task = asyncio.current_task()
    assert task is not None
    async with AsyncExitStack() as stack:
        takes = local_or(None if app is None else urlsplit(app).hostname)
        elsewhere = "neither on this machine nor on the host of --app"
        sender = Routed(platform, OverHttp(), takes, elsewhere)
        stack.push_async_callback(sender.aclose)
        driver = WallDriver(platform, sender, speed)
        stack.push_async_callback(driver.aclose)
        phones = PhoneApi(driver)
        assert protocol.rest_app is not None
        rest = protocol.rest_app(platform, driver.act)

        async def served(scope: Any, receive: Any, send: Any) -> None:
            for_phones = scope["path"] == "/phone" or scope["path"].startswith("/phone/")
            await (phones.app if for_phones else rest)(scope, receive, send)

        try:
            server = BackgroundServer(Guarded(served, host), host, port)
        except SetupError as error:
            raise InputError(f"{visible(error)}; give another --host or --port") from None
        await server.start()
        stack.push_async_callback(server.stop)
        stack.callback(phones.close)
        platform.served_at(server.url)
        _introduce(platform, server.url, owned or [platform.own_number], app is not None)
        transcript = LiveTranscript(platform, sys.stdout)
        _tidy_up(platform)
        with suppress(NotImplementedError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await transcript.follow(driver.until)
        except asyncio.CancelledError:
            # Ctrl-C, or a service manager: the normal end.
            task.uncancel()


def _introduce(platform: "Platform", url: str, owned: Sequence[str], has_app: bool) -> None:
    """Print what a client needs, in a form that a shell can read."""
    for name, value in platform.environment().items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo(f"# Numbers: {', '.join(owned)}")
    if not has_app:
        click.echo("# No --app: callbacks go nowhere until an application has URLs")
    click.echo(f"# The phones are {url}/phone/calls and {url}/phone/messages")
    click.echo(f"# The carrier is up on {url} until Ctrl-C")


def _tidy_up(platform: "Platform") -> None:
    platform.forget()
    platform.scheduler.at(platform.now + TIDY_EVERY, lambda: _tidy_up(platform))
