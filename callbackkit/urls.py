"""The public URL of an app: the base of every URL in a document."""

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from callbackkit.errors import DecodeError, SetupError

_PUBLIC_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#@]*)(?P<path>/[^?#\s]*)?")
# A name has at most 253 characters (RFC 1035); a longer one would only fill documents and caches.
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class HostError(DecodeError):
    """The request's Host header is no host name, so nothing may be built from it."""


class Root(NamedTuple):
    """The app's root without and with the credentials that callbacks have to carry."""

    plain: str
    callbacks: str

    def __repr__(self) -> str:
        # Without the credentials, wherever it ends up.
        return f"Root({self.plain!r})"


class Roots:
    """Finds the app's root: the configured public URL, else the request's own.

    X-Forwarded-Host and X-Forwarded-Prefix are not trusted: anybody can send them. Scheme and host
    are those that the server reports, which takes them from a proxy it trusts.
    """

    def __init__(self, public_url: str | None, credentials: tuple[str, str] | None) -> None:
        self._userinfo = (
            "".join((quote(credentials[0], safe=""), ":", quote(credentials[1], safe=""), "@"))
            if credentials
            else ""
        )
        self._public = self._root(_checked(public_url)) if public_url else None
        # Few hosts are real; a sender who invents more only makes this forget.
        self._built = lru_cache(maxsize=32)(self._build)

    def of(self, scope: Any) -> Root:
        """Return the root for a request. Raises HostError."""
        if self._public is not None:
            return self._public
        return self._built(scope.get("scheme", "http"), _host(scope), scope.get("root_path", ""))

    def _build(self, scheme: str, host: bytes, root_path: str) -> Root:
        name = host.decode("latin-1")
        if not _HOST.fullmatch(name):
            raise HostError("the Host header is no host name")
        # uvicorn also takes ws and wss from X-Forwarded-Proto.
        scheme = "https" if scheme in ("https", "wss") else "http"
        return self._root(f"{scheme}://{name}{quote(root_path).rstrip('/')}")

    def _root(self, plain: str) -> Root:
        scheme, _, rest = plain.partition("://")
        return Root(plain, f"{scheme}://{self._userinfo}{rest}")


def _host(scope: Any) -> bytes:
    for name, value in scope["headers"]:
        if name == b"host":
            return bytes(value)
    host, port = scope.get("server") or ("localhost", None)
    host = f"[{host}]" if ":" in host else host
    return (f"{host}:{port}" if port else host).encode("latin-1", "replace")


def path_below(scope: Any) -> str:
    """Return the request's path below the app's root, always with a leading slash."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if not root:
        return path or "/"
    # The prefix that a proxy took away may be in root_path alone; then a mount below it left in
    # app_root_path what was there before, and only the rest is in the path.
    for prefix in (root, root.removeprefix(scope.get("app_root_path", ""))):
        # Only a whole segment is the root: /bwx is not below /bw.
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
            return path[len(prefix) :] or "/"
    return path or "/"


def _checked(url: str) -> str:
    found = _PUBLIC_URL.fullmatch(url)
    if found is None or not _HOST.fullmatch(found["host"]):
        # The URL is not quoted: it may hold credentials.
        raise SetupError(
            "public_url must be the root's whole public URL, such as https://example.com/bandwidth"
            " (credentials belong in auth=)"
        )
    return f"{found['scheme']}://{found['host']}{quote(found['path'] or '', safe='/%').rstrip('/')}"
