"""Lists as replies: whole, or in pages that the Link header leads through."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.responses import Response

from callbackkit.carrier.server.pages import link_header, numbered_pages
from callbackkit.carrier.server.replies import json_reply, without_none
from callbackkit.v1.carrier.server.request import Request, query_of

T = TypeVar("T")

SIZE, MAX_SIZE = 25, 1000
"""Items on a page by default, and at most (methods/calls/getCalls)."""


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
