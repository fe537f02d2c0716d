"""What every BXML element shares: immutable values, checked when made, and one string writer.

A dialect declares its verbs as plain classes with the `element` decorator; everything else (the
signature, the checks, the sentence of an error, the XML) follows from the declaration. lxml has no
part in it: writing a document is joining strings, by tables that are computed once per class.
"""

import dataclasses
import difflib
import functools
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeVar, cast

import pydantic
import pydantic.dataclasses
import pydantic_core
from pydantic_core import core_schema

from callbackkit.errors import ReplyError, VerbError

E = TypeVar("E", bound="Element")

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

# The characters that the production "Char" of XML 1.0 leaves out.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_USERINFO = re.compile(r"((?:[a-z][a-z0-9+.-]*:)?//|\bsips?:)([^\s/?#@:]*)(:[^\s/?#]*)?@", re.I)

# What no URL may hold: white space, controls, and what XML can't hold.
_NO = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufffe\uffff"
_HOST = rf"(?:[^{_NO}/?#@:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?"
_HTTP = rf"(?i:https?)://(?:{_HOST}|[^{_NO}/?#@]*@{_HOST})(?:[/?#][^{_NO}]*)?"


def clean(text: str) -> str:
    """`text` without the characters that no XML 1.0 document can hold, not even escaped."""
    # isprintable() is several times cheaper than the search and true for nearly all text.
    return text if str.isprintable(text) else _NOT_IN_XML.sub("", text)


def masked(text: str) -> str:
    """`text` with the passwords in its URLs replaced by ***."""
    return _USERINFO.sub(_mask, text) if "@" in text else text


def _mask(found: re.Match[str]) -> str:
    scheme, user, secret = found.groups()
    if secret:
        return f"{scheme}{user}:***@"
    # A lone user of an http URL may be a token; that of a SIP address is a name.
    return f"{scheme}***@" if scheme.endswith("//") else found[0]


def _escape_text(text: str) -> str:
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:  # a parser turns a bare one into \n
        text = text.replace("\r", "&#13;")
    return text


def _escape_attribute(text: str) -> str:
    text = _escape_text(text)
    if '"' in text:
        text = text.replace('"', "&quot;")
    if "\n" in text:  # a parser turns white space of an attribute into spaces
        text = text.replace("\n", "&#10;")
    if "\t" in text:
        text = text.replace("\t", "&#9;")
    return text


@dataclasses.dataclass(frozen=True, slots=True)
class Pattern:
    """Metadata of a text field: what it must match, and what an error says when it doesn't.

    Parameters:
        regex: the pattern of the whole text, in the syntax of Rust's regex crate.
        rule: the clause of the error, or a function that words it for the refused value.
        role: "url" marks a URL, "callback-url" one that may be a path below the app.
    """

    regex: str
    rule: str | Callable[[str], str]
    role: Literal["text", "url", "callback-url"] = "text"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: pydantic.GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.str_schema(pattern=f"^(?:{self.regex})$", strict=True)

    @property
    def is_url(self) -> bool:
        return self.role != "text"

    def explain(self, value: str) -> str:
        return self.rule if isinstance(self.rule, str) else self.rule(value)


class Content:
    """Metadata of the field that holds the children: one of them or a sequence."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: pydantic.GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        # Comparing the types of the children with a set is cheaper than a union's validator.
        return core_schema.any_schema()


def _callback_url_rule(value: str) -> str:
    if re.search(r"\s", value):
        return "must hold no white space; percent-encode it as %20"
    if value.startswith("//"):
        return "must name its scheme; write https: in front of it"
    if value and ":" not in value:
        path = "/" + value.lstrip("./")
        return f"must be an absolute http(s) URL or a path of this app, such as {masked(path)!r}"
    return "must be an absolute http(s) URL with a host, or a path of this app that starts with /"


def _media_url_rule(value: str) -> str:
    if re.search(r"\s", value):
        return "must hold no white space; percent-encode it as %20"
    if value.startswith("/") and not value.startswith("//"):
        return (
            f"must be an absolute http(s) URL; for a file of this app use callback.url({value!r})"
        )
    return "must be an absolute http(s) URL with a host"


CallbackUrl = Annotated[
    str, Pattern(rf"{_HTTP}|/(?:[^{_NO}/][^{_NO}]*)?", _callback_url_rule, "callback-url")
]
"""An absolute http(s) URL, or a path that starts with one "/" and is made absolute at render."""

MediaUrl = Annotated[str, Pattern(_HTTP, _media_url_rule, "url")]
"""An absolute http(s) URL."""


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

    @property
    def strict(self) -> bool:
        """Whether what it takes leaves no room for a character that XML can't hold."""
        return bool(self.choices) or (self.pattern is not None and self.pattern.is_url)


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """What an element class consists of; computed once, read by the writer, the parser and tools.

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
        """Adds to the attributes that were given what follows from them, before all are checked."""

    def _check(self) -> None:
        """Checks what one field alone can't tell. Raises VerbError."""

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

    def to_xml(self, base_url: str | None = None) -> str:
        """The document as text, with its XML declaration and of any size.

        Parameters:
            base_url: the public URL of the app's root, without a slash at the end; goes in front of
                every callback URL that is a path.

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
        return xml.replace("\0", _base(base_url))

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
def _base(base_url: str) -> str:
    if not re.fullmatch(_HTTP, base_url):
        raise VerbError(
            f"base_url={_shown(base_url, url=True)}: must be an absolute http(s) URL with a host"
        )
    return _escape_attribute(clean(base_url))


_CONFIG = pydantic.ConfigDict(strict=True, extra="forbid")


@typing.dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(pydantic.Field, dataclasses.field),
)
def element(cls: type[E]) -> type[E]:
    """Makes an element class from annotated fields: frozen, slotted, checked, keyword-only.

    The first positional parameter is a field declared with `kw_only=False`: the element's text (a
    `str`) or its children (annotated with `Content`). All other fields are attributes.
    """
    made: Any = pydantic.dataclasses.dataclass(
        frozen=True, slots=True, kw_only=True, repr=False, config=_CONFIG
    )(cls)
    made.shape = _shape_of(made)
    made.__init__ = _initializer(made)
    # Those of a slotted dataclass fail with a TypeError about super for names that aren't fields.
    made.__setattr__ = made.__delattr__ = _immutable
    return cast(type[E], made)


def _make(self: Any, args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """Makes an element of anything, or refuses it in a sentence; pydantic does the checking."""
    cls = type(self)
    shape: Shape = cls.shape
    # What stands for "not given" is no value that pydantic should see.
    args = args[1:] if args[0] is dataclasses.MISSING else args
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    kwargs = {n: v for n, v in given.items() if n not in defaults or v is not defaults[n]}
    # What XML can't hold is taken out of free text; in a URL or a choice it is refused as it is.
    strict = {name for name, attribute in shape.by_name.items() if attribute.strict}
    if shape.text is not None and shape.text_pattern is not None and shape.text_pattern.is_url:
        strict.add(shape.text)
    kwargs = {
        n: clean(v) if isinstance(v, str) and n not in strict else v for n, v in kwargs.items()
    }
    if shape.text is not None and shape.text not in strict:
        args = tuple([clean(v) if isinstance(v, str) else v for v in args])
    cls._complete(kwargs)
    problem = None
    try:
        arguments = pydantic_core.ArgsKwargs(args, kwargs)
        cls.__pydantic_validator__.validate_python(arguments, self_instance=self)
    except pydantic.ValidationError as error:
        problem = _problems(cls, error)[0][1]
    if problem is not None:
        # Raised out here, so that no context shows the values that the sentence masks.
        raise VerbError(problem)
    inner = ""
    if shape.content is not None:
        children = _as_children(cls, getattr(self, shape.content))
        object.__setattr__(self, shape.content, children)
        inner = "".join([child._xml for child in children])
    elif shape.text is not None:
        inner = _escape_text(getattr(self, shape.text))
    self._check()
    xml = shape.opening
    for attribute in shape.attributes.values():
        value = getattr(self, attribute.name)
        if value is not None:
            xml += _writer(attribute)(value)
    object.__setattr__(self, "_xml", f"{xml}>{inner}</{shape.name}>" if inner else xml + "/>")


# An attribute in the compiled __init__: the test that sends it the checked way, and its XML.
_FAST = {
    "choice": ("type({n}) is not str or {n} not in choices_{n}", "choices_{n}[{n}]"),
    "bool": (
        "{n} is not True and {n} is not False",
        "' {x}=\"true\"' if {n} else ' {x}=\"false\"'",
    ),
    "int": ("type({n}) is not int or {n} < {low} or {n} > {high}", "f' {x}=\"{{{n}}}\"'"),
    "text": ("type({n}) is not str or not {n}.isprintable()", "write_{n}({n})"),
    "pattern": (
        "type({n}) is not str or not {n}.isprintable() or not match_{n}({n})",
        "write_{n}({n})",
    ),
}


def _initializer(cls: Any) -> Callable[..., None]:
    """The `__init__` of an element class.

    It is compiled from the declaration: pydantic's own way through a call costs as much as all the
    rest (measured: twice the time of building and rendering a document). What is exactly right is
    taken by the compiled tests; anything else, wrong or only unusual, goes the checked way.
    """
    shape: Shape = cls.shape
    first = shape.text or shape.content
    names = list(shape.by_name)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    scope: dict[str, Any] = {
        "make": _make,
        "escape": _escape_text,
        "missing": dataclasses.MISSING,
        "keep": Element.__dict__["_xml"].__set__,
        "allowed": shape.children,
        "complete": cls._complete,
        "check": cls._check,
    }
    for name, field in fields.items():
        scope[f"set_{name}"] = cls.__dict__[name].__set__
        scope[f"default_{name}"] = field.default
    given = ", ".join(f"{name!r}: {name}" for name in names)
    all_given = f"{{{', '.join(filter(None, [given, '**other']))}}}"
    otherwise = f"return make(self, ({first or 'missing'}, *rest), {all_given})"
    head = [f"{first}=missing", "/"] if first else ["/"]
    head += ["*rest", *[f"{name}=default_{name}" for name in names], "**other"]
    lines = [f"def __init__(self, {', '.join(head)}):", f" if rest or other: {otherwise}"]
    if cls._complete is not Element._complete:
        lines += [
            f" given = {{{given}}}",
            " complete(given)",
            f" {', '.join(names)}, = given.values()",
        ]
    if first:
        default = fields[first].default
        use = otherwise if default is dataclasses.MISSING else f"{first} = default_{first}"
        lines += [f" if {first} is missing: {use}"]
    lines += [f" xml = {shape.opening!r}"]
    for attribute in shape.attributes.values():
        name = attribute.name
        pattern = attribute.pattern
        scope[f"write_{name}"] = _writer(attribute)
        scope[f"choices_{name}"] = {c: scope[f"write_{name}"](c) for c in attribute.choices}
        scope[f"match_{name}"] = pattern and re.compile(pattern.regex).fullmatch
        kind = "choice" if attribute.choices else "pattern" if pattern else attribute.type.__name__
        test, write = _FAST["text" if kind == "str" else kind]
        words = {"n": name, "x": attribute.xml_name, "low": attribute.low, "high": attribute.high}
        lines += [
            f" if {name} is not None:",
            f"  if {test.format(**words)}: {otherwise}",
            f"  xml += {write.format(**words)}",
        ]
    if shape.text:
        scope["match"] = shape.text_pattern and re.compile(shape.text_pattern.regex).fullmatch
        test = f"type({first}) is not str or not {first}.isprintable()"
        test += f" or not match({first})" if shape.text_pattern else ""
        lines += [f" if {test}: {otherwise}", f" inner = escape({first})"]
    elif shape.content:
        lines += [
            f" if type({first}) is list: {first} = tuple({first})",
            f" elif type({first}) in allowed: {first} = ({first},)",
            f" if type({first}) is not tuple: {otherwise}",
            f" if not allowed.issuperset(map(type, {first})): {otherwise}",
            f" inner = ''.join([child._xml for child in {first}])",
        ]
    else:
        lines += [" inner = ''"]
    lines += [f" set_{name}(self, {name})" for name in fields]
    lines += [" check(self)"] if cls._check is not Element._check else []
    lines += [f" keep(self, f'{{xml}}>{{inner}}</{shape.name}>' if inner else xml + '/>')"]
    code = compile("\n".join(lines), f"<{shape.name}.__init__>", "exec")
    exec(code, scope)  # noqa: S102 (of nothing but names that Python has taken as identifiers)
    compiled: Callable[..., None] = scope["__init__"]
    return compiled


def _immutable(self: Element, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(
        f"{type(self).__name__} can't be changed, {name} included: make another one, "
        "as dataclasses.replace does"
    )


def _rebuild(cls: type[E], values: dict[str, Any]) -> E:
    return cls(**values)


def _as_children(cls: type[Element], given: object) -> tuple[Any, ...]:
    if isinstance(given, Element):
        given = (given,)
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes, bytearray)):
        children = tuple(given)
        if not cls.shape.children.issuperset(map(type, children)):
            raise _wrong_child(cls, children)
        return children
    hint = ""
    if isinstance(given, str):
        speakers = [c for c in cls.shape.children if c.shape.text and not c.shape.text_pattern]
        hint = "".join(f"; write {c.__name__}({_shown(given)})" for c in speakers)
    raise refusal(
        cls, cls.shape.content, given, f"must be {_allowed(cls)}, alone or in a list{hint}"
    )


def _wrong_child(cls: type[Element], given: tuple[object, ...]) -> VerbError:
    wrong = next(child for child in given if type(child) not in cls.shape.children)
    name = type(wrong).__name__ if isinstance(wrong, Element) else _shown(wrong)
    return VerbError(wrong_child(cls, name))


def _allowed(cls: type[Element]) -> str:
    return _either(sorted(child.__name__ for child in cls.shape.children))


def _either(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names) or "nothing"
    return f"{', '.join(names[:-1])} or {names[-1]}"


def refusal(cls: type[Element], name: str | None, value: object, rule: str) -> VerbError:
    """The error for an attribute's value: its verb, name, value and the rule, in one sentence."""
    attribute = cls.shape.by_name.get(name or "")
    pattern = attribute.pattern if attribute else cls.shape.text_pattern
    url = pattern is not None and pattern.is_url
    return VerbError(f"{cls.__name__} {name}={_shown(value, url=url)}: {rule} ({cls.docs})")


def _shown(value: object, *, url: bool = False) -> str:
    if isinstance(value, str):
        # What is no URL may hold its userinfo anywhere, so all up to the last @ goes.
        text = re.sub(r"(?s)^((?:[A-Za-z]+:)?//)?.*@", r"\1***@", value) if url else masked(value)
        return repr(text if len(text) <= 60 else text[:60] + "\u2026")
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)[:60]
    return f"an object of type {type(value).__name__}"


def problems(cls: type[Element], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All that is wrong with the single values of an element: Python name and sentence."""
    try:
        validator: Any = cls.__pydantic_validator__  # type: ignore[attr-defined]
        arguments = pydantic_core.ArgsKwargs((), dict(values))
        validator.validate_python(arguments, self_instance=cls.__new__(cls))
    except pydantic.ValidationError as error:
        return _problems(cls, error)
    return []


def _problems(cls: type[Element], error: pydantic.ValidationError) -> list[tuple[str, str]]:
    # An unknown name or a value too many first: it explains why another one is missing.
    found = sorted(
        error.errors(include_url=False), key=lambda e: not e["type"].startswith("unexpected")
    )
    return [(_name(cls, e), _sentence(cls, e)) for e in found]


def _name(cls: type[Element], error: pydantic_core.ErrorDetails) -> str:
    place = error["loc"][0] if error["loc"] else ""
    if isinstance(place, int):  # the position of an argument
        return cls.shape.text or cls.shape.content or ""
    return place


def _sentence(cls: type[Element], error: pydantic_core.ErrorDetails) -> str:
    shape = cls.shape
    kind = error["type"]
    name = _name(cls, error)
    positional = shape.text or shape.content
    if kind == "unexpected_keyword_argument":
        known = [*shape.by_name, *([positional] if positional else [])]
        return unknown_attribute(cls, name, known)
    if kind == "unexpected_positional_argument":
        rule = f"only {positional} without a name" if positional else "nothing without a name"
        several = ", several verbs in one list" if shape.content else ""
        return f"{cls.__name__} takes {rule}{several} ({cls.docs})"
    if kind == "multiple_argument_values":
        return f"{cls.__name__} was given {name} twice ({cls.docs})"
    if kind == "missing":
        return f"{cls.__name__} needs {name} ({cls.docs})"
    return str(refusal(cls, name, error["input"], _rule(cls, name, error)))


def unknown_attribute(cls: type[Element], name: str, known: Sequence[str]) -> str:
    """The sentence about an attribute that isn't one; `known` are those that are."""
    words = {word.replace("_", "").lower(): word for word in known}
    wanted = name.replace("_", "").lower()
    close = difflib.get_close_matches(wanted, words, 1, 0.6)
    close = close or [word for word in words if len(wanted) > 2 and wanted in word]
    hint = f"did you mean {words[close[0]]}?" if close else f"it takes {_either(known)}"
    return f"{cls.__name__} has no attribute {_shown(name)}: {hint} ({cls.docs})"


def wrong_child(cls: type[Element], name: str) -> str:
    """The sentence about a child that an element can't hold."""
    return f"{cls.__name__} can't hold {name}: it takes {_allowed(cls)} ({cls.docs})"


def _rule(cls: type[Element], name: str, error: pydantic_core.ErrorDetails) -> str:
    attribute = cls.shape.by_name.get(name)
    pattern = attribute.pattern if attribute else cls.shape.text_pattern
    context = error.get("ctx", {})
    value = error["input"]
    match error["type"]:
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "int_type":
            return "must be a whole number, an int"
        case "bool_type":
            return "must be True or False"
        case "string_type":
            return "must be a str"
        case "string_pattern_mismatch" | "string_unicode" if pattern is not None:
            return pattern.explain(str(value))
        case "literal_error":
            assert attribute is not None
            close = difflib.get_close_matches(str(value).lower(), attribute.choices, 1, 0.6)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            return f"must be {_either([repr(c) for c in attribute.choices])}{hint}"
        case _:
            return error["msg"]


def _shape_of(cls: type[Element]) -> Shape:
    hints = typing.get_type_hints(cls, include_extras=True)
    attributes: dict[str, Attribute] = {}
    text: str | None = None
    text_pattern: Pattern | None = None
    content: str | None = None
    children: frozenset[type[Element]] = frozenset()
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        annotation, metadata = _taken_apart(hints[field.name])
        pattern = next((m for m in metadata if isinstance(m, Pattern)), None)
        if Content in metadata:
            content, children = field.name, frozenset(_element_types(annotation))
            continue
        if not field.kw_only:
            text, text_pattern = field.name, pattern
            continue
        literal = typing.get_origin(annotation) is Literal
        low, high = _range(field.name, metadata)
        xml_name = _camel(field.name)
        attributes[xml_name] = Attribute(
            name=field.name,
            xml_name=xml_name,
            type=str if literal else annotation,
            choices=typing.get_args(annotation) if literal else (),
            pattern=pattern,
            required=field.default is dataclasses.MISSING,
            low=low,
            high=high,
        )
    return Shape(
        name=cls.__name__,
        attributes=types.MappingProxyType(attributes),
        text=text,
        text_pattern=text_pattern,
        content=content,
        children=children,
        opening=f"{_DECLARATION}<{cls.__name__}"
        if issubclass(cls, Document)
        else f"<{cls.__name__}",
    )


def _range(name: str, metadata: tuple[Any, ...]) -> tuple[int, int]:
    low, high = -(2**63), 2**63 - 1
    for mark in [m for info in metadata for m in getattr(info, "metadata", ())]:
        if hasattr(mark, "ge"):
            low = mark.ge
        elif hasattr(mark, "le"):
            high = mark.le
        else:
            raise TypeError(f"{name}: an element's field can have ge and le, not {mark!r}")
    return low, high


def _writer(attribute: Attribute) -> Callable[[Any], str]:
    """What turns the value of an attribute into its piece of XML."""
    lead = f' {attribute.xml_name}="'
    if attribute.choices:
        return {choice: f'{lead}{choice}"' for choice in attribute.choices}.__getitem__
    if attribute.type is bool:
        return {True: f'{lead}true"', False: f'{lead}false"'}.__getitem__
    if attribute.type is int:
        return f'{lead}%d"'.__mod__
    if attribute.pattern is not None and attribute.pattern.role == "callback-url":

        def write_url(value: str) -> str:
            marked = f"{lead}\0" if value[0] == "/" else lead
            return f'{marked}{_escape_attribute(value)}"'

        return write_url
    return lambda value: f'{lead}{_escape_attribute(value)}"'


def _taken_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type itself, without None and Annotated, and the metadata met on the way."""
    metadata: tuple[Any, ...] = ()
    while True:
        if typing.get_origin(annotation) is Annotated:
            metadata += annotation.__metadata__
            annotation = annotation.__origin__
            continue
        arguments = typing.get_args(annotation)
        if type(None) in arguments:
            (annotation,) = (a for a in arguments if a is not type(None))
            continue
        return annotation, metadata


def _element_types(annotation: Any) -> set[type[Element]]:
    if isinstance(annotation, type) and issubclass(annotation, Element):
        return {annotation}
    found: set[type[Element]] = set()
    for argument in typing.get_args(annotation):
        found |= _element_types(argument)
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
