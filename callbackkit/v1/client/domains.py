"""Domains: the names below which SIP endpoints live."""

from dataclasses import dataclass
from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import domains as api


@dataclass(frozen=True)
class CreatedDomain:
    """The id of a new domain."""

    id: str


class Domains(Resource):
    """client.domains"""

    def list(self) -> Pages[api.Domain]:
        """Return all domains. (methods/domains/getDomains)"""
        return self._pages(api.LIST)

    async def create(self, **domain: Unpack[api.NewDomain]) -> CreatedDomain:
        """Create a domain, of 100 at most. No page describes how to read a single one.

        Raises ArgumentError. (methods/domains/postDomains)
        """
        response = await self._send(api.CREATE, **domain)
        return CreatedDomain(response.location_id)

    async def delete(self, domain_id: str) -> None:
        """Delete a domain. Raises NotFoundError. (methods/domains/deleteDomainsDomainId)"""
        await self._send(api.DELETE, domain_id)
