"""The app under test: an ASGI app or a server, the callbackkit apps in it, and its URL."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from callbackkit.addresses import is_http_url
from callbackkit.app import App
from callbackkit.carrier.driver import Sender
from callbackkit.carrier.sending import Asgi, origin_of
from callbackkit.dialect import Dialect, dialect_named, dialects
from callbackkit.errors import SetupError

ORIGIN = "http://app.test"
"""Where an app in this process seems to be served: a reserved name (RFC 6761)."""


@dataclass(frozen=True)
class AppUnderTest:
    """An app that a carrier can call.

    `url` is the URL for callbacks, with credentials if the app has some; None if there is no app.
    `app` is the ASGI app, None for a server elsewhere. `apps` are the callbackkit apps in it, each
    with the URL of its root, unless it has a public URL.
    `root_path` is the part of its URLs that a proxy in front of it would take away.
    """

    url: str | None
    dialect: Dialect
    app: Callable[..., Any] | None
    served: tuple[tuple[App, str], ...]
    root_path: str = ""

    @property
    def apps(self) -> tuple[App, ...]:
        """The callbackkit apps in the ASGI app."""
        return tuple([app for app, _ in self.served])

    @property
    def root(self) -> str:
        """The start of all the app's URLs, without credentials."""
        origin = origin_of(self.url or ORIGIN)
        assert origin is not None
        # A server elsewhere has all of its origin; so has an app here that no proxy is in front of.
        return f"{origin}{self.root_path}"

    def sender(self, state: Mapping[str, Any]) -> Sender:
        """Make what sends callbacks to the app; `state` is that of the app's lifespan."""
        if self.app is not None:
            return Asgi(self.app, self.root_path, state)
        from callbackkit.carrier.http import OverHttp

        return OverHttp()


def app_under_test(app: Any, path: str | None, dialect: str | None) -> AppUnderTest:
    """Find out about an app: an ASGI app, the URL of a server, or None for no app.

    `path` is where the callbacks go in an app that holds others, if that can't be found. Raises
    SetupError.
    """
    if app is None:
        return AppUnderTest(None, _only_dialect(dialect), None, ())
    if isinstance(app, str):
        if not is_http_url(app):
            raise SetupError(
                "Phone() takes an ASGI app, or an absolute URL: http://127.0.0.1:8000/"
            )
        return AppUnderTest(_joined(app, path), _only_dialect(dialect), None, ())
    if not callable(app):
        raise SetupError(f"Phone() takes an ASGI app or a URL, not {type(app).__name__}")
    found = list(_apps_in(app, ""))
    named = None if path is None else f"/{path.strip('/')}".rstrip("/")
    if named is not None:
        found = [(one, mount) for one, mount in found if mount == named] or found
    if not found:
        return AppUnderTest(_joined(ORIGIN, path), _only_dialect(dialect), app, ())
    fitting = [one for one in found if dialect in (None, one[0].dialect.name)]
    if not fitting:
        spoken = " and ".join(sorted({one.dialect.name for one, _ in found}))
        raise SetupError(f"the app speaks {spoken}, not {dialect}")
    [(one, mount), *_] = fitting
    prefix = quote(mount if named is None else named)
    with one.served_at(f"{ORIGIN}{prefix}"):
        url = one.url("/", credentials=True)
    public = urlsplit(url).path.rstrip("/")
    # What a proxy would take away in front of the app: what of the public URL is no mount of it.
    root_path = public.removesuffix(prefix) if prefix else public
    served = tuple([(a, f"{ORIGIN}{prefix if a is one else quote(at)}") for a, at in found])
    return AppUnderTest(url, one.dialect, app, served, root_path)


def _apps_in(app: Any, mount: str) -> Iterator[tuple[App, str]]:
    """Yield the callbackkit apps in an ASGI app, with the paths that they are mounted at."""
    if isinstance(app, App):
        yield app, mount
        return
    for route in getattr(app, "routes", None) or ():
        inner = getattr(route, "_base_app", None) or getattr(route, "app", None)
        path = getattr(route, "path", "")
        if inner is not None and "{" not in path:
            yield from _apps_in(inner, mount + path.rstrip("/"))


def _joined(url: str, path: str | None) -> str:
    return url if path is None else url.rstrip("/") + "/" + path.lstrip("/")


def _only_dialect(name: str | None) -> Dialect:
    known = dialects()
    if name is None and len(known) == 1:
        return dialect_named(*known)
    if name not in known:
        words = " or ".join(map(repr, known))
        raise SetupError(f"it is not known which dialect the app speaks; dialect is {words}")
    return dialect_named(name)
