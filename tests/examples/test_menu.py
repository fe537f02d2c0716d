"""The menu: every way through it, as a caller takes it."""

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="menu:app")]


@pytest.mark.parametrize(
    ("keys", "heard"), [("1", "nine to five"), ("21", "on its way"), ("22", "cancelled")]
)
async def test_each_choice_ends_with_its_answer(phone, keys: str, heard: str) -> None:
    call = await phone.call()

    for key in keys:
        await call.press(key)
    await call.hears(heard)

    assert (await call.ends()).cause == "NORMAL_CLEARING"


async def test_star_goes_back_to_the_first_level(phone) -> None:
    call = await phone.call()

    await call.press("2")
    await call.hears("to go back, press star")
    await call.press("*")

    await call.hears("for our opening hours, press 1")


async def test_three_wrong_choices_end_the_call(phone) -> None:
    call = await phone.call()

    await call.press("7")
    await call.hears("not one of the choices")
    await call.hears("opening hours")
    await call.stays_silent()
    await call.hears("not one of the choices")
    await call.press("#")

    await call.hears("Goodbye")
    await call.ends()


@pytest.mark.callbackkit(rules="all")
async def test_a_key_that_cuts_the_prompt_short_counts(phone) -> None:
    call = await phone.call()

    await call.hears("press 1")
    await call.press("1")

    await call.hears("nine to five")
    assert call.heard[0].cut


async def test_the_fallback_answers_when_a_handler_fails(phone) -> None:
    phone.carrier.application.incoming_call_url += "?failed=often"
    phone.allow("handler-raised")

    call = await phone.call()

    await call.hears("something went wrong")
    (raised,) = phone.diagnostics
    assert raised.rule == "handler-raised"
    assert "often" in raised.message


async def test_no_caller_is_lost_in_it(phone) -> None:
    found = await phone.explore(depth=8)

    assert found.complete
    assert found.findings == []
    assert "-->" in found.mermaid()
