"""`callbackkit carrier`: the platform on this machine, over real HTTP, for apps in any language."""

import asyncio
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from callbackkit.cli.live import LiveTranscript
from callbackkit.cli.loading import DIALECTS, InputError
from callbackkit.cli.options import dialect_option, numbers, rule_option, speed_option
from callbackkit.cli.output import visible
from callbackkit.dialect import Dialect, dialect_named
from callbackkit.errors import SetupError

if TYPE_CHECKING:
    from callbackkit.carrier.platform import Platform

TIDY_EVERY = 60.0
"""Seconds of the carrier's clock after which it forgets what is long over."""


def _app(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    from callbackkit.carrier.sending import origin_of

    if given is not None and origin_of(given) is None:
        # The URL is not quoted: it may hold credentials.
        raise click.BadParameter("it takes an absolute URL, such as http://127.0.0.1:3000/")
    return given


@click.command(short_help="Be the platform for an app in any language.")
@click.option(
    "--app",
    metavar="URL",
    callback=_app,
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
    callback=numbers,
    metavar="NUMBER",
    help="A number of the account, by default +19195550100. May be given several times.",
)
@click.option(
    "--callback-http-method",
    "method",
    type=click.Choice(["GET", "POST"]),
    default="GET",
    show_default=True,
    help="How the application gets its callbacks; BXML needs GET.",
)
@click.option(
    "--limits",
    type=click.Choice(["off", "documented"]),
    default="off",
    show_default=True,
    help="Whether the documented rate limits apply.",
)
@dialect_option
@rule_option
@speed_option
def carrier(
    app: str | None,
    host: str,
    port: int,
    owned: Sequence[str],
    method: str,
    limits: str,
    dialect: str | None,
    rules: Mapping[str, str],
    speed: float,
) -> None:
    """Serve the platform's REST API on this machine, and send callbacks by HTTP in real time.

    Prints what a client of it needs as shell commands, then what happens. Callbacks go to this
    machine and to the host of --app, and nowhere else. The account and all else is in memory: the
    last 500 calls and messages are kept. Ctrl-C stops it.

    \b
    Whatever can send HTTP can be the phone, with JSON (Content-Type: application/json):
      POST   /phone/calls                {"from", "to"}: call the app
      GET    /phone/calls                all calls
      GET    /phone/calls/ID             what was heard, what listens, how it ended
      POST   /phone/calls/ID/keys        {"keys"}: press when something listens
      POST   /phone/calls/ID/speech      {"text", "seconds"}: say when something listens
      POST   /phone/calls/ID/answer      pick up what the app rings; also /busy, /decline
      DELETE /phone/calls/ID             hang up
      POST   /phone/messages             {"from", "to", "text", "media"}: text the app
      GET    /phone/messages             the messages that the app has sent
      GET    /phone/diagnostics          what is wrong
    With "now": true keys and text don't wait for something that listens.
    """
    spoken = dialect_named(dialect or DIALECTS[0])
    if spoken.carrier is None or spoken.rest_app is None:
        raise InputError(f"{spoken.name} has no local carrier")
    platform = {
        "numbers": owned,
        "rules": rules,
        "callback_http_method": method,
        "limits": limits,
        "epoch": datetime.now(UTC),
    }
    if not owned:
        del platform["numbers"]
    try:
        made = spoken.carrier()(app, **platform)
    except SetupError as error:
        raise InputError(str(error)) from None
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(spoken, made, app, owned, host, port, speed))


async def _serve(
    spoken: Dialect,
    made: "Platform",
    app: str | None,
    owned: Sequence[str],
    host: str,
    port: int,
    speed: float,
) -> None:
    from callbackkit.carrier.driver import WallDriver
    from callbackkit.carrier.http import OverHttp
    from callbackkit.carrier.phone_api import Guarded, PhoneApi
    from callbackkit.carrier.sending import Routed, local_or
    from callbackkit.testing.serving import BackgroundServer

    task = asyncio.current_task()
    assert task is not None
    async with AsyncExitStack() as stack:
        takes = local_or(None if app is None else urlsplit(app).hostname)
        elsewhere = "neither on this machine nor on the host of --app"
        sender = Routed(made, OverHttp(), takes, elsewhere)
        stack.push_async_callback(sender.aclose)
        driver = WallDriver(made, sender, speed)
        stack.push_async_callback(driver.aclose)
        outside = PhoneApi(driver)
        assert spoken.rest_app is not None
        rest = spoken.rest_app(made, driver.act)

        async def served(scope: Any, receive: Any, send: Any) -> None:
            phone = scope["path"] == "/phone" or scope["path"].startswith("/phone/")
            await (outside.app if phone else rest)(scope, receive, send)

        try:
            server = BackgroundServer(Guarded(served, host), host, port)
        except SetupError as error:
            raise InputError(f"{visible(error)}; give another --host or --port") from None
        await server.start()
        stack.push_async_callback(server.stop)
        stack.callback(outside.close)
        made.served_at(server.url)
        _introduce(made, server.url, owned or [made.own_number], app is not None)
        transcript = LiveTranscript(made, sys.stdout)
        _tidy_up(made)
        with suppress(NotImplementedError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await transcript.follow(driver.until)
        except asyncio.CancelledError:
            # Ctrl-C, or who stops services: what it is for, and no error.
            task.uncancel()


def _introduce(made: "Platform", url: str, owned: Sequence[str], has_app: bool) -> None:
    """Say what there is, as a shell can read it."""
    for name, value in made.environment().items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo(f"# Numbers: {', '.join(owned)}")
    if not has_app:
        click.echo("# No --app: callbacks go nowhere until an application is given its URLs")
    click.echo(f"# The phones are {url}/phone/calls and {url}/phone/messages")
    click.echo(f"# The carrier is up on {url} until Ctrl-C")


def _tidy_up(made: "Platform") -> None:
    made.forget()
    made.scheduler.at(made.now + TIDY_EVERY, lambda: _tidy_up(made))
