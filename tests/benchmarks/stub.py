"""A server that takes messages, answers after a delay and keeps nothing, in a process of its own.

`/50/v1/users/u-1/messages` answers after 50 ms. It checks credentials and the message, so that only
requests that do the work are counted. The second version of the API is there for bandwidth-sdk.
"""

import asyncio
import atexit
import json
import socket
import subprocess
import sys
from base64 import b64encode
from functools import cache
from itertools import count
from typing import Any

CREDENTIALS = ("t-benchmark", "s-benchmark")
SENDER, RECIPIENT, TEXT = "+19195550101", "+19195550102", "Hello World"
APPLICATION = "a-benchmark"

_AUTHORIZATION = b"Basic " + b64encode(":".join(CREDENTIALS).encode())
_MESSAGES = {
    "v1": {"from": SENDER, "to": RECIPIENT, "text": TEXT},
    "v2": {"from": SENDER, "to": [RECIPIENT], "text": TEXT, "applicationId": APPLICATION},
}
_numbers = count(1)


@cache
def url() -> str:
    """Start the stub, and give the URL that delays are below. It ends with this process."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    command = [sys.executable, __file__, str(listener.fileno())]
    process = subprocess.Popen(command, pass_fds=[listener.fileno()])
    atexit.register(process.wait)
    atexit.register(process.terminate)
    # Connections wait in the listener's queue until the server has started.
    with listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def app(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    _, delay, version, *rest = scope["path"].split("/")
    if int(delay):
        await asyncio.sleep(int(delay) / 1000)
    if (b"authorization", _AUTHORIZATION) not in scope["headers"]:
        await _reply(send, 401, b'{"category":"authentication","code":"x","details":[]}')
    elif rest != ["users", "u-1", "messages"] or json.loads(body) != _MESSAGES[version]:
        await _reply(send, 400, b'{"category":"bad-request","code":"x","details":[]}')
    elif version == "v1":
        location = b"/v1/users/u-1/messages/m-%d" % next(_numbers)
        await _reply(send, 201, b"", (b"location", location))
    else:
        await _reply(send, 202, b'{"id":"m-%d"}' % next(_numbers))


async def _reply(send: Any, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    kind = (b"content-type", b"application/json")
    await send(
        {"type": "http.response.start", "status": status, "headers": [length, kind, *headers]}
    )
    await send({"type": "http.response.body", "body": body})


def _serve(descriptor: int) -> None:
    import uvicorn

    # Connections that a client keeps are never closed under it while it pauses.
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_keep_alive=600)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
