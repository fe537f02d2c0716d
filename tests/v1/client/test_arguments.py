"""What the platform would refuse in any case is refused before anything is sent."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from callbackkit.errors import ArgumentError, CallbackkitError
from callbackkit.rest import Operation, operations_in
from callbackkit.v1 import resources
from callbackkit.v1.client import Client, OutgoingMessage, Prompt, Whisper

pytestmark = pytest.mark.anyio

NUMBER, URL = "+19195551212", "https://app.example/callbacks"


def calling(**given: Any) -> Callable[[Client], Any]:
    return lambda client: client.calls.create(**{"from_": NUMBER, "to": NUMBER, **given})


def sending(**given: Any) -> Callable[[Client], Any]:
    return lambda client: client.messages.send(
        **{"from_": NUMBER, "to": NUMBER, "text": "hi", **given}
    )


def searching(**given: Any) -> Callable[[Client], Any]:
    return lambda client: client.available_numbers.search_local(**given)


def gathering(**given: Any) -> Callable[[Client], Any]:
    return lambda client: client.calls.gather("c-1", **given)


def applying(**given: Any) -> Callable[[Client], Any]:
    return lambda client: client.applications.create(
        **{"name": "n", "incoming_call_url": URL, **given}
    )


def joining(password: str) -> Callable[[Client], Any]:
    return lambda client: client.endpoints.create("rd-1", name="n", password=password)


REFUSED: list[tuple[Callable[[Any], Any], str]] = [
    (calling(call_timeout=301), "calls.create: call_timeout is .* 1 to 300 seconds, not 301"),
    (calling(call_timeout=0), "call_timeout"),
    (calling(call_timeout=True), "call_timeout"),
    (calling(call_timeout="60"), "call_timeout"),
    (calling(callback_timeout=10_001), "callback_timeout is .* 1 to 10000 milliseconds"),
    (calling(callback_timeout=float("nan")), "callback_timeout"),
    (calling(from_="9195551212"), "from_ is a telephone number in E.164 form"),
    (calling(from_="sip:a@b"), "from_"),
    (calling(to="sips:a@b"), 'to is .* or a "sip:" URI'),
    (calling(to=" +19195551212"), "to is"),
    (calling(to=""), "to is"),
    (calling(callback_url="/callbacks"), "callback_url is an absolute http or https URL"),
    (calling(callback_url="https://a.example/x?code=12#34"), 'in which "#" is written %23'),
    (calling(callback_url="https://a.example/100%"), '"%" itself %25'),
    (calling(callback_url="ftp://a/b"), "callback_url"),
    (calling(callback_url=""), "callback_url"),
    (calling(fallback_url="http://[/"), "fallback_url"),
    (calling(callback_http_method="PUT"), "callback_http_method is GET or POST, not PUT"),
    (calling(recording_max_duration=0), "recording_max_duration"),
    (calling(recording_file_format="ogg"), "recording_file_format is wav or mp3, not ogg"),
    (calling(sip_headers={f"X-{n}": "" for n in range(6)}), "sip_headers is .* 5 headers at most"),
    (calling(sip_headers={"Y": "1"}), 'start with "X-"'),
    (calling(sip_headers={"X-A": "v" * 257}), "256"),
    (calling(sip_headers={"X-" + "a" * 255: "v"}), "256"),
    (calling(sip_headers=["X-A"]), "sip_headers"),
    (sending(text="x" * 2049), "messages.send: text is a text of 2048 characters at most"),
    (sending(text=" "), "messages.send takes a text that is not blank"),
    (sending(text=""), "text"),
    (sending(text=b"hi"), "text"),
    (sending(to="someone"), "to is"),
    (sending(media="picture.png"), "media is an http or https URL, or a list of them"),
    (sending(media=[]), "media"),
    (sending(media=[URL, "x"]), "media"),
    (sending(media=URL, receipt_requested="all"), "receipt_requested or media, not both"),
    (sending(receipt_requested="some"), "receipt_requested is none, error or all"),
    (lambda c: c.messages.send_many([]), "messages.send_many: messages is a list of 1 to 50"),
    (
        lambda c: c.messages.send_many([OutgoingMessage(from_=NUMBER, to=NUMBER, text="hi")] * 51),
        "not 51",
    ),
    (
        lambda c: c.messages.send_many(
            [
                OutgoingMessage(from_=NUMBER, to=NUMBER, text="hi"),
                OutgoingMessage(from_=NUMBER, to=NUMBER, text="x" * 2049),
            ]
        ),
        r"messages.send_many: messages\[1\]: text",
    ),
    (lambda c: c.messages.list(size=1001), "messages.list: size is .* 1 to 1000, not 1001"),
    (lambda c: c.messages.list(from_date_time=datetime(2016, 1, 1)), "with a time zone"),
    (lambda c: c.messages.list(state="lost"), "state is received, queued, sending, sent or error"),
    (lambda c: c.applications.list(page=-1), "applications.list: page is .* at least 0, not -1"),
    (lambda c: c.account.transactions(type="gift"), "type is charge, payment"),
    (lambda c: c.account.transactions(from_date="2016"), "from_date is a datetime"),
    (lambda c: c.calls.send_dtmf("c-1", "1" * 93), "calls.send_dtmf: dtmf_out is 1 to 92"),
    (lambda c: c.calls.send_dtmf("c-1", "12E"), "dtmf_out"),
    (lambda c: c.calls.send_dtmf("c-1", ""), "dtmf_out"),
    (lambda c: c.calls.speak_sentence("c-1", "x" * 1001), "sentence is 1 to 1000 characters"),
    (lambda c: c.calls.speak_sentence("c-1", ""), "sentence"),
    (lambda c: c.bridges.speak_sentence("b-1", "x" * 1001), "bridges.speak_sentence: sentence"),
    (lambda c: c.conferences.speak_sentence("b-1", " "), "conferences.speak_sentence: sentence"),
    (
        lambda c: c.conferences.members.speak_sentence("conf-1", "member-1", "x" * 1001),
        "conferences.members.speak_sentence: sentence",
    ),
    (lambda c: c.calls.speak_sentence("c-1", "hi", locale="en_GB"), "locale is en_US, .*not en_GB"),
    (lambda c: c.calls.speak_sentence("c-1", "hi", voice="hal"), "voice is bernard, "),
    (lambda c: c.calls.speak_sentence("c-1", "hi", gender="none"), "gender is female or male"),
    (lambda c: c.calls.speak_sentence("c-1", "hi", volume=5), "volume is .* -4 to 4, not 5"),
    (lambda c: c.calls.play_audio("c-1", ""), "file_url is an absolute http or https URL"),
    (lambda c: c.calls.update("c-1", state="started"), "state is active, rejected"),
    (lambda c: c.calls.update("c-1", state="transferring"), "calls.update needs transfer_to"),
    (lambda c: c.calls.update("c-1", transfer_caller_id="private"), "only when state is transferr"),
    (lambda c: c.calls.transfer("c-1", transfer_to="nobody"), "calls.transfer: transfer_to is"),
    (
        lambda c: c.calls.transfer(
            "c-1", transfer_to=NUMBER, whisper_audio=Whisper(sentence="x" * 1001)
        ),
        "calls.transfer: whisper_audio: sentence is 1 to 1000",
    ),
    (
        lambda c: c.calls.transfer("c-1", transfer_to=NUMBER, whisper_audio=Whisper()),
        "whisper_audio needs file_url or sentence",
    ),
    (
        lambda c: c.calls.transfer("c-1", transfer_to=NUMBER, diversion_reason="away"),
        "diversion_reason only together with diversion_treatment",
    ),
    (lambda c: c.calls.wait("c-1", interval=0), "calls.wait: interval is more than 0 seconds"),
    (gathering(max_digits=31), "calls.gather: max_digits is .* 1 to 30 digits, not 31"),
    (gathering(max_digits=0), "max_digits"),
    (gathering(inter_digit_timeout=30.5), "inter_digit_timeout is 0 to 30 seconds, not 30.5"),
    (gathering(inter_digit_timeout=-1), "inter_digit_timeout"),
    (gathering(terminating_digits=""), "terminating_digits"),
    (gathering(prompt=Prompt()), "prompt needs file_url or sentence"),
    (lambda c: c.bridges.create(call_ids=["1", "2", "3"]), "call_ids is a list of 2 ids at most"),
    (lambda c: c.bridges.update("b", call_ids="c-1"), "call_ids"),
    (lambda c: c.conferences.update("conf-1", state="active"), "state is completed, not active"),
    (lambda c: c.conferences.members.create("conf-1", call_id=""), "members.create: call_id"),
    (applying(incoming_call_url=None), "needs incoming_call_url or incoming_message_url"),
    (applying(name=" "), "applications.create: name is a text that is not blank"),
    (applying(incoming_message_fallback_url=URL), "only together with incoming_message_url"),
    (applying(incoming_call_url_callback_timeout=0), "1 to 10000 milliseconds, not 0"),
    (
        lambda c: c.applications.update("a-1", incoming_message_url_callback_timeout=10_001),
        "applications.update: incoming_message_url_callback_timeout",
    ),
    (searching(), "available_numbers.search_local takes exactly one of state, zip or area_code"),
    (searching(state="NC", zip="27606"), "exactly one"),
    (searching(zip="2760"), "zip is 5 digits"),
    (searching(state="N1"), "state is two letters"),
    (searching(area_code="9195"), "area_code is 3 digits"),
    (searching(zip="27606", city="Cary"), "city only together with state"),
    (searching(state="NC", local_number="555"), "local_number only together with area_code"),
    (searching(area_code="919", local_number="55555"), "local_number is 3 or 4 digits"),
    (searching(area_code="919", in_local_calling_area=True), "together with local_number"),
    (searching(state="NC", quantity=5001), "quantity is .* 1 to 5000, not 5001"),
    (searching(state="NC", pattern="a b"), "pattern is"),
    (lambda c: c.available_numbers.order_local(zip="27606", quantity=11), "1 to 10, not 11"),
    (lambda c: c.available_numbers.order_local(), "order_local takes exactly one"),
    (lambda c: c.available_numbers.search_toll_free(quantity=0), "1 to 5000, not 0"),
    (lambda c: c.available_numbers.order_toll_free(quantity=11), "1 to 10, not 11"),
    (joining("12345"), "endpoints.create: password is at least 6 characters, all of them Latin-1"),
    (joining("пароль"), "password"),
    (lambda c: c.endpoints.update("rd-1", "re-1", password="12345"), "endpoints.update: password"),
    (lambda c: c.phone_numbers.order(number="555"), "phone_numbers.order: number"),
    (lambda c: c.number_info.get("9195551212"), "number_info.get: number is a telephone number"),
    (lambda c: c.domains.create(name="", description="d"), "domains.create: name"),
    (lambda c: c.media.upload("a.wav", b"", content_type="a\nb"), "content_type is printable"),
]


@pytest.mark.parametrize(("call", "sentence"), REFUSED, ids=lambda value: str(value)[:60])
async def test_a_value_that_would_be_refused_is_not_sent(
    call: Callable[[Client], Any], sentence: str, client: Client, platform: Any
) -> None:
    with pytest.raises(ArgumentError) as caught:
        await call(client)
    assert isinstance(caught.value, CallbackkitError)
    assert isinstance(caught.value, ValueError)
    text = str(caught.value)
    assert re.search(sentence, text), text
    assert text.endswith(".")
    assert "\n" not in text
    assert platform.requests == []


# An empty segment would delete or change something else: /applications/ or /users/u-1.
@pytest.mark.parametrize("wrong", ["", " ", ".", "..", None, 7])
async def test_an_id_is_never_empty(wrong: Any, client: Client, platform: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: client.applications.delete(wrong),
        lambda: client.calls.hangup(wrong),
        lambda: client.calls.event("c-1", wrong),
        lambda: client.conferences.members.remove("conf-1", wrong),
        lambda: client.media.delete(wrong),
        lambda: client.media.upload(wrong, b""),
        lambda: client.number_info.get(wrong),
    ]
    for call in calls:
        with pytest.raises(ArgumentError, match=r"^[a-z_.]+: \w+ is a text that is not blank"):
            await call()
    with pytest.raises(ArgumentError, match=r"^calls\.events: call_id"):
        client.calls.events(wrong)
    assert platform.requests == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("a/b ü.wav", "a%2Fb%20%C3%BC.wav"),
        ("+19195551212", "%2B19195551212"),
        ("a?b#c", "a%3Fb%23c"),
    ],
)
async def test_ids_in_a_path_are_escaped(
    given: str, sent: str, client: Client, platform: Any
) -> None:
    platform.answer({"id": "n-1"})
    await client.phone_numbers.get(given)
    assert platform.requests[0].path == f"/users/u-1/phoneNumbers/{sent}"


async def test_a_list_of_words_takes_any_case_and_sends_the_documented_one(
    client: Client, platform: Any
) -> None:
    spelled: Any = {"voice": "Susan", "locale": "de_de", "gender": "Male"}
    await client.calls.speak_sentence("c-1", "hi", **spelled)
    assert platform.requests[0].json == {
        "sentence": "hi",
        "voice": "susan",
        "locale": "de_DE",
        "gender": "male",
    }


async def test_limits_are_inside(client: Client, platform: Any) -> None:
    platform.created()
    await client.messages.send(from_="12345", to=NUMBER, text="x" * 2048, media=URL)
    await client.messages.send(from_=NUMBER, to=NUMBER, text="", media=[URL])
    assert [request.json["media"] for request in platform.requests] == [[URL], [URL]]
    headers = {f"x-{n}" + "a" * 253: "v" * 256 for n in range(5)}
    await client.calls.create(from_=NUMBER, to="SIP:a@b", sip_headers=headers, call_timeout=1)
    assert platform.requests[2].json["sipHeaders"] == headers
    await client.calls.gather("c-1", max_digits=1, inter_digit_timeout=30)
    await client.calls.send_dtmf("c-1", "W" * 92)


async def test_omitted_arguments_are_not_sent(client: Client, platform: Any) -> None:
    platform.created()
    await client.calls.create(from_=NUMBER, to=NUMBER)
    await client.transcriptions.create("rec-1")
    await client.phone_numbers.update("n-1", application_id="")
    bodies = [request.json for request in platform.requests]
    assert bodies == [{"from": NUMBER, "to": NUMBER}, {}, {"applicationId": ""}]


async def test_moments_and_flags_of_a_query_are_written_as_documented(
    client: Client, platform: Any
) -> None:
    platform.answer([])
    moment = datetime.fromisoformat("2016-01-02T03:04:05.678-03:00")
    [item async for item in client.account.transactions(from_date=moment)]
    [item async for item in client.messages.list(from_date_time=moment)]
    await client.available_numbers.order_local(
        area_code="919", local_number="555", in_local_calling_area=True
    )
    queries = [request.query for request in platform.requests]
    assert queries[0]["fromDate"] == "2016-01-02T06:04:05+0000"
    assert queries[1]["fromDateTime"] == "2016-01-02 06:04:05.678"
    assert queries[2]["inLocalCallingArea"] == "true"
    assert platform.requests[2].body == b""


SECRET = "http://user:p4ssw0rd@ [the private text"
ODD: list[Any] = [
    *(0, -1, 10**30, True, False, 1.5, float("nan"), float("inf"), b"bytes", "", " ", "\ud800"),
    *("GET", SECRET, "http://[", "http://a:99999", NUMBER * 500, [], [SECRET], (NUMBER,), {}),
    *({"X-A": SECRET}, {1: 2}, set(), object(), range(3), iter("a"), datetime(1, 1, 1), Decimal(1)),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    *(Prompt(sentence=SECRET * 99), Prompt(sentence=b""), Whisper(file_url=SECRET), Whisper()),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(
    "operation",
    [operation for operation in operations_in(resources) if operation.takes is not None],
    ids=lambda operation: operation.name,
)
def test_any_value_is_taken_or_refused_in_one_sentence(operation: Operation) -> None:
    assert operation.takes is not None
    for name in operation.takes.names:
        for value in ODD:
            sentence = refusal(operation, {name: value})
            assert re.fullmatch(rf"(?s){re.escape(operation.name)}.*\.|", sentence), (name, value)
            assert sentence.isprintable()
            said, _, quoted = sentence.partition(", not ")  # a word where a list is closed
            assert "p4ssw0rd" not in said
            assert len(quoted) <= 82


def refusal(operation: Operation, arguments: dict[str, Any]) -> str:
    try:
        operation.encode(arguments)
    except ArgumentError as error:
        return "quoted" if error.__context__ else str(error)
    return ""
