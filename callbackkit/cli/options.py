"""Options that several commands have, and the checks of their values."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from callbackkit.addresses import E164, is_http_url
from callbackkit.carrier.leg import are_keys
from callbackkit.cli.loading import DIALECT, DIALECTS

F = TypeVar("F", bound=Callable[..., Any])

_NUMBER = re.compile(rf"{E164}|sips?:[^\s@]+@[^\s@]+")

# Callbacks of click, which check one value or several and return them as they are.


def check_numbers(_context: click.Context, _option: click.Parameter, values: Any) -> Any:
    """Check telephone numbers."""
    for number in _each(values):
        if not _NUMBER.fullmatch(number):
            raise click.BadParameter(f"{number!r} is no number; write it as +19195550100")
    return values


def check_texts(_context: click.Context, _option: click.Parameter, values: Any) -> Any:
    """Check that texts can be sent as UTF-8."""
    for text in _each(values):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise click.BadParameter("this is no text in UTF-8") from None
    return values


def check_urls(_context: click.Context, _option: click.Parameter, values: Any) -> Any:
    """Check absolute URLs."""
    for url in _each(check_texts(_context, _option, values)):
        if not is_http_url(url):
            # It is not quoted, as it may hold credentials.
            raise click.BadParameter("write an absolute URL, such as http://127.0.0.1:8000/")
    return values


def check_keys(_context: click.Context, _option: click.Parameter, values: Any) -> Any:
    """Check keys of a phone."""
    for pressed in _each(values):
        if not are_keys(pressed):
            raise click.BadParameter(f"{pressed!r}: a phone has the keys 0-9, * and #")
    return values


def to_dict(_context: click.Context, option: click.Parameter, values: Any) -> Any:
    """Make a dict of texts with an equals sign."""
    for text in values:
        if "=" not in text:
            raise click.BadParameter(f"{text!r} is not {option.metavar}")
    return dict(text.split("=", 1) for text in values)


def _each(values: Any) -> Any:
    return (values,) if isinstance(values, str) else values or ()


target_argument = click.argument("target")
to_option = click.option(
    "--to",
    callback=check_numbers,
    metavar="NUMBER",
    help="The app's number, by default +19195550100.",
)
from_option = click.option(
    "--from",
    "from_",
    callback=check_numbers,
    metavar="NUMBER",
    help="The phone's number, by default +19195551212.",
)
rule_option = click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="NAME=VALUE",
    callback=to_dict,
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
