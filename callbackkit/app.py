"""The ASGI app: the one loop that decodes a callback, matches a handler, calls it and replies."""

import asyncio
import logging
import os
import re
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from callbackkit import access
from callbackkit.advice import Advice, LogOnce, misspelt, unhandled, unread
from callbackkit.background import Background
from callbackkit.bxml import Document, Verb
from callbackkit.bxml.text import masked
from callbackkit.callback import Callback
from callbackkit.deadline import DeadlinePassed, finish_within, run_within
from callbackkit.duplicates import (
    IN_WORK,
    DuplicateStore,
    Key,
    MemoryDuplicates,
    check_keys,
    emptied,
    memory,
)
from callbackkit.errors import DecodeError, ReplyError, SetupError, VerbError
from callbackkit.events import Event, about, log_fields
from callbackkit.handlers import (
    Handler,
    caller,
    check_callable,
    check_takes,
    is_async,
    managed,
    place_of,
)
from callbackkit.http import BUSY, EMPTY, FAILED, HttpRequest, HttpResponse
from callbackkit.lifecycle import Lifecycle
from callbackkit.logs import hide_queries, is_path, logger, serving
from callbackkit.observing import Observation, Observer
from callbackkit.providers import Providers, Scope
from callbackkit.replies import Reply, collected, is_response
from callbackkit.routing import Middleware, Next, Router
from callbackkit.security import (
    BodyTooLarge,
    ClientDisconnected,
    Pair,
    Verifier,
    read_body,
)
from callbackkit.table import PredicateFailed, Route, Table
from callbackkit.urls import HostError, PlainHttpError, Query, Roots

if TYPE_CHECKING:
    from starlette.middleware import Middleware as AsgiMiddleware

    from callbackkit.mounting import RoutesAt

T = TypeVar("T")
M = TypeVar("M", bound=Middleware)
O = TypeVar("O", bound=Observer)  # noqa: E741

_access = access.access

Errors = Sequence[Mapping[type[BaseException], Handler]]

MAX_QUERY = 64 * 1024

STORE_SECONDS = 2.0
"""Seconds that a store of duplicates has for each answer."""


class App(Router):
    """An ASGI app whose handlers take callbacks of one dialect. Use the `App` of a dialect.

    `auth` is one (user, password) pair for HTTP Basic, or several while they are rotated; generated
    callback URLs carry the first. Or it is a `Verifier`, which checks requests in a way of its own.
    `public_url` is the root's whole public URL with any prefix (or the variable
    CALLBACKKIT_PUBLIC_URL), where the request's own host is not what the platform can reach.
    `plain_http` is True if passwords may go over http to other machines.
    `fallback` are the verbs a caller hears when a handler fails. `deadline` is a handler's time in
    seconds, None for no limit, by default a little less than the platform waits. `strict` raises
    what is otherwise logged: use it in tests. `lifespan` is an async context manager function that
    takes the app, for your own startup. `asgi_middleware` are Starlette's `Middleware`, pure ASGI
    only. `duplicates` remembers deliveries: True in this process, False not at all, or a store of
    yours. `duplicate_keys` are the fields that together tell an event from all others, by event
    class, where they are not to be those of the class (`duplicate_key`); None for events that are
    handled as often as they come.
    `health` is a path that answers 200 without credentials. `max_body` is in bytes.
    `shutdown_timeout` is how many seconds work after replies gets when the app stops.
    """

    def __init__(
        self,
        *,
        auth: Pair | Sequence[Pair] | Verifier | None = None,
        public_url: str | None = None,
        plain_http: bool = False,
        fallback: Verb | Sequence[Verb] | Document | None = None,
        deadline: float | Literal["default"] | None = "default",
        strict: bool = False,
        lifespan: Callable[[Any], AbstractAsyncContextManager[Any]] | None = None,
        asgi_middleware: "Sequence[AsgiMiddleware]" = (),
        duplicates: DuplicateStore | bool = True,
        duplicate_keys: Mapping[type[Event], Sequence[str] | None] | None = None,
        health: str | None = None,
        max_body: int = 1024 * 1024,
        shutdown_timeout: float = 10.0,
    ) -> None:
        super().__init__()
        try:
            _check_options(deadline, health, max_body, shutdown_timeout, duplicates, lifespan)
            events = tuple(dict.fromkeys(self.dialect.events.values()))
            if duplicate_keys is not None:
                check_keys(duplicate_keys, events)
                if duplicates is False:
                    raise SetupError("duplicate_keys= does nothing with duplicates=False")
            if not (auth is None or isinstance(auth, Verifier)):
                auth = self.dialect.verifier(auth)
            self._verifier = auth
            self._roots = Roots(
                public_url or os.environ.get("CALLBACKKIT_PUBLIC_URL"),
                self._verifier.credentials if self._verifier else None,
                plain_http,
            )
            self._fallback = None if fallback is None else self._document(fallback)
            if self._fallback is not None:
                self._fallback.render("https://h")  # the shortest there is, to see that it fits
        except (SetupError, VerbError, ReplyError) as error:
            kind = VerbError if isinstance(error, VerbError) else SetupError
            raise kind(f"{caller().line} App(): {error}") from None
        self._deadline = deadline
        self._strict = strict
        self._health = health and health.rstrip("/")
        self._max_body = max_body
        self._providers = Providers(self.dialect)
        self._middleware: list[Middleware] = []
        self._observers: list[Observer] = []
        self._background = Background()
        self._log_once = LogOnce()
        self._memory = memory(
            () if duplicates is False else events,
            None if isinstance(duplicates, bool) else duplicates,
            duplicate_keys or {},
            self._deadline_of,
        )
        self._table = Table((), self.dialect)
        startup = None if lifespan is None else partial(managed(lifespan), self)
        self._lifecycle = Lifecycle(
            self._prepare, self._providers, self._background, startup, shutdown_timeout
        )
        self._outermost: Any = None
        for cls, args, kwargs in reversed(asgi_middleware):
            self._outermost = cls(self._outermost or _innermost(self), *args, **kwargs)

    # What a user registers

    def provide(self, key: Any, factory: Any, scope: Scope = "app") -> None:
        """Provide what `factory` makes to handlers that annotate a parameter with `key`.

        `factory` is a value, a function, an async function, or an (async) context manager function
        (a generator will do); its own parameters are chosen by type too. Scope "app" opens once at
        startup, or at the first callback, and closes in reverse order; "callback" opens for each
        callback and closes before the reply is sent.

        Raises SetupError if `key` is provided already.
        """
        place = caller()
        self._check_open(f"{place.line} provide()")
        self._providers.add(key, factory, scope, place.names, place.line)

    @contextmanager
    def override(self, key: Any, factory: Any) -> Iterator[None]:
        """Provide something else for `key` within a `with` block, also while serving: for tests.

        What was made from the original before, and lives as long as the app, keeps it.
        """
        place = caller(depth=2)  # contextlib is in between
        with self._providers.override(key, factory, place.names, place.line):
            self._lifecycle.reconsider()
            yield
        self._lifecycle.reconsider()

    def middleware(self, fn: M) -> M:
        """Register event middleware, `async (callback, next) -> reply`; the first is outermost."""
        check_callable(fn, "middleware()", caller().line)
        self._check_open(place_of(fn))
        if not is_async(fn):
            raise SetupError(
                f"{place_of(fn)}: middleware is `async def (callback, next)`, this is no async def"
            )
        check_takes(fn, "callback, next")
        self._middleware.append(fn)
        return fn

    def observe(self, fn: O) -> O:
        """Call `fn(observation)` for every callback, before its reply is sent. It must be quick."""
        check_callable(fn, "observe()", caller().line)
        if is_async(fn):
            raise SetupError(f"{place_of(fn)}: an observer is called, not awaited; make it a def")
        check_takes(fn, "observation")
        self._observers.append(fn)
        return fn

    @contextmanager
    def observed(self, fn: Observer) -> Iterator[None]:
        """Call `fn(observation)` for every callback within a `with` block, as `observe` does."""
        self.observe(fn)
        try:
            yield
        finally:
            self._observers.remove(fn)

    @contextmanager
    def fresh_duplicates(self) -> Iterator[None]:
        """Forget earlier deliveries within a `with` block, as after a restart: for
        tests. A store that is no MemoryDuplicates (`duplicates=`) is left alone."""
        before = self._memory
        self._memory = emptied(before)
        try:
            yield
        finally:
            self._memory = before

    def check(self) -> None:
        """Run all checks, and log `doubts` once. Raises SetupError, as the start does."""
        self._providers.prepare()
        table = Table(self._routes, self.dialect)
        handlers = {route.handler for route in table.routes}
        for errors in (self._errors, *(found for route in table.routes for found in route.errors)):
            handlers.update(errors.values())
        for handler in handlers:
            self._providers.bind(handler)
        self._table = table
        self._roots.named = frozenset(
            str(value)
            for route in table.routes
            if route.path is not None
            for value in route.path.values or ()
        )
        for doubt in self.doubts:
            self._log_once.log(doubt, doubt)

    # Living in a server or in another app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Looked at first as it is: that costs least where nobody wants the log.
        if (_access.level or _access.handlers) and access.wanted(scope):
            await access.logged(self._outermost or self._dispatch, scope, receive, send)
        elif self._outermost is not None:
            await self._outermost(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._dispatch(scope, receive, send)

    @property
    def routes(self) -> "RoutesAt":
        """`app.routes("/bandwidth")`: routes for a Starlette or FastAPI app, which serve the prefix
        with and without a slash and all below it, without a redirect."""
        from callbackkit.mounting import RoutesAt

        return RoutesAt.of(self)

    @property
    def handlers(self) -> tuple[Route, ...]:
        """The registered routes in the order in which they are tried."""
        return tuple(self._routes)

    @property
    def doubts(self) -> tuple[str, ...]:
        """The sentences about filters of handlers that are legal and hardly meant."""
        return tuple(doubt for route in self._routes for doubt in route.doubts)

    @asynccontextmanager
    async def lifespan(self, host: object = None) -> AsyncIterator[None]:
        """Start the app, and stop it at the end: `Starlette(lifespan=app.lifespan)`, or
        `async with app.lifespan():` in a lifespan of your own.

        Raises SetupError if a check fails. An app that nobody starts starts itself.
        """
        async with self._lifecycle.run():
            yield

    @asynccontextmanager
    async def provided(self, key: type[T]) -> AsyncIterator[T]:
        """Give what a handler gets for `key`, for routes of the host's own:
        `async with app.provided(Client) as client:`.

        What lives as long as the app is the one that handlers get; what lives for a callback is
        made for the block. Raises SetupError if nobody provides it, or if it needs a callback.
        """
        if self._lifecycle.serves_on is not asyncio.get_running_loop():
            await self._lifecycle.start()
        if not self._providers.is_open(key):
            self._lifecycle.reconsider()
            await self._lifecycle.start()
        async with AsyncExitStack() as stack:
            yield await self._providers.get(key, stack)

    async def settle(self) -> None:
        """Wait until the work after replies is done."""
        await self._background.settle()

    @property
    def busy(self) -> bool:
        """True while work after replies goes on."""
        return self._background.busy

    def url(self, path: str, *, query: Query | None = None, credentials: bool = False) -> str:
        """Return the absolute URL of a path below the app's root, outside of a handler:
        `app.url("/reminder", query={"appt": 3}, credentials=True)`.

        It takes what `Callback.url` does, but needs a public URL (`public_url=`, or the variable
        CALLBACKKIT_PUBLIC_URL), as no request says what it is. Raises SetupError without one.
        """
        root = self._roots.known
        if root is None:
            raise SetupError(
                f"url({masked(path)!r}): no public URL is known here; give the app public_url= or"
                " set the variable CALLBACKKIT_PUBLIC_URL (a handler has callback.url, which takes"
                " it from the request)"
            )
        return root.url(path, query, credentials)

    @contextmanager
    def served_at(self, url: str) -> Iterator[None]:
        """Take `url` for the root of an app without a public URL within a `with` block: for
        tests. Raises SetupError for what is no URL of a root."""
        with self._roots.assume(url):
            yield

    def _prepare(self) -> None:
        hide_queries(self.dialect.query_marks)  # first: an app that can't serve answers, with 500
        self._closed = "the app serves"
        self.check()

    # The way of one callback

    async def _dispatch(self, scope: Any, receive: Any, send: Any) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "lifespan":
            await self._lifecycle.answer_server(receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _http(self, scope: Any, receive: Any, send: Any) -> None:
        callbacks: list[Callback] = []
        try:
            if self._lifecycle.serves_on is not asyncio.get_running_loop():
                await self._lifecycle.start()
            request = None
            reply = self._early_reply(scope)
            if reply is None:
                request = HttpRequest(
                    scope["method"],
                    self._roots.path_below(scope),
                    scope["query_string"],
                    scope["headers"],
                    await read_body(receive, self._max_body),
                )
                if self._verifier is not None:
                    reply = self._verifier.check_request(request)
            if request is not None and reply is None:
                for event in self.dialect.decode(request):
                    callback = Callback(event, request, scope, self._roots)
                    callbacks.append(callback)
                    remembered = self._memory.get(type(event))
                    key = remembered and remembered.key(event)
                    if remembered is None or key is None:
                        if type(event) is self.dialect.unknown:
                            self._warn_misspelt(event)
                        answer = await self._handle(callback)
                    else:
                        if remembered.by_path:
                            key = (*key, request.path.rstrip("/"))
                        store = remembered.store
                        if type(store) is MemoryDuplicates:
                            answer = await self._handle_once(callback, hash(key), store)
                        else:
                            answer = await self._claim(callback, key, store)
                    # One status for all: a failure makes the platform deliver all of them again.
                    if reply is None or answer.status >= 500:
                        reply = answer
            assert reply is not None
        except ClientDisconnected:
            return
        except BodyTooLarge:
            # The connection stays open: closing it while the sender still sends would reset it, and
            # the sender might never see why.
            reply = HttpResponse.text(413, f"a body has at most {self._max_body} bytes\n")
        except DecodeError as error:
            if callbacks and not isinstance(error, HostError):
                raise  # a handler's own, which strict lets through
            reply = HttpResponse.text(400, f"{error}\n{_about_files(scope['path'])}")
            callbacks.clear()
        except SetupError as error:
            if callbacks:
                raise
            self._log_once.log(str(error), f"the app can't serve: {error}", level=logging.ERROR)
            reply = FAILED
        # Only a query, or a whole URL as the target, holds what the access log must not show.
        hides = scope["query_string"] or not is_path(scope["path"])
        token = serving.set(True) if hides else None
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": reply.status,
                    "headers": list(reply.headers),
                }
            )
            body = b"" if scope["method"] == "HEAD" else reply.body
            await send({"type": "http.response.body", "body": body})
        finally:
            if token is not None:
                serving.reset(token)
            # Also when the sender is gone: the handler has done its part, and does it once.
            for callback in callbacks:
                if callback.after is not None:
                    callback.after.start(self._background, callback.event, callback.handler)

    def _early_reply(self, scope: Any) -> HttpResponse | None:
        """Return the response to a request that is answered without its body, else None."""
        method = scope["method"]
        if (
            self._health is not None
            and method in ("GET", "HEAD")
            and self._roots.path_below(scope).rstrip("/") == self._health
        ):
            return HttpResponse.text(200, "ok\n")
        if self._verifier is not None:
            refused = self._verifier.check_headers(scope["headers"])
            if refused is not None:
                return refused
        methods = self.dialect.methods
        if method not in methods:
            allowed = (b"allow", ", ".join(methods).encode())
            return HttpResponse.text(405, f"callbacks are {' or '.join(methods)}\n", allowed)
        if len(scope["query_string"]) > MAX_QUERY:
            return HttpResponse.text(414, f"a query has at most {MAX_QUERY} bytes\n")
        return None

    async def _handle_once(
        self, callback: Callback, hashed: int, store: MemoryDuplicates
    ) -> HttpResponse:
        """Handle a callback once, however often it is delivered to this process."""
        earlier = store.recall(hashed)
        if earlier is None:
            reply = FAILED
            try:
                reply = await self._handle(callback)
            finally:
                (store.forget if reply.status >= 500 else store.remember)(hashed, reply)
            return reply
        if isinstance(earlier, asyncio.Future):
            earlier = await self._in_work(callback, asyncio.shield(earlier)) or BUSY
        return self._repeated(callback, earlier)

    async def _claim(self, callback: Callback, key: Key, store: DuplicateStore) -> HttpResponse:
        """Handle a callback once, however often it is delivered, by a store of the user's.

        Where the store fails or hangs it is handled all the same: better twice than never.
        """
        deadline = self._deadline_of(type(callback.event))
        # Until handlers are cancelled and a reply was kept, or an hour where there is no deadline.
        times = [3600.0 if deadline is None else deadline]
        times += [route.timeout for route in self._table.routes if route.timeout is not None]
        for _ in range(3):
            try:
                async with asyncio.timeout(STORE_SECONDS):
                    earlier = await store.claim(key, max(times) + 2 * STORE_SECONDS)
            except Exception:
                self._warn_store(callback.event)
                return await self._handle(callback)
            if earlier is None:
                break
            if earlier is IN_WORK:
                # Never a second run beside the first, nor a success that may not come.
                earlier = await self._in_work(callback, store.wait(key))
                if earlier is None:
                    continue  # the claim of a worker that died
            return self._repeated(callback, earlier)
        else:
            return BUSY
        reply = FAILED
        try:
            reply = await self._handle(callback)
        finally:
            remember = store.release if reply.status >= 500 else store.finish
            try:
                async with asyncio.timeout(STORE_SECONDS):
                    await remember(key, reply)
            except Exception:
                self._warn_store(callback.event)
        return reply

    async def _in_work(
        self, callback: Callback, reply: Awaitable[HttpResponse | None]
    ) -> HttpResponse | None:
        """Wait for the reply of a delivery in work as long as its handler has time; then, or where
        the store fails, the platform is to deliver it again."""
        try:
            async with asyncio.timeout(self._deadline_of(type(callback.event))):
                return await reply
        except TimeoutError:
            return BUSY
        except Exception:
            self._warn_store(callback.event)
            return BUSY

    def _repeated(self, callback: Callback, reply: HttpResponse) -> HttpResponse:
        if self._observers or access.observed.get() is not None:
            self._notify(Observation(callback, None, reply, 0.0, duplicate=True))
        return reply

    @staticmethod
    def _warn_store(event: Event) -> None:
        logger.exception(
            "the store of duplicates failed for %s", about(event), extra=log_fields(event)
        )

    async def _handle(self, callback: Callback) -> HttpResponse:
        event = callback.event
        route: Route | None = None
        started = time.perf_counter()
        error: BaseException | None = None
        reply = FAILED
        try:
            try:
                route = self._table.match(event, callback.path)
            except PredicateFailed as failed:
                route = failed.route
                raise failed.error from None
            finally:
                callback.handler = callback.author = None if route is None else route.handler
            if callback.method in event.answerable:
                _ = callback.root  # a document may need it: a bad Host fails before anything runs
            if self._middleware:
                work = self._through_middleware(callback)
            elif route is not None:
                work = route.handler.invoke(event, callback)
            else:
                work = self._nobody(callback)
            reply = await self._reply(work, callback, route, started)
        except HostError as failure:
            error, reply = failure, HttpResponse.text(400, f"{failure}\n")
            raise
        except PlainHttpError as failure:
            error, reply = failure, self._keep_secret(failure, callback)
        except (Exception, asyncio.CancelledError) as failure:
            error = failure
            task = asyncio.current_task()
            # Awaiting a cancelled task raises CancelledError too: only where this task itself was
            # cancelled, by a server, it goes on.
            if isinstance(failure, asyncio.CancelledError) and task and task.cancelling():
                raise
            errors = (*(() if route is None else route.errors), self._errors)
            try:
                reply = await self._failed(failure, callback, errors, started)
            except PlainHttpError as second:
                error, reply = second, self._keep_secret(second, callback)
        finally:
            if self._observers or access.observed.get() is not None:
                took = time.perf_counter() - started
                self._notify(Observation(callback, callback.handler, reply, took, error))
        return reply

    async def _reply(
        self,
        work: Coroutine[Any, Any, Any],
        callback: Callback,
        route: Route | None,
        started: float,
        at_least: float = 0.0,
    ) -> HttpResponse:
        """Run a handler within its time since `started`, and return its reply as a response.

        `at_least` is the least time in seconds, even if less is left.
        """
        # Most handlers never wait: their first step, taken here, is all there is.
        try:
            waiting_for = work.send(None)
        except StopIteration as stop:
            result = stop.value
        else:
            left = self._time_left(callback.event, route, started, at_least)
            result = await finish_within(left, work, waiting_for, partial(self._abandon, callback))
        if result is not None and is_response(result):
            left = self._time_left(callback.event, route, started, at_least)
            response = collected(result, callback)
            return await run_within(left, response, partial(self._abandon, callback))
        return self._encode(result, callback)

    def _time_left(
        self, event: Event, route: Route | None, started: float, at_least: float
    ) -> float | None:
        """Return the seconds that a handler has, None for no limit."""
        if route is not None and route.timeout is not None:
            seconds: float | None = route.timeout
        else:
            seconds = self._deadline_of(type(event))
        if seconds is None:
            return None
        return max(at_least, seconds - (time.perf_counter() - started))

    def _deadline_of(self, cls: type[Event]) -> float | None:
        """Return the seconds that handlers of a class of events have, None for no limit."""
        return cls.deadline if isinstance(self._deadline, str) else self._deadline

    async def _through_middleware(self, callback: Callback) -> Reply:
        by_handler: list[Reply] = []

        async def innermost(inner: Callback) -> Reply:
            if inner.handler is None:
                await self._nobody(inner)
                return None
            inner.author = inner.handler
            reply: Reply = await inner.handler.invoke(inner.event, inner)
            inner.author = None
            by_handler.append(reply)
            return reply

        callback.author = None
        step: Next = innermost
        for middleware in reversed(self._middleware):
            step = partial(_step, middleware, step)
        reply = await step(callback)
        if by_handler and reply is by_handler[-1]:
            callback.author = callback.handler
        return reply

    async def _nobody(self, callback: Callback) -> None:
        event = callback.event
        # A call that is steered through the REST API needs no reply, and so no handler.
        path = callback.path.rstrip("/") if event.from_verbs else ""
        wanted = event.wants_handler and (
            not event.answerable or callback.method in event.answerable
        )
        if wanted or path:
            words = unhandled(event, self.dialect, self._table.candidates(event), path)
            callback.advice = Advice("unhandled", words)
            self._log_once.log(("unhandled", event.kind, path), words, log_fields(event))

    def _warn_misspelt(self, event: Event) -> None:
        words = misspelt(event, self.dialect)
        if words is not None:
            self._log_once.log(("misspelt", event.kind), words, log_fields(event))

    def _encode(self, result: Any, callback: Callback) -> HttpResponse:
        """Return what a handler has returned as a response. Raises ReplyError."""
        event = callback.event
        if result is None:
            if event.silence is not None and callback.handler is not None:
                self._warn_silence(callback)
            return EMPTY
        if isinstance(result, HttpResponse):
            return result
        try:
            document = self._document(result)
        except VerbError as error:
            raise ReplyError(f"{_place(callback.author)}: {error}") from error
        if callback.method not in event.answerable:
            if not document.children:
                return EMPTY
            place = _place(callback.author)
            words = unread(place, event, callback.method)
            callback.advice = Advice("unread", words)
            if self._strict:
                raise ReplyError(words)
            self._log_once.log(
                ("unread", place, callback.method), words, log_fields(event, callback.author)
            )
            return EMPTY
        if not document.children:
            self._warn_silence(callback)
        return self._rendered(document, callback)

    def _rendered(self, document: Document, callback: Callback) -> HttpResponse:
        """Return a document with the app's URLs in it. Raises ReplyError and PlainHttpError."""
        root = callback.root
        if self._verifier is not None:
            document = document.relative_to(root.plain)
        if not document.has_paths:
            return HttpResponse.bxml(document.render())
        base = root.callbacks
        if root.reveals and self._roots.known is None:
            words = (
                f"replies carry the password in URLs of {root.plain}, over plain http: if the"
                " platform calls https, set public_url= (or the variable CALLBACKKIT_PUBLIC_URL)"
                " to that URL, as the server does not know it; plain_http=True if http is meant"
            )
            self._log_once.log("plain http", words)
        return HttpResponse.bxml(document.render(base))

    def _keep_secret(self, error: PlainHttpError, callback: Callback) -> HttpResponse:
        """Return the reply where a URL would have shown the password to anybody on its way.

        Without the password the caller would be met with 401 and silence at the next step.
        """
        if self._strict:
            raise error
        event = callback.event
        callback.after = None
        callback.advice = Advice("failed", str(error))
        logger.error(
            "%s gets no reply: %s", about(event), error, extra=log_fields(event, callback.author)
        )
        return FAILED

    def _warn_silence(self, callback: Callback) -> None:
        event = callback.event
        if event.silence is not None and event.answerable.get(callback.method) == "yes":
            place = _place(callback.author)
            words = f"{place}: returned no verbs to {event.kind}: {event.silence}"
            callback.advice = Advice("silence", words)
            self._log_once.log(("silence", place), words, log_fields(event, callback.author))

    def _document(self, verbs: Any) -> Document:
        if isinstance(verbs, self.dialect.documents):
            return verbs
        if isinstance(verbs, Document):
            raise VerbError(
                f"a {type(verbs).__name__} of another dialect; import it from {self.dialect.module}"
            )
        return self.dialect.documents[0](verbs)

    async def _failed(
        self, error: BaseException, callback: Callback, errors: Errors, started: float
    ) -> HttpResponse:
        """Return the reply of an error handler, else the fallback verbs, else an error status."""
        event = callback.event
        late = isinstance(error, DeadlinePassed)
        callback.after = None
        answer = None if late else _nearest(error, errors)
        if answer is not None and not (self._strict and isinstance(error, ReplyError)):
            callback.author = answer
            try:
                work = answer.invoke(error, callback)
                # What is left of the time the platform waits, and a moment even if nothing is.
                return await self._reply(work, callback, None, started, at_least=0.5)
            except (HostError, PlainHttpError):
                raise
            except Exception as second:
                callback.after = None
                error, late = second, isinstance(second, DeadlinePassed)
        if self._strict and not late:
            raise error
        place = _place(callback.author)
        what = "%s gave no reply to %s within its deadline" if late else "%s failed for %s"
        callback.advice = Advice("failed", what % (place, about(event)))
        logger.error(
            what,
            place,
            about(event),
            exc_info=None if late else error,
            extra=log_fields(event, callback.author),
        )
        if self._fallback is not None and callback.method in event.answerable:
            try:
                return self._rendered(self._fallback, callback)
            except ReplyError as too_big:  # only by the length of this host's name
                logger.error("the fallback can't be sent: %s", too_big, extra=log_fields(event))
        return HttpResponse(event.failure_status)

    def _abandon(self, callback: Callback, rest: Any) -> None:
        """Continue in the background work that its deadline did not stop."""
        event, handler = callback.event, callback.author
        place = _place(handler)
        logger.warning(
            "%s goes on although it was cancelled at its deadline, for %s; its reply is dropped",
            place,
            about(event),
            extra=log_fields(event, handler),
        )
        self._background.hold(rest, event, handler, f"{place}, after its deadline,")

    def _notify(self, observation: Observation) -> None:
        observed = access.observed.get()
        if observed is not None:
            observed.append(observation)
        for observer in self._observers:
            try:
                observer(observation)
            except Exception:
                logger.exception("observer %s failed", place_of(observer))


def _about_files(path: str) -> str:
    """Return a line for the answer to what asked for a file, "" where the path names none."""
    if not re.search(r"/[^/]+\.\w{2,5}$", path):
        return ""
    return "An app serves no files: let a host do so, by StaticFiles before the app's routes.\n"


def _place(handler: Handler | None) -> str:
    return "middleware" if handler is None else handler.place


def _innermost(app: App) -> Callable[..., Coroutine[Any, Any, None]]:
    """Return the app below its ASGI middleware as a function: some middleware take a bound method
    for an app of ASGI 2 (sentry-sdk 2)."""

    async def innermost(scope: Any, receive: Any, send: Any) -> None:
        await app._dispatch(scope, receive, send)

    return innermost


def _check_options(
    deadline: Any, health: Any, max_body: Any, shutdown_timeout: Any, duplicates: Any, lifespan: Any
) -> None:
    if deadline not in (None, "default") and not (_is_number(deadline) and deadline > 0):
        raise SetupError(f"deadline= is a number of seconds above 0, or None, not {deadline!r}")
    if not (_is_number(shutdown_timeout) and shutdown_timeout >= 0):
        raise SetupError(f"shutdown_timeout= is a number of seconds, not {shutdown_timeout!r}")
    if not (_is_number(max_body) and max_body > 0):
        raise SetupError(f"max_body= is a number of bytes above 0, not {max_body!r}")
    if health is not None and not (isinstance(health, str) and re.fullmatch(r"/.*[^/].*", health)):
        raise SetupError(f"health= is a path of its own such as /health, not {health!r}")
    if not (isinstance(duplicates, bool) or hasattr(duplicates, "claim")):
        raise SetupError(f"duplicates= is True, False or a DuplicateStore, not {duplicates!r}")
    if lifespan is not None:
        if not callable(lifespan):
            raise SetupError(f"lifespan= is a function of the app, not {lifespan!r}")
        check_takes(lifespan, "app")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


async def _step(middleware: Middleware, following: Next, callback: Callback) -> Reply:
    return await middleware(callback, following)


def _nearest(error: BaseException, errors: Errors) -> Handler | None:
    """Return the handler for the nearest class of an error; a router's own precede the app's."""
    for handlers in errors:
        for cls in type(error).__mro__:
            if cls in handlers:
                return handlers[cls]
    return None
