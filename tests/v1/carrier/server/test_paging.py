"""Lists in pages: by number, by Link, and all at once, as the client and the SDKs read them."""

import re
from typing import Any

import httpx
import pytest

from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio

NUMBER, PARTY = "+19195550100", "+19195551212"


async def calls(client: Client, count: int) -> list[str]:
    return [(await client.calls.create(from_=NUMBER, to=PARTY)).id for _ in range(count)]


def links(header: str) -> dict[str, dict[str, str]]:
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', header)
    return {name: dict(httpx.URL(url).params) for url, name in found}


async def test_pages_of_every_size(client: Client) -> None:
    ids = await calls(client, 53)
    assert [call.id async for call in client.calls.list(sort_order="asc")] == ids
    for size in (1, 26, 53, 54, 1000):
        pages = [
            [call.id for call in page]
            async for page in client.calls.list(size=size, sort_order="asc").by_page()
        ]
        assert [call_id for page in pages for call_id in page] == ids
        assert {len(page) for page in pages[:-1]} <= {size}
    last = [call.id async for call in client.calls.list(page=2, sort_order="asc")]
    assert last == ids[50:]


async def test_a_page_leads_to_the_others(local: Any, client: Client) -> None:
    await calls(client, 5)
    reply = await local.request("GET", f"/calls?to=%2B{PARTY[1:]}&size=2&page=1")
    header = reply.headers["link"]
    assert header.count(f"<{local.carrier.base_url}/users/u-carrier/calls?") == 4
    query = {"to": PARTY, "size": "2"}
    assert links(header) == {
        "first": {**query, "page": "0"},
        "previous": {**query, "page": "0"},
        "next": {**query, "page": "2"},
        "last": {**query, "page": "2"},
    }
    reply = await local.request("GET", "/calls?size=2&page=2")
    assert set(links(reply.headers["link"])) == {"first", "previous", "last"}
    assert len(reply.json()) == 1
    reply = await local.request("GET", "/calls?size=2&page=7")
    assert (reply.json(), set(links(reply.headers["link"]))) == ([], {"first", "last"})
    reply = await local.request("GET", "/calls?size=5")
    assert "link" not in reply.headers


async def test_a_link_keeps_the_query(local: Any, client: Client) -> None:
    await calls(client, 3)
    found = [call.to async for call in client.calls.list(to=PARTY, size=1)]
    assert found == [PARTY] * 3
    paths = [e.data["path"] for e in local.carrier.journal if e.kind == "rest"]
    assert paths[-3:] == ["/calls"] * 3


@pytest.mark.parametrize("wrong", ["page=-1", "page=x", "size=0", "size=1001", "size=1e3"])
async def test_wrong_pages(wrong: str, local: Any) -> None:
    assert (await local.error_of("GET", f"/calls?{wrong}"))[:2] == (400, "validation-error")


async def test_a_page_far_beyond_the_end(local: Any) -> None:
    reply = await local.request("GET", f"/calls?page={'9' * 19}")
    assert (reply.status_code, reply.json()) == (200, [])
