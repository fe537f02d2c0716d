"""The client that dialects build on: one request with its retries, and what came of it."""

import asyncio
import base64
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from types import TracebackType
from typing import Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import quote, urlencode

from callbackkit.client.media import Content, Download, Progress, Source
from callbackkit.client.paging import Pages, Style
from callbackkit.client.replies import (
    Problem,
    Reply,
    class_for,
    described,
    problem_of,
    read_problem,
)
from callbackkit.client.retry import Attempt, Retry
from callbackkit.client.transport import Http, NoReply, Received, Timeout, Transport, Wire
from callbackkit.errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    ArgumentError,
    BadReplyError,
    RateLimitError,
    SetupError,
)
from callbackkit.handlers import check_callable, is_async, place_of
from callbackkit.logs import logger
from callbackkit.models import Model, read

M = TypeVar("M", bound=Model)
T = TypeVar("T")
O = TypeVar("O", bound=Callable[[Attempt], object])  # noqa: E741


@dataclass(frozen=True)
class _Ask:
    """A request: what is asked, and under what conditions it is asked again."""

    method: str
    url: str = field(repr=False)
    path: str
    repeatable: bool
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    source: Source | None = field(default=None, repr=False)
    waits_for: Collection[str] = ()
    private: tuple[str, ...] = field(default=(), repr=False)
    """What of the body must be in no message."""
    streams: bool = False
    """Whether a success is handed out unread."""


class RestClient:
    """What every client is. Use the `Client` of a dialect.

    `timeout` is the seconds for one try from a connection to the last byte, for files the seconds
    between two of their pieces; or an `httpx.Timeout`, which has no limit for the whole.
    `connections` is how many requests are under way at a time; the others wait for their turn.
    `retry` says how patient it is. `transport` is "aiohttp", or a transport of httpx, or a function
    that makes one, which is needed where the client serves several event loops; it is closed with
    the client. `http` is an `httpx.AsyncClient` of yours, which you close. Connections are opened
    on first use and closed by `aclose()` or at the end of `async with`.

    Raises SetupError for options that can't be.
    """

    waits_out: ClassVar[frozenset[str]] = frozenset()
    """Codes of refusals that get better by waiting although they name no time."""
    waits_if_asked: ClassVar[frozenset[str]] = frozenset()
    """Codes of refusals that get better too, but so late that an operation has to be told to wait
    (`waits_for=` of a call)."""
    private_fields: ClassVar[frozenset[str]] = frozenset(
        {"text", "sentence", "password", "token", "secret"}
    )
    """Names in JSON bodies whose values are in no message, even if the platform quotes them."""
    request_id_header: ClassVar[str] = "x-request-id"

    def __init__(
        self,
        base_url: str,
        credentials: tuple[str, str],
        *,
        timeout: float | Timeout = 30.0,
        connections: int = 64,
        retry: Retry | None = None,
        transport: Literal["aiohttp"] | Transport | Callable[[], Transport] | None = None,
        http: Http | None = None,
    ) -> None:
        self._wire = Wire(
            base_url,
            credentials,
            timeout=timeout,
            connections=connections,
            transport=transport,
            http=http,
        )
        self._base = self._wire.base
        self._retry = retry or Retry()
        self._secrets = _Secrets(credentials)
        self._observers: list[Callable[[Attempt], object]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._base}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections of this event loop. The client can be used again after it."""
        await self._wire.aclose()

    def observe(self, fn: O) -> O:
        """Call `fn(attempt)` after every try of every request. It must be quick."""
        check_callable(fn, "observe()", "client")
        if is_async(fn):
            raise SetupError(f"{place_of(fn)}: an observer is called, not awaited; make it a def")
        self._observers.append(fn)
        return fn

    # What a dialect says

    def reset_time(self, reply: Reply) -> datetime | None:
        """When a refusal gets better, if the platform says so."""
        return None

    def problem(self, data: Any) -> Problem:
        """What the JSON of a refusal says."""
        return problem_of(data)

    def error_class(self, status: int, problem: Problem) -> type[ApiError]:
        """The class of a refusal."""
        if problem.code in self.waits_out or problem.code in self.waits_if_asked:
            return RateLimitError
        return class_for(status)

    # What a dialect's resources use

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeatable: bool,
        waits_for: Collection[str] = (),
    ) -> Reply:
        """The reply to a request whose body is JSON, or nothing.

        `path` is below the base URL and escaped. `repeatable` tells that doing it twice is
        harmless. `waits_for` are further codes of refusals that are waited out. Raises ApiError.
        """
        url = self._wire.url(path, _encoded(query or {}))
        if body is None:
            ask = _Ask(method, url, path, repeatable, waits_for=waits_for)
        else:
            headers = {"content-type": "application/json"}
            private = tuple(_private(body, self.private_fields))
            ask = _Ask(
                method, url, path, repeatable, headers, _json(body), None, waits_for, private
            )
        return (await self._answer(ask))[0]

    async def fetch(
        self,
        method: str,
        path: str,
        model: type[M],
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeatable: bool,
    ) -> M:
        """What a request answers, as a model. Raises ApiError."""
        reply = await self.call(method, path, query=query, body=body, repeatable=repeatable)
        try:
            return read(model, reply.json())
        except ValueError as error:
            problem = str(error)
        raise reply.bad(problem)

    def pages(
        self,
        path: str,
        model: type[M],
        *,
        query: Mapping[str, Any] | None = None,
        style: Style,
    ) -> Pages[M]:
        """A list, whose further pages are found by a Link header, or with style "page" by their
        number too."""
        return Pages(
            self._page,
            lambda values: self._wire.url(path, _encoded(values)),
            self._wire.joined,
            model,
            query or {},
            style,
        )

    async def _page(self, url: str) -> Reply:
        return (await self._answer(_Ask("GET", url, self._wire.path(url), repeatable=True)))[0]

    async def upload(
        self,
        path: str,
        content: Content,
        *,
        size: int | None = None,
        most: int | None = None,
        content_type: str = "application/octet-stream",
        cache_control: str | None = None,
        progress: Progress | None = None,
    ) -> Reply:
        """PUT a file, a piece at a time.

        `size` is in bytes, needed for what doesn't tell its size, such as an async iterator; `most`
        is what the platform takes.
        `progress` is called with the bytes sent and their total; it starts again at 0 when the
        upload is repeated, which content that can't be read twice never is. Raises ApiError,
        ArgumentError if the size is wrong, OSError if the file can't be read.
        """
        source = Source(content, size, progress)
        if most is not None and source.size > most:
            raise ArgumentError(f"the content has {source.size:,} bytes, and {most:,} are the most")
        headers = {"content-type": content_type, "content-length": str(source.size)}
        if cache_control is not None:
            headers["cache-control"] = cache_control
        if any(not value.isprintable() or not value.isascii() for value in headers.values()):
            raise ArgumentError("a content type and a cache control are printable ASCII")
        ask = _Ask("PUT", self._wire.url(path), path, True, headers, None, source)
        return (await self._answer(ask))[0]

    @asynccontextmanager
    async def download(
        self, path: str, *, progress: Progress | None = None
    ) -> AsyncIterator[Download]:
        """GET a file, to be read within `async with`. Raises ApiError.

        `progress` is called with the bytes received and, if known, their total.
        """
        # As it is: its size is known then, and sound doesn't get smaller.
        headers = {"accept-encoding": "identity"}
        ask = _Ask("GET", self._wire.url(path), path, True, headers, streams=True)
        reply, received = await self._answer(ask)
        try:
            yield Download(self._pieces(ask, received), reply.headers, progress)
        finally:
            await received.aclose()

    async def _pieces(self, ask: _Ask, received: Received) -> AsyncIterator[bytes]:
        try:
            async for chunk in received.chunks():
                yield chunk
            return
        except NoReply as error:
            failed = error
        raise self._lost(ask, failed)

    # The way of one request

    async def _answer(self, ask: _Ask) -> tuple[Reply, Received]:
        """The reply, after as many tries as it takes. Raises ApiError."""
        number, waited = 0, 0.0
        executed = False  # whether an earlier try may have done it
        while True:
            number += 1
            started = time.perf_counter()
            wait: float | None = None
            outcome = await self._try(ask)
            if isinstance(outcome, NoReply):
                if ask.source is not None and ask.source.error is not None:
                    raise ask.source.error
                reply = None
                error: ApiError | None = self._lost(ask, outcome)
                hopeless = outcome.hopeless
            else:
                reply = self._reply(ask, outcome)
                # Gone on a later try is gone by an earlier one, whose reply was lost.
                gone = executed and ask.method == "DELETE" and reply.status in (404, 410)
                error = None if gone else self._refused(ask, reply)
                hopeless = False
            if error is not None:
                if not hopeless and number < self._retry.tries:
                    wait = self._wait(ask, error, number)
                if wait is not None and waited + wait > self._retry.seconds:
                    wait = None
                executed = executed or error.maybe_executed
                error.maybe_executed = executed
            status = None if reply is None else reply.status
            duration = time.perf_counter() - started
            self._tell(Attempt(ask.method, ask.path, number, status, duration, error, wait))
            if error is None:
                assert reply is not None
                assert isinstance(outcome, Received)
                return reply, outcome
            if wait is None:
                raise error
            waited += wait
            await asyncio.sleep(wait)

    async def _try(self, ask: _Ask) -> Received | NoReply:
        """One try. What it fails with is given back: raised, it would be the context of what is
        raised for a later one."""
        timed = ask.source is None and not ask.streams
        body = ask.body if ask.source is None else ask.source.chunks()
        try:
            return await self._wire.send(
                ask.method,
                ask.url,
                ask.headers,
                body,
                timed=timed,
                streams=ask.streams,
            )
        except NoReply as error:
            return error.with_traceback(None)

    def _reply(self, ask: _Ask, received: Received) -> Reply:
        request_id = received.headers.get(self.request_id_header)
        return Reply(
            ask.method, ask.path, received.status, received.headers, received.content, request_id
        )

    def _lost(self, ask: _Ask, failed: NoReply) -> ApiConnectionError:
        cls = ApiTimeoutError if failed.late else ApiConnectionError
        doubt = "" if failed.unsent or ask.repeatable else "; it may have been executed"
        return cls(
            f"{failed}{doubt}",
            method=ask.method,
            path=ask.path,
            maybe_executed=not failed.unsent,
        )

    def _refused(self, ask: _Ask, reply: Reply) -> ApiError | None:
        """The error of a reply, None for a success."""
        if 200 <= reply.status < 300:
            return None
        if reply.status < 400:
            return reply.bad("a redirect would take the credentials along: it is not followed")
        problem = self.problem(read_problem(reply))
        cls = self.error_class(reply.status, problem)

        def hide(text: str) -> str:
            return self._secrets.hidden(text, ask.private)

        error = cls(
            described(reply, problem, hide),
            method=ask.method,
            path=ask.path,
            status=reply.status,
            category=problem.category,
            code=problem.code,
            message=None if problem.message is None else hide(problem.message),
            details={name: hide(value) for name, value in problem.details.items()},
            request_id=reply.request_id,
            maybe_executed=_server_failed(reply.status),
        )
        if isinstance(error, RateLimitError):
            error.reset = self.reset_time(reply)
        return error

    def _wait(self, ask: _Ask, error: ApiError, number: int) -> float | None:
        """Seconds until another try, or None if there must be none."""
        if ask.source is not None and not ask.source.can_start:
            return None
        # Surely not executed, as the platform itself says.
        if error.status == 429 or error.code in {*self.waits_out, *ask.waits_for}:
            reset = getattr(error, "reset", None)
            seconds = 0.0 if reset is None else (reset - datetime.now(UTC)).total_seconds()
            return self._retry.until(seconds) if seconds > 0 else self._retry.growing(number)
        if isinstance(error, BadReplyError):
            return None
        lost = isinstance(error, ApiConnectionError)
        if lost and not error.maybe_executed:
            return self._retry.growing(number)
        harmless = ask.repeatable or self._retry.creations
        if harmless and (lost or (error.status is not None and _server_failed(error.status))):
            return self._retry.growing(number)
        return None

    def _tell(self, attempt: Attempt) -> None:
        level = logging.DEBUG if attempt.wait is None else logging.INFO
        if logger.isEnabledFor(level):
            outcome = attempt.status if attempt.error is None else attempt.error
            again = "" if attempt.wait is None else f"; again in {attempt.wait:.2f} s"
            logger.log(
                level,
                "%s %s, try %d: %s%s",
                attempt.method,
                attempt.path,
                attempt.number,
                outcome,
                again,
                extra={"method": attempt.method, "path": attempt.path, "status": attempt.status},
            )
        for observer in self._observers:
            try:
                observer(attempt)
            except Exception:
                logger.exception("observer %s failed", place_of(observer))


class Resource:
    """The base of a dialect's resources: what can be done with one kind of thing."""

    def __init__(self, client: RestClient) -> None:
        self._client = client


class _Secrets:
    """What must be in no message. Its repr shows nothing."""

    def __init__(self, credentials: tuple[str, str]) -> None:
        pair = base64.b64encode(":".join(credentials).encode()).decode()
        self._always = (*credentials, pair)

    def hidden(self, text: str, private: Collection[str]) -> str:
        """A text of the platform's without our secrets and the private part of the request."""
        spellings: set[str] = set()
        for value in (*self._always, *private):
            # What is shorter is in any text, and hiding it would only show where it is.
            if len(value) >= 3:
                spellings |= {value, quote(value), quote(value, safe=""), escape(value)}
                spellings |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, "[hidden]")
        return text


def _server_failed(status: int) -> bool:
    return status >= 500 or status == 408


def _encoded(query: Mapping[str, Any]) -> str:
    """A query string: None is left out, booleans are true and false, sequences repeat the name."""
    pairs = []
    for name, value in query.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if item is not None:
                pairs.append((name, str(item).lower() if isinstance(item, bool) else str(item)))
    return _sendable(lambda: urlencode(pairs, quote_via=quote, safe=""))


def _json(body: Any) -> bytes:
    return _sendable(
        lambda: json.dumps(
            body, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
    )


def _sendable(make: Callable[[], T]) -> T:
    try:
        return make()
    except (ValueError, TypeError, RecursionError):
        pass  # raised outside, so that no error has what was to be sent as its context
    raise ArgumentError("a value can't be sent: it is no plain data, NaN or has a lone surrogate")


def _private(body: Any, names: Collection[str]) -> Iterator[str]:
    """The texts of a body that stand under one of the names."""
    if isinstance(body, Mapping):
        for name, value in body.items():
            if name in names and isinstance(value, str):
                yield value
            else:
                yield from _private(value, names)
    elif isinstance(body, list | tuple):
        for item in body:
            yield from _private(item, names)
