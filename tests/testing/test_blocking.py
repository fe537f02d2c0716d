"""The kit in plain tests, and against a server over real HTTP."""

import os
from collections.abc import Callable

import httpx
import pytest

from callbackkit.errors import SetupError
from callbackkit.testing import Call, Phone, PhoneFailure, SyncPhone
from callbackkit.v1 import Client

from .conftest import make_line


def test_a_whole_call_without_a_coroutine() -> None:
    with SyncPhone(make_line()) as phone:
        call = phone.call()
        call.press("1")
        agent = call.rings("+19195550111")
        agent.answer()
        call.speaks("Hello?")
        agent.hears("Hello")
        agent.hang_up()

        assert agent.heard == ["A caller.", "Hello?"]
        assert call.ended is not None
        assert call.ended.cause == "NORMAL_CLEARING"
        assert call.callbacks.kinds[-1] == "hangup"
        assert "picks up" in phone.transcript


def test_failures_come_through() -> None:
    with SyncPhone(make_line()) as phone:
        call = phone.call()
        call.hang_up()
        with pytest.raises(PhoneFailure, match="hung up, but the call ended"):
            call.hang_up()


def test_a_finding_fails_the_test_when_the_phone_is_closed() -> None:
    with (
        pytest.raises(PhoneFailure, match="bxml-on-post"),
        SyncPhone(make_line(), callback_http_method="POST") as phone,
    ):
        phone.call()


def test_a_phone_is_used_within_its_block() -> None:
    with pytest.raises(SetupError, match="with SyncPhone"):
        SyncPhone(make_line()).call()


@pytest.mark.parametrize(
    ("clock", "speed"), [("virtual", 1.0), ("wall", 100.0)], ids=["virtual", "wall"]
)
def test_a_server_in_any_language_is_called_over_http(
    serve: Callable[..., str], clock: str, speed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER_ID", "API_TOKEN", "API_SECRET"):
        monkeypatch.setenv(f"BANDWIDTH_{name}", "of the server's own")
    url = serve(make_line(auth=("user", "pass:word"))).replace("://", "://user:pass%3Aword@")

    with SyncPhone(url, clock=clock, speed=speed) as phone:
        call = phone.call()
        call.press("3")
        call.press("42#")
        call.hears("You are 42")
        call.ends()

    assert phone.diagnostics == []
    assert "pass" not in phone.transcript
    assert call.callbacks.kinds == ["incomingcall", "answer", "gather", "gather", "hangup"]


def test_an_unreachable_server_is_an_error() -> None:
    with (
        pytest.raises(PhoneFailure, match="can't be reached"),
        SyncPhone("http://127.0.0.1:9/") as phone,
    ):
        phone.call()


@pytest.mark.anyio
async def test_a_script_finds_the_rest_api_in_the_environment() -> None:
    before = dict(os.environ)
    async with Phone(None, serve=True, numbers=["+19195550142"]) as phone:
        assert phone.rest_url == os.environ["CALLBACKKIT_BASE_URL"]
        async with Client() as client:
            await client.messages.send(from_="+19195550142", to="+19195550100", text="hi")
        assert (await phone.inbox.next()).text == "hi"
        async with httpx.AsyncClient() as anybody:
            assert (await anybody.get(f"{phone.rest_url}/users/u-carrier/calls")).status_code == 401
    assert dict(os.environ) == before


def test_the_plain_kit_has_all_that_the_other_has() -> None:
    with SyncPhone(make_line()) as phone:
        call = phone.call()
        pairs = [(Phone, phone), (Call, call)]
        missing = [
            f"{kit.__name__}.{name}"
            for kit, plain in pairs
            for name in dir(kit)
            if not name.startswith("_") and not hasattr(plain, name)
        ]
        call.hang_up()

        assert missing == []
        assert phone.explore(depth=1).calls > 0
