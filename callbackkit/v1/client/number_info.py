"""The names that numbers have in caller id directories (CNAM)."""

from callbackkit.client import Resource
from callbackkit.v1.resources import number_info as api


class NumberInfos(Resource):
    """client.number_info"""

    async def get(self, number: str) -> api.NumberInfo:
        """Return the name of a number, which is E.164. Each look-up costs.

        Raises ArgumentError; NotFoundError (cnam-not-found); ForbiddenError (invalid-cnam-search).
        (methods/numberInfo/getNumberInfo)
        """
        return await self._fetch(api.GET, number)
