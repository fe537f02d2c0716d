"""The world outside of a carrier as a small JSON API: whatever can send HTTP can have the phones.

It knows calls as legs, and so works with every dialect. It is for the machine that it runs on: a
web page must not be able to use it, wherever a browser got that from.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from callbackkit.carrier.driver import Driver
from callbackkit.carrier.leg import KEY_INTERVAL, Leg, Listening
from callbackkit.carrier.plain import (
    diagnostic_json,
    heard_json,
    leg_json,
    listening_json,
    message_json,
    seconds,
)
from callbackkit.carrier.scheduler import HANGUP
from callbackkit.carrier.sending import origin_of
from callbackkit.carrier.transcript import transcript

PHONE = "+19195551212"
"""The phone of who names none."""

MAX_BODY = 64 * 1024
"""Bytes of a request."""
MAX_KEYS = 100
MAX_MEDIA = 10
MAX_SPEECH = 3600.0
"""Seconds."""

_NUMBER = re.compile(r"\+[0-9]{1,15}|sips?:[^\s@]{1,100}@[^\s@]{1,100}")
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/]+))(?::\d*)?")
_KEYS = re.compile(rf"[0-9*#]{{1,{MAX_KEYS}}}")


def _refuse(status: int, sentence: str) -> NoReturn:
    raise HTTPException(status, sentence)


def _json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON in ASCII, as what apps send may hold what UTF-8 can't."""
    return Response(json.dumps(value).encode(), status, headers, "application/json")


async def _refused(_request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return _json({"error": error.detail}, error.status_code, error.headers)
    return _json({"error": "the carrier has made a mistake; its log has more"}, 500)


class PhoneApi:
    """The phones outside: `app` is an ASGI app that takes what is asked for below `/phone`."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._carrier = driver.carrier
        self._closed = False
        one = "/phone/calls/{id}"
        routes = [
            self._route("/phone/calls", GET=self._calls, POST=self._dial),
            self._route(one, GET=self._call, DELETE=self._hang_up),
            self._route(f"{one}/keys", POST=self._press),
            self._route(f"{one}/speech", POST=self._speak),
            self._route(f"{one}/answer", POST=self._answer),
            self._route(f"{one}/busy", POST=self._busy),
            self._route(f"{one}/decline", POST=self._decline),
            self._route("/phone/messages", GET=self._messages, POST=self._text),
            self._route("/phone/diagnostics", GET=self._diagnostics),
        ]
        handlers = {HTTPException: _refused, Exception: _refused}
        self.app = Starlette(routes=routes, exception_handlers=handlers)

    def close(self) -> None:
        """Let nobody wait any more."""
        self._closed = True
        self._driver.run_pending()

    def _route(self, path: str, **methods: Callable[[Request], Awaitable[Response]]) -> Route:
        async def answer(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            try:
                return await methods[method](request)
            except ClientDisconnect:
                return Response(status_code=400)  # which nobody gets

        return Route(path, answer, methods=[*methods])

    # Calls

    async def _calls(self, _request: Request) -> Response:
        return _json([leg_json(leg) for leg in self._carrier.legs])

    async def _dial(self, request: Request) -> Response:
        given = await _object(request, "from", "to")
        party, number = _number(given, "from") or PHONE, self._own(_number(given, "to"))
        leg = self._driver.act(self._carrier.dial, party, number)
        return _json({"id": leg.id}, 201, {"location": f"/phone/calls/{leg.id}"})

    async def _call(self, request: Request) -> Response:
        return self._told(self._leg(request))

    async def _hang_up(self, request: Request) -> Response:
        leg = self._leg(request)
        if leg.state == "over":
            _refuse(409, f"{leg.id} is over")
        self._driver.act(leg.hang_up)
        return self._told(leg)

    async def _press(self, request: Request) -> Response:
        leg = self._leg(request)
        given = await _object(request, "keys", "now", needed=("keys",))
        keys = given["keys"]
        if not (isinstance(keys, str) and _KEYS.fullmatch(keys)):
            _refuse(400, f"keys is 1 to {MAX_KEYS} of 0-9, * and #")
        if not _flag(given, "now"):
            await self._listens(request, leg, "keys", lambda one: one.takes(keys[0]))
        for number, key in enumerate(keys):
            if number:
                await self._pass(request, leg, KEY_INTERVAL)
            if leg.state != "up":
                _refuse(409, f"{key} was not pressed: {_why(leg)}")
            self._driver.act(leg.press, key)
        return self._told(leg)

    async def _speak(self, request: Request) -> Response:
        leg = self._leg(request)
        given = await _object(request, "text", "seconds", "now", needed=("text",))
        text, length = _text(given, "text"), given.get("seconds")
        if length is not None and not (
            isinstance(length, (int, float))
            and not isinstance(length, bool)
            and 0 < length <= MAX_SPEECH
        ):
            _refuse(400, f"seconds is a number, more than 0 and at most {MAX_SPEECH:g}")
        if not _flag(given, "now"):
            await self._listens(request, leg, "speech", lambda one: one.on_speech is not None)
        if leg.state != "up":
            _refuse(409, f"nothing was said: {_why(leg)}")
        speech = self._driver.act(leg.speak, text, length)
        await self._pass(request, leg, speech.end - speech.start)
        return self._told(leg)

    async def _answer(self, request: Request) -> Response:
        return await self._pick_up(request, lambda leg: leg.answer())

    async def _busy(self, request: Request) -> Response:
        return await self._pick_up(request, lambda leg: leg.reject("busy"))

    async def _decline(self, request: Request) -> Response:
        return await self._pick_up(request, lambda leg: leg.reject("declined"))

    async def _pick_up(self, request: Request, action: Callable[[Leg], None]) -> Response:
        leg = self._leg(request)
        await _object(request)
        if leg.inbound:
            _refuse(409, f"{leg.id} does not ring here: this phone makes the call")
        if leg.state != "ringing":
            _refuse(409, f"{leg.id} does not ring any more: {_why(leg)}")
        self._driver.act(action, leg)
        return self._told(leg)

    # Messages and findings

    async def _messages(self, _request: Request) -> Response:
        return _json([message_json(message) for message in self._carrier.sent])

    async def _text(self, request: Request) -> Response:
        given = await _object(request, "from", "to", "text", "media", needed=("text",))
        party, number = _number(given, "from") or PHONE, self._own(_number(given, "to"))
        media = given.get("media", [])
        if not (
            isinstance(media, list)
            and len(media) <= MAX_MEDIA
            and all(isinstance(url, str) and url.isascii() and origin_of(url) for url in media)
        ):
            _refuse(400, f"media is a list of at most {MAX_MEDIA} absolute URLs")
        text = _text(given, "text", empty=bool(media))
        message = self._driver.act(self._carrier.text, party, number, text, media)
        return _json({"id": message.id}, 201)

    async def _diagnostics(self, _request: Request) -> Response:
        return _json(
            [
                {**diagnostic_json(found), "subject": found.subject, "at": seconds(found.at)}
                for found in self._carrier.diagnostics
            ]
        )

    # What they share

    def _leg(self, request: Request) -> Leg:
        wanted = request.path_params["id"]
        for leg in self._carrier.legs:
            if leg.id == wanted:
                return leg
        _refuse(404, f"there is no call {wanted[:80]!a}")

    def _own(self, number: str | None) -> str:
        if number is not None:
            return number
        try:
            return self._carrier.own_number
        except StopIteration:
            _refuse(409, "the account has no number; give one with to")

    def _told(self, leg: Leg) -> Response:
        carrier = self._carrier
        legs = [other.id for other in carrier.legs if other.parent is leg]
        return _json(
            {
                **leg_json(leg),
                "heard": [heard_json(heard) for heard in leg.heard],
                "keysReceived": leg.received,
                "listening": [listening_json(one) for one in leg.listeners],
                "transcript": transcript(carrier, leg.id, *legs),
            }
        )

    async def _listens(
        self, request: Request, leg: Leg, what: str, takes: Callable[[Listening], bool]
    ) -> None:
        """Wait until something takes keys or speech. Raises HTTPException if nothing will."""

        def ready() -> bool:
            return any(takes(one) for one in leg.listeners)

        await self._until(
            request, lambda: ready() or leg.lingering is not None or leg.state == "over"
        )
        if not ready():
            _refuse(409, f"nothing listens for {what}: {_why(leg)}")

    async def _pass(self, request: Request, leg: Leg, length: float) -> None:
        """Let some seconds of a call pass."""
        carrier = self._carrier
        end = carrier.now + length
        self._driver.act(lambda: carrier.scheduler.at(end, lambda: None, rank=HANGUP))
        await self._until(request, lambda: carrier.now >= end or leg.state == "over")

    async def _until(self, request: Request, ready: Callable[[], bool]) -> None:
        """Wait until something is so, as long as there is somebody who waits."""
        waiting = asyncio.ensure_future(self._driver.until(lambda: ready() or self._closed))
        leaving = asyncio.ensure_future(_gone(request))
        try:
            await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            leaving.cancel()
        if self._closed:
            _refuse(503, "the carrier stops")
        if not waiting.done():
            raise ClientDisconnect
        waiting.result()


async def _gone(request: Request) -> None:
    """Wait until the client has closed the connection; its body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _why(leg: Leg) -> str:
    if leg.ended is not None:
        return f"{leg.id} has ended with {leg.ended.cause}"
    if leg.lingering is not None:
        return f"the last document of {leg.id} has ended"
    return f"{leg.id} is {leg.state}"


# Bodies


async def _object(request: Request, *known: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON object in a request, {} without a body. Raises HTTPException."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            _refuse(413, f"a body has at most {MAX_BODY} bytes")
    given: Any = {}
    if body:
        # What a web page sends without asking first is of other types.
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            _refuse(415, "a body is JSON: send it with Content-Type: application/json")
        try:
            given = json.loads(bytes(body))
        except (ValueError, RecursionError):
            _refuse(400, "the body can't be read as JSON")
    if not isinstance(given, dict):
        _refuse(400, "the body is no JSON object")
    for name in given:
        if name not in known:
            fields = f"it has {', '.join(known)}" if known else "it has none"
            _refuse(400, f"there is no field {name[:80]!a} here; {fields}")
    for name in needed:
        if name not in given:
            _refuse(400, f"{name} is missing")
    return given


def _number(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        return value
    _refuse(400, f"{name} is a telephone number, such as +19195550100")


def _text(given: Mapping[str, Any], name: str, *, empty: bool = False) -> str:
    value = given[name]
    if not isinstance(value, str) or not (value or empty):
        _refuse(400, f"{name} is a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        _refuse(400, f"{name} has half of a surrogate pair")
    return value


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        _refuse(400, f"{name} is true or false")
    return value


# Who may ask


class Guarded:
    """Lets only those through to an app who ask for it under one of its own names.

    A web page can make a browser send to this machine: under a name of the page's that leads here
    (DNS rebinding), which the Host header has, or from elsewhere, which the Origin header has.
    """

    def __init__(self, app: Callable[..., Any], host: str) -> None:
        self._app = app
        self._hosts = {host.lower().strip("[]"), "localhost", "127.0.0.1", "::1"}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close"})
            return
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        hosts = [_host_of(value) for name, value in headers if name == b"host"]
        origins = [
            _host_of(value.rpartition("//")[2]) for name, value in headers if name == b"origin"
        ]
        if not hosts or not self._hosts.issuperset(hosts):
            known = ", ".join(sorted(self._hosts))
            answer = {"error": f"the Host of a request is one of {known}"}
        elif not self._hosts.issuperset(origins):
            answer = {"error": "no web page from elsewhere may send here"}
        else:
            await self._app(scope, receive, send)
            return
        await _json(answer, 403)(scope, receive, send)


def _host_of(authority: str) -> str:
    """The host in a header, without its port and brackets; "" if there is none."""
    found = _AUTHORITY.fullmatch(authority.strip().lower())
    return found[1] or found[2] if found else ""
