"""Replies of handlers, and responses of Starlette's as values."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from callbackkit.bxml import Document, Verb
from callbackkit.http import HttpResponse

if TYPE_CHECKING:
    from starlette.responses import Response

    from callbackkit.callback import Callback

Reply: TypeAlias = Union[Verb, Sequence[Verb], Document, "Response", None]
"""A handler's reply: nothing, verbs, a document of verbs, or Starlette's response."""


def is_response(result: object) -> bool:
    """Return whether a handler returned an HTTP response of Starlette's."""
    # A handler that returns one has imported it; nobody else pays for the import.
    responses = sys.modules.get("starlette.responses")
    return responses is not None and isinstance(result, responses.Response)


async def collected(response: "Response", callback: "Callback") -> HttpResponse:
    """Return a response of Starlette's, of any kind, as a value."""
    status, headers, body = 200, (), bytearray()

    async def receive() -> Any:
        return await asyncio.get_running_loop().create_future()  # nobody disconnects from a value

    async def send(message: Any) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], tuple(message["headers"])
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    # Without extensions: a server's own way of sending a file can't be collected.
    await response({**callback.request.scope, "extensions": {}}, receive, send)
    return HttpResponse(status, bytes(body), headers)
