"""Receiving texts: what is kept, and who wants no more of them."""


def test_texts_are_kept_by_sender(platform, load) -> None:
    app = platform("receive_sms:app")
    example = load("receive_sms")
    inbox = example.Inbox()

    with example.app.override(example.Inbox, inbox):
        app.post("sms", **{"from": "+19195550001", "text": "Hello"})
        app.post("sms", **{"from": "+19195550001", "text": "Stop it!"})
        app.get("sms", **{"from": "+19195550002", "text": "by GET"})

    assert inbox.texts == {"+19195550001": ["Hello", "Stop it!"], "+19195550002": ["by GET"]}
    assert inbox.unsubscribed == set()


def test_stop_unsubscribes(platform, load) -> None:
    app = platform("receive_sms:app")
    example = load("receive_sms")
    inbox = example.Inbox()

    with example.app.override(example.Inbox, inbox):
        app.post("sms", **{"from": "+19195550001", "text": " Stop\n"})

    assert inbox.unsubscribed == {"+19195550001"}
    assert inbox.texts == {}


def test_receipts_are_no_messages(platform, load) -> None:
    app = platform("receive_sms:app")
    example = load("receive_sms")
    inbox = example.Inbox()

    with example.app.override(example.Inbox, inbox):
        app.post("sms", direction="out", state="sent", deliveryState="delivered")

    assert inbox.texts == {}
