"""How commands get a phone for what they are given: an app in a module, or a server elsewhere.

What the app prints goes to standard error, so that standard output has the command's words only.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from callbackkit.app import App
from callbackkit.bxml import Finding
from callbackkit.cli.exchange import visible
from callbackkit.cli.lint import echo_finding
from callbackkit.cli.loading import DIALECTS, InputError, checked_app, load_any
from callbackkit.errors import SetupError
from callbackkit.handlers import is_async
from callbackkit.testing.failures import PhoneFailure

if TYPE_CHECKING:
    from callbackkit.carrier.diagnostics import Diagnostic
    from callbackkit.testing.phone import Phone

F = TypeVar("F", bound=Callable[..., Any])

_NUMBER = re.compile(r"\+[0-9]{1,15}|sips?:[^\s@]+@[^\s@]+")
_SERVER = re.compile(r"[\w.-]+:\d+(/.*)?")

SERVER_PATIENCE = 60.0
"""Seconds of real time that a server may take: longer than the carrier waits for any callback."""

MOST_CALLS = 100
"""Calls of an app that are waited for after the one that was asked for."""


def numbers(_context: click.Context, _option: click.Parameter, given: Any) -> Any:
    """Check one telephone number or several."""
    for number in (given,) if isinstance(given, str) else given or ():
        if not _NUMBER.fullmatch(number):
            raise click.BadParameter(f"{number!r} is no number; write it as +19195550100")
    return given


def words(_context: click.Context, _option: click.Parameter, given: Any) -> Any:
    """Check that one text or several can be sent as UTF-8."""
    for text in (given,) if isinstance(given, str) else given:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise click.BadParameter("this is no text in UTF-8") from None
    return given


def _rules(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Any:
    for text in given:
        if not text.partition("=")[1]:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE")
    return {name: value for name, _, value in (text.partition("=") for text in given)}


target_argument = click.argument("target")
to_option = click.option(
    "--to", callback=numbers, metavar="NUMBER", help="The app's number, by default +19195550100."
)
from_option = click.option(
    "--from",
    "from_",
    callback=numbers,
    metavar="NUMBER",
    help="The phone's number, by default +19195551212.",
)
rule_option = click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_rules,
    help="The option taken of an open rule, as `callbackkit rules` shows them; repeatable.",
)
speed_option = click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True, max=1000),
    default=1.0,
    show_default=True,
    help="How many times as fast as real the time passes.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
dialect_option = click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    help="The dialect, where the app does not tell it.",
)


def target_options(command: F) -> F:
    """The options that say how TARGET is reached."""
    path = click.option(
        "--path", help="Where TARGET takes callbacks, where that is not its root or can't be found."
    )
    port = click.option(
        "--rest-port",
        type=click.IntRange(0, 65535),
        default=0,
        help="Port of the REST API for a TARGET that is a URL; by default a free one.",
    )
    return path(dialect_option(port(rule_option(command))))


def phone_of(
    target: str,
    *,
    clock: Literal["virtual", "wall"] = "virtual",
    rest_port: int = 0,
    from_: str | None = None,
    **options: Any,
) -> "Phone":
    """A phone for what a command was given. Raises InputError for a wrong name, and ClickException
    for an app that fails at its import or its checks."""
    from callbackkit.testing.phone import NUMBER, Phone

    elsewhere = "://" in target
    if elsewhere:
        app: Any = target
        if clock == "virtual":
            options["patience"] = SERVER_PATIENCE
    else:
        app = _app_of(target)
    try:
        return Phone(
            app, number=from_ or NUMBER, clock=clock, port=rest_port, strict=False, **options
        )
    except SetupError as error:
        wanted = str(error).replace("Phone() takes an ASGI app,", "TARGET is module:app,")
        raise InputError(wanted) from None


def _app_of(target: str) -> Any:
    if _SERVER.fullmatch(target):
        raise InputError(f"{target!r} names no app; the URL of a server starts with http://")
    app = load_any(target)
    if isinstance(app, App):
        return checked_app(target)
    if isinstance(app, type) or not is_async(app):
        kind = "class" if isinstance(app, type) else type(app).__name__
        raise InputError(f"{target} is no ASGI app but a {kind}; serve it, and give its URL")
    return app


@contextmanager
def app_at_work() -> Iterator[None]:
    """While an app is loaded and runs: what it prints goes to standard error, and what it can't do
    is a sentence."""
    try:
        with redirect_stdout(sys.stderr) as stderr:
            yield
            stderr.flush()
    except PhoneFailure as failure:
        raise click.ClickException(shown_lines(failure.sentence)) from None
    except SetupError as error:
        raise InputError(shown_lines(str(error))) from None


def shown_lines(text: str) -> str:
    """Text from outside of several lines, safe for a terminal."""
    return "\n".join(map(visible, text.splitlines()))


async def come_to_end(phone: "Phone") -> None:
    """Let all end that goes on without the phone: recordings, messages, calls of the app's. Raises
    PhoneFailure if it does not."""
    await phone.settle()
    while going := [call for call in phone.calls if call.ended is None]:
        if len(phone.calls) > MOST_CALLS:
            raise PhoneFailure(f"the app goes on calling, after {MOST_CALLS} calls")
        await going[0].ends()
        await phone.settle()


def transcript_lines(phone: "Phone") -> list[str]:
    """The lines of all that happened."""
    return [visible(line) for line in phone.transcript.splitlines()]


def echo_diagnostics(found: Sequence["Diagnostic"]) -> None:
    """Print what a carrier has found."""
    for one in found:
        line = "" if one.line is None else f"line {one.line} of the BXML: "
        sources = ", ".join(filter(None, (one.rule, one.ledger, one.docs)))
        echo_finding(one.level, line + one.message, sources, one.place)
        # Of what a handler of callbackkit's has raised its log tells.
        if one.detail is not None and one.place is None:
            click.echo("\n".join(f"  {line}" for line in shown_lines(one.detail).split("\n")))


def echo_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def conclude(found: Sequence[Finding], failure: str | None = None) -> None:
    """End a command with 1 if there are errors, or a failure, which is told."""
    if failure is not None:
        raise click.ClickException(shown_lines(failure))
    if any(one.level == "error" for one in found):
        click.get_current_context().exit(1)
