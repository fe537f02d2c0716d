"""Import what a command names: the user's app, or a dialect. Wrong names are one sentence."""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from callbackkit.app import App
from callbackkit.dialect import dialects
from callbackkit.errors import SetupError
from callbackkit.loading import LoadError, load

DIALECTS = dialects()

DIALECT = "v1"
"""The dialect of commands that take no app, unless `--dialect` names another."""

dialect_argument = click.argument("dialect", type=click.Choice(DIALECTS))


class InputError(click.ClickException):
    """A name or value given to a command that does not exist or is of the wrong kind."""

    exit_code = 2


def dialect_module(dialect: str, name: str = "") -> Any:
    """Import a dialect, or a module of it, by name."""
    return import_module(f"callbackkit.{dialect}{name and '.'}{name}")


def load_any(target: str) -> Any:
    """Return what `module:attribute` names, found from the working directory too.

    Raises InputError for a wrong name, and ClickException when the module fails at its import.
    """
    try:
        return load(target, Path.cwd())
    except LoadError as error:
        kind = click.ClickException if error.failed else InputError
        raise kind(str(error)) from None


def load_app(target: str) -> App:
    """Return the app that `module:attribute` names. Raises as `load_any` does."""
    found = load_any(target)
    if not isinstance(found, App):
        kind = type(found).__name__
        raise InputError(
            f"{target} is {'an' if kind[0] in 'AEIOaeio' else 'a'} {kind}, not an App of"
            " callbackkit's; name the App itself (what is around it is served by uvicorn)"
        )
    return found


def checked_app(target: str) -> App:
    """Return the app after all its checks. Raises as `load_app` does, also for a failed check."""
    app = load_app(target)
    try:
        app.check()
    except SetupError as error:
        raise click.ClickException(str(error)) from None
    return app
