"""Imports an example afresh from its folder for each test, and lets a phone call it."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from callbackkit.testing import SyncPhone

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """`load("menu")` imports an example; nothing of it is left for the next test."""
    monkeypatch.syspath_prepend(EXAMPLES)
    before = set(sys.modules)
    yield import_module
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(EXAMPLES):
            del sys.modules[name]


@pytest.fixture
def phone_app(request: pytest.FixtureRequest, load: Callable[[str], ModuleType]) -> Any:
    """The app that a test's mark names: `callbackkit(app="menu:app")`; None for a script."""
    marks = request.node.iter_markers("callbackkit")
    target = next(mark.kwargs["app"] for mark in marks if "app" in mark.kwargs)
    if target is None:
        return None
    module, _, name = target.partition(":")
    return getattr(load(module), name)


@pytest.fixture
def script(sync_phone: SyncPhone, load: Callable[[str], ModuleType]) -> Callable[..., None]:
    """`script("send_text", *arguments)` runs an example's `main`; its client finds the carrier by
    the environment that `serve=True` has set."""
    assert sync_phone.rest_url is not None

    def run(name: str, *arguments: str) -> None:
        main: Callable[..., Coroutine[Any, Any, None]] = load(name).main
        asyncio.run(main(*arguments))

    return run
