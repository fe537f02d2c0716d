"""Domains: the names below which SIP endpoints live."""

from typing import Annotated

from pydantic import AliasChoices, Field
from typing_extensions import TypedDict

from callbackkit.models import Model
from callbackkit.rest import Name, Operation


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


class NewDomain(TypedDict):
    """A new domain (methods/domains/postDomains)."""

    name: Name
    """Becomes a part of a DNS name."""
    description: str


_ALL = "/users/{user_id}/domains"

LIST = Operation("domains.list", "GET", _ALL, returns=Domain, paging="link")
CREATE = Operation("domains.create", "POST", _ALL, NewDomain)
DELETE = Operation("domains.delete", "DELETE", f"{_ALL}/{{domain_id}}")
