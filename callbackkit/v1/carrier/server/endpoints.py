"""The endpoints resource: SIP clients of a domain. Nothing registers here: it is kept and shown."""

from typing import Any, NoReturn

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier.account import Domain, Endpoint
from callbackkit.v1.carrier.server.applications import application_of
from callbackkit.v1.carrier.server.bodies import RequestFields
from callbackkit.v1.carrier.server.domains import domain_of
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of

SHORTEST_PASSWORD = 6
"""Characters, all of them Latin-1 (methods/endpoints/postEndpoints)."""
REALM = "bwapp.bwsip.io"
"""What a domain is below, as in samples (methods/endpoints/getEndpoints)."""


def list_endpoints(request: Request) -> Response:
    """The endpoints of a domain (methods/endpoints/getEndpoints)."""
    domain = domain_of(request)
    found = list(domain.endpoints.values())
    return paged(request, "endpoint", found, lambda endpoint: _shown(domain, endpoint))


def create_endpoint(request: Request) -> Response:
    """A new endpoint (methods/endpoints/postEndpoints)."""
    domain = domain_of(request)
    given = body_of(request, "endpoint")
    name = given.needed("name")
    password = _password(given)
    if password is None:
        raise RestRejection("missing-property", "credentials", "password")
    if any(endpoint.name == name for endpoint in domain.endpoints.values()):
        raise given.wrong("name", "taken")
    changes = _changes(request, given)
    endpoint = Endpoint(request.carrier.new_id("re"), name, password)
    _apply(endpoint, changes)
    domain.endpoints[endpoint.id] = endpoint
    return created_reply(request.carrier.uri(f"domains/{domain.id}/endpoints/{endpoint.id}"))


def get_endpoint(request: Request) -> Response:
    """An endpoint, without its password (methods/endpoints/getEndpointsEndpointId)."""
    domain = domain_of(request)
    return json_reply(_shown(domain, _endpoint_of(request, domain)))


def update_endpoint(request: Request) -> Response:
    """Change an endpoint (methods/endpoints/postEndpointsEndpointId)."""
    endpoint = _endpoint_of(request, domain_of(request))
    given = body_of(request, "endpoint")
    password = _password(given)
    changes = _changes(request, given)
    _apply(endpoint, changes)
    endpoint.password = password or endpoint.password
    return empty_reply()


def delete_endpoint(request: Request) -> Response:
    """Delete an endpoint (methods/endpoints/deleteEndpointsEndpointId)."""
    domain = domain_of(request)
    del domain.endpoints[_endpoint_of(request, domain).id]
    return empty_reply()


def token(request: Request) -> NoReturn:
    """Tokens of endpoints are known to SDKs only, and no page says what they do."""
    raise RestRejection("not-emulated", "tokens of endpoints")


def _endpoint_of(request: Request, domain: Domain) -> Endpoint:
    found = domain.endpoints.get(request.parameters["endpoint_id"])
    if found is None:
        raise RestRejection("resource-not-found")  # no page has a code of its own for it
    return found


def _password(given: RequestFields) -> str | None:
    credentials = given.part("credentials")
    if credentials is None:
        return None
    found = credentials.needed("password")
    if len(found) < SHORTEST_PASSWORD or max(found) > "\xff":
        raise credentials.wrong("password", "6 Latin-1 characters or more")
    return found


def _changes(request: Request, given: RequestFields) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": given.text("description"),
        "application_id": given.text("applicationId"),
        "enabled": given.flag("enabled"),
    }
    if found["application_id"]:
        application_of(request, found["application_id"])
    return found


def _apply(endpoint: Endpoint, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if value is not None:
            setattr(endpoint, name, value)


def _shown(domain: Domain, endpoint: Endpoint) -> dict[str, Any]:
    realm = f"{domain.name}.{REALM}"
    return {
        "id": endpoint.id,
        "name": endpoint.name,
        "description": endpoint.description,
        "domainId": domain.id,
        "applicationId": endpoint.application_id or None,
        "enabled": endpoint.enabled,
        "sipUri": f"sip:{endpoint.name}@{realm}",
        "credentials": {"realm": realm, "username": endpoint.name},
    }


_ENDPOINTS = "/users/{user_id}/domains/{domain_id}/endpoints"

OPERATIONS: Operations = {
    _ENDPOINTS: {"GET": list_endpoints, "POST": create_endpoint},
    f"{_ENDPOINTS}/{{endpoint_id}}": {
        "GET": get_endpoint,
        "POST": update_endpoint,
        "DELETE": delete_endpoint,
    },
    f"{_ENDPOINTS}/{{endpoint_id}}/tokens": {"POST": token},
    f"{_ENDPOINTS}/{{endpoint_id}}/tokens/{{token}}": {"DELETE": token},
}
