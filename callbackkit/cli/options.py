"""Options that several commands have, and the checks of their values."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from callbackkit.addresses import E164
from callbackkit.cli.loading import DIALECT, DIALECTS

F = TypeVar("F", bound=Callable[..., Any])

_NUMBER = re.compile(rf"{E164}|sips?:[^\s@]+@[^\s@]+")


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
    help="The protocol, for an app that is not made with callbackkit.",
)


own_dialect_option = click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    default=DIALECT,
    show_default=True,
    help="The protocol that is spoken.",
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
