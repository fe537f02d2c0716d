"""Errors that the platform has noted about the account, failed callbacks to your app among them."""

from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import errors as api
from callbackkit.v1.resources.values import Paging


class Errors(Resource):
    """client.errors"""

    def list(self, **paging: Unpack[Paging]) -> Pages[api.UserError]:
        """Return the recent errors; older ones are not kept. Raises ArgumentError.
        (methods/errors/getErrors)
        """
        return self._pages(api.LIST, **paging)

    async def get(self, error_id: str) -> api.UserError:
        """Return an error. Raises NotFoundError. (methods/errors/getErrorsErrorId)"""
        return await self._fetch(api.GET, error_id)
