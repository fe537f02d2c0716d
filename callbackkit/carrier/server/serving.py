"""The functions that carry out operations: marked one by one, found in a package."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

from callbackkit.carrier.server.request import C, Request
from callbackkit.rest import Operation

F = TypeVar("F", bound=Callable[..., object])

Serve: TypeAlias = Callable[[Request[C]], object]
"""Carries out a request at once and returns a Response, JSON, or None for a reply without a body.
Raises Rejection."""
Served: TypeAlias = Mapping[Operation, Serve[C]]
"""The operations of an API, each with the function that carries it out."""


def serves(*operations: Operation) -> Callable[[F], F]:
    """Mark the function that carries out operations; several differ only in their bodies."""

    def mark(function: F) -> F:
        function.__serves__ = operations  # type: ignore[attr-defined]
        return function

    return mark


def served_in(package: ModuleType) -> Served[Any]:
    """Return the operations that functions in the modules of a package carry out."""
    found: dict[Operation, Serve[Any]] = {}
    for info in iter_modules(package.__path__):
        for function in vars(import_module(f"{package.__name__}.{info.name}")).values():
            for operation in getattr(function, "__serves__", ()):
                other = found.setdefault(operation, function)
                assert other is function, f"{operation.name} is served twice"
    return found
