"""Errors: one class for each meaning, useful whatever the body is, and nothing secret in them."""

import io
import json
import logging
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from callbackkit import CallbackkitError
from callbackkit.client import BasicAuth, RestClient, Retry
from callbackkit.errors import (
    ApiConnectionError,
    ApiError,
    ArgumentError,
    AuthenticationError,
    BadReplyError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
    SetupError,
    with_code,
)
from callbackkit.models import Model

pytestmark = pytest.mark.anyio

Make = Callable[..., RestClient]
ONCE = Retry(tries=1)


class Thing(Model, frozen=True):
    id: str


async def failure(client: RestClient, method: str = "GET", **options: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await client.call(method, "/calls", query={"number": "+1919"}, repeatable=True, **options)
    return caught.value


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, InvalidRequestError),
        (401, AuthenticationError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (405, InvalidRequestError),
        (409, ConflictError),
        (410, NotFoundError),
        (429, RateLimitError),
        (408, ServerError),
        (500, ServerError),
        (503, ServerError),
        (599, ServerError),
        (301, BadReplyError),
        (307, BadReplyError),
        (304, BadReplyError),
    ],
)
async def test_a_class_for_each_meaning(
    status: int, cls: type[ApiError], server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(status, location="http://other.example/"))
    async with make(retry=ONCE) as client:
        error = await failure(client)
    assert type(error) is cls
    assert error.status == status
    assert isinstance(error, CallbackkitError)
    assert len(server.requests) == 1


async def test_an_error_has_status_code_message_and_details(
    server: Any, say: Any, make: Make
) -> None:
    body = {
        "category": "not-found",
        "code": "call-not-found",
        "message": "The call c-1 could not be found",
        "details": [{"name": "callId", "value": "c-1"}, {"name": "n", "value": 3}, "odd", {}],
    }
    server.says(say.reply(404, body, X_Request_Id="r-17"))
    async with make() as client:
        error = await failure(client)
    assert str(error) == "GET /calls: 404 call-not-found: The call c-1 could not be found"
    assert (error.status, error.category, error.code) == (404, "not-found", "call-not-found")
    assert error.message == "The call c-1 could not be found"
    assert error.details == {"callId": "c-1", "n": "3"}
    assert (error.request_id, error.method, error.path) == ("r-17", "GET", "/calls")
    assert not error.maybe_executed
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "403 without a body"),
        (
            b"<html><head><title>x</title></head><b>ClientDisconnected\n for lunch</b></html>",
            "ClientDisconnected for lunch",
        ),
        (b"\xff\xfe\x1b[31m", "\\x1b[31m"),
        (b"[1, 2]", "[1, 2]"),
        (b'"text"', '"text"'),
        (b"null", "null"),
        (b"[" * 100_000, "[[["),
        (b'{"category": 3, "code": {}, "message": null, "details": {"a": 1}}', "undocumented"),
        (b'{"message": "only this"}', "403 only this"),
        (b'{"code": "only-this"}', "403 only-this"),
        (b"x" * 100_000, "xxx..."),
    ],
)
async def test_an_error_body_of_another_shape_gives_a_message(
    body: bytes, says: str, server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(403, body, content_type="text/html; charset=x"))
    async with make() as client:
        error = await failure(client)
    assert isinstance(error, ForbiddenError)
    assert says in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 500


async def test_errors_are_caught_by_code(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(409, {"code": "duplicate-call"}))
    caught = ""
    async with make() as client:
        try:
            await client.call("GET", "/calls", repeatable=True)
        except with_code("other"):
            caught = "another code"
        except with_code("other", "duplicate-call") as error:
            caught = error.code or ""
    assert caught == "duplicate-call"
    try:
        raise ValueError("mine")
    except with_code("duplicate-call"):
        caught = "no ApiError"
    except ValueError:
        caught = "mine"
    assert caught == "mine"


@pytest.mark.parametrize(
    ("body", "says"), [(b"{", "isn't JSON"), (b"", "is empty"), (b"[]", "object"), (b"{}", "no id")]
)
async def test_an_unreadable_success_is_a_bad_reply_error(
    body: bytes, says: str, server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200, body))
    async with make() as client:
        with pytest.raises(BadReplyError, match=says):
            (await client.call("GET", "/thing", repeatable=True)).model(Thing)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("/v1/users/u-1/calls/c-1", "c-1"),
        ("https://host/v1/media/a%20b/?x=1#y", "a b"),
        ("c-1", "c-1"),
        ("", None),
        ("/", None),
        ("http://[", None),
    ],
)
async def test_the_id_of_what_was_created(
    location: str, found: str | None, server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(201, location=location))
    async with make() as client:
        reply = await client.call("POST", "/calls", repeatable=False)
    if found is not None:
        assert reply.location_id == found
    else:
        with pytest.raises(BadReplyError, match="Location"):
            _ = reply.location_id


async def test_a_204_with_a_body_does_not_spoil_what_comes_after(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(204, b"HTTP/1.1 200 OK\r\n\r\n"), say.reply(200, {"id": "t-1"}))
    async with make(retry=ONCE) as client:
        assert (await client.call("DELETE", "/a", repeatable=True)).status == 204
        thing = (await client.call("GET", "/t", repeatable=True)).model(Thing)
    assert thing.id == "t-1"


async def test_a_body_longer_than_said_is_nobodys_reply(server: Any, say: Any, make: Make) -> None:
    async def by_path(request: Any, connection: Any) -> None:
        body = json.dumps({"id": request.target[-1]}).encode()
        rest = b"garbage" if len(server.requests) < 3 else b""
        await say.reply(200, body + rest, length=len(body))(request, connection)

    server.says(by_path)
    async with make() as client:
        for name in "ab":
            response = await client.call("GET", f"/{name}", repeatable=True)
            assert response.model(Thing).id == name


async def test_an_endless_body_is_not_read_to_its_end(server: Any, make: Make) -> None:
    async def endless(request: Any, connection: Any) -> None:
        await connection.raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        while True:
            await connection.raw(bytes(1024 * 1024))

    server.says(endless)
    async with make() as client:
        with pytest.raises(ApiConnectionError, match="more than"):
            await client.call("GET", "/a", repeatable=True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["\ud800", float("nan"), object()])
async def test_unsendable_arguments_are_refused(value: Any, server: Any, make: Make) -> None:
    async with make() as client:
        with pytest.raises(ArgumentError) as caught:
            await client.call("POST", "/a", body={"text": [value]}, repeatable=False)
    assert caught.value.__context__ is None
    assert server.requests == []


async def test_values_of_a_query_are_encoded(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200))
    query = {"a": None, "b": True, "c": ["x", "y"], "number": "+1 919", "d": 3, "e": "ä&=/?#"}
    async with make() as client:
        await client.call("GET", "/a", query=query, repeatable=True)
    assert parse_qsl(urlsplit(server.requests[0].target).query) == [
        ("b", "true"),
        ("c", "x"),
        ("c", "y"),
        ("number", "+1 919"),
        ("d", "3"),
        ("e", "ä&=/?#"),
    ]


# Secrets

TOKEN, SECRET = "t-0ken", "s3cr3t&value"
TEXT = 'Your "PIN" is <4711-0815> für alle'
QUERY = "+19195551234"
PRIVATE = [
    SECRET,
    b64encode(f"{TOKEN}:{SECRET}".encode()).decode(),
    "4711-0815",
    "PIN",
    "19195551234",
]


def echoes(say: Any) -> dict[str, Any]:
    """Replies that show what was sent."""

    def echo(status: int, shape: Callable[[Any], bytes]) -> Any:
        async def step(request: Any, connection: Any) -> None:
            await say.reply(status, shape(request))(request, connection)

        return step

    def as_error(request: Any) -> bytes:
        said = [request.json["text"], request.headers["authorization"], SECRET]
        details = [{"name": "text", "value": value} for value in said]
        return json.dumps({"code": "c", "message": f"wrong: {said}", "details": details}).encode()

    def as_page(request: Any) -> bytes:
        sent = request.body + request.headers["authorization"].encode()
        return b"<pre>" + sent + request.target.encode() + b"</pre>"

    return {
        "error": echo(400, as_error),
        "page": echo(500, as_page),
        "success": echo(200, as_page),
        "not http": say.cut(b"HTTP/1.1 200\r\n" + TEXT.encode() + SECRET.encode() + b"\r\n\r\n"),
        "bad header": say.cut(f"HTTP/1.1 200 OK\r\n{SECRET}\r\n\r\n".encode()),
        "hangs up": say.cut(),
        "limited": say.reply(429),
    }


async def sent_and_read(client: RestClient) -> Thing:
    query, body = {"from": QUERY}, {"text": TEXT}
    response = await client.call("POST", "/messages", query=query, body=body, repeatable=True)
    return response.model(Thing)


@pytest.mark.parametrize(
    "way", ["error", "page", "success", "not http", "bad header", "hangs up", "limited"]
)
async def test_secrets_and_texts_are_nowhere(way: str, server: Any, say: Any, make: Make) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    before, root.level = root.level, logging.DEBUG
    observed: list[Any] = []
    server.says(echoes(say)[way])
    try:
        client = make(credentials=(TOKEN, SECRET), retry=Retry(tries=2, delay=0))
        client.observe(observed.append)
        async with client:
            with pytest.raises(ApiError) as caught:
                await sent_and_read(client)
            error = caught.value
            shown = [
                *traceback.format_exception(error),
                repr(error),
                str(vars(error)),
                repr(client),
                *map(repr, observed),
                *map(repr, vars(client).values()),
                written.getvalue(),
            ]
    finally:
        root.level = before
        root.removeHandler(handler)
    assert error.__context__ is None
    assert error.__cause__ is None
    for text in shown:
        for private in PRIVATE:
            assert private not in text


async def test_other_requests_of_httpx_keep_their_line(
    server: Any, say: Any, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server.says(say.reply(200))
    caplog.set_level(logging.INFO, "httpx")
    async with make() as client:
        await client.call("GET", "/ours", query={"q": "private"}, repeatable=True)
    assert caplog.text == ""
    async with httpx.AsyncClient(trust_env=False) as other:
        async with make(transport=None, http=other) as client:
            await client.call("GET", "/ours", query={"q": "private"}, repeatable=True)
        await other.get(f"{server.url}/theirs?q=theirs")
    assert "/v1/ours " in caplog.text
    assert "private" not in caplog.text
    assert "/v1/theirs?q=theirs" in caplog.text


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "https://user:s3cr3t@host/v1"},
        {"base_url": "host/v1"},
        {"base_url": "ftp://s3cr3t.example"},
        {"base_url": "https://host/v1?token=s3cr3t"},
        {"base_url": "http://s3cr3t:port"},
        {"timeout": 0},
        {"connections": 0},
        {"transport": "requests"},
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any], say: Any) -> None:
    options = {"base_url": "https://host", **options}
    with pytest.raises(SetupError) as caught:
        say.client(options.pop("base_url"), BasicAuth("a", "b"), **options)
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value)[-1:])


async def test_each_try_is_one_line_of_the_log(
    server: Any, say: Any, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server.says(say.reply(503), say.reply(200))
    caplog.set_level(logging.DEBUG, "callbackkit")
    async with make() as client:
        await client.call("GET", "/a", repeatable=True)
    lines = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "callbackkit"]
    assert [level for level, _ in lines] == ["INFO", "DEBUG"]
    assert lines[0][1].startswith("GET /a, try 1: GET /a: 503 without a body; again in 0.0")
    assert lines[1][1] == "GET /a, try 2: 200"


async def test_an_observer_that_fails_breaks_nothing(
    server: Any, say: Any, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server.says(say.reply(200))
    client = make()

    @client.observe
    def broken(attempt: object) -> None:
        raise ValueError("observer")

    async with client:
        await client.call("GET", "/a", repeatable=True)
    assert "observer" in caplog.text

    async def late(attempt: object) -> None: ...

    with pytest.raises(SetupError, match="make it a def"):
        client.observe(late)
