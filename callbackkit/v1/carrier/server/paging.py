"""Lists as replies: whole, or in pages that the Link header leads through."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.responses import Response

from callbackkit.carrier.server.pages import link_header, numbered_pages
from callbackkit.carrier.server.replies import json_reply
from callbackkit.v1.carrier.server.request import Request
from callbackkit.v1.resources.values import Paging

T = TypeVar("T")

SIZE = 25
"""Items on a page by default (methods/calls/getCalls)."""

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
