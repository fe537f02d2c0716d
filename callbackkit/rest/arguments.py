"""Arguments as a TypedDict declares them: checked and named for the wire, or read from it.

No message quotes a text that was passed, as it may be a message, a secret or a URL with
credentials: only numbers and words of a closed list are quoted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

from pydantic import AliasPath, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from typing_extensions import get_type_hints, is_typeddict

from callbackkit.errors import ArgumentError
from callbackkit.logs import shown
from callbackkit.models import wire_name
from callbackkit.rest.rules import ArgumentRule, Together, one_of
from callbackkit.spelling import did_you_mean


def at(path: str) -> Any:
    """Return a mark for `Annotated` that puts an argument inside objects of the body, by their
    names with dots between."""
    return Field(validation_alias=AliasPath(*path.split(".")), serialization_alias=path)


# Dataclasses are made without a check and may be wrong, so that all is checked in one place.
_CONFIG = ConfigDict(alias_generator=wire_name, revalidate_instances="always")

_PLAIN = {str: "is a text", bool: "is True or False", int: "is a whole number"}


@dataclass(frozen=True)
class _Argument:
    rule: ArgumentRule
    path: str | None = None
    """Its place on the wire, if not under its own name."""
    inner: "Arguments | None" = None
    """Its own arguments, if it is an object with some."""


class Arguments:
    """The arguments that a TypedDict declares, or the fields of a dataclass that is one of them.

    Use `arguments_of(declared)`: making one takes some milliseconds.
    """

    def __init__(self, declared: type) -> None:
        hints = get_type_hints(declared, include_extras=True)
        self.names = frozenset(hints)
        """The Python names of all arguments."""
        self._arguments = {name: _argument(hint) for name, hint in hints.items()}
        declared.__pydantic_config__ = _CONFIG  # type: ignore[attr-defined]
        self.declared = declared
        self._together: tuple[Together, ...] = getattr(declared, "__together__", ())
        self._inner = {name: found.inner for name, found in self._arguments.items() if found.inner}

    @property
    def wire_names(self) -> frozenset[str]:
        """The names of all arguments on the wire, with dots where one is inside an object."""
        found: set[str] = set()
        for name, argument in self._arguments.items():
            path = argument.path or wire_name(name)
            inner = () if argument.inner is None else argument.inner.wire_names
            found |= {f"{path}.{below}" for below in inner} or {path}
        return frozenset(found)

    def encode(self, operation: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments by their names on the wire, without those that are None.

        `operation` is what messages call the operation. Raises ArgumentError.
        """
        passed = {name: value for name, value in values.items() if value is not None}
        if not self.names.issuperset(passed):
            raise ArgumentError(f"{operation} {self._unknown(passed)}")
        adapter = _adapter(self.declared)
        try:
            checked = adapter.validator.validate_python(
                passed, strict=True, by_alias=False, by_name=True
            )
        except ValidationError as error:
            problem = self._sentence(operation, error)
        else:
            self._check_together(operation, checked)
            sent = adapter.serializer.to_python(checked, by_alias=True, exclude_none=True)
            return _nested(sent)
        raise ArgumentError(problem)  # outside, so that no error quotes what was passed

    def decode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments by their Python names, read from values by their names on the wire.

        Numbers and booleans may be written as text; unknown names and null are ignored. Rules that
        arguments obey together are not checked. Raises pydantic's ValidationError: `type` and `ctx`
        of its errors say what is wrong, and `loc` names it as on the wire.
        """
        sent = {name: value for name, value in values.items() if value is not None}
        adapter = _adapter(self.declared)
        return adapter.validator.validate_python(  # type: ignore[no-any-return]
            sent, by_alias=True, by_name=False
        )

    def clause_of(self, *path: str) -> str:
        """Return what the argument that names on the wire lead to must be, in words that follow
        its name."""
        whole = ".".join(path)
        for name, argument in self._arguments.items():
            wire = argument.path or wire_name(name)
            if wire == whole:
                return argument.rule.clause
            if argument.inner is not None and path[0] == wire:
                return argument.inner.clause_of(*path[1:])
        return "is of another type"

    # Sentences

    def _unknown(self, passed: Mapping[str, Any]) -> str:
        name = next(name for name in passed if name not in self._arguments)
        hint = did_you_mean(name, self._arguments, "")
        return f"takes no {shown(name)}; {hint}" if hint else f"takes no {shown(name)}."

    def _check_together(self, operation: str, checked: Mapping[str, Any]) -> None:
        for rule in self._together:
            if rule.broken(checked):
                raise ArgumentError(f"{operation} {rule.clause}.")
        for name, inner in self._inner.items():
            if name in checked:
                fields = {
                    key: value for key, value in vars(checked[name]).items() if value is not None
                }
                inner._check_together(f"{operation}: {name}", fields)

    def _sentence(self, operation: str, error: ValidationError) -> str:
        problem = error.errors(include_url=False)[0]
        name, *inside = (str(part) for part in problem["loc"])
        argument = self._arguments[name]
        while argument.inner is not None and inside:
            operation = f"{operation}: {name}"
            name, *inside = inside
            argument = argument.inner._arguments[name]
        if problem["type"] == "missing":
            return f"{operation} needs {name}."
        return f"{operation}: {name} {argument.rule.clause}{_not(problem['input'], argument.rule)}."


@cache
def arguments_of(declared: type) -> Arguments:
    """Return the arguments that a TypedDict declares."""
    return Arguments(declared)


@cache
def _adapter(declared: type) -> Any:
    return TypeAdapter(declared)


def _argument(hint: Any) -> _Argument:
    origin = get_origin(hint)
    if origin in (Required, NotRequired):
        return _argument(get_args(hint)[0])
    if origin is Annotated:
        found = _argument(hint.__origin__)
        for mark in hint.__metadata__:
            if isinstance(mark, ArgumentRule):
                found = replace(found, rule=mark)
            elif isinstance(mark, FieldInfo) and mark.serialization_alias:
                found = replace(found, path=mark.serialization_alias)
        return found
    if origin is Literal:
        return _Argument(one_of(get_args(hint)))
    if origin in (Union, UnionType):
        return _argument(next(choice for choice in get_args(hint) if choice is not NoneType))
    if isinstance(hint, type) and (is_typeddict(hint) or is_dataclass(hint)):
        return _Argument(ArgumentRule(f"is a {hint.__name__}"), inner=arguments_of(hint))
    return _Argument(ArgumentRule(_PLAIN.get(hint, "is of another type")))


def _not(value: object, rule: ArgumentRule) -> str:
    if rule.words:
        return f", not {shown(value)}"
    return f", not {value}" if isinstance(value, int | float) else ""


def _nested(sent: dict[str, Any]) -> dict[str, Any]:
    """Put what has a name with dots inside objects."""
    for path in [name for name in sent if "." in name]:
        put(sent, path, sent.pop(path))
    return sent


def put(body: dict[str, Any], path: str, value: object) -> None:
    """Set the value that a path of names with dots between them leads to."""
    *outer, last = path.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value
