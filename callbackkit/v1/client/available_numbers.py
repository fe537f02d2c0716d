"""Numbers that nobody has yet: search them, or order some at once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeAlias

from callbackkit.client import Pages
from callbackkit.models import Model
from callbackkit.v1.client.arguments import exactly_one, needs, together, whole, written
from callbackkit.v1.client.resource import Arguments, Resource, last_segment

_State: TypeAlias = Annotated[str, written("is two letters", "[A-Za-z]{2}")]
_Zip: TypeAlias = Annotated[str, written("is 5 digits", "[0-9]{5}")]
_AreaCode: TypeAlias = Annotated[str, written("is 3 digits", "[0-9]{3}")]
_LocalNumber: TypeAlias = Annotated[str, written("is 3 or 4 digits", "[0-9]{3,4}")]
_Pattern: TypeAlias = Annotated[
    str, written("is letters, digits, ? (one digit) and * (any digits)", "[A-Za-z0-9?*]+")
]
_SearchQuantity: TypeAlias = Annotated[int, whole(1, 5000)]
_OrderQuantity: TypeAlias = Annotated[int, whole(1, 10)]

# Error code invalid-available-number-search lists the combinations that are refused; all follow
# from these.
_PLACE = (
    exactly_one("state", "zip", "area_code"),
    needs("city", "state"),
    needs("local_number", "area_code"),
    needs("in_local_calling_area", "local_number"),
)


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


class AvailableNumbers(Resource):
    """client.available_numbers"""

    name: ClassVar[str] = "available_numbers"

    @together(*_PLACE)
    def search_local(
        self,
        *,
        city: str | None = None,
        state: _State | None = None,
        zip: _Zip | None = None,  # noqa: A002
        area_code: _AreaCode | None = None,
        local_number: _LocalNumber | None = None,
        in_local_calling_area: bool | None = None,
        quantity: _SearchQuantity | None = None,
        pattern: _Pattern | None = None,
    ) -> Pages[AvailableNumber]:
        """Local numbers that can be ordered.

        Exactly one of `state` (two letters), `zip` (5 digits) and `area_code` (3 digits) says
        where; `city` goes with `state`. `local_number` (the first 3 or 4 digits after the area
        code) goes with `area_code`, and `in_local_calling_area` with `local_number`. `quantity` is
        1 to 5000, by default 10. `pattern` has letters, digits, ? for one digit and * for any.
        Raises ArgumentError; InvalidRequestError (invalid-zip-code); ForbiddenError
        (invalid-rate-center). (methods/availableNumbers/getAvailableNumbersLocal)
        """
        return self._pages(
            AvailableNumbers.search_local,
            locals(),
            "/availableNumbers/local",
            AvailableNumber,
            "link",
        )

    @together(*_PLACE)
    async def order_local(
        self,
        *,
        city: str | None = None,
        state: _State | None = None,
        zip: _Zip | None = None,  # noqa: A002
        area_code: _AreaCode | None = None,
        local_number: _LocalNumber | None = None,
        in_local_calling_area: bool | None = None,
        quantity: _OrderQuantity | None = None,
        pattern: _Pattern | None = None,
    ) -> tuple[OrderedNumber, ...]:
        """Order whichever local numbers a search finds first. They cost from now on.

        The arguments are those of `search_local`, but `quantity` is 1 to 10, by default 10. The
        table lists `pattern` while the error list refuses it, so that the platform decides.
        Raises ArgumentError; ForbiddenError (insufficient-available-balance); NotFoundError
        (order-number-quantity-unavailable). (methods/availableNumbers/postAvailableNumbersLocal)
        """
        return await self._order(AvailableNumbers.order_local, locals(), "/availableNumbers/local")

    def search_toll_free(
        self, *, quantity: _SearchQuantity | None = None, pattern: _Pattern | None = None
    ) -> Pages[AvailableNumber]:
        """Toll-free numbers that can be ordered.

        `quantity` is 1 to 5000, by default 10. `pattern` has letters, digits, ? for one digit and *
        for any. Raises ArgumentError. (methods/availableNumbers/getAvailableNumbersTollFree)
        """
        return self._pages(
            AvailableNumbers.search_toll_free,
            locals(),
            "/availableNumbers/tollFree",
            AvailableNumber,
            "link",
        )

    async def order_toll_free(
        self, *, quantity: _OrderQuantity | None = None
    ) -> tuple[OrderedNumber, ...]:
        """Order toll-free numbers. They cost from now on.

        `quantity` is 1 to 10, by default 1. Raises ArgumentError; NotFoundError
        (order-number-quantity-unavailable). (methods/availableNumbers/postAvailableNumbersTollFree)
        """
        return await self._order(
            AvailableNumbers.order_toll_free, locals(), "/availableNumbers/tollFree"
        )

    async def _order(
        self, operation: Callable[..., Any], arguments: Arguments, path: str
    ) -> tuple[OrderedNumber, ...]:
        # The parameters of an order are in the query, and there is no body.
        where, query = self._wire(operation, arguments, path)
        reply = await self._client.call("POST", where, query=query, repeatable=False)
        return self._items(reply, OrderedNumber)
