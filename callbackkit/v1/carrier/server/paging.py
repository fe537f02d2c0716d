"""Lists in pages, and the Link header that leads from one to the next."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from callbackkit.v1.carrier.server.asking import Request
from callbackkit.v1.carrier.server.replies import known, shown

T = TypeVar("T")

SIZE, MOST = 25, 1000
"""Items on a page by default, and at most (methods/calls/getCalls)."""


def paged(
    request: Request, resource: str, items: Sequence[T], show: Callable[[T], Mapping[str, Any]]
) -> Response:
    """The page of a list that is asked for by `page`, from 0, and `size`, 1 to 1000."""
    query = request.query(resource)
    page = query.whole("page", low=0) or 0
    size = query.whole("size", high=MOST) or SIZE
    last = max(0, -(-len(items) // size) - 1)
    pages = {"first": 0, "previous": page - 1, "next": page + 1, "last": last}
    links = {
        name: {**request.values, "page": str(number), "size": str(size)}
        for name, number in pages.items()
        if 0 <= number <= last and last > 0
    }
    return listed(request, items[page * size : (page + 1) * size], show, links)


def listed(
    request: Request,
    items: Sequence[T],
    show: Callable[[T], Mapping[str, Any]],
    links: Mapping[str, Mapping[str, str]] | None = None,
) -> Response:
    """Items as they are, with links to other pages: queries by their relation."""
    header = ", ".join(
        f'<{request.url}?{urlencode(query)}>; rel="{name}"' for name, query in (links or {}).items()
    )
    found = [known(show(item)) for item in items]
    return shown(found, headers={"link": header} if header else None)
