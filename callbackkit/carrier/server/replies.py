"""Successful replies: JSON, nothing, and the place of what was created."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response


def json_reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a reply with JSON, without those properties of an object that are None."""
    if isinstance(value, Mapping):
        value = without_none(value)
    content = json.dumps(value, separators=(",", ":")).encode()
    return Response(content, status, headers, "application/json")


def without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the items of a mapping whose values are not None."""
    return {name: part for name, part in value.items() if part is not None}


def empty_reply() -> Response:
    """Return a success without a body."""
    return Response()


def created_reply(location: str) -> Response:
    """Return a success that names the URL of what was created."""
    return Response(status_code=201, headers={"location": location})
