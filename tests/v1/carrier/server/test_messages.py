"""Messages: sent one by one and many at once, read in pages, and made to forget."""

from datetime import timedelta
from typing import Any

import pytest

from callbackkit.errors import NotFoundError
from callbackkit.v1.client import Client, OutgoingMessage

pytestmark = pytest.mark.anyio

APP = "http://app.test/hook"
NUMBER, PARTY, OTHER = "+19195550100", "+19195551212", "+19195551313"
PICTURE = "http://pictures.example/a.png"


async def test_send_message(local: Any, client: Client) -> None:
    created = await client.messages.send(
        from_=NUMBER,
        to=PARTY,
        text="Good morning",
        receipt_requested="all",
        callback_url=APP,
        tag="t",
    )
    await local.driver.quiet()
    assert (await created.fetch()).state == "queued"
    await local.wait(4)
    [message] = local.carrier.sent
    assert (message.from_, message.to, message.text) == (NUMBER, PARTY, "Good morning")
    [event] = local.received
    assert (event["eventType"], event["messageId"], event["tag"]) == ("sms", created.id, "t")
    assert (event["deliveryState"], event["deliveryCode"]) == ("delivered", "0")
    mms = await client.messages.send(from_=NUMBER, to="12345", text="", media=PICTURE)
    assert (await mms.fetch()).media == (PICTURE,)
    body = {"from": NUMBER, "to": PARTY, "text": None, "media": [PICTURE]}
    assert (await local.request("POST", "/messages", body)).status_code == 201


async def test_a_message_that_does_not_arrive(local: Any, client: Client) -> None:
    local.carrier.faults.undelivered(PARTY, 770)
    created = await client.messages.send(
        from_=NUMBER, to=PARTY, text="x", receipt_requested="error", callback_url=APP
    )
    await local.wait(4)
    assert local.received[0]["deliveryCode"] == "770"
    found = await created.fetch()
    assert (found.state, found.delivery_state) == ("error", "not-delivered")
    assert found.delivery_description == "Destination rejected message, spam"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"from": None}, "missing-property"),
        ({"to": ""}, "blank-property"),
        ({"to": "+12"}, "validation-error"),
        ({"text": None}, "missing-property"),
        ({"text": " "}, "blank-property"),
        ({"text": "x" * 2049}, "validation-error"),
        ({"text": 5}, "validation-error"),
        ({"media": "a.png"}, "media-invalid-url"),
        ({"media": [5]}, "validation-error"),
        ({"media": PICTURE, "receiptRequested": "all"}, "validation-error"),
        ({"receiptRequested": "some"}, "validation-error"),
        ({"callbackUrl": "x"}, "callback-invalid-url"),
        ({"from": "+18005550100"}, "message-from-toll-free"),
        ({"from": PARTY}, "number-access-denied"),
    ],
)
async def test_a_message_that_can_not_be(local: Any, body: dict[str, Any], code: str) -> None:
    local.carrier.own("+18005550100")
    whole = {"from": NUMBER, "to": PARTY, "text": "hi", **body}
    assert (await local.error_of("POST", "/messages", whole))[1] == code
    reply = await local.request("POST", "/messages", [whole])
    assert reply.status_code == 202
    [result] = reply.json()
    assert (result["result"], result["error"]["code"]) == ("error", code)
    assert local.carrier.messages == {}


async def test_send_messages(local: Any, client: Client) -> None:
    results = await client.messages.send_many(
        [
            OutgoingMessage(from_=NUMBER, to=PARTY, text="1"),
            OutgoingMessage(from_=OTHER, to=PARTY, text="2"),
            OutgoingMessage(from_=NUMBER, to=OTHER, text="3", media=[PICTURE]),
        ]
    )
    assert [result.accepted for result in results] == [True, False, True]
    error = results[1].error
    assert error is not None
    assert (error.category, error.code) == ("authorization", "number-access-denied")
    assert [(detail.name, detail.value) for detail in error.details or ()] == [
        ("userId", "u-carrier"),
        ("number", OTHER),
    ]
    await local.wait(3)
    assert [message.text for message in local.carrier.sent] == ["1", "3"]
    assert [message.id for message in local.carrier.sent] == [results[0].id, results[2].id]


async def test_there_is_an_end_to_how_many_are_sent_at_once(local: Any) -> None:
    one = {"from": NUMBER, "to": PARTY, "text": "hi"}
    assert await local.error_of("POST", "/messages", [one] * 51) == (
        403,
        "multi-message-limit",
        "The number of messages [51] in the multi message request is greater than the limit [50].",
    )
    assert (await local.error_of("POST", "/messages", []))[:2] == (400, "validation-error")
    assert (await local.request("POST", "/messages", [one] * 50)).status_code == 202
    reply = await local.request("POST", "/messages", [{**one, "to": ""}, "no message"])
    errors = [result["error"] for result in reply.json()]
    assert errors[0] == {
        "category": "bad-request",
        "code": "blank-property",
        "message": "The 'message' resource property 'to' must contain at least one non-whitespace"
        " character",
        "details": [],
    }
    assert errors[1]["code"] == "validation-error"


async def test_get_message(local: Any, client: Client) -> None:
    message = await local.act(local.carrier.text, PARTY, NUMBER, "Hello", [PICTURE])
    found = await client.messages.get(message.id)
    assert (found.direction, found.from_, found.text) == ("in", PARTY, "Hello")
    assert (found.state, found.segment_count) == ("received", 1)
    await local.wait(3 * 24 * 3600 + 1)
    assert (await client.messages.get(message.id)).text is None
    with pytest.raises(NotFoundError, match="message-not-found"):
        await client.messages.get("m-9")


async def test_redact_message(local: Any, client: Client) -> None:
    created = await client.messages.send(
        from_=NUMBER, to=PARTY, text="Secret", receipt_requested="all", callback_url=APP
    )
    for body in ({"text": "x"}, {"text": "", "tag": ""}, {}, []):
        status, code, _ = await local.error_of("PATCH", f"/messages/{created.id}", body)
        assert (status, code) == (400, "validation-error")
    assert (await created.fetch()).text == "Secret"
    await client.messages.redact(created.id)
    await client.messages.redact(created.id)
    assert (await created.fetch()).text == ""
    await local.wait(4)
    # The phone has what it was sent.
    assert local.carrier.sent[0].text == "Secret"
    assert local.received[0]["text"] == ""


async def test_list_messages(local: Any, client: Client) -> None:
    ids = []
    for number in range(7):
        created = await client.messages.send(from_=NUMBER, to=PARTY, text=str(number))
        ids.append(created.id)
        await local.wait(number % 2)  # some of them at the same instant
    pages = [
        [message.id for message in page] async for page in client.messages.list(size=3).by_page()
    ]
    assert pages == [ids[:3:-1], ids[3:0:-1], ids[:1]]
    ascending = [m.id async for m in client.messages.list(size=2, sort_order="asc")]
    assert ascending == ids
    # What comes meanwhile is on no later page.
    reply = await local.request("GET", "/messages?size=5")
    assert [set(item) >= {"id", "messageId"} for item in reply.json()] == [True] * 5
    link = reply.headers["link"]
    assert link.startswith(f"<{local.carrier.base_url}/users/u-carrier/messages?size=5&sortKeyLT=")
    assert link.endswith('>; rel="next"')
    await client.messages.send(from_=NUMBER, to=PARTY, text="new")
    rest = await local.request("GET", f"/messages?{link.partition('?')[2].partition('>')[0]}")
    assert [item["id"] for item in rest.json()] == ids[1::-1]
    assert "link" not in rest.headers


async def test_messages_are_filtered(local: Any, client: Client) -> None:
    await client.messages.send(from_=NUMBER, to=PARTY, text="out")
    began = local.carrier.moment()
    await local.wait(10)
    await local.act(local.carrier.text, OTHER, NUMBER, "in")

    async def texts(**filters: Any) -> list[str | None]:
        return [message.text async for message in client.messages.list(**filters)]

    assert await texts() == ["in", "out"]
    assert await texts(direction="in") == ["in"]
    assert await texts(from_=NUMBER) == ["out"]
    assert await texts(to=NUMBER) == ["in"]
    assert await texts(state="sent") == ["out"]
    assert await texts(delivery_state="delivered") == ["out"]
    assert await texts(from_date_time=began + timedelta(seconds=1)) == ["in"]
    assert await texts(to_date_time=began) == ["out"]
    for short, count in (("2026", 400), ("2026-01-01", 200), ("2026-01-01 12:00", 200)):
        reply = await local.request("GET", f"/messages?fromDateTime={short}")
        assert reply.status_code == count
    for wrong in ("state=new", "size=1001", "size=0", "size=x", "fromDateTime=2026-13-01"):
        reply = await local.request("GET", f"/messages?{wrong}")
        assert (reply.status_code, reply.json()["code"]) == (400, "validation-error")
