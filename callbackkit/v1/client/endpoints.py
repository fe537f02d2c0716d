"""Endpoints: SIP clients that register with a password of their own."""

from functools import partial
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import Field

from callbackkit.client import Pages
from callbackkit.models import Model
from callbackkit.v1.client.arguments import Name, Page, Rule, Size, Wire
from callbackkit.v1.client.resource import Created, Resource


def _is_password(value: Any) -> bool:
    if not isinstance(value, str) or len(value) < 6:
        return False
    return all(ord(character) < 256 for character in value)


_Password: TypeAlias = Annotated[
    str,
    Rule("is at least 6 characters, all of them Latin-1", _is_password),
    Wire("credentials.password"),
]


class EndpointCredentials(Model, frozen=True):
    """What an endpoint registers with (methods/endpoints/endpoints)."""

    realm: str | None = None
    username: str | None = None
    password: Annotated[str | None, Field(repr=False)] = None
    """In the documented table, but never sent in a sample."""


class Endpoint(Model, frozen=True):
    """A SIP endpoint (methods/endpoints/endpoints)."""

    id: str | None = None
    """re-...; missing in the documented samples."""
    name: str | None = None
    """The user part of its SIP URI."""
    description: str | None = None
    domain_id: str | None = None
    application_id: str | None = None
    enabled: bool | None = None
    sip_uri: str | None = None
    """With or without "sip:" before it."""
    credentials: EndpointCredentials | None = None


_ENDPOINTS = "domains/{domain_id}/endpoints"
_ENDPOINT = f"{_ENDPOINTS}/{{endpoint_id}}"


class Endpoints(Resource):
    """client.endpoints"""

    name: ClassVar[str] = "endpoints"

    def list(
        self, domain_id: str, *, page: Page | None = None, size: Size | None = None
    ) -> Pages[Endpoint]:
        """The endpoints of a domain.

        `page` counts from 0; `size` is 1 to 1000 items a request, by default 25.
        Raises ArgumentError. (methods/endpoints/getEndpoints)
        """
        return self._pages(Endpoints.list, locals(), _ENDPOINTS, Endpoint)

    async def create(
        self,
        domain_id: str,
        *,
        name: Name,
        password: _Password,
        description: str | None = None,
        application_id: str | None = None,
        enabled: bool | None = None,
    ) -> Created[Endpoint]:
        """A new endpoint.

        `name`: the user part of its SIP URI, once in a domain, never to change. `password`: at
        least 6 Latin-1 characters. `application_id`: what handles its calls; without one they are
        refused. `enabled`: by default yes. Raises ArgumentError. (methods/endpoints/postEndpoints)
        """
        return await self._create(
            Endpoints.create, locals(), _ENDPOINTS, partial(self.get, domain_id)
        )

    async def get(self, domain_id: str, endpoint_id: str) -> Endpoint:
        """An endpoint, without its password. Raises NotFoundError.
        (methods/endpoints/getEndpointsEndpointId)
        """
        return await self._get(Endpoints.get, locals(), _ENDPOINT, Endpoint)

    async def update(
        self,
        domain_id: str,
        endpoint_id: str,
        *,
        description: str | None = None,
        application_id: str | None = None,
        enabled: bool | None = None,
        password: _Password | None = None,
    ) -> None:
        """Change an endpoint. The arguments are those of `create`.

        Raises ArgumentError, NotFoundError. (methods/endpoints/postEndpointsEndpointId)
        """
        await self._set(Endpoints.update, locals(), _ENDPOINT)

    async def delete(self, domain_id: str, endpoint_id: str) -> None:
        """Delete an endpoint. Raises NotFoundError.
        (methods/endpoints/deleteEndpointsEndpointId)
        """
        await self._delete(Endpoints.delete, locals(), _ENDPOINT)
