"""Callbacks through whole apps: an SMS by POST, a call that is answered by GET, a handler that
waits. Each message has an id of its own, as the framework remembers deliveries."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from documents import OURS, by_hand, canonical, shape
from driving import CREDENTIALS, Request, asgi, note, wsgi
from harness import Comparison, Row
from peers import (
    bare_answer,
    bare_sms,
    fastapi_answer,
    fastapi_sms,
    flask_answer,
    flask_sms,
    pause,
    starlette_answer,
    starlette_sms,
)

from callbackkit.v1 import AnswerEvent, App, Callback, Reply, SmsEvent
from callbackkit.v1.samples import samples

_BARE = "a bare ASGI function"
_STARLETTE = "a Starlette route"
_FASTAPI = "FastAPI with pydantic"
_FASTAPI_SDK = "FastAPI with bandwidth-sdk"
_FLASK_SDK = "Flask with bandwidth-sdk"
_FULL = "callbackkit with auth, on_error, middleware, a provider"
_FULL_BUT_AUTH = "callbackkit with on_error, middleware, a provider"
_AGAIN = "callbackkit again (control)"

_numbers = count(1)


def comparisons() -> Iterator[Comparison]:
    yield _sms()
    yield _answer()
    yield _waiting()


def _sms() -> Comparison:
    return Comparison(
        "POST sms",
        [
            asgi("callbackkit", _our_sms, sms_requests, _is_empty),
            asgi(_FULL, lambda: _everything(App(auth=CREDENTIALS)), sms_requests, _is_empty),
            asgi(_AGAIN, _our_sms, sms_requests, _is_empty),
            asgi(_BARE, bare_sms, sms_requests, _is_empty),
            asgi(_STARLETTE, starlette_sms, sms_requests, _is_empty),
            asgi(_FASTAPI, fastapi_sms, sms_requests, _is_empty),
            wsgi(_FLASK_SDK, flask_sms, _sdk_sms_requests, _is_empty),
        ],
        [
            Row("callbackkit", _BARE, "of its cost", 1.5),
            Row("callbackkit", _STARLETTE, "times cheaper", 2.0),
            Row("callbackkit", _FASTAPI, "times cheaper", 10.0),
            Row("callbackkit", _FLASK_SDK, "times cheaper", 10.0),
            Row("callbackkit", _AGAIN, "of its cost"),
            Row(_FULL, _BARE, "of its cost"),
            Row(_FULL, _STARLETTE, "times cheaper"),
        ],
    )


def _answer() -> Comparison:
    (request,) = answer_requests(1)
    expected = by_hand(3)(request.noted[0])

    def exact(body: bytes) -> bool:
        return canonical(body) == canonical(expected)

    def alike(body: bytes) -> bool:
        return shape(body) == shape(expected)

    return Comparison(
        "GET answer, 3 verbs in reply",
        [
            asgi("callbackkit", _our_answer, answer_requests, exact),
            asgi(_FULL_BUT_AUTH, lambda: _everything(App()), answer_requests, exact),
            asgi(_AGAIN, _our_answer, answer_requests, exact),
            asgi(_BARE, lambda: bare_answer(expected), answer_requests, exact),
            asgi(_STARLETTE, starlette_answer, answer_requests, exact),
            asgi(_FASTAPI, lambda: fastapi_answer(with_sdk=False), answer_requests, exact),
            asgi(_FASTAPI_SDK, lambda: fastapi_answer(with_sdk=True), answer_requests, alike),
            wsgi(_FLASK_SDK, flask_answer, answer_requests, alike),
        ],
        [
            Row("callbackkit", _BARE, "of its cost", 1.2),
            Row("callbackkit", _STARLETTE, "times cheaper"),
            Row("callbackkit", _FASTAPI, "times cheaper"),
            Row("callbackkit", _FASTAPI_SDK, "times cheaper", 7.0),
            Row("callbackkit", _FLASK_SDK, "times cheaper", 4.0),
            Row("callbackkit", _AGAIN, "of its cost"),
            Row(_FULL_BUT_AUTH, _BARE, "of its cost"),
        ],
    )


def _waiting() -> Comparison:
    return Comparison(
        "POST sms, the handler waits once",
        [
            asgi("callbackkit", lambda: _our_sms(waits=True), sms_requests, _is_empty),
            asgi("callbackkit, no wait", _our_sms, sms_requests, _is_empty),
            asgi(_BARE, lambda: bare_sms(waits=True), sms_requests, _is_empty),
            asgi(_STARLETTE, lambda: starlette_sms(waits=True), sms_requests, _is_empty),
        ],
        [
            Row("callbackkit", _BARE, "of its cost"),
            Row("callbackkit", _STARLETTE, "times cheaper"),
            Row("callbackkit", "callbackkit, no wait", "of its cost"),
        ],
    )


# The framework's own apps


def _our_sms(*, waits: bool = False) -> App:
    app = App()

    @app.on(SmsEvent, direction="in")
    async def received(event: SmsEvent, callback: Callback) -> None:
        if waits:
            await pause()
        note(event.from_, event.text or "")

    return app


def _our_answer() -> App:
    app = App()

    @app.on(AnswerEvent)
    async def answered(event: AnswerEvent, callback: Callback) -> Reply:
        note(event.from_ or "", event.call_id)
        return OURS[3](event.from_ or "")

    return app


class _Shop:
    """Something that handlers ask for by its type."""


def _everything(app: App) -> App:
    """Everything switched on that an app may well have. With `auth`, URLs carry credentials, which
    no other contender's do; so the one that answers a call goes without."""
    app.provide(_Shop, _Shop)

    @app.middleware
    async def passing(callback: Callback, following: Callable[[Callback], Any]) -> Any:
        return await following(callback)

    @app.on_error(ValueError)
    async def failed(error: ValueError) -> None:
        note("", "")

    @app.on(SmsEvent, direction="in")
    async def received(event: SmsEvent, callback: Callback, shop: _Shop) -> None:
        note(event.from_, event.text or "")

    @app.on(AnswerEvent)
    async def answered(event: AnswerEvent, callback: Callback, shop: _Shop) -> Reply:
        note(event.from_ or "", event.call_id)
        return OURS[3](event.from_ or "")

    return app


# What is sent

_SMS = samples("sms")[0]["body"]
_ANSWER = next(sample for sample in samples("answer") if sample["id"] == "answer-get-1")


def sms_requests(number: int, **values: str) -> Sequence[Request]:
    """So many messages, none of which was sent before."""
    body = {**_SMS, "messageId": "m-%023d", "text": "Example %d", **values}
    return _numbered(number, json.dumps(body, separators=(",", ":")))


def _sdk_sms_requests(number: int) -> Sequence[Request]:
    """The same messages as bandwidth-sdk knows them."""
    message = {
        "id": "m-%023d",
        "owner": _SMS["to"],
        "applicationId": _SMS["applicationId"],
        "time": _SMS["time"],
        "segmentCount": 1,
        "direction": "in",
        "to": [_SMS["to"]],
        "from": _SMS["from"],
        "text": "Example %d",
    }
    callback = {
        "time": _SMS["time"],
        "type": "message-received",
        "to": _SMS["to"],
        "description": "Incoming message received",
        "message": message,
    }
    return _numbered(number, json.dumps([callback], separators=(",", ":")))


def _numbered(number: int, template: str) -> Sequence[Request]:
    body, sender = template.encode(), _SMS["from"]
    numbers = [next(_numbers) for _ in range(number)]
    return [Request("POST", b"", body % (n, n), (sender, f"Example {n}")) for n in numbers]


def answer_requests(number: int) -> Sequence[Request]:
    """So many calls, none of which was answered before."""
    sent, query = _ANSWER["query"], _ANSWER["raw_query"]
    calls = [f"c-{next(_numbers):023d}" for _ in range(number)]
    return [
        Request("GET", query.replace(sent["callId"], call).encode(), b"", (sent["from"], call))
        for call in calls
    ]


def _is_empty(body: bytes) -> bool:
    return body == b""
