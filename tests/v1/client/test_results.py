"""Replies as the platform sends them, with all their spellings, become typed results."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from callbackkit.errors import BadReplyError
from callbackkit.v1.client import Client, OutgoingMessage

pytestmark = pytest.mark.anyio

NUMBER = "+19195551212"
API = "https://api.catapult.inetwork.com/v1/users/u-1"


async def test_fields_of_an_account(client: Client, platform: Any) -> None:
    platform.answer({"balance": "538.37250", "accountType": "pre-pay"})
    account = await client.account.get()
    assert account.balance == Decimal("538.37250")
    platform.answer(
        [{"id": "pptx-1", "time": "2013-02-21T13:39:09Z", "units": "1", "amount": "0.00"}]
    )
    [transaction] = [item async for item in client.account.transactions()]
    assert transaction.units == 1
    assert transaction.time == datetime(2013, 2, 21, 13, 39, 9, tzinfo=UTC)


async def test_fields_of_a_call(client: Client, platform: Any) -> None:
    platform.answer(
        {
            "id": "c-1",
            "direction": "out",
            "from": NUMBER,
            "to": "sip:a@b",
            "state": "active",
            "startTime": "2013-02-08T13:15:47.587Z",
            "callbackUrl": "",
            "callbackHttpMethod": "get",
            "chargeableDuration": 60,
            "sipHeaders": {"X-Header-1": "v"},
            "brandNew": 1,
        }
    )
    call = await client.calls.get("c-1")
    assert (call.from_, call.to, call.state) == (NUMBER, "sip:a@b", "active")
    assert call.callback_http_method == "GET"
    assert call.sip_headers == {"X-Header-1": "v"}
    assert call.model_extra == {"brandNew": 1}


async def test_a_time_is_text_in_a_list_and_milliseconds_alone(
    client: Client, platform: Any
) -> None:
    at = datetime(2012, 9, 19, 13, 55, 41, 343000, tzinfo=UTC)
    platform.answer([{"id": "ce-1", "time": "2012-09-19T13:55:41.343Z", "name": "create"}])
    [event] = [item async for item in client.calls.events("c-1")]
    assert event.time == at
    platform.answer({"id": "ce-1", "time": 1348062941343, "name": "create", "data": "{}"})
    assert (await client.calls.event("c-1", "ce-1")).time == at


@pytest.mark.parametrize("name", ["id", "gatherId"])
async def test_fields_of_a_gather(name: str, client: Client, platform: Any) -> None:
    platform.answer(
        {
            name: "gtr-1",
            "state": "completed",
            "reason": "max-digits",
            "createdTime": "2014-02-12T19:33:56Z",
            "call": f"{API}/calls/c-1",
            "digits": "123",
        }
    )
    gather = await client.calls.get_gather("c-1", "gtr-1")
    assert (gather.id, gather.digits, gather.call_id) == ("gtr-1", "123", "c-1")


async def test_offsets_may_be_hours_alone_and_mixed(client: Client, platform: Any) -> None:
    platform.answer(
        [
            {
                "id": "member-1",
                "addedTime": "2013-07-12T15:54:47-02",
                "removedTime": "2013-07-12T15:56:59-03",
                "call": f"{API}/calls/c-7",
                "hold": "false",
            }
        ]
    )
    [member] = [item async for item in client.conferences.members.list("conf-1")]
    assert member.added_time == datetime(
        2013, 7, 12, 15, 54, 47, tzinfo=timezone(-timedelta(hours=2))
    )
    assert member.removed_time == datetime(2013, 7, 12, 18, 56, 59, tzinfo=UTC)
    assert member.call_id == "c-7"
    assert member.hold is False


async def test_a_single_error_spells_its_category_otherwise(client: Client, platform: Any) -> None:
    platform.answer(
        {
            "id": "ue-1",
            "time": 1355324426732,
            "category": "BAD_REQUEST",
            "code": "blank-property",
            "message": "m",
            "details": [{"id": "ued-1", "name": "requestPath", "value": "users/u-1/calls"}],
            "version": 0,
            "user": {"email": "someone@example.com", "password": "hidden-password"},
        }
    )
    error = await client.errors.get("ue-1")
    assert error.category == "bad-request"
    assert error.time == datetime(2012, 12, 12, 15, 0, 26, 732000, tzinfo=UTC)
    assert error.details is not None
    assert error.details[0].value == "users/u-1/calls"
    for shown in (repr(error), str(error.model_dump()), error.model_dump_json()):
        assert "hidden-password" not in shown
        assert "someone@example.com" not in shown


@pytest.mark.parametrize("name", ["endpoints", "endpointsUrl"])
async def test_fields_of_a_domain(name: str, client: Client, platform: Any) -> None:
    platform.answer([{"id": "rd-1", "name": "n", name: f"{API}/domains/rd-1/endpoints"}])
    [domain] = [item async for item in client.domains.list()]
    assert domain.endpoints == f"{API}/domains/rd-1/endpoints"


async def test_fields_of_an_endpoint(client: Client, platform: Any) -> None:
    platform.answer(
        {
            "name": "jsmith",
            "enabled": "true",
            "sipUri": "jsmith@example.bwapp.bwsip.io",
            "credentials": {"realm": "example.bwapp.bwsip.io", "username": "jsmith"},
        }
    )
    endpoint = await client.endpoints.get("rd-1", "re-1")
    assert endpoint.enabled is True
    assert endpoint.id is None
    assert endpoint.credentials is not None
    assert endpoint.credentials.username == "jsmith"


async def test_application_has_old_names(client: Client, platform: Any) -> None:
    platform.answer(
        {
            "id": "a-1",
            "callbackHttpMethod": "post",
            "incomingSmsUrl": "https://old.example",
            "incomingSmsUrlCallbackTimeout": 1000,
        }
    )
    application = await client.applications.get("a-1")
    assert application.callback_http_method == "POST"
    assert application.incoming_message_url == "https://old.example"
    assert application.incoming_message_url_callback_timeout == 1000
    platform.answer(
        {"id": "a-1", "incomingSmsUrl": "https://old", "incomingMessageUrl": "https://new"}
    )
    assert (await client.applications.get("a-1")).incoming_message_url == "https://new"


@pytest.mark.parametrize("name", ["id", "messageId"])
async def test_fields_of_a_message(name: str, client: Client, platform: Any) -> None:
    platform.answer(
        {
            name: "m-1",
            "from": NUMBER,
            "deliveryCode": 0,
            "media": [f"{API}/media/a.png"],
            "skipMMSCarrierValidation": True,
        }
    )
    message = await client.messages.get("m-1")
    assert (message.id, message.delivery_code) == ("m-1", "0")
    assert message.media == (f"{API}/media/a.png",)


async def test_recording_names_its_call_and_media(client: Client, platform: Any) -> None:
    platform.answer(
        {"id": "rec-1", "call": f"{API}/calls/c-1", "media": f"{API}/media/c-1-1%20a.wav"}
    )
    recording = await client.recordings.get("rec-1")
    assert (recording.call_id, recording.media_name) == ("c-1", "c-1-1 a.wav")


async def test_fields_of_numbers(client: Client, platform: Any) -> None:
    platform.answer(
        [{"number": NUMBER, "price": "2.00", "location": f"{API}/phoneNumbers/n-1"}], 201
    )
    [ordered] = await client.available_numbers.order_toll_free()
    assert (ordered.id, ordered.price) == ("n-1", Decimal("2.00"))
    platform.answer({"id": "n-1", "application": "https://h/v1/users/users/u-1/applications/a-9"})
    assert (await client.phone_numbers.get("n-1")).application_id == "a-9"
    platform.answer({"id": "n-1", "application": "http://[broken"})
    assert (await client.phone_numbers.get("n-1")).application_id is None
    platform.answer({"name": "JOHN", "number": NUMBER, "created": "2013-09-23T16:31:15Z"})
    assert (await client.number_info.get(NUMBER)).name == "JOHN"


async def test_a_creation_knows_its_id_and_fetches_the_rest_when_asked(
    client: Client, platform: Any
) -> None:
    # The sample of a bridge's Location names the wrong collection.
    platform.created("https://api.example/v1/users/u-1/calls/brg-1")
    platform.then({"id": "brg-1", "state": "created"})
    created = await client.bridges.create()
    assert created.id == "brg-1"
    assert len(platform.requests) == 1
    assert repr(created) == "Created(id='brg-1')"
    bridge = await created.fetch()
    assert bridge.state == "created"
    assert platform.requests[1].path == "/users/u-1/bridges/brg-1"


async def test_a_creation_below_something_fetches_below_it(client: Client, platform: Any) -> None:
    platform.created("/v1/users/u-1/calls/c-1/gather/gtr-1").then({"id": "gtr-1"})
    gather = await client.calls.gather("c-1")
    await gather.fetch()
    assert platform.requests[1].path == "/users/u-1/calls/c-1/gather/gtr-1"


async def test_results_of_many_messages_are_in_their_order(client: Client, platform: Any) -> None:
    refused = {
        "category": "bad-request",
        "code": "blank-property",
        "message": "The 'message' resource property 'to' must contain at least one non-whitespace",
        "details": [{"name": "requestMethod", "value": "POST"}],
    }
    platform.answer(
        [
            {"result": "accepted", "location": f"{API}/messages/m-1"},
            {"result": "error", "error": refused},
            {"result": "accepted", "location": f"{API}/messages/m-3"},
        ],
        202,
    )
    messages = [
        OutgoingMessage(from_=NUMBER, to=f"+1919555000{number}", text=str(number))
        for number in range(3)
    ]
    results = await client.messages.send_many(messages)
    assert [message["text"] for message in platform.requests[0].json] == ["0", "1", "2"]
    assert [result.accepted for result in results] == [True, False, True]
    assert [result.id for result in results] == ["m-1", None, "m-3"]
    assert results[1].error is not None
    assert results[1].error.code == "blank-property"


@pytest.mark.parametrize("body", [[], [{"result": "accepted"}] * 2, {"result": "accepted"}, None])
async def test_results_that_fit_no_message_are_a_bad_reply(
    body: Any, client: Client, platform: Any
) -> None:
    platform.answer(body, 202)
    with pytest.raises(BadReplyError) as caught:
        await client.messages.send_many([OutgoingMessage(from_=NUMBER, to=NUMBER, text="hi")])
    assert caught.value.maybe_executed
    assert len(platform.requests) == 1


@pytest.mark.parametrize("link", ['</v1/users/u-1/messages?sortKeyLT=1>; rel="next"'])
async def test_messages_follow_links(link: str, client: Client, platform: Any) -> None:
    platform.answer([{"id": "m-1"}], headers={"Link": link}).then([{"id": "m-2"}])
    assert [message.id async for message in client.messages.list(size=1)] == ["m-1", "m-2"]
    assert [request.query for request in platform.requests] == [{"size": "1"}, {"sortKeyLT": "1"}]
