"""A phone line in a FastAPI app: callbacks under the prefix, the host's own routes next to it."""

import httpx
import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="with_fastapi:api")]


@pytest.mark.parametrize("path", ["/bandwidth", "/bandwidth/"])
async def test_a_call_leaves_a_rating(phone, phone_app, path: str) -> None:
    phone.carrier.application.incoming_call_url = f"http://app.test{path}"

    call = await phone.call()
    await call.hears("a key from 1 to 5")
    await call.press("5")
    await call.hears("Thank you")
    await call.ends()

    (gather,) = call.callbacks.of("gather")
    assert gather.path == "/bandwidth/rated"
    host = httpx.ASGITransport(phone_app)
    async with httpx.AsyncClient(transport=host, base_url="http://app.test") as browser:
        assert (await browser.get("/ratings")).json() == [5]


async def test_who_gives_none_hears_goodbye(phone) -> None:
    call = await phone.call()

    await call.press("9")

    await call.hears("Never mind")


async def test_a_route_of_the_host_sends_a_text(phone, phone_app) -> None:
    host = httpx.ASGITransport(phone_app)
    numbers = {"yours": phone.carrier.own_number, "theirs": phone.number}
    async with httpx.AsyncClient(transport=host, base_url="http://app.test") as browser:
        reply = await browser.post("/thanks", params=numbers)

    text = await phone.inbox.next()
    assert (text.from_, text.text) == (numbers["yours"], "Thank you for your rating.")
    assert reply.json()
