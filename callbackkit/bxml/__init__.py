"""BXML without a dialect: what its elements share, how they are read back, and what a lint finds.

Parsing lives in `callbackkit.bxml.parsing` and is not imported here: it needs lxml.
"""

from callbackkit.bxml.elements import (
    CallbackUrl,
    Content,
    Document,
    Element,
    MediaUrl,
    Pattern,
    Verb,
    element,
    refusal,
)
from callbackkit.bxml.linting import Finding

__all__ = [
    "CallbackUrl",
    "Content",
    "Document",
    "Element",
    "Finding",
    "MediaUrl",
    "Pattern",
    "Verb",
    "element",
    "refusal",
]
