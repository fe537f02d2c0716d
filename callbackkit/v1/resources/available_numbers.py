"""Numbers that nobody has yet: search them, or order some at once."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from typing_extensions import TypedDict

from callbackkit.models import Model
from callbackkit.rest import Flag, Operation, exactly_one, needs, together, whole, written
from callbackkit.v1.resources.values import last_segment

_Pattern: TypeAlias = Annotated[
    str, written("is letters, digits, ? (one digit) and * (any digits)", "[A-Za-z0-9?*]+")
]
_SearchQuantity: TypeAlias = Annotated[int, whole(1, 5000)]
_OrderQuantity: TypeAlias = Annotated[int, whole(1, 10)]


class AvailableNumber(Model, frozen=True):
    """A number that can be ordered (methods/availableNumbers/getAvailableNumbersLocal)."""

    number: str
    """E.164."""
    national_number: str | None = None
    pattern_match: str | None = None
    """Blank but for the positions that match the pattern."""
    city: str | None = None
    lata: str | None = None
    rate_center: str | None = None
    state: str | None = None
    price: Decimal | None = None
    """Dollars a month."""


class OrderedNumber(Model, frozen=True):
    """A number that is now yours (methods/availableNumbers/postAvailableNumbersLocal)."""

    number: str
    """E.164."""
    national_number: str | None = None
    price: Decimal | None = None
    """Dollars a month."""
    location: str | None = None
    """The URL of the number as one of client.phone_numbers."""
    city: str | None = None
    state: str | None = None

    @property
    def id(self) -> str | None:
        """The number's id for client.phone_numbers, n-..."""
        return last_segment(self.location)


class _Place(TypedDict, total=False):
    city: str | None
    """Goes with `state`."""
    state: Annotated[str, written("is two letters", "[A-Za-z]{2}")] | None
    """Two letters."""
    zip: Annotated[str, written("is 5 digits", "[0-9]{5}")] | None
    """5 digits."""
    area_code: Annotated[str, written("is 3 digits", "[0-9]{3}")] | None
    """3 digits."""
    local_number: Annotated[str, written("is 3 or 4 digits", "[0-9]{3,4}")] | None
    """The first 3 or 4 digits after the area code; goes with `area_code`."""
    in_local_calling_area: Flag | None
    """Goes with `local_number`."""
    pattern: _Pattern | None
    """Letters, digits, ? for one digit and * for any."""


# Error code invalid-available-number-search lists the combinations that are refused; all follow
# from these.
_in_one_place = together(
    exactly_one("state", "zip", "area_code"),
    needs("city", "state"),
    needs("local_number", "area_code"),
    needs("in_local_calling_area", "local_number"),
)


@_in_one_place
class LocalSearch(_Place, total=False):
    """A search for local numbers: exactly one of `state`, `zip` and `area_code` is needed
    (methods/availableNumbers/getAvailableNumbersLocal)."""

    quantity: _SearchQuantity | None
    """1 to 5000, by default 10."""


@_in_one_place
class LocalOrder(_Place, total=False):
    """An order of local numbers: exactly one of `state`, `zip` and `area_code` is needed.

    The table lists `pattern` while the error list refuses it, so that the platform decides.
    (methods/availableNumbers/postAvailableNumbersLocal)
    """

    quantity: _OrderQuantity | None
    """1 to 10, by default 10."""


class TollFreeSearch(TypedDict, total=False):
    """A search for toll-free numbers
    (methods/availableNumbers/getAvailableNumbersTollFree)."""

    quantity: _SearchQuantity | None
    """1 to 5000, by default 10."""
    pattern: _Pattern | None
    """Letters, digits, ? for one digit and * for any."""


class TollFreeOrder(TypedDict, total=False):
    """An order of toll-free numbers
    (methods/availableNumbers/postAvailableNumbersTollFree)."""

    quantity: _OrderQuantity | None
    """1 to 10, by default 1."""


_LOCAL = "/availableNumbers/local"
_TOLL_FREE = "/availableNumbers/tollFree"

SEARCH_LOCAL = Operation(
    "available_numbers.search_local", "GET", _LOCAL, LocalSearch, AvailableNumber, paging="link"
)
SEARCH_TOLL_FREE = Operation(
    "available_numbers.search_toll_free",
    "GET",
    _TOLL_FREE,
    TollFreeSearch,
    AvailableNumber,
    paging="link",
)
# The parameters of an order are in the query, and there is no body.
ORDER_LOCAL = Operation(
    "available_numbers.order_local", "POST", _LOCAL, LocalOrder, OrderedNumber, in_query=True
)
ORDER_TOLL_FREE = Operation(
    "available_numbers.order_toll_free",
    "POST",
    _TOLL_FREE,
    TollFreeOrder,
    OrderedNumber,
    in_query=True,
)
