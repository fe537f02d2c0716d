"""From a declaration to an element class: its signature, its checks and its XML.

A dialect declares its verbs as plain classes with the `element` decorator; everything else follows
from the declaration, by tables that are computed once per class.
"""

import dataclasses
import linecache
import re
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, cast

import pydantic
import pydantic.dataclasses
import pydantic_core

from callbackkit.addresses import percent_encoded
from callbackkit.bxml.elements import Attribute, Document, Element, Shape, Verb
from callbackkit.bxml.fields import Content, Pattern
from callbackkit.bxml.messages import all_problems, allowed_children, verb_error, wrong_child
from callbackkit.bxml.text import clean, escape_attribute, escape_text, quoted
from callbackkit.errors import VerbError

E = TypeVar("E", bound=Element)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

_CONFIG = pydantic.ConfigDict(strict=True, extra="forbid")


@typing.dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(pydantic.Field, dataclasses.field),
)
def element(cls: type[E]) -> type[E]:
    """Make an element class from annotated fields: frozen, slotted, checked, keyword-only.

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


def elements_in(namespace: Mapping[str, object]) -> dict[str, type[Element]]:
    """Return the elements that a module declares by their name in XML.

    `namespace` are the module's global names.
    """
    return {
        value.__name__: value
        for value in namespace.values()
        if isinstance(value, type)
        and issubclass(value, Element)
        and value.__module__ == namespace["__name__"]
    }


def _make(self: Any, args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """Make an element of any values by pydantic's checks. Raises VerbError in one sentence."""
    cls = type(self)
    shape: Shape = cls.shape
    # What stands for "not given" is no value that pydantic should see.
    args = args[1:] if args[0] is dataclasses.MISSING else args
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    kwargs = {n: v for n, v in given.items() if n not in defaults or v is not defaults[n]}
    kwargs = {n: _prepared(shape, n, v) for n, v in kwargs.items()}
    if shape.text is not None:
        args = tuple([_prepared(shape, shape.text, v) for v in args])
    cls._complete(kwargs)
    problem = None
    try:
        arguments = pydantic_core.ArgsKwargs(args, kwargs)
        cls.__pydantic_validator__.validate_python(arguments, self_instance=self)
    except pydantic.ValidationError as error:
        problem = all_problems(cls, error)[0][1]
    if problem is not None:
        # Raised out here, so that no context shows the values that the sentence masks.
        raise VerbError(problem)
    inner = ""
    if shape.content is not None:
        children = _as_children(cls, getattr(self, shape.content))
        object.__setattr__(self, shape.content, children)
        inner = "".join([child._xml for child in children])
    elif shape.text is not None:
        inner = escape_text(getattr(self, shape.text))
    self._check()
    xml = shape.opening
    for attribute in shape.attributes.values():
        value = getattr(self, attribute.name)
        if value is not None:
            xml += _writer(attribute)(value)
    object.__setattr__(self, "_xml", f"{xml}>{inner}</{shape.name}>" if inner else xml + "/>")


def _prepared(shape: Shape, name: str, value: Any) -> Any:
    """Return a value as it is checked: without what XML can't hold, a URL percent-encoded."""
    if not isinstance(value, str):
        return value
    attribute = shape.by_name.get(name)
    pattern = attribute.pattern if attribute else shape.text_pattern if name == shape.text else None
    if pattern is not None and pattern.is_url:
        return percent_encoded(value)
    # What XML can't hold is refused in a choice, as in a URL.
    return value if attribute is not None and attribute.choices else clean(value)


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
        "type({n}) is not str or not {n}.isprintable() or not {n}.isascii() or not match_{n}({n})",
        "write_{n}({n})",
    ),
}


def _initializer(cls: Any) -> Callable[..., None]:
    """Return the `__init__` of an element class.

    It is compiled from the declaration: pydantic's own way through a call costs as much as all the
    rest (measured: twice the time of building and rendering a document). What is exactly right is
    taken by the compiled tests; anything else, wrong or only unusual, goes the checked way.
    Tracebacks, debuggers and `inspect.getsource` show its source.
    """
    shape: Shape = cls.shape
    first = shape.text or shape.content
    names = list(shape.by_name)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    scope: dict[str, Any] = {
        "make": _make,
        "escape": escape_text,
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
    lines = [
        f"def __init__(self, {', '.join(head)}):",
        "    if rest or other:",
        f"        {otherwise}",
    ]
    if cls._complete is not Element._complete:
        lines += [
            f"    given = {{{given}}}",
            "    complete(given)",
            f"    {', '.join(names)}, = given.values()",
        ]
    if first:
        default = fields[first].default
        use = otherwise if default is dataclasses.MISSING else f"{first} = default_{first}"
        lines += [f"    if {first} is missing:", f"        {use}"]
    lines += [f"    xml = {shape.opening!r}"]
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
            f"    if {name} is not None:",
            f"        if {test.format(**words)}:",
            f"            {otherwise}",
            f"        xml += {write.format(**words)}",
        ]
    if shape.text:
        scope["match"] = shape.text_pattern and re.compile(shape.text_pattern.regex).fullmatch
        test = f"type({first}) is not str or not {first}.isprintable()"
        if shape.text_pattern:
            test += f" or not {first}.isascii() or not match({first})"
        lines += [f"    if {test}:", f"        {otherwise}", f"    inner = escape({first})"]
    elif shape.content:
        lines += [
            f"    if type({first}) is list:",
            f"        {first} = tuple({first})",
            f"    elif type({first}) in allowed:",
            f"        {first} = ({first},)",
            f"    if type({first}) is not tuple or not allowed.issuperset(map(type, {first})):",
            f"        {otherwise}",
            f"    inner = ''.join([child._xml for child in {first}])",
        ]
    else:
        lines += ["    inner = ''"]
    lines += [f"    set_{name}(self, {name})" for name in fields]
    lines += ["    check(self)"] if cls._check is not Element._check else []
    lines += [f"    keep(self, f'{{xml}}>{{inner}}</{shape.name}>' if inner else xml + '/>')"]
    file = f"<{cls.__module__}.{shape.name}.__init__>"
    source = "\n".join([*lines, ""])
    scope["__name__"] = cls.__module__
    # Without a time of change the entry is never dropped as out of date.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    code = compile(source, file, "exec")
    exec(code, scope)  # noqa: S102 (of nothing but names that Python has taken as identifiers)
    compiled: Callable[..., None] = scope["__init__"]
    compiled.__qualname__ = f"{shape.name}.__init__"
    return compiled


def _immutable(self: Element, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(
        f"{type(self).__name__} can't be changed, {name} included: make another one, "
        "as dataclasses.replace does"
    )


def _as_children(cls: type[Element], given: object) -> tuple[Any, ...]:
    if isinstance(given, Element):
        given = (given,)
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes, bytearray)):
        children = tuple(given)
        if not cls.shape.children.issuperset(map(type, children)):
            raise _wrong_child(cls, children)
        return children
    hint = _advice(given)
    if not hint and isinstance(given, str):
        speakers = [c for c in cls.shape.children if c.shape.text and not c.shape.text_pattern]
        hint = "".join(f"; write {c.__name__}({quoted(given)})" for c in speakers)
    raise verb_error(
        cls, cls.shape.content, given, f"must be {allowed_children(cls)}, alone or in a list{hint}"
    )


def _wrong_child(cls: type[Element], given: tuple[object, ...]) -> VerbError:
    wrong = next(child for child in given if type(child) not in cls.shape.children)
    name = type(wrong).__name__ if isinstance(wrong, Element) else quoted(wrong)
    return VerbError(wrong_child(cls, name, _advice(wrong)))


def _advice(given: object) -> str:
    """Return what to do with markup where verbs are wanted, "" for what is none."""
    text = given.decode(errors="replace") if isinstance(given, (bytes, bytearray)) else given
    is_markup = isinstance(text, str) and re.match(r"\s*<[?!A-Za-z]", text.lstrip("\ufeff"))
    return "; what is BXML already becomes verbs by parse(...)" if is_markup else ""


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
            content, children = field.name, frozenset(_element_types(annotation, cls))
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
        opening=f"{DECLARATION}<{cls.__name__}"
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
    """Return the function that turns the value of an attribute into its piece of XML."""
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
            return f'{marked}{escape_attribute(value)}"'

        return write_url
    return lambda value: f'{lead}{escape_attribute(value)}"'


def _taken_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the type itself, without None and Annotated, and the metadata met on the way."""
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


def _element_types(annotation: Any, cls: type[Element]) -> set[type[Element]]:
    """Return the classes in an annotation; `Verb` is every verb that the module has declared."""
    if annotation is Verb:
        declared = elements_in(vars(sys.modules[cls.__module__]))
        return {element for element in declared.values() if issubclass(element, Verb)}
    if isinstance(annotation, type) and issubclass(annotation, Element):
        return {annotation}
    found: set[type[Element]] = set()
    for argument in typing.get_args(annotation):
        found |= _element_types(argument, cls)
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
