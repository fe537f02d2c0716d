"""What is said or played to calls: its closed lists of words, and audio as an argument.

Pages: methods/calls/postCallsCallIdAudio, methods/calls/postCallsCallIdGather,
methods/calls/postTransferCall.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from callbackkit.v1.client.arguments import Url, at_least_one, text, together

Sentence: TypeAlias = Annotated[str, text(1000)]
"""What is spoken: 1 to 1000 characters."""
Gender: TypeAlias = Literal["female", "male"]
# Not the locales of BXML: there the same ones are written de_de, es_mx, fr_fr and it_it.
Locale: TypeAlias = Literal[
    "en_US", "en_UK", "es", "es_MX", "fr", "fr_FR", "de", "de_DE", "it", "it_IT"
]
# The table writes Kate, the samples kate; Simon is known to BXML only.
Voice: TypeAlias = Literal[
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
]


@together(at_least_one("file_url", "sentence"))
@dataclass(frozen=True, kw_only=True)
class Whisper:
    """What only the callee of a transfer hears before the calls are joined.

    `file_url` is a WAV or MP3; `sentence` is spoken, 1000 characters at most, by default by a
    female voice ("susan") in en_US. (methods/calls/postTransferCall)
    """

    file_url: Url | None = field(default=None, repr=False)
    sentence: Sentence | None = field(default=None, repr=False)
    gender: Gender | None = None
    locale: Locale | None = None
    voice: Voice | None = None


@together(at_least_one("file_url", "sentence"))
@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What is heard while digits are gathered; the first digit ends it.

    `file_url` is a WAV or MP3; `sentence` is spoken, 1000 characters at most, by default by a
    female voice in en_US. `loop_enabled` repeats it. (methods/calls/postCallsCallIdGather)
    """

    file_url: Url | None = field(default=None, repr=False)
    sentence: Sentence | None = field(default=None, repr=False)
    gender: Gender | None = None
    locale: Locale | None = None
    loop_enabled: bool | None = None
