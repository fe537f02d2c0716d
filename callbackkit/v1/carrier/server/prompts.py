"""What is to be said or played, as requests name it: on calls, in bridges and in conferences."""

from dataclasses import dataclass

from callbackkit.v1.carrier.audio import AudioKind, AudioRequest
from callbackkit.v1.carrier.server.bodies import RequestFields
from callbackkit.v1.carrier.server.rejections import RestRejection

MAX_SENTENCE = 1000
"""Characters of a sentence (methods/calls/postCallsCallIdAudio)."""

_GENDERS = ("female", "male")
# "en" is in no table, but in a sample (methods/calls/postTransferCall).
_LOCALES = ("en_US", "en_UK", "es", "es_MX", "fr", "fr_FR", "de", "de_DE", "it", "it_IT", "en")
_VOICES = (
    "Kate",
    "Susan",
    "Julie",
    "Dave",
    "Paul",
    "Bridget",
    "Esperanza",
    "Violeta",
    "Jorge",
    "Jolie",
    "Bernard",
    "Katrin",
    "Stefan",
    "Paola",
    "Luca",
)


@dataclass(frozen=True, slots=True)
class Stop:
    """What is playing is to stop, if it is of a kind."""

    kind: AudioKind


def audio_of(given: RequestFields) -> AudioRequest | Stop:
    """What an audio resource is asked for: a file or a sentence, or the end of one by "".

    No page says what both at once would mean: that is refused.
    """
    _check_voice(given)
    url, sentence = given.media_url("fileUrl"), given.text("sentence", most=MAX_SENTENCE)
    loop = given.flag("loopEnabled") or False
    tag = given.text("tag")
    given.whole("volume", low=-4, high=4)  # nothing here is louder than anything else
    if url is not None and sentence is not None:
        raise RestRejection("validation-error", reason="there is a fileUrl and a sentence")
    if url is not None:
        return AudioRequest("playback", url, loop, tag) if url else Stop("playback")
    if sentence is not None:
        if sentence and not sentence.strip():
            raise RestRejection("blank-property", given.resource, "sentence")
        return AudioRequest("speak", sentence, loop, tag) if sentence else Stop("speak")
    raise RestRejection("missing-property", given.resource, "fileUrl")


def prompt_of(given: RequestFields | None) -> list[AudioRequest]:
    """What is heard before or during something else: whatever is given, a file first."""
    if given is None:
        return []
    _check_voice(given)
    found = []
    if url := given.media_url("fileUrl"):
        found.append(AudioRequest("playback", url))
    sentence = given.text("sentence", most=MAX_SENTENCE)
    if sentence is not None and sentence.strip():
        found.append(AudioRequest("speak", sentence))
    return found


def _check_voice(given: RequestFields) -> None:
    given.word("gender", _GENDERS)
    given.word("locale", _LOCALES)
    given.word("voice", _VOICES)
