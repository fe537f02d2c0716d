"""Applications: where the platform sends the callbacks of the numbers that belong to them."""

from typing import Unpack

from callbackkit.client import Created, Pages, Resource
from callbackkit.v1.resources import applications as api
from callbackkit.v1.resources.values import Paging


class Applications(Resource):
    """client.applications"""

    def list(self, **paging: Unpack[Paging]) -> Pages[api.Application]:
        """Return all applications. Raises ArgumentError. (methods/applications/getApplications)"""
        return self._pages(api.LIST, **paging)

    async def create(self, **application: Unpack[api.NewApplication]) -> Created[api.Application]:
        """Create an application, with a URL for the events of calls, of messages, or of both.

        Raises ArgumentError; ConflictError (duplicate-application).
        (methods/applications/postApplications)
        """
        return await self._create(api.CREATE, **application)

    async def get(self, application_id: str) -> api.Application:
        """Return an application. Raises NotFoundError.
        (methods/applications/getApplicationsApplicationId)
        """
        return await self._fetch(api.GET, application_id)

    async def update(self, application_id: str, **change: Unpack[api.ApplicationChange]) -> None:
        """Change what is passed; all else stays. Raises ArgumentError, NotFoundError.
        (methods/applications/postApplicationsApplicationId)
        """
        await self._send(api.UPDATE, application_id, **change)

    async def delete(self, application_id: str) -> None:
        """Delete an application. Raises NotFoundError.
        (methods/applications/deleteApplicationsApplicationId)
        """
        await self._send(api.DELETE, application_id)
