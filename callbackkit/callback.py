"""One delivery by the platform: the event, and the HTTP request that brought it."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from callbackkit.events import Event
from callbackkit.http import HttpRequest
from callbackkit.logs import shown
from callbackkit.urls import Query, Root, Roots

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from callbackkit.advice import Advice
    from callbackkit.background import After
    from callbackkit.handlers import Handler


class Callback:
    """One callback, as middleware, observers and handlers that annotate a parameter with it get it.

    `event` is the typed event, `method` is "GET" or "POST", `path` the path below the app's root.
    `handler` has `name` and `where` (file:line) of the handler that takes it, None if nobody does.
    `author` is the handler that is at work on the reply or has made it, None while that is
    middleware.
    `advice` is what the log says about the reply to a developer, None if nothing.
    """

    __slots__ = (
        "_root",
        "_roots",
        "_scope",
        "_sent",
        "advice",
        "after",
        "author",
        "event",
        "handler",
        "method",
        "path",
    )

    def __init__(self, event: Event, sent: HttpRequest, scope: Any, roots: Roots) -> None:
        self.event = event
        self.method = sent.method
        self.path = sent.path
        self.after: After | None = None
        self.advice: Advice | None = None
        self.handler: Handler | None = None
        self.author: Handler | None = None
        self._root: Root | None = None
        self._scope = scope
        self._sent = sent
        self._roots = roots

    def __repr__(self) -> str:
        return f"<Callback {self.method} {shown(self.path)} {shown(self.event.kind)}>"

    @property
    def root(self) -> Root:
        """The app's public root. Raises HostError when the request's Host is no host name."""
        root = self._root
        if root is None:
            root = self._root = self._roots.of(self._scope)
        return root

    @property
    def query(self) -> "QueryParams":
        """The parameters that you put on the callback URL.

        A GET callback has the event in the same query string, so there these are the names that
        the event's class does not know; a POST callback has them all.
        """
        from starlette.datastructures import QueryParams

        pairs = parse_qsl(
            self._sent.query.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
        )
        if self.method == "GET":
            known = type(self.event).wire_names
            pairs = [pair for pair in pairs if pair[0] not in known]
        return QueryParams(pairs)

    @property
    def request(self) -> "Request":
        """The HTTP request as Starlette's `Request`, its body already read."""
        from starlette.requests import Request

        body = self._sent.body

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        return Request(self._scope, receive)

    def url(self, path: str, *, query: Query | None = None, credentials: bool = False) -> str:
        """Return the absolute URL of a path below the app's root.

        `callback.url("/picked", query={"digits": gather.digits})` is for verbs as it stands:
        there it gets the app's credentials, as a path does. `credentials=True` puts the first pair
        of the app's `auth` into it, for what is no verb: the callback_url of an outgoing call. A
        file, such as "/hello.wav", needs none; a host has to serve it, as an app serves no files.
        `query` are the names and values of parameters, which are percent-encoded. Raises SetupError
        unless `path` starts with exactly one slash and is a URL's, PlainHttpError where credentials
        would go over plain http to another machine, and HostError when the request's Host is no
        host name.
        """
        return self.root.url(path, query, credentials)
