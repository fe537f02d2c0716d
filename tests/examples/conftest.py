"""Runs an example as its docstring says, and plays the platform to it over real HTTP."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from callbackkit.v1 import Response, lint, parse
from callbackkit.v1.samples import make

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """`load("menu")` imports an example from its folder, afresh for each test."""
    monkeypatch.syspath_prepend(EXAMPLES)
    before = set(sys.modules)
    yield import_module
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(EXAMPLES):
            del sys.modules[name]


class Platform:
    """Sends callbacks to URLs and reads the BXML that comes back."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self.client = client
        self.url = url

    def get(self, event: str, /, url: str | None = None, **fields: str) -> Response | None:
        """Sends an event by GET, its fields after the query that the URL already has."""
        url = url or self.url
        query = urlencode(make(event, "GET", **fields))
        reply = self.client.get(f"{url}{'&' if '?' in url else '?'}{query}")
        return self._read(reply)

    def post(self, event: str, /, url: str | None = None, **fields: str) -> Response | None:
        return self._read(self.client.post(url or self.url, json=make(event, "POST", **fields)))

    def _read(self, reply: httpx.Response) -> Response | None:
        assert reply.status_code == 200, reply.text
        if not reply.content:
            return None
        assert lint(reply.content) == []
        return parse(reply.content)


@pytest.fixture
def platform(
    serve: Callable[..., str], load: Callable[[str], ModuleType]
) -> Iterator[Callable[..., Platform]]:
    """`platform("menu:app")` serves an example as `uvicorn menu:app` does, and calls it."""
    with httpx.Client(trust_env=False) as client:

        def start(target: str, path: str = "/", **options: Any) -> Platform:
            return Platform(client, serve(target, **options) + path)

        yield start
