"""The bridges resource: two calls that hear each other."""

from typing import Any

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier import rooms
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.defaults import BRIDGED
from callbackkit.v1.carrier.rooms import Bridge
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.paging import listed, paged
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.call_updates import check_steerable
from callbackkit.v1.carrier.server.resources.calls import shown_call
from callbackkit.v1.resources import bridges as api


@serves(api.LIST)
def list_bridges(request: Request) -> Reply:
    """Reply with a page of the bridges (methods/bridges/getBridges)."""
    return paged(request, list(request.carrier.bridges.values()), _shown)


@serves(api.CREATE)
def create_bridge(request: Request) -> Reply:
    """Create a bridge of two calls, one or none (methods/bridges/postBridges)."""
    args = _settings(request)
    calls = _calls(request, args, None)
    bridge = Bridge(request.carrier, audio=args.get("bridge_audio") is not False)
    bridge.replace(calls or [])
    return created(request.carrier.uri(f"bridges/{bridge.id}"))


@serves(api.GET)
def get_bridge(request: Request) -> dict[str, Any]:
    """Reply with a bridge (methods/bridges/getBridgesBridgeId)."""
    return _shown(bridge_of(request))


@serves(api.UPDATE)
def update_bridge(request: Request) -> None:
    """Put other calls in a bridge, or on hold (methods/bridges/postBridgesBridgeId)."""
    bridge = bridge_of(request)
    args = _settings(request, bridge.id)
    calls = _calls(request, args, bridge)
    check_open(bridge)
    audio_on = args.get("bridge_audio")
    if audio_on is not None:
        bridge.set_audio(audio_on)
    if calls is not None:
        bridge.replace(calls)


@serves(api.CALLS)
def list_calls(request: Request) -> Reply:
    """Reply with the calls that are in a bridge (methods/bridges/getBridgesBridgeIdCalls)."""
    return listed(request, map(shown_call, bridge_of(request).calls))


def bridge_of(request: Request) -> Bridge:
    """Return the bridge that the path names. Raises RestRejection."""
    return find(request.carrier.bridges, request.parameters["bridge_id"], "bridge-not-found")


def check_open(bridge: Bridge) -> None:
    """Raise RestRejection for a bridge that has been completed."""
    if bridge.state == "completed":
        raise RestRejection("bridge-invalid-state", bridge.id, bridge.state)


def _settings(request: Request, bridge_id: str = "") -> api.BridgeSettings:
    fields = request.json()
    ids = fields.get("callIds") if isinstance(fields, dict) else None
    if isinstance(ids, list) and len(ids) > BRIDGED:
        raise RestRejection("bridge-callIds-overflow", bridge_id)
    return read(request, api.BridgeSettings)


def _calls(request: Request, args: api.BridgeSettings, bridge: Bridge | None) -> list[Call] | None:
    """Return the calls of `callIds`, which have to be active and in no other bridge."""
    ids = args.get("call_ids")
    if ids is None:
        return None
    found = []
    for call_id in dict.fromkeys(ids):
        call = find(request.carrier.calls, call_id, "call-id-not-found", "callId")
        check_steerable(call)
        if rooms.bridge_of(call) not in (None, bridge):
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
