"""Lists as replies: whole, or in pages that the Link header leads through."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.responses import Response

from callbackkit.carrier.server.pages import link_header, numbered_pages
from callbackkit.carrier.server.replies import json_reply, without_none
from callbackkit.v1.carrier.server.request import Request, query_of
from callbackkit.v1.resources.values import Paging

T = TypeVar("T")

SIZE = 25
"""Items on a page by default (methods/calls/getCalls)."""
MAX_SIZE = 1000

Links = Mapping[str, Mapping[str, str]]
"""The queries of other pages by their relation."""


def page_of(request: Request, given: Paging, items: Sequence[T]) -> tuple[Sequence[T], Links]:
    """Return the items of the page that a request wants, and links to the others."""
    page, size = given.get("page") or 0, given.get("size") or SIZE
    links = {
        name: {**request.query, "page": str(number), "size": str(size)}
        for name, number in numbered_pages(len(items), page, size).items()
    }
    return items[page * size : (page + 1) * size], links


def list_reply(
    request: Request, items: Iterable[Mapping[str, Any]], links: Links | None = None
) -> Response:
    """Reply with items, and with links to other pages."""
    url = f"{request.carrier.base_url}{quote(request.full_path, safe='/')}"
    return json_reply([*items], headers=link_header(url, links or {}))


def paged(
    request: Request, resource: str, items: Sequence[T], show: Callable[[T], Mapping[str, Any]]
) -> Response:
    """Reply with one page of a list: `page` of the query, from 0, of `size`, 1 to 1000."""
    query = query_of(request, resource)
    page = query.whole("page", low=0) or 0
    size = query.whole("size", high=MAX_SIZE) or SIZE
    links = {
        name: {**request.query, "page": str(number), "size": str(size)}
        for name, number in numbered_pages(len(items), page, size).items()
    }
    return listed(request, items[page * size : (page + 1) * size], show, links)


def listed(
    request: Request,
    items: Sequence[T],
    show: Callable[[T], Mapping[str, Any]],
    links: Mapping[str, Mapping[str, str]] | None = None,
) -> Response:
    """Reply with items as they are, and with links: queries of other pages by their relation."""
    url = f"{request.carrier.base_url}{quote(request.full_path, safe='/')}"
    found = [without_none(show(item)) for item in items]
    return json_reply(found, headers=link_header(url, links or {}))
