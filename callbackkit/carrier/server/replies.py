"""Successful replies: JSON, resources as their models declare them, and what was created."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from starlette.responses import Response

from callbackkit.models import Model

Reply: TypeAlias = Response


def json_reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply with JSON, without those properties of an object that are None.

    Times are written in ISO 8601 with milliseconds and Z, decimals as text.
    """
    if isinstance(value, Mapping):
        value = without_none(value)
    content = json.dumps(value, default=_as_json, separators=(",", ":")).encode()
    return Response(content, status, headers, "application/json")


def _as_json(value: Any) -> str:
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")


def resource(model: type[Model], source: object = None, **values: Any) -> dict[str, Any]:
    """Return a resource by the names on the wire of its model's fields, without those that are
    None.

    A field comes from `values`, else from the attribute of `source` with its name. Raises
    TypeError for values that the model has no field for.
    """
    found = {}
    for name, wire in _names(model):
        value = values.pop(name) if name in values else getattr(source, name, None)
        if value is not None:
            found[wire] = value
    if values:
        raise TypeError(f"{model.__name__} has no {', '.join(values)}")
    return found


@cache
def _names(model: type[Model]) -> list[tuple[str, str]]:
    """Return the names of a model's fields, in Python and on the wire."""
    fields = model.model_fields.items()
    return [(name, field.serialization_alias or name) for name, field in fields]


def without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the items of a mapping whose values are not None."""
    return {name: part for name, part in value.items() if part is not None}


def created(location: str) -> Reply:
    """Return a success that names the URL of what was created."""
    return Response(status_code=201, headers={"location": location})


def as_reply(value: object) -> Reply:
    """Return a reply as it is, JSON for another value, and a reply without a body for None."""
    if isinstance(value, Response):
        return value
    return Response() if value is None else json_reply(value)
