"""Receiving texts: what is kept, and who wants no more of them."""

import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.callbackkit(app="receive_sms:app")]


@pytest.fixture
def inbox(phone, load):
    """An empty inbox in place of the app's."""
    inbox = load("receive_sms").Inbox()
    with phone.app.override(type(inbox), inbox):
        yield inbox


async def test_texts_are_kept_by_sender(phone, inbox) -> None:
    await phone.text(None, "Hello", from_="+19195550001")
    await phone.text(None, "Stop it!", from_="+19195550001")
    await phone.text(None, "I am new", from_="+19195550002")

    assert inbox.texts == {"+19195550001": ["Hello", "Stop it!"], "+19195550002": ["I am new"]}
    assert inbox.unsubscribed == set()


@pytest.mark.parametrize("callback_http_method", ["GET", "POST"])
async def test_stop_unsubscribes(phone, inbox, callback_http_method) -> None:
    phone.carrier.application.callback_http_method = callback_http_method

    await phone.text(None, " Stop\n")

    assert inbox.unsubscribed == {phone.number}
    assert inbox.texts == {}
