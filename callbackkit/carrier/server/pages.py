"""Lists in pages, and the Link header that leads from one to the next."""

from collections.abc import Mapping
from urllib.parse import urlencode

from callbackkit.carrier.server.replies import without_none


def numbered_pages(count: int, page: int, size: int) -> Mapping[str, int]:
    """Return the numbers of other pages, from 0, by their relation to `page`.

    `count` items make pages of `size`; there is none besides a single page.
    """
    last = max(0, -(-count // size) - 1)
    numbers = {"first": 0, "previous": page - 1, "next": page + 1, "last": last}
    return {name: number for name, number in numbers.items() if 0 <= number <= last and last > 0}


def link_header(url: str, queries: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return a Link header (RFC 8288) with queries of `url` by their relation, {} for none."""
    links = [f'<{url}?{urlencode(query)}>; rel="{name}"' for name, query in queries.items()]
    return without_none({"link": ", ".join(links) or None})
