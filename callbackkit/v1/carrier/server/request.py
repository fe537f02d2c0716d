"""A request to the carrier of v1, and its fields."""

from typing import Any, TypeAlias

from callbackkit.carrier.server import request
from callbackkit.carrier.server.bodies import decode_json
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server.bodies import RequestFields

Request: TypeAlias = request.Request[Carrier]
Operations: TypeAlias = request.Operations[Carrier]


def body_of(request: Request, resource: str) -> RequestFields:
    """Return the fields of a body. Raises UnreadableBody, RestRejection."""
    return RequestFields.of(decode(request), resource)


def decode(request: Request) -> Any:
    """Return the JSON of a body. Raises UnreadableBody."""
    return decode_json(request.content, request.headers.get("content-type"))


def query_of(request: Request, resource: str) -> RequestFields:
    """Return the fields of a query; an empty value counts as missing."""
    return RequestFields({name: value for name, value in request.query.items() if value}, resource)
