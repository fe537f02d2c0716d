"""A call that an app places, answers with BXML and sees end."""

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="outbound_call:app")]


@pytest.fixture
def logged(load, monkeypatch) -> list[str]:
    """What the app writes to its log."""
    logged: list[str] = []
    log = load("outbound_call").log
    monkeypatch.setattr(log, "warning", lambda line, *args: logged.append(line % args))
    return logged


@pytest.mark.parametrize("text", ["Call me", " call me!\n"])
async def test_who_asks_is_called_and_spoken_to(phone, logged, text) -> None:
    await phone.text(None, text)

    call = await phone.rings(phone.number)
    await call.answer()
    await call.hears("Hello From Bandwidth")
    await call.ends()

    assert call.callbacks.kinds == ["answer", "hangup"]
    assert logged == [f"the call to {phone.number} has ended: hangup"]


@pytest.mark.callbackkit(rules="all")
async def test_a_call_that_nobody_answers_is_noticed(phone, logged) -> None:
    await phone.text(None, "call me")

    call = await phone.rings()
    ending = await call.ignore()

    assert ending.cause == "NO_ANSWER"
    assert logged[0] == f"the call to {phone.number} has ended: timeout"


async def test_nobody_else_is_called(phone) -> None:
    await phone.text(None, "Don't call me")

    assert phone.calls == []
