"""A JSON API that lets any program operate the simulated phones.

It knows calls as legs, and so works with every dialect. It is for programs on this machine only: no
web page may use it, wherever a browser got that from (see `callbackkit.carrier.guard`).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, NoReturn, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from callbackkit.addresses import E164
from callbackkit.carrier import plain
from callbackkit.carrier.driver import Driver
from callbackkit.carrier.leg import KEY_INTERVAL, Leg, Listening
from callbackkit.carrier.scheduler import HANGUP
from callbackkit.carrier.sending import origin_of
from callbackkit.carrier.transcript import transcript

B = TypeVar("B", bound="Body")

PHONE = "+19195551212"
"""The phone of a request that names none."""

MAX_BODY = 64 * 1024
"""Bytes of a request."""
MAX_KEYS = 100
MAX_MEDIA = 10
MAX_SPEECH = 3600.0
"""Seconds."""


# Bodies. The description of a field completes the sentence about a wrong one.


def _absolute(url: str) -> str:
    if not (url.isascii() and origin_of(url)):
        raise ValueError
    return url


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("string_unicode", "half of a surrogate pair") from None
    return text


_Words: TypeAlias = Annotated[str, AfterValidator(_encodable)]
_Number: TypeAlias = Annotated[
    Annotated[str, Field(pattern=rf"^({E164}|sips?:[^\s@]{{1,100}}@[^\s@]{{1,100}})\z")] | None,
    Field(description="is a telephone number, such as +19195550100"),
]


class Body(BaseModel):
    """The JSON object in a request, empty without a body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Parties(Body):
    from_: _Number = Field(None, alias="from")
    to: _Number = None


class _Keys(Body):
    keys: str = Field(
        pattern=rf"^[0-9*#]{{1,{MAX_KEYS}}}\z", description=f"is 1 to {MAX_KEYS} of 0-9, * and #"
    )
    now: bool = Field(False, description="is true or false")


class _Speech(Body):
    text: _Words = Field(min_length=1, description="is a text")
    seconds: float | None = Field(
        None,
        gt=0,
        le=MAX_SPEECH,
        description=f"is a number, more than 0 and at most {MAX_SPEECH:g}",
    )
    now: bool = Field(False, description="is true or false")


class _Text(_Parties):
    media: list[Annotated[str, AfterValidator(_absolute)]] = Field(
        [], max_length=MAX_MEDIA, description=f"is a list of at most {MAX_MEDIA} absolute URLs"
    )
    text: _Words = Field(description="is a text")


async def _read(request: Request, kind: type[B]) -> B:
    """Return the body of a request. Raises HTTPException."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            _reject(413, f"a body has at most {MAX_BODY} bytes")
    fields: Any = {}
    if body:
        # Types that a web page can send without asking first are refused.
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            _reject(415, "a body is JSON: send it with Content-Type: application/json")
        try:
            fields = json.loads(bytes(body))
        except (ValueError, RecursionError):
            _reject(400, "the body can't be read as JSON")
    if not isinstance(fields, dict):
        _reject(400, "the body is no JSON object")
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        _reject(400, _sentence(kind, error))


def _sentence(kind: type[Body], error: ValidationError) -> str:
    found = error.errors()[0]
    name, broken = str(found["loc"][0]), found["type"]
    fields = {field.alias or name: field for name, field in kind.model_fields.items()}
    if broken == "extra_forbidden":
        return f"there is no field {name[:80]!a} here; it has {', '.join(fields) or 'none'}"
    if broken == "missing":
        return f"{name} is missing"
    if broken == "string_unicode":
        return f"{name} has half of a surrogate pair"
    return f"{name} {fields[name].description}"


def _reject(status: int, sentence: str) -> NoReturn:
    raise HTTPException(status, sentence)


def _json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a reply with JSON in ASCII, as what apps send may hold what UTF-8 can't."""
    return Response(json.dumps(value).encode(), status, headers, "application/json")


async def _error(_request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return _json({"error": error.detail}, error.status_code, error.headers)
    return _json({"error": "the carrier has made a mistake; its log has more"}, 500)


class PhoneApi:
    """The phones of a driver's carrier: `app` is an ASGI app that serves them below `/phone`."""

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
            self._route(f"{one}/answer", POST=self._picks_up(lambda leg: leg.answer())),
            self._route(f"{one}/busy", POST=self._picks_up(lambda leg: leg.reject("busy"))),
            self._route(f"{one}/decline", POST=self._picks_up(lambda leg: leg.reject("declined"))),
            self._route("/phone/messages", GET=self._messages, POST=self._text),
            self._route("/phone/diagnostics", GET=self._diagnostics),
        ]
        handlers = {HTTPException: _error, Exception: _error}
        self.app = Starlette(routes=routes, exception_handlers=handlers)

    def close(self) -> None:
        """End the requests that wait."""
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
        return _json([plain.leg_json(leg) for leg in self._carrier.legs])

    async def _dial(self, request: Request) -> Response:
        body = await _read(request, _Parties)
        party, number = body.from_ or PHONE, self._own(body.to)
        leg = self._driver.act(self._carrier.dial, party, number)
        return _json({"id": leg.id}, 201, {"location": f"/phone/calls/{leg.id}"})

    async def _call(self, request: Request) -> Response:
        return self._shown(self._leg(request))

    async def _hang_up(self, request: Request) -> Response:
        leg = self._leg(request)
        if leg.state == "over":
            _reject(409, f"{leg.id} is over")
        self._driver.act(leg.hang_up)
        return self._shown(leg)

    async def _press(self, request: Request) -> Response:
        leg = self._leg(request)
        body = await _read(request, _Keys)
        if not body.now:
            await self._listens(request, leg, "keys", lambda one: one.takes(body.keys[0]))
        for number, key in enumerate(body.keys):
            if number:
                await self._pass(request, leg, KEY_INTERVAL)
            if leg.state != "up":
                _reject(409, f"{key} was not pressed: {_why(leg)}")
            self._driver.act(leg.press, key)
        return self._shown(leg)

    async def _speak(self, request: Request) -> Response:
        leg = self._leg(request)
        body = await _read(request, _Speech)
        if not body.now:
            await self._listens(request, leg, "speech", lambda one: one.on_speech is not None)
        if leg.state != "up":
            _reject(409, f"nothing was said: {_why(leg)}")
        speech = self._driver.act(leg.speak, body.text, body.seconds)
        await self._pass(request, leg, speech.end - speech.start)
        return self._shown(leg)

    def _picks_up(self, action: Callable[[Leg], None]) -> Callable[[Request], Awaitable[Response]]:
        async def pick_up(request: Request) -> Response:
            leg = self._leg(request)
            await _read(request, Body)
            if leg.inbound:
                _reject(409, f"{leg.id} does not ring here: this phone makes the call")
            if leg.state != "ringing":
                _reject(409, f"{leg.id} does not ring any more: {_why(leg)}")
            self._driver.act(action, leg)
            return self._shown(leg)

        return pick_up

    # Messages and findings

    async def _messages(self, _request: Request) -> Response:
        return _json([plain.message_json(message) for message in self._carrier.sent])

    async def _text(self, request: Request) -> Response:
        body = await _read(request, _Text)
        if not (body.text or body.media):
            _reject(400, "text is a text")
        party, number = body.from_ or PHONE, self._own(body.to)
        message = self._driver.act(self._carrier.text, party, number, body.text, body.media)
        return _json({"id": message.id}, 201)

    async def _diagnostics(self, _request: Request) -> Response:
        return _json(
            [
                {
                    **plain.diagnostic_json(found),
                    "subject": found.subject,
                    "at": plain.seconds(found.at),
                }
                for found in self._carrier.diagnostics
            ]
        )

    # What they share

    def _leg(self, request: Request) -> Leg:
        wanted = request.path_params["id"]
        for leg in self._carrier.legs:
            if leg.id == wanted:
                return leg
        _reject(404, f"there is no call {wanted[:80]!a}")

    def _own(self, number: str | None) -> str:
        if number is not None:
            return number
        try:
            return self._carrier.own_number
        except StopIteration:
            _reject(409, "the account has no number; give one with to")

    def _shown(self, leg: Leg) -> Response:
        carrier = self._carrier
        legs = [other.id for other in carrier.legs if other.parent is leg]
        return _json(
            {
                **plain.leg_json(leg),
                "heard": [plain.heard_json(heard) for heard in leg.heard],
                "keysReceived": leg.received,
                "listening": [plain.listening_json(one) for one in leg.listeners],
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
            _reject(409, f"nothing listens for {what}: {_why(leg)}")

    async def _pass(self, request: Request, leg: Leg, length: float) -> None:
        """Wait some seconds of the carrier's clock, or until the call is over."""
        carrier = self._carrier
        end = carrier.now + length
        self._driver.act(lambda: carrier.scheduler.at(end, lambda: None, rank=HANGUP))
        await self._until(request, lambda: carrier.now >= end or leg.state == "over")

    async def _until(self, request: Request, ready: Callable[[], bool]) -> None:
        """Wait until `ready()` is true, or the client closes the connection (ClientDisconnect)."""
        waiting = asyncio.ensure_future(self._driver.until(lambda: ready() or self._closed))
        leaving = asyncio.ensure_future(_disconnected(request))
        try:
            await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            leaving.cancel()
        if self._closed:
            _reject(503, "the carrier stops")
        if not waiting.done():
            raise ClientDisconnect
        waiting.result()


async def _disconnected(request: Request) -> None:
    """Wait until the client has closed the connection; its body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _why(leg: Leg) -> str:
    if leg.ended is not None:
        return f"{leg.id} has ended with {leg.ended.cause}"
    if leg.lingering is not None:
        return f"the last document of {leg.id} has ended"
    return f"{leg.id} is {leg.state}"
