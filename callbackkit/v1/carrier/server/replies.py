"""The replies of the API that are no refusals: JSON, nothing, and the place of what was created."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from callbackkit.v1.carrier.server.asking import Request


def shown(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A reply with JSON. Properties of an object that are None are left out."""
    if isinstance(value, dict):
        value = known(value)
    content = json.dumps(value, separators=(",", ":")).encode()
    return Response(content, status, headers, "application/json")


def known(value: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what is not known."""
    return {name: part for name, part in value.items() if part is not None}


def done() -> Response:
    """A success that has nothing to tell."""
    return Response()


def created(request: Request, path: str) -> Response:
    """The place of what was created, below the user's; nothing reads a body (rest.json)."""
    return Response(status_code=201, headers={"location": request.carrier.uri(path)})
