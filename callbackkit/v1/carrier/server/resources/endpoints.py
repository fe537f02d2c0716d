"""The endpoints resource: SIP clients of a domain. Nothing registers here: it is kept and shown."""

from typing import Any, NoReturn

from callbackkit.carrier.server.replies import created, resource
from callbackkit.rest import Operation
from callbackkit.v1.carrier.account import Domain, Endpoint
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.applications import application_of
from callbackkit.v1.carrier.server.resources.domains import domain_of
from callbackkit.v1.resources import endpoints as api

REALM = "bwapp.bwsip.io"
"""The domain that all domains are below, as in samples (methods/endpoints/getEndpoints)."""

# Known to SDKs only.
_TOKENS = f"{api.GET.path}/tokens"
_CREATE_TOKEN = Operation("endpoints.create_token", "POST", _TOKENS)
_DELETE_TOKEN = Operation("endpoints.delete_token", "DELETE", f"{_TOKENS}/{{token}}")


@serves(api.LIST)
def list_endpoints(request: Request) -> Reply:
    """Reply with a page of the endpoints of a domain (methods/endpoints/getEndpoints)."""
    domain = domain_of(request)
    return paged(request, list(domain.endpoints.values()), lambda one: _shown(domain, one))


@serves(api.CREATE)
def create_endpoint(request: Request) -> Reply:
    """Create an endpoint (methods/endpoints/postEndpoints)."""
    domain = domain_of(request)
    args = read(request, api.NewEndpoint)
    if any(endpoint.name == args["name"] for endpoint in domain.endpoints.values()):
        raise RestRejection("validation-error", reason="endpoint.name is taken")
    _check_application(request, args.get("application_id"))
    endpoint = Endpoint(request.carrier.new_id("re"), args["name"], args["password"])
    _set(endpoint, args)
    domain.endpoints[endpoint.id] = endpoint
    path = f"domains/{domain.id}/endpoints/{endpoint.id}"
    return created(request.carrier.uri(path))


@serves(api.GET)
def get_endpoint(request: Request) -> dict[str, Any]:
    """Reply with an endpoint, without its password (methods/endpoints/getEndpointsEndpointId)."""
    domain = domain_of(request)
    return _shown(domain, _endpoint_of(request, domain))


@serves(api.UPDATE)
def update_endpoint(request: Request) -> None:
    """Change an endpoint (methods/endpoints/postEndpointsEndpointId)."""
    endpoint = _endpoint_of(request, domain_of(request))
    args = read(request, api.EndpointChange)
    _check_application(request, args.get("application_id"))
    _set(endpoint, args)


@serves(api.DELETE)
def delete_endpoint(request: Request) -> None:
    """Delete an endpoint (methods/endpoints/deleteEndpointsEndpointId)."""
    domain = domain_of(request)
    del domain.endpoints[_endpoint_of(request, domain).id]


@serves(_CREATE_TOKEN, _DELETE_TOKEN)
def token(request: Request) -> NoReturn:
    """Reject tokens of endpoints: no page says what they do."""
    raise RestRejection("not-emulated", "tokens of endpoints")


def _endpoint_of(request: Request, domain: Domain) -> Endpoint:
    # No page has a code of its own for it.
    return find(domain.endpoints, request.parameters["endpoint_id"], "resource-not-found")


def _check_application(request: Request, application_id: str | None) -> None:
    if application_id:
        application_of(request, application_id)


def _set(endpoint: Endpoint, args: api.NewEndpoint | api.EndpointChange) -> None:
    for name, value in args.items():
        setattr(endpoint, name, value)


def _shown(domain: Domain, endpoint: Endpoint) -> dict[str, Any]:
    realm = f"{domain.name}.{REALM}"
    return resource(
        api.Endpoint,
        endpoint,
        domain_id=domain.id,
        application_id=endpoint.application_id or None,
        sip_uri=f"sip:{endpoint.name}@{realm}",
        credentials=resource(api.EndpointCredentials, realm=realm, username=endpoint.name),
    )
