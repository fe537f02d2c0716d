"""The phoneNumbers resource: the numbers of the account, and the applications that answer them."""

from typing import Any

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier.account import Number
from callbackkit.v1.carrier.server.arguments import Errors, read
from callbackkit.v1.carrier.server.own_numbers import is_number, is_toll_free, national
from callbackkit.v1.carrier.server.paging import matches, paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.applications import application_of
from callbackkit.v1.resources import phone_numbers as api

LOCAL_PRICE, TOLL_FREE_PRICE = "0.60", "2.00"
"""Dollars a month, as in the samples (methods/availableNumbers/getAvailableNumbersLocal)."""

_ERRORS: Errors = {
    ("string_pattern_mismatch", "number"): "validation-error:number",
    ("string_pattern_mismatch", "fallbackNumber"): "validation-error:number",
}


@serves(api.LIST)
def list_numbers(request: Request) -> Reply:
    """Reply with a page of the numbers of the account (methods/phoneNumbers/getPhoneNumbers).

    No page says whether released ones are listed too: they are only where a request names that
    state.
    """
    args = read(request, api.NumberFilter)
    released = args.get("number_state") == "released"
    found = [
        number
        for number in request.carrier.account.numbers.values()
        if number.released == released
        and matches(number, args, "application_id", "state", "name", "city")
    ]
    return paged(request, found, lambda number: _shown(request, number))


@serves(api.ORDER, api.IMPORT)
def order_number(request: Request) -> Reply:
    """Order a number, or bring one over from the dashboard
    (methods/phoneNumbers/postPhoneNumbers, methods/phoneNumbers/postImportPhoneNumber).

    Any number in E.164 that the account does not have can be had.
    """
    args = read(request, api.NumberOrder, _ERRORS)
    wanted = args["number"]
    _check_import(request)
    changes = _changes(request, args)
    owned = request.carrier.account.number(wanted)
    if owned is not None:
        raise RestRejection("duplicate-number", owned.id, wanted, details={"number": wanted})
    number = bought(request, wanted)
    _set(number, changes)
    return created(request.carrier.uri(f"phoneNumbers/{number.id}"))


def bought(request: Request, wanted: str) -> Number:
    """Give the account a number."""
    carrier = request.carrier
    price = TOLL_FREE_PRICE if is_toll_free(wanted) else LOCAL_PRICE
    number = Number(carrier.new_id("n"), wanted, carrier.moment(), price=price)
    carrier.account.numbers[number.id] = number
    return number


def _check_import(request: Request) -> None:
    """Check the credentials for another system that an import has; they are never kept."""
    provider = request.json().get("provider")
    if provider is None:
        return
    name = api.IMPORT.sends["provider.providerName"]
    if not isinstance(provider, dict) or provider.get("providerName") != name:
        raise RestRejection("validation-error:words", "provider", "providerName", name)
    read(request, api.NumberImport)


@serves(api.GET)
def get_number(request: Request) -> dict[str, Any]:
    """Reply with a number, by its id or by itself
    (methods/phoneNumbers/getPhoneNumbersNumberId)."""
    return _shown(request, _number_of(request))


@serves(api.UPDATE)
def update_number(request: Request) -> None:
    """Change some properties of a number (methods/phoneNumbers/postPhoneNumbersNumberId)."""
    number = _number_of(request)
    _set(number, _changes(request, read(request, api.NumberChange)))


@serves(api.DELETE)
def delete_number(request: Request) -> None:
    """Give a number back (methods/phoneNumbers/deletePhoneNumbersNumberId)."""
    _number_of(request).released = True


def _number_of(request: Request) -> Number:
    # The sample has a blank where + stands, which is what + means in a query.
    wanted = request.parameters["number_id"]
    wanted = f"+{wanted[1:]}" if wanted.startswith(" ") else wanted
    found = request.carrier.account.number(wanted)
    if found is None:
        raise RestRejection("number-not-found", wanted)
    return found


def _changes(request: Request, args: api.NumberOrder | api.NumberChange) -> dict[str, str | None]:
    """Return what changes of a number; an empty text takes a property away."""
    application_id, fallback = args.get("application_id"), args.get("fallback_number")
    if application_id:
        application_of(request, application_id)
    if fallback and not is_number(fallback):
        raise RestRejection("validation-error:number")
    return {name: str(value) or None for name, value in args.items() if name != "number"}


def _set(number: Number, changes: dict[str, str | None]) -> None:
    for name, value in changes.items():
        setattr(number, name, value)


def _shown(request: Request, number: Number) -> dict[str, Any]:
    application = number.application_id
    return resource(
        api.PhoneNumber,
        number,
        national_number=national(number.number),
        application=(
            None if application is None else request.carrier.uri(f"applications/{application}")
        ),
        created_time=number.created,
        number_state="released" if number.released else "enabled",
    )
