"""Messages: their states and receipts, and what the app is sent (carrier of v1)."""

from typing import Any

import pytest

from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.messages import DELIVERY_CODES

PHONE, NUMBER = "+19195551212", "+19195550100"
PICTURE = "https://files.example.com/a.png"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_message_that_comes_in(world: Any, method: str) -> None:
    w = world({}, callback_http_method=method)
    w.carrier.text(PHONE, NUMBER, "Hello" * 40)
    w.run()
    fields = w.one("sms")
    assert {name: str(value) for name, value in fields.items()} == {
        "eventType": "sms",
        "direction": "in",
        "messageId": "m-000001",
        "messageUri": "https://api.catapult.inetwork.com/v1/users/u-carrier/messages/m-000001",
        "from": PHONE,
        "to": NUMBER,
        "text": "Hello" * 40,
        "applicationId": "a-000001",
        "time": "2026-01-01T12:00:00Z" if method == "GET" else "2026-01-01T12:00:00.000Z",
        "state": "received",
        "segmentCount": "2",
    }
    assert [(one.method, one.path) for one in w.callbacks] == [(method, "/voice")]


def test_media_that_come_in_make_an_mms_of_one_segment(world: Any) -> None:
    w = world({}, callback_http_method="POST")
    w.carrier.text(PHONE, NUMBER, "Hello" * 40, [PICTURE])
    w.run()
    assert (w.one("mms")["media"], w.one("mms")["segmentCount"]) == ([PICTURE], 1)


def test_a_message_that_the_app_does_not_take_goes_to_the_fallback(world: Any) -> None:
    w = world({"sms": 500})
    w.carrier.application.incoming_message_fallback_url = "http://app.test/fallback"
    w.carrier.text(PHONE, NUMBER, "Hello")
    w.run()
    assert [one.path for one in w.callbacks] == ["/voice", "/fallback"]


@pytest.mark.parametrize(("late", "errors"), [(3, 0), (4.1, 1)])
def test_how_long_the_app_may_take_for_a_message(world: Any, late: float, errors: int) -> None:
    w = world()
    w.carrier.application.incoming_message_url_callback_timeout = 4000
    w.carrier.faults.slow("sms", late)
    w.carrier.text(PHONE, NUMBER, "Hello")
    w.run()
    assert len(w.errors) == errors


def test_without_a_URL_a_message_is_only_received(world: Any) -> None:
    w = world()
    w.carrier.application.incoming_message_url = None
    made = w.carrier.text(PHONE, NUMBER, "Hello")
    w.run()
    assert (made.state, w.carrier.deliveries) == ("received", [])


@pytest.mark.parametrize("code", [None, "0", *sorted(set(DELIVERY_CODES) - {"0"}, key=int)])
@pytest.mark.parametrize("wanted", [None, "none", "all", "error"])
def test_receipts_come_as_requested(world: Any, code: str | None, wanted: Any) -> None:
    w = world()
    if code is not None:
        w.carrier.faults.undelivered(PHONE, int(code))
    made = w.send(receipt_requested=wanted, tag="t")
    w.run()
    failed = code not in (None, "0")
    assert made.state == ("error" if failed else "sent")
    assert w.carrier.sent == ([] if failed else [made])
    receipts = w.of("sms")
    assert len(receipts) == (wanted == "all" or (wanted == "error" and failed))
    for fields in receipts:
        assert (fields["direction"], fields["state"], fields["tag"]) == ("out", made.state, "t")
        assert fields["deliveryState"] == ("not-delivered" if failed else "delivered")
        assert fields["deliveryCode"] == (code or "0")
        assert fields["deliveryDescription"] == DELIVERY_CODES[code or "0"]
        assert w.now == 3


def test_a_receipt_that_can_not_be_delivered_goes_to_the_fallback(world: Any) -> None:
    w = world({"/sent": 500})
    callbacks = Callbacks("http://app.test/sent", "http://app.test/fallback", 10, "GET")
    w.send(receipt_requested="all", callbacks=callbacks)
    w.run()
    assert [(one.method, one.path) for one in w.callbacks] == [
        ("GET", "/sent"),
        ("GET", "/fallback"),
    ]


def test_messages_are_in_the_transcript(world: Any) -> None:
    w = world({}, callback_http_method="POST")
    w.carrier.text(PHONE, NUMBER, "Hello\nthere", [PICTURE])
    w.carrier.faults.undelivered(PHONE, 770)
    w.send("Bye", receipt_requested="all")
    w.run()
    assert w.transcript.splitlines() == [
        f'00:00.0  <- {PHONE} texts {NUMBER}: "Hello there" with 1 media',
        "00:00.0  -> POST /voice mms                            200",
        f'00:00.0  -> {NUMBER} texts {PHONE}: "Bye"',
        "00:02.0  has not reached the phone",
        "00:03.0  -> POST /sent sms deliveryState=not-delivered  200",
    ]
