"""Every documented operation can be asked for, and sends what its page says: nothing else.

`operations.json` holds what the pages say: method, path, names in query and body, paging and the
success. A name with a dot is one inside an object; "[]." is one inside a list.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from callbackkit.client import Pages, Resource
from callbackkit.rest import operations_in
from callbackkit.v1 import resources
from callbackkit.v1.client import Client, Created, CreatedDomain, OutgoingMessage, Prompt, Whisper

pytestmark = pytest.mark.anyio

OPERATIONS = json.loads(Path(__file__).with_name("operations.json").read_text("utf-8"))
NUMBER, OTHER, URL = "+19195551212", "+19195551313", "https://app.example/callbacks"
THEN = datetime(2016, 1, 2, 3, 4, 5, tzinfo=UTC)

callbacks: dict[str, Any] = {
    "callback_url": URL,
    "callback_timeout": 2000,
    "callback_http_method": "GET",
    "fallback_url": URL,
}
paging: dict[str, Any] = {"page": 0, "size": 1000}
spoken: dict[str, Any] = {"gender": "male", "locale": "de_DE", "voice": "stefan"}
marked: dict[str, Any] = {"loop_enabled": True, "tag": "t"}
application: dict[str, Any] = {
    "name": "n",
    "incoming_call_url": URL,
    "incoming_call_url_callback_timeout": 1,
    "incoming_call_fallback_url": URL,
    "incoming_message_url": URL,
    "incoming_message_url_callback_timeout": 10000,
    "incoming_message_fallback_url": URL,
    "callback_http_method": "GET",
    "auto_answer": False,
}
by_place: list[dict[str, Any]] = [
    {"city": "Cary", "state": "NC", "quantity": 10, "pattern": "*2?9*"},
    {"zip": "27606"},
    {"area_code": "919", "local_number": "555", "in_local_calling_area": True},
]
member: dict[str, Any] = {"join_tone": True, "leaving_tone": False, "mute": True, "hold": False}
message: dict[str, Any] = {"from_": NUMBER, "to": OTHER, "text": "hi", "tag": "t", **callbacks}
messages = [{**message, "media": [URL]}, {**message, "receipt_requested": "all"}]
whisper = Whisper(file_url=URL, sentence="hi", **spoken)
recording: dict[str, Any] = {"recording_enabled": True, "recording_file_format": "mp3"}
endpoint: dict[str, Any] = {
    "description": "d",
    "application_id": "a-1",
    "enabled": True,
    "password": "123456",
}

# What to call, as often as it takes to use every documented name.
CALLS: dict[str, list[Callable[[Client], Any]]] = {
    "get_account": [lambda c: c.account.get()],
    "list_account_transactions": [
        lambda c: c.account.transactions(
            max_items=5, from_date=THEN, to_date=THEN, type="payment", number=NUMBER, **paging
        )
    ],
    "list_applications": [lambda c: c.applications.list(**paging)],
    "create_application": [lambda c: c.applications.create(**application)],
    "get_application": [lambda c: c.applications.get("{applicationId}")],
    "update_application": [lambda c: c.applications.update("{applicationId}", **application)],
    "delete_application": [lambda c: c.applications.delete("{applicationId}")],
    "search_local_numbers": [
        lambda c, place=place: c.available_numbers.search_local(**place) for place in by_place
    ],
    "order_local_numbers": [
        lambda c, place=place: c.available_numbers.order_local(**place) for place in by_place
    ],
    "search_toll_free_numbers": [
        lambda c: c.available_numbers.search_toll_free(quantity=5000, pattern="*HELP")
    ],
    "order_toll_free_numbers": [lambda c: c.available_numbers.order_toll_free(quantity=10)],
    "list_bridges": [lambda c: c.bridges.list(**paging)],
    "create_bridge": [lambda c: c.bridges.create(call_ids=["c-1", "c-2"], bridge_audio=True)],
    "get_bridge": [lambda c: c.bridges.get("{bridgeId}")],
    "update_bridge": [lambda c: c.bridges.update("{bridgeId}", call_ids=[], bridge_audio=False)],
    "play_bridge_audio": [
        lambda c: c.bridges.play_audio("{bridgeId}", URL),
        lambda c: c.bridges.speak_sentence("{bridgeId}", "hi", **spoken),
        lambda c: c.bridges.stop_audio("{bridgeId}"),
        lambda c: c.bridges.stop_sentence("{bridgeId}"),
    ],
    "list_bridge_calls": [lambda c: c.bridges.calls("{bridgeId}")],
    "list_calls": [
        lambda c: c.calls.list(bridge_id="b", conference_id="c"),
        lambda c: c.calls.list(from_=NUMBER, to="sip:a@b", sort_order="asc", **paging),
    ],
    "create_call": [
        lambda c: c.calls.create(
            from_=NUMBER,
            to="sip:someone@example.com",
            call_timeout=300,
            bridge_id="brg-1",
            conference_id="conf-1",
            recording_max_duration=60,
            transcription_enabled=True,
            tag="t",
            sip_headers={"X-One": "1"},
            **recording,
            **callbacks,
        )
    ],
    "get_call": [lambda c: c.calls.get("{callId}")],
    "update_call": [
        lambda c: c.calls.update(
            "{callId}",
            state="transferring",
            transfer_to=OTHER,
            transfer_caller_id="private",
            whisper_audio=whisper,
            callback_url=URL,
            **recording,
        ),
        lambda c: c.calls.answer("{callId}"),
        lambda c: c.calls.reject("{callId}"),
        lambda c: c.calls.hangup("{callId}"),
        lambda c: c.calls.set_recording("{callId}", True, recording_file_format="wav"),
    ],
    "transfer_call": [
        lambda c: c.calls.transfer(
            "{callId}",
            transfer_to=OTHER,
            transfer_caller_id="private",
            callback_url=URL,
            whisper_audio=whisper,
            diversion_treatment="stack",
            diversion_reason="away",
            **recording,
        )
    ],
    "play_call_audio": [
        lambda c: c.calls.play_audio("{callId}", URL, volume=-4, **marked),
        lambda c: c.calls.speak_sentence("{callId}", "hi", volume=4, **spoken, **marked),
        lambda c: c.calls.stop_audio("{callId}"),
        lambda c: c.calls.stop_sentence("{callId}"),
    ],
    "send_call_dtmf": [lambda c: c.calls.send_dtmf("{callId}", "12,wW*#AD")],
    "list_call_events": [lambda c: c.calls.events("{callId}")],
    "get_call_event": [lambda c: c.calls.event("{callId}", "{callEventId}")],
    "list_call_recordings": [lambda c: c.calls.recordings("{callId}")],
    "list_call_transcriptions": [lambda c: c.calls.transcriptions("{callId}")],
    "create_call_gather": [
        lambda c: c.calls.gather(
            "{callId}",
            max_digits=30,
            inter_digit_timeout=2.5,
            terminating_digits="#*",
            tag="t",
            prompt=Prompt(
                sentence="hi", gender="male", locale="fr_FR", file_url=URL, loop_enabled=True
            ),
        )
    ],
    "get_call_gather": [lambda c: c.calls.get_gather("{callId}", "{gatherId}")],
    "update_call_gather": [lambda c: c.calls.stop_gather("{callId}", "{gatherId}")],
    "create_conference": [
        lambda c: c.conferences.create(
            from_=NUMBER, profile="passthru_digits", tag="t", **callbacks
        )
    ],
    "get_conference": [lambda c: c.conferences.get("{conferenceId}")],
    "update_conference": [
        lambda c: c.conferences.update(
            "{conferenceId}", state="completed", hold=True, mute=False, tag="t", **callbacks
        ),
        lambda c: c.conferences.hangup("{conferenceId}"),
    ],
    "play_conference_audio": [
        lambda c: c.conferences.play_audio("{conferenceId}", URL, **marked),
        lambda c: c.conferences.speak_sentence("{conferenceId}", "hi", **spoken, **marked),
        lambda c: c.conferences.stop_audio("{conferenceId}"),
        lambda c: c.conferences.stop_sentence("{conferenceId}"),
    ],
    "create_conference_member": [
        lambda c: c.conferences.members.create("{conferenceId}", call_id="c-1", **member)
    ],
    "list_conference_members": [lambda c: c.conferences.members.list("{conferenceId}")],
    "get_conference_member": [lambda c: c.conferences.members.get("{conferenceId}", "{memberId}")],
    "update_conference_member": [
        lambda c: c.conferences.members.update(
            "{conferenceId}", "{memberId}", state="completed", **member
        ),
        lambda c: c.conferences.members.remove("{conferenceId}", "{memberId}"),
    ],
    "play_conference_member_audio": [
        lambda c: c.conferences.members.play_audio("{conferenceId}", "{memberId}", URL, **marked),
        lambda c: c.conferences.members.speak_sentence(
            "{conferenceId}", "{memberId}", "hi", **spoken, **marked
        ),
        lambda c: c.conferences.members.stop_audio("{conferenceId}", "{memberId}"),
        lambda c: c.conferences.members.stop_sentence("{conferenceId}", "{memberId}"),
    ],
    "list_domains": [lambda c: c.domains.list()],
    "create_domain": [lambda c: c.domains.create(name="n", description="d")],
    "delete_domain": [lambda c: c.domains.delete("{domainId}")],
    "list_endpoints": [lambda c: c.endpoints.list("{domainId}", **paging)],
    "create_endpoint": [lambda c: c.endpoints.create("{domainId}", name="n", **endpoint)],
    "get_endpoint": [lambda c: c.endpoints.get("{domainId}", "{endpointId}")],
    "update_endpoint": [lambda c: c.endpoints.update("{domainId}", "{endpointId}", **endpoint)],
    "delete_endpoint": [lambda c: c.endpoints.delete("{domainId}", "{endpointId}")],
    "list_errors": [lambda c: c.errors.list(**paging)],
    "get_error": [lambda c: c.errors.get("{errorId}")],
    "list_media": [lambda c: c.media.list()],
    "upload_media": [lambda c: c.media.upload("{mediaName}", b"sound")],
    "download_media": [lambda c: read(c, "{mediaName}")],
    "delete_media": [lambda c: c.media.delete("{mediaName}")],
    "list_messages": [
        lambda c: c.messages.list(
            from_=NUMBER,
            to=OTHER,
            from_date_time=THEN,
            to_date_time=THEN,
            size=1,
            direction="in",
            state="received",
            delivery_state="not-delivered",
            sort_order="desc",
        )
    ],
    "send_message": [lambda c, one=one: c.messages.send(**one) for one in messages],
    "send_messages": [
        lambda c, one=one: c.messages.send_many([OutgoingMessage(**one)]) for one in messages
    ],
    "get_message": [lambda c: c.messages.get("{messageId}")],
    "redact_message": [lambda c: c.messages.redact("{messageId}")],
    "get_number_info": [lambda c: c.number_info.get(NUMBER)],
    "list_phone_numbers": [
        lambda c: c.phone_numbers.list(
            application_id="a-1",
            state="NC",
            name="n",
            city="Cary",
            number_state="released",
            **paging,
        )
    ],
    "order_phone_number": [
        lambda c: c.phone_numbers.order(
            number=NUMBER, name="n", application_id="a-1", fallback_number=OTHER
        )
    ],
    "import_phone_number": [
        lambda c: c.phone_numbers.import_number(
            number=NUMBER,
            name="n",
            application_id="a-1",
            account_id="1",
            user_name="u",
            password="p",
        )
    ],
    "get_phone_number": [lambda c: c.phone_numbers.get("{numberId}")],
    "update_phone_number": [
        lambda c: c.phone_numbers.update(
            "{numberId}", application_id="", name="n", fallback_number=OTHER
        )
    ],
    "delete_phone_number": [lambda c: c.phone_numbers.delete("{numberId}")],
    "list_recordings": [lambda c: c.recordings.list(**paging)],
    "get_recording": [lambda c: c.recordings.get("{recordingId}")],
    "list_transcriptions": [lambda c: c.transcriptions.list("{recordingId}")],
    "create_transcription": [lambda c: c.transcriptions.create("{recordingId}")],
    "get_transcription": [lambda c: c.transcriptions.get("{recordingId}", "{transcriptionId}")],
}

# Identity enough for every model.
ONE = {
    "id": "x-1",
    "number": NUMBER,
    "mediaName": "m",
    "result": "accepted",
    "location": "/v1/users/u-1/x/x-1",
}


async def read(client: Client, name: str) -> bytes:
    async with client.media.stream(name) as chunks:
        return b"".join([chunk async for chunk in chunks])


def names(value: Any, before: str = "") -> Iterator[str]:
    """The names in a body, with those of objects in it in place of their own; not headers'."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        for item in value:
            yield from names(item, "[].")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, dict) and name != "sipHeaders":
                yield from names(inner, f"{before}{name}.")
            else:
                yield before + name


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    client = Client("u-1", "t-1", "s-1")
    for place, resource in [
        *vars(client).items(),
        ("conferences.members", client.conferences.members),
    ]:
        if isinstance(resource, Resource):
            for name in dir(resource):
                method = getattr(resource, name)
                if not name.startswith("_") and callable(method):
                    yield f"{place}.{name}", method


# Methods that are shorter for another one, or that ask by it again and again.
SHORTCUTS = {
    "calls.answer": "calls.update",
    "calls.reject": "calls.update",
    "calls.hangup": "calls.update",
    "calls.set_recording": "calls.update",
    "calls.wait": "calls.get",
    "conferences.hangup": "conferences.update",
    "conferences.members.remove": "conferences.members.update",
    "media.stream": "media.download",
}


@pytest.mark.parametrize(("name", "method"), list(methods()), ids=lambda value: str(value)[:40])
def test_a_method_has_a_page(name: str, method: Callable[..., Any]) -> None:
    assert re.search(r"\(methods/\w+/\w+\)", method.__doc__ or ""), name


def test_each_method_is_a_declared_operation_and_each_of_them_has_one() -> None:
    assert {SHORTCUTS.get(name, name) for name, _ in methods()} == {
        operation.name for operation in operations_in(resources)
    }


def test_no_operation_is_forgotten() -> None:
    assert [operation["operation"] for operation in OPERATIONS] == list(CALLS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["operation"])
async def test_an_operation_sends_what_its_page_says(
    operation: dict[str, Any], client: Client, platform: Any
) -> None:
    response = operation["response"]
    body = [ONE] if str(response).startswith("[") else ONE
    platform.answer(
        None if response in (None, "location") else body,
        operation["status"],
        {"Location": "/v1/users/u-1/calls/x-1"} if response == "location" else {},
    )
    results = []
    for call in CALLS[operation["operation"]]:
        result = call(client)
        if isinstance(result, Pages):
            results.append([item async for page in result.by_page() for item in page][:1])
        else:
            results.append(await result)

    # A path's variable parts were given as their own names, in braces that are then escaped.
    path = operation["path"].replace("{userId}", "u-1").replace("{number}", quote(NUMBER))
    path = path.replace("{", "%7B").replace("}", "%7D")
    assert {(request.method, request.path) for request in platform.requests} == {
        (operation["method"], path)
    }
    assert {name for request in platform.requests for name in request.query} == set(
        operation["query"]
    )
    if operation["operation"] != "upload_media":
        bodies = [request.json for request in platform.requests]
        assert {name for body in bodies for name in names(body)} == set(operation["body"])
    for result in results:
        if response == "location":
            assert isinstance(result, Created | CreatedDomain)
            assert result.id == "x-1"
        elif response is None:
            assert result is None
        elif response.startswith("["):
            assert len(result) == 1
