"""What a command is given by name: the user's app, or a dialect. Wrong names are one sentence."""

import os
import re
import sys
import sysconfig
from importlib import import_module
from pathlib import Path
from traceback import FrameSummary, StackSummary, TracebackException
from typing import Any

import click

import callbackkit
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

    Raises Unusable for a wrong name, and ClickException when the module fails at its import.
    """
    module_name, colon, attribute = target.partition(":")
    # Of a path import_module would import a part, or take it for relative to a package.
    path = "/" in module_name or "\\" in module_name
    if path or not (colon and attribute and all(module_name.split("."))):
        parts = re.split(r"[./\\]+", module_name.removesuffix(".py"))
        guess = ".".join(filter(None, parts)) or "main"
        raise Unusable(f"{target!r} names no app: write module:attribute, such as {guess}:app")
    if (here := os.getcwd()) not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module_name)
    except ModuleNotFoundError as error:
        # A module that the app itself lacks is a failure of the app's.
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise click.ClickException(_failure(module_name, error)) from None
        hint = "; write it without .py" if module_name.endswith(".py") else ""
        raise Unusable(f"there is no module {error.name} here, in {here}{hint}") from None
    except SetupError as error:
        raise click.ClickException(str(error)) from None
    except Exception as error:
        raise click.ClickException(_failure(module_name, error)) from None
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            names = getattr(found, "__dict__", {})
            apps = [key for key, value in names.items() if isinstance(value, App)]
            hint = f"; did you mean {module_name}:{apps[0]}?" if apps else ""
            raise Unusable(f"{module_name} has no attribute {name}{hint}") from None
    if not isinstance(found, App):
        kind = type(found).__name__
        raise Unusable(
            f"{target} is {'an' if kind[0] in 'AEIOaeio' else 'a'} {kind}, not an App of"
            " callbackkit's; name the App itself (what is around it is served by uvicorn)"
        )
    return found


def _failure(module_name: str, error: Exception) -> str:
    """Why the user's module can't be imported, with the user's own lines of the traceback."""
    told = TracebackException.from_exception(error)
    # Before them come this file and importlib; a SyntaxError tells its line by itself.
    frames = [frame for frame in told.stack[2:] if not frame.filename.startswith("<frozen ")]
    stack = StackSummary.from_list([frame for frame in frames if _is_own(frame)] or frames)
    lines = [*stack.format(), *told.format_exception_only()]
    return f"{module_name} can't be imported:\n{''.join(lines)}".rstrip()


def _is_own(frame: FrameSummary) -> bool:
    """Whether a frame is of the user's code, not of Python's, ours or an installed package's."""
    file = Path(frame.filename)
    foreign = (sysconfig.get_path("stdlib"), Path(callbackkit.__file__).parent)
    return not (
        {"site-packages", "dist-packages"}.intersection(file.parts)
        or any(file.is_relative_to(folder) for folder in foreign)
    )


def checked_app(target: str) -> App:
    """The app after all its checks. Raises as `load_app` does, also for a failed check."""
    app = load_app(target)
    try:
        app.check()
    except SetupError as error:
        raise click.ClickException(str(error)) from None
    return app
