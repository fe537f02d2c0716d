"""Handlers are given the dialect's client by its type: one per app, opened late, closed with it."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from callbackkit import SetupError
from callbackkit.v1 import App, Client, SmsEvent

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]
SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195553434"}
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDWIDTH_USER_ID", "u-1")
    monkeypatch.setenv("BANDWIDTH_API_TOKEN", "t-1")
    monkeypatch.setenv("BANDWIDTH_API_SECRET", "s-1")


@pytest.fixture
def app() -> App:
    return App(duplicates=False, strict=True)


@pytest.fixture
def seen(app: App) -> list[Client]:
    found: list[Client] = []

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, client: Client, again: Client | None = None) -> None:
        assert client is again
        found.append(client)

    return found


async def post(in_process: InProcess, app: App) -> None:
    async with in_process(app) as client:
        assert (await client.post("/", json=SMS)).status_code == 200


async def test_an_app_has_one_client(app: App, seen: list[Client], in_process: InProcess) -> None:
    async with app.lifespan():
        await post(in_process, app)
        await post(in_process, app)
    assert isinstance(seen[0], Client)
    assert seen[0] is seen[1]
    assert "s-1" not in repr(seen[0])


def test_a_restart_on_another_loop_opens_a_new_client(
    app: App, seen: list[Client], in_process: InProcess
) -> None:
    async def main() -> None:
        async with app.lifespan():
            await post(in_process, app)

    for _ in range(2):
        asyncio.run(main())
    assert seen[0] is not seen[1]


async def test_the_client_is_closed_with_the_app(
    app: App, seen: list[Client], in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[object] = []

    async def aclose(self: Client) -> None:
        closed.append(self)

    monkeypatch.setattr(Client, "aclose", aclose)
    async with app.lifespan():
        await post(in_process, app)
        assert closed == []
    assert closed == seen


async def test_the_client_works_without_a_lifespan(
    app: App, seen: list[Client], in_process: InProcess
) -> None:
    await post(in_process, app)
    assert isinstance(seen[0], Client)


async def test_a_provided_client_replaces_the_built_in_one(
    app: App, seen: list[Client], in_process: InProcess
) -> None:
    mine = Client("u-2", "t-2", "s-2")
    app.check()  # has looked for a client already
    app.provide(Client, mine)
    await post(in_process, app)
    assert seen == [mine]
    other = App()
    other.provide(Client, mine)
    with pytest.raises(SetupError, match="already"):
        other.provide(Client, mine)


async def test_an_override_needs_no_credentials(
    app: App, seen: list[Client], in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BANDWIDTH_API_SECRET")
    fake = Client("u-2", "t-2", "s-2")
    app.check()
    with app.override(Client, fake):
        await post(in_process, app)
    assert seen == [fake]


async def test_missing_credentials_fail_the_start(
    app: App, seen: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BANDWIDTH_API_SECRET")
    app.check()
    with pytest.raises(SetupError, match="BANDWIDTH_API_SECRET"):
        async with app.lifespan():
            pass


async def test_an_app_without_such_a_handler_needs_no_credentials(
    app: App, in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BANDWIDTH_API_SECRET")

    @app.on(SmsEvent)
    async def handler(event: SmsEvent) -> None: ...

    await post(in_process, app)


async def test_providers_get_the_client_too(app: App, in_process: InProcess) -> None:
    class Service:
        def __init__(self, client: Client) -> None:
            self.client = client

    seen: list[Any] = []
    app.provide(Service, Service)

    @app.on(SmsEvent)
    async def handler(event: SmsEvent, service: Service, client: Client) -> None:
        seen.append(service.client is client)

    await post(in_process, app)
    assert seen == [True]


def test_httpx_is_imported_only_where_the_client_is_used() -> None:
    code = """
import sys, asyncio
from callbackkit.v1 import App, SmsEvent, Callback
app = App()
@app.on(SmsEvent)
async def handler(event: SmsEvent, callback: Callback) -> None: ...
app.check()
assert "httpx" not in sys.modules
try:
    from callbackkit.v1 import Clinet
except ImportError:
    pass
assert "httpx" not in sys.modules
from callbackkit.v1 import Client
assert "httpx" in sys.modules
assert Client.__module__ == "callbackkit.v1.client"
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
