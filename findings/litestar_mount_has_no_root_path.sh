#!/usr/bin/env bash
# Library: litestar 2.25.0.
# Behaviour: below `@asgi("/mounted", is_mount=True)` the mounted ASGI app gets path="/a/b/" and
# root_path="" for a request to /mounted/a/b: the prefix is gone without a trace (only raw_path has
# it), and a slash is put behind the path, whether copy_scope is True or not.
# Expected: root_path="/mounted", as ASGI has it ("the root path this application is mounted at"),
# and as mounts of Starlette and BlackSheep do; and the path without a slash that nobody sent. An app
# that builds absolute URLs from its scope is wrong under Litestar otherwise.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litestar==2.25.0 httpx==0.28.1
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from importlib.metadata import version

import httpx
from litestar import Litestar, asgi
from litestar.types import Receive, Scope, Send

seen = []


async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
    seen.append((scope["path"], scope["root_path"], scope["raw_path"]))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def main() -> None:
    host = Litestar([asgi("/mounted", is_mount=True, copy_scope=True)(mounted)])
    transport = httpx.ASGITransport(host)
    async with httpx.AsyncClient(transport=transport, base_url="http://host.test") as client:
        assert (await client.get("/mounted/a/b")).status_code == 200


asyncio.run(main())
print("litestar", version("litestar"), "path, root_path, raw_path:", *seen)
assert seen == [("/a/b/", "", b"/mounted/a/b")], "the behaviour has changed"
PYTHON
