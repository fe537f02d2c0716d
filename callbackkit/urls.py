"""The public URL of an app: the base of every URL in a document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeAlias
from urllib.parse import quote, unquote, urlencode, urlsplit

from callbackkit.addresses import fault_in_url, percent_encoded
from callbackkit.bxml.text import masked
from callbackkit.errors import DecodeError, SetupError

Query: TypeAlias = Mapping[str, str | int | float | Sequence[str | int | float]]
"""Parameters of a URL; a name with several values comes once for each."""

_PUBLIC_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#@]*)(?P<path>/[^?#\s]*)?")
_WHOLE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*(?P<path>/.*)?", re.DOTALL)
# A name has at most 253 characters (RFC 1035); a longer one would only fill documents and caches.
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class HostError(DecodeError):
    """The request's Host header is no host name, so nothing may be built from it."""


class PlainHttpError(SetupError):
    """Credentials would go over plain http to another machine, so they are not written."""


class Root:
    """The app's root without and with the credentials that callbacks have to carry.

    `plain` is the root without them. `reveals` is true where URLs with credentials are http URLs.
    """

    __slots__ = ("_callbacks", "_error", "plain", "reveals")

    def __init__(self, plain: str, callbacks: str, reveals: bool, error: str | None) -> None:
        self.plain = plain
        self._callbacks = callbacks
        self.reveals = reveals
        self._error = error

    def __repr__(self) -> str:
        # Without the credentials, wherever it ends up.
        return f"Root({self.plain!r})"

    @property
    def callbacks(self) -> str:
        """The root with credentials, if the app has some. Raises PlainHttpError."""
        if self._error is not None:
            raise PlainHttpError(self._error)
        return self._callbacks

    def url(self, path: str, query: Query | None, credentials: bool) -> str:
        """Return the URL of a path below the root: see `App.url`."""
        if not path.startswith("/") or path.startswith("//"):
            raise SetupError(
                f"url({masked(path)!r}): a path below the app's root starts with one slash"
            )
        fault = fault_in_url(path)
        if fault is not None:
            raise SetupError(f"url({masked(path)!r}): the path {fault}")
        if query:
            path += ("&" if "?" in path else "?") + _encoded(query)
        return (self.callbacks if credentials else self.plain) + percent_encoded(path)


class Roots:
    """Finds the app's root: the configured public URL, else the request's own.

    X-Forwarded-Host and X-Forwarded-Prefix are not trusted: anybody can send them. Scheme and host
    are those that the server reports, which takes them from a proxy it trusts.
    """

    def __init__(
        self,
        public_url: str | None,
        credentials: tuple[str, str] | None,
        plain_http: bool = False,
    ) -> None:
        self._plain_http = plain_http
        self._userinfo = (
            "".join((quote(credentials[0], safe=""), ":", quote(credentials[1], safe=""), "@"))
            if credentials
            else ""
        )
        self._public = self._root(_checked(public_url)) if public_url else None
        if self._public is not None:
            _ = self._public.callbacks  # an http URL with credentials is refused at once
        # As a path comes: without escapes.
        self._public_path = unquote(urlsplit(self._public.plain).path) if self._public else ""
        self.named: frozenset[str] = frozenset()
        """Paths that handlers name: these are never taken for a prefix that a proxy has left."""
        self.assumed: Root | None = None
        """The root that a test has named, for an app without a public URL."""
        # Few hosts are real; a sender who invents more only makes this forget.
        self._built = lru_cache(maxsize=32)(self._build)

    @property
    def known(self) -> Root | None:
        """The root where no request says more, None if nobody knows it."""
        return self._public or self.assumed

    @contextmanager
    def assume(self, url: str) -> Iterator[None]:
        """Take a URL for the root where nothing is configured, within a `with` block."""
        before, self.assumed = self.assumed, self._root(_checked(url))
        try:
            yield
        finally:
            self.assumed = before

    def of(self, scope: Any) -> Root:
        """Return the root for a request. Raises HostError."""
        if self._public is not None:
            return self._public
        root_path = scope.get("root_path") or ""
        return self._built(scope.get("scheme", "http"), _host(scope), root_path)

    def path_below(self, scope: Any) -> str:
        """Return the request's path below the app's root, always with a leading slash.

        The root is ASGI's root path, whole or without what a proxy took away, or else the path of
        the public URL, for a proxy that leaves it.
        """
        path: str = scope["path"]
        root: str = scope.get("root_path") or ""
        if not root and not self._public_path and path[:1] == "/":
            return path
        path = path_of_target(path, root)
        if root[-1:] == "/" and path.startswith(f"{root}/"):
            path = path.replace(root, root[:-1], 1)  # uvicorn has put one slash too many
        path = path if path[:1] == "/" else f"/{path}"
        root = f"/{name}" if (name := root.strip("/")) else ""
        sure = [root]
        if root and (outer := (scope.get("app_root_path") or "").rstrip("/")):
            # What Starlette's mounts have put behind the server's own is in the path.
            sure.append(root.removeprefix(outer))
        for prefix in sure:
            if prefix and (below := _below(path, prefix)) is not None:
                return below
        if path.rstrip("/") not in self.named:
            for prefix in (*_ends(root), self._public_path):
                if prefix and (below := _below(path, prefix)) is not None:
                    return below
        return path

    def _build(self, scheme: str, host: bytes, root_path: str) -> Root:
        name = host.decode("latin-1")
        if not _HOST.fullmatch(name) or not _is_ip_if_bracketed(name):
            raise HostError("the Host header is no host name")
        # uvicorn also takes ws and wss from X-Forwarded-Proto.
        scheme = "https" if scheme in ("https", "wss") else "http"
        # Some name a root without its slash, and nothing may run into the host's name.
        path = quote(root_path.strip("/"), errors="replace")
        return self._root(f"{scheme}://{name}/{path}".rstrip("/"))

    def _root(self, plain: str) -> Root:
        scheme, _, rest = plain.partition("://")
        reveals = scheme == "http" and bool(self._userinfo) and not self._plain_http
        host = re.sub(":[0-9]*$", "", rest.partition("/")[0])
        error = None
        if reveals and not _is_nobodys(host):
            error = (
                f"the password is not put into URLs of {host}, as their scheme is http: set"
                " public_url= (or the variable CALLBACKKIT_PUBLIC_URL) to the https URL that the"
                " platform calls, or plain_http=True if plain http is meant"
            )
        return Root(plain, f"{scheme}://{self._userinfo}{rest}", reveals, error)


def _is_nobodys(host: str) -> bool:
    """Return whether a host is this machine, or has a name that nobody can own (RFC 6761)."""
    name = host.lower().strip("[]").removesuffix(".")
    if name == "localhost" or name.endswith((".localhost", ".test")):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _encoded(query: Query) -> str:
    for name, value in query.items():
        values = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
        if not all(isinstance(one, str | int | float) for one in values):
            raise SetupError(f"url(): {name!r} in query= is a text, a number or a list of them")
    return urlencode(query, doseq=True, quote_via=quote, safe="")


def _is_ip_if_bracketed(host: str) -> bool:
    if not host.startswith("["):
        return True
    with suppress(ValueError):
        return IPv6Address(host[1:].partition("]")[0]).version == 6
    return False


def _host(scope: Any) -> bytes:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if not hosts:  # servers write names in lower case, other hosts of an app may not
        hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
    if len(hosts) > 1:  # of two, a proxy in front may have looked at the other one (RFC 9112 3.2)
        raise HostError("the request has several Host headers")
    if hosts and (host := bytes(hosts[0]).strip()):
        return host
    server, port = scope.get("server") or ("localhost", None)
    server = f"[{server}]" if ":" in server else server
    return (f"{server}:{port}" if port else server).encode("latin-1", "replace")


def path_of_target(path: str, root: str) -> str:
    """Return the path of a target that is a whole URL (RFC 9112 3.2.2), else the path.

    uvicorn puts the root path in front of it, as in front of every path.
    """
    found = _WHOLE_URL.fullmatch(path) or _WHOLE_URL.fullmatch(path.removeprefix(root))
    return (found["path"] or "/") if found else path


def _ends(root: str) -> Iterator[str]:
    """Generate what may be left of a root path in a path, the longest first.

    ASGI does not say whether a path begins with the root path. A proxy may have taken away the
    front of it, where a host that mounts the app at the end of it leaves the path as it came.
    """
    while "/" in root[1:]:
        root = root[root.index("/", 1) :]
        yield root


def _below(path: str, prefix: str) -> str | None:
    """Return the path below a prefix, None where it is not: /bwx is not below /bw."""
    if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
        return path[len(prefix) :] or "/"
    return None


def _checked(url: str) -> str:
    found = _PUBLIC_URL.fullmatch(url)
    if found is None or not _HOST.fullmatch(found["host"]):
        # The URL is not quoted: it may hold credentials.
        raise SetupError(
            "public_url must be the root's whole public URL, such as https://example.com/bandwidth"
            " (credentials belong in auth=)"
        )
    fault = fault_in_url(url)
    if fault is not None:
        raise SetupError(f"public_url {fault}")
    return f"{found['scheme']}://{found['host']}{quote(found['path'] or '', safe='/%').rstrip('/')}"
