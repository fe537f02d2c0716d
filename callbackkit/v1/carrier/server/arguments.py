"""Arguments of requests, and the platform's errors for wrong ones."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from callbackkit.carrier.server.arguments import WrongArgument, read_arguments
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request

T = TypeVar("T")

_RESOURCES = {"phoneNumbers": "number", "members": "conferenceMember"}
"""The names of resources in errors, by the last fixed part of their path; others lose an "s"."""

_EMPTY_IS_NONE = frozenset({"callbackUrl", "fallbackUrl"})
"""Samples have these empty where there is none (methods/messages/postMessages)."""

_OWN_ERRORS: Mapping[tuple[str, str], str] = {
    ("url", "callbackUrl"): "callback-invalid-url",
    ("url", "fallbackUrl"): "callback-invalid-url",
    ("url", "media"): "media-invalid-url",
    ("greater_than_equal", "incomingCallUrlCallbackTimeout"): "validation-error:callTimeout>",
    ("less_than_equal", "incomingCallUrlCallbackTimeout"): "validation-error:callTimeout<",
    ("greater_than_equal", "incomingMessageUrlCallbackTimeout"): "validation-error:messageTimeout>",
    ("less_than_equal", "incomingMessageUrlCallbackTimeout"): "validation-error:messageTimeout<",
    ("string_pattern_mismatch", "to"): "validation-error:number",
}
"""Errors of single properties by pydantic's type of error; they quote the value, if anything."""

_KINDS = {"string_type": "a text", "int_type": "a whole number"}


def read(request: Request, declared: type[T]) -> T:
    """Return the arguments of a request, a TypedDict. Raises UnreadableBody, RestRejection."""
    assert request.operation is not None
    fixed = [part for part in request.operation.path.split("/") if "{" not in part]
    name = _RESOURCES.get(fixed[-1], fixed[-1].removesuffix("s"))
    return arguments(request.fields(), declared, name)


def arguments(fields: Any, declared: type[T], resource: str) -> T:
    """Return the arguments that fields of a JSON object are. Raises RestRejection."""
    if not isinstance(fields, dict):
        raise RestRejection("validation-error", reason=f"the {resource} is no JSON object")
    values = {
        name: value
        for name, value in fields.items()
        if not (value == "" and name in _EMPTY_IS_NONE)
    }
    return read_arguments(declared, values, lambda wrong: _rejection(resource, wrong))


def _rejection(resource: str, wrong: WrongArgument) -> RestRejection:
    name = wrong.name
    if len(wrong.path) > 1:
        resource = wrong.path[-2]
    if wrong.kind == "string_pattern_mismatch" and not wrong.value.strip():
        return RestRejection("blank-property", resource, name)
    own = _OWN_ERRORS.get((wrong.kind, name))
    if own is not None:
        return RestRejection(own, wrong.value)
    limits = wrong.limits
    match wrong.kind:
        case "missing":
            return RestRejection("missing-property", resource, name)
        case "blank":
            return RestRejection("blank-property", resource, name)
        case "url":
            return RestRejection("validation-error:url", name)
        case "greater_than_equal":
            low = f"{limits['ge'] - 1:g}"
            return RestRejection("validation-error:greater", resource, name, low)
        case "less_than_equal":
            return RestRejection("validation-error:limit", resource, name, f"{limits['le']:g}")
        case "string_too_long":
            return RestRejection("validation-error:limit", resource, name, limits["max_length"])
        case "literal_error":
            words = ", ".join(re.findall("'([^']*)'", limits["expected"]))
            return RestRejection("validation-error:words", resource, name, words)
        case "bool_type":
            return RestRejection("validation-error:words", resource, name, "true, false")
    reason = f"{resource}.{name} is {_KINDS.get(wrong.kind, 'wrong')}"
    return RestRejection("validation-error", reason=reason)
