"""Find the apps in a host app of any framework, and make what a factory makes."""

import gc
from collections import deque
from collections.abc import Iterable
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import click

from callbackkit.app import App
from callbackkit.cli.loading import InputError, load_any
from callbackkit.errors import SetupError
from callbackkit.handlers import makes

_MOST = 200_000  # objects that a search looks at
_LEAVES = (str, bytes, int, float, type, ModuleType)


class Served(NamedTuple):
    """An ASGI app, and the apps of callbackkit's in it: often it is the one itself."""

    asgi: Any
    apps: tuple[App, ...]


def load_served(target: str) -> Served:
    """Return what `module:attribute` names: an App, a host with Apps in it, or a function without
    parameters that makes one. Raises as `load_app` does."""
    found = load_any(target)
    if makes(found):
        try:
            found = found()
        except SetupError as error:
            raise click.ClickException(str(error)) from None
        except Exception as error:
            raise click.ClickException(
                f"{target}() fails: {type(error).__name__}: {error}"
            ) from None
    apps = tuple(apps_in(found))
    if not callable(found) or not apps:
        kind = type(found).__name__
        raise InputError(
            f"{target} is {'an' if kind[0] in 'AEIOaeio' else 'a'} {kind}, and no App of"
            " callbackkit's is in it; name the App, the host that has it, or a function that makes"
            " one of them"
        )
    return Served(found, apps)


def checked(target: str) -> Served:
    """Return what is served after all checks. Raises as `load_app` does, or for a failed check."""
    served = load_served(target)
    for app in served.apps:
        try:
            app.check()
        except SetupError as error:
            raise click.ClickException(str(error)) from None
    return served


def apps_in(host: Any) -> Iterable[App]:
    """Generate the Apps that a host holds, in its attributes, lists and functions, nearest first.

    Frameworks keep what is mounted in places of their own, so all that leads anywhere is followed.
    """
    seen = {id(host): host}
    todo = deque([host])
    while todo and len(seen) < _MOST:
        one = todo.popleft()
        if issubclass(type(one), App):
            yield one
            continue
        for other in _held(one):
            # Not isinstance: a proxy answers that with what it stands for, or raises.
            if id(other) not in seen and not issubclass(type(other), _LEAVES):
                seen[id(other)] = other
                todo.append(other)


def _held(one: Any) -> list[Any]:
    if type(one) in (list, tuple):
        return list(one)  # in their order, which gc has the other way round
    if type(one) is not FunctionType:
        return gc.get_referents(one)
    # Of the module around a function only what it names.
    names = [name for name in one.__code__.co_names if name in one.__globals__]
    held = [one.__globals__[name] for name in names]
    return [*held, *(one.__closure__ or ()), one.__defaults__, one.__kwdefaults__, vars(one)]
