#!/usr/bin/env bash
# Library: lilya 0.29.0.
# Behaviour: Lilya(lifespan=obj.method), a bound async context manager method that takes the app as
# its one argument, is not called with the app; the start fails with "'function' object does not
# support the asynchronous context manager protocol". A lambda around the same method works.
# Expected: a bound method is a callable of one argument like any other, as for Starlette, whose
# interface this is.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lilya==0.29.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from contextlib import asynccontextmanager
from importlib.metadata import version

from lilya.apps import Lilya


class Service:
    @asynccontextmanager
    async def lifespan(self, host=None):
        yield


async def started(lifespan):
    """The type and text of what the app sends for lifespan.startup, or of its exception."""
    host = Lilya(lifespan=lifespan)
    sent = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message["type"])

    try:
        await host({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    except TypeError as error:
        return f"{sent} {error}"
    return str(sent)


service = Service()
method = asyncio.run(started(service.lifespan))
function = asyncio.run(started(lambda host: service.lifespan(host)))
print("lilya", version("lilya"))
print("method:  ", method)
print("function:", function)
assert "lifespan.startup.failed" in method and "does not support" in method
assert function == "['lifespan.startup.complete', 'lifespan.shutdown.complete']"
PYTHON
