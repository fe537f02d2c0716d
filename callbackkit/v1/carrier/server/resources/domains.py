"""The domains resource: names below which SIP endpoints live."""

import re
from typing import Any

from callbackkit.carrier.server.replies import created, resource
from callbackkit.rest import Operation
from callbackkit.v1.carrier.account import Domain
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.resources import domains as api

MAX_DOMAINS = 100
"""Domains of an account (methods/domains/domains)."""

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@serves(api.LIST)
def list_domains(request: Request) -> Reply:
    """Reply with all domains (methods/domains/getDomains)."""
    found = request.carrier.account.domains.values()
    return listed(request, (_shown(request, domain) for domain in found))


@serves(api.CREATE)
def create_domain(request: Request) -> Reply:
    """Create a domain (methods/domains/postDomains). Its name becomes a part of a DNS name."""
    args = read(request, api.NewDomain)
    domains = request.carrier.account.domains
    reason = None
    if not _LABEL.fullmatch(args["name"]):
        reason = "domain.name can be no part of a DNS name"
    elif len(domains) >= MAX_DOMAINS:
        # No page has a code for one too many.
        reason = f"an account has {MAX_DOMAINS} domains at most"
    elif any(domain.name == args["name"] for domain in domains.values()):
        reason = "domain.name is taken"
    if reason is not None:
        raise RestRejection("validation-error", reason=reason)
    domain = Domain(request.carrier.new_id("rd"), **args)
    domains[domain.id] = domain
    return created(request.carrier.uri(f"domains/{domain.id}"))


@serves(Operation("domains.get", "GET", api.DELETE.path))  # known to SDKs only
def get_domain(request: Request) -> dict[str, Any]:
    """Reply with a domain."""
    return _shown(request, domain_of(request))


@serves(api.DELETE)
def delete_domain(request: Request) -> None:
    """Delete a domain, and its endpoints with it (methods/domains/deleteDomainsDomainId)."""
    del request.carrier.account.domains[domain_of(request).id]


def domain_of(request: Request) -> Domain:
    """Return the domain that the path names. Raises RestRejection, for which no page has a code."""
    domains = request.carrier.account.domains
    return find(domains, request.parameters["domain_id"], "resource-not-found")


def _shown(request: Request, domain: Domain) -> dict[str, Any]:
    endpoints = request.carrier.uri(f"domains/{domain.id}/endpoints")
    return resource(api.Domain, domain, endpoints=endpoints)
