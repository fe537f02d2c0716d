"""Who a number belongs to, as caller id directories (CNAM) have it."""

from typing import ClassVar

from callbackkit.models import Model, Time
from callbackkit.v1.client.arguments import E164
from callbackkit.v1.client.resource import Resource


class NumberInfo(Model, frozen=True):
    """The name of a number (methods/numberInfo/getNumberInfo)."""

    number: str
    """E.164."""
    name: str | None = None
    created: Time = None
    updated: Time = None


class NumberInfos(Resource):
    """client.number_info"""

    name: ClassVar[str] = "number_info"

    async def get(self, number: E164) -> NumberInfo:
        """The name of a number, which is E.164. Each look-up costs.

        Raises ArgumentError; NotFoundError (cnam-not-found); ForbiddenError (invalid-cnam-search).
        (methods/numberInfo/getNumberInfo)
        """
        return await self._get(
            NumberInfos.get, locals(), "/phoneNumbers/numberInfo/{number}", NumberInfo
        )
