"""The availableNumbers resource: numbers that nobody has, found in the same order every time.

They are all of the form 555-01xx, which is kept for fiction, below the area code that is asked for;
so there are 100 of them in each. Where a state or ZIP code is asked for, the area code is 555 too,
which is no place's: nothing here knows where anything is. What is told of a number's place is what
was asked for.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply, without_none
from callbackkit.v1.carrier.server.bodies import RequestFields
from callbackkit.v1.carrier.server.own_numbers import national
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.phone_numbers import LOCAL_PRICE, TOLL_FREE_PRICE, bought
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, query_of

MAX_FOUND, FOUND = 5000, 10
"""Numbers that a search finds at most and by default (methods/availableNumbers)."""
MAX_ORDERED, ORDERED_LOCAL, ORDERED_TOLL_FREE = 10, 10, 1
"""The same for orders."""

_FICTIONAL = "55501"
_NOWHERE = "555"
_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_PATTERN = re.compile(r"[A-Za-z0-9?*]{1,40}")


class _Place(NamedTuple):
    """Where numbers are looked for."""

    area_codes: tuple[str, ...]
    local: str = ""
    city: str | None = None
    state: str | None = None
    price: str = LOCAL_PRICE


def search_local(request: Request) -> Response:
    """Local numbers (methods/availableNumbers/getAvailableNumbersLocal)."""
    query = query_of(request, "number")
    return _search(request, _place(query), _quantity(query, MAX_FOUND, FOUND), query)


def search_toll_free(request: Request) -> Response:
    """Toll-free numbers (methods/availableNumbers/getAvailableNumbersTollFree)."""
    query = query_of(request, "number")
    place = _Place(_TOLL_FREE, price=TOLL_FREE_PRICE)
    return _search(request, place, _quantity(query, MAX_FOUND, FOUND), query)


def order_local(request: Request) -> Response:
    """Order whichever local numbers are found first
    (methods/availableNumbers/postAvailableNumbersLocal).

    The table has a pattern here; the list of errors says that an order has none.
    """
    query = query_of(request, "number")
    if "pattern" in query:
        raise RestRejection("invalid-available-number-search-order:pattern")
    return _order(request, _place(query), _quantity(query, MAX_ORDERED, ORDERED_LOCAL))


def order_toll_free(request: Request) -> Response:
    """Order toll-free numbers (methods/availableNumbers/postAvailableNumbersTollFree)."""
    query = query_of(request, "number")
    place = _Place(_TOLL_FREE, price=TOLL_FREE_PRICE)
    return _order(request, place, _quantity(query, MAX_ORDERED, ORDERED_TOLL_FREE))


# What is asked for


def _quantity(query: RequestFields, most: int, default: int) -> int:
    found = query.whole("quantity", low=-(10**18))
    if found is None:
        return default
    if found < 1:
        raise RestRejection("validation-error:quantity")
    if found > most:
        kind = ":quantity" if most == MAX_FOUND else "-order:quantity"
        raise RestRejection(f"invalid-available-number-search{kind}")
    return found


def _place(query: RequestFields) -> _Place:
    """The place that is asked for: exactly one of state, zip and areaCode. Raises RestRejection."""
    city, state = query.text("city"), query.text("state")
    zip_code, area = query.text("zip"), query.text("areaCode")
    local = query.text("localNumber")
    query.flag("inLocalCallingArea")  # there are no neighbouring areas
    wrong = _combination(city, state, zip_code, area or local)
    if wrong is not None:
        raise RestRejection(f"invalid-available-number-search:{wrong}")
    if area is None and state is None and zip_code is None:
        raise RestRejection("invalid-available-number-search:place")
    if area is not None and not re.fullmatch("[0-9]{3}", area):
        raise RestRejection("invalid-available-number-search:area")
    if zip_code is not None and not re.fullmatch("[0-9]{5}", zip_code):
        raise RestRejection("invalid-zip-code", zip_code)
    if state is not None and not re.fullmatch("[A-Za-z]{2}", state):
        raise query.wrong("state", "two letters")
    if local is not None:
        if not re.fullmatch("[0-9]{3,}", local):
            raise RestRejection("invalid-available-number-search:local")
        if len(local) > 4:
            raise RestRejection("invalid-available-number-search:longer")
    return _Place((area or _NOWHERE,), local or "", city, state and state.upper())


def _combination(
    city: str | None, state: str | None, zip_code: str | None, area: str | None
) -> str | None:
    """What may not be asked for together, as the list of errors has it."""
    if city and zip_code:
        return "city+zip"
    if city and area:
        return "city+area"
    if zip_code and state:
        return "zip+state+area" if area else "zip+state"
    if zip_code and area:
        return "zip+area"
    if state and area:
        return "state+area"
    return "city" if city and not state else None


# What is found


def _search(request: Request, place: _Place, quantity: int, query: RequestFields) -> Response:
    pattern = query.text("pattern")
    if pattern is not None and not _PATTERN.fullmatch(pattern):
        raise query.wrong("pattern", "letters, digits, ? and *")
    found: list[dict[str, Any]] = []
    for number in _free(request, place):
        shows = _match(number, pattern)
        if shows is not None:
            found.append({**_shown(number, place), "patternMatch": shows or None})
        if len(found) == quantity:
            break
    return listed(request, found, lambda one: one)


def _order(request: Request, place: _Place, quantity: int) -> Response:
    found = [number for number, _ in zip(_free(request, place), range(quantity), strict=False)]
    if len(found) < quantity:
        # Whether those that there are would be ordered is not said: none is.
        raise RestRejection("order-number-quantity-unavailable")
    orders = []
    for wanted in found:
        number = bought(request, wanted)
        number.city, number.state = place.city, place.state
        where = request.carrier.uri(f"phoneNumbers/{number.id}")
        orders.append(without_none({**_shown(wanted, place), "location": where}))
    return json_reply(orders, 201)


def _free(request: Request, place: _Place) -> Iterator[str]:
    """The numbers of a place that the account does not have."""
    taken = {owned.number for owned in request.carrier.account.owned()}
    for area in place.area_codes:
        for last in range(100):
            local = f"{_FICTIONAL}{last:02}"
            number = f"+1{area}{local}"
            if local.startswith(place.local) and number not in taken:
                yield number


def _match(number: str, pattern: str | None) -> str | None:
    """The national form with blanks for what a pattern leaves open, as in the sample; "" without
    a pattern, None where it does not match."""
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


def _shown(number: str, place: _Place) -> dict[str, Any]:
    return {
        "number": number,
        "nationalNumber": national(number),
        "city": place.city,
        "state": place.state,
        "price": place.price,
    }


OPERATIONS: Operations = {
    "/availableNumbers/local": {"GET": search_local, "POST": order_local},
    "/availableNumbers/tollFree": {"GET": search_toll_free, "POST": order_toll_free},
}
