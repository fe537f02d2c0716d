"""Lists that come in pages: read one at a time, and only when somebody wants what is on it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Generic, Literal, TypeVar

from callbackkit.client.replies import Reply
from callbackkit.errors import BadReplyError
from callbackkit.models import Model, read

M = TypeVar("M", bound=Model)
Style = Literal["link", "page", "single"]

# Quoted parameters may hold commas and semicolons, and the URL may too.
_PARAMETER = r"""\s*;\s*[^\s=;,"]+\s*(?:=\s*(?:"[^"]*"|[^\s";,]*))?"""
_LINK = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")
_NAME_AND_VALUE = re.compile(r""";\s*([^\s=;,"]+)\s*(?:=\s*(?:"([^"]*)"|([^\s";,]*)))?""")


def next_link(header: str) -> str | None:
    """Where a Link header says that the next page is."""
    for url, parameters in _LINK.findall(header):
        for name, quoted, plain in _NAME_AND_VALUE.findall(parameters):
            if name.lower() == "rel" and "next" in (quoted or plain).lower().split():
                return str(url).strip()
    return None


class Pages(Generic[M]):
    """A list of the platform: `async for item in pages`, or a page at a time by `by_page()`.

    Nothing is requested before it is needed: stop, and no further page is asked for. Each iteration
    starts anew. Iterating raises ApiError.
    """

    def __init__(
        self,
        ask: Callable[[str], Awaitable[Reply]],
        first: Callable[[Mapping[str, Any]], str],
        follow: Callable[[str, str], str | None],
        model: type[M],
        query: Mapping[str, Any],
        style: Style,
    ) -> None:
        self._ask = ask
        self._first = first
        self._follow = follow
        self._model = model
        self._query = dict(query)
        self._style = style

    def __repr__(self) -> str:
        return f"<Pages of {self._model.__name__}>"

    async def __aiter__(self) -> AsyncIterator[M]:
        async for page in self.by_page():
            for item in page:
                yield item

    async def by_page(self) -> AsyncIterator[list[M]]:
        """The pages, each a list of its items; the last may be empty."""
        query = dict(self._query)
        if self._style == "page":
            query = {name: value for name, value in query.items() if value is not None}
            query = {"page": 0, "size": 25, **query}  # the platform's own defaults, to count by
        url = self._first(query)
        seen: set[str] = set()
        linked = False
        before = b""
        while True:
            seen.add(url)
            reply = await self._ask(url)
            items = self._items(reply)
            yield items
            link = next_link(reply.headers.get("link", ""))
            if link is not None:
                linked = True
                url = self._linked(reply, url, link)
                if url in seen:
                    raise reply.bad("its Link leads back to a page that was read")
            elif self._style == "page" and not linked and len(items) >= int(query["size"]):
                if reply.content == before:
                    raise reply.bad("it is the same as the page before it")
                before = reply.content
                query["page"] = int(query["page"]) + 1
                url = self._first(query)
            else:
                return

    def _linked(self, reply: Reply, url: str, link: str) -> str:
        found = self._follow(url, link)
        if found is None:
            # There the credentials would go.
            raise reply.bad("its Link leads to another server, which is not followed")
        return found

    def _items(self, reply: Reply) -> list[M]:
        data = reply.json()
        if not isinstance(data, list):
            raise reply.bad("the page isn't a list")
        problem: BadReplyError | None = None
        items = []
        for number, item in enumerate(data):
            try:
                items.append(read(self._model, item))
            except ValueError as error:
                problem = reply.bad(f"item {number} of the page: {error}")
                break
        if problem is not None:
            raise problem
        return items
