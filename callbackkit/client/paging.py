"""Lists that come in pages: each is read only when somebody wants what is on it."""

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from callbackkit.client.responses import ApiResponse
from callbackkit.models import Model

M = TypeVar("M", bound=Model)

# Quoted parameters may hold commas and semicolons, and the URL may too.
_PARAMETER = r"""\s*;\s*[^\s=;,"]+\s*(?:=\s*(?:"[^"]*"|[^\s";,]*))?"""
_LINK = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")
_NAME_AND_VALUE = re.compile(r""";\s*([^\s=;,"]+)\s*(?:=\s*(?:"([^"]*)"|([^\s";,]*)))?""")


def next_link(header: str) -> str | None:
    """Return the URL of the next page that a Link header names."""
    for url, parameters in _LINK.findall(header):
        for name, quoted, plain in _NAME_AND_VALUE.findall(parameters):
            if name.lower() == "rel" and "next" in (quoted or plain).lower().split():
                return str(url).strip()
    return None


@dataclass(frozen=True)
class PageRequest:
    """A request for a page: the path of the list with a query, or the link that a page had.

    `headers` are sent beside those of every request.
    """

    query: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class PagingStyle(ABC):
    """A way to get from one page to the next."""

    def first(self, query: Mapping[str, Any]) -> PageRequest:
        """Return the request for the first page of a list with this query."""
        return PageRequest(query)

    @abstractmethod
    def following(
        self, request: PageRequest, response: ApiResponse, items: int
    ) -> PageRequest | None:
        """Return the request for the page after one that has so many items, None after the last."""


class LinkedPages(PagingStyle):
    """The next page is where the Link header leads, and without one there is none (RFC 8288)."""

    def following(
        self, request: PageRequest, response: ApiResponse, items: int
    ) -> PageRequest | None:
        link = next_link(response.headers.get("link", ""))
        return None if link is None else PageRequest(link=link)


@dataclass(frozen=True)
class NumberedPages(LinkedPages):
    """The next page has the next number, until one is not full; a Link header goes before that.

    `page` and `size` are parameters of the query, with the platform's own defaults.
    """

    page: str
    size: str
    first_page: int
    default_size: int

    def first(self, query: Mapping[str, Any]) -> PageRequest:
        sent = {name: value for name, value in query.items() if value is not None}
        return PageRequest({self.page: self.first_page, self.size: self.default_size, **sent})

    def following(
        self, request: PageRequest, response: ApiResponse, items: int
    ) -> PageRequest | None:
        linked = super().following(request, response, items)
        if linked is not None or request.link is not None:
            return linked
        query = request.query
        if items < int(query[self.size]):
            return None
        return PageRequest({**query, self.page: int(query[self.page]) + 1})


class Pages(Generic[M]):
    """A list of the platform: `async for item in pages`, or a page at a time by `by_page()`.

    A page is requested when its first item is needed, and none after the last one that is. Each
    iteration starts anew. Iterating raises ApiError.
    """

    def __init__(
        self,
        ask: Callable[[str, Mapping[str, str]], Awaitable[ApiResponse]],
        url: Callable[[Mapping[str, Any]], str],
        follow: Callable[[str, str], str | None],
        model: type[M],
        query: Mapping[str, Any],
        style: PagingStyle,
    ) -> None:
        self._ask = ask
        self._url = url
        self._follow = follow
        self._model = model
        self._query = query
        self._style = style

    def __repr__(self) -> str:
        return f"<Pages of {self._model.__name__}>"

    async def __aiter__(self) -> AsyncIterator[M]:
        async for page in self.by_page():
            for item in page:
                yield item

    async def by_page(self) -> AsyncIterator[list[M]]:
        """Yield the pages, each a list of its items; the last may be empty."""
        request = self._style.first(self._query)
        url = self._url(request.query)
        read_before: set[str] = set()
        content: bytes | None = None
        while True:
            read_before.add(url)
            response = await self._ask(url, request.headers)
            items = response.models(self._model)
            yield items
            following = self._style.following(request, response, len(items))
            if following is None:
                return
            if following.link is not None:
                url = self._linked(response, url, following.link)
                if url in read_before:
                    raise response.bad("its Link leads back to a page that was read")
            else:
                if response.content == content:
                    raise response.bad("it is the same as the page before it")
                content = response.content
                url = self._url(following.query)
            request = following

    def _linked(self, response: ApiResponse, url: str, link: str) -> str:
        found = self._follow(url, link)
        if found is None:
            # There the credentials would go.
            raise response.bad("its Link leads to another server, which is not followed")
        return found
