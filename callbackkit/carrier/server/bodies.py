"""Bodies of requests: read up to a limit, and decoded as JSON."""

import json
from typing import Any

from callbackkit.security import BodyTooLarge, ClientDisconnected


class UnreadableBody(Exception):
    """A body that is no JSON; its text says why, and quotes nothing of it."""


async def read_content(receive: Any, limit: int) -> bytes:
    """Return a body of at most `limit` bytes.

    The rest of a larger one is read too, up to four times the limit, as a client that still sends
    would not see the reply. Raises BodyTooLarge with the number of bytes, ClientDisconnected.
    """
    received, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            received += chunk
        elif size > 4 * limit:
            raise BodyTooLarge(size)
        if not message.get("more_body", False):
            break
    if size > limit:
        raise BodyTooLarge(size)
    return bytes(received)


def decode_json(content: bytes, content_type: str | None) -> Any:
    """Return the JSON of a body, an empty object if there is no body. Raises UnreadableBody."""
    if not content.strip():
        return {}
    kind = (content_type or "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnreadableBody("the body is not sent as application/json")
    try:
        value = json.loads(content.decode(), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        pass  # raised outside, so that no traceback holds what was sent
    else:
        return value
    raise UnreadableBody("the body is no JSON")


def _no_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and infinities: Python reads them, JSON does not have them
