"""Names such as `main:app`: objects in a module of the user's."""

import re
import sys
from importlib import import_module
from pathlib import Path
from traceback import StackSummary, TracebackException
from typing import Any

from callbackkit.app import App
from callbackkit.errors import SetupError
from callbackkit.tracebacks import own_frames


class LoadError(SetupError):
    """A name that stands for nothing usable. `failed` is true where the user's module is there and
    fails when it is imported."""

    def __init__(self, message: str, *, failed: bool = False) -> None:
        super().__init__(message)
        self.failed = failed


def load(target: str, folder: Path) -> Any:
    """Import what `module:attribute` names; modules are found in a folder too. Raises LoadError."""
    module_name, colon, attribute = target.partition(":")
    # Of a path import_module would import a part, or take it for relative to a package.
    path = "/" in module_name or "\\" in module_name
    if path or not (colon and attribute and all(module_name.split("."))):
        parts = re.split(r"[./\\]+", module_name.removesuffix(".py"))
        guess = ".".join(filter(None, parts)) or "main"
        raise LoadError(f"{target!r} names no app: write module:attribute, such as {guess}:app")
    if (here := str(folder)) not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module_name)
    except ModuleNotFoundError as error:
        # A module that the app itself lacks is a failure of the app's.
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise LoadError(_failure(module_name, error), failed=True) from None
        hint = "; write it without .py" if module_name.endswith(".py") else ""
        raise LoadError(f"there is no module {error.name} here, in {here}{hint}") from None
    except SetupError as error:
        raise LoadError(str(error), failed=True) from None
    except Exception as error:
        raise LoadError(_failure(module_name, error), failed=True) from None
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            names = getattr(found, "__dict__", {})
            apps = [key for key, value in names.items() if isinstance(value, App)]
            hint = f"; did you mean {module_name}:{apps[0]}?" if apps else ""
            raise LoadError(f"{module_name} has no attribute {name}{hint}") from None
    return found


def _failure(module_name: str, error: Exception) -> str:
    """Return why the user's module can't be imported, with their own lines of the traceback."""
    whole = TracebackException.from_exception(error)
    # Before them come this file and importlib; a SyntaxError has its line in its message.
    frames = [frame for frame in whole.stack[2:] if not frame.filename.startswith("<frozen ")]
    stack = own_frames(StackSummary.from_list(frames), libraries=False)
    lines = [*stack.format(), *whole.format_exception_only()]
    return f"{module_name} can't be imported:\n{''.join(lines)}".rstrip()
