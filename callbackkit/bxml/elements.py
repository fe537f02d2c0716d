"""The base of BXML elements: immutable values that are rendered when they are made.

lxml has no part in it: writing a document is joining strings.
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from callbackkit.addresses import HTTP_URL
from callbackkit.bxml.fields import Pattern
from callbackkit.bxml.text import clean, escape_attribute, masked, quoted
from callbackkit.errors import ReplyError, VerbError

E = TypeVar("E", bound="Element")


@dataclasses.dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an element, in Python and in XML."""

    name: str
    xml_name: str
    type: type[str] | type[int] | type[bool]
    choices: tuple[str, ...]
    pattern: Pattern | None
    required: bool
    low: int
    high: int


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """The parts of an element class; computed once, read by the writer, the parser and tools.

    `text` and `content` are the names of the first positional parameter, at most one of them set;
    `opening` is how its XML starts.
    """

    name: str
    attributes: Mapping[str, Attribute]
    text: str | None
    text_pattern: Pattern | None
    content: str | None
    children: frozenset[type["Element"]]
    opening: str

    @property
    def by_name(self) -> dict[str, Attribute]:
        """The attributes by their Python name."""
        return {attribute.name: attribute for attribute in self.attributes.values()}


class Element:
    """Anything that is written as one XML element: a document, a verb, or a noun inside a verb.

    Elements are values: immutable, equal and hashed by what they hold, safe to share and to keep as
    constants.
    """

    __slots__ = ("_xml",)

    _xml: str
    """The element as XML, written once, when it is made; NUL, which no text can hold, stands where
    a URL of this app starts."""

    docs: ClassVar[str]
    """The page of the platform's documentation that the element follows."""

    shape: ClassVar[Shape]

    @property
    def children(self) -> tuple["Element", ...]:
        """The elements inside this one, in order."""
        return ()

    @staticmethod
    def _complete(given: dict[str, Any]) -> None:
        """Add attributes that follow from the given ones, before all are checked."""

    def _check(self) -> None:
        """Check rules about several fields. Raises VerbError."""

    def __repr__(self) -> str:
        shape = self.shape
        parts = []
        if shape.text is not None:
            parts.append(repr(masked(getattr(self, shape.text))))
        elif shape.content is not None:
            children = getattr(self, shape.content)
            if children:
                parts.append(repr(children[0] if len(children) == 1 else list(children)))
        for attribute in shape.attributes.values():
            value = getattr(self, attribute.name)
            if value is not None:
                shown = masked(value) if isinstance(value, str) else value
                parts.append(f"{attribute.name}={shown!r}")
        return f"{shape.name}({', '.join(parts)})"

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[type[Self], dict[str, Any]]]:
        # Through the constructor: what comes out of a pickle is as checked as what went in.
        names = [attribute.name for attribute in self.shape.attributes.values()]
        names += [name for name in (self.shape.text, self.shape.content) if name is not None]
        return _rebuild, (type(self), {name: getattr(self, name) for name in names})


class Verb(Element):
    """An element that may stand in a document: something the platform does with a call."""

    __slots__ = ()


class Document(Element):
    """The root element of a reply."""

    __slots__ = ()

    max_size: ClassVar[int]
    """The most bytes of UTF-8 that the platform takes."""

    if TYPE_CHECKING:  # what every document class takes; `element` makes the real one

        def __init__(self, content: Verb | Sequence[Verb] = ()) -> None: ...

    def __len__(self) -> int:
        return len(self.children)

    def __iter__(self) -> Iterator[Element]:
        return iter(self.children)

    def __bool__(self) -> bool:
        return True  # a document without verbs is a document all the same

    @property
    def has_paths(self) -> bool:
        """True if a callback URL is a path, which becomes a URL only with the app's own."""
        return "\0" in self._xml

    def relative_to(self, base_url: str) -> Self:
        """Return the document with callback URLs below `base_url` as paths.

        `base_url` is a URL without a slash at its end.
        """
        return _relative(self, f"{base_url}/") if base_url in self._xml else self

    def to_xml(self, base_url: str | None = None) -> str:
        """The document as text, with its XML declaration and of any size.

        Parameters:
            base_url: the public URL of the app's root, with or without a slash at the end; goes in
                front of every callback URL that is a path.

        Raises:
            VerbError: there are such paths and no `base_url`, or it is no absolute http(s) URL.
        """
        xml = self._xml
        if "\0" not in xml:
            return xml
        if base_url is None:
            path = xml.partition("\0")[2].partition('"')[0]
            raise VerbError(
                f"{self.shape.name} holds the path {masked(path)!r}, which becomes a URL only with "
                f"the app's public URL: give render a base_url, or write an absolute URL"
            )
        return xml.replace("\0", _escaped_base(base_url))

    def render(self, base_url: str | None = None) -> bytes:
        """The document as it is sent, in UTF-8.

        Parameters:
            base_url: as in `to_xml`.

        Raises:
            VerbError: as `to_xml`.
            ReplyError: the document has more than `max_size` bytes.
        """
        data = self.to_xml(base_url).encode()
        if len(data) > self.max_size:
            raise ReplyError(self._too_big(len(data)))
        return data

    def _too_big(self, size: int) -> str:
        sizes = [len(child._xml.encode()) for child in self.children]
        largest = max(range(len(sizes)), key=sizes.__getitem__)
        return (
            f"{self.shape.name} has {size:,} bytes, more than the {self.max_size:,} allowed "
            f"({self.docs}); its largest verb is number {largest + 1}, "
            f"{type(self.children[largest]).__name__}, with {sizes[largest]:,} bytes"
        )


@functools.lru_cache(maxsize=64)
def _escaped_base(base_url: str) -> str:
    if not re.fullmatch(HTTP_URL, base_url):
        raise VerbError(
            f"base_url={quoted(base_url, url=True)}: must be an absolute http(s) URL with a host"
        )
    return escape_attribute(clean(base_url).rstrip("/"))


def _relative(element: E, base: str) -> E:
    shape = element.shape
    changes: dict[str, Any] = {}
    for name, attribute in shape.by_name.items():
        value = getattr(element, name)
        if attribute.pattern is not None and attribute.pattern.role == "callback-url" and value:
            path = value[len(base) - 1 :]
            if value.startswith(base) and not path.startswith("//"):
                changes[name] = path
    if shape.content is not None:
        children = tuple([_relative(child, base) for child in element.children])
        if children != element.children:
            changes[shape.content] = children
    return dataclasses.replace(element, **changes) if changes else element  # type: ignore[type-var]


def _rebuild(cls: type[E], values: dict[str, Any]) -> E:
    return cls(**values)
