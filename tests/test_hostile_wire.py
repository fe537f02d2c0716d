"""Hostile requests over real sockets to real uvicorn: each gets its answer, and the next is served."""

import gzip
import json
import socket
import struct
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

from callbackkit.v1 import (
    AnswerEvent,
    App,
    Callback,
    Gather,
    Hangup,
    Reply,
    SmsEvent,
    SpeakSentence,
    parse,
)

LIMIT = 50_000
AUTH = b"Authorization: Basic " + b64encode(b"u:p") + b"\r\n"
HEAD = b"Host: app.test\r\n" + AUTH
ANSWER = b"/?eventType=answer&callId=c-1"
SMS = json.dumps({"eventType": "sms", "messageId": "m-1", "from": "1", "to": "2"}).encode()
SHAPE = [SpeakSentence, Gather, Hangup]


def answering() -> App:
    app = App(auth=("u", "p"), max_body=LIMIT, health="/up")

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent, callback: Callback) -> Reply:
        spoken = SpeakSentence(f"{callback.path} {call.tag}"[:500], voice="susan")
        return [spoken, Gather(SpeakSentence("?", voice="susan"), request_url="/next"), Hangup()]

    @app.on(SmsEvent)
    async def take(sms: SmsEvent) -> None: ...

    return app


class Wire:
    """One server; every `connect` is a new connection to it."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._address = (host, int(port))

    @contextmanager
    def connect(self) -> Iterator[socket.socket]:
        with socket.create_connection(self._address, timeout=10) as connection:
            yield connection

    def ask(self, request: bytes, *, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        with self.connect() as connection:
            connection.sendall(request)
            return reply(connection, method=method)

    def still_serves(self) -> None:
        status, _, body = self.ask(b"GET " + ANSWER + b" HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert status == 200
        assert [type(verb) for verb in parse(body)] == SHAPE
        status, _, body = self.ask(post(SMS))
        assert (status, body) == (200, b"")


def post(body: bytes, *lines: bytes) -> bytes:
    more = b"".join(line + b"\r\n" for line in lines)
    return b"POST / HTTP/1.1\r\n" + HEAD + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


def reply(connection: socket.socket, *, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """One response, framed as it says: whatever else comes stays in the socket."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, f"closed after {head!r}"
        head += byte
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = b""
    if method != "HEAD" and "transfer-encoding" not in headers:
        while len(body) < int(headers.get("content-length", 0)):
            piece = connection.recv(int(headers["content-length"]) - len(body))
            assert piece, "the body is shorter than it says"
            body += piece
    return int(first.split()[1]), headers, body


@pytest.fixture(params=["h11", "httptools"])
def wire(request: pytest.FixtureRequest, serve: Callable[..., str]) -> Iterator[Wire]:
    if find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    options: dict[str, Any] = {"http": request.param, "h11_max_incomplete_event_size": 300_000}
    wire = Wire(serve(answering(), **options))
    yield wire
    wire.still_serves()


def chunked(size: int, piece: int) -> Iterator[bytes]:
    for _ in range(size // piece):
        yield b"%x\r\n" % piece + b"a" * piece + b"\r\n"


# Bodies above the limit


@pytest.mark.parametrize("piece", [1, 100, 65_536])
def test_a_chunked_body_above_the_limit_is_413(wire: Wire, piece: int) -> None:
    with wire.connect() as connection:
        pieces = b"".join(chunked(LIMIT + piece, piece))
        connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.sendall(pieces)  # without its end: the reply does not wait for that
        assert reply(connection)[0] == 413


@pytest.mark.parametrize("length", [b"Content-Length: 30000000", b"Transfer-Encoding: chunked"])
def test_a_413_reaches_a_sender_who_sends_all_before_it_reads(wire: Wire, length: bytes) -> None:
    with wire.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + length + b"\r\n\r\n")
        for piece in chunked(30_000_000, 50_000):
            connection.sendall(piece if b"chunked" in length else b"a" * 50_000)
        if b"chunked" in length:
            connection.sendall(b"0\r\n\r\n")
        assert reply(connection)[0] == 413
        # The connection is where it should be: the next request on it is served.
        connection.sendall(post(SMS))
        assert reply(connection)[0] == 200


def test_others_are_served_while_a_refused_body_still_comes(wire: Wire) -> None:
    with wire.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 9000000\r\n\r\n")
        connection.sendall(b"a" * (LIMIT + 1))
        assert reply(connection)[0] == 413
        wire.still_serves()
        connection.sendall(b"a" * 1_000_000)
        wire.still_serves()


def test_a_compressed_body_is_not_unpacked(wire: Wire) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    assert len(bomb) < LIMIT
    assert wire.ask(post(bomb, b"Content-Encoding: gzip"))[0] == 400
    assert wire.ask(post(gzip.compress(SMS), b"Content-Encoding: gzip"))[0] == 400


# Before the body


@pytest.mark.parametrize("auth", [b"", b"Authorization: Basic d3Jvbmc6cA==\r\n"])
@pytest.mark.parametrize("length", [b"Content-Length: 1000", b"Transfer-Encoding: chunked"])
def test_401_comes_before_the_body(wire: Wire, auth: bytes, length: bytes) -> None:
    with wire.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + auth + length + b"\r\n\r\n")
        status, headers, _ = reply(connection)
        assert status == 401
        assert headers["www-authenticate"].startswith("Basic ")


def test_expect_100_continue_is_answered_only_for_an_acceptable_request(wire: Wire) -> None:
    expect = b"Expect: 100-continue\r\n"
    with wire.connect() as connection:
        head = post(SMS, expect.strip())[: -len(SMS)]
        connection.sendall(head)
        assert reply(connection)[0] == 100
        connection.sendall(SMS)
        assert reply(connection)[0] == 200
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n" + expect + b"\r\n"
    assert wire.ask(head)[0] == 401
    head = b"PUT / HTTP/1.1\r\n" + HEAD + b"Content-Length: 9\r\n" + expect + b"\r\n"
    assert wire.ask(head)[0] == 405


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_405(wire: Wire, method: str) -> None:
    status, headers, body = wire.ask(
        f"{method} / HTTP/1.1\r\n".encode() + HEAD + b"X: <Hangup/>\r\n\r\n", method=method
    )
    assert (status, headers["allow"]) == (405, "GET, POST")
    assert b"<Hangup/>" not in body
    status, headers, _ = wire.ask(f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode(), method=method)
    assert status == 401


def test_health_by_head_and_get(wire: Wire) -> None:
    for method in ("HEAD", "GET"):
        request = f"{method} /up HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        assert wire.ask(request, method=method)[0] == 200


# Framing


def test_pipelined_requests_are_answered_in_their_order(wire: Wire) -> None:
    get = b"GET " + ANSWER + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
    wrong = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    put = b"PUT / HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\n\r\nabcde"
    with wire.connect() as connection:
        connection.sendall((get + post(SMS) + wrong + put + post(b"{}")) * 5)
        for _ in range(5):
            statuses = [reply(connection)[0] for _ in range(5)]
            assert statuses == [200, 200, 401, 405, 400]


_BROKEN: list[Any] = [
    b"Content-Length: -1",
    b"Content-Length: abc",
    b"Content-Length: 99999999999999999999999999",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
    b"Transfer-Encoding: gzip",
    b"Host: again",
    b"No colon",
    b"X: \0",
]


def test_broken_requests_are_refused_or_given_up(wire: Wire) -> None:
    for lines in _BROKEN:
        with wire.connect() as connection:
            connection.sendall(b"POST / HTTP/1.1\r\n" + HEAD + lines + b"\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            received = connection.recv(100)
            assert received == b"" or received.split()[1] in (b"400", b"501")
        wire.still_serves()


@pytest.mark.parametrize("shorter", [b"", SMS[:-1]])
@pytest.mark.parametrize("abrupt", [True, False])
def test_a_body_that_never_comes_holds_nothing_up(wire: Wire, shorter: bytes, abrupt: bool) -> None:
    with wire.connect() as connection:
        connection.sendall(post(SMS)[: -len(SMS)] + shorter)
        wire.still_serves()
        if abrupt:  # a reset, not an orderly end
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_half_closed_sender_holds_nothing_up(wire: Wire) -> None:
    with wire.connect() as connection:
        connection.sendall(post(SMS)[:-1])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    with wire.connect() as connection:
        connection.sendall(post(SMS))
        connection.shutdown(socket.SHUT_WR)
        received = connection.recv(100)
        assert received == b"" or received.startswith(b"HTTP/1.1 200")


def test_a_sender_who_leaves_before_the_reply_holds_nothing_up(wire: Wire) -> None:
    for _ in range(20):
        with wire.connect() as connection:
            connection.sendall(b"GET " + ANSWER + b" HTTP/1.1\r\n" + HEAD + b"\r\n")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_hundred_idle_senders_hold_nothing_up(wire: Wire) -> None:
    with ExitStack() as stack:
        for number in range(100):
            connection = stack.enter_context(wire.connect())
            connection.sendall(post(SMS)[: number * 2])
        wire.still_serves()


# Request lines and headers


_TARGETS: list[Any] = [
    b"/%00",
    b"/%ff%fe",
    b"/%0d%0aX:%20y",
    b"/%1b[31m",
    b"/../../etc/passwd",
    b"/%2e%2e/%2e%2e/",
    b"//evil.test/",
    b"/" + b"a/" * 20_000,
    b"/%",
    b"/%zz",
    b"/;a=b",
    b"/%3Cb%3E%22%26",
    b"http://evil.test/",
    b"http://u:p@evil.test:80/x",
]


def test_strange_targets_are_served(wire: Wire) -> None:
    for target in _TARGETS:
        request = b"GET " + target + ANSWER[1:] + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
        status, _, body = wire.ask(request)
        assert status == 200
        _, gather, _ = verbs = parse(body)
        assert [type(verb) for verb in verbs] == SHAPE
        assert isinstance(gather, Gather)
        assert gather.request_url == "http://u:p@app.test/next"
        wire.still_serves()


_QUERIES: list[Any] = [
    (b"eventType=answer&callId=c&tag=%00%ff%C0%80%ED%A0%80", 200),
    (b"eventType=answer&callId=c&tag=%22/%3E%3CHangup/%3E", 200),
    (b"eventType=answer&callId=c&tag=" + b"%" * 60_000, 200),
    (b"eventType=answer&callId=c&" + b"a=b&" * 15_000, 400),
    (b"a=b&" * 50_000, 414),
    (b"%00=%00", 400),
    (b"&&&===???", 400),
]


def test_strange_queries(wire: Wire) -> None:
    for query, status in _QUERIES:
        found, _, body = wire.ask(b"GET /?" + query + b" HTTP/1.1\r\n" + HEAD + b"\r\n")
        # uvicorn itself refuses a longer request line, with httptools from 64 KiB on.
        assert found == status or (status == 414 and found == 400), query[:60]
        if status == 200:
            assert [type(verb) for verb in parse(body)] == SHAPE
        wire.still_serves()


_HOSTS: list[Any] = [
    b'x"/><Hangup/>',
    b"x\xff\xfe",
    b"b\xc3\xbccher.example",
    b"u:p@evil.test",
    b"a b",
    b"a" * 60_000,
    b"evil.test/x",
]


def test_an_invalid_host_gets_400_and_no_document(wire: Wire) -> None:
    for host in _HOSTS:
        request = b"GET " + ANSWER + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + AUTH + b"\r\n"
        status, _, body = wire.ask(request)
        assert status == 400
        assert b"Hangup" not in body
        wire.still_serves()


def test_without_a_host_the_server_s_own_address_is_used(wire: Wire) -> None:
    status, _, body = wire.ask(b"GET " + ANSWER + b" HTTP/1.0\r\n" + AUTH + b"\r\n")
    assert status == 200
    assert b'requestUrl="http://u:p@127.0.0.1:' in body


_CREDENTIALS: list[Any] = [
    b"Basic \xff\xfe\xfd",
    b"B\xe4sic dTpw",
    b"Basic " + b64encode(b"\xff:\xff"),
    b"Basic " + b"A" * 60_000,
    b"",
    b"Basic dTpw, Basic dTpw",
    b"Basic dTpw\r\nAuthorization: Basic dTpw",
    b"Digest username=u",
]


def test_strange_credentials_are_401(wire: Wire) -> None:
    for value in _CREDENTIALS:
        request = (
            b"GET " + ANSWER + b" HTTP/1.1\r\nHost: x\r\nAuthorization: " + value + b"\r\n\r\n"
        )
        assert wire.ask(request)[0] == 401
        wire.still_serves()


@pytest.mark.parametrize("scheme", [b"ws", b"wss", b"https", b"javascript", b'x"/><Hangup/>'])
def test_a_forged_proxy_header_gives_no_500_and_no_markup(wire: Wire, scheme: bytes) -> None:
    forged = b"X-Forwarded-Proto: " + scheme + b"\r\nX-Forwarded-Host: evil.test\r\n"
    forged += b'X-Forwarded-For: "/><Hangup/>\r\nX-Forwarded-Prefix: /evil\r\n'
    status, _, body = wire.ask(b"GET " + ANSWER + b" HTTP/1.1\r\n" + HEAD + forged + b"\r\n")
    assert status == 200
    _, gather, _ = parse(body)
    assert isinstance(gather, Gather)
    written = "https" if scheme in (b"wss", b"https") else "http"
    assert gather.request_url == f"{written}://u:p@app.test/next"


def test_an_unknown_upgrade_is_a_plain_request_or_refused(wire: Wire) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    upgrade += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    request = b"GET " + ANSWER + b" HTTP/1.1\r\n" + HEAD + upgrade + b"\r\n"
    assert wire.ask(request)[0] in (200, 403)


# Bodies


_BODIES: list[Any] = [
    (b"", 400),
    (b"[" * 40_000, 400),
    (b'{"a":' * 8_000, 400),
    (b'{"eventType":"sms","messageId":' + b"1" * 40_000 + b',"from":"1","to":"2"}', 200),
    (b'{"eventType":"sms","messageId":NaN,"from":-Infinity,"to":1e999,"text":"\\ud800"}', 200),
    (SMS[:-1] + b',"text":"\xff","text":"b"}', 200),
    (b"eventType=sms&" + b"a=b&" * 10_000, 400),
    (bytes(40_000), 400),
    (b"<xml/>", 400),
    (SMS.decode().encode("utf-16"), 400),
]


@pytest.mark.parametrize("media_type", [b"application/json", b"multipart/form-data; boundary=\xff"])
def test_strange_bodies_get_the_right_status(wire: Wire, media_type: bytes) -> None:
    for body, status in _BODIES:
        assert wire.ask(post(body, b"Content-Type: " + media_type))[0] == status
        wire.still_serves()


def test_hostile_senders_at_once_do_not_starve_the_others(wire: Wire) -> None:
    def send() -> None:
        for _ in range(5):
            wire.ask(post(SMS[:-1] + b',"x":"\\ud800","media":[' + b"[]," * 10_000 + b"[]]}"))

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(3):
            wire.still_serves()
    finally:
        for sender in senders:
            sender.join()
