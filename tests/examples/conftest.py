"""Runs an example as its docstring says, and plays the platform to it over real HTTP: the one that
calls back, and the one that its client asks."""

import asyncio
import sys
from base64 import b64encode
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from callbackkit.v1 import Client, Hangup, Response, lint, parse
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


class Refused(Exception):
    """What the REST API answers in its error shape."""

    def __init__(self, status: int, category: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"category": category, "code": code, "message": message, "details": []}


class Account:
    """The REST side of the platform, for one account: it answers as its documentation says.

    Resources are kept by id, as they were asked for. A call goes on by one state each time that
    somebody looks at it; with `callback_url` and GET it is picked up at once and played through:
    `documents` holds the BXML that came back, and `ended` has a result when it is over.
    """

    user_id, token, secret = "u-example", "t-example", "s-example"
    states = ("started", "started", "active")

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.applications: dict[str, dict[str, Any]] = {}
        self.phone_numbers: dict[str, dict[str, Any]] = {
            "n-owned": {"number": "+19195550101"},
        }
        self.available = ["+19195550111", "+19195550112", "+14155550113"]
        self.spoken: list[tuple[str, str]] = []
        self.documents: list[Response] = []
        self.ended: Future[None] = Future()
        self.url = ""
        self._ids = count(1)
        self._playing: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        user = f"/v1/users/{self.user_id}"
        return Starlette(
            routes=[
                self._route("POST", f"{user}/messages", self._send_message),
                self._route("POST", f"{user}/calls", self._create_call),
                self._route("GET", f"{user}/calls/{{id}}", self._get_call),
                self._route("POST", f"{user}/calls/{{id}}", self._update_call),
                self._route("POST", f"{user}/calls/{{id}}/audio", self._speak),
                self._route("GET", "/v1/availableNumbers/local", self._search_numbers),
                self._route("POST", f"{user}/phoneNumbers", self._order_number),
                self._route("POST", f"{user}/phoneNumbers/{{id}}", self._update_number),
                self._route("POST", f"{user}/applications", self._create_application),
            ]
        )

    def _route(
        self, method: str, path: str, answer: Callable[[Request, Any], HttpResponse]
    ) -> Route:
        credentials = b64encode(f"{self.token}:{self.secret}".encode()).decode()

        async def endpoint(request: Request) -> HttpResponse:
            if request.headers.get("authorization") != f"Basic {credentials}":
                # No page shows the body of this answer.
                return HttpResponse(status_code=401)
            body = await request.body()
            if body and request.headers["content-type"] != "application/json":
                return HttpResponse(status_code=415)
            try:
                return answer(request, await request.json() if body else None)
            except Refused as refusal:
                return JSONResponse(refusal.body, refusal.status)

        return Route(path, endpoint, methods=[method])

    def _created(
        self, request: Request, resources: dict[str, dict[str, Any]], letter: str, body: Any
    ) -> HttpResponse:
        made = f"{letter}-{next(self._ids)}"
        resources[made] = body
        return HttpResponse(status_code=201, headers={"location": f"{request.url.path}/{made}"})

    def _send_message(self, request: Request, body: Any) -> HttpResponse:
        self._needs("message", body, "from", "to", "text")
        self._owns(body["from"])
        return self._created(request, self.messages, "m", body)

    def _create_call(self, request: Request, body: Any) -> HttpResponse:
        self._needs("call", body, "from", "to")
        self._owns(body["from"])
        call = {**body, "seen": 0}
        response = self._created(request, self.calls, "c", call)
        if body.get("callbackUrl") and body.get("callbackHttpMethod") == "GET":
            call["id"] = response.headers["location"].rpartition("/")[2]
            task = asyncio.get_running_loop().create_task(self._play(call))
            self._playing.add(task)
            task.add_done_callback(self._played)
        return response

    async def _play(self, call: dict[str, Any]) -> None:
        """Calls back as the platform does when a BXML call is picked up."""
        names = {"callId": call["id"], "from": call["from"], "to": call["to"]}
        async with httpx.AsyncClient(trust_env=False) as client:
            for event in ("answer", "hangup"):
                query = make(event, "GET", **names)
                reply = await client.get(call["callbackUrl"], params=query)
                assert reply.status_code == 200, reply.text
                if event == "answer":
                    assert lint(reply.content) == []
                    document = parse(reply.content)
                    self.documents.append(document)
                    assert document.children[-1] == Hangup()

    def _played(self, task: asyncio.Task[None]) -> None:
        self._playing.discard(task)
        error = task.exception()
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)

    def _get_call(self, request: Request, body: Any) -> HttpResponse:
        call = self._found(self.calls, "call", request.path_params["id"])
        state = call.get("state") or self.states[min(call["seen"], len(self.states) - 1)]
        call["seen"] += 1
        return JSONResponse(
            {
                "id": request.path_params["id"],
                "direction": "out",
                "from": call["from"],
                "to": call["to"],
                "state": state,
                "startTime": "2026-05-04T10:11:12Z",
                "events": f"{request.url}/events",
                "recordingEnabled": False,
            }
        )

    def _update_call(self, request: Request, body: Any) -> HttpResponse:
        call = self._found(self.calls, "call", request.path_params["id"])
        if call.get("state") == "completed":
            raise Refused(403, "forbidden", "call-invalid-state", "The call is over")
        call["state"] = body["state"]
        return HttpResponse()

    def _speak(self, request: Request, body: Any) -> HttpResponse:
        call_id = request.path_params["id"]
        call = self._found(self.calls, "call", call_id)
        if call.get("state") == "completed" or call["seen"] < len(self.states):
            raise Refused(403, "forbidden", "call-invalid-state", "The call is not active")
        self.spoken.append((call_id, body["sentence"]))
        return HttpResponse()

    def _search_numbers(self, request: Request, body: Any) -> HttpResponse:
        query = request.query_params
        if sum(name in query for name in ("state", "zip", "areaCode")) != 1:
            code = "invalid-available-number-search"
            raise Refused(400, "bad-request", code, "Specify a State ZIP Code or Area Code")
        found = [n for n in self.available if n.startswith(f"+1{query.get('areaCode')}")]
        return JSONResponse(
            [
                {"number": number, "nationalNumber": number[2:], "price": "0.35"}
                for number in found[: int(query.get("quantity", 10))]
            ]
        )

    def _order_number(self, request: Request, body: Any) -> HttpResponse:
        self._needs("number", body, "number")
        if body["number"] not in self.available:
            raise Refused(404, "not-found", "number-not-found", "The number could not be found")
        self.available.remove(body["number"])
        return self._created(request, self.phone_numbers, "n", body)

    def _update_number(self, request: Request, body: Any) -> HttpResponse:
        number = self._found(self.phone_numbers, "number", request.path_params["id"])
        if body.get("applicationId"):
            self._found(self.applications, "application", body["applicationId"])
        number |= body
        return HttpResponse()

    def _create_application(self, request: Request, body: Any) -> HttpResponse:
        self._needs("application", body, "name")
        if not body.get("incomingCallUrl") and not body.get("incomingMessageUrl"):
            self._needs("application", body, "incomingCallUrl")
        return self._created(request, self.applications, "a", body)

    def _owns(self, number: str) -> None:
        if number not in {number["number"] for number in self.phone_numbers.values()}:
            message = f"User {self.user_id} does not have permission to use number {number}"
            raise Refused(401, "authorization", "number-access-denied", message)

    @staticmethod
    def _needs(resource: str, body: Any, *names: str) -> None:
        for name in names:
            if not body.get(name):
                text = f"The '{resource}' resource property '{name}' is required"
                raise Refused(400, "bad-request", "missing-property", text)

    @staticmethod
    def _found(resources: dict[str, dict[str, Any]], kind: str, key: str) -> dict[str, Any]:
        if key not in resources:
            text = f"The {kind} {key} could not be found"
            raise Refused(404, "not-found", f"{kind}-not-found", text)
        return resources[key]


@pytest.fixture
def account(serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with one number, whose credentials are in the environment."""
    account = Account()
    account.url = serve(account.app())
    monkeypatch.setenv("BANDWIDTH_USER_ID", account.user_id)
    monkeypatch.setenv("BANDWIDTH_API_TOKEN", account.token)
    monkeypatch.setenv("BANDWIDTH_API_SECRET", account.secret)
    return account


@pytest.fixture
def script(
    account: Account, load: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """`script("send_text", *arguments)` runs an example's `main`, whose client asks `account`."""

    def run(name: str, *arguments: str) -> None:
        example = load(name)
        monkeypatch.setattr(example, "Client", partial(Client, base_url=f"{account.url}/v1"))
        main: Callable[..., Coroutine[Any, Any, None]] = example.main
        asyncio.run(main(*arguments))

    return run
