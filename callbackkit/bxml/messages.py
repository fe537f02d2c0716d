"""Error messages about elements: one sentence that names verb, attribute, value and rule.

They have Python's names where a verb is made, and those of XML where a text is read.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
import pydantic_core

from callbackkit.bxml.elements import Element
from callbackkit.bxml.text import quoted
from callbackkit.errors import VerbError
from callbackkit.spelling import closest


def verb_error(cls: type[Element], name: str | None, value: object, rule: str) -> VerbError:
    """Return the error for an attribute's value, in one sentence."""
    attribute = cls.shape.by_name.get(name or "")
    pattern = attribute.pattern if attribute else cls.shape.text_pattern
    url = pattern is not None and pattern.is_url
    error = VerbError(f"{cls.__name__} {name}={quoted(value, url=url)}: {rule} ({cls.docs})")
    error.attribute = name
    return error


def problems(cls: type[Element], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the problems of the single values of an element in a text.

    Each is the Python name of the attribute and a sentence with the names of the text.
    """
    try:
        validator: Any = cls.__pydantic_validator__  # type: ignore[attr-defined]
        arguments = pydantic_core.ArgsKwargs((), dict(values))
        validator.validate_python(arguments, self_instance=cls.__new__(cls))
    except pydantic.ValidationError as error:
        return all_problems(cls, error, of_text=True)
    return []


def all_problems(
    cls: type[Element], error: pydantic.ValidationError, *, of_text: bool = False
) -> list[tuple[str, str]]:
    """Return the problems of a validation error, each as Python name and sentence."""
    # An unknown name or a value too many first: it explains why another one is missing.
    found = sorted(
        error.errors(include_url=False), key=lambda e: not e["type"].startswith("unexpected")
    )
    word = _sentence_of_text if of_text else _sentence
    return [(_name(cls, e), word(cls, e)) for e in found]


def in_xml(sentence: str, vocabulary: Mapping[str, type[Element]]) -> str:
    """Return a sentence with the names and truth values of XML instead of Python's.

    It must quote no free text, as that would be changed too.
    """
    names = {
        attribute.name: attribute.xml_name
        for cls in vocabulary.values()
        for attribute in cls.shape.attributes.values()
    }
    words = {"True": "true", "False": "false", **names}
    return re.sub(r"\w+", lambda found: words.get(found[0], found[0]), sentence)


def unknown_attribute(cls: type[Element], name: str, known: Sequence[str]) -> str:
    """Return the sentence about an attribute that isn't one; `known` are those that are."""
    words = {word.replace("_", "").lower(): word for word in known}
    wanted = name.replace("_", "").lower()
    close = closest(wanted, words)
    if close is None and len(wanted) > 2:
        close = next((word for word in words if wanted in word), None)
    hint = f"it takes {_either(known)}" if close is None else f"did you mean {words[close]}?"
    return f"{cls.__name__} has no attribute {quoted(name)}: {hint} ({cls.docs})"


def wrong_child(cls: type[Element], name: str, advice: str = "") -> str:
    """Return the sentence about a child that an element can't hold, with advice at its end."""
    takes = f"it takes {allowed_children(cls)}{advice}"
    return f"{cls.__name__} can't hold {name}: {takes} ({cls.docs})"


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
    return str(verb_error(cls, name, error["input"], _rule(cls, name, error)))


def _sentence_of_text(cls: type[Element], error: pydantic_core.ErrorDetails) -> str:
    # In a text the names are known and given once, so these are the only kinds.
    name = _name(cls, error)
    attribute = cls.shape.by_name.get(name)
    if error["type"] == "missing":
        assert attribute is not None
        return f"{cls.__name__} needs {attribute.xml_name} ({cls.docs})"
    pattern = attribute.pattern if attribute else cls.shape.text_pattern
    url = pattern is not None and pattern.is_url
    value = quoted(error["input"], url=url)
    given = f"{attribute.xml_name}={value}" if attribute else value
    rule = {"int_type": "must be a whole number", "bool_type": "must be true or false"}.get(
        error["type"]
    ) or _rule(cls, name, error)
    return f"{cls.__name__} {given}: {rule} ({cls.docs})"


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
            close = closest(str(value).lower(), attribute.choices)
            hint = "" if close is None else f"; did you mean {close!r}?"
            return f"must be {_either([repr(c) for c in attribute.choices])}{hint}"
        case _:
            return error["msg"]


def allowed_children(cls: type[Element]) -> str:
    """Return the children that an element takes, as words."""
    return _either(sorted(child.__name__ for child in cls.shape.children))


def _either(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names) or "nothing"
    return f"{', '.join(names[:-1])} or {names[-1]}"
