"""The availableNumbers resource: numbers that are not taken, found in the same order every time.

They are all of the form 555-01xx, which is kept for fiction, below the wanted area code; so there
are 100 of them in each. For a state or ZIP code, the area code is 555 too, which is no place's:
nothing here knows where anything is. The place of a number is the one that a request names.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from callbackkit.carrier.server.replies import json_reply, resource
from callbackkit.v1.carrier.server.arguments import Errors, read
from callbackkit.v1.carrier.server.own_numbers import national
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.phone_numbers import (
    LOCAL_PRICE,
    TOLL_FREE_PRICE,
    bought,
)
from callbackkit.v1.resources import available_numbers as api

FOUND, ORDERED_LOCAL, ORDERED_TOLL_FREE = 10, 10, 1
"""How many numbers are found and ordered by default (methods/availableNumbers)."""

_FICTIONAL = "55501"
_NOWHERE = "555"
_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")

_ERRORS: Errors = {
    ("greater_than_equal", "quantity"): "validation-error:quantity",
    ("string_pattern_mismatch", "areaCode"): "invalid-available-number-search:area",
    ("string_pattern_mismatch", "zip"): "invalid-zip-code",
}
_SEARCH_ERRORS: Errors = {
    **_ERRORS,
    ("less_than_equal", "quantity"): "invalid-available-number-search:quantity",
}
_ORDER_ERRORS: Errors = {
    **_ERRORS,
    ("less_than_equal", "quantity"): "invalid-available-number-search-order:quantity",
}

_WRONG = ("city+zip", "city+area", "zip+state+area", "zip+state", "zip+area", "state+area")
"""What does not go together, in the order of the list of errors."""


class _Place(NamedTuple):
    """A place in which numbers are looked for."""

    area_codes: tuple[str, ...]
    local: str = ""
    city: str | None = None
    state: str | None = None
    price: str = LOCAL_PRICE


_TOLL_FREE_PLACE = _Place(_TOLL_FREE, price=TOLL_FREE_PRICE)


@serves(api.SEARCH_LOCAL)
def search_local(request: Request) -> Reply:
    """Reply with local numbers (methods/availableNumbers/getAvailableNumbersLocal)."""
    _check_local_number(request)
    args = read(request, api.LocalSearch, _SEARCH_ERRORS)
    return _search(request, _place(args), args)


@serves(api.SEARCH_TOLL_FREE)
def search_toll_free(request: Request) -> Reply:
    """Reply with toll-free numbers (methods/availableNumbers/getAvailableNumbersTollFree)."""
    args = read(request, api.TollFreeSearch, _SEARCH_ERRORS)
    return _search(request, _TOLL_FREE_PLACE, args)


@serves(api.ORDER_LOCAL)
def order_local(request: Request) -> Reply:
    """Order the local numbers that are found first
    (methods/availableNumbers/postAvailableNumbersLocal).

    The table has a pattern here; the list of errors says that an order has none.
    """
    _check_local_number(request)
    args = read(request, api.LocalOrder, _ORDER_ERRORS)
    if "pattern" in args:
        raise RestRejection("invalid-available-number-search-order:pattern")
    return _order(request, _place(args), args.get("quantity") or ORDERED_LOCAL)


@serves(api.ORDER_TOLL_FREE)
def order_toll_free(request: Request) -> Reply:
    """Order toll-free numbers (methods/availableNumbers/postAvailableNumbersTollFree)."""
    args = read(request, api.TollFreeOrder, _ORDER_ERRORS)
    return _order(request, _TOLL_FREE_PLACE, args.get("quantity") or ORDERED_TOLL_FREE)


# Where they are


def _check_local_number(request: Request) -> None:
    local = request.query.get("localNumber", "")
    if local and not re.fullmatch("[0-9]{3,}", local):
        raise RestRejection("invalid-available-number-search:local")
    if len(local) > 4:
        raise RestRejection("invalid-available-number-search:longer")


def _place(args: api.LocalSearch | api.LocalOrder) -> _Place:
    """Return the place that is one of state, zip and areaCode. Raises RestRejection."""
    city, state, area = args.get("city"), args.get("state"), args.get("area_code")
    local = args.get("local_number")
    names = {"city": city, "state": state, "zip": args.get("zip"), "area": area or local}
    for wrong in _WRONG:
        if all(names[name] for name in wrong.split("+")):
            raise RestRejection(f"invalid-available-number-search:{wrong}")
    if city and not state:
        raise RestRejection("invalid-available-number-search:city")
    if area is None and state is None and names["zip"] is None:
        raise RestRejection("invalid-available-number-search:place")
    # There are no neighbouring areas (inLocalCallingArea).
    return _Place((area or _NOWHERE,), local or "", city, state and state.upper())


# What is found


def _search(request: Request, place: _Place, args: api.LocalSearch | api.TollFreeSearch) -> Reply:
    pattern, quantity = args.get("pattern"), args.get("quantity") or FOUND
    found: list[dict[str, Any]] = []
    for number in _free(request, place):
        shows = _match(number, pattern)
        if shows is not None:
            values = _values(number, place)
            found.append(resource(api.AvailableNumber, **values, pattern_match=shows or None))
        if len(found) == quantity:
            break
    return listed(request, found)


def _order(request: Request, place: _Place, quantity: int) -> Reply:
    found = [number for number, _ in zip(_free(request, place), range(quantity), strict=False)]
    if len(found) < quantity:
        # No page says whether those that there are would be ordered: none is.
        raise RestRejection("order-number-quantity-unavailable")
    orders = []
    for wanted in found:
        number = bought(request, wanted)
        number.city, number.state = place.city, place.state
        where = request.carrier.uri(f"phoneNumbers/{number.id}")
        orders.append(resource(api.OrderedNumber, **_values(wanted, place), location=where))
    return json_reply(orders, 201)


def _free(request: Request, place: _Place) -> Iterator[str]:
    """Yield the numbers of a place that the account does not have."""
    taken = {owned.number for owned in request.carrier.account.owned()}
    for area in place.area_codes:
        for last in range(100):
            local = f"{_FICTIONAL}{last:02}"
            number = f"+1{area}{local}"
            if local.startswith(place.local) and number not in taken:
                yield number


def _match(number: str, pattern: str | None) -> str | None:
    """Return the national form with blanks for what a pattern leaves open, as in the sample; ""
    without a pattern, None where it does not match."""
    if pattern is None:
        return ""
    digits = number[2:]
    parts = {"?": "[0-9]", "*": "[0-9]*"}
    expression = "".join(
        parts.get(sign, f"({sign})")
        for sign in re.sub(r"\*+", "*", pattern.upper().translate(_KEYS))
    )
    found = re.fullmatch(expression, digits)
    if found is None:
        return None
    named = {found.start(group) for group in range(1, len(found.groups()) + 1)}
    position = 0
    shows = ""
    for sign in national(number) or digits:
        if sign.isdigit():
            shows += sign if position in named else " "
            position += 1
        else:
            shows += " "
    return shows


def _values(number: str, place: _Place) -> dict[str, str | None]:
    return {
        "number": number,
        "national_number": national(number),
        "city": place.city,
        "state": place.state,
        "price": place.price,
    }
