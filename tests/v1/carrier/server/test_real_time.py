"""The whole way in real time: an app, the carrier and a client, each at its own end of HTTP."""

import asyncio
import json
from typing import Any

import pytest

from callbackkit.carrier.driver import WallDriver
from callbackkit.carrier.http import OverHttp
from callbackkit.carrier.leg import Pickup
from callbackkit.testing.serving import BackgroundServer
from callbackkit.v1.carrier import Carrier
from callbackkit.v1.carrier.server import rest_app
from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio

NUMBER, PARTY, OTHER = "+19195550100", "+19195551212", "+19195551313"


async def test_a_call_and_a_message_in_real_time() -> None:
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        event = json.loads((await receive())["body"])
        await received.put(event)
        if event["eventType"] == "answer":
            await client.calls.speak_sentence(event["callId"], "Hello", tag="t")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    carrier = Carrier(callback_http_method="POST")
    carrier.pickups[PARTY] = Pickup("answer", after=2.0)
    # Fifty times as fast, so that nobody has to wait.
    sender = OverHttp()
    driver = WallDriver(carrier, sender, speed=50.0)
    own, api = BackgroundServer(app), BackgroundServer(rest_app(carrier, driver.act))
    await own.start()
    await api.start()
    account = carrier.account
    base_url = carrier.served_at(api.url)
    client = Client(account.user_id, account.token, account.secret, base_url=base_url)
    try:
        created = await client.calls.create(from_=NUMBER, to=PARTY, callback_url=own.url)
        sent = await client.messages.send(
            from_=NUMBER, to=OTHER, text="hi", receipt_requested="all", callback_url=own.url
        )
        assert (await client.calls.wait(created.id, "active", interval=0.01)).to == PARTY
        # Callbacks that follow each other closely may overtake each other.
        events = set()
        while len(events) < 4:
            event = await asyncio.wait_for(received.get(), 10)
            events.add(event.get("status") or event.get("deliveryState") or "answer")
        assert events == {"answer", "delivered", "done", "started"}
        await client.calls.hangup(created.id)
        event = await asyncio.wait_for(received.get(), 10)
        assert (event["eventType"], event["cause"]) == ("hangup", "NORMAL_CLEARING")
        assert (await sent.fetch()).state == "sent"
    finally:
        await client.aclose()
        await api.stop()
        await driver.aclose()
        await sender.aclose()
        await own.stop()
