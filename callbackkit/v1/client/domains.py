"""Domains: the names below which SIP endpoints live."""

from dataclasses import dataclass
from typing import Unpack

from callbackkit.client import Pages, Resource
from callbackkit.v1.resources import domains
from callbackkit.v1.resources.domains import Domain, NewDomain


@dataclass(frozen=True)
class CreatedDomain:
    """The id of a new domain."""

    id: str


class Domains(Resource):
    """client.domains"""

    def list(self) -> Pages[Domain]:
        """Return all domains. (methods/domains/getDomains)"""
        return self._pages(domains.LIST)

    async def create(self, **domain: Unpack[NewDomain]) -> CreatedDomain:
        """Create a domain, of 100 at most. No page describes how to read a single one.

        Raises ArgumentError. (methods/domains/postDomains)
        """
        response = await self._send(domains.CREATE, **domain)
        return CreatedDomain(response.location_id)

    async def delete(self, domain_id: str) -> None:
        """Delete a domain. Raises NotFoundError. (methods/domains/deleteDomainsDomainId)"""
        await self._send(domains.DELETE, domain_id)
