"""Lists: every item once, no request too many, and no credentials to strangers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbackkit.client import LinkedPages, NumberedPages, RestClient
from callbackkit.client.paging import next_link
from callbackkit.errors import BadReplyError, ServerError
from callbackkit.models import Model, Time

pytestmark = pytest.mark.anyio

Make = Callable[..., RestClient]
LINKED = LinkedPages()
NUMBERED = NumberedPages("page", "size", first_page=0, default_size=25)


class Thing(Model, frozen=True):
    id: str
    made: Time = None


def things(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"t-{number}"} for number in numbers]


def asked(server: Any) -> list[dict[str, str]]:
    return [dict(parse_qsl(urlsplit(request.target).query)) for request in server.requests]


async def ids(pages: Any) -> list[str]:
    return [thing.id async for thing in pages]


async def test_pages_by_number_end_with_one_that_is_not_full(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200, things(1, 2)), say.reply(200, things(3, 4)), say.reply(200, []))
    async with make() as client:
        pages = client.pages("/things", Thing, query={"size": 2, "state": "a&b"}, style=NUMBERED)
        assert await ids(pages) == ["t-1", "t-2", "t-3", "t-4"]
    assert asked(server) == [
        {"page": str(number), "size": "2", "state": "a&b"} for number in range(3)
    ]


async def test_pages_by_number_begin_where_the_caller_says(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200, things(1)))
    async with make() as client:
        await ids(client.pages("/things", Thing, query={"page": 7, "size": None}, style=NUMBERED))
    assert asked(server) == [{"page": "7", "size": "25"}]


async def test_a_link_goes_before_a_number(server: Any, say: Any, make: Make) -> None:
    server.says(
        say.reply(200, things(1), link='</v1/things?cursor=%2B1%2C2>; rel="next"'),
        say.reply(200, things(*range(2, 27))),  # full, but the last link was followed
    )
    async with make() as client:
        assert len(await ids(client.pages("/things", Thing, style=NUMBERED))) == 26
    # aiohttp spells a URL its own way where it means the same.
    assert asked(server)[1] == {"cursor": "+1,2"}
    assert server.requests[1].headers["authorization"].startswith("Basic ")


async def test_links_are_followed_as_given(server: Any, say: Any, make: Make) -> None:
    root = server.url
    server.says(
        say.reply(200, things(1), link=f'<{root}/a>; rel="first", <{root}/b?x=a%20b>; rel="next"'),
        say.reply(200, things(2), link="<?x=2>;rel=next"),
        say.reply(200, things(3), link='<c>; title="a, <b>; rel=prev"; rel="last next"'),
        say.reply(200, things(4), link=f'<{root}/a>; rel="previous"'),
    )
    async with make() as client:
        found = await ids(client.pages("/things", Thing, query={"size": 1}, style=LINKED))
    assert found == ["t-1", "t-2", "t-3", "t-4"]
    assert [request.target for request in server.requests][:3] == [
        "/v1/things?size=1",
        "/v1/b?x=a%20b",
        "/v1/b?x=2",
    ]
    assert server.requests[3].target == "/v1/c"


async def test_a_page_is_requested_only_when_it_is_needed(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200, things(1, 2)), say.reply(200, things(3, 4)), say.reply(200, []))
    async with make() as client:
        pages = client.pages("/things", Thing, query={"size": 2}, style=NUMBERED)
        assert server.requests == []
        walk = aiter(pages)
        for count in (1, 1, 2, 2):
            await anext(walk)
            assert len(server.requests) == count
        async for page in pages.by_page():
            assert [thing.id for thing in page] == ["t-1", "t-2"] or page == []
            break
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "link",
    [
        "http://other.example/v1/things",
        "//other.example/v1/things",
        "http://127.0.0.1:1/v1/things",
        "https://127.0.0.1/v1/things",
        "http://user:password@{host}/v1/things",
        "http://{host}@other.example/",
        "http://other.example\\\\@{host}/",
        "ftp://{host}/",
        "http://[",
        "javascript:alert(1)",
    ],
)
async def test_credentials_go_to_no_other_server(
    link: str, server: Any, say: Any, make: Make
) -> None:
    link = link.format(host=urlsplit(server.url).netloc)
    server.says(say.reply(200, things(1), link=f'<{link}>; rel="next"'))
    async with make() as client:
        with pytest.raises(BadReplyError, match="another server"):
            await ids(client.pages("/things", Thing, style=LINKED))
    assert len(server.requests) == 1


@pytest.mark.parametrize("link", ["/v1/things", "?", "/v1/b"])
async def test_a_link_that_leads_back_ends_it(link: str, server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200, things(1), link=f'<{link}>; rel="next"'))
    async with make() as client:
        with pytest.raises(BadReplyError, match="back to a page"):
            await ids(client.pages("/things", Thing, style=LINKED))
    assert len(server.requests) <= 2


async def test_a_server_that_ignores_the_number_ends_it(server: Any, say: Any, make: Make) -> None:
    server.says(say.reply(200, things(1, 2)))
    async with make() as client:
        with pytest.raises(BadReplyError, match="same as the page before"):
            await ids(client.pages("/things", Thing, query={"size": 2}, style=NUMBERED))


async def test_a_page_is_retried_and_errors_name_no_query(
    server: Any, say: Any, make: Make
) -> None:
    server.says(say.cut(), say.reply(200, things(1), link="<?number=%2B19195551212>; rel=next"))
    server.steps.append(say.reply(500))
    async with make() as client:
        with pytest.raises(ServerError) as caught:
            await ids(client.pages("/things", Thing, query={"number": "+1919"}, style=LINKED))
    assert caught.value.path == "/things"
    assert "1919" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[{", "isn't JSON"),
        (b"", "is empty"),
        (b'{"id": "t"}', "isn't a list"),
        (b'[{"id": "t"}, 3]', "item 1"),
        (b'[{"name": "hidden words"}]', "item 0 of the page: Thing has no id"),
    ],
)
async def test_a_malformed_page_is_a_bad_reply_error(
    body: bytes, says: str, server: Any, say: Any, make: Make
) -> None:
    server.says(say.reply(200, body))
    async with make() as client:
        with pytest.raises(BadReplyError, match=says) as caught:
            await ids(client.pages("/things", Thing, style=LINKED))
    assert "hidden words" not in str(caught.value)


async def test_an_odd_field_of_an_item_costs_only_itself(
    server: Any, say: Any, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    items = [{"id": 7, "made": 1479308598680, "new": 1}, {"id": "t-2", "made": "yesterday"}]
    server.says(say.reply(200, items))
    async with make() as client:
        one, two = [thing async for thing in client.pages("/t", Thing, style=LINKED)]
    assert (one.id, one.made.year, one.new) == ("7", 2016, 1)
    assert two.made is None
    assert "a Thing has a made that can't be read" in caplog.text


@given(st.text(st.sampled_from('<>;,="\\ \tarelnxt/?'), max_size=40))
def test_any_link_header_can_be_read(header: str) -> None:
    found = next_link(header)
    assert found is None or f"<{found}" in header.replace(" ", "") or found in header


def test_a_link_header_is_read_in_linear_time() -> None:
    for evil in ("<" * 50_000, "<a>" + "; " * 50_000, "<a>;" + "x=" * 50_000, "<a>;a=" * 20_000):
        next_link(evil)
