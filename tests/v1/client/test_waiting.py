"""Waiting for a call asks politely, and ends as soon as waiting on makes no sense."""

from typing import Any

import pytest

from callbackkit.errors import NotFoundError, WaitError, WaitTimeoutError
from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio


def call(state: str | None) -> dict[str, Any]:
    return {"id": "c-1", "state": state}


async def test_waiting_ends_with_the_call_in_its_state(client: Client, platform: Any) -> None:
    platform.answer(call("started")).then(call(None)).then(call("active"))
    found = await client.calls.wait("c-1", until="active", interval=0.01)
    assert found.state == "active"
    assert [request.path for request in platform.requests] == ["/users/u-1/calls/c-1"] * 3


async def test_a_state_that_is_there_costs_one_request(client: Client, platform: Any) -> None:
    platform.answer(call("completed"))
    assert (await client.calls.wait("c-1", "completed", interval=60)).state == "completed"
    assert len(platform.requests) == 1


@pytest.mark.parametrize("state", ["completed", "rejected", "error"])
async def test_a_call_that_has_ended_is_not_waited_for(
    state: str, client: Client, platform: Any
) -> None:
    platform.answer(call(state))
    with pytest.raises(WaitError, match=f"c-1 is {state}: it will never be active") as caught:
        await client.calls.wait("c-1", interval=60)
    assert not isinstance(caught.value, TimeoutError)
    assert caught.value.state == state
    assert len(platform.requests) == 1


async def test_waiting_is_polite_and_bounded(client: Client, platform: Any) -> None:
    platform.answer(call("started"))
    with pytest.raises(WaitTimeoutError, match=r"not active within 0\.5 seconds") as caught:
        await client.calls.wait("c-1", timeout=0.5, interval=0.2)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.state == "started"
    assert 1 <= len(platform.requests) <= 3


async def test_by_default_it_asks_every_two_seconds(client: Client, platform: Any) -> None:
    platform.answer(call("started"))
    with pytest.raises(WaitTimeoutError):
        await client.calls.wait("c-1", timeout=0.5)
    assert len(platform.requests) == 1


async def test_a_call_that_is_not_there_is_not_waited_for(client: Client, platform: Any) -> None:
    platform.answer({"category": "not-found", "code": "call-not-found"}, 404)
    with pytest.raises(NotFoundError):
        await client.calls.wait("c-1", interval=60)
