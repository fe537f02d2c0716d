"""What goes back to the platform: what a handler may return, and that reply as an HTTP value."""

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
"""What a handler may return: nothing, verbs, a document of verbs, or Starlette's response."""


def is_response(result: object) -> bool:
    """Whether a handler returned an HTTP response of Starlette's."""
    # Who returns one has imported it; nobody else pays for the import.
    responses = sys.modules.get("starlette.responses")
    return responses is not None and isinstance(result, responses.Response)


async def collected(response: "Response", callback: "Callback") -> HttpResponse:
    """A response of Starlette's as a value, whatever kind it is."""
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
