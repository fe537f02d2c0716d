"""Speech and playback: closed lists of words, options, and the operations that start and stop it.

Pages: methods/calls/postCallsCallIdAudio, methods/calls/postCallsCallIdGather,
methods/calls/postTransferCall.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple, TypeAlias

from typing_extensions import TypedDict

from callbackkit.rest import (
    ANY_CASE,
    Flag,
    Operation,
    Url,
    at_least_one,
    text,
    together,
    whole,
)

Sentence: TypeAlias = Annotated[str, text(1000)]
"""A text to speak: 1 to 1000 characters."""
Gender: TypeAlias = Annotated[Literal["female", "male"], ANY_CASE]
# Not the locales of BXML: there the same ones are written de_de, es_mx, fr_fr and it_it. The last
# one is in no table, but in a sample (methods/calls/postTransferCall).
Locale: TypeAlias = Annotated[
    Literal["en_US", "en_UK", "es", "es_MX", "fr", "fr_FR", "de", "de_DE", "it", "it_IT", "en"],
    ANY_CASE,
]
# The table writes Kate, the samples kate; Simon is known to BXML only.
Voice: TypeAlias = Annotated[
    Literal[
        "bernard",
        "bridget",
        "dave",
        "esperanza",
        "jolie",
        "jorge",
        "julie",
        "kate",
        "katrin",
        "luca",
        "paola",
        "paul",
        "stefan",
        "susan",
        "violeta",
    ],
    ANY_CASE,
]


@together(at_least_one("file_url", "sentence"))
@dataclass(frozen=True, kw_only=True)
class _Announcement:
    file_url: Url | None = field(default=None, repr=False)
    sentence: Sentence | None = field(default=None, repr=False)
    gender: Gender | None = None
    locale: Locale | None = None


@dataclass(frozen=True, kw_only=True)
class Whisper(_Announcement):
    """An announcement that only the callee of a transfer hears, before the calls are joined.

    `file_url` is a WAV or MP3; `sentence` is spoken, 1000 characters at most, by default by a
    female voice ("susan") in en_US. (methods/calls/postTransferCall)
    """

    voice: Voice | None = None


@dataclass(frozen=True, kw_only=True)
class Prompt(_Announcement):
    """An announcement while digits are gathered; the first digit ends it.

    `file_url` is a WAV or MP3; `sentence` is spoken, 1000 characters at most, by default by a
    female voice in en_US. `loop_enabled` repeats it. (methods/calls/postCallsCallIdGather)
    """

    loop_enabled: Flag | None = None


class _File(TypedDict):
    file_url: Url


class _Words(TypedDict):
    sentence: Sentence


class Speaker(TypedDict, total=False):
    """The voice that speaks: by default a female one, "susan", in en_US."""

    gender: Gender | None
    locale: Locale | None
    voice: Voice | None


class Playback(TypedDict, total=False):
    """Options of a playback."""

    loop_enabled: Flag | None
    """Repeat it until it is stopped."""
    tag: str | None
    """Comes back in the events."""


class CallPlayback(Playback, total=False):
    """Options of a playback on a call."""

    volume: Annotated[int, whole(-4, 4)] | None
    """-4 to 4, by default 0."""


class Speech(Speaker, Playback, total=False):
    """Options of speech."""


class CallSpeech(Speaker, CallPlayback, total=False):
    """Options of speech on a call."""


class AudioOperations(NamedTuple):
    """The four operations of an audio resource; an empty text stops what is heard."""

    play: Operation
    speak: Operation
    stop_audio: Operation
    stop_sentence: Operation


def audio_operations(
    resource: str, path: str, playback: tuple[type, ...], speech: type
) -> AudioOperations:
    """Return the operations of the audio of a resource, with the options that it takes."""
    return AudioOperations(
        Operation(f"{resource}.play_audio", "POST", path, (_File, *playback)),
        Operation(f"{resource}.speak_sentence", "POST", path, (_Words, speech)),
        Operation(f"{resource}.stop_audio", "POST", path, sends={"fileUrl": ""}, repeatable=True),
        Operation(
            f"{resource}.stop_sentence", "POST", path, sends={"sentence": ""}, repeatable=True
        ),
    )
