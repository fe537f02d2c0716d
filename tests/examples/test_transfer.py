"""Transfer: who is rung, what they hear, and what the caller hears when nobody comes."""

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="transfer:app")]


async def test_who_picks_up_first_hears_who_calls_and_is_connected(phone, load) -> None:
    rota = load("transfer").Rota("+19195550101", "+19195550102")
    with phone.app.override(type(rota), rota):
        call = await phone.call()
        slow = await call.rings("+19195550101")
        agent = await call.rings("+19195550102")

        await agent.answer()
        await agent.hears("A call from + 1 9 1 9 5 5 5 1 2 1 2")
        await call.speaks("Where is my order?")
        await agent.hears("where is my order")
        await agent.hang_up()

    assert slow.ended.cause == "ORIGINATOR_CANCEL"
    assert call.ended.cause == "NORMAL_CLEARING"
    assert call.callbacks.kinds == ["incomingcall", "answer", "transferComplete", "hangup"]
    assert rota.calls_taken == 1


async def test_a_caller_without_a_number_is_somebody(phone) -> None:
    call = await phone.call(from_="")
    agent = await call.rings("+19195550101")

    await agent.answer()

    await agent.hears("A call from somebody")


@pytest.mark.callbackkit(rules="all")
async def test_when_nobody_picks_up_a_message_is_taken(phone) -> None:
    call = await phone.call()
    agent = await call.rings("+19195550101")
    await agent.busy()

    await call.hears("please leave a message")
    await call.speaks("It is Bob", seconds=4)
    await call.ends()
    await phone.settle()

    (recording,) = call.recordings
    assert recording.transcript == "It is Bob"
    assert recording.duration == pytest.approx(7)  # and three seconds of silence


async def test_a_message_is_taken_at_once_when_nobody_is_on_duty(phone, load) -> None:
    phone.allow("handler-raised")
    nobody = load("transfer").Rota()
    with phone.app.override(type(nobody), nobody):
        call = await phone.call()

        await call.hears("please leave a message")

    assert phone.now < 5
