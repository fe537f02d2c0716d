"""What a platform may do otherwise: a token that expires, hosts of its own for some operations,
pages that are found by a header, errors of another shape.
"""

import time
from collections.abc import Collection, Mapping
from typing import Any, Unpack
from urllib.parse import parse_qs

import pytest
from typing_extensions import TypedDict

from callbackkit.client import (
    ApiResponse,
    Auth,
    Created,
    ErrorBody,
    PageRequest,
    Pages,
    PagingStyle,
    Resource,
    RestClient,
    Retry,
    SendOne,
    error_body,
)
from callbackkit.errors import (
    ApiError,
    AuthenticationError,
    ForbiddenError,
    SetupError,
)
from callbackkit.models import Model
from callbackkit.rest import Flag, Operation

pytestmark = pytest.mark.anyio


class Letter(Model, frozen=True):
    id: str


class NewLetter(TypedDict, total=False):
    sent_to: str | None
    urgent: Flag | None


GET = Operation("letters.get", "GET", "/{account}/letters/{letter_id}", returns=Letter)
WRITE = Operation(
    "letters.write", "POST", "/{account}/letters", NewLetter, created=GET, host="post"
)
LIST = Operation("letters.list", "GET", "/{account}/letters", returns=Letter, paging="token")


class Letters(Resource):
    def list(self) -> Pages[Letter]:
        return self._pages(LIST)

    async def get(self, letter_id: str) -> Letter:
        return await self._fetch(GET, letter_id)

    async def write(self, **letter: Unpack[NewLetter]) -> Created[Letter]:
        return await self._create(WRITE, **letter)


class Token(Auth):
    """A token for a while, which another server hands out for a name and a secret."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token, self.until = "", 0.0

    async def authorization(self, send: SendOne) -> str:
        if time.monotonic() >= self.until:
            headers = {"content-type": "application/x-www-form-urlencoded"}
            response = await send("POST", self.url, headers, b"grant=secret-of-mine")
            given = response.json()
            self.token, self.until = given["token"], time.monotonic() + given["seconds"]
        return f"Bearer {self.token}"

    def renew(self, rejected: str) -> bool:
        self.until = 0.0
        return True

    @property
    def secrets(self) -> Collection[str]:
        return ("secret-of-mine", self.token)


class Continued(PagingStyle):
    """The next page is asked for with a header that the page before had."""

    def following(
        self, request: PageRequest, response: ApiResponse, items: int
    ) -> PageRequest | None:
        token = response.headers.get("next-page")
        return None if token is None else PageRequest(request.query, headers={"this-page": token})


class PostOffice(RestClient):
    default_urls = {"": "https://office.example/api", "post": "https://post.example/v9"}
    paging_styles = {"token": Continued()}

    def __init__(self, base_url: str | Mapping[str, str], auth: Auth, **options: Any) -> None:
        super().__init__(base_url, auth, path_values={"account": "a/1"}, **options)
        self.letters = Letters(self)

    def error_body(self, response: ApiResponse) -> ErrorBody:
        return error_body(
            response.json_or_none(),
            code="type",
            message="description",
            details=("fieldErrors", "fieldName", "description"),
        )


class Office:
    """Answers like such a platform: with `tokens` it hands out and takes in turn."""

    def __init__(self, say: Any, *tokens: str, seconds: float = 3600) -> None:
        self.say, self.tokens, self.seconds = say, list(tokens), seconds
        self.paths: list[str] = []

    async def __call__(self, request: Any, connection: Any) -> None:
        self.paths.append(request.target)
        await self._reply(request)(request, connection)

    def _reply(self, request: Any) -> Any:
        reply = self.say.reply
        if request.target == "/v1/token":
            assert parse_qs(request.body.decode()) == {"grant": ["secret-of-mine"]}
            assert "authorization" not in request.headers
            return reply(200, {"token": self.tokens[0], "seconds": self.seconds})
        if request.headers["authorization"] != f"Bearer {self.tokens[-1]}":
            self.tokens.pop(0)
            return reply(401, {"type": "old", "description": request.headers["authorization"]})
        if request.method == "POST":
            return reply(201, location="/somewhere/l-1")
        if request.target.endswith("/letters"):
            page = int(request.headers.get("this-page", "0"))
            more = {"next_page": str(page + 1)} if page < 2 else {}
            return reply(200, [{"id": f"l-{page}"}], **more)
        return reply(200, {"id": request.target.rpartition("/")[2]})


@pytest.fixture
def office(server: Any, transport: Any) -> Any:
    def make(**options: Any) -> PostOffice:
        urls = {"": f"{server.url}/office", "post": f"{server.url}/post"}
        options = {"retry": Retry(tries=3, delay=0.01), "transport": transport, **options}
        return PostOffice(urls, Token(f"{server.url}/token"), **options)

    return make


async def test_one_token_is_requested_and_each_host_has_its_paths(
    server: Any, say: Any, office: Any
) -> None:
    answers = Office(say, "t-1")
    server.says(answers)
    async with office() as client:
        letter = await client.letters.write(sent_to="me", urgent=True)
        assert (await letter.fetch()).id == "l-1"
    assert answers.paths == [
        "/v1/token",
        "/v1/post/a%2F1/letters",
        "/v1/office/a%2F1/letters/l-1",
    ]
    assert server.requests[1].json == {"sentTo": "me", "urgent": True}


async def test_a_token_that_was_rejected_is_renewed_and_the_request_sent_again(
    server: Any, say: Any, office: Any
) -> None:
    answers = Office(say, "t-old", "t-new")
    server.says(answers)
    async with office() as client:
        seen: list[Any] = []
        client.observe(seen.append)
        assert (await client.letters.write(sent_to="me")).id == "l-1"  # which is no repetition
    assert [attempt.status for attempt in seen] == [200, 401, 200, 201]


async def test_a_token_that_stays_rejected_is_an_error_without_the_token_in_it(
    server: Any, say: Any, office: Any
) -> None:
    answers = Office(say, "t-first", "t-second", "t-third", "t-fourth")
    server.says(answers)
    async with office() as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.letters.get("l-1")
    assert (caught.value.code, caught.value.status) == ("old", 401)
    assert str(caught.value).endswith("401 old: Bearer [hidden]")
    assert len([path for path in answers.paths if path != "/v1/token"]) == 2


async def test_a_token_that_has_expired_is_renewed(server: Any, say: Any, office: Any) -> None:
    answers = Office(say, "t-1", seconds=0)
    server.says(answers)
    async with office() as client:
        await client.letters.get("l-1")
        await client.letters.get("l-2")
    assert answers.paths.count("/v1/token") == 2


@pytest.mark.parametrize("status", [400, 503])
async def test_without_a_token_nothing_is_sent(
    status: int, server: Any, say: Any, office: Any
) -> None:
    server.says(say.reply(status, {"type": "no", "description": "secret-of-mine"}))
    async with office() as client:
        with pytest.raises(ApiError, match=r"/v1/token: \d+ no: \[hidden\]") as caught:
            await client.letters.write(sent_to="me")
    assert {request.target for request in server.requests} == {"/v1/token"}
    assert not caught.value.maybe_executed


async def test_pages_that_a_header_leads_to(server: Any, say: Any, office: Any) -> None:
    server.says(Office(say, "t-1"))
    async with office() as client:
        assert [letter.id async for letter in client.letters.list()] == ["l-0", "l-1", "l-2"]


async def test_errors_of_another_shape(server: Any, say: Any, office: Any) -> None:
    answers = Office(say, "t-1")
    wrong = [{"fieldName": "sentTo", "description": "nobody"}]
    body = {"type": "refused", "description": "no such place", "fieldErrors": wrong}

    async def reply(request: Any, connection: Any) -> None:
        if request.target == "/v1/token":
            await answers(request, connection)
        else:
            await say.reply(403, body)(request, connection)

    server.says(reply)
    async with office() as client:
        with pytest.raises(ForbiddenError) as caught:
            await client.letters.get("l-1")
    error = caught.value
    assert (error.code, error.message) == ("refused", "no such place")
    assert error.details == {"sentTo": "nobody"}


Override = str | Mapping[str, str]


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ({}, "https://office.example/api, https://post.example/v9"),
        ({"post": "http://127.0.0.1:1/p/"}, "https://office.example/api, http://127.0.0.1:1/p"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1, http://127.0.0.1:1"),
    ],
)
def test_each_host_can_be_replaced(override: Override, shown: str) -> None:
    client = PostOffice(override, Token("http://127.0.0.1:1/token"))
    assert repr(client) == f"<PostOffice of {shown}>"


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(SetupError, match="a host 'voice', but there are only '' and 'post'"):
        PostOffice({"voice": "http://host"}, Token(""))
