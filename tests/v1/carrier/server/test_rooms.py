"""Bridges and conferences: calls that hear each other, what they hear together, and their events."""

from typing import Any

import pytest

from callbackkit.errors import ForbiddenError, InvalidRequestError, NotFoundError, ServerError
from callbackkit.v1.client import Client

pytestmark = pytest.mark.anyio

APP = "http://app.test/hook"
NUMBER, PARTY, OTHER = "+19195550100", "+19195551212", "+19195551313"
SOUND = "http://sounds.example/ring.wav"


# Bridges


async def bridged(local: Any) -> tuple[str, str, str]:
    """A bridge of two calls: the three ids."""
    one, two = await local.calls_out(), await local.calls_out(OTHER)
    created = await local.client.bridges.create(call_ids=[one, two])
    return created.id, one, two


async def test_create_bridge(local: Any, client: Client) -> None:
    bridge_id, one, two = await bridged(local)
    await local.act(local.call(one).speak, "Hello", 1)
    await local.act(local.call(two).press, "5")
    assert local.call(two).heard == ["Hello"]
    assert local.call(one).received == "5"
    assert (await client.calls.get(one)).bridge_id == bridge_id
    empty = await client.bridges.create(bridge_audio=False)
    assert (await empty.fetch()).state == "created"


async def test_get_bridge(local: Any, client: Client) -> None:
    bridge_id, one, two = await bridged(local)
    bridge = await client.bridges.get(bridge_id)
    assert (bridge.state, bridge.call_ids, bridge.bridge_audio) == ("active", (one, two), True)
    assert bridge.activated_time == local.carrier.moment()
    await local.act(local.call(one).hang_up)
    assert (await client.bridges.get(bridge_id)).state == "active"
    await local.act(local.call(two).hang_up)
    bridge = await client.bridges.get(bridge_id)
    assert (bridge.state, bridge.completed_time) == ("completed", local.carrier.moment())
    with pytest.raises(NotFoundError, match="bridge-not-found"):
        await client.bridges.get("brg-9")


async def test_list_bridges(local: Any, client: Client) -> None:
    ids = [(await client.bridges.create()).id for _ in range(3)]
    assert [bridge.id async for bridge in client.bridges.list(size=2)] == ids


async def test_update_bridge(local: Any, client: Client) -> None:
    bridge_id, one, two = await bridged(local)
    await client.bridges.update(bridge_id, bridge_audio=False)
    await local.act(local.call(one).speak, "Nobody hears this", 1)
    assert (await client.bridges.get(bridge_id)).state == "hold"
    assert local.call(two).heard == []
    three = await local.calls_out("+19195551414")
    await client.bridges.update(bridge_id, call_ids=[two, three], bridge_audio=True)
    await local.act(local.call(three).speak, "Hi", 1)
    assert (local.call(two).heard, local.call(one).heard) == (["Hi"], [])
    await client.bridges.update(bridge_id, call_ids=[])
    assert (await client.bridges.get(bridge_id)).state == "completed"
    assert local.call(two).state == "up"
    with pytest.raises(InvalidRequestError, match="Invalid bridge state completed") as caught:
        await client.bridges.update(bridge_id, call_ids=[two])
    assert caught.value.code == "bridge-invalid-state"


async def test_a_call_is_created_for_a_bridge(local: Any, client: Client) -> None:
    one = await local.calls_out()
    bridge = await client.bridges.create(call_ids=[one])
    assert (await bridge.fetch()).state == "created"
    two = await local.calls_out(OTHER, bridge_id=bridge.id)
    assert (await bridge.fetch()).call_ids == (one, two)
    assert (await bridge.fetch()).state == "active"
    with pytest.raises(ForbiddenError, match="already has 2 calls"):
        await client.calls.create(from_=NUMBER, to=PARTY, bridge_id=bridge.id)


async def test_bridges_that_can_not_be(local: Any, client: Client) -> None:
    _, one, two = await bridged(local)
    with pytest.raises(InvalidRequestError, match="already in another bridge") as caught:
        await client.bridges.create(call_ids=[one])
    assert caught.value.code == "bridge-bridged-callId"
    assert await local.error_of("POST", "/bridges", {"callIds": [one, two, "c-3"]}) == (
        403,
        "bridge-callIds-overflow",
        "Only two calls are allowed in a bridge ",
    )
    with pytest.raises(ForbiddenError, match="call-id-not-found"):
        await client.bridges.create(call_ids=["c-9"])
    ringing = (await client.calls.create(from_=NUMBER, to=PARTY)).id
    with pytest.raises(ForbiddenError, match="call-invalid-state"):
        await client.bridges.create(call_ids=[ringing])
    assert (await local.error_of("POST", "/bridges", {"callIds": {}}))[1] == "validation-error"
    assert len(local.carrier.bridges) == 1


async def test_play_bridge_audio(local: Any, client: Client) -> None:
    local.carrier.sounds[SOUND] = 4.0
    bridge_id, one, two = await bridged(local)
    await client.bridges.speak_sentence(bridge_id, "Welcome both")
    await local.wait(1)
    await client.bridges.play_audio(bridge_id, SOUND)
    await local.wait(1)
    await client.bridges.stop_audio(bridge_id)
    await local.driver.quiet()
    for call_id in (one, two):
        assert local.call(call_id).heard == ["Welcome both", SOUND]
        assert local.call(call_id).heard[1].cut
    with pytest.raises(ForbiddenError, match="call-audio-invalid-state"):
        await client.bridges.stop_sentence(bridge_id)
    empty = await client.bridges.create()
    with pytest.raises(InvalidRequestError, match="No active calls"):
        await client.bridges.speak_sentence(empty.id, "Hello")
    assert "speak" not in local.events
    # It ends with the bridge.
    await client.bridges.play_audio(bridge_id, SOUND)
    await client.bridges.update(bridge_id, call_ids=[])
    await local.driver.quiet()
    assert local.call(one).heard[-1].cut


async def test_list_bridge_calls(local: Any, client: Client) -> None:
    bridge_id, one, two = await bridged(local)
    await local.act(local.call(one).hang_up)
    assert [call.id async for call in client.bridges.calls(bridge_id)] == [two]
    # The list of calls has those that were in it too.
    history = [call.id async for call in client.calls.list(bridge_id=bridge_id)]
    assert history == [two, one]


# Conferences


async def conference(local: Any, **options: Any) -> str:
    created = await local.client.conferences.create(from_=NUMBER, callback_url=APP, **options)
    return str(created.id)


async def member(local: Any, conference_id: str, party: str = PARTY, **options: Any) -> Any:
    """A call of somebody who is put into a conference: the call, and the member's id."""
    call_id = await local.calls_out(party, conference_id=conference_id, callback_url=f"{APP}/call")
    created = await local.client.conferences.members.create(
        conference_id, call_id=call_id, **options
    )
    await local.driver.quiet()
    return local.call(call_id), created.id


async def test_create_conference(local: Any, client: Client) -> None:
    conference_id = await conference(local, tag="t", profile="passthru_digits")
    await local.driver.quiet()
    [event] = local.received
    assert (event["eventType"], event["status"], event["tag"]) == ("conference", "created", "t")
    one, _ = await member(local, conference_id)
    two, _ = await member(local, conference_id, OTHER)
    await local.act(one.speak, "Hello all", 1)
    await local.act(one.press, "4")
    assert (two.heard, two.received) == (["Hello all"], "4")
    assert [call.id async for call in client.calls.list(conference_id=conference_id)] == [
        two.id,
        one.id,
    ]
    status, code, _ = await local.error_of("POST", "/conferences", {"from": OTHER})
    assert (status, code) == (401, "number-access-denied")


async def test_get_conference(local: Any, client: Client) -> None:
    conference_id = await conference(local, callback_timeout=2000, tag="t")
    await member(local, conference_id)
    found = await client.conferences.get(conference_id)
    assert (found.state, found.active_members, found.from_) == ("active", 1, NUMBER)
    assert (found.profile, found.callback_url, found.callback_timeout) == (
        "interpret_digits",
        APP,
        2000,
    )
    with pytest.raises(NotFoundError, match="conference-not-found"):
        await client.conferences.get("conf-9")


async def test_update_conference(local: Any, client: Client) -> None:
    conference_id = await conference(local)
    one, _ = await member(local, conference_id)
    two, _ = await member(local, conference_id, OTHER)
    await client.conferences.update(conference_id, mute=True, tag="new", callback_timeout=99)
    await local.act(one.speak, "Nobody hears this", 1)
    assert two.heard == []
    found = await client.conferences.get(conference_id)
    assert (found.mute, found.tag, found.callback_url, found.callback_timeout) == (
        True,
        "new",
        APP,
        99,
    )
    local.received.clear()
    await client.conferences.hangup(conference_id)
    await local.driver.quiet()
    assert local.events == ["conference-member", "conference-member", "conference"]
    assert (local.received[-1]["status"], local.received[-1]["tag"]) == ("completed", "new")
    assert one.state == "up"
    with pytest.raises(ForbiddenError, match="Invalid conference state completed") as caught:
        await client.conferences.update(conference_id, hold=True)
    assert caught.value.code == "conference-error"


async def test_play_conference_audio(local: Any, client: Client) -> None:
    local.carrier.sounds[SOUND] = 4.0
    conference_id = await conference(local, tag="conf")
    one, _ = await member(local, conference_id)
    two, _ = await member(local, conference_id, OTHER)
    await client.conferences.play_audio(conference_id, SOUND, loop_enabled=True, tag="music")
    await local.wait(9)
    await client.conferences.speak_sentence(conference_id, "Welcome", voice="kate")
    await local.wait(1)
    assert one.heard == two.heard == [SOUND, SOUND, SOUND, "Welcome"]
    with pytest.raises(ForbiddenError):
        await client.conferences.stop_sentence(conference_id)
    await client.conferences.play_audio(conference_id, SOUND)
    await client.conferences.stop_audio(conference_id)
    await local.driver.quiet()
    event = [
        (event["eventType"], event.get("status"), event.get("tag")) for event in local.received
    ]
    assert event[-6:] == [
        ("conference-playback", "started", "music"),
        ("conference-playback", "done", "music"),
        ("conference-speak", "started", "conf"),
        ("conference-speak", "done", "conf"),
        ("conference-playback", "started", "conf"),
        ("conference-playback", "done", "conf"),
    ]


async def test_a_loop_ends_with_who_hears_it(local: Any, client: Client) -> None:
    local.carrier.sounds[SOUND] = 4.0
    conference_id = await conference(local)
    one, _ = await member(local, conference_id)
    await client.conferences.play_audio(conference_id, SOUND, loop_enabled=True)
    await local.wait(5)
    await local.act(one.hang_up)
    # With its last member the conference ends, and so does what it hears.
    assert (await client.conferences.get(conference_id)).state == "completed"
    assert [event["status"] for event in local.of("conference-playback")] == ["started", "done"]
    assert local.of("conference-playback")[1]["time"] == "2026-01-01T12:00:05.000Z"
    await local.wait(10)
    assert local.carrier.scheduler.next == local.carrier.now  # our own alarm, and nothing later


async def test_nobody_hears_a_loop_in_an_empty_conference(local: Any, client: Client) -> None:
    local.carrier.sounds[SOUND] = 4.0
    conference_id = await conference(local)
    await client.conferences.play_audio(conference_id, SOUND, loop_enabled=True)
    await local.wait(10)
    assert [event["status"] for event in local.of("conference-playback")] == ["started", "done"]


async def test_create_conference_member(local: Any, client: Client) -> None:
    conference_id = await conference(local)
    one, member_id = await member(local, conference_id, mute=True)
    [event] = local.of("conference-member")
    assert (event["memberId"], event["callId"], event["state"]) == (member_id, one.id, "active")
    assert (event["activeMembers"], event["mute"], event["hold"]) == (1, True, False)
    members = client.conferences.members
    stranger = await local.calls_out(OTHER)
    with pytest.raises(ForbiddenError) as caught:
        await members.create(conference_id, call_id=stranger)
    assert caught.value.code == "invalid-call-conference-id"
    with pytest.raises(ForbiddenError) as caught:
        await members.create(conference_id, call_id="c-9")
    assert caught.value.code == "call-id-not-found"
    with pytest.raises(ForbiddenError) as caught:
        await members.create(conference_id, call_id=one.id)
    assert caught.value.code == "call-invalid-state"
    for number in range(19):
        await member(local, conference_id, f"+191955513{number:02}")
    with pytest.raises(ForbiddenError) as caught:
        await member(local, conference_id, "+19195551400")
    assert (caught.value.code, caught.value.category) == ("conference-max-members", "limit")


async def test_list_conference_members(local: Any, client: Client) -> None:
    conference_id = await conference(local)
    await member(local, conference_id)
    two, two_id = await member(local, conference_id, OTHER)
    await local.act(two.hang_up)
    found = [one async for one in client.conferences.members.list(conference_id)]
    assert [(one.state, one.removed_time is None) for one in found] == [
        ("active", True),
        ("completed", False),
    ]
    assert (found[1].id, found[1].call_id) == (two_id, two.id)


async def test_get_conference_member(local: Any, client: Client) -> None:
    conference_id = await conference(local)
    _, member_id = await member(local, conference_id, join_tone=True, hold=True)
    found = await client.conferences.members.get(conference_id, member_id)
    assert (found.join_tone, found.leaving_tone, found.mute, found.hold) == (
        True,
        False,
        False,
        True,
    )
    with pytest.raises(NotFoundError, match="conference-member-not-found"):
        await client.conferences.members.get(conference_id, "member-9")


async def test_update_conference_member(local: Any, client: Client) -> None:
    conference_id = await conference(local)
    one, one_id = await member(local, conference_id)
    two, _ = await member(local, conference_id, OTHER)
    members = client.conferences.members
    local.received.clear()
    await members.update(conference_id, one_id, mute=True)
    await members.update(conference_id, one_id, mute=True)  # nothing new
    await local.act(one.speak, "Nobody hears this", 1)
    assert two.heard == []
    await members.update(conference_id, one_id, mute=False, leaving_tone=True)
    await local.act(one.speak, "Hello", 1)
    assert two.heard == ["Hello"]
    await members.remove(conference_id, one_id)
    await members.remove(conference_id, one_id)
    await local.driver.quiet()
    assert [(event["state"], event["mute"]) for event in local.received] == [
        ("active", True),
        ("active", False),
        ("completed", False),
    ]
    assert one.state == "up"
    with pytest.raises(ServerError, match="call-unavailable"):
        await members.update(conference_id, one_id, hold=True)


async def test_play_conference_member_audio(local: Any, client: Client) -> None:
    local.carrier.sounds[SOUND] = 4.0
    conference_id = await conference(local)
    one, one_id = await member(local, conference_id)
    two, _ = await member(local, conference_id, OTHER)
    members = client.conferences.members
    await members.speak_sentence(conference_id, one_id, "You alone", tag="t")
    await local.wait(1)
    await members.play_audio(conference_id, one_id, SOUND)
    await members.stop_audio(conference_id, one_id)
    await local.driver.quiet()
    assert (one.heard[0], two.heard) == ("You alone", [])
    # The events are those of the call.
    assert [(event["path"], event["callId"]) for event in local.of("speak")] == [
        ("/hook/call", one.id)
    ] * 2
    with pytest.raises(ForbiddenError, match="call-audio-invalid-state"):
        await members.stop_sentence(conference_id, one_id)
