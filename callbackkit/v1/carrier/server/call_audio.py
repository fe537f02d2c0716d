"""What a call is made to hear: files, sentences and tones."""

from callbackkit.carrier.playing import send_keys, tones
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.defaults import PAUSES
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.call_updates import call_of, check_steerable
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request, serves
from callbackkit.v1.resources import calls as api


@serves(*api.AUDIO)
def play(request: Request) -> None:
    """Play a file, say a sentence, or stop (methods/calls/postCallsCallIdAudio)."""
    call = call_of(request)
    wanted = audio_of(request)
    check_steerable(call)
    if not isinstance(wanted, Stop):
        audio.play_to_call(call, wanted)
    elif not audio.stop(call, wanted.kind):
        raise RestRejection("call-audio-invalid-state", call.id)


@serves(api.SEND_DTMF)
def press(request: Request) -> None:
    """Press keys at the platform's end (methods/calls/postCallsCallIdDTMF)."""
    call = call_of(request)
    given = read(request, api.Keys)
    check_steerable(call)
    call.start(send_keys(call, tones(given["dtmf_out"], PAUSES)), "dtmf")
