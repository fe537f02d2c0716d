"""What a call is made to hear: files, sentences and tones."""

import re

from starlette.responses import Response

from callbackkit.carrier.server.replies import empty_reply
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.playing import send_keys
from callbackkit.v1.carrier.server.call_updates import call_of, steered
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of

MAX_KEYS = 92
"""Keys and pauses that are sent at once (bxml/verbs/sendDtmf)."""

_KEYS = re.compile(r"[A-D0-9#*,wW]+")


def play(request: Request) -> Response:
    """Play a file, say a sentence, or stop (methods/calls/postCallsCallIdAudio)."""
    call = call_of(request)
    asked = audio_of(body_of(request, "audio"))
    steered(call)
    if not isinstance(asked, Stop):
        audio.play_to_call(call, asked)
    elif not audio.stop(call, asked.kind):
        raise RestRejection("call-audio-invalid-state", call.id)
    return empty_reply()


def press(request: Request) -> Response:
    """Press keys at the platform's end (methods/calls/postCallsCallIdDTMF)."""
    call = call_of(request)
    given = body_of(request, "dtmf")
    keys = given.needed("dtmfOut", most=MAX_KEYS)
    if not _KEYS.fullmatch(keys):
        raise given.wrong("dtmfOut", "made of 0-9, A-D, #, *, comma, w and W")
    steered(call).start(send_keys(call, keys), "dtmf")
    return empty_reply()


OPERATIONS: Operations = {
    "/users/{user_id}/calls/{call_id}/audio": {"POST": play},
    "/users/{user_id}/calls/{call_id}/dtmf": {"POST": press},
}
