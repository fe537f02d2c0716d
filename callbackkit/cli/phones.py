"""Phones for commands: for an app in a module, or for a server elsewhere.

What the app prints goes to standard error, so that standard output has the command's words only.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, Literal

import click

from callbackkit.app import App
from callbackkit.bxml import Finding
from callbackkit.cli.loading import InputError, checked_app, load_any
from callbackkit.cli.output import visible, visible_lines
from callbackkit.errors import SetupError
from callbackkit.handlers import is_async
from callbackkit.testing.failures import PhoneFailure

if TYPE_CHECKING:
    from callbackkit.testing.phone import Phone

_SERVER = re.compile(r"[\w.-]+:\d+(/.*)?")

SERVER_PATIENCE = 60.0
"""Seconds of real time that a server may take: longer than a carrier waits for any callback."""

MOST_CALLS = 100
"""Calls by the app that are waited for after the command's own."""


def phone_of(
    target: str,
    *,
    clock: Literal["virtual", "wall"] = "virtual",
    rest_port: int = 0,
    from_: str | None = None,
    **options: Any,
) -> "Phone":
    """Make a phone for TARGET.

    Raises InputError for a wrong name, and ClickException for an app that fails at its import or
    its checks.
    """
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
    """Send what an app prints to standard error, and make its failures sentences."""
    try:
        with redirect_stdout(sys.stderr) as stderr:
            yield
            stderr.flush()
    except PhoneFailure as failure:
        raise click.ClickException(visible_lines(failure.sentence)) from None
    except SetupError as error:
        raise InputError(visible_lines(str(error))) from None


async def come_to_end(phone: "Phone") -> None:
    """Wait for recordings, messages and the app's own calls to finish. Raises PhoneFailure if they
    never do."""
    await phone.settle()
    while going := [call for call in phone.calls if call.ended is None]:
        if len(phone.calls) > MOST_CALLS:
            raise PhoneFailure(f"the app goes on calling, after {MOST_CALLS} calls")
        await going[0].ends()
        await phone.settle()


def transcript_lines(phone: "Phone") -> list[str]:
    """Return the transcript's lines, safe for a terminal."""
    return [visible(line) for line in phone.transcript.splitlines()]


def conclude(found: Sequence[Finding], failure: str | None = None) -> None:
    """Exit with 1 if there are errors, or a failure, which is printed."""
    if failure is not None:
        raise click.ClickException(visible_lines(failure))
    if any(one.level == "error" for one in found):
        click.get_current_context().exit(1)
