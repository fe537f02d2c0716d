"""The REST server of a platform of toy size: bearer tokens, two products with errors of their own
shapes, cursors in a header, and limits with Retry-After."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Required

import httpx
import pytest
from pydantic import Field
from typing_extensions import TypedDict

from callbackkit.carrier.ledger import Ledger
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.server.api_server import MAX_BODY, ApiServer
from callbackkit.carrier.server.arguments import WrongArgument, read_arguments
from callbackkit.carrier.server.pages import link_header, numbered_pages
from callbackkit.carrier.server.rates import Average, Rate, RateLimits
from callbackkit.carrier.server.rejections import Rejection, Template
from callbackkit.carrier.server.replies import Reply, created, json_reply, resource
from callbackkit.carrier.server.request import Request
from callbackkit.carrier.server.routing import routed
from callbackkit.carrier.server.serving import served_in, serves
from callbackkit.models import Model, Time
from callbackkit.rest import Flag, Name, Operation, whole

pytestmark = pytest.mark.anyio


class Letter(Model, frozen=True):
    id: str
    sent_to: str | None = None
    written_at: Time = None


class NewLetter(TypedDict, total=False):
    sent_to: Required[Name]
    copies: Annotated[int, whole(1, 5)] | None
    urgent: Flag | None
    word: Annotated[str, Field(max_length=4)] | None


class Cursor(TypedDict, total=False):
    after: Annotated[int, whole(0, None)] | None


LETTERS = "/{account}/letters"
LIST = Operation("letters.list", "GET", LETTERS, Cursor, Letter)
GET = Operation("letters.get", "GET", f"{LETTERS}/{{letter_id}}", returns=Letter)
WRITE = Operation("letters.write", "POST", LETTERS, NewLetter, created=GET)
BURN = Operation("letters.burn", "DELETE", GET.path)
LOOK_UP = Operation("lookup.get", "GET", "/names/{name}")


class Toy(Platform):
    ledger: ClassVar[Ledger] = Ledger()
    user_agent: ClassVar[str] = "Toy"

    def __init__(self) -> None:
        super().__init__()
        self.letters: dict[str, Any] = {}

    @property
    def own_number(self) -> str:
        return ""

    def dial(self, *args: Any, **kwargs: Any) -> Any: ...
    def text(self, party: str, number: str, text: str, media: Sequence[str] = ()) -> Any: ...
    def served_at(self, url: str) -> str:
        return url

    def environment(self) -> dict[str, str]:
        return {}

    def fields(self, event: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def on_failed(self, delivery: Any) -> None: ...
    def on_invalid_document(self, delivery: Any) -> None: ...
    def dropped(self, delivery: Any) -> None: ...
    def store(self, name: str, content: Any, content_type: str) -> None: ...
    def summary(self, body: bytes) -> str:
        return ""


class Refused(Rejection):
    templates: ClassVar[Mapping[str, Template]] = {
        "nowhere": Template(404, "missing", "nothing is here"),
        "verb": Template(405, "misuse", "${0} is not for this"),
        "body": Template(400, "misuse", "the body is wrong"),
        "broken": Template(500, "broken", "it broke"),
        "stranger": Template(401, "who", "who are you?"),
        "no-letter": Template(404, "missing", "there is no ${id} in ${place}, no ${id}"),
        "argument:kind": Template(400, "misuse", "${0} is of kind ${1}"),
        "busy": Template(429, "busy", None),
    }
    categories: ClassVar[Mapping[int, str]] = {0: "other", 404: "missing"}
    unknown_path = "nowhere"
    unknown_method = "verb"
    bad_body = "body"
    internal = "broken"


class Server(ApiServer[Toy]):
    rejection_class = Refused
    docs = "errors"

    def path_of(self, path: str) -> str:
        return path.removeprefix("/acme")

    def subject_of(self, request: Request[Toy]) -> str:
        return request.parameters.get("letter_id", "")

    def authorise(self, request: Request[Toy], scope: Any) -> None:
        if request.headers.get("authorization") != "Bearer t-1":
            raise Refused("stranger", headers={"www-authenticate": "Bearer"})

    def limit_of(self, request: Request[Toy]) -> str | None:
        return "lookups" if request.operation is LOOK_UP else None

    def error_body(self, rejection: Rejection, request: Request[Toy]) -> Any:
        if request.product == "/lookup":
            return {"errors": [{"code": rejection.code}]}
        reason = rejection.details.get("reason")
        return {"type": rejection.category, "description": rejection.message, "why": reason}


def wrong(problem: WrongArgument) -> Refused:
    return Refused("argument:kind", ".".join(problem.path), problem.kind, reason=problem.clause)


@serves(LIST)
def list_letters(request: Request[Toy]) -> Reply:
    after = read_arguments(Cursor, request.fields(), wrong).get("after") or 0
    letters = [*request.carrier.letters.values()]
    headers = {"next-token": str(after + 2)} if len(letters) > after + 2 else {}
    return json_reply([resource(Letter, one) for one in letters[after : after + 2]], 200, headers)


@serves(GET)
def get_letter(request: Request[Toy]) -> dict[str, Any]:
    letter_id = request.parameters["letter_id"]
    letter = request.carrier.letters.get(letter_id)
    if letter is None:
        raise Refused("no-letter", letter_id, "the post")
    return resource(Letter, letter, written_at=request.carrier.moment(0.0))


@serves(WRITE)
def write(request: Request[Toy]) -> Reply:
    given = read_arguments(NewLetter, request.fields(), wrong)
    letter = Letter(id=request.carrier.new_id("l"), sent_to=given["sent_to"])
    request.carrier.letters[letter.id] = letter
    return created(f"/mail/acme/letters/{letter.id}")


@serves(BURN)
def burn(request: Request[Toy]) -> None:
    del request.carrier.letters[request.parameters["letter_id"]]  # a mistake of ours if missing


@serves(LOOK_UP)
def look_up(request: Request[Toy]) -> dict[str, str]:
    return {"name": request.parameters["name"]}


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
async def http(toy: Toy) -> AsyncIterator[httpx.AsyncClient]:
    def exceeded(name: str, wait: float) -> Refused:
        return Refused("busy", headers={"retry-after": f"{wait:g}"})

    limits = RateLimits(toy, {"lookups": Rate(1, 4.0, 2)}, lambda: True, exceeded)
    server = Server(toy, lambda action, *args: action(*args), limits)
    mail = {LIST: list_letters, GET: get_letter, WRITE: write, BURN: burn}
    app = routed(server, {"/mail": mail, "/lookup": {LOOK_UP: look_up}}, with_slashes=["name"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://toy.test",
        headers={"authorization": "Bearer t-1"},
    ) as client:
        yield client


async def test_a_resource_is_created_read_and_deleted(http: httpx.AsyncClient, toy: Toy) -> None:
    body = {"sentTo": "Bob", "copies": "3", "urgent": "TRUE", "word": None, "unknown": {}}
    reply = await http.post("/mail/acme/letters", json=body)
    assert (reply.status_code, reply.content) == (201, b"")
    place = reply.headers["location"]
    assert (await http.get(f"{place}/")).json() == {
        "id": "l-000001",
        "sentTo": "Bob",
        "writtenAt": "2026-01-01T12:00:00.000Z",
    }
    assert (await http.delete(place)).status_code == 200
    assert toy.letters == {}


async def test_a_list_leads_to_its_next_page_by_a_header(http: httpx.AsyncClient) -> None:
    for name in "abc":
        await http.post("/mail/acme/letters", json={"sentTo": name})
    reply = await http.get("/mail/acme/letters?after=")
    assert ([one["sentTo"] for one in reply.json()], reply.headers["next-token"]) == (
        ["a", "b"],
        "2",
    )
    reply = await http.get("/mail/acme/letters?after=2")
    assert ([one["sentTo"] for one in reply.json()], "next-token" in reply.headers) == (
        ["c"],
        False,
    )


@pytest.mark.parametrize(
    ("body", "message", "clause"),
    [
        ({}, "sentTo is of kind missing", "is a text that is not blank"),
        ({"sentTo": " "}, "sentTo is of kind blank", "is a text that is not blank"),
        ({"sentTo": "b", "copies": 6}, "copies is of kind less_than_equal", "1 to 5"),
        ({"sentTo": "b", "copies": 1.5}, "copies is of kind int_type", "whole number"),
        ({"sentTo": "b", "urgent": "maybe"}, "urgent is of kind bool_type", "True or False"),
        ({"sentTo": "b", "word": "words"}, "word is of kind string_too_long", ""),
    ],
)
async def test_a_wrong_argument_is_named(
    body: Any, message: str, clause: str, http: httpx.AsyncClient, toy: Toy
) -> None:
    reply = await http.post("/mail/acme/letters", json=body)
    assert (reply.status_code, reply.json()["description"]) == (400, message)
    assert clause in reply.json()["why"]
    assert toy.letters == {}


async def test_each_product_has_its_errors(http: httpx.AsyncClient) -> None:
    reply = await http.get("/mail/acme/letters/l-9")
    assert reply.json() == {
        "type": "missing",
        "description": "there is no l-9 in the post, no l-9",
    }
    reply = await http.get("/lookup/nothing")
    assert (reply.status_code, reply.json()) == (404, {"errors": [{"code": "nowhere"}]})


async def test_strangers_learn_nothing(http: httpx.AsyncClient) -> None:
    for path in ("/mail/acme/letters", "/lookup/names/x", "/", "/elsewhere"):
        reply = await http.get(path, headers={"authorization": "Bearer t-2"})
        assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")


async def test_another_method_gets_the_allowed_ones(http: httpx.AsyncClient) -> None:
    reply = await http.put("/mail/acme/letters", content=b"x")
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, POST")
    assert reply.json()["description"] == "PUT is not for this"


@pytest.mark.parametrize(
    "content",
    [b"{", b"x" * (MAX_BODY + 1), b'{"a": NaN}', b"\xff"],
    ids=["cut", "big", "nan", "raw"],
)
async def test_a_body_that_can_not_be_read(content: bytes, http: httpx.AsyncClient) -> None:
    reply = await http.post("/mail/acme/letters", content=content)
    assert (reply.status_code, reply.json()["description"]) == (400, "the body is wrong")


async def test_a_limit_says_when_to_try_again(http: httpx.AsyncClient, toy: Toy) -> None:
    for _ in range(2):
        assert (await http.get("/lookup/names/a/b")).json() == {"name": "a/b"}
    reply = await http.get("/lookup/names/a/b")
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "4")
    assert reply.json() == {"errors": [{"code": "busy"}]}
    toy.scheduler.now = 4.0
    assert (await http.get("/lookup/names/a")).status_code == 200


async def test_declared_faults_come_first(http: httpx.AsyncClient, toy: Toy) -> None:
    toy.faults.rest("GET /letters/*", 410, "no-letter", times=1)
    reply = await http.get("/mail/acme/letters/l-7")
    assert (reply.status_code, reply.json()["description"][:15]) == (410, "there is no acm")
    toy.faults.rest("GET /letters", 503, "asleep")
    reply = await http.get("/mail/acme/letters")
    assert reply.json() == {
        "type": "other",
        "description": "The request was refused with asleep",
    }


async def test_a_mistake_of_ours_is_answered_and_noted(http: httpx.AsyncClient, toy: Toy) -> None:
    reply = await http.delete("/mail/acme/letters/l-7")
    assert (reply.status_code, reply.json()["type"]) == (500, "broken")
    [found] = toy.diagnostics
    assert (found.rule, found.subject, found.docs) == ("internal-error", "l-7", "errors")
    entry = next(entry for entry in toy.journal if entry.kind == "rest")
    assert dict(entry.data) == {"method": "DELETE", "path": "/letters/l-7", "status": 500}


# Parts


def test_an_average_counts_what_is_within_its_period() -> None:
    toy = Toy()
    limits = RateLimits(
        toy, {"letters": Average(2.0)}, lambda: True, lambda name, rate: Refused("busy", rate)
    )
    limits.take("letters")
    limits.take("letters")
    with pytest.raises(Refused):
        limits.take("letters")
    limits.take(None)


def test_pages_are_numbered_from_0() -> None:
    assert numbered_pages(5, 1, 2) == {"first": 0, "previous": 0, "next": 2, "last": 2}
    assert numbered_pages(5, 2, 2) == {"first": 0, "previous": 1, "last": 2}
    assert numbered_pages(2, 0, 2) == numbered_pages(0, 0, 2) == {}
    assert link_header("http://a/b", {"next": {"q": "ü&"}}) == {
        "link": '<http://a/b?q=%C3%BC%26>; rel="next"'
    }
    assert link_header("http://a/b", {}) == {}


def test_a_resource_shows_what_its_model_has() -> None:
    source = Letter(id="l-1", sent_to="Bob")
    assert resource(Letter, source, sent_to=None) == {"id": "l-1"}
    assert resource(Letter, id="l-2") == {"id": "l-2"}
    with pytest.raises(TypeError, match="Letter has no stamp"):
        resource(Letter, source, stamp=1)


def test_errors_quote_shortly_and_without_passwords() -> None:
    error = Refused("no-letter", "x" * 500, "http://bob:secret@app.test/")
    assert error.message is not None
    assert len(error.message) < 600
    assert "secret" not in error.message
    details = Refused("busy", details={"at": "http://bob:secret@app.test/"}).details
    assert "secret" not in json.dumps(details)


MODULE = """
from callbackkit.carrier.server.serving import serves
from callbackkit.rest import Operation

try:
    from {package}.a import WRITE
except ImportError:
    WRITE = Operation("letters.write", "POST", "/letters")

@serves(WRITE)
def write(request): ...
"""


def test_functions_are_found_in_the_modules_of_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for package, modules in {"served_once": ["a"], "served_twice": ["a", "b"]}.items():
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        for module in modules:
            (folder / f"{module}.py").write_text(MODULE.format(package=package))
    [(operation, serve)] = served_in(import_module("served_once")).items()
    assert (operation.name, serve.__module__) == ("letters.write", "served_once.a")
    with pytest.raises(AssertionError, match=r"letters\.write is served twice"):
        served_in(import_module("served_twice"))


def test_what_shares_a_path_and_method_has_one_function() -> None:
    same = Operation("letters.rewrite", "POST", LETTERS)
    with pytest.raises(AssertionError, match=r"letters\.write"):
        routed(None, {"": {WRITE: write, same: burn}})  # type: ignore[arg-type]
