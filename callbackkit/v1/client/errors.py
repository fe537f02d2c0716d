"""Errors that the platform has noted about the account, failed callbacks to your app among them."""

from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import errors
from callbackkit.v1.resources.errors import UserError
from callbackkit.v1.resources.values import Paging


class Errors(Resource):
    """client.errors"""

    def list(self, **paging: Unpack[Paging]) -> Pages[UserError]:
        """Return the recent errors; older ones are not kept. Raises ArgumentError.
        (methods/errors/getErrors)
        """
        return self._pages(errors.LIST, **paging)

    async def get(self, error_id: str) -> UserError:
        """Return an error. Raises NotFoundError. (methods/errors/getErrorsErrorId)"""
        return await self._fetch(errors.GET, error_id)
