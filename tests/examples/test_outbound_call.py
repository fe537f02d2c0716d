"""A call that an app places, answers with BXML and sees end."""

from functools import partial
from queue import SimpleQueue

import pytest

from callbackkit.v1 import Client, Hangup, SpeakSentence


@pytest.fixture
def app(platform, load, account):
    client = partial(Client, base_url=f"{account.url}/v1")
    with load("outbound_call").app.override(Client, client):
        yield platform("outbound_call:app")


@pytest.mark.parametrize("text", ["Call me", " call me!\n"])
def test_who_asks_is_called_and_spoken_to(app, account, load, monkeypatch, text) -> None:
    logged: SimpleQueue[str] = SimpleQueue()
    log = load("outbound_call").log
    monkeypatch.setattr(log, "warning", lambda line, *args: logged.put(line % args))

    app.post("sms", **{"from": "+19195550102", "to": "+19195550101", "text": text})

    account.ended.result(10)
    (call,) = account.calls.values()
    assert (call["from"], call["to"]) == ("+19195550101", "+19195550102")
    assert call["callbackUrl"] == f"{app.url}called"
    (document,) = account.documents
    assert document.children == (
        SpeakSentence("Hello From Bandwidth. Goodbye.", voice="susan"),
        Hangup(),
    )
    assert logged.get(timeout=5) == "the call to +19195550102 has ended: hangup"


def test_nobody_else_is_called(app, account) -> None:
    app.post("sms", text="Don't call me")
    app.post("sms", direction="out", text="call me", deliveryState="delivered")

    assert account.calls == {}
