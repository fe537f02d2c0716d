"""What a request must pass before anything of it is read: credentials, method, size, Host."""

import logging
import re
import traceback
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

import callbackkit.security
from callbackkit.errors import SetupError
from callbackkit.observing import Observation
from callbackkit.v1 import AnswerEvent, App, Callback, Gather, Reply, SmsEvent, SpeakSentence, parse

pytestmark = pytest.mark.anyio

SMS = b'{"eventType":"sms","messageId":"m-1","from":"+19195551212","to":"+19195551213","text":"hi"}'
ANSWER = b"eventType=answer&callId=c-1"
SECRET = "s3:cr&t/é"

Headers = list[tuple[bytes, bytes]]


async def ask(
    app: Any,
    method: str = "POST",
    *,
    path: str = "/",
    query: bytes = b"",
    chunks: Iterator[bytes] | list[bytes] | None = None,
    headers: Headers = [],  # noqa: B006
    host: bytes = b"app.test",
    scheme: str = "https",
) -> tuple[int, bytes, dict[bytes, bytes]]:
    """One request at the ASGI seam; the body comes in `chunks`, None: it must not be read at all."""
    sent: list[Any] = []
    rest = None if chunks is None else iter(chunks)

    async def receive() -> Any:
        assert rest is not None, "the body was read"
        for chunk in rest:
            return {"type": "http.request", "body": chunk, "more_body": True}
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "root_path": "",
        "scheme": scheme,
        "headers": [(b"host", host), *headers],
    }
    await app(scope, receive, send)
    start, body = sent
    headers_sent = dict(start["headers"])
    if method == "HEAD":
        assert body["body"] == b""
    else:
        assert headers_sent[b"content-length"] == b"%d" % len(body["body"])
    return start["status"], body["body"], headers_sent


def basic(user: str, password: str, encoding: str = "utf-8", scheme: bytes = b"Basic ") -> Headers:
    return [(b"authorization", scheme + b64encode(f"{user}:{password}".encode(encoding)))]


def replying(**options: Any) -> App:
    app = App(**options)

    @app.on(SmsEvent)
    async def take(sms: SmsEvent) -> None: ...

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent) -> Reply:
        return Gather(SpeakSentence("Yes?", voice="susan"), request_url="/next")

    return app


# Credentials


@pytest.mark.parametrize(
    "headers",
    [
        basic("user", SECRET),
        basic("user", SECRET, "latin-1"),
        basic("old", "pass:word"),
        basic("user", SECRET, scheme=b"bAsIc "),
        basic("user", SECRET, scheme=b"Basic   "),
    ],
)
async def test_each_pair_is_accepted_in_utf_8_and_latin_1(headers: Headers) -> None:
    app = replying(auth=[("user", SECRET), ("old", "pass:word")])
    status, _, _ = await ask(app, chunks=[SMS], headers=headers)
    assert status == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"authorization", b"")],
        [(b"authorization", b"Basic")],
        [(b"authorization", b"Basic ")],
        [(b"authorization", b"Basic !!!")],
        [(b"authorization", b"Basic \xff\xfe")],
        [(b"authorization", b"\xff" * 9000)],
        [(b"authorization", b"Basic " + b"QQ==" * 20000)],
        [(b"authorization", b"Basic\t" + b64encode(b"user:" + SECRET.encode()))],
        [(b"authorization", b"user:" + SECRET.encode())],
        [(b"proxy-authorization", b"Basic " + b64encode(b"user:" + SECRET.encode()))],
        basic("user", SECRET, scheme=b"Bearer "),
        basic("user", SECRET, scheme=b""),
        basic("", ""),
        basic("user", ""),
        basic("", SECRET),
        basic("user", "pass:word"),
        basic("old", SECRET),
        basic("user", SECRET + "x"),
        basic("user", SECRET[:-1]),
        basic("USER", SECRET),
        # A proxy may have looked at either of two.
        [*basic("user", SECRET), *basic("user", "wrong")],
        [*basic("user", "wrong"), *basic("user", SECRET)],
        [*basic("user", SECRET), *basic("user", SECRET)],
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD", "PUT", "TRACE"])
async def test_everything_else_gets_the_challenge_before_its_body_is_read(
    headers: Headers, method: str
) -> None:
    app = replying(auth=[("user", SECRET), ("old", "pass:word")])
    status, _, sent = await ask(app, method, query=b"a" * 70_000, headers=headers)
    assert status == 401
    assert sent[b"www-authenticate"].startswith(b'Basic realm="')


async def test_every_pair_is_compared_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    real = callbackkit.security.compare_digest

    def counting(given: bytes, accepted: bytes) -> bool:
        compared.append(accepted)
        return real(given, accepted)

    monkeypatch.setattr(callbackkit.security, "compare_digest", counting)
    app = replying(auth=[("a", "1"), ("b", "2"), ("c", "3")])
    for headers in (
        basic("a", "1"),
        basic("c", "3"),
        basic("x", "y"),
        [],
        basic("a", "1", "utf-16"),
    ):
        compared.clear()
        await ask(app, chunks=[SMS], headers=headers)
        assert compared == [b"a:1", b"b:2", b"c:3"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_health_needs_no_credentials_and_only_its_path_is_open(method: str) -> None:
    app = replying(auth=("user", SECRET), health="/health")
    assert (await ask(app, method, path="/health"))[0] == 200
    for path in ("/", "/health/x", "/healthy", "/x/health", "/health\0", "//health"):
        assert (await ask(app, method, path=path))[0] == 401
    assert (await ask(app, "POST", path="/health"))[0] == 401


@pytest.mark.parametrize(
    "auth",
    [
        ("us:er", SECRET),
        ("", SECRET),
        ("user", ""),
        ("user", SECRET, "more"),
        ("user", None),
        ("user", SECRET.encode()),
        (None, SECRET),
        "us",
        b"us",
        5,
        object(),
        {"user": SECRET},
        {"user": SECRET, "more": SECRET},
        (),
        [],
        [()],
        [("user", SECRET), ("", SECRET)],
        [("user", SECRET), "xy"],
        [("user", SECRET), ("us:er", SECRET)],
    ],
)
def test_wrong_auth_is_refused_in_one_sentence_without_the_password(auth: Any) -> None:
    with pytest.raises(SetupError) as caught:
        App(auth=auth)
    sentence = str(caught.value)
    assert re.match(r"tests/test_security\.py:\d+ App\(\): auth= ", sentence)
    assert "\n" not in sentence
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert repr(SECRET) not in shown


async def test_no_repr_and_no_log_shows_the_password(caplog: pytest.LogCaptureFixture) -> None:
    app = replying(auth=("user", SECRET), fallback=SpeakSentence("Sorry.", voice="susan"))
    shown: list[str] = [repr(app), repr(vars(app))]

    @app.observe
    def watch(observation: Observation) -> None:
        callback = observation.callback
        shown.extend([repr(observation), repr(callback), repr(callback.root), str(callback.root)])
        assert SECRET not in callback.url("/hello.wav")

    @app.on("redirect")
    async def fail(event: Any, callback: Callback) -> Reply:
        return Gather(SpeakSentence("x" * 20_000, voice="susan"), request_url="/next")

    with caplog.at_level(logging.DEBUG):
        status, body, _ = await ask(
            app, "GET", query=ANSWER, chunks=[], headers=basic("user", SECRET)
        )
        assert status == 200
        assert b"user:s3%3Acr%26t%2F%C3%A9@app.test/next" in body
        await ask(
            app,
            "GET",
            query=b"eventType=redirect&callId=c-1",
            chunks=[],
            headers=basic("user", SECRET),
        )
        await ask(app, "GET", query=ANSWER, headers=basic("user", "wrong:pass"))
    text = "\n".join([*shown, caplog.text, *(repr(vars(record)) for record in caplog.records)])
    assert len(shown) > 4
    assert caplog.records
    for secret in (SECRET, "s3%3Acr%26t%2F%C3%A9", "wrong:pass", *_encoded(SECRET, "wrong:pass")):
        assert secret not in text


def _encoded(*passwords: str) -> list[str]:
    return [b64encode(f"user:{password}".encode()).decode() for password in passwords]


# Methods and sizes


@pytest.mark.parametrize(
    "method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "post", "", "\0"]
)
async def test_other_methods_are_405_without_reading_their_body(method: str) -> None:
    status, _, headers = await ask(replying(), method, query=b"a" * 70_000)
    assert status == 405
    assert headers[b"allow"] == b"GET, POST"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_over_64_kib_is_414(method: str) -> None:
    query = ANSWER + b"&tag=" + b"a" * (64 * 1024 - len(ANSWER) - 5)
    status, _, _ = await ask(replying(), method, query=query, chunks=[SMS])
    assert status == 200
    status, _, _ = await ask(replying(), method, query=query + b"a")
    assert status == 414


@pytest.mark.parametrize("size", [64, 1000, 100_000])
async def test_a_body_over_the_limit_is_413_in_whatever_chunks(size: int) -> None:
    app = replying(max_body=10_000)
    body = SMS + b" " * (10_000 - len(SMS))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    assert (await ask(app, chunks=pieces))[0] == 200
    status, _, headers = await ask(app, chunks=[*pieces, b" "])
    assert status == 413
    # Closing would reset the connection of a sender who still sends.
    assert b"connection" not in headers
    assert (await ask(app, "GET", query=ANSWER, chunks=[*pieces, b" "]))[0] == 413


async def test_the_default_limit_is_a_mebibyte() -> None:
    app = replying()
    body = SMS + b" " * (1024 * 1024 - len(SMS))
    assert (await ask(app, chunks=[body]))[0] == 200
    assert (await ask(app, chunks=[body + b" "]))[0] == 413


async def test_an_endless_body_is_refused_at_the_limit() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1000
            yield b"a" * 1000

    assert (await ask(replying(max_body=50_000), chunks=endless()))[0] == 413
    assert read <= 51_000


async def test_a_body_in_tiny_and_empty_chunks_takes_no_more_memory_than_its_size() -> None:
    app = replying()
    await ask(app, chunks=[SMS])

    def tiny() -> Iterator[bytes]:
        yield SMS
        for number in range(100_000):
            yield b" " * (number % 3)

    tracemalloc.start()
    try:
        assert (await ask(app, chunks=tiny()))[0] == 200
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("chunks", [0, 1])
async def test_no_handler_runs_for_a_sender_that_has_left(chunks: int) -> None:
    app, sent = App(), []

    @app.on(SmsEvent)
    async def take(sms: SmsEvent) -> None:
        sent.append("handled")

    messages: list[Any] = [{"type": "http.request", "body": SMS, "more_body": True}] * chunks
    messages.append({"type": "http.disconnect"})

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    assert not sent


# The Host header


@pytest.mark.parametrize(
    "host",
    [
        b'x"/><Hangup/>',
        b"x'><Hangup/>",
        b"user:password@evil.test",
        b"evil.test/path",
        b"evil.test?query",
        b"evil.test#fragment",
        b"evil.test\\",
        b"evil test",
        b"evil.test\r\nx: y",
        b"evil.test:port",
        b"evil.test:123456",
        b"a,b",
        b"[::1",
        b"[evil]",
        b"\0",
        b"\x1b[31m",
        b"\xff\xfe",
        "bücher.example".encode(),
        b"a" * 254,
        b"a" * 60_000,
        b"[" + b":" * 60_000 + b"]",
    ],
)
async def test_a_host_that_is_none_gets_400_and_nothing_of_it_back(host: bytes) -> None:
    status, body, _ = await ask(replying(), "GET", query=ANSWER, chunks=[], host=host)
    assert status == 400
    assert body == b"the Host header is no host name\n"


@pytest.mark.parametrize("host", [b"app.test", b"APP.test:8080", b"a_b", b"[::1]:80", b"a" * 253])
async def test_a_host_that_is_one_stands_in_the_document(host: bytes) -> None:
    status, body, _ = await ask(replying(), "GET", query=ANSWER, chunks=[], host=host)
    assert status == 200
    (gather,) = parse(body)
    assert isinstance(gather, Gather)
    assert gather.request_url == f"https://{host.decode()}/next"


@pytest.mark.parametrize(
    ("scheme", "written"), [("ws", "http"), ("wss", "https"), ("http", "http"), ("", "http")]
)
async def test_a_forged_scheme_gives_a_url_all_the_same(scheme: str, written: str) -> None:
    # uvicorn copies "ws" from X-Forwarded-Proto into the scheme of a plain request.
    status, body, _ = await ask(replying(), "GET", query=ANSWER, chunks=[], scheme=scheme)
    assert status == 200
    assert f'requestUrl="{written}://app.test/next"'.encode() in body
