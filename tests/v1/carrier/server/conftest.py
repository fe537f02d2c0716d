"""A carrier in virtual time with its REST API, an app that notes its callbacks, and clients."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from callbackkit.carrier.driver import VirtualDriver
from callbackkit.carrier.sending import Asgi
from callbackkit.v1 import DIALECT
from callbackkit.v1.carrier import Carrier
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.server import rest_app
from callbackkit.v1.client import Client

APP = "http://app.test/hook"
NUMBER, PARTY, OTHER = "+19195550100", "+19195551212", "+19195551313"
USER = "/v1/users/u-carrier"

Page = bytes | int | Callable[[dict[str, Any]], Any]


class Local:
    """A carrier, its app, and clients.

    `pages` are the app's replies by eventType, or by path for what goes elsewhere than its root:
    a body, a status, or what is called with the event and may be awaited.
    """

    def __init__(self, **options: Any) -> None:
        options = {"callback_http_method": "POST", **options}
        self.carrier = Carrier(APP, **options)
        self.pages: dict[str, Page] = {}
        self.received: list[dict[str, Any]] = []
        self.driver = VirtualDriver(self.carrier, Asgi(self._app))
        self.api = rest_app(self.carrier, self.driver.act)
        self.client: Client
        self.http: httpx.AsyncClient

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        if scope["method"] == "POST":
            event = json.loads(message["body"])
        else:
            event = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        event["path"] = scope["path"]
        self.received.append(event)
        page = self.pages.get(scope["path"], self.pages.get(event.get("eventType", ""), b""))
        if callable(page):
            page = await page(event)
        status = page if isinstance(page, int) else 200
        body = page if isinstance(page, bytes) else b""
        headers = [(b"content-type", b"application/xml")] if body else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    # Time

    async def wait(self, seconds: float) -> None:
        """Let some seconds of the carrier's clock pass."""
        end = self.carrier.now + seconds
        self.carrier.scheduler.at(end, lambda: None, rank=0)
        await self.driver.until(lambda: self.carrier.now >= end)
        await self.driver.quiet()

    async def act(self, action: Callable[..., Any], *args: Any) -> Any:
        """Do something on a phone, and let what follows at once happen."""
        result = self.driver.act(action, *args)
        await self.driver.quiet()
        return result

    # What there is

    def call(self, call_id: str) -> Call:
        return self.carrier.calls[call_id]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The callbacks of an eventType."""
        return [one for one in self.received if one["eventType"] == event]

    @property
    def events(self) -> list[str]:
        return [one["eventType"] for one in self.received]

    # Ways to a call

    async def calls_out(self, party: str = PARTY, **options: Any) -> str:
        """A call of the app's that was answered; its id."""
        options = {"callback_url": APP, **options}
        created = await self.client.calls.create(from_=NUMBER, to=party, **options)
        await self.act(self.call(created.id).answer)
        return created.id

    async def dials(self, party: str = PARTY) -> str:
        """A call from a phone; its id."""
        call = await self.act(self.carrier.dial, party, NUMBER)
        return str(call.id)

    async def request(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> httpx.Response:
        """A request of any kind, below the user's path unless it starts with /v1."""
        if body is not None:
            options["content"] = body if isinstance(body, bytes) else json.dumps(body)
            options["headers"] = {
                "content-type": "application/json",
                **options.get("headers", {}),
            }
        url = path if path.startswith("/v1") else f"{USER}{path}"
        return await self.http.request(method, url, **options)

    async def error_of(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> tuple[int, str, str]:
        """What a request is refused with: status, code and message."""
        reply = await self.request(method, path, body, **options)
        problem = shape_of(reply)
        return reply.status_code, problem["code"], problem.get("message", "")


def shape_of(reply: httpx.Response) -> dict[str, Any]:
    """The body of a refusal, which has to be of the documented shape."""
    assert reply.status_code >= 400
    assert reply.headers["content-type"] == "application/json"
    problem: dict[str, Any] = reply.json()
    assert set(problem) - {"message"} == {"category", "code", "details"}
    assert all(isinstance(problem[name], str) for name in problem if name != "details")
    for detail in problem["details"]:
        assert set(detail) == {"name", "value"}
        assert all(isinstance(value, str) for value in detail.values())
    assert {"requestMethod", "remoteAddress", "requestPath"} <= {
        detail["name"] for detail in problem["details"]
    }
    return problem


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[Local]:
    """A carrier with clients, for as long as the block."""
    local = Local(**options)
    account = local.carrier.account
    async with AsyncExitStack() as stack:
        stack.push_async_callback(local.driver.aclose)
        local.client = await stack.enter_async_context(
            DIALECT.rest_client(local.carrier, local.api)
        )
        local.http = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(local.api),
                base_url="http://carrier.test",
                auth=(account.token, account.secret),
                trust_env=False,
            )
        )
        yield local


@pytest.fixture
async def local() -> AsyncIterator[Local]:
    async with opened() as local:
        yield local
        # Mistakes in the carrier itself are answered with 503, and noted here.
        internal = [one for one in local.carrier.diagnostics if one.rule == "internal-error"]
        assert internal == []


@pytest.fixture
def client(local: Local) -> Client:
    return local.client


@pytest.fixture
def other_local() -> Callable[..., Any]:
    """`async with other_local(limits="documented") as local`: a carrier with options."""
    return opened


def query_of(url: str) -> Mapping[str, str]:
    """The query of a URL."""
    return dict(parse_qsl(httpx.URL(url).query.decode()))
