"""Sound on calls, in bridges and in conferences: files, sentences and keys."""

from collections.abc import Callable, Sequence
from typing import Any

from callbackkit.carrier.playing import Place, send_keys, tones
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.audio import AudioKind, AudioRequest
from callbackkit.v1.carrier.calls import Call
from callbackkit.v1.carrier.defaults import PAUSES
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.prompts import audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request, serves
from callbackkit.v1.carrier.server.resources.bridges import bridge_of, check_open
from callbackkit.v1.carrier.server.resources.call_updates import call_of, check_steerable
from callbackkit.v1.carrier.server.resources.conferences import member_of, open_conference
from callbackkit.v1.resources import bridges, calls, conferences


@serves(*calls.AUDIO)
def play_on_call(request: Request) -> None:
    """Play a file, say a sentence, or stop (methods/calls/postCallsCallIdAudio)."""
    call = call_of(request)
    _play_on(call, audio_of(request))


@serves(*conferences.MEMBER_AUDIO)
def play_to_member(request: Request) -> None:
    """Play to one member of a conference, or stop; the events are those of its call
    (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)."""
    member = member_of(request)
    wanted = audio_of(request)
    if member.state == "completed":
        raise RestRejection("call-unavailable", member.id)
    _play_on(member.call, wanted)


@serves(*bridges.AUDIO)
def play_in_bridge(request: Request) -> None:
    """Play to both calls of a bridge, or stop. No page has an event of it, so that none is sent
    (methods/bridges/postBridgesBridgeIdAudio)."""
    bridge = bridge_of(request)
    wanted = audio_of(request)
    check_open(bridge)
    if isinstance(wanted, AudioRequest) and not bridge.calls:
        raise RestRejection("bridge-invalid-operation", bridge.id)
    _play_in(bridge, wanted, lambda: bridge.calls, lambda kind, fields: None)


@serves(*conferences.AUDIO)
def play_in_conference(request: Request) -> None:
    """Play to all members of a conference, or stop
    (methods/conferences/postConferencesConferenceIdAudio)."""
    conference = open_conference(request)
    _play_in(
        conference,
        audio_of(request),
        lambda: [member.call for member in conference.active()],
        lambda kind, fields: conference.send_event(f"conference-{kind}", **fields),
    )


@serves(calls.SEND_DTMF)
def press(request: Request) -> None:
    """Press keys at the platform's end (methods/calls/postCallsCallIdDTMF)."""
    call = call_of(request)
    args = read(request, calls.Keys)
    check_steerable(call)
    call.start(send_keys(call, tones(args["dtmf_out"], PAUSES)), "dtmf")


def _play_on(call: Call, wanted: AudioRequest | AudioKind) -> None:
    check_steerable(call)
    if isinstance(wanted, AudioRequest):
        audio.play_to_call(call, wanted)
    else:
        _stop(call, wanted)


def _play_in(
    room: Place,
    wanted: AudioRequest | AudioKind,
    legs: Callable[[], Sequence[Call]],
    notify: Callable[[AudioKind, dict[str, Any]], object],
) -> None:
    if isinstance(wanted, AudioRequest):
        audio.play_in(room, legs, wanted, lambda fields: notify(wanted.kind, fields))
    else:
        _stop(room, wanted)


def _stop(place: Place, kind: AudioKind) -> None:
    if not audio.stop(place, kind):
        raise RestRejection("call-audio-invalid-state", place.id)
