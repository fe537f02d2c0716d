"""A request to the carrier of v1, and its fields."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from callbackkit.carrier.server import request
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server.bodies import RequestFields

Request: TypeAlias = request.Request[Carrier]
Served: TypeAlias = request.Served[Carrier]
Operations: TypeAlias = Mapping[str, Mapping[str, request.Serve[Carrier]]]


def body_of(request: Request, resource: str) -> RequestFields:
    """Return the fields of a body. Raises UnreadableBody, RestRejection."""
    return RequestFields.of(decode(request), resource)


def decode(request: Request) -> Any:
    return request.json()


def query_of(request: Request, resource: str) -> RequestFields:
    return RequestFields({name: value for name, value in request.query.items() if value}, resource)
