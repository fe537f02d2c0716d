"""What the operations of v1 have in common: one line each, by what repeating them would do.

A path is a template: its names are arguments of the operation, and all other arguments are sent
under their names on the wire. A template without a leading "/" is below /users/{userId}/.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field

from callbackkit import client
from callbackkit.errors import ArgumentError
from callbackkit.models import Model, read
from callbackkit.v1.client.arguments import checked, fields, put

M = TypeVar("M", bound=Model)
T = TypeVar("T")

Arguments = Mapping[str, Any]
"""The `locals()` of an operation before it has set any of its own."""

# What is sent back. A callback URL may hold credentials: it is shown in no repr.
CallbackUrl = Annotated[str | None, Field(repr=False)]
SentHttpMethod = Annotated[
    # Written GET, read back as get.
    str | None, BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)
]


@dataclass(frozen=True)
class Created(Generic[T]):
    """What the platform has just created: its id, and the resource itself if you ask for it."""

    id: str
    _get: Callable[[], Awaitable[T]] = field(repr=False, compare=False)

    async def fetch(self) -> T:
        """The whole resource, by a second request."""
        return await self._get()


def last_segment(url: str | None) -> str | None:
    """The id or name at the end of a resource's URL: hosts and paths before it vary in samples."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return None
    return unquote(path.rstrip("/").rpartition("/")[2]) or None


# The call is still being set up and nothing was done: "retry your operation later" (errors).
_WAITS_FOR = frozenset({"call-unavailable"})


class Resource(client.Resource):
    """The base of the resources of v1."""

    name: ClassVar[str]
    """What messages call it: the attribute of the client."""

    def __init__(self, http: client.RestClient, user_id: str) -> None:
        super().__init__(http)
        self._user_id = user_id

    # Reading is harmless to repeat.

    async def _get(
        self, operation: Callable[..., Any], arguments: Arguments, path: str, model: type[M]
    ) -> M:
        where, query = self._wire(operation, arguments, path)
        return await self._client.fetch("GET", where, model, query=query, repeatable=True)

    def _pages(
        self,
        operation: Callable[..., Any],
        arguments: Arguments,
        path: str,
        model: type[M],
        style: Literal["link", "page"] = "page",
    ) -> client.Pages[M]:
        where, query = self._wire(operation, arguments, path)
        return self._client.pages(where, model, query=query, style=style)

    # An update that sets values, a stop and a deletion leave the same state however often they run.

    async def _set(
        self, operation: Callable[..., Any], arguments: Arguments, path: str, **constants: object
    ) -> None:
        where, body = self._wire(operation, arguments, path)
        body |= constants
        await self._client.call("POST", where, body=body, repeatable=True, waits_for=_WAITS_FOR)

    async def _delete(self, operation: Callable[..., Any], arguments: Arguments, path: str) -> None:
        where, _ = self._wire(operation, arguments, path)
        await self._client.call("DELETE", where, repeatable=True)

    # A repeated creation makes a second call, message or order, and a repeated action is heard
    # twice: the platform has no key that would tell it that both are one.

    async def _create(
        self,
        operation: Callable[..., Any],
        arguments: Arguments,
        path: str,
        get: Callable[[str], Awaitable[T]],
        constants: Mapping[str, object] = MappingProxyType({}),
    ) -> Created[T]:
        where, body = self._wire(operation, arguments, path)
        for name, value in constants.items():
            put(body, name, value)
        reply = await self._client.call(
            "POST", where, body=body, repeatable=False, waits_for=_WAITS_FOR
        )
        made = reply.location_id
        return Created(made, lambda: get(made))

    async def _do(self, operation: Callable[..., Any], arguments: Arguments, path: str) -> None:
        where, body = self._wire(operation, arguments, path)
        await self._client.call("POST", where, body=body, repeatable=False, waits_for=_WAITS_FOR)

    def _wire(
        self, operation: Callable[..., Any], arguments: Arguments, template: str
    ) -> tuple[str, dict[str, Any]]:
        """The path of a request, and what else it sends by its names on the wire."""
        name = f"{self.name}.{operation.__name__}"
        others = {key: value for key, value in arguments.items() if key != "self"}

        def segment(match: re.Match[str]) -> str:
            value = others.pop(match[1])
            # An empty segment would name the collection, and dots are resolved on the way.
            if not isinstance(value, str) or value.strip() in ("", ".", ".."):
                raise ArgumentError(
                    f"{name}: {match[1]} is a text that is not blank, nor only dots."
                )
            return client.segment(checked(operation, name, match[1], value))

        path = re.sub(r"\{(\w+)\}", segment, template)
        if not path.startswith("/"):
            path = f"/users/{client.segment(self._user_id)}/{path}"
        return path, fields(operation, name, others)

    def _items(self, reply: client.Reply, model: type[M]) -> tuple[M, ...]:
        """The list that a reply holds where no further page can follow."""
        data = reply.json()
        if not isinstance(data, list):
            raise reply.bad("the body isn't a list")
        try:
            return tuple(read(model, item) for item in data)
        except ValueError as error:
            problem = str(error)
        raise reply.bad(problem)
