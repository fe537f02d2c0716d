"""Whatever a test names as its app: the callbackkit app in it, and where that is served."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from callbackkit.app import App
from callbackkit.carrier.driver import Sender
from callbackkit.carrier.sending import Asgi, origin_of
from callbackkit.dialect import Dialect, dialect_named, dialects
from callbackkit.errors import SetupError

ORIGIN = "http://app.test"
"""Where an app in this process seems to be served: a name that is nobody's (RFC 6761)."""


@dataclass(frozen=True)
class Tested:
    """An app that a carrier can call.

    `url` is its root as the platform is told it, with credentials where the app has some; None
    where there is no app at all. `app` is the ASGI app, None if it is a server elsewhere. `lines`
    are the callbackkit apps in it.
    """

    url: str | None
    dialect: Dialect
    app: Callable[..., Any] | None
    lines: tuple[App, ...]
    root_path: str = ""

    @property
    def root(self) -> str:
        """What the app's URLs start with, without credentials."""
        origin = origin_of(self.url or ORIGIN)
        assert origin is not None
        # A server elsewhere has all of its origin; so has an app here that no proxy is in front of.
        return f"{origin}{self.root_path}"

    def sender(self, state: Mapping[str, Any]) -> Sender:
        """What takes them; `state` is what the app's lifespan keeps for its requests."""
        if self.app is not None:
            return Asgi(self.app, self.root_path, state)
        from callbackkit.carrier.http import OverHttp

        return OverHttp()


def tested(app: Any, path: str | None, dialect: str | None) -> Tested:
    """What a test means by an app: an ASGI app, the URL of a server, or None for no app.

    `path` is where the callbacks go in an app that holds others, if that can't be found. Raises
    SetupError.
    """
    if app is None:
        return Tested(None, _only_dialect(dialect), None, ())
    if isinstance(app, str):
        if origin_of(app) is None:
            raise SetupError(
                "Phone() takes an ASGI app, or an absolute URL: http://127.0.0.1:8000/"
            )
        return Tested(_joined(app, path), _only_dialect(dialect), None, ())
    if not callable(app):
        raise SetupError(f"Phone() takes an ASGI app or a URL, not {type(app).__name__}")
    found = list(_lines(app, ""))
    if path is not None:
        found = [(line, mount) for line, mount in found if mount == path.rstrip("/")] or found
    if not found:
        return Tested(_joined(ORIGIN, path), _only_dialect(dialect), app, ())
    fitting = [one for one in found if dialect in (None, one[0].dialect.name)]
    if not fitting:
        spoken = " and ".join(sorted({line.dialect.name for line, _ in found}))
        raise SetupError(f"the app speaks {spoken}, not {dialect}")
    [(line, mount), *_] = fitting
    prefix = mount if path is None else path.rstrip("/")
    url = line.callback_url(f"{ORIGIN}{prefix}")
    public = urlsplit(url).path.rstrip("/")
    # What a proxy would take away in front of the app: what of the public URL is no mount of it.
    root_path = public.removesuffix(prefix) if prefix else public
    lines = tuple([line for line, _ in found])
    return Tested(url, line.dialect, app, lines, root_path)


def _lines(app: Any, mount: str) -> Iterator[tuple[App, str]]:
    """The callbackkit apps in an ASGI app, with the path they are mounted at."""
    if isinstance(app, App):
        yield app, mount
        return
    for route in getattr(app, "routes", None) or ():
        inner = getattr(route, "_base_app", None) or getattr(route, "app", None)
        path = getattr(route, "path", "")
        if inner is not None and "{" not in path:
            yield from _lines(inner, mount + path.rstrip("/"))


def _joined(url: str, path: str | None) -> str:
    return url if path is None else url.rstrip("/") + "/" + path.lstrip("/")


def _only_dialect(name: str | None) -> Dialect:
    known = dialects()
    if name is None and len(known) == 1:
        return dialect_named(*known)
    if name not in known:
        words = " or ".join(map(repr, known))
        raise SetupError(f"Phone() can't tell which dialect the app speaks: dialect= is {words}")
    return dialect_named(name)
