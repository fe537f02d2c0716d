"""A text that comes back."""

from functools import partial

import pytest

from callbackkit.v1 import Client


@pytest.fixture
def app(platform, load, account):
    client = partial(Client, base_url=f"{account.url}/v1")
    with load("echo_sms").app.override(Client, client):
        yield platform("echo_sms:app")


def test_a_text_is_answered_with_the_same_text(app, account) -> None:
    app.post("sms", **{"from": "+19195550102", "to": "+19195550101", "text": "Hi \u2603"})
    app.get("sms", **{"from": "+19195550103", "to": "+19195550101", "text": "by GET"})

    assert list(account.messages.values()) == [
        {"from": "+19195550101", "to": "+19195550102", "text": "Hi \u2603"},
        {"from": "+19195550101", "to": "+19195550103", "text": "by GET"},
    ]


def test_receipts_and_empty_texts_are_not_answered(app, account) -> None:
    app.post("sms", direction="out", state="sent", deliveryState="delivered")
    app.post("sms", text="")

    assert account.messages == {}
