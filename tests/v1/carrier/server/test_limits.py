"""The documented rate limits hold on the carrier's clock, and only where a test wants them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from callbackkit.errors import RateLimitError
from callbackkit.v1.client import OutgoingMessage

pytestmark = pytest.mark.anyio

NUMBER, PARTY = "+19195550100", "+19195551212"


@pytest.fixture
async def limited(other_local: Any) -> AsyncIterator[Any]:
    async with other_local(limits="documented") as local:
        yield local


async def test_there_is_no_limit_by_default(local: Any) -> None:
    for _ in range(15):
        await local.client.calls.create(from_=NUMBER, to=PARTY)
        await local.client.account.get()


async def test_a_resource_takes_one_request_a_second(limited: Any) -> None:
    client = limited.client
    await client.account.get()
    with pytest.raises(RateLimitError) as caught:
        await client.account.get()
    error = caught.value
    assert (error.status, error.category, error.code) == (
        429,
        "too-many-requests",
        "rate-limit-reached",
    )
    assert error.message is None
    assert error.reset == limited.carrier.moment() + timedelta(seconds=1)
    reply = await limited.request("GET", "/account/transactions")
    assert reply.headers["x-ratelimit-reset"] == str(round(error.reset.timestamp() * 1000))
    problem = reply.json()
    assert "message" not in problem
    assert {detail["name"]: detail["value"] for detail in problem["details"]} == {
        "rateLimitResetTime": reply.headers["x-ratelimit-reset"],
        "requestMethod": "GET",
        "remoteAddress": "127.0.0.1",
        "requestPath": "users/u-carrier/account/transactions",
    }
    # Each resource has a limit of its own.
    await client.applications.get("a-000001")
    await limited.wait(0.5)
    with pytest.raises(RateLimitError):
        await client.account.get()
    await limited.wait(0.5)
    await client.account.get()


async def test_eleven_calls_in_ten_seconds_are_too_many(limited: Any) -> None:
    client = limited.client
    for _ in range(10):
        await client.calls.create(from_=NUMBER, to=PARTY)
    with pytest.raises(RateLimitError) as caught:
        await client.calls.create(from_=NUMBER, to=PARTY)
    assert (caught.value.status, caught.value.code) == (403, "call-rate-limit")
    assert caught.value.category == "limit"
    assert caught.value.message == (
        "You can create 1 calls per 1 seconds calculated as the average over 10 seconds."
        " Your rate is: 1.1"
    )
    assert caught.value.reset is None
    assert len(limited.carrier.calls) == 10
    # Reading calls has a rule of its own.
    await client.calls.get("c-000001")
    await limited.wait(10)
    await client.calls.create(from_=NUMBER, to=PARTY)


async def test_messages_are_counted_one_by_one(limited: Any) -> None:
    client = limited.client
    many = [OutgoingMessage(from_=NUMBER, to=PARTY, text=str(n)) for n in range(12)]
    results = await client.messages.send_many(many)
    assert [result.accepted for result in results] == [True] * 10 + [False] * 2
    assert results[10].error is not None
    assert (results[10].error.category, results[10].error.code) == ("limit", "message-rate-limit")
    with pytest.raises(RateLimitError, match="message-rate-limit"):
        await client.messages.send(from_=NUMBER, to=PARTY, text="x")
    await limited.wait(10)
    await client.messages.send(from_=NUMBER, to=PARTY, text="x")


@pytest.mark.parametrize(
    ("method", "path", "burst", "period"),
    [
        ("GET", "/v1/availableNumbers/tollFree?quantity=1", 800, 0.6),
        ("POST", "/phoneNumbers", 800, 0.6),
        ("GET", "/phoneNumbers", 3000, 0.0005),
        ("GET", "/phoneNumbers/n-000001", 3000, 0.0005),
    ],
)
async def test_numbers_come_in_bursts(
    method: str, path: str, burst: int, period: float, limited: Any
) -> None:
    body: Any = {} if method == "POST" else None
    for _ in range(burst):
        await limited.request(method, path, body)
    assert (await limited.request(method, path, body)).status_code == 429
    await limited.wait(period)
    assert (await limited.request(method, path, body)).status_code != 429
    assert (await limited.request(method, path, body)).status_code == 429


async def test_changes_of_a_number_have_no_limit(limited: Any) -> None:
    for _ in range(5):
        await limited.client.phone_numbers.update(NUMBER, name="x")


async def test_endpoints_and_transcriptions_count_apart(limited: Any) -> None:
    for path in (
        "/domains",
        "/domains/rd-1/endpoints",
        "/recordings",
        "/recordings/r/transcriptions",
    ):
        assert (await limited.request("GET", path)).status_code != 429
        assert (await limited.request("GET", path)).status_code == 429
