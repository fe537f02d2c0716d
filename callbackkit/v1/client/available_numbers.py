"""Numbers that nobody has yet: search them, or order some at once."""

from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import available_numbers as api


class AvailableNumbers(Resource):
    """client.available_numbers"""

    def search_local(self, **search: Unpack[api.LocalSearch]) -> Pages[api.AvailableNumber]:
        """Return local numbers that can be ordered.

        Raises ArgumentError; InvalidRequestError (invalid-zip-code); ForbiddenError
        (invalid-rate-center). (methods/availableNumbers/getAvailableNumbersLocal)
        """
        return self._pages(api.SEARCH_LOCAL, **search)

    async def order_local(self, **order: Unpack[api.LocalOrder]) -> tuple[api.OrderedNumber, ...]:
        """Order the local numbers that a search finds first. They cost from now on.

        Raises ArgumentError; ForbiddenError (insufficient-available-balance); NotFoundError
        (order-number-quantity-unavailable). (methods/availableNumbers/postAvailableNumbersLocal)
        """
        return await self._fetch_all(api.ORDER_LOCAL, **order)

    def search_toll_free(self, **search: Unpack[api.TollFreeSearch]) -> Pages[api.AvailableNumber]:
        """Return toll-free numbers that can be ordered. Raises ArgumentError.
        (methods/availableNumbers/getAvailableNumbersTollFree)
        """
        return self._pages(api.SEARCH_TOLL_FREE, **search)

    async def order_toll_free(
        self, **order: Unpack[api.TollFreeOrder]
    ) -> tuple[api.OrderedNumber, ...]:
        """Order toll-free numbers. They cost from now on.

        Raises ArgumentError; NotFoundError (order-number-quantity-unavailable).
        (methods/availableNumbers/postAvailableNumbersTollFree)
        """
        return await self._fetch_all(api.ORDER_TOLL_FREE, **order)
