"""Who is let in, what is refused and how, what a test can declare, and what the journal keeps."""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from callbackkit.carrier.transcript import transcript
from callbackkit.errors import (
    AuthenticationError,
    ForbiddenError,
    NotFoundError,
    RateLimitError,
    ServerError,
)
from callbackkit.v1.carrier import Carrier
from callbackkit.v1.carrier.account import MediaFile
from callbackkit.v1.carrier.server import rest_app
from callbackkit.v1.carrier.server.templates import TEMPLATES
from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio

NUMBER, PARTY = "+19195550100", "+19195551212"
DOCUMENTED = {
    (code, status, category, text)
    for code, status, category, text in json.loads(
        (Path(__file__).parent / "error_templates.json").read_text("utf-8")
    )
}


# Refusals


@pytest.mark.parametrize("key", sorted(TEMPLATES))
def test_every_error_of_the_server_is_documented(key: str) -> None:
    template = TEMPLATES[key]
    shape = (key.partition(":")[0], template.status, template.category, template.text)
    assert shape in DOCUMENTED


async def test_the_shape_of_an_error(local: Any) -> None:
    reply = await local.request("GET", "/calls/c-9/")
    assert reply.status_code == 404
    assert reply.json() == {
        "category": "not-found",
        "code": "call-not-found",
        "message": "The call c-9 could not be found",
        "details": [
            {"name": "callId", "value": "c-9"},
            {"name": "requestMethod", "value": "GET"},
            {"name": "remoteAddress", "value": "127.0.0.1"},
            {"name": "requestPath", "value": "users/u-carrier/calls/c-9"},
        ],
    }


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/", "/", "/v2/users/u-carrier/calls", "/v1/nothing", "/v1/users/u-carrier/x"],
)
async def test_a_path_that_leads_nowhere(path: str, local: Any) -> None:
    reply = await local.http.get(path)
    problem = reply.json()
    assert (reply.status_code, problem["code"]) == (404, "resource-not-found")
    assert problem["message"] == "The requested resource could not be found."


async def test_a_method_that_a_path_has_not(local: Any) -> None:
    reply = await local.request("DELETE", "/calls")
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, POST")
    assert reply.json()["code"] == "method-not-allowed"
    assert (await local.request("HEAD", "/calls")).status_code == 405


async def test_a_refusal_quotes_no_password(local: Any) -> None:
    for body in ({"callbackUrl": "ftp://bob:hidden-word@app.test"}, {"tag": 1}):
        whole = {"from": NUMBER, "to": PARTY, **body}
        assert "hidden-word" not in (await local.request("POST", "/calls", whole)).text
    reply = await local.request("GET", "/calls/http%3A%2F%2Fbob%3Ahidden-word%40app.test")
    assert "hidden-word" not in reply.text
    assert "hidden-word" not in str([entry.data for entry in local.carrier.journal])
    long = {"from": NUMBER, "to": "9" * 5000}
    assert len((await local.request("POST", "/calls", long)).text) < 1000


# Bodies


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"{}{}", "application/json"),
        (b'{"from": NaN}', "application/json"),
        (b'{"from": "\xff"}', "application/json"),
        (b'{"from": "\\ud800"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a": %s}' % (b"9" * 10_000), "application/json"),
        (b'"text"', "application/json"),
        (b"null", "application/json"),
        (b"{}", "text/plain"),
        (b"from=1&to=2", "application/x-www-form-urlencoded"),
        (b'{"text": "%s"}' % (b"x" * 1024 * 1024), "application/json"),
    ],
)
async def test_a_body_that_is_no_json_object(content: bytes, kind: str, local: Any) -> None:
    reply = await local.request("POST", "/calls", content, headers={"content-type": kind})
    problem = reply.json()
    assert (reply.status_code, problem["code"]) == (400, "validation-error")
    assert "reason" in {detail["name"] for detail in problem["details"]}


async def test_a_body_may_be_missing_and_its_type_too(local: Any) -> None:
    reply = await local.http.post("/v1/users/u-carrier/bridges")
    assert reply.status_code == 201
    reply = await local.http.post(
        "/v1/users/u-carrier/bridges", content=b'{"bridgeAudio": "false"}'
    )
    assert reply.status_code == 201


# Credentials


@pytest.mark.parametrize("auth", [None, ("t-carrier", "wrong"), ("x", "s-carrier"), ("", "")])
async def test_other_credentials_are_rejected(auth: Any, local: Any) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(local.api), base_url="http://carrier.test", auth=auth
    ) as http:
        for path in ("/v1/users/u-carrier/account", "/v1/nothing", "/"):
            reply = await http.get(path)
            assert reply.status_code == 401
            assert reply.headers["www-authenticate"].startswith("Basic ")
            assert reply.json()["category"] == "authentication"
    assert local.carrier.account.errors == {}


async def test_credentials_of_another_kind(local: Any) -> None:
    for header in ("Bearer t-carrier", "Basic", "Basic !!!", "Basic dDpz", ""):
        reply = await local.http.get(
            "/v1/users/u-carrier/account", headers={"authorization": header}, auth=None
        )
        assert reply.status_code in (200, 401)
    account = local.carrier.account
    account.token, account.secret = "t-other", "sécret"
    assert (await local.request("GET", "/account")).status_code == 401
    assert (await local.request("GET", "/account", auth=("t-other", "sécret"))).status_code == 200


async def test_another_user_is_not_ours(local: Any) -> None:
    client = local.carrier.account
    async with Client(
        "u-other",
        client.token,
        client.secret,
        base_url=local.carrier.base_url,
        transport=httpx.ASGITransport(local.api),
    ) as other:
        with pytest.raises(
            AuthenticationError, match="permission to access user u-other"
        ) as caught:
            await other.account.get()
    assert (caught.value.code, caught.value.category) == ("user-access-denied", "authorization")


# Faults that a test declares


async def test_declared_refusals(local: Any, client: Client) -> None:
    faults = local.carrier.faults
    faults.rest("POST /messages", 403, "insufficient-available-balance", times=1)
    with pytest.raises(ForbiddenError) as caught:
        await client.messages.send(from_=NUMBER, to=PARTY, text="x")
    assert caught.value.code == "insufficient-available-balance"
    await client.messages.send(from_=NUMBER, to=PARTY, text="x")
    faults.rest("GET /calls/*", 404, "call-not-found", times=1)
    with pytest.raises(NotFoundError, match="The call c-7 could not be found"):
        await client.calls.get("c-7")
    faults.rest("GET /availableNumbers/tollFree", 429, "rate-limit-reached")
    with pytest.raises(RateLimitError) as limited:
        [one async for one in client.available_numbers.search_toll_free()]
    assert limited.value.message is None
    faults.rest("GET /account", 500, "of-no-page")
    with pytest.raises(ServerError, match="refused with of-no-page"):
        await client.account.get()
    faults.rest("POST /calls", 403, "call-rate-limit")
    with pytest.raises(RateLimitError):
        await client.calls.create(from_=NUMBER, to=PARTY)
    assert local.carrier.calls == {}
    faults.clear()
    await client.calls.create(from_=NUMBER, to=PARTY)


async def test_a_fault_comes_before_all_else_but_credentials(local: Any) -> None:
    local.carrier.faults.rest("POST /calls", 503, "internal-error")
    assert (await local.error_of("POST", "/calls", b"{"))[0] == 503
    reply = await local.request("POST", "/calls", b"{", auth=("x", "y"))
    assert reply.status_code == 401


# The journal


async def test_requests_are_noted_without_what_they_say(local: Any, client: Client) -> None:
    call_id = await local.calls_out(callback_url=None)
    await client.calls.speak_sentence(call_id, "A secret")
    with pytest.raises(NotFoundError):
        await client.calls.get("c-9")
    await local.request("GET", "/messages?from=%2B15550001111", auth=("x", "y"))
    noted = [entry for entry in local.carrier.journal if entry.kind == "rest"]
    assert [(entry.subject, dict(entry.data)) for entry in noted] == [
        ("", {"method": "POST", "path": "/calls", "status": 201}),
        (call_id, {"method": "POST", "path": f"/calls/{call_id}/audio", "status": 200}),
        ("", {"method": "GET", "path": "/calls/c-9", "status": 404}),
        ("", {"method": "GET", "path": "/messages", "status": 401}),
    ]
    assert "<- POST /calls  201" in transcript(local.carrier)


async def test_what_follows_names_the_request_as_its_cause(local: Any, client: Client) -> None:
    created = await client.calls.create(from_=NUMBER, to=PARTY)
    request = next(entry for entry in local.carrier.journal if entry.kind == "rest")
    rings = next(e for e in local.carrier.journal.of(created.id) if e.kind == "rings")
    causes = []
    entry = rings
    while entry.cause is not None:
        entry = local.carrier.journal[entry.cause]
        causes.append(entry.id)
    assert request.id in causes


async def test_nothing_is_done_but_through_the_driver() -> None:
    carrier = Carrier()

    def act(action: Callable[..., Any], *args: Any) -> Any:
        raise RuntimeError("not now")

    account = asdict(carrier.account)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(rest_app(carrier, act)),
        base_url="http://carrier.test/v1/users/u-carrier",
        auth=("t-carrier", "s-carrier"),
    ) as http:
        for method, path, body in (
            ("POST", "/calls", {"from": NUMBER, "to": PARTY}),
            ("POST", "/messages", {"from": NUMBER, "to": PARTY, "text": "hi"}),
            ("POST", "/bridges", {}),
            ("POST", "/conferences", {"from": NUMBER}),
            ("PUT", "/media/a", {}),
            ("POST", "/domains", {"name": "a", "description": "b"}),
            ("DELETE", f"/phoneNumbers/{NUMBER}", None),
            ("POST", "/applications/a-000001", {"name": "x"}),
            ("GET", "/calls/c-9", None),
        ):
            reply = await http.request(method, path, json=body)
            assert (reply.status_code, reply.json()["code"]) == (503, "internal-error")
    assert asdict(carrier.account) == account
    assert (carrier.calls, carrier.messages, carrier.bridges, carrier.conferences) == ({},) * 4
    assert [entry.kind for entry in carrier.journal] == ["diagnostic"] * 9


# Mistakes of our own


async def test_a_mistake_in_the_carrier_is_answered_and_noted(
    other_local: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with other_local() as local:
        local.carrier.account.media["broken"] = MediaFile("broken", 5, "text/plain")  # type: ignore
        with caplog.at_level(logging.ERROR, logger="callbackkit"):
            status, code, message = await local.error_of("GET", "/media/broken")
        assert (status, code) == (503, "internal-error")
        assert message == "An error occurred handling the message"
        [found] = local.carrier.diagnostics
        assert (found.level, found.rule) == ("error", "internal-error")
        assert found.detail is not None
        assert re.search(r"AttributeError|TypeError", found.detail)
        assert "GET /media/broken failed" in caplog.text
        # The next request is served.
        await local.client.account.get()


async def test_a_mistake_in_what_follows_is_noted_too(other_local: Callable[..., Any]) -> None:
    async with other_local() as local:

        async def process() -> None:
            raise ZeroDivisionError

        local.carrier.scheduler.spawn(process(), "broken")
        assert (await local.error_of("GET", "/account"))[:2] == (503, "internal-error")
        assert [one.rule for one in local.carrier.diagnostics] == ["internal-error"]
        assert (await local.request("GET", "/account")).status_code == 200
