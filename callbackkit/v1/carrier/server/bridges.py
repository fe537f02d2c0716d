"""The bridges resource: two calls that hear each other."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.defaults import BRIDGED
from callbackkit.v1.carrier.rooms import Bridge, bridge_of
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.call_updates import check_steerable
from callbackkit.v1.carrier.server.calls import shown_call
from callbackkit.v1.carrier.server.paging import listed, paged
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Request, serves
from callbackkit.v1.resources import bridges as api


@serves(api.LIST)
def list_bridges(request: Request) -> Response:
    """Reply with a page of the bridges (methods/bridges/getBridges)."""
    return paged(request, list(request.carrier.bridges.values()), _shown)


@serves(api.CREATE)
def create_bridge(request: Request) -> Response:
    """Create a bridge of two calls, one or none (methods/bridges/postBridges)."""
    given = _settings(request)
    calls = _calls(request, given, None)
    bridge = Bridge(request.carrier, audio=given.get("bridge_audio") is not False)
    bridge.replace(calls or [])
    return created(request.carrier.uri(f"bridges/{bridge.id}"))


@serves(api.GET)
def get_bridge(request: Request) -> dict[str, Any]:
    """Reply with a bridge (methods/bridges/getBridgesBridgeId)."""
    return _shown(_bridge_of(request))


@serves(api.UPDATE)
def update_bridge(request: Request) -> None:
    """Put other calls in a bridge, or on hold (methods/bridges/postBridgesBridgeId)."""
    bridge = _bridge_of(request)
    given = _settings(request, bridge.id)
    calls = _calls(request, given, bridge)
    _check_open(bridge)
    audio_on = given.get("bridge_audio")
    if audio_on is not None:
        bridge.set_audio(audio_on)
    if calls is not None:
        bridge.replace(calls)


@serves(api.CALLS)
def list_calls(request: Request) -> Response:
    """Reply with the calls that are in a bridge (methods/bridges/getBridgesBridgeIdCalls)."""
    return listed(request, map(shown_call, _bridge_of(request).calls))


@serves(*api.AUDIO)
def play(request: Request) -> None:
    """Play a file or say a sentence to both calls, or stop. No page has an event of it, so that
    none is sent (methods/bridges/postBridgesBridgeIdAudio)."""
    bridge = _bridge_of(request)
    wanted = audio_of(request)
    _check_open(bridge)
    if isinstance(wanted, Stop):
        if not audio.stop(bridge, wanted.kind):
            raise RestRejection("call-audio-invalid-state", bridge.id)
    else:
        if not bridge.calls:
            raise RestRejection("bridge-invalid-operation", bridge.id)
        audio.play_in(bridge, lambda: bridge.calls, wanted, lambda told: None)


def _bridge_of(request: Request) -> Bridge:
    return find(request.carrier.bridges, request.parameters["bridge_id"], "bridge-not-found")


def _check_open(bridge: Bridge) -> None:
    if bridge.state == "completed":
        raise RestRejection("bridge-invalid-state", bridge.id, bridge.state)


def _settings(request: Request, bridge_id: str = "") -> api.BridgeSettings:
    fields = request.json()
    ids = fields.get("callIds") if isinstance(fields, dict) else None
    if isinstance(ids, list) and len(ids) > BRIDGED:
        raise RestRejection("bridge-callIds-overflow", bridge_id)
    return read(request, api.BridgeSettings)


def _calls(request: Request, given: api.BridgeSettings, bridge: Bridge | None) -> list[Call] | None:
    """Return the calls of `callIds`, which have to be active and in no other bridge."""
    ids = given.get("call_ids")
    if ids is None:
        return None
    found = []
    for call_id in dict.fromkeys(ids):
        call = find(request.carrier.calls, call_id, "call-id-not-found", "callId")
        check_steerable(call)
        if bridge_of(call) not in (None, bridge):
            raise RestRejection("bridge-bridged-callId", call_id)
        found.append(call)
    return found


def _shown(bridge: Bridge) -> dict[str, Any]:
    carrier = bridge.carrier
    activated, completed = bridge.activated, bridge.completed
    return resource(
        api.Bridge,
        bridge,
        call_ids=[call.id for call in bridge.calls],
        calls=carrier.uri(f"bridges/{bridge.id}/calls"),
        created_time=bridge.created,
        activated_time=None if activated is None else carrier.moment(activated),
        completed_time=None if completed is None else carrier.moment(completed),
    )
