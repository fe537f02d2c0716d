"""What a command is given by name: the user's app, or a dialect. Wrong names are one sentence."""

import os
import sys
from importlib import import_module
from typing import Any

import click

from callbackkit.app import App
from callbackkit.errors import SetupError

DIALECTS = ("v1",)

dialect_argument = click.argument("dialect", type=click.Choice(DIALECTS), metavar="DIALECT")


class Unusable(click.ClickException):
    """What the command was given does not exist or is of the wrong kind."""

    exit_code = 2


def dialect_module(dialect: str, name: str = "") -> Any:
    """A dialect, or a module of it, imported by name: none is known here."""
    return import_module(f"callbackkit.{dialect}{name and '.'}{name}")


def load_app(target: str) -> App:
    """The app that `module:attribute` names, found from the working directory too.

    Raises Unusable, ClickException for a SetupError at its import, and whatever else that raises.
    """
    module_name, colon, attribute = target.partition(":")
    if not (module_name and colon and attribute):
        guess = module_name.removesuffix(".py").replace("/", ".").replace("\\", ".") or "main"
        raise Unusable(f"{target!r} names no app: write module:attribute, such as {guess}:app")
    if (here := os.getcwd()) not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module_name)
    except ModuleNotFoundError as error:
        # Of a module that the app itself lacks, the traceback tells more.
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        hint = ""
        if module_name.endswith(".py") or "/" in module_name:
            hint = "; write it with dots and without .py"
        raise Unusable(f"there is no module {error.name} here, in {here}{hint}") from None
    except SetupError as error:
        raise click.ClickException(str(error)) from None
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            apps = [key for key, value in vars(found).items() if isinstance(value, App)]
            hint = f"; did you mean {module_name}:{apps[0]}?" if apps else ""
            raise Unusable(f"{module_name} has no attribute {name}{hint}") from None
    if not isinstance(found, App):
        kind = type(found).__name__
        raise Unusable(
            f"{target} is {'an' if kind[0] in 'AEIOaeio' else 'a'} {kind}, not an App of"
            " callbackkit's; name the App itself (what is around it is served by uvicorn)"
        )
    return found


def checked_app(target: str) -> App:
    """The app after all its checks. Raises as `load_app` does, also for a failed check."""
    app = load_app(target)
    try:
        app.check()
    except SetupError as error:
        raise click.ClickException(str(error)) from None
    return app
