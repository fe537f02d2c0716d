"""The account and what it owns: applications, numbers, domains, endpoints, errors, names."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from callbackkit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
)
from callbackkit.v1.carrier.account import Transaction
from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio

APP = "http://app.test/hook"
NUMBER, PARTY, OTHER = "+19195550100", "+19195551212", "+19195551313"
WANTED = "+12025550123"


# Account


async def test_get_account(local: Any, client: Client) -> None:
    local.carrier.account.balance = Decimal("538.3725")
    assert (await local.request("GET", "/account")).json() == {
        "balance": "538.37250",
        "accountType": "pre-pay",
    }
    assert (await client.account.get()).balance == Decimal("538.37250")


async def test_list_account_transactions(local: Any, client: Client) -> None:
    assert [one async for one in client.account.transactions()] == []
    began = local.carrier.moment()
    local.carrier.account.transactions += [
        Transaction(
            f"pptx-{day}",
            began + timedelta(days=day),
            Decimal("0.00750"),
            "charge" if day else "payment",
            1,
            "sms-out",
            number=NUMBER if day == 2 else None,
        )
        for day in range(4)
    ]

    async def ids(**filters: Any) -> list[str]:
        return [one.id async for one in client.account.transactions(**filters)]

    assert await ids(size=3) == ["pptx-0", "pptx-1", "pptx-2", "pptx-3"]
    assert await ids(type="payment") == ["pptx-0"]
    assert await ids(number=NUMBER) == ["pptx-2"]
    assert await ids(max_items=3, size=2) == ["pptx-0", "pptx-1", "pptx-2"]
    assert await ids(from_date=began, to_date=began + timedelta(days=3)) == ["pptx-1", "pptx-2"]
    first, *_ = [one async for one in client.account.transactions()]
    assert (first.amount, first.units, first.product_type) == (Decimal("0.00750"), 1, "sms-out")
    for text, status in {
        "2026-01-02T12:00:00": 200,
        "2026-01-02T12:00:00Z": 200,
        "2026-01-02T12:00:00+0000": 200,
        "yesterday": 400,
    }.items():
        reply = await local.request("GET", f"/account/transactions?fromDate={text}")
        assert reply.status_code == status, text
        if status == 200:
            assert [one["id"] for one in reply.json()] == ["pptx-2", "pptx-3"]


# Applications


async def test_create_application(local: Any, client: Client) -> None:
    created = await client.applications.create(
        name="Second",
        incoming_call_url=f"{APP}/calls",
        incoming_call_url_callback_timeout=2500,
        incoming_message_url=f"{APP}/texts",
        callback_http_method="POST",
        auto_answer=True,
    )
    await client.phone_numbers.update(NUMBER, application_id=created.id)
    await local.dials()
    await local.act(local.carrier.text, PARTY, NUMBER, "Hello")
    assert [(event["path"], event["eventType"]) for event in local.received] == [
        ("/hook/calls", "incomingcall"),
        ("/hook/calls", "answer"),
        ("/hook/texts", "sms"),
    ]
    assert {delivery.timeout for delivery in local.carrier.deliveries} == {2.5, 10.0}


async def test_get_application(local: Any, client: Client) -> None:
    found = await client.applications.get(local.carrier.application.id)
    assert (found.name, found.incoming_call_url, found.auto_answer) == ("local app", APP, True)
    assert found.callback_http_method == "POST"
    raw = (await local.request("GET", f"/applications/{found.id}")).json()
    assert raw["callbackHttpMethod"] == "post"
    assert "incomingCallFallbackUrl" not in raw
    with pytest.raises(NotFoundError, match="application-not-found"):
        await client.applications.get("a-9")


async def test_list_applications(local: Any, client: Client) -> None:
    ids = [local.carrier.application.id]
    for number in range(4):
        created = await client.applications.create(name=str(number), incoming_call_url=APP)
        ids.append(created.id)
    assert [one.id async for one in client.applications.list(size=2)] == ids
    assert [one.id async for one in client.applications.list(page=2, size=2)] == ids[4:]


async def test_update_application(local: Any, client: Client) -> None:
    application = local.carrier.application
    await client.applications.update(
        application.id,
        incoming_call_fallback_url=f"{APP}/fallback",
        callback_http_method="GET",
    )
    found = await client.applications.get(application.id)
    assert (found.name, found.incoming_call_url) == ("local app", APP)
    assert (found.incoming_call_fallback_url, found.callback_http_method) == (
        f"{APP}/fallback",
        "GET",
    )
    local.pages["/hook"] = 500
    local.pages["/hook/fallback"] = b"<Response><Hangup/></Response>"
    call_id = await local.dials()
    assert local.call(call_id).ended.cause == "NORMAL_CLEARING"
    assert [event["path"] for event in local.received if event["eventType"] == "answer"] == [
        "/hook",
        "/hook/fallback",
    ]


async def test_delete_application(local: Any, client: Client) -> None:
    await client.applications.delete(local.carrier.application.id)
    assert (await client.phone_numbers.get(NUMBER)).application_id is None
    call_id = await local.dials()
    assert local.call(call_id).ended.cause == "CALL_REJECTED"
    [error] = [error async for error in client.errors.list()]
    assert error.code == "no-application-for-number"
    with pytest.raises(NotFoundError):
        await client.applications.delete(local.carrier.application.id)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": None}, "The 'application' resource property 'name' is required"),
        ({"name": " "}, "must contain at least one non-whitespace character"),
        ({"incomingCallUrl": None}, "Your application must have a least one callback URL."),
        ({"incomingCallUrl": "x"}, "Invalid incomingCallUrl URL. incomingCallUrl is not a valid"),
        ({"incomingCallFallbackUrl": ""}, "call fallback URL may not be blank/empty"),
        ({"incomingMessageFallbackUrl": " "}, "sms fallback URL may not be blank/empty"),
        ({"incomingMessageFallbackUrl": APP}, "must have a sms callback URL in order to have"),
        ({"incomingCallUrlCallbackTimeout": 0}, "Incoming Call callback timeout must be greater"),
        ({"incomingCallUrlCallbackTimeout": "10001"}, "Incoming Call callback timeout must not"),
        ({"incomingMessageUrlCallbackTimeout": -1}, "Incoming SMS callback timeout must be"),
        ({"incomingMessageUrlCallbackTimeout": 10001}, "Incoming SMS callback timeout must not"),
        ({"callbackHttpMethod": "HEAD"}, "must be one of the following values: GET, POST"),
        ({"autoAnswer": "maybe"}, "must be one of the following values: true, false"),
    ],
)
async def test_applications_that_can_not_be(local: Any, body: dict[str, Any], message: str) -> None:
    whole = {"name": "n", "incomingCallUrl": APP, **body}
    status, _, said = await local.error_of("POST", "/applications", whole)
    assert (status, message in said) == (400, True), said
    assert len(local.carrier.account.applications) == 1


# Numbers


async def test_order_phone_number(local: Any, client: Client) -> None:
    created = await client.phone_numbers.order(
        number=WANTED,
        name="home phone",
        application_id=local.carrier.application.id,
        fallback_number=OTHER,
    )
    assert local.carrier.account.number(created.id).number == WANTED
    await local.act(local.carrier.text, PARTY, WANTED, "Hello")
    assert local.events == ["sms"]
    with pytest.raises(ConflictError, match=f"for number \\{WANTED}") as caught:
        await client.phone_numbers.order(number=WANTED)
    assert caught.value.code == "duplicate-number"
    with pytest.raises(NotFoundError, match="application-not-found"):
        await client.phone_numbers.order(number=OTHER, application_id="a-9")
    for body in ({}, {"number": "919"}, {"number": OTHER, "fallbackNumber": "x"}):
        assert (await local.error_of("POST", "/phoneNumbers", body))[0] == 400


async def test_import_phone_number(local: Any, client: Client) -> None:
    created = await client.phone_numbers.import_number(
        number=WANTED, account_id="1", user_name="u-import", password="pw-import"
    )
    assert (await created.fetch()).number == WANTED
    assert "pw-import" not in str(asdict(local.carrier.account))
    provider = {"providerName": "other", "properties": {}}
    body = {"number": OTHER, "provider": provider}
    assert (await local.error_of("POST", "/phoneNumbers", body))[1] == "validation-error"
    provider["providerName"] = "bandwidth-dashboard"
    assert (await local.error_of("POST", "/phoneNumbers", body))[1] == "missing-property"


async def test_get_phone_number(local: Any, client: Client) -> None:
    by_number = await client.phone_numbers.get(NUMBER)
    assert by_number == await client.phone_numbers.get(by_number.id)
    assert (by_number.national_number, by_number.number_state) == ("(919) 555-0100", "enabled")
    assert by_number.application_id == local.carrier.application.id
    assert by_number.price == Decimal("0.60")
    # The sample of the page has a blank in place of the plus.
    reply = await local.request("GET", f"/phoneNumbers/%20{NUMBER[1:]}")
    assert reply.json()["id"] == by_number.id
    with pytest.raises(NotFoundError, match="number-not-found"):
        await client.phone_numbers.get(OTHER)


async def test_list_phone_numbers(local: Any, client: Client) -> None:
    for last in range(3):
        number = f"+1202555012{last}"
        await client.phone_numbers.order(number=number, name="home" if last else None)

    async def numbers(**filters: Any) -> list[str | None]:
        return [one.number async for one in client.phone_numbers.list(**filters)]

    assert len(await numbers(size=1)) == 4
    assert await numbers(name="home") == ["+12025550121", "+12025550122"]
    assert await numbers(application_id=local.carrier.application.id) == [NUMBER]
    assert await numbers(city="Cary") == await numbers(state="NC") == []
    await client.phone_numbers.delete(NUMBER)
    assert NUMBER not in await numbers()
    assert await numbers(number_state="released") == [NUMBER]


async def test_update_phone_number(local: Any, client: Client) -> None:
    await client.phone_numbers.update(NUMBER, name="main", fallback_number=OTHER)
    found = await client.phone_numbers.get(NUMBER)
    assert (found.name, found.fallback_number) == ("main", OTHER)
    assert found.application_id is not None
    await client.phone_numbers.update(NUMBER, application_id="")
    found = await client.phone_numbers.get(NUMBER)
    assert (found.application_id, found.name) == (None, "main")
    call = await local.act(local.carrier.dial, PARTY, NUMBER)
    # It rings when no callback can be delivered.
    assert local.carrier.legs[-1].party == OTHER
    assert call.state == "up"
    with pytest.raises(NotFoundError, match="application-not-found"):
        await client.phone_numbers.update(NUMBER, application_id="a-9")


async def test_delete_phone_number(local: Any, client: Client) -> None:
    await client.phone_numbers.delete(NUMBER)
    for path in (NUMBER, "n-000001"):
        with pytest.raises(NotFoundError):
            await client.phone_numbers.get(path)


# Available numbers


async def test_search_local_numbers(local: Any, client: Client) -> None:
    async def numbers(**where: Any) -> list[str]:
        return [one.number async for one in client.available_numbers.search_local(**where)]

    first = await numbers(area_code="919", quantity=3)
    # 919-555-0100 is the account's.
    assert first == ["+19195550101", "+19195550102", "+19195550103"]
    assert first == await numbers(area_code="919", quantity=3)
    assert len(await numbers(area_code="919")) == 10
    assert len(await numbers(area_code="910", local_number="555", quantity=5000)) == 100
    assert await numbers(area_code="919", local_number="777") == []
    assert await numbers(area_code="910", pattern="*7") == [
        f"+191055501{ten}7" for ten in range(10)
    ]
    assert await numbers(area_code="910", pattern="910LJK01?0", quantity=1) == ["+19105550100"]
    [found] = [
        one
        async for one in client.available_numbers.search_local(
            city="Cary", state="nc", pattern="*2?", quantity=1
        )
    ]
    assert (found.city, found.state, found.price) == ("Cary", "NC", Decimal("0.60"))
    assert (found.national_number, found.pattern_match) == ("(555) 555-0120", " " * 12 + "2 ")


async def test_order_local_numbers(local: Any, client: Client) -> None:
    ordered = await client.available_numbers.order_local(area_code="919", quantity=2)
    assert [one.number for one in ordered] == ["+19195550101", "+19195550102"]
    found = await client.phone_numbers.get(ordered[0].id or "")
    assert (found.number, found.application_id) == ("+19195550101", None)
    again = await client.available_numbers.order_local(area_code="919", quantity=1)
    assert again[0].number == "+19195550103"
    with pytest.raises(NotFoundError, match="Only a partial quantity") as caught:
        await client.available_numbers.order_local(area_code="919", local_number="777")
    assert caught.value.code == "order-number-quantity-unavailable"
    with pytest.raises(InvalidRequestError, match="cannot contain pattern"):
        await client.available_numbers.order_local(area_code="919", pattern="*1")


async def test_search_toll_free_numbers(local: Any, client: Client) -> None:
    search = client.available_numbers.search_toll_free
    found = [one async for one in search(quantity=150)]
    assert [found[0].number, found[149].number] == ["+18005550100", "+18335550149"]
    assert found[0].price == Decimal("2.00")
    [help_line] = [one async for one in search(pattern="866*0142")]
    assert help_line.number == "+18665550142"


async def test_order_toll_free_numbers(local: Any, client: Client) -> None:
    [ordered] = await client.available_numbers.order_toll_free()
    assert ordered.number == "+18005550100"
    with pytest.raises(ForbiddenError, match="Messages cannot be sent from toll free"):
        await client.messages.send(from_=ordered.number, to=PARTY, text="hi")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Specify a State ZIP Code or Area Code with your query."),
        ("city=Cary", "For searching by City the State is also required."),
        ("city=Cary&zip=27511", "A query cannot combine City with ZIP Code."),
        ("city=Cary&areaCode=919", "A query cannot combine City with Area Code or Local Number."),
        ("zip=27511&state=NC", "A query cannot combine ZIP Code with State."),
        ("zip=27511&areaCode=919", "A query cannot combine ZIP Code with Area Code or Local"),
        ("zip=27511&state=NC&areaCode=919", "A query cannot combine ZIP Code and State with"),
        ("state=NC&areaCode=919", "A query cannot combine State with Area Code or Local Number."),
        ("areaCode=91", "An Area Code must be 3 digits."),
        ("areaCode=919&localNumber=55", "Local Number must contains at least 3 digits."),
        ("areaCode=919&localNumber=55501", "localNumber must contain a maximum of 4 digits"),
        ("areaCode=919&quantity=5001", "The maximum quantity of numbers is 5000"),
        ("areaCode=919&quantity=0", "Quantity must be greater than zero."),
        ("areaCode=919&quantity=x", "Bad parameters"),
        ("areaCode=919&pattern=%5B", "Bad parameters"),
        ("state=North", "Bad parameters"),
        ("zip=2751", "The ZIP code 2751 did not map to a location"),
    ],
)
async def test_searches_that_can_not_be(local: Any, query: str, message: str) -> None:
    status, _, said = await local.error_of("GET", f"/v1/availableNumbers/local?{query}")
    assert (status, message in said) == (400, True), said


async def test_there_is_an_end_to_an_order(local: Any) -> None:
    path = "/v1/availableNumbers/tollFree?quantity=11"
    assert (await local.error_of("POST", path))[:2] == (
        400,
        "invalid-available-number-search-order",
    )


async def test_get_number_info(local: Any, client: Client) -> None:
    with pytest.raises(NotFoundError, match=f"Couldn't find CNAM for number \\{PARTY}") as caught:
        await client.number_info.get(PARTY)
    assert caught.value.code == "cnam-not-found"
    local.carrier.account.names[PARTY] = "BOB EXAMPLE"
    found = await client.number_info.get(PARTY)
    assert (found.name, found.number) == ("BOB EXAMPLE", PARTY)
    assert await local.error_of("GET", "/v1/phoneNumbers/numberInfo/9195551212") == (
        403,
        "invalid-cnam-search",
        "Invalid number formatting: 9195551212. Use E.164 formatted numbers",
    )


# Domains and endpoints


async def test_create_domain(local: Any, client: Client) -> None:
    created = await client.domains.create(name="acme", description="Acme")
    assert local.carrier.account.domains[created.id].name == "acme"
    for body in (
        {"name": "acme", "description": "again"},
        {"name": "acme"},
        {"name": "a b", "description": "x"},
        {"description": "x"},
    ):
        assert (await local.error_of("POST", "/domains", body))[0] == 400
    for number in range(99):
        await client.domains.create(name=f"d{number}", description="x")
    with pytest.raises(InvalidRequestError):
        await client.domains.create(name="onemore", description="x")


async def test_list_domains(local: Any, client: Client) -> None:
    created = await client.domains.create(name="acme", description="Acme")
    [domain] = [one async for one in client.domains.list()]
    assert (domain.id, domain.name, domain.description) == (created.id, "acme", "Acme")
    assert domain.endpoints is not None
    assert domain.endpoints.endswith(f"/domains/{created.id}/endpoints")
    # Only SDKs know how to read a single one.
    assert (await local.request("GET", f"/domains/{created.id}")).json()["name"] == "acme"


async def test_delete_domain(local: Any, client: Client) -> None:
    created = await client.domains.create(name="acme", description="Acme")
    await client.domains.delete(created.id)
    with pytest.raises(NotFoundError):
        await client.domains.delete(created.id)
    assert local.carrier.account.domains == {}


async def domain(client: Client) -> str:
    return (await client.domains.create(name="acme", description="Acme")).id


async def test_create_endpoint(local: Any, client: Client) -> None:
    domain_id = await domain(client)
    created = await client.endpoints.create(
        domain_id, name="jsmith", password="pässword", description="John", enabled=False
    )
    [endpoint] = local.carrier.account.domains[domain_id].endpoints.values()
    assert (endpoint.id, endpoint.password, endpoint.enabled) == (created.id, "pässword", False)
    path = f"/domains/{domain_id}/endpoints"
    good = {"name": "x", "credentials": {"password": "123456"}}
    for body, status in (
        ({**good, "name": "jsmith"}, 400),
        ({"name": "x"}, 400),
        ({**good, "credentials": {"password": "12345"}}, 400),
        ({**good, "credentials": {"password": "12345€"}}, 400),
        ({**good, "applicationId": "a-9"}, 404),
    ):
        assert (await local.error_of("POST", path, body))[0] == status


async def test_get_endpoint(local: Any, client: Client) -> None:
    domain_id = await domain(client)
    created = await client.endpoints.create(domain_id, name="jsmith", password="123456")
    found = await created.fetch()
    assert (found.id, found.name, found.domain_id, found.enabled) == (
        created.id,
        "jsmith",
        domain_id,
        True,
    )
    assert found.sip_uri == "sip:jsmith@acme.bwapp.bwsip.io"
    raw = await local.request("GET", f"/domains/{domain_id}/endpoints/{created.id}")
    assert "123456" not in raw.text
    with pytest.raises(NotFoundError):
        await client.endpoints.get(domain_id, "re-9")


async def test_list_endpoints(local: Any, client: Client) -> None:
    domain_id = await domain(client)
    names = ["a", "b", "c"]
    for name in names:
        await client.endpoints.create(domain_id, name=name, password="123456")
    assert [one.name async for one in client.endpoints.list(domain_id, size=2)] == names


async def test_update_endpoint(local: Any, client: Client) -> None:
    domain_id = await domain(client)
    created = await client.endpoints.create(
        domain_id, name="a", password="123456", description="old"
    )
    await client.endpoints.update(domain_id, created.id, enabled=False, password="abcdef")
    found = await created.fetch()
    assert (found.enabled, found.description) == (False, "old")
    [endpoint] = local.carrier.account.domains[domain_id].endpoints.values()
    assert endpoint.password == "abcdef"


async def test_delete_endpoint(local: Any, client: Client) -> None:
    domain_id = await domain(client)
    created = await client.endpoints.create(domain_id, name="a", password="123456")
    await client.endpoints.delete(domain_id, created.id)
    with pytest.raises(NotFoundError):
        await created.fetch()


async def test_tokens_of_endpoints_are_not_guessed(local: Any, client: Client) -> None:
    domain_id = await domain(client)
    path = f"/domains/{domain_id}/endpoints/re-1/tokens"
    for method, where in (("POST", path), ("DELETE", f"{path}/t-1")):
        reply = await local.request(method, where, {})
        assert reply.status_code == 501
        problem = reply.json()
        assert (problem["category"], problem["code"]) == ("unavailable", "not-emulated")
        assert problem["message"] == "The local carrier does not emulate tokens of endpoints"


# Errors


async def test_list_errors(local: Any, client: Client) -> None:
    for name in ("c-1", "c-2", "c-3"):
        with pytest.raises(NotFoundError):
            await client.calls.get(name)
    local.pages["incomingcall"] = 500
    await local.dials()
    found = [error async for error in client.errors.list(size=2)]
    assert [(error.category, error.code) for error in found] == [
        ("not-found", "call-not-found"),
        ("not-found", "call-not-found"),
        ("not-found", "call-not-found"),
        ("unavailable", "callback-not-delivered"),
    ]
    assert found[0].time == local.carrier.moment(0.0)


async def test_get_error(local: Any, client: Client) -> None:
    with pytest.raises(NotFoundError):
        await client.calls.get("c-1")
    [listed] = [error async for error in client.errors.list()]
    assert await client.errors.get(listed.id) == listed
    raw = (await local.request("GET", f"/errors/{listed.id}")).json()
    assert (raw["category"], raw["time"]) == (
        "NOT_FOUND",
        round(local.carrier.moment().timestamp() * 1000),
    )
    with pytest.raises(NotFoundError, match="user-error-not-found"):
        await client.errors.get("ue-9")
