"""Whatever is sent, the API answers in its documented shape, and the carrier goes on."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import APP, NUMBER, PARTY, Local, opened, shape_of

OPERATIONS = json.loads(
    (Path(__file__).parents[2] / "client" / "operations.json").read_text("utf-8")
)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"]
# What has a chance to be taken, by name; `populated` makes what the ids are of.
GOOD: dict[str, list[Any]] = {
    "userId": ["u-carrier"],
    "applicationId": ["a-000001", ""],
    "bridgeId": ["brg-000001"],
    "callId": ["c-000001", "c-000002", "c-000003"],
    "callEventId": ["ce-000003"],
    "gatherId": ["gtr-000001"],
    "conferenceId": ["conf-000001"],
    "memberId": ["member-000001"],
    "domainId": ["rd-000001"],
    "endpointId": ["re-000001"],
    "errorId": ["ue-000001"],
    "mediaName": ["a.wav", "new", "a/b"],
    "messageId": ["m-000001", "m-000002"],
    "numberId": ["n-000001", NUMBER],
    "recordingId": ["rec-000001", "rec-000002"],
    "transcriptionId": ["t-000001"],
    "number": [PARTY, "+12025550100"],
    "from": [NUMBER],
    "to": [PARTY, "sip:a@b"],
    "transferTo": [PARTY],
    "state": ["completed", "active", "rejected", "transferring", "transferring"],
    "callIds": [[], ["c-000001"], ["c-000001", "c-000003"]],
    "media": ["http://pictures.example/a.png"],
    "callbackHttpMethod": ["GET", "post"],
    "callTimeout": [1, "300"],
    "callbackTimeout": [1, "10000"],
    "credentials": [{"password": "123456"}],
    "dtmfOut": ["1,w2"],
    "areaCode": ["919"],
    "pattern": ["*1?"],
    "interDigitTimeout": [0, "2.5"],
    "sipHeaders": [{"X-One": "1"}],
    "receiptRequested": ["all"],
    "fileUrl": ["", APP, "http://sounds.example/a.wav"],
    "sentence": ["", "Hello"],
    "whisperAudio": [{"sentence": "Hello"}],
    "prompt": [{"sentence": "Hello", "loopEnabled": True}],
    "incomingCallUrl": [APP],
    "callbackUrl": [APP, "", "http://user:pw@app.test/hook?a=1#x"],
    "profile": ["passthru_digits"],
    "fromDateTime": ["2026-01-01"],
    "sortOrder": ["asc"],
    "size": ["1", "1000"],
    "quantity": ["1", "10"],
}
WORDS = [
    "", " ", "+1", "sip:", "sips:a@b", "http://", "http://[", "http://a:99999/",
    "http://\u00fc.example/\u2028", "//x", "javascript:1", "true", "false", "GET", "private", "wav",
    "c-000001", "conf-000001", "brg-000001", "a-000001", "\x00", "${0}", "%s", "../..", "9" * 40,
    "1e999", "-1", "0", "5", "30", "NaN", "2026-99-01", "\u0663", "\U0001f600", "A" * 300, "1,w#*",
    "*", "??", "[", "bandwidth-dashboard", "http://u:hidden-word@",
]  # fmt: skip

words = st.sampled_from(WORDS) | st.text(max_size=8)
scalars = (
    words
    | st.sampled_from(["\ud800", True, False, None])
    | st.integers(-5, 400)
    | st.integers()
    | st.floats(allow_nan=True)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(list(GOOD)) | words, inner, max_size=3)
    ),
    max_leaves=8,
)
flags = st.sampled_from([True, "false"])


def value_of(name: str) -> st.SearchStrategy[Any]:
    """A value for a property: in three of four cases one that may be taken."""
    good = st.sampled_from(GOOD[name]) if name in GOOD else st.sampled_from(["x", "5"]) | flags
    return st.integers(0, 3).flatmap(lambda die: values if die == 0 else good)


@st.composite
def bodies(draw: Any, names: list[str]) -> bytes:
    """A body of an operation's properties, or anything."""
    kind = draw(st.integers(0, 19))
    if kind == 0:
        return draw(st.binary(max_size=60))
    if kind == 1:
        return json.dumps(draw(values)).encode()
    body: Any = {}
    for name in {name.partition(".")[0] for name in names if name[0] != "["}:
        if draw(st.booleans()) or name in ("from", "to", "text", "name"):
            body[name] = draw(value_of(name))
    if any(name[0] == "[" for name in names):
        body = [{"from": NUMBER, "to": PARTY, "text": draw(value_of("text"))}, draw(values)]
    return json.dumps(body).encode()


@st.composite
def requests(draw: Any) -> tuple[str, str, dict[str, str], bytes, dict[str, str]]:
    operation = draw(st.sampled_from(OPERATIONS))
    method = operation["method"]
    if draw(st.integers(0, 19)) == 0:
        method = draw(st.sampled_from(METHODS))
    path = operation["path"]
    for name in re.findall(r"{(\w+)}", path):
        value = draw(st.sampled_from(GOOD[name]))
        if name != "userId" and draw(st.integers(0, 9)) == 0:
            value = draw(words | st.sampled_from(["..", "%", "\n", "x" * 3000]))
        path = path.replace(f"{{{name}}}", quote(value, safe="", errors="replace"))
    path = f"/v1{path}"
    if draw(st.integers(0, 29)) == 0:
        path = draw(st.just(f"{path}/") | st.text(max_size=8).map(lambda text: "/" + quote(text)))
    query = {
        name: str(draw(value_of(name))).encode("utf-8", "replace").decode()
        for name in operation["query"]
        if draw(st.integers(0, 3)) == 0
    }
    headers = {"content-type": "application/json"}
    if draw(st.integers(0, 29)) == 0:
        headers["content-type"] = draw(st.sampled_from(["text/plain", "\xff", "", "multipart/x"]))
    if draw(st.integers(0, 29)) == 0:
        headers["content-length"] = draw(st.sampled_from(["0", "5", "x", "-1", "9" * 25]))
    return method, path, query, draw(bodies(operation["body"])), headers


async def populated(local: Local) -> None:
    """Something of everything."""
    client = local.client
    await local.calls_out(recording_enabled=True)
    conference = await client.conferences.create(from_=NUMBER, callback_url=APP)
    call_id = await local.calls_out(conference_id=conference.id)
    await client.conferences.members.create(conference.id, call_id=call_id)
    await client.bridges.create(call_ids=["c-000001"])
    await client.calls.gather("c-000001")
    await local.dials()
    await client.messages.send(from_=NUMBER, to=PARTY, text="hi")
    await client.media.upload("a.wav", b"RIFF")
    domain = await client.domains.create(name="acme", description="x")
    await client.endpoints.create(domain.id, name="x", password="123456")


@given(
    several=st.lists(requests(), min_size=1, max_size=25),
    limits=st.sampled_from(["off", "documented"]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_answer_has_the_documented_shape(several: list[Any], limits: str) -> None:
    async def ask_all() -> None:
        async with opened() as local:
            await populated(local)
            local.carrier.limits = limits
            for method, path, query, content, headers in several:
                try:
                    url = httpx.URL("http://carrier.test" + path, params=query)
                    request = local.http.build_request(
                        method, url, content=content, headers=headers
                    )
                except (httpx.InvalidURL, UnicodeEncodeError):
                    continue  # no client would send it
                reply = await local.http.send(request, auth=("t-carrier", "s-carrier"))
                allowed = {200, 201, 202, 400, 401, 403, 404, 405, 409, 429, 501, 503}
                assert reply.status_code in allowed
                if method == "HEAD":
                    assert reply.content == b""
                elif reply.status_code >= 400:
                    problem = shape_of(reply)
                    assert problem["code"] != "internal-error"
                    assert (reply.status_code == 501) == (problem["code"] == "not-emulated")
                    assert (reply.status_code == 503) == (problem["code"] == "call-unavailable")
                    assert "s-carrier" not in reply.text
                    assert "hidden-word" not in reply.text
                    assert ":pw@" not in reply.text
            # Whatever was started goes on to its end.
            await local.wait(90)
            await local.driver.quiet()
            local.carrier.limits = "off"
            assert (await local.request("GET", "/account")).status_code == 200
            assert not [one for one in local.carrier.diagnostics if one.rule == "internal-error"]

    asyncio.run(ask_all())


@pytest.mark.anyio
async def test_a_body_that_never_ends_is_given_up(local: Local) -> None:
    sent: list[Any] = []
    count = 0

    async def receive() -> Any:
        nonlocal count
        count += 1
        return {"type": "http.request", "body": bytes(64 * 1024), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/users/u-carrier/calls",
        "headers": [(b"authorization", b"Basic dC1jYXJyaWVyOnMtY2Fycmllcg==")],
        "query_string": b"",
    }
    await local.api(scope, receive, send)
    assert sent[0]["status"] == 400
    assert count < 100


@pytest.mark.anyio
async def test_a_client_that_leaves_is_answered_nothing(local: Local) -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/users/u-carrier/calls",
        "headers": [(b"authorization", b"Basic dC1jYXJyaWVyOnMtY2Fycmllcg==")],
        "query_string": b"",
    }
    await local.api(scope, receive, send)
    assert local.carrier.calls == {}


@pytest.mark.anyio
async def test_a_websocket_is_closed(local: Local) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    for path in ("/v1/users/u-carrier/calls", "/"):
        await local.api({"type": "websocket", "path": path, "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"] * 2
