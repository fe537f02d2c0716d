"""A text that comes back."""

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="echo_sms:app")]


async def test_a_text_is_answered_with_the_same_text(phone) -> None:
    await phone.text("+19195550101", "Hi \u2603")

    reply = await phone.inbox.next()

    assert (reply.from_, reply.to, reply.text) == ("+19195550101", phone.number, "Hi \u2603")


async def test_an_empty_text_is_not_answered(phone) -> None:
    await phone.text(None, "", media=["https://example.com/picture.jpg"])
    await phone.settle()

    assert list(phone.inbox) == []
