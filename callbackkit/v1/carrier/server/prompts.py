"""What is to be said or played, as requests name it: on calls, in bridges and in conferences."""

from dataclasses import dataclass

from callbackkit.rest import Url
from callbackkit.v1.carrier.audio import AudioKind, AudioRequest
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request
from callbackkit.v1.resources.audio import CallSpeech, Prompt, Sentence, Whisper


class _Audio(CallSpeech, total=False):
    """What is said or played, and how."""

    file_url: Url
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of what is playing, if it is of a kind."""

    kind: AudioKind


def audio_of(request: Request) -> AudioRequest | Stop:
    """Return what an audio resource is to do: a file, a sentence, or the end of one for "".

    No page says what both at once mean: that is rejected. Raises UnreadableBody, RestRejection.
    """
    fields = request.json()
    if isinstance(fields, dict):
        for name, kind in _STOPS.items():
            if fields.get(name) == "":
                return Stop(kind)
    given = read(request, _Audio)  # the volume is not heard: nothing here is louder than all else
    url, sentence = given.get("file_url"), given.get("sentence")
    loop, tag = given.get("loop_enabled") or False, given.get("tag")
    if url is not None and sentence is not None:
        raise RestRejection("validation-error", reason="there is a fileUrl and a sentence")
    if url is not None:
        return AudioRequest("playback", url, loop, tag)
    if sentence is not None:
        return AudioRequest("speak", sentence, loop, tag)
    raise RestRejection("missing-property", "audio", "fileUrl")


_STOPS: dict[str, AudioKind] = {"fileUrl": "playback", "sentence": "speak"}


def prompt_of(given: Prompt | Whisper | None) -> list[AudioRequest]:
    """Return what is heard before or during something else, a file first."""
    found = []
    if given is not None and given.file_url is not None:
        found.append(AudioRequest("playback", given.file_url))
    if given is not None and given.sentence is not None:
        found.append(AudioRequest("speak", given.sentence))
    return found
