"""The phoneNumbers resource: the numbers of the account, and the applications that answer them."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier.account import Number
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.applications import application_of
from callbackkit.v1.carrier.server.bodies import RequestFields, is_number
from callbackkit.v1.carrier.server.own_numbers import is_toll_free, national
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of, query_of

LOCAL_PRICE, TOLL_FREE_PRICE = "0.60", "2.00"
"""Dollars a month, as in the samples (methods/availableNumbers/getAvailableNumbersLocal)."""


def list_numbers(request: Request) -> Response:
    """The numbers of the account (methods/phoneNumbers/getPhoneNumbers).

    Whether released ones are listed too is not said: they are only where they are asked for.
    """
    query = query_of(request, "number")
    state = query.word("numberState", ("enabled", "released")) or "enabled"
    wanted = {name: query.text(name) for name in ("applicationId", "state", "name", "city")}
    found = [
        number
        for number in request.carrier.account.numbers.values()
        if number.released == (state == "released")
        and wanted["applicationId"] in (None, number.application_id)
        and wanted["state"] in (None, number.state)
        and wanted["name"] in (None, number.name)
        and wanted["city"] in (None, number.city)
    ]
    return paged(request, "number", found, lambda number: _shown(request, number))


def order_number(request: Request) -> Response:
    """Order a number, or bring one over from the dashboard
    (methods/phoneNumbers/postPhoneNumbers, methods/phoneNumbers/postImportPhoneNumber).

    Any number in E.164 that the account does not have can be had.
    """
    given = body_of(request, "number")
    wanted = given.needed("number")
    if not is_number(wanted):
        raise RestRejection("validation-error:number")
    _check_provider(given)
    changes = _changes(request, given)
    owned = request.carrier.account.number(wanted)
    if owned is not None:
        raise RestRejection("duplicate-number", owned.id, wanted, details={"number": wanted})
    number = bought(request, wanted)
    _apply(number, changes)
    return created_reply(request.carrier.uri(f"phoneNumbers/{number.id}"))


def bought(request: Request, wanted: str) -> Number:
    """A number that the account has from now on."""
    carrier = request.carrier
    price = TOLL_FREE_PRICE if is_toll_free(wanted) else LOCAL_PRICE
    number = Number(carrier.new_id("n"), wanted, carrier.moment(), price=price)
    request.carrier.account.numbers[number.id] = number
    return number


def _check_provider(given: RequestFields) -> None:
    """The credentials for another system that an import has: looked at, and never kept."""
    provider = given.part("provider")
    if provider is None:
        return
    provider.needed("providerName")
    provider.word("providerName", ("bandwidth-dashboard",))
    properties = provider.part("properties")
    if properties is None:
        raise RestRejection("missing-property", "provider", "properties")
    for name in ("accountId", "userName", "password"):
        properties.needed(name)


def get_number(request: Request) -> Response:
    """A number, by its id or by itself (methods/phoneNumbers/getPhoneNumbersNumberId)."""
    return json_reply(_shown(request, _number_of(request)))


def update_number(request: Request) -> Response:
    """Change what is given; all else stays (methods/phoneNumbers/postPhoneNumbersNumberId)."""
    number = _number_of(request)
    _apply(number, _changes(request, body_of(request, "number")))
    return empty_reply()


def delete_number(request: Request) -> Response:
    """Give a number back (methods/phoneNumbers/deletePhoneNumbersNumberId)."""
    _number_of(request).released = True
    return empty_reply()


def _number_of(request: Request) -> Number:
    # The sample has a blank where + stands, which is what + means in a query.
    wanted = request.parameters["number_id"]
    wanted = f"+{wanted[1:]}" if wanted.startswith(" ") else wanted
    found = request.carrier.account.number(wanted)
    if found is None:
        raise RestRejection("number-not-found", wanted)
    return found


def _changes(request: Request, given: RequestFields) -> dict[str, str | None]:
    """What is to become of a number; an empty text takes a property away. Raises RestRejection."""
    found: dict[str, str | None] = {}
    application_id = given.text("applicationId")
    if application_id is not None:
        if application_id:
            application_of(request, application_id)
        found["application_id"] = application_id or None
    name = given.text("name")
    if name is not None:
        found["name"] = name or None
    fallback = given.text("fallbackNumber")
    if fallback is not None:
        if fallback and not is_number(fallback):
            raise RestRejection("validation-error:number")
        found["fallback_number"] = fallback or None
    return found


def _apply(number: Number, changes: dict[str, str | None]) -> None:
    for name, value in changes.items():
        setattr(number, name, value)


def _shown(request: Request, number: Number) -> dict[str, Any]:
    application = number.application_id
    return {
        "id": number.id,
        "number": number.number,
        "nationalNumber": national(number.number),
        "name": number.name,
        "city": number.city,
        "state": number.state,
        "application": (
            None if application is None else request.carrier.uri(f"applications/{application}")
        ),
        "applicationId": application,
        "fallbackNumber": number.fallback_number,
        "price": number.price,
        "createdTime": iso(number.created),
        "numberState": "released" if number.released else "enabled",
    }


OPERATIONS: Operations = {
    "/users/{user_id}/phoneNumbers": {"GET": list_numbers, "POST": order_number},
    "/users/{user_id}/phoneNumbers/{number_id}": {
        "GET": get_number,
        "POST": update_number,
        "DELETE": delete_number,
    },
}
