"""The transport over httpx, which no other file imports: a successor changes one file.

It opens connection pools, sends a request once, and says of one that fails whether the platform
can have seen it.
"""

import asyncio
import errno
import logging
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypedDict

import httpx

from callbackkit.errors import SetupError

Http = httpx.AsyncClient
Timeout = httpx.Timeout
Transport = httpx.AsyncBaseTransport

MAX_BODY = 32 * 1024 * 1024  # bytes of a reply that is no download; a page of 1000 has some 2 MB

Body = bytes | AsyncIterator[bytes] | None


def in_process(app: Callable[..., Any]) -> Transport:
    """Return a transport to an ASGI app in this process, without a socket."""
    return httpx.ASGITransport(app=app, raise_app_exceptions=False)


class NoReply(Exception):
    """A try without a whole reply.

    `unsent` means that the platform surely did not get the request, `late` that the time was up,
    and `hopeless` that another try would end alike.
    """

    def __init__(
        self, reason: str, *, unsent: bool = False, late: bool = False, hopeless: bool = False
    ) -> None:
        super().__init__(reason)
        self.unsent = unsent
        self.late = late
        self.hopeless = hopeless


class PooledTransport(httpx.AsyncBaseTransport):
    """Spreads requests over several small connection pools, the least busy first.

    httpx goes through its whole pool for every request: with 64 in flight, one pool of 64 manages a
    fifth of the requests per second of eight pools of eight.
    """

    def __init__(self, connections: int = 64, *, secure: bool = True) -> None:
        number = min(8, connections)
        each = -(-connections // number)
        limits = httpx.Limits(max_connections=each, max_keepalive_connections=each)
        # Once, as it takes long to read all certificates, and not at all without TLS.
        context = httpx.create_ssl_context(verify=secure)
        self._pools = [
            httpx.AsyncHTTPTransport(verify=context, limits=limits) for _ in range(number)
        ]
        self._busy = [0] * number

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number = min(range(len(self._pools)), key=self._busy.__getitem__)
        self._busy[number] += 1
        try:
            response = await self._pools[number].handle_async_request(request)
        except BaseException:
            self._busy[number] -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Counted(response.stream, self._busy, number)
        return response

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()


class _Counted(httpx.AsyncByteStream):
    """A response's stream that frees a place in its pool when it is closed."""

    def __init__(self, stream: httpx.AsyncByteStream, busy: list[int], number: int) -> None:
        self._stream = stream
        self._busy = busy
        self._number = number
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._busy[self._number] -= 1
        await self._stream.aclose()


def _over_aiohttp(connections: int, secure: bool) -> httpx.AsyncBaseTransport:
    try:
        import aiohttp
        from httpx_aiohttp import AiohttpTransport
    except ImportError:
        raise SetupError(
            'transport="aiohttp" needs httpx-aiohttp: pip install "callbackkit[aiohttp]"'
        ) from None
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connections, ssl=httpx.create_ssl_context(verify=secure)
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    # aiohttp would repeat some requests on its own, unseen by our rules and our observers.
    session._retry_connection = False
    return AiohttpTransport(client=session)


def _causes(error: BaseException, outside: BaseException | None) -> list[BaseException]:
    """Return an exception and all that caused it, except what its caller was handling already:
    Python makes that the context of everything that is raised meanwhile."""
    found = [error]
    for link in found:
        following = link.__cause__
        if following is None and type(link).__module__.startswith("httpcore"):
            following = link.__context__  # httpcore raises again "from None", and so hides a cause
        if following is not None and following is not outside and following not in found:
            found.append(following)
        if isinstance(link, BaseExceptionGroup):
            found += link.exceptions
    return found


def _before_connecting(error: BaseException) -> bool:
    """Return whether an exception comes only before anything is sent."""
    if isinstance(error, socket.gaierror | ssl.SSLCertVerificationError):
        return True
    return isinstance(error, OSError) and error.errno == errno.ECONNREFUSED


def _no_reply(error: BaseException, outside: BaseException | None) -> NoReply:
    """Return a transport's exception in our words: its own may quote a URL or a header.

    Its class does not show whether anything was sent: httpx-aiohttp has a ConnectTimeout also for a
    server that read the request and hung up. Its causes do.
    """
    links = _causes(error, outside)
    unsent = any(_before_connecting(link) for link in links)
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in links):
        return NoReply("the server's certificate is not to be trusted", unsent=True, hopeless=True)
    if any(isinstance(link, socket.gaierror) for link in links):
        return NoReply("the host's name can't be resolved", unsent=True)
    if unsent:
        return NoReply("the connection was refused", unsent=True)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return NoReply("the request can't be sent as HTTP", unsent=True, hopeless=True)
    kinds = " of ".join(dict.fromkeys(type(link).__name__ for link in links))
    # httpx-aiohttp calls a lost connection a timeout, so where there is a cause it decides.
    late = any(isinstance(link, TimeoutError) for link in links) or (
        isinstance(error, httpx.TimeoutException) and len(links) == 1
    )
    if late:
        return NoReply(f"no reply in time ({kinds})", late=True)
    return NoReply(f"the connection was lost before the whole reply came ({kinds})")


@contextmanager
def _as_no_reply() -> Iterator[None]:
    outside = sys.exception()
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        failed = _no_reply(error, outside)
    except asyncio.CancelledError as error:
        # aiohttp may raise that of the task which was sending the body, where nobody cancelled us.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        failed = _no_reply(error, outside)
    except Exception as error:
        # Exceptions that a transport forgot to translate.
        if type(error).__module__.partition(".")[0] not in ("aiohttp", "httpcore", "h11", "anyio"):
            raise
        failed = _no_reply(error, outside)
    else:
        return
    raise failed


class StreamedResponse:
    """The head of a response, and its body still to be read. It must be closed."""

    def __init__(self, response: httpx.Response, done: Callable[[], None]) -> None:
        self._response = response
        self._done: Callable[[], None] | None = done
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.content = b""
        """The body, once all of it was read."""

    async def read(self) -> None:
        """Read the whole body into `content`. Raises NoReply."""
        parts, size = [], 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > MAX_BODY:
                raise NoReply(f"the reply has more than {MAX_BODY} bytes", hopeless=True)
            parts.append(chunk)
        self.content = b"".join(parts)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises NoReply when it ends early."""
        stream = self._response.aiter_bytes()
        while True:
            with _as_no_reply():
                try:
                    chunk = await anext(stream)
                except StopAsyncIteration:
                    return
            yield chunk

    async def aclose(self) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        try:
            with _as_no_reply():
                await self._response.aclose()
                if self.status in (204, 304) and self.headers.get("content-length", "0") != "0":
                    # A body where none may be would be read as the head of the next reply.
                    stream = self._response.extensions.get("network_stream")
                    if stream is not None:
                        await stream.aclose()
        except NoReply:
            pass  # all that was needed of the response has been read
        finally:
            done()


@dataclass(frozen=True)
class _Opened:
    """The connections of one event loop."""

    by: httpx.AsyncClient | httpx.AsyncBaseTransport
    slots: asyncio.Semaphore


TransportChoice = (
    Literal["aiohttp"] | httpx.AsyncBaseTransport | Callable[[], httpx.AsyncBaseTransport] | None
)


class TransportOptions(TypedDict, total=False):
    """The options of a client's connections, which are opened on first use and closed by `aclose()`
    or at the end of `async with`."""

    timeout: float | httpx.Timeout
    """Seconds for one try from a connection to the last byte, for files the seconds between two of
    their pieces, by default 30; or an `httpx.Timeout`, which has no limit for the whole."""
    connections: int
    """Requests that are under way at a time, by default 64; others wait for their turn."""
    transport: TransportChoice
    """Either "aiohttp", a transport of httpx, or a function that makes one, which is needed where
    the client serves several event loops; it is closed with the client."""
    http: httpx.AsyncClient | None
    """An `httpx.AsyncClient` of yours, which you close."""


class Sender:
    """Sends requests to the servers of a platform, which are named and have a base URL each.

    Connections are opened on first use, for each event loop its own.
    """

    def __init__(
        self,
        base_urls: Mapping[str, str],
        *,
        timeout: float | httpx.Timeout = 30.0,
        connections: int = 64,
        transport: TransportChoice = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.bases = {name: _base(url) for name, url in base_urls.items()}
        self._headers = {
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
            "User-Agent": f"callbackkit python-httpx/{httpx.__version__}",
        }
        if not isinstance(timeout, httpx.Timeout) and not timeout > 0:
            raise SetupError(f"timeout= is a number of seconds above 0, not {timeout!r}")
        if connections < 1:
            raise SetupError(f"connections= is 1 or more, not {connections!r}")
        if isinstance(transport, str) and transport != "aiohttp":
            raise SetupError(f'transport= is "aiohttp", a transport or a function, not {transport}')
        if transport is not None and http is not None:
            raise SetupError("http= has a transport of its own: leave transport= out")
        self._whole = None if isinstance(timeout, httpx.Timeout) else float(timeout)
        self._timeout = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
        self._connections = connections
        self._transport = transport
        self._http = http
        self._opened: dict[asyncio.AbstractEventLoop, _Opened] = {}
        _httpx_logger.addFilter(_without_query)  # does nothing the second time

    def url(self, path: str, query: str = "", host: str = "") -> str:
        """Return the URL of a path below the base URL of a server."""
        base = self.bases[host]
        return f"{base}{path}?{query}" if query else f"{base}{path}"

    def joined(self, url: str, link: str, host: str = "") -> str | None:
        """Return where a link of a response leads, None if to another server or if it is no URL."""
        try:
            found = httpx.URL(url).join(link)
            base = httpx.URL(self.bases[host])
        except (httpx.InvalidURL, ValueError):
            return None
        if found.userinfo or _origin(found) != _origin(base):
            return None
        return str(found)

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Body,
        *,
        timed: bool,
        streams: bool,
    ) -> StreamedResponse:
        """Send a request once and return the response. Raises NoReply. Redirects are not followed.

        The response is read and closed, but for a success that `streams`. `timed` limits the whole,
        which a server that sends a byte now and then would pass otherwise.
        """
        opened = self._open()
        await opened.slots.acquire()
        release = opened.slots.release
        streamed: StreamedResponse | None = None
        done = False
        token = _ours.set(True)
        try:
            with _as_no_reply():
                async with asyncio.timeout(self._whole if timed else None):
                    response = await self._ask(opened, method, url, headers, body)
                    streamed = StreamedResponse(response, release)
                    if not (streams and 200 <= streamed.status < 300):
                        await streamed.read()
                        await streamed.aclose()
            done = True
            return streamed
        finally:
            _ours.reset(token)
            if streamed is None:
                release()
            elif not done:
                await streamed.aclose()

    async def _ask(
        self, opened: _Opened, method: str, url: str, headers: Mapping[str, str], body: Body
    ) -> httpx.Response:
        if isinstance(opened.by, httpx.AsyncClient):
            request = opened.by.build_request(
                method, url, headers=dict(headers), content=body, timeout=self._timeout
            )
            return await opened.by.send(request, auth=None, stream=True, follow_redirects=False)
        # Straight to the transport: httpx's client would look for cookies, redirects, proxies and
        # an auth flow in each request, none of which is wanted here (a quarter of the CPU).
        request = httpx.Request(
            method,
            _parsed(url),
            headers={**self._headers, **headers},
            content=body,
            extensions={"timeout": self._timeout.as_dict()},
        )
        return await opened.by.handle_async_request(request)

    def _open(self) -> _Opened:
        loop = asyncio.get_running_loop()
        opened = self._opened.get(loop)
        if opened is None:
            # Connections of a loop that is gone can't be used, nor be closed any more.
            self._opened = {
                other: kept for other, kept in self._opened.items() if not other.is_closed()
            }
            by = self._http or self._made()
            opened = self._opened[loop] = _Opened(by, asyncio.Semaphore(self._connections))
        return opened

    def _made(self) -> httpx.AsyncBaseTransport:
        transport = self._transport
        secure = any(base.startswith("https:") for base in self.bases.values())
        if transport is None:
            return PooledTransport(self._connections, secure=secure)
        if isinstance(transport, str):
            return _over_aiohttp(self._connections, secure)
        if isinstance(transport, httpx.AsyncBaseTransport):
            return transport
        return transport()

    async def aclose(self) -> None:
        opened = self._opened.pop(asyncio.get_running_loop(), None)
        if opened is not None and self._http is None:
            await opened.by.aclose()


# A client uses few URLs again and again, and parsing one costs as much as sending it.
_parsed = lru_cache(maxsize=64)(httpx.URL)


def _base(url: str) -> str:
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parts = httpx.URL("")
    # The part that is wrong is not quoted: it may be a password.
    if parts.scheme not in ("http", "https") or not parts.host or parts.userinfo:
        raise SetupError("base_url= is an absolute http(s) URL without credentials in it")
    if "?" in url or "#" in url:
        raise SetupError("base_url= has no query and no fragment")
    return str(parts).rstrip("/")


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


_ours: ContextVar[bool] = ContextVar("callbackkit_asking", default=False)
_httpx_logger = logging.getLogger("httpx")
_QUERY = re.compile(r"\?.*", re.DOTALL)


def _without_query(record: logging.LogRecord) -> bool:
    """Remove the query from httpx's own log line of a request of ours: it may be personal."""
    if _ours.get() and isinstance(record.args, tuple):
        record.args = tuple(
            _QUERY.sub("", str(arg)) if isinstance(arg, httpx.URL) else arg for arg in record.args
        )
    return True
