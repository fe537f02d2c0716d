"""What is asked again, when, and what never is: against a server that really misbehaves."""

import asyncio
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from callbackkit.client import Attempt, BasicAuth, RestClient, Retry
from callbackkit.errors import (
    ApiConnectionError,
    ApiTimeoutError,
    BadReplyError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
    SetupError,
)

pytestmark = pytest.mark.anyio

Make = Callable[..., RestClient]

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"
LIMIT = {"category": "limit", "code": "call-rate-limit", "message": "Your rate is: 1.1"}


async def create(client: RestClient) -> Any:
    return await client.call("POST", "/calls", body={"to": "+1"}, repeatable=False)


async def get(client: RestClient) -> Any:
    return (await client.call("GET", "/calls", repeatable=True)).json()


def lost(say: Any) -> dict[str, Any]:
    """Ways to lose a request that was read."""
    return {
        "hangs up": say.cut(),
        "resets": say.reset,
        "stops in the head": say.cut(b"HTTP/1.1 20"),
        "stops in the body": say.cut(HEAD + b"[1"),
        "stops in a chunk": say.cut(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n[1"
        ),
        "speaks no HTTP": say.cut(b"220 mail.example ESMTP ready\r\n\r\n"),
        "never answers": say.hang,
        "drips": say.drip,
        "fails": say.reply(500),
        "is overloaded": say.reply(503, {"category": "unavailable", "code": "internal-error"}),
    }


WAYS = [
    "hangs up",
    "resets",
    "stops in the head",
    "stops in the body",
    "stops in a chunk",
    "speaks no HTTP",
    "never answers",
    "drips",
    "fails",
    "is overloaded",
]


@pytest.mark.parametrize("way", WAYS)
async def test_a_creation_that_was_read_is_never_sent_again(
    way: str, server: Any, say: Any, make: Make
) -> None:
    server.says(lost(say)[way])
    async with make(timeout=0.25) as client:
        with pytest.raises((ApiConnectionError, ServerError)) as caught:
            await create(client)
    assert len(server.requests) == 1
    assert caught.value.maybe_executed
    assert isinstance(caught.value, ApiTimeoutError) == (way in ("never answers", "drips"))


@pytest.mark.parametrize("way", WAYS)
async def test_harmless_requests_are_repeated(way: str, server: Any, say: Any, make: Make) -> None:
    server.says(lost(say)[way], say.reply(200, [1]))
    async with make(timeout=0.25) as client:
        assert await get(client) == [1]
    assert len(server.requests) == 2


async def test_a_creation_is_repeated_where_the_caller_allows_it(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.cut(), say.reply(201))
    async with make(retry=Retry(delay=0.01, creations=True)) as client:
        await create(client)
    assert len(server.requests) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_kept_connection_that_is_hung_up_makes_no_hidden_second_request(
    method: str, server: Any, say: Any, make: Make
) -> None:
    # HTTP clients like to repeat on a fresh connection what a kept one lost; only we know better.
    server.says(say.reply(200), say.cut())
    async with make(retry=Retry(tries=1)) as client:
        await client.call("GET", "/warm", repeatable=True)
        with pytest.raises(ApiConnectionError):
            await client.call(method, "/calls", repeatable=False)
    assert [request.connection for request in server.requests] == [1, 1]


async def test_an_exception_of_the_caller_does_not_make_a_hang_up_unsent(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.cut())
    async with make() as client:
        try:
            raise ConnectionRefusedError(111, "of somebody else")
        except ConnectionRefusedError:
            with pytest.raises(ApiConnectionError):
                await create(client)
    assert len(server.requests) == 1


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def test_a_refused_connection_is_tried_again_also_for_a_creation(make: Make) -> None:
    seen: list[Attempt] = []
    client = make(base_url=f"http://127.0.0.1:{free_port()}", retry=Retry(tries=3, delay=0.01))
    client.observe(seen.append)
    async with client:
        with pytest.raises(ApiConnectionError, match="refused") as caught:
            await create(client)
    assert [attempt.number for attempt in seen] == [1, 2, 3]
    assert not caught.value.maybe_executed


async def test_a_server_that_starts_late_gets_the_creation_once(
    server: Any, say: Any, make: Make
) -> None:
    port = free_port()
    server.says(say.reply(201))
    client = make(base_url=f"http://localhost:{port}", retry=Retry(delay=0.05))
    starting: list[asyncio.Task[asyncio.Server]] = []

    @client.observe
    def start(attempt: Attempt) -> None:
        if not starting:
            late = asyncio.start_server(server.serve, "127.0.0.1", port)
            starting.append(asyncio.create_task(late))

    async with client:
        await create(client)
    (await starting[0]).close()
    assert len(server.requests) == 1


async def test_a_name_that_nobody_knows_is_surely_unsent(make: Make) -> None:
    async with make(base_url="http://nobody.invalid", retry=Retry(tries=2, delay=0)) as client:
        with pytest.raises(ApiConnectionError, match="can't be resolved") as caught:
            await create(client)
    assert not caught.value.maybe_executed


class Failing(httpx.AsyncBaseTransport):
    """A transport that fails with an exception of a test's."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.count = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        raise self.error


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


REFUSED = ConnectionRefusedError(111, "Connection refused")


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (caused(httpx.ConnectError("x"), REFUSED), 3),
        (caused(httpx.ConnectTimeout("x"), caused(OSError("all failed"), REFUSED)), 3),
        (
            caused(
                httpx.ConnectError("x"),
                caused(OSError("y"), ExceptionGroup("z", [OSError("a"), REFUSED])),
            ),
            3,
        ),
        (caused(httpx.ConnectError("x"), socket.gaierror(-2, "unknown")), 3),
        (httpx.ConnectError("no cause named"), 1),
        (httpx.ConnectTimeout("no cause named"), 1),
        (caused(httpx.ConnectTimeout("x"), ConnectionResetError(104, "reset")), 1),
    ],
)
async def test_the_cause_of_an_error_shows_that_nothing_was_sent(
    error: BaseException, tries: int, say: Any
) -> None:
    failing = Failing(error)
    retry = Retry(tries=3, delay=0)
    async with say.client(
        "http://host", BasicAuth("a", "b"), transport=failing, retry=retry
    ) as client:
        with pytest.raises(ApiConnectionError) as caught:
            await create(client)
    assert failing.count == tries
    assert caught.value.maybe_executed == (tries == 1)


def epoch_ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


class Resetting(RestClient):
    """A client whose platform names the time in a header."""

    def reset_time(self, reply: Any) -> datetime | None:
        value = reply.headers.get("X-RateLimit-Reset")
        return datetime.fromtimestamp(int(value) / 1000, UTC) if value else None


@pytest.mark.parametrize("status", [429, 403])
@pytest.mark.parametrize("ahead", [0.5, -60.0, None])
async def test_a_rate_limit_waits_for_its_time_and_else_a_little(
    ahead: float | None, status: int, server: Any, say: Any, transport: Any
) -> None:
    class Client(Resetting, say.client):  # type: ignore[misc, name-defined]
        rate_limits = frozenset({"call-rate-limit"})

    headers = {}
    if ahead is not None:
        moment = datetime.now(UTC) + timedelta(seconds=ahead)
        headers["x-ratelimit-reset"] = epoch_ms(moment)
    server.says(say.reply(status, LIMIT, **headers), say.reply(201))
    client = Client(server.url, BasicAuth("a", "b"), transport=transport, retry=say.quick)
    seen: list[Attempt] = []
    client.observe(seen.append)
    started = time.monotonic()
    async with client:
        await create(client)
    assert [attempt.status for attempt in seen] == [status, 201]
    if ahead == 0.5:
        assert time.monotonic() - started > 0.45
    else:
        assert seen[0].wait is not None
        assert 0 < seen[0].wait <= 0.01


async def test_a_rate_limit_names_its_time(server: Any, say: Any) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    server.says(say.reply(429, {"code": "rate-limit-reached"}, x_ratelimit_reset=epoch_ms(moment)))
    started = time.monotonic()
    async with Resetting(server.url, BasicAuth("a", "b")) as client:
        with pytest.raises(RateLimitError) as caught:
            await get(client)
    assert caught.value.reset == moment
    assert len(server.requests) == 1, "an hour is more than the client waits"
    assert time.monotonic() - started < 5


async def test_waits_grow_by_chance_and_end(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(403, LIMIT))
    waits: list[float | None] = []
    client = make(retry=Retry(tries=6, delay=0.01, longest=0.05))
    client.observe(lambda attempt: waits.append(attempt.wait))
    async with client:
        with pytest.raises(RateLimitError):
            await create(client)
    for wait, most in zip(waits, [0.01, 0.02, 0.04, 0.05, 0.05], strict=False):
        assert wait is not None
        assert most / 2 <= wait <= most
    assert waits[5] is None
    assert waits[3] != waits[4]


async def test_the_seconds_of_all_waits_have_a_limit(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(403, LIMIT))
    retry = Retry(tries=100, delay=0.05, longest=0.05, seconds=0.12)
    waits: list[float] = []
    client = make(retry=retry)
    client.observe(lambda attempt: waits.append(attempt.wait or 0.0))
    async with client:
        with pytest.raises(RateLimitError):
            await create(client)
    assert sum(waits) <= 0.12
    assert 3 <= len(server.requests) <= 5


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, {"category": "limit", "code": "conference-max-members"}, ForbiddenError),
        (403, {"category": "credit", "code": "insufficient-available-balance"}, ForbiddenError),
        (400, {"category": "bad-request", "code": "blank-property"}, InvalidRequestError),
        (400, {"category": "bad-request", "code": "queue-full"}, RateLimitError),
        (404, {"code": "call-not-found"}, NotFoundError),
        (302, b"", BadReplyError),
    ],
)
async def test_errors_that_waiting_does_not_mend_are_raised_at_once(
    status: int, body: Any, error: type[Exception], server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(status, body))
    async with make() as client:
        with pytest.raises(error):
            await get(client)
    assert len(server.requests) == 1


async def test_a_full_queue_is_waited_for_if_the_caller_says_so(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(400, {"code": "queue-full"}), say.reply(202))
    async with make() as client:
        asked = client.long_rate_limits
        await client.call("POST", "/messages", body={}, repeatable=False, waits_for=asked)
    assert len(server.requests) == 2


@pytest.mark.parametrize("first", ["cut", "fails"])
async def test_a_deletion_whose_reply_was_lost_is_done(
    first: str, server: Any, say: Any, make: Make
) -> None:
    server.says(say.cut() if first == "cut" else say.reply(503), say.reply(404))
    async with make() as client:
        await client.call("DELETE", "/media/a", repeatable=True)
    assert len(server.requests) == 2


async def test_a_deletion_of_what_was_never_there_fails(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(429), say.reply(404))
    async with make() as client:
        with pytest.raises(NotFoundError):
            await client.call("DELETE", "/media/a", repeatable=True)


async def test_a_doubt_of_an_earlier_try_stays(server: Any, say: Any, make: Make) -> None:
    server.says(say.cut(), say.reply(403))
    async with make(retry=Retry(delay=0.01, creations=True)) as client:
        with pytest.raises(ForbiddenError) as caught:
            await create(client)
    assert caught.value.maybe_executed


async def test_a_cancelled_request_leaves_its_place(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200, []), say.hang, say.reply(200, [1]))
    async with make(connections=1) as client:
        await get(client)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(get(client), 0.1)
        assert await get(client) == [1]


@pytest.mark.parametrize("options", [{"tries": 0}, {"seconds": -1}, {"delay": -0.1}])
def test_an_impossible_retry_policy_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SetupError):
        Retry(**options)
