"""What a phone can do beside a call: texts, outgoing calls, faults, time, and what fails a test."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from callbackkit.errors import SetupError
from callbackkit.testing import Phone, PhoneFailure
from callbackkit.v1 import (
    DIALECT,
    AnswerEvent,
    App,
    Hangup,
    Record,
    Redirect,
    Reply,
    Response,
    SmsEvent,
    SpeakSentence,
    Transfer,
)

from .conftest import make_line

pytestmark = pytest.mark.anyio


async def test_a_text_is_answered_by_one(phone) -> None:
    await phone.text("+19195550100", "hello")

    reply = await phone.inbox.next()

    assert (reply.from_, reply.to, reply.text) == (
        "+19195550100",
        "+19195551212",
        "You said: hello",
    )
    assert [text.text for text in phone.inbox] == ["You said: hello"]


async def test_waiting_for_a_text_that_never_comes_fails(phone) -> None:
    await phone.text(None, "hello")
    await phone.inbox.next()

    with pytest.raises(PhoneFailure, match="no text is on its way to"):
        await phone.inbox.next(to="+19195550999")
    with pytest.raises(PhoneFailure, match=r"no text is on its way\n"):
        await phone.inbox.next()


async def test_work_after_the_reply_is_waited_for(phone) -> None:
    await phone.text(None, "later")

    assert (await phone.inbox.next()).text == "It is later."


async def test_receipts_come_for_what_is_delivered_and_what_is_not(phone) -> None:
    phone.faults.undelivered("+19195550666", 770)
    await phone.text(None, "one")
    await phone.text(None, "two", from_="+19195550666")
    await phone.settle()

    receipts = [d.fields for d in phone.carrier.deliveries if d.path == "/receipts"]
    assert [(r["deliveryState"], r["deliveryCode"]) for r in receipts] == [
        ("delivered", "0"),
        ("not-delivered", "770"),
    ]
    assert len(phone.inbox) == 1


async def test_the_app_calls_a_phone(phone, phone_app) -> None:
    await phone.text(None, "call")
    call = await phone.rings("+19195550122")

    await call.answer()
    await call.hears("press 2")
    await call.hang_up()

    assert call.callbacks.kinds == ["answer", "gather", "hangup"]
    assert phone_app.ended == ["NORMAL_CLEARING"]


async def test_behaviour_of_a_number_can_be_set(phone, phone_app) -> None:
    phone.is_busy("+19195550122")
    await phone.text(None, "call")
    phone.answers("+19195550122", after=3)
    await phone.text(None, "call")
    phone.declines("+19195550122")
    await phone.text(None, "call")
    await phone.wait(4)

    busy, answered, declined = phone.calls
    assert busy.ended.cause == "USER_BUSY"
    assert (answered.answered, answered.duration) == (True, 1.0)
    assert declined.ended.cause == "CALL_REJECTED"


async def test_waiting_for_a_ring_that_never_comes_fails(phone) -> None:
    with pytest.raises(PhoneFailure, match="no phone rings, and nothing is left"):
        await phone.rings()
    with pytest.raises(PhoneFailure, match=r"\+19195550199 does not ring, and nothing"):
        await phone.rings("+19195550199")


# What fails a test.


class Menuless(Exception):
    """There is no menu."""


def failing() -> App:
    app = App()

    @app.on(AnswerEvent)
    async def fail(call: AnswerEvent) -> Reply:
        raise Menuless("no menu today")

    return app


async def test_a_handler_that_raises_fails_the_test_with_its_traceback() -> None:
    with pytest.raises(PhoneFailure) as failed:
        async with Phone(failing()) as phone:
            await phone.call()

    text = str(failed.value)
    assert "handler-raised" in text
    assert 'raise Menuless("no menu today")' in text
    assert "test_phone.py" in text
    assert "callbackkit/app.py" not in text


async def test_an_error_that_is_allowed_or_that_nobody_asks_for_does_not() -> None:
    async with Phone(failing()) as phone:
        phone.allow("handler-raised")
        await phone.call()
    async with Phone(failing(), strict=False) as phone:
        await phone.call()
    assert [found.rule for found in phone.diagnostics] == ["handler-raised"]


async def test_an_exception_with_an_answer_is_no_failure() -> None:
    app = failing()

    @app.on_error(Menuless)
    async def answer(error: Menuless) -> Reply:
        return [SpeakSentence("Sorry.", voice="julie"), Hangup()]

    async with Phone(app) as phone:
        call = await phone.call()
        await call.hears("Sorry")

    assert phone.diagnostics == []


async def test_a_test_that_fails_by_itself_says_only_that() -> None:
    with pytest.raises(KeyError, match="my own"):  # noqa: PT012
        async with Phone(failing()) as phone:
            await phone.call()
            raise KeyError("my own")


async def test_a_fault_that_was_declared_is_none_of_the_apps(phone) -> None:
    phone.faults.status("/chosen", 500)
    call = await phone.call()
    await call.press("1")

    await call.ends()

    assert call.ended.at == 30.0
    assert [found.level for found in phone.diagnostics] == ["info"]


async def test_callbacks_by_post_are_the_mistake_of_the_first_day() -> None:
    with pytest.raises(PhoneFailure, match="set callbackHttpMethod to GET") as failed:
        async with Phone(make_line(), callback_http_method="POST") as phone:
            await phone.call()

    assert "bxml-on-post" in failed.value.sentence


@pytest.mark.parametrize(
    "options",
    [
        {"auth": ("user", "pass:w@rd")},
        {"public_url": "https://lines.example.com/bandwidth"},
        {"auth": ("user", "secret"), "public_url": "https://lines.example.com"},
    ],
)
async def test_documents_of_callbackkit_itself_have_no_findings(options) -> None:
    async with Phone(make_line(**options)) as phone:
        call = await phone.call()
        await call.press("3")
        await call.press("7#")
        await call.hears("You are 7")
        await call.ends()

    assert phone.diagnostics == []
    assert "secret" not in str(call)


async def test_urls_of_others_are_reported_and_never_fetched() -> None:
    app = App()

    @app.on(AnswerEvent)
    async def elsewhere(call: AnswerEvent) -> Response:
        from callbackkit.v1 import Redirect

        return Response(Redirect(request_url="https://user:secret@elsewhere.example/next"))

    with pytest.raises(PhoneFailure, match="external-url") as failed:
        async with Phone(app) as phone:
            await phone.call()

    assert "elsewhere.example/next" in str(failed.value)
    assert "secret" not in str(failed.value)


# Time.


def thinker() -> tuple[App, asyncio.Event, asyncio.Event]:
    """An app whose first handler is at work between two events: that it was asked, and is free."""
    app, asked, free = App(), asyncio.Event(), asyncio.Event()

    @app.on(AnswerEvent)
    async def think(call: AnswerEvent) -> Reply:
        asked.set()
        await free.wait()
        return [SpeakSentence("I have thought.", voice="julie"), Hangup()]

    return app, asked, free


async def test_a_handler_that_takes_its_time_takes_none_of_the_callers() -> None:
    app, asked, free = thinker()

    async with Phone(app) as phone:
        calling = asyncio.ensure_future(phone.call())
        await asked.wait()
        waiting = asyncio.ensure_future(phone.wait(60))
        for _ in range(10):
            await asyncio.sleep(0)
        assert phone.now == 0.0
        free.set()
        call = await calling
        await call.hears("I have thought")
        assert call.heard[0].start == 0.0
        await waiting
        assert phone.now == 60.0


async def test_a_handler_that_never_replies_is_named() -> None:
    app = App(deadline=None)

    @app.on(AnswerEvent)
    async def hang(call: AnswerEvent) -> Reply:
        await asyncio.get_running_loop().create_future()
        return Hangup()

    async with Phone(app, patience=0.05, strict=False) as phone:
        with pytest.raises(PhoneFailure, match=r"GET / answer has had no reply for 0\.05 s"):
            await phone.call()


async def test_an_app_starts_and_stops_with_its_phone() -> None:
    from contextlib import asynccontextmanager

    told: list[str] = []

    @asynccontextmanager
    async def lifespan(app: App):
        told.append("start")
        yield
        told.append("stop")

    app = App(lifespan=lifespan)
    async with Phone(app):
        assert told == ["start"]
    assert told == ["start", "stop"]


async def test_an_app_that_can_not_start_says_why() -> None:
    app = App()

    @app.on(SmsEvent)
    async def keep(sms: SmsEvent, db: httpx.Client) -> None: ...

    with pytest.raises(PhoneFailure, match="failed at startup"):
        async with Phone(app):
            pass


@pytest.mark.parametrize(
    ("app", "words"),
    [
        ("main:app", "takes an ASGI app, or an absolute URL"),
        (3, "takes an ASGI app or a URL, not int"),
    ],
)
def test_an_object_that_is_no_app_is_refused(app: object, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        Phone(app)


async def test_a_phone_is_used_within_its_block() -> None:
    phone = Phone(App())

    with pytest.raises(SetupError, match="async with"):
        await phone.call()


def test_a_phone_on_another_event_loop_says_so() -> None:
    entering = Phone(App()).__aenter__()

    with pytest.raises(SetupError, match="runs on asyncio"):
        entering.send(None)


@pytest.mark.parametrize(
    ("rules", "words"),
    [({"typeahed": "drop"}, "no rule 'typeahed'"), ({"typeahead": "keep"}, "'drop' or 'buffer'")],
)
def test_a_rule_that_does_not_exist_is_refused(rules: dict[str, str], words: str) -> None:
    with pytest.raises(SetupError, match=words):
        Phone(App(), rules=rules)


async def test_an_option_changes_what_the_carrier_does() -> None:
    async with Phone(make_line(), rules={"typeahead": "buffer"}) as phone:
        call = await phone.call()
        await call.press("3")
        await call.press("4", now=True)
        await call.press("2#", now=True)
        await call.hears("You are 42")

    assert phone.diagnostics == []


async def test_an_app_remembers_no_message_of_an_earlier_phone() -> None:
    app = App()
    got: list[str | None] = []

    @app.on(SmsEvent, direction="in")
    async def keep(sms: SmsEvent) -> None:
        got.append(sms.text)

    for text in ("one", "two"):
        async with Phone(app) as phone:
            phone.faults.duplicate("sms")
            await phone.text(None, text)

    assert got == ["one", "two"]


async def test_requests_have_the_state_of_the_lifespan() -> None:
    app = App()
    seen: list[str] = []

    @app.on(SmsEvent, direction="in")
    async def keep(sms: SmsEvent, request: Request) -> None:
        seen.append(request.state.name)

    @asynccontextmanager
    async def lifespan(host: Starlette) -> AsyncIterator[dict[str, str]]:
        async with app.lifespan(host):
            yield {"name": "database"}

    host = Starlette(routes=[*app.routes("/bandwidth")], lifespan=lifespan)
    async with Phone(host) as phone:
        await phone.text(None, "hello")

    assert seen == ["database"]


async def test_a_failure_at_the_apps_shutdown_is_raised() -> None:
    @asynccontextmanager
    async def lifespan(host: Starlette) -> AsyncIterator[None]:
        yield
        raise RuntimeError("the database is gone")

    app = App()
    host = Starlette(routes=[*app.routes("/bandwidth")], lifespan=lifespan)
    with pytest.raises(PhoneFailure, match="failed at shutdown"):
        async with Phone(host):
            pass


async def test_a_garbled_reply_that_a_test_declares_is_none_of_the_apps(phone) -> None:
    phone.faults.garbage_bxml("answer")
    await (await phone.call()).ends()

    [found] = [one for one in phone.diagnostics if one.rule == "invalid-bxml"]
    assert (found.level, found.place) == ("info", None)


async def test_a_url_elsewhere_is_one_error_which_can_be_allowed() -> None:
    app = App()

    @app.on(AnswerEvent)
    async def away(call: AnswerEvent) -> Reply:
        return Redirect(request_url="http://elsewhere.test/", request_url_timeout=1000)

    async with Phone(app) as phone:
        phone.allow("external-url")
        await (await phone.call()).ends()

    assert [one.rule for one in phone.diagnostics if one.level == "error"] == ["external-url"]


async def test_a_block_within_a_phones_block_leaves_it_open(phone) -> None:
    async with phone:
        await phone.call()
    assert (await phone.call()).answered


async def test_a_phone_has_one_life() -> None:
    phone = Phone(make_line())
    async with phone:
        pass
    with pytest.raises(SetupError, match="was in use before"):
        await phone.__aenter__()


async def test_time_goes_on_when_who_was_to_let_it_pass_is_cancelled() -> None:
    app, asked, free = thinker()

    async with Phone(app) as phone:
        calling = asyncio.create_task(phone.call())
        await asked.wait()
        calls = phone.calls

        async def until_heard() -> None:
            await phone.until(lambda: bool(calls[0].heard))
            second.cancel()  # to which the turn has just been given

        first = asyncio.create_task(until_heard())
        await asyncio.sleep(0)  # it is the one who lets time pass
        second = asyncio.create_task(phone.until(lambda: phone.now > 500))
        third = asyncio.create_task(phone.until(lambda: calls[0].ended is not None))
        asyncio.get_running_loop().call_later(0.01, free.set)
        async with asyncio.timeout(5):
            await asyncio.gather(calling, first, third)

    assert second.cancelled()
    assert calls[0].heard == ["I have thought."]


async def test_an_incoming_call_is_active_before_it_is_answered(phone) -> None:
    call = await phone.call()
    await call.hang_up()

    [incoming] = [d for d in phone.carrier.deliveries if d.event == "incomingcall"]
    assert incoming.fields["callState"] == "active"


async def test_an_event_without_a_handler_is_reported() -> None:
    async with Phone(App()) as phone:
        await phone.text(None, "hello")

    assert [(one.level, one.rule) for one in phone.diagnostics] == [("warning", "unhandled-event")]


async def test_what_a_verb_sends_and_nobody_takes_is_reported_and_found_by_the_crawl() -> None:
    app = App()

    @app.on(AnswerEvent)
    async def answered(call: AnswerEvent) -> Reply:
        return [
            Record(request_url="/recorded", transcribe=True, transcribe_callback_url="/text"),
            Transfer(transfer_to="+19195550777", request_url="/done"),
        ]

    async with Phone(app) as phone:
        phone.answers(stays=3)
        call = await phone.call()
        await call.speaks("hello")
        await call.ends()
        await phone.settle()
        crawled = await phone.explore()

    for found in (phone.diagnostics, crawled.findings):
        unhandled = [one.message for one in found if one.rule == "unhandled-event"]
        for event in (
            "recording at /recorded",
            "transcription at /text",
            "transferComplete at /done",
        ):
            assert sum(f"no handler took {event}:" in message for message in unhandled) == 1


async def test_a_declared_delay_past_the_timeout_is_none_of_the_apps(phone) -> None:
    phone.faults.slow("hangup", 30)
    call = await phone.call()
    await call.hang_up()
    await phone.settle()

    [found] = [one for one in phone.diagnostics if one.rule == "callback-failed"]
    assert found.level == "info"
    assert "took longer than 10 s" in found.message


async def test_the_environment_is_as_before_after_serving(monkeypatch) -> None:
    monkeypatch.delenv("BANDWIDTH_USER_ID", raising=False)
    monkeypatch.setenv("BANDWIDTH_API_TOKEN", "t-before")
    async with Phone(make_line(), serve=True):
        assert os.environ["BANDWIDTH_USER_ID"] == "u-carrier"

    assert "BANDWIDTH_USER_ID" not in os.environ
    assert os.environ["BANDWIDTH_API_TOKEN"] == "t-before"


async def test_a_start_without_verbs_is_dead_air_to_the_crawl() -> None:
    app = App()

    @app.on(AnswerEvent)
    async def silent(call: AnswerEvent) -> Reply:
        return Response()

    async with Phone(app, strict=False) as phone:
        found = await phone.explore()

    assert "dead-air" in [one.rule for one in found.findings]


async def test_each_call_of_the_app_is_given_once(phone) -> None:
    async with DIALECT.rest_client(phone.carrier, phone._session.rest) as client:
        for _ in range(2):
            await client.calls.create(from_="+19195550100", to="+19195550777")

    first, second = await phone.rings(), await phone.rings()

    assert first.id != second.id
    for call in (first, second):
        await call.decline()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"limit": "documented"},
            "the carrier of v1 has no option 'limit'; it has callback_http_method and limits",
        ),
        ({"limits": "none"}, "limits is 'off' or 'documented', not 'none'"),
    ],
)
def test_options_of_the_carrier_are_checked_at_once(options: dict[str, str], sentence: str) -> None:
    with pytest.raises(SetupError) as error:
        Phone(make_line(), **options)
    assert str(error.value) == sentence
