"""BXML without a dialect: what its elements share, how they are read back, and what a lint finds.

Parsing lives in `callbackkit.bxml.parsing` and is not imported here: it needs lxml.
"""

from callbackkit.bxml.elements import Document, Element, Verb
from callbackkit.bxml.fields import CallbackUrl, Content, MediaUrl, Pattern
from callbackkit.bxml.linting import Finding
from callbackkit.bxml.making import element, elements_in
from callbackkit.bxml.messages import verb_error

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
    "elements_in",
    "verb_error",
]
