"""Lists as replies: filtered, whole, or in pages that the Link header leads through."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.responses import Response

from callbackkit.carrier.server.pages import link_header, numbered_pages
from callbackkit.carrier.server.replies import json_reply
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.request import Request
from callbackkit.v1.resources.values import Paging

T = TypeVar("T")

SIZE = 25
"""Items on a page by default (methods/calls/getCalls)."""

Links = Mapping[str, Mapping[str, str]]
"""The queries of other pages by their relation."""


def matches(thing: object, args: Mapping[str, object], *names: str) -> bool:
    """Return whether the attributes of a thing are those of a filter, by their names."""
    return all(name not in args or args[name] == getattr(thing, name) for name in names)


def paged(
    request: Request, items: Sequence[T], shown: Callable[[T], Mapping[str, Any]]
) -> Response:
    """Reply with the page that a request wants, as `shown` says, and links to the others."""
    args = read(request, Paging)
    page, size = args.get("page") or 0, args.get("size") or SIZE
    links = {
        name: {**request.query, "page": str(number), "size": str(size)}
        for name, number in numbered_pages(len(items), page, size).items()
    }
    return listed(request, map(shown, items[page * size : (page + 1) * size]), links)


def listed(
    request: Request, items: Iterable[Mapping[str, Any]], links: Links | None = None
) -> Response:
    """Reply with items, and with links to other pages."""
    url = f"{request.carrier.base_url}{quote(request.full_path, safe='/')}"
    return json_reply([*items], headers=link_header(url, links or {}))
