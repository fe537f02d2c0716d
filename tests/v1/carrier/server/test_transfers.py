"""Transfers by the API: a second leg with a life of its own, joined with the first; and calls under
BXML, which the API leaves alone."""

from typing import Any

import pytest

from callbackkit.errors import ForbiddenError, InvalidRequestError
from callbackkit.v1.client import Client, Prompt, Whisper

pytestmark = pytest.mark.anyio

APP = "http://app.test/hook"
NUMBER, PARTY, OTHER = "+19195550100", "+19195551212", "+19195551313"


async def test_transfer_call(local: Any, client: Client) -> None:
    call_id = await local.dials()
    created = await client.calls.transfer(
        call_id,
        transfer_to=OTHER,
        callback_url=f"{APP}/second",
        whisper_audio=Whisper(sentence="A caller for you"),
        diversion_treatment="stack",
        diversion_reason="away",
    )
    await local.driver.quiet()
    call, leg = local.call(call_id), local.call(created.id)
    assert created.id != call_id
    assert (await client.calls.get(call_id)).state == "transferring"
    shown = await created.fetch()
    assert (shown.from_, shown.to, shown.state) == (PARTY, OTHER, "started")
    await local.act(leg.answer)
    assert (await client.calls.get(call_id)).state == "active"
    await local.wait(2)
    # Only the callee hears who calls; then both hear each other, and their keys.
    assert (leg.heard, call.heard) == (["A caller for you"], [])
    await local.act(call.speak, "Hello?", 1)
    await local.act(leg.speak, "Yes", 1)
    await local.act(call.press, "1")
    await local.act(leg.press, "2")
    assert (leg.heard[1:], call.heard) == (["Hello?"], ["Yes"])
    assert (leg.received, call.received) == ("1", "2")
    await local.act(leg.hang_up)
    assert (call.ended.cause, leg.ended.cause) == ("NORMAL_CLEARING", "NORMAL_CLEARING")
    assert local.carrier.choices.met.keys() >= {"rest-transfer-end"}
    second = [event["eventType"] for event in local.received if event["path"] == "/hook/second"]
    first = [event["eventType"] for event in local.received if event["path"] == "/hook"]
    assert second == ["answer", "dtmf", "hangup"]
    assert first == ["incomingcall", "answer", "dtmf", "hangup"]
    assert {event["callId"] for event in local.received if event["path"] == "/hook/second"} == {
        leg.id
    }


async def test_events_of_a_leg_without_a_url_go_to_that_of_the_first_leg(
    local: Any, client: Client
) -> None:
    call_id = await local.calls_out()
    created = await client.calls.transfer(call_id, transfer_to=OTHER, transfer_caller_id="private")
    await local.act(local.call(created.id).answer)
    assert local.call(created.id).number == "private"
    await client.calls.hangup(call_id)
    await local.driver.quiet()
    assert [(event["eventType"], event["callId"]) for event in local.received] == [
        ("answer", call_id),
        ("answer", created.id),
        ("hangup", created.id),
        ("hangup", call_id),
    ]


@pytest.mark.parametrize("how", ["no answer", "busy", "hung up by the API"])
async def test_when_nobody_answers_the_call_is_active_again(
    how: str, local: Any, client: Client
) -> None:
    call_id = await local.calls_out(callback_url=None)
    created = await client.calls.transfer(call_id, transfer_to=OTHER, callback_url=APP)
    await local.driver.quiet()
    leg = local.call(created.id)
    if how == "no answer":
        await local.wait(61)
        assert local.events == ["timeout", "hangup"]
    elif how == "busy":
        await local.act(leg.reject, "busy")
        assert local.received[0]["cause"] == "USER_BUSY"
    else:
        await client.calls.hangup(created.id)
        await local.driver.quiet()
        assert leg.ended.cause == "ORIGINATOR_CANCEL"
    assert (await client.calls.get(call_id)).state == "active"
    again = await client.calls.transfer(call_id, transfer_to=OTHER)
    await local.driver.quiet()
    await local.act(local.call(call_id).hang_up)
    assert local.call(again.id).ended.cause == "ORIGINATOR_CANCEL"


async def test_the_second_leg_is_a_call_like_any(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    created = await client.calls.transfer(call_id, transfer_to=OTHER)
    await local.act(local.call(created.id).answer)
    await client.calls.speak_sentence(created.id, "For you alone")
    await client.calls.set_recording(call_id, True)
    await local.act(local.call(created.id).speak, "I am recorded too", 1)
    await local.wait(2)
    assert "For you alone" in local.call(created.id).heard
    assert "For you alone" not in local.call(call_id).heard
    assert local.call(call_id).recordings[0].transcript == "I am recorded too"
    # One transfer at a time.
    with pytest.raises(ForbiddenError, match="call-invalid-state"):
        await client.calls.transfer(call_id, transfer_to=PARTY)


async def test_a_transfer_can_switch_recording_on(local: Any, client: Client) -> None:
    call_id = await local.calls_out()
    await client.calls.update(
        call_id, state="transferring", transfer_to=OTHER, recording_enabled=True
    )
    await local.driver.quiet()
    [recording] = local.call(call_id).recordings
    assert recording.state == "recording"
    shown = await client.calls.get(call_id)
    assert shown.transfer_to == OTHER


async def test_transfers_that_can_not_be(local: Any, client: Client) -> None:
    ringing = (await client.calls.create(from_=NUMBER, to=PARTY)).id
    with pytest.raises(ForbiddenError, match="Invalid call state started"):
        await client.calls.transfer(ringing, transfer_to=OTHER)
    call_id = await local.calls_out()
    with pytest.raises(InvalidRequestError, match="must be private or a phone number"):
        await client.calls.transfer(call_id, transfer_to=OTHER, transfer_caller_id=PARTY)
    path = f"/calls/{call_id}"
    assert await local.error_of("POST", path, {"state": "transferring"}) == (
        400,
        "missing-property",
        "The 'call' resource property 'transferTo' is required but was not specified",
    )
    body = {"state": "transferring", "transferTo": "somebody"}
    assert (await local.error_of("POST", path, body))[:2] == (403, "invalid-call-to-number")
    assert local.call(call_id).status == "active"
    assert local.call(call_id).transfer == {}
    # Whoever called may be shown as the caller, and so may every number of the account.
    call_id = await local.dials(OTHER)
    await client.calls.transfer(call_id, transfer_to=PARTY, transfer_caller_id=OTHER)


# tandem

BXML = b"<Response><Pause length='60'/></Response>"


async def test_a_call_under_bxml_may_only_be_hung_up(other_local: Any) -> None:
    async with other_local(callback_http_method="GET") as local:
        local.pages["answer"] = BXML
        call_id = await local.dials()
        calls = local.client.calls
        for change in (
            calls.speak_sentence(call_id, "Hello"),
            calls.gather(call_id, prompt=Prompt(sentence="x")),
            calls.send_dtmf(call_id, "1"),
            calls.set_recording(call_id, True),
            calls.transfer(call_id, transfer_to=OTHER),
            local.client.bridges.create(call_ids=[call_id]),
        ):
            with pytest.raises(ForbiddenError) as caught:
                await change
            assert caught.value.code == "call-invalid-state"
        [found] = [one for one in local.carrier.diagnostics if one.rule == "tandem"]
        assert (found.level, found.ledger, found.subject) == ("error", "tandem", call_id)
        await calls.hangup(call_id)
        await local.driver.quiet()
        assert local.call(call_id).ended.cause == "NORMAL_CLEARING"
        assert local.events == ["incomingcall", "answer", "hangup"]


async def test_unless_the_rule_is_read_otherwise(other_local: Any) -> None:
    async with other_local(callback_http_method="GET", rules={"tandem": "allow"}) as local:
        local.pages["answer"] = BXML
        call_id = await local.dials()
        await local.client.calls.speak_sentence(call_id, "Hello")
        await local.wait(1)
        assert local.call(call_id).heard == ["Hello"]
        assert [one.rule for one in local.carrier.diagnostics if one.rule == "tandem"] == []
