"""One callback over HTTP, as the platform sends it, and its reply as people read it."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from callbackkit.bxml.text import masked
from callbackkit.errors import ParseError

if TYPE_CHECKING:
    import httpx

_WIDTH = 80
_LONG = re.compile(r"( *)(<[^<>]+>)([^<>]+)(</[^<>]+>)")

TIMEOUT = 10.0
"""Seconds that the platform waits for a reply (limits.json, callbacks)."""


def request_of(method: str, url: "str | httpx.URL", callback: Mapping[str, Any]) -> "httpx.Request":
    """A callback as an HTTP request: in the query after the URL's own by GET, as JSON by POST."""
    import httpx

    target = httpx.URL(url)
    if method == "POST":
        return httpx.Request("POST", target, json=callback)
    pairs = urlencode(callback).encode()
    query = b"&".join(part for part in (target.query, pairs) if part)
    return httpx.Request("GET", target.copy_with(query=query))


def visible(text: object) -> str:
    """Text from outside, without passwords in URLs and without what would steer a terminal."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in masked(str(text)))


def body_lines(body: bytes) -> list[str]:
    """The lines of a reply's body, indented if it is XML."""
    from callbackkit.bxml.parsing import indented

    try:
        lines = indented(body).splitlines()
    except ParseError:
        return [visible(line) for line in body.decode("utf-8", "replace").splitlines()]
    # A text beside many attributes would be hard to see.
    spread = [
        _LONG.sub(r"\1\2\n\1  \3\n\1\4", line) if len(line) > _WIDTH else line for line in lines
    ]
    return [click.style(visible(part), fg="green") for line in spread for part in line.split("\n")]
