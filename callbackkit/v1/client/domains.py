"""Domains: the names below which SIP endpoints live."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AliasChoices, Field

from callbackkit.client import Pages
from callbackkit.models import Model
from callbackkit.v1.client.arguments import Name
from callbackkit.v1.client.resource import Resource


class Domain(Model, frozen=True):
    """A domain (methods/domains/domains)."""

    id: str
    """rd-... or dom-..."""
    name: str | None = None
    description: str | None = None
    # The pages call it endpoints and give a path, SDKs were sent endpointsUrl with a whole URL.
    endpoints: Annotated[
        str | None, Field(validation_alias=AliasChoices("endpoints", "endpointsUrl"))
    ] = None
    """The URL or path of its endpoints."""


@dataclass(frozen=True)
class CreatedDomain:
    """The id of a new domain."""

    id: str


class Domains(Resource):
    """client.domains"""

    name: ClassVar[str] = "domains"

    def list(self) -> Pages[Domain]:
        """All domains. (methods/domains/getDomains)"""
        return self._pages(Domains.list, locals(), "domains", Domain, "link")

    async def create(self, *, name: Name, description: str) -> CreatedDomain:
        """A new domain, of 100 at most. No page describes how to read a single one.

        `name` becomes a part of a DNS name. Raises ArgumentError. (methods/domains/postDomains)
        """
        path, body = self._wire(Domains.create, locals(), "domains")
        reply = await self._client.call("POST", path, body=body, repeatable=False)
        return CreatedDomain(reply.location_id)

    async def delete(self, domain_id: str) -> None:
        """Delete a domain. Raises NotFoundError. (methods/domains/deleteDomainsDomainId)"""
        await self._delete(Domains.delete, locals(), "domains/{domain_id}")
