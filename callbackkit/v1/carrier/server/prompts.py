"""Sentences and files in requests: for calls, bridges and conferences."""

from callbackkit.rest import Url
from callbackkit.v1.carrier.audio import AudioKind, AudioRequest
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request
from callbackkit.v1.resources.audio import CallSpeech, Prompt, Sentence, Whisper


class _Audio(CallSpeech, total=False):
    """A sentence or file, and its options."""

    file_url: Url | None
    sentence: Sentence | None


def audio_of(request: Request) -> AudioRequest | AudioKind:
    """Return what an audio resource is to do: play a file or a sentence, or stop what is of a
    kind, which an empty text means.

    No page says what both at once mean: that is rejected. Raises UnreadableBody, RestRejection.
    """
    args = read(request, _Audio)  # the volume is not heard: nothing here is louder than all else
    loop, tag = args.get("loop_enabled") or False, args.get("tag")
    if "file_url" in args and "sentence" in args:
        raise RestRejection("validation-error", reason="there is a fileUrl and a sentence")
    if "file_url" in args:
        url = args["file_url"]
        return AudioRequest("playback", url, loop, tag) if url else "playback"
    if "sentence" in args:
        sentence = args["sentence"]
        return AudioRequest("speak", sentence, loop, tag) if sentence else "speak"
    raise RestRejection("missing-property", "audio", "fileUrl")


def prompt_of(args: Prompt | Whisper | None) -> list[AudioRequest]:
    """Return what is heard before or during something else, a file first."""
    found = []
    if args is not None and args.file_url is not None:
        found.append(AudioRequest("playback", args.file_url))
    if args is not None and args.sentence is not None:
        found.append(AudioRequest("speak", args.sentence))
    return found
