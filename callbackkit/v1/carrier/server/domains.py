"""The domains resource: names below which SIP endpoints live."""

import re
from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier.account import Domain
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of

MAX_DOMAINS = 100
"""Domains of an account (methods/domains/domains)."""

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def list_domains(request: Request) -> Response:
    """All domains (methods/domains/getDomains)."""
    found = list(request.carrier.account.domains.values())
    return listed(request, found, lambda domain: _shown(request, domain))


def create_domain(request: Request) -> Response:
    """A new domain (methods/domains/postDomains). Its name becomes a part of a DNS name."""
    given = body_of(request, "domain")
    name = given.needed("name")
    if not _LABEL.fullmatch(name):
        raise given.wrong("name", "what can be a part of a DNS name")
    description = given.needed("description")
    domains = request.carrier.account.domains
    if len(domains) >= MAX_DOMAINS:
        # No page has a code for one too many.
        raise RestRejection(
            "validation-error", reason=f"an account has {MAX_DOMAINS} domains at most"
        )
    if any(domain.name == name for domain in domains.values()):
        raise given.wrong("name", "taken")
    domain = Domain(request.carrier.new_id("rd"), name, description)
    domains[domain.id] = domain
    return created_reply(request.carrier.uri(f"domains/{domain.id}"))


def get_domain(request: Request) -> Response:
    """A domain; known to SDKs only."""
    return json_reply(_shown(request, domain_of(request)))


def delete_domain(request: Request) -> Response:
    """Delete a domain, and its endpoints with it (methods/domains/deleteDomainsDomainId)."""
    del request.carrier.account.domains[domain_of(request).id]
    return empty_reply()


def domain_of(request: Request) -> Domain:
    """Return the domain that the path names. Raises RestRejection, for which no page has a code."""
    found = request.carrier.account.domains.get(request.parameters["domain_id"])
    if found is None:
        raise RestRejection("resource-not-found")
    return found


def _shown(request: Request, domain: Domain) -> dict[str, Any]:
    return {
        "id": domain.id,
        "name": domain.name,
        "description": domain.description,
        "endpoints": request.carrier.uri(f"domains/{domain.id}/endpoints"),
    }


OPERATIONS: Operations = {
    "/users/{user_id}/domains": {"GET": list_domains, "POST": create_domain},
    "/users/{user_id}/domains/{domain_id}": {"GET": get_domain, "DELETE": delete_domain},
}
