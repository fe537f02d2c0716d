"""One request to the API as its operations see it: no HTTP server beyond this and the replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from callbackkit.bxml.text import masked
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.server.bodies import decode_json
from callbackkit.carrier.server.rates import RateLimits
from callbackkit.rest import Operation

C = TypeVar("C", bound=Platform)


@dataclass(eq=False, slots=True)
class Request(Generic[C]):
    """A request.

    Parameters:
        carrier: what it is for.
        limits: the rate limits of the account.
        product: the prefix that the paths of one product of the API are below, "" for none.
        method: in capitals.
        path: decoded, as faults and rate limits name it: below the account's own path, if the
            platform has one.
        full_path: decoded, below the product's prefix.
        parameters: the variable parts of the path, decoded.
        query: the last value of each field; none if there are more than 100.
        headers: by their names in lower case.
        remote: the address it comes from.
        content: the body.
        operation: what it asks for, None if there is no such operation.
    """

    carrier: C
    limits: RateLimits
    product: str
    method: str
    path: str
    full_path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    remote: str
    content: bytes = field(default=b"", repr=False)
    operation: Operation | None = None

    @property
    def shown_path(self) -> str:
        """The path as journals and messages may show it."""
        return masked(self.path)[:200]

    def json(self) -> Any:
        """Return the JSON of the body, {} if there is no body. Raises UnreadableBody."""
        return decode_json(self.content, self.headers.get("content-type"))

    def fields(self) -> Any:
        """Return what the operation takes its arguments from: the JSON of the body, or the query
        without empty values. Raises UnreadableBody."""
        if self.operation is not None and self.operation.in_query:
            return {name: value for name, value in self.query.items() if value}
        return self.json()
