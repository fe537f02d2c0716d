"""One request to the API as its operations see it: no HTTP server beyond this and the replies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from starlette.responses import Response

from callbackkit.bxml.text import masked
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.server.rates import RateLimits

C = TypeVar("C", bound=Platform)


@dataclass(eq=False, slots=True)
class Request(Generic[C]):
    """A request.

    Parameters:
        carrier: what it is for.
        limits: the rate limits of the account.
        method: in capitals.
        path: decoded, as faults and rate limits name it: below the account's own path, if the
            platform has one.
        full_path: decoded, from the root of the server.
        parameters: the variable parts of the path, decoded.
        query: the last value of each field; none if there are more than 100.
        headers: by their names in lower case.
        remote: the address it comes from.
        content: the body.
    """

    carrier: C
    limits: RateLimits
    method: str
    path: str
    full_path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    remote: str
    content: bytes = field(default=b"", repr=False)

    @property
    def shown_path(self) -> str:
        """The path as journals and messages may show it."""
        return masked(self.path)[:200]


Operation: TypeAlias = Callable[[Request[C]], Response]
"""Carries out a request at once. Raises Rejection."""
Operations: TypeAlias = Mapping[str, Mapping[str, Operation[C]]]
"""Operations by path and by method."""
