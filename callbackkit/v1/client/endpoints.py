"""Endpoints: SIP clients that register with a password of their own."""

from typing import Unpack

from callbackkit.client import Created, Pages, Resource
from callbackkit.v1.resources import endpoints as api
from callbackkit.v1.resources.values import Paging


class Endpoints(Resource):
    """client.endpoints"""

    def list(self, domain_id: str, **paging: Unpack[Paging]) -> Pages[api.Endpoint]:
        """Return the endpoints of a domain. Raises ArgumentError.
        (methods/endpoints/getEndpoints)
        """
        return self._pages(api.LIST, domain_id, **paging)

    async def create(
        self, domain_id: str, **endpoint: Unpack[api.NewEndpoint]
    ) -> Created[api.Endpoint]:
        """Create an endpoint. Raises ArgumentError. (methods/endpoints/postEndpoints)"""
        return await self._create(api.CREATE, domain_id, **endpoint)

    async def get(self, domain_id: str, endpoint_id: str) -> api.Endpoint:
        """Return an endpoint, without its password. Raises NotFoundError.
        (methods/endpoints/getEndpointsEndpointId)
        """
        return await self._fetch(api.GET, domain_id, endpoint_id)

    async def update(
        self, domain_id: str, endpoint_id: str, **change: Unpack[api.EndpointChange]
    ) -> None:
        """Change what is passed; all else stays. Raises ArgumentError, NotFoundError.
        (methods/endpoints/postEndpointsEndpointId)
        """
        await self._send(api.UPDATE, domain_id, endpoint_id, **change)

    async def delete(self, domain_id: str, endpoint_id: str) -> None:
        """Delete an endpoint. Raises NotFoundError.
        (methods/endpoints/deleteEndpointsEndpointId)
        """
        await self._send(api.DELETE, domain_id, endpoint_id)
