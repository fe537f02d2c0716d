"""Resources of a client: their methods send the operations that are declared."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from callbackkit.client.paging import Pages
from callbackkit.client.responses import ApiResponse, segment
from callbackkit.client.rest_client import RestClient
from callbackkit.errors import ArgumentError
from callbackkit.models import Model, wire_name
from callbackkit.rest import Operation

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True)
class Created(Generic[T]):
    """A resource that was just created: its id, and the resource itself by `fetch()`."""

    id: str
    _get: Callable[[], Awaitable[T]] = field(repr=False, compare=False)

    async def fetch(self) -> T:
        """Return the whole resource, by a second request. Raises ApiError."""
        return await self._get()


class Resource:
    """The base of a dialect's resources.

    Each method takes an operation, the variable parts of its path and its arguments, and raises
    ApiError, or ArgumentError before anything is sent.
    """

    def __init__(self, client: RestClient) -> None:
        self._client = client

    async def _fetch(self, operation: Operation[M], /, *ids: str, **arguments: Any) -> M:
        """Return the resource that an operation reads."""
        response = await self._send(operation, *ids, **arguments)
        assert operation.returns is not None
        return response.model(operation.returns)

    async def _fetch_all(
        self, operation: Operation[M], /, *ids: str, **arguments: Any
    ) -> tuple[M, ...]:
        """Return the resources of a list that has no further pages."""
        response = await self._send(operation, *ids, **arguments)
        assert operation.returns is not None
        return tuple(response.models(operation.returns))

    def _pages(
        self, operation: Operation[M], /, *ids: str, paging: str | None = None, **arguments: Any
    ) -> Pages[M]:
        """Return a list that comes in pages, in a style that is not the operation's if named."""
        path, query, _ = self._request(operation, ids, arguments)
        assert operation.returns is not None
        return self._client.pages(
            path,
            operation.returns,
            query=query,
            style=self._client.paging_styles[paging or operation.paging or ""],
            host=operation.host,
        )

    async def _create(self, operation: Operation[M], /, *ids: str, **arguments: Any) -> Created[M]:
        """Create a resource and return its id."""
        response = await self._send(operation, *ids, **arguments)
        created = response.location_id
        get = operation.created
        assert get is not None
        needed = sum(name not in self._client.path_values for name in get.path_names)
        place = (*ids, created)[-needed:]  # a new leg, for one, is not below the call it is made by
        return Created(created, lambda: self._fetch(get, *place))

    async def _send(self, operation: Operation[Any], /, *ids: str, **arguments: Any) -> ApiResponse:
        """Send an operation and return the response."""
        path, query, body = self._request(operation, ids, arguments)
        return await self._client.call(
            operation.method,
            path,
            query=query,
            body=body,
            repeatable=operation.repeatable,
            host=operation.host,
        )

    async def _send_list(
        self, operation: Operation[M], name: str, items: Sequence[Mapping[str, Any]]
    ) -> tuple[ApiResponse, tuple[M, ...]]:
        """Send an operation whose body is a list, and return the response and what is in it.

        `name` is what messages call the list.
        """
        takes = operation.takes
        assert takes is not None
        assert operation.returns is not None
        body = [
            takes.encode(f"{operation.name}: {name}[{number}]", item)
            for number, item in enumerate(items)
        ]
        response = await self._client.call(
            operation.method,
            operation.path.format_map(self._client.path_values),
            body=body,
            repeatable=operation.repeatable,
            host=operation.host,
        )
        return response, tuple(response.models(operation.returns))

    def _path(self, operation: Operation[Any], *ids: str) -> str:
        """Return the path of an operation that takes no arguments."""
        return self._request(operation, ids, {})[0]

    def _request(
        self, operation: Operation[Any], ids: tuple[str, ...], arguments: dict[str, Any]
    ) -> tuple[str, dict[str, Any] | None, dict[str, Any] | None]:
        """Return the path, the query and the body of a request. Raises ArgumentError."""
        parts = dict(self._client.path_values)
        ruled = () if operation.takes is None else operation.takes.names
        names = [name for name in operation.path_names if name not in parts]
        for name, value in zip(names, ids, strict=True):
            # An empty segment would name the collection, and dots are resolved on the way.
            if not isinstance(value, str) or value.strip() in ("", ".", ".."):
                raise ArgumentError(
                    f"{operation.name}: {name} is a text that is not blank, nor only dots."
                )
            parts[name] = segment(value)
            if name in ruled:
                arguments[name] = value
        sent = operation.encode(arguments)
        for name in names:
            if name in ruled:
                del sent[wire_name(name)]
        path = operation.path.format_map(parts)
        return (path, sent, None) if operation.in_query else (path, None, sent)
