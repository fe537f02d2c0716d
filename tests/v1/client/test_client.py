"""The client itself: its credentials, what it repeats, and what it never tells anybody."""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest

from callbackkit.client import Retry
from callbackkit.errors import ApiError, ArgumentError, ForbiddenError, RateLimitError, SetupError
from callbackkit.v1.client import Client, Endpoint, Message, OutgoingMessage, Prompt, Whisper

pytestmark = pytest.mark.anyio

NUMBER, URL = "+19195551212", "https://app.example/callbacks"
VARIABLES = {
    "BANDWIDTH_USER_ID": "u-env",
    "BANDWIDTH_API_TOKEN": "t-env",
    "BANDWIDTH_API_SECRET": "s-env",
}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


# Credentials.


async def test_credentials_come_from_arguments_before_the_environment(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.answer({})
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    async with Client(base_url=platform.url) as client:
        await client.account.get()
    async with Client("u-2", secret="s-2", base_url=platform.url) as client:
        await client.account.get()
    first, second = platform.requests
    assert (first.path, first.headers["authorization"]) == (
        "/users/u-env/account",
        "Basic dC1lbnY6cy1lbnY=",  # t-env:s-env
    )
    assert (second.path, second.headers["authorization"]) == (
        "/users/u-2/account",
        "Basic dC1lbnY6cy0y",  # t-env:s-2
    )


@pytest.mark.parametrize(
    ("argument", "variable"), list(zip(("user_id", "token", "secret"), VARIABLES, strict=True))
)
def test_a_missing_credential_is_named(
    argument: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, "" if name == variable else value)
    with pytest.raises(SetupError, match=f"{argument}= or set {variable}"):
        Client()


def test_the_platform_is_the_default() -> None:
    client = Client("u-1", "t-1", "s-1")
    assert repr(client) == "<Client of u-1 at https://api.catapult.inetwork.com/v1>"


# What is repeated. The status 500 leaves open whether the platform has done it.


@pytest.mark.parametrize("status", [500, 503])
async def test_only_what_is_harmless_is_repeated(status: int, platform: Any) -> None:
    quick = Retry(tries=2, delay=0)
    async with Client("u-1", "t-1", "s-1", base_url=platform.url, retry=quick) as client:
        once: list[Any] = [
            lambda: client.calls.create(from_=NUMBER, to=NUMBER),
            lambda: client.calls.transfer("c-1", transfer_to=NUMBER),
            lambda: client.calls.update("c-1", state="transferring", transfer_to=NUMBER),
            lambda: client.calls.play_audio("c-1", URL),
            lambda: client.calls.speak_sentence("c-1", "hi"),
            lambda: client.calls.send_dtmf("c-1", "1"),
            lambda: client.calls.gather("c-1"),
            lambda: client.messages.send(from_=NUMBER, to=NUMBER, text="hi"),
            lambda: client.messages.send_many([OutgoingMessage(from_=NUMBER, to=NUMBER, text="a")]),
            client.bridges.create,
            lambda: client.bridges.play_audio("brg-1", URL),
            lambda: client.conferences.create(from_=NUMBER),
            lambda: client.conferences.members.create("conf-1", call_id="c-1"),
            client.available_numbers.order_toll_free,
            lambda: client.phone_numbers.order(number=NUMBER),
            lambda: client.applications.create(name="n", incoming_call_url=URL),
            lambda: client.domains.create(name="n", description="d"),
            lambda: client.endpoints.create("rd-1", name="n", password="123456"),
            lambda: client.transcriptions.create("rec-1"),
        ]
        again: list[Any] = [
            lambda: client.calls.get("c-1"),
            lambda: client.calls.hangup("c-1"),
            lambda: client.calls.stop_audio("c-1"),
            lambda: client.calls.stop_gather("c-1", "gtr-1"),
            lambda: client.conferences.update("conf-1", hold=True),
            lambda: client.conferences.members.update("conf-1", "member-1", mute=True),
            lambda: client.bridges.update("brg-1", call_ids=[]),
            lambda: client.applications.update("a-1", name="n"),
            lambda: client.applications.delete("a-1"),
            lambda: client.messages.redact("m-1"),
            lambda: client.media.upload("a.wav", b"sound"),
            lambda: client.media.delete("a.wav"),
        ]
        platform.answer({"category": "unavailable", "code": "internal-error"}, status)
        for calls, tries in ((once, 1), (again, 2)):
            for call in calls:
                platform.requests.clear()
                with pytest.raises(ApiError):
                    await call()
                assert len(platform.requests) == tries, platform.requests


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("call-rate-limit", 403),
        ("message-rate-limit", 403),
        ("message-rate-limit-overall", 403),
        ("message-rate-limit-per-tn", 403),
        ("call-unavailable", 503),
    ],
)
async def test_errors_that_pass_are_waited_out(code: str, status: int, platform: Any) -> None:
    refusal = {"category": "limit", "code": code, "message": "m"}
    platform.answer(refusal, status).then(None, 201, {"Location": "/v1/users/u-1/calls/c-1"})
    quick = Retry(delay=0)
    async with Client("u-1", "t-1", "s-1", base_url=platform.url, retry=quick) as client:
        assert (await client.calls.create(from_=NUMBER, to=NUMBER)).id == "c-1"
    assert len(platform.requests) == 2


async def test_other_errors_are_not_waited_out(client: Client, platform: Any) -> None:
    platform.answer({"category": "credit", "code": "insufficient-available-balance"}, 403)
    with pytest.raises(ForbiddenError):
        await client.calls.create(from_=NUMBER, to=NUMBER)
    assert len(platform.requests) == 1


@pytest.mark.parametrize(
    ("headers", "details"),
    [
        ({"X-RateLimit-Reset": "4102444800000"}, []),
        ({}, [{"name": "rateLimitResetTime", "value": "4102444800000"}]),
    ],
)
async def test_the_end_of_a_rate_limit_is_read_from_milliseconds(
    headers: dict[str, str], details: list[Any], client: Client, platform: Any
) -> None:
    body = {"category": "too-many-requests", "code": "rate-limit-reached", "details": details}
    platform.answer(body, 429, headers)
    with pytest.raises(RateLimitError) as caught:
        await client.account.get()
    assert caught.value.reset == datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("said", ["soon", "", "9" * 40])
async def test_an_unreadable_reset_is_none(said: str, platform: Any) -> None:
    platform.answer({"code": "rate-limit-reached"}, 429, {"X-RateLimit-Reset": said})
    once = Retry(tries=1)
    async with Client("u-1", "t-1", "s-1", base_url=platform.url, retry=once) as client:
        with pytest.raises(RateLimitError) as caught:
            await client.account.get()
    assert caught.value.reset is None


# What nobody is told.

TEXT, PASSWORD = "the-quick-message", "endpoint-pässword"
SECRETS = (
    "t-secret-token",
    "s-secret-secret",
    TEXT,
    PASSWORD,
    "dashboard-password",
    "dashboard-user",
    "9876#",
    "url-password",
)


async def test_nothing_private_is_in_an_exception_or_a_log(
    client: Client, platform: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook = "https://user:url-password@app.example"
    calls: list[Any] = [
        lambda: client.messages.send(from_=NUMBER, to=NUMBER, text=TEXT, callback_url=hook),
        lambda: client.messages.send_many([OutgoingMessage(from_=NUMBER, to=NUMBER, text=TEXT)]),
        lambda: client.calls.speak_sentence("c-1", TEXT),
        lambda: client.calls.send_dtmf("c-1", "9876#"),
        lambda: client.calls.gather("c-1", prompt=Prompt(sentence=TEXT)),
        lambda: client.endpoints.create("rd-1", name="n", password=PASSWORD),
        lambda: client.phone_numbers.import_number(
            number=NUMBER, account_id="a", user_name="dashboard-user", password="dashboard-password"
        ),
    ]
    for call in calls:
        sent = len(platform.requests)
        platform.answer({"category": "bad-request", "code": "validation-error"}, 400)
        with pytest.raises(ApiError):
            await call()
        # A platform that quotes what it was sent.
        body = platform.requests[sent].body.decode()
        platform.answer({"category": "bad-request", "code": "c", "message": "not: " + body}, 400)
        with pytest.raises(ApiError) as caught:
            await call()
        error = caught.value
        told = "".join(traceback.format_exception(error)) + repr(error) + str(error.message)
        assert not [secret for secret in SECRETS if secret in told + caplog.text], told


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.messages.send(from_=NUMBER, to=NUMBER, text=TEXT * 200),
        lambda c: c.messages.send(from_=TEXT, to=TEXT, text=TEXT),
        lambda c: c.calls.speak_sentence("c-1", TEXT * 200),
        lambda c: c.calls.send_dtmf("c-1", "9876#" * 50),
        lambda c: c.endpoints.create("rd-1", name="n", password=PASSWORD + "\u0416"),
        lambda c: c.calls.create(
            from_=NUMBER, to=NUMBER, callback_url="ftp://user:url-password@app.example"
        ),
    ],
)
async def test_an_error_quotes_no_text(call: Any, client: Client) -> None:
    with pytest.raises(ArgumentError) as caught:
        await call(client)
    assert not [secret for secret in SECRETS if secret in str(caught.value)]


async def test_nothing_private_is_in_a_repr(client: Client, platform: Any) -> None:
    hook = "https://user:url-password@app.example"
    platform.answer({"id": "a-1", "incomingCallUrl": hook, "incomingSmsUrl": hook})
    application = await client.applications.get("a-1")
    assert application.incoming_message_url == hook
    platform.answer({"id": "gtr-1", "digits": "9876#"})
    gather = await client.calls.get_gather("c-1", "gtr-1")
    platform.answer({"id": "t-1", "text": TEXT})
    transcription = await client.transcriptions.get("rec-1", "t-1")
    platform.answer({"id": "c-1", "whisperAudio": {"sentence": TEXT}, "fallbackUrl": hook})
    call = await client.calls.get("c-1")
    platform.answer({"id": "ce-1", "data": TEXT})
    event = await client.calls.event("c-1", "ce-1")
    shown = repr(
        [
            client,
            vars(client),
            application,
            gather,
            transcription,
            call,
            event,
            Message(id="m-1", text=TEXT, callback_url=hook),
            Endpoint.model_validate({"credentials": {"password": PASSWORD}}),
            OutgoingMessage(from_=NUMBER, to=NUMBER, text=TEXT, callback_url=hook),
            Prompt(sentence=TEXT),
            Whisper(sentence=TEXT, file_url=hook),
        ]
    )
    assert not [secret for secret in SECRETS if secret in shown]
