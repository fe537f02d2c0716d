"""The support line: calls and messages of two routers, over one store, behind a password."""

import httpx
import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="support_line.main:app")]


@pytest.fixture(autouse=True)
def _password(monkeypatch) -> None:
    monkeypatch.setenv("SUPPORT_LINE_PASSWORD", "se:cr@t")


async def test_a_text_becomes_a_ticket_that_a_caller_hears(phone) -> None:
    await phone.text(None, "Where is <Hangup/>?")

    call = await phone.call()
    await call.hears("the number of your ticket")
    await call.press("100#")

    await call.hears("You asked: Where is <Hangup/>?")
    await call.ends()


@pytest.mark.callbackkit(rules="all")
async def test_an_unknown_ticket_is_asked_for_again(phone) -> None:
    call = await phone.call()
    await call.press("999#")

    await call.hears("There is no such ticket")

    await call.hears("the number of your ticket")


async def test_silence_ends_the_call(phone) -> None:
    call = await phone.call()

    await call.stays_silent()

    assert call.ended.cause == "NORMAL_CLEARING"


async def test_pictures_are_tickets_and_calls_are_counted(phone, load) -> None:
    tickets = load("support_line.tickets").Tickets()
    with phone.app.override(type(tickets), tickets):
        await phone.text(None, "", media=["https://example.com/picture.jpg"])
        call = await phone.call()
        await call.hang_up()

    assert tickets.question("100") == "a picture"
    assert tickets.calls == 1


async def test_only_health_needs_no_password(phone_app) -> None:
    app = httpx.ASGITransport(phone_app)
    async with httpx.AsyncClient(transport=app, base_url="http://app.test") as browser:
        assert (await browser.get("/")).status_code == 401
        assert (await browser.get("/health")).status_code == 200


async def test_without_a_password_everybody_may_call(phone, monkeypatch) -> None:
    monkeypatch.delenv("SUPPORT_LINE_PASSWORD")

    call = await phone.call()

    await call.hears("the number of your ticket")
