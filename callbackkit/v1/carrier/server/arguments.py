"""Arguments of requests, and the platform's errors for wrong ones."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

from callbackkit.carrier.server.arguments import WrongArgument, read_arguments
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request

T = TypeVar("T")

Errors = Mapping[tuple[str, str], str]
"""Templates that an operation has for single arguments, by pydantic's type of the error and the
name on the wire. They quote the value, if anything."""

_RESOURCES = {
    "phoneNumbers": "number",
    "local": "number",
    "tollFree": "number",
    "members": "conferenceMember",
}
"""The names of resources in errors, by the last fixed part of their path; others lose an "s"."""

_REMOVABLE = {
    "callbackUrl": "callback_url",
    "fallbackUrl": "fallback_url",
    "incomingCallUrl": "incoming_call_url",
    "incomingMessageUrl": "incoming_message_url",
    "fileUrl": "file_url",
    "sentence": "sentence",
}
"""Properties that an empty text takes away, which is None then: samples have that
(methods/messages/postMessages, methods/calls/postCallsCallIdAudio)."""

_ERRORS: Errors = {
    ("url", "callbackUrl"): "callback-invalid-url",
    ("url", "fallbackUrl"): "callback-invalid-url",
    ("url", "fileUrl"): "media-invalid-url",
    ("url", "media"): "media-invalid-url",
}


def read(request: Request, declared: type[T], errors: Errors = MappingProxyType({})) -> T:
    """Return the arguments of a request, a TypedDict, without those that are missing or null.

    Raises UnreadableBody, RestRejection.
    """
    assert request.operation is not None
    fixed = [part for part in request.operation.path.split("/") if "{" not in part]
    resource = _RESOURCES.get(fixed[-1], fixed[-1].removesuffix("s"))
    return read_fields(request.fields(), declared, resource, errors)


def read_fields(
    fields: Any, declared: type[T], resource: str, errors: Errors = MappingProxyType({})
) -> T:
    """Return the arguments that the fields of a JSON object are. Raises RestRejection."""
    if not isinstance(fields, dict):
        raise RestRejection("validation-error", reason=f"the {resource} is no JSON object")
    errors = {**_ERRORS, **errors}
    removed = [name for name in _REMOVABLE if fields.get(name) == ""]
    found = read_arguments(
        declared, _without_empty(fields), lambda wrong: _rejection(resource, wrong, errors)
    )
    return cast(T, {**cast(Any, found), **{_REMOVABLE[name]: None for name in removed}})


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_empty(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if not (value == "" and name in _REMOVABLE)
    }


def _rejection(resource: str, wrong: WrongArgument, errors: Errors) -> RestRejection:
    name, limits = wrong.name, wrong.limits
    if len(wrong.path) > 1:
        resource = wrong.path[-2]
    kind, blank = wrong.kind, isinstance(wrong.value, str) and not wrong.value.strip()
    if blank and (kind == "string_pattern_mismatch" or ("blank", name) in errors):
        kind = "blank"
    if (kind, name) in errors:
        return RestRejection(errors[kind, name], wrong.value)
    match kind:
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
    return RestRejection("validation-error", reason=f"{resource}.{name} {wrong.clause}")
