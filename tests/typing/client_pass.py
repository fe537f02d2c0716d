"""Requests that both type checkers must accept, and the types of what comes back."""

from datetime import UTC, datetime
from typing import Unpack, assert_type

from callbackkit.client import Created, Pages, Retry
from callbackkit.v1 import Client
from callbackkit.v1.client import (
    Call,
    Message,
    OrderedNumber,
    OutgoingMessage,
    Prompt,
    SendResult,
    Whisper,
)
from callbackkit.v1.resources.calls import NewCall

client = Client("u-1", "t-1", "s-1", timeout=5, transport="aiohttp", retry=Retry(tries=1))
NUMBER, URL = "+19195551212", "https://app.example/callbacks"


async def requests(tag: str | None) -> None:
    created = await client.calls.create(
        from_=NUMBER, to="sip:a@b", call_timeout=60, callback_url=URL, tag=tag
    )
    assert_type(created, Created[Call])
    assert_type(await created.fetch(), Call)
    assert_type(client.calls.list(bridge_id="brg-1", sort_order="asc"), Pages[Call])
    await client.calls.update("c-1", state="transferring", transfer_to=NUMBER)
    await client.calls.transfer("c-1", transfer_to=NUMBER, whisper_audio=Whisper(sentence="hi"))
    await client.calls.gather("c-1", inter_digit_timeout=2.5, prompt=Prompt(file_url=URL))
    await client.calls.speak_sentence("c-1", "hi", voice="susan", loop_enabled=True, volume=4)
    await client.calls.set_recording("c-1", True, recording_file_format="mp3")
    assert_type(await client.calls.wait("c-1", "completed"), Call)

    sent = await client.messages.send(from_=NUMBER, to=NUMBER, text="", media=[URL])
    assert_type(sent, Created[Message])
    await client.messages.send(from_=NUMBER, to=NUMBER, text="hi", media=URL)
    message = OutgoingMessage(from_=NUMBER, to=NUMBER, text="hi")
    assert_type(await client.messages.send_many([message]), tuple[SendResult, ...])
    client.messages.list(from_date_time=datetime.now(UTC), direction="in")
    async for found in client.messages.list(size=1):
        assert_type(found, Message)

    ordered = await client.available_numbers.order_local(area_code="919", quantity=1)
    assert_type(ordered, tuple[OrderedNumber, ...])
    await client.bridges.create()
    await client.bridges.update("brg-1", call_ids=())
    await client.conferences.members.create("conf-1", call_id="c-1", mute=True)


async def call_again(**call: Unpack[NewCall]) -> str:
    """The arguments of an operation have a name for functions that pass them on."""
    return (await client.calls.create(**call)).id
