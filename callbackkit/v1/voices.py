"""The voices of SpeakSentence: each one's gender and locales (bxml/verbs/speakSentence)."""

from typing import Literal, TypeAlias

Gender: TypeAlias = Literal["female", "male"]
Locale: TypeAlias = Literal[
    "en_US", "en_UK", "de", "de_de", "es", "es_mx", "fr", "fr_fr", "it", "it_it"
]
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
    "simon",
    "stefan",
    "susan",
    "violeta",
]

VOICES: dict[str, tuple[Gender, tuple[Locale, ...]]] = {
    "susan": ("female", ("en_US",)),
    "julie": ("female", ("en_US",)),
    "kate": ("female", ("en_US",)),
    "bridget": ("female", ("en_UK",)),
    "katrin": ("female", ("de", "de_de")),
    "esperanza": ("female", ("es", "es_mx")),
    "violeta": ("female", ("es", "es_mx")),
    "jolie": ("female", ("fr", "fr_fr")),
    "paola": ("female", ("it", "it_it")),
    "paul": ("male", ("en_US",)),
    "dave": ("male", ("en_US",)),
    "simon": ("male", ("en_UK",)),
    "stefan": ("male", ("de", "de_de")),
    "jorge": ("male", ("es", "es_mx")),
    "bernard": ("male", ("fr", "fr_fr")),
    "luca": ("male", ("it", "it_it")),
}
"""The gender and the locales of each voice."""
