"""The client that dialects build on: requests with their retries, and their errors."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self, TypeVar, Unpack
from urllib.parse import urlsplit

from callbackkit.client.auth import Auth
from callbackkit.client.hiding import hidden, private_texts
from callbackkit.client.media import Content, Download, Progress, Source
from callbackkit.client.paging import Pages, PagingStyle
from callbackkit.client.request import ApiRequest, json_body, query_string
from callbackkit.client.responses import ApiResponse, ErrorBody, class_for, described, segment
from callbackkit.client.retry import Attempt, Retry
from callbackkit.client.transport import NoReply, Sender, StreamedResponse, TransportOptions
from callbackkit.errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    ArgumentError,
    AuthenticationError,
    BadReplyError,
    RateLimitError,
    SetupError,
)
from callbackkit.handlers import check_callable, is_async, place_of
from callbackkit.logs import logger
from callbackkit.models import Model

M = TypeVar("M", bound=Model)
O = TypeVar("O", bound=Callable[[Attempt], object])  # noqa: E741


class RestClient:
    """The base of every client. Use the `Client` of a dialect.

    `base_url` is the URL below which all paths are, or some of the URLs in `default_urls` by the
    names of their hosts: the others stay. `auth` authenticates each request. `path_values` are
    parts of paths that are the same for all requests, such as the account.

    `retry` is how often and how long a request is sent again. The other options are those of
    `TransportOptions`. Raises SetupError.
    """

    default_urls: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The base URLs of the platform, by the names that operations have for its hosts."""
    rate_limits: ClassVar[frozenset[str]] = frozenset()
    """Codes of rate limits that name no time: the request is sent again after a while."""
    long_rate_limits: ClassVar[frozenset[str]] = frozenset()
    """Codes of rate limits that last so long that only `waits_for=` of a call waits for the end."""
    transient_errors: ClassVar[frozenset[str]] = frozenset()
    """Codes of other errors that end soon, where nothing was done: the request is sent again."""
    private_fields: ClassVar[frozenset[str]] = frozenset(
        {"text", "sentence", "password", "token", "secret"}
    )
    """Names in JSON bodies whose values are in no message, even if the platform quotes them."""
    request_id_header: ClassVar[str] = "x-request-id"
    paging_styles: ClassVar[Mapping[str, PagingStyle]] = MappingProxyType({})
    """The styles of lists, by the names that operations have for them."""

    def __init__(
        self,
        base_url: str | Mapping[str, str],
        auth: Auth,
        *,
        path_values: Mapping[str, str] = MappingProxyType({}),
        retry: Retry | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        self._sender = Sender(self._base_urls(base_url), **options)
        self.path_values = {name: segment(value) for name, value in path_values.items()}
        self._auth = auth
        self._retry = retry or Retry()
        self._observers: list[Callable[[Attempt], object]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {', '.join(self._sender.bases.values())}>"

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
        await self._sender.aclose()

    def observe(self, fn: O) -> O:
        """Call `fn(attempt)` after every try of every request. It must be quick."""
        check_callable(fn, "observe()", "client")
        if is_async(fn):
            raise SetupError(f"{place_of(fn)}: an observer is called, not awaited; make it a def")
        self._observers.append(fn)
        return fn

    def _base_urls(self, base_url: str | Mapping[str, str]) -> Mapping[str, str]:
        if isinstance(base_url, str):
            return dict.fromkeys(self.default_urls or ("",), base_url)
        for name in base_url:
            if name not in self.default_urls:
                known = " and ".join(map(repr, self.default_urls))
                raise SetupError(f"base_url= has a host {name!r}, but there are only {known}")
        return {**self.default_urls, **base_url}

    # For a dialect to define

    def error_body(self, response: ApiResponse) -> ErrorBody:
        """Return what the body of an error says."""
        return ErrorBody()

    def reset_time(self, response: ApiResponse) -> datetime | None:
        """Return when a rate limit ends, if the platform says so."""
        return None

    def error_class(self, status: int, body: ErrorBody) -> type[ApiError]:
        """Return the class of an error."""
        if body.code in self.rate_limits or body.code in self.long_rate_limits:
            return RateLimitError
        return class_for(status)

    # For a dialect's resources to use

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeatable: bool,
        waits_for: Collection[str] = (),
        host: str = "",
    ) -> ApiResponse:
        """Send a request whose body is JSON, or nothing, and return the response.

        `path` is below the base URL of the host, and escaped. `repeatable` says that doing it twice
        is harmless. `waits_for` are further codes of errors that are waited out. Raises ApiError.
        """
        url = self._sender.url(path, query_string(query) if query else "", host)
        if body is None:
            request = ApiRequest(method, url, path, repeatable, waits_for=waits_for)
        else:
            headers = {"content-type": "application/json"}
            private = tuple(private_texts(body, self.private_fields))
            request = ApiRequest(
                method, url, path, repeatable, headers, json_body(body), None, waits_for, private
            )
        return (await self._answer(request))[0]

    def pages(
        self,
        path: str,
        model: type[M],
        *,
        query: Mapping[str, Any] | None = None,
        style: PagingStyle,
        host: str = "",
    ) -> Pages[M]:
        """Return a list that comes in pages."""
        base = self._sender.url("", host=host)

        async def ask(url: str, headers: Mapping[str, str]) -> ApiResponse:
            place = url.partition("?")[0].removeprefix(base)
            return (await self._answer(ApiRequest("GET", url, place, True, headers)))[0]

        return Pages(
            ask,
            lambda values: self._sender.url(path, query_string(values), host),
            lambda url, link: self._sender.joined(url, link, host),
            model,
            query or {},
            style,
        )

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
        host: str = "",
    ) -> ApiResponse:
        """PUT a file, a piece at a time, and return the response.

        `size` is in bytes, needed for content that doesn't know its own, such as an async iterator;
        `most` is what the platform takes. `progress` is called with the bytes sent and their total;
        it starts again at 0 when the upload is repeated, which content that can't be read twice
        never is. Raises ApiError, ArgumentError if the size is wrong, OSError if the file can't be
        read.
        """
        source = Source(content, size, progress)
        if most is not None and source.size > most:
            raise ArgumentError(f"the content has {source.size:,} bytes, and {most:,} are the most")
        headers = {"content-type": content_type, "content-length": str(source.size)}
        if cache_control is not None:
            headers["cache-control"] = cache_control
        if any(not value.isprintable() or not value.isascii() for value in headers.values()):
            raise ArgumentError("a content type and a cache control are printable ASCII")
        url = self._sender.url(path, host=host)
        request = ApiRequest("PUT", url, path, True, headers, None, source)
        return (await self._answer(request))[0]

    @asynccontextmanager
    async def download(
        self, path: str, *, progress: Progress | None = None, host: str = ""
    ) -> AsyncIterator[Download]:
        """GET a file, which is read within `async with`. Raises ApiError.

        `progress` is called with the bytes received and, if known, their total.
        """
        # Not compressed: its size is known then, and sound doesn't get smaller.
        headers = {"accept-encoding": "identity"}
        url = self._sender.url(path, host=host)
        request = ApiRequest("GET", url, path, True, headers, streams=True)
        response, streamed = await self._answer(request)
        try:
            yield Download(self._pieces(request, streamed), response.headers, progress)
        finally:
            await streamed.aclose()

    async def _pieces(
        self, request: ApiRequest, streamed: StreamedResponse
    ) -> AsyncIterator[bytes]:
        try:
            async for chunk in streamed.chunks():
                yield chunk
            return
        except NoReply as error:
            failed = error
        raise self._lost(request, failed)

    # The way of one request

    async def _answer(self, request: ApiRequest) -> tuple[ApiResponse, StreamedResponse]:
        """Return the response, after as many tries as it takes. Raises ApiError."""
        number, waited = 0, 0.0
        executed = False  # whether an earlier try may have done it
        renewed = False
        while True:
            number += 1
            started = time.perf_counter()
            wait: float | None = None
            try:
                headers = await self._headers(request)
            except ApiError as error_before:
                error_before.maybe_executed = executed
                raise
            outcome = await self._try(request, headers)
            if isinstance(outcome, NoReply):
                if request.source is not None and request.source.error is not None:
                    raise request.source.error
                response = None
                error: ApiError | None = self._lost(request, outcome)
                hopeless = outcome.hopeless
            else:
                response = self._response(request, outcome)
                # Gone on a later try is gone by an earlier one, whose response was lost.
                gone = executed and request.method == "DELETE" and response.status in (404, 410)
                error = None if gone else self._error_of(request, response)
                hopeless = False
            if error is not None:
                if not hopeless and number < self._retry.tries:
                    wait = self._wait(request, error, number)
                    if isinstance(error, AuthenticationError) and request.can_start and not renewed:
                        renewed = self._auth.renew(headers.get("Authorization", ""))
                        wait = 0.0 if renewed else wait
                if wait is not None and waited + wait > self._retry.seconds:
                    wait = None
                executed = executed or error.maybe_executed
                error.maybe_executed = executed
            status = None if response is None else response.status
            duration = time.perf_counter() - started
            self._report(
                Attempt(request.method, request.path, number, status, duration, error, wait)
            )
            if error is None:
                assert response is not None
                assert isinstance(outcome, StreamedResponse)
                return response, outcome
            if wait is None:
                raise error
            waited += wait
            await asyncio.sleep(wait)

    async def _headers(self, request: ApiRequest) -> Mapping[str, str]:
        if not request.authenticated:
            return request.headers
        return {
            **request.headers,
            "Authorization": await self._auth.authorization(self._send_alone),
        }

    async def _send_alone(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> ApiResponse:
        path = urlsplit(url).path
        request = ApiRequest(method, url, path, True, headers, body, authenticated=False)
        return (await self._answer(request))[0]

    async def _try(
        self, request: ApiRequest, headers: Mapping[str, str]
    ) -> StreamedResponse | NoReply:
        """Send a request once and return its response, or the reason why there is none.

        The reason is not raised: it would be the context of what is raised for a later try.
        """
        timed = request.source is None and not request.streams
        body = request.body if request.source is None else request.source.chunks()
        try:
            return await self._sender.send(
                request.method, request.url, headers, body, timed=timed, streams=request.streams
            )
        except NoReply as error:
            return error.with_traceback(None)

    def _response(self, request: ApiRequest, streamed: StreamedResponse) -> ApiResponse:
        return ApiResponse(
            request.method,
            request.path,
            streamed.status,
            streamed.headers,
            streamed.content,
            streamed.headers.get(self.request_id_header),
        )

    def _lost(self, request: ApiRequest, failed: NoReply) -> ApiConnectionError:
        cls = ApiTimeoutError if failed.late else ApiConnectionError
        doubt = "" if failed.unsent or request.repeatable else "; it may have been executed"
        return cls(
            f"{failed}{doubt}",
            method=request.method,
            path=request.path,
            maybe_executed=not failed.unsent,
        )

    def _error_of(self, request: ApiRequest, response: ApiResponse) -> ApiError | None:
        """Return the error of a response, None for a success."""
        if 200 <= response.status < 300:
            return None
        if response.status < 400:
            return response.bad("a redirect would take the credentials along: it is not followed")
        body = self.error_body(response)
        cls = self.error_class(response.status, body)

        def hide(text: str) -> str:
            return hidden(text, (*self._auth.secrets, *request.private))

        error = cls(
            described(response, body, hide),
            method=request.method,
            path=request.path,
            status=response.status,
            category=body.category,
            code=body.code,
            message=None if body.message is None else hide(body.message),
            details={name: hide(value) for name, value in body.details.items()},
            request_id=response.request_id,
            maybe_executed=_server_failed(response.status),
        )
        if isinstance(error, RateLimitError):
            error.reset = self.reset_time(response)
        return error

    def _wait(self, request: ApiRequest, error: ApiError, number: int) -> float | None:
        """Return the seconds until another try, or None if there must be none."""
        if not request.can_start:
            return None
        # Surely not executed, as the platform itself says.
        waited_out = {*self.rate_limits, *self.transient_errors, *request.waits_for}
        if error.status == 429 or error.code in waited_out:
            reset = getattr(error, "reset", None)
            seconds = 0.0 if reset is None else (reset - datetime.now(UTC)).total_seconds()
            return self._retry.until(seconds) if seconds > 0 else self._retry.growing(number)
        if isinstance(error, BadReplyError):
            return None
        lost = isinstance(error, ApiConnectionError)
        if lost and not error.maybe_executed:
            return self._retry.growing(number)
        harmless = request.repeatable or self._retry.creations
        if harmless and (lost or (error.status is not None and _server_failed(error.status))):
            return self._retry.growing(number)
        return None

    def _report(self, attempt: Attempt) -> None:
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


def _server_failed(status: int) -> bool:
    return status >= 500 or status == 408
