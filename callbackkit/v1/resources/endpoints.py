"""Endpoints: SIP clients that register with a password of their own."""

from typing import Annotated, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from callbackkit.models import Model
from callbackkit.rest import ArgumentRule, Flag, Name, Operation, at, checked
from callbackkit.v1.resources.values import Paging


def _is_password(value: str) -> bool:
    return len(value) >= 6 and all(ord(character) < 256 for character in value)


_Password: TypeAlias = Annotated[
    str,
    ArgumentRule(
        "is at least 6 characters, all of them Latin-1", (checked("password", _is_password),)
    ),
]


class EndpointCredentials(Model, frozen=True):
    """The credentials that an endpoint registers with (methods/endpoints/endpoints)."""

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


class _Settings(TypedDict, total=False):
    description: str | None
    application_id: str | None
    """The application that handles its calls; without one they are refused."""
    enabled: Flag | None
    """By default True."""


class NewEndpoint(_Settings):
    """A new endpoint (methods/endpoints/postEndpoints)."""

    name: Name
    """The user part of its SIP URI, once in a domain, never to change."""
    password: Annotated[_Password, at("credentials.password")]
    """At least 6 Latin-1 characters."""


class EndpointChange(_Settings, total=False):
    """Changes of an endpoint (methods/endpoints/postEndpointsEndpointId)."""

    password: Annotated[_Password | None, at("credentials.password")]
    """At least 6 Latin-1 characters."""


_ALL = "/users/{user_id}/domains/{domain_id}/endpoints"
_ONE = "/users/{user_id}/domains/{domain_id}/endpoints/{endpoint_id}"

LIST = Operation("endpoints.list", "GET", _ALL, Paging, Endpoint, paging="page")
GET = Operation("endpoints.get", "GET", _ONE, returns=Endpoint)
CREATE = Operation("endpoints.create", "POST", _ALL, NewEndpoint, created=GET)
UPDATE = Operation("endpoints.update", "POST", _ONE, EndpointChange, repeatable=True)
DELETE = Operation("endpoints.delete", "DELETE", _ONE)
