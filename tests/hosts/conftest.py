"""Apps to put into hosts, and calls that follow the URLs in their documents alone."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, Hangup, Reply, parse

AUTH = ("user", "secret")


class Resource:
    """Something of the app's that is opened and closed."""

    def __init__(self, log: list[str]) -> None:
        self._log = log

    async def __aenter__(self) -> "Resource":
        self._log.append("open")
        return self

    async def __aexit__(self, *error: object) -> None:
        self._log.append("close")


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What happened to the resource of `line`: ask for it before what serves, as it looks last."""
    log: list[str] = []
    yield log
    assert log == ["open", "close"] * (len(log) // 2 or 1)


@pytest.fixture
def line(log: list[str]) -> App:
    """An app with credentials, whose handler for digits has a path below the app's root."""
    app = App(auth=AUTH)
    app.provide(Resource, lambda: Resource(log))

    @app.on(AnswerEvent, path="/")
    async def answer(call: AnswerEvent, resource: Resource) -> Reply:
        return Gather(request_url="/picked")

    @app.on(GatherEvent, path="/picked")
    async def picked(gather: GatherEvent) -> Reply:
        return Hangup()

    return app


@pytest.fixture
def call() -> Callable[..., str]:
    """`call(url)` is a call: a GET of the URL and a POST to that in the document. No redirects.

    Returns the URL of the document without its credentials. `through` maps a URL of the outside to
    the one that a proxy in front of the server asks for.
    """

    def call(url: str, through: Callable[[str], str] = lambda url: url, **headers: str) -> str:
        with httpx.Client(trust_env=False, timeout=20) as client:
            reply = client.get(
                through(url),
                params={"eventType": "answer", "callId": "c-1"},
                auth=AUTH,
                headers=headers,
            )
            assert reply.status_code == 200, (reply.status_code, reply.headers, reply.text)
            (gather,) = parse(reply.content)
            assert isinstance(gather, Gather)
            following = httpx.URL(gather.request_url or "")
            assert (following.username, following.password) == AUTH
            plain = str(following.copy_with(username=None, password=None))
            body: dict[str, Any] = {"eventType": "gather", "callId": "c-1", "digits": "1"}
            reply = client.post(through(plain), json=body, auth=AUTH, headers=headers)
            assert reply.status_code == 200, (reply.status_code, reply.text)
            return plain

    return call
