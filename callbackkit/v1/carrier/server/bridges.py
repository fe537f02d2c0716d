"""The bridges resource: two calls that hear each other."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.bridges import MOST_CALLS, Bridge
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.bodies import RequestFields
from callbackkit.v1.carrier.server.call_updates import steered
from callbackkit.v1.carrier.server.calls import shown_call
from callbackkit.v1.carrier.server.paging import listed, paged
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of


def list_bridges(request: Request) -> Response:
    """All bridges (methods/bridges/getBridges)."""
    return paged(request, "bridge", list(request.carrier.bridges.values()), _shown)


def create_bridge(request: Request) -> Response:
    """A new bridge, of two calls, one or none (methods/bridges/postBridges)."""
    given = body_of(request, "bridge")
    audio_on = given.flag("bridgeAudio")
    calls = _calls(request, given, None)
    bridge = Bridge(request.carrier, audio=audio_on is not False)
    bridge.replace(calls or [])
    return created_reply(request.carrier.uri(f"bridges/{bridge.id}"))


def get_bridge(request: Request) -> Response:
    """A bridge (methods/bridges/getBridgesBridgeId)."""
    return json_reply(_shown(_bridge_of(request)))


def update_bridge(request: Request) -> Response:
    """Put other calls in a bridge, or on hold (methods/bridges/postBridgesBridgeId)."""
    bridge = _bridge_of(request)
    given = body_of(request, "bridge")
    audio_on = given.flag("bridgeAudio")
    calls = _calls(request, given, bridge)
    _check_open(bridge)
    if audio_on is not None:
        bridge.set_audio(audio_on)
    if calls is not None:
        bridge.replace(calls)
    return empty_reply()


def list_calls(request: Request) -> Response:
    """The calls that are in a bridge (methods/bridges/getBridgesBridgeIdCalls)."""
    return listed(request, _bridge_of(request).calls, shown_call)


def play(request: Request) -> Response:
    """Play a file or say a sentence to both calls, or stop. No page has an event of it, so that
    none is sent (methods/bridges/postBridgesBridgeIdAudio).
    """
    bridge = _bridge_of(request)
    asked = audio_of(body_of(request, "audio"))
    _check_open(bridge)
    if isinstance(asked, Stop):
        if not audio.stop_in(bridge, asked.kind):
            raise RestRejection("call-audio-invalid-state", bridge.id)
    else:
        if not bridge.calls:
            raise RestRejection("bridge-invalid-operation", bridge.id)
        audio.play_in(bridge, lambda: bridge.calls, asked, lambda told: None)
    return empty_reply()


def _bridge_of(request: Request) -> Bridge:
    bridge_id = request.parameters["bridge_id"]
    found = request.carrier.bridges.get(bridge_id)
    if found is None:
        raise RestRejection("bridge-not-found", bridge_id)
    return found


def _check_open(bridge: Bridge) -> None:
    if bridge.state == "completed":
        raise RestRejection("bridge-invalid-state", bridge.id, bridge.state)


def _calls(request: Request, given: RequestFields, bridge: Bridge | None) -> list[Call] | None:
    """The calls of `callIds`, which have to be active and in no other bridge."""
    ids = given.texts("callIds")
    if ids is None:
        return None
    if len(ids) > MOST_CALLS:
        raise RestRejection("bridge-callIds-overflow", "" if bridge is None else bridge.id)
    found = []
    for call_id in dict.fromkeys(ids):
        call = request.carrier.calls.get(call_id)
        if call is None:
            raise RestRejection("call-id-not-found", call_id, details={"callId": call_id})
        steered(call)
        if call.bridge not in (None, bridge):
            raise RestRejection("bridge-bridged-callId", call_id)
        found.append(call)
    return found


def _shown(bridge: Bridge) -> dict[str, Any]:
    carrier = bridge.carrier
    activated, completed = bridge.activated, bridge.completed
    return {
        "id": bridge.id,
        "state": bridge.state,
        "callIds": [call.id for call in bridge.calls],
        "calls": carrier.uri(f"bridges/{bridge.id}/calls"),
        "bridgeAudio": bridge.bridge_audio,
        "createdTime": iso(bridge.created),
        "activatedTime": None if activated is None else iso(carrier.moment(activated)),
        "completedTime": None if completed is None else iso(carrier.moment(completed)),
    }


OPERATIONS: Operations = {
    "/users/{user_id}/bridges": {"GET": list_bridges, "POST": create_bridge},
    "/users/{user_id}/bridges/{bridge_id}": {"GET": get_bridge, "POST": update_bridge},
    "/users/{user_id}/bridges/{bridge_id}/audio": {"POST": play},
    "/users/{user_id}/bridges/{bridge_id}/calls": {"GET": list_calls},
}
