"""Nothing that a sender can put into body, query, headers or path gives a 500, a hang or a verb."""

import gc
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbackkit.duplicates import MemoryDuplicates
from callbackkit.v1 import (
    DIALECT,
    App,
    Event,
    Gather,
    Hangup,
    Reply,
    SpeakSentence,
    Transfer,
    UnknownEvent,
    Verb,
    parse,
)
from callbackkit.v1 import Callback as V1Callback

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
PASSWORD = [(b"authorization", b"Basic dTpw")]  # u:p
REFUSED = {400, 401, 405, 413, 414}


async def ask(
    app: Any,
    method: str,
    *,
    query: bytes = b"",
    body: bytes = b"",
    path: str = "/",
    headers: list[tuple[bytes, bytes]] = PASSWORD,
    host: bytes = b"app.test",
) -> tuple[int, bytes]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "root_path": "",
        "scheme": "https",
        "headers": [(b"host", host), *headers],
    }
    await app(scope, receive, send)
    start, end = sent
    return start["status"], end["body"]


def spoken(event: Event) -> list[Verb]:
    """Verbs with a piece of everything that the sender wrote."""
    texts = [str(getattr(event, name, None))[:50] for name in type(event).model_fields]
    more = list((event.model_extra or {}).items())[:20]
    texts += [f"{name[:20]}: {str(value)[:20]}" for name, value in more]
    tag = str(getattr(event, "tag", ""))[:50]
    return [
        SpeakSentence(f"You are {' '.join(texts)}"[:800] or "Nobody.", voice="susan"),
        Gather(SpeakSentence(" ".join(texts)[:800], voice="susan"), request_url="/next", tag=tag),
        Transfer(transfer_to="+19195551212", request_url="/after", tag=" ".join(texts)[:100]),
        Hangup(),
    ]


SHAPE = [SpeakSentence, Gather, Transfer, Hangup]


def answering(**options: Any) -> App:
    """An app with a handler for every event, known or not, that speaks what it was told."""
    app = App(**options)
    for cls in {*DIALECT.events.values(), UnknownEvent}:

        @app.on(cls)
        async def speak(event: Any, callback: V1Callback) -> Reply:
            assert callback.url("/hello.wav").endswith("/hello.wav")
            assert repr(callback).isprintable()
            assert callback.query is not None
            if len(event.model_extra or ()) < 20:
                assert event.dump()["eventType"] == event.event_type
            return spoken(event)

    return app


def with_everything() -> App:
    app = answering(
        auth=[("u", "p"), ("v", "q")], fallback=SpeakSentence("Sorry.", voice="susan"), health="/up"
    )

    @app.middleware
    async def passing(callback: V1Callback, following: Any) -> Reply:
        result: Reply = await following(callback)
        return result

    app.observe(repr)
    return app


@pytest.fixture(params=["plain", "everything"])
def app(request: pytest.FixtureRequest) -> App:
    return answering() if request.param == "plain" else with_everything()


def verbs_of(body: bytes) -> list[type]:
    return [type(verb) for verb in parse(body)]


# Arbitrary requests

_bytes = st.binary(max_size=300)
_almost = st.builds(
    lambda start, rest: start + rest,
    st.sampled_from(
        [
            b"",
            b"{",
            b'{"eventType":"sms"',
            b'{"eventType":"answer","callId":"c-1",',
            b"eventType=gather&callId=c-1&",
            b"eventType=mms&messageId=m&from=1&to=2&media=[",
            b"\xef\xbb\xbf",
        ]
    ),
    _bytes,
)
_value: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(["\ud800", "{", "[x, y", "2020-01-01T00:00:00 00:00", " 1919", "\0\x1b[31m"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_names = st.sampled_from(
    [
        *sorted({name for cls in DIALECT.events.values() for name in cls.wire_names}),
        *("", "event_type", "raw", "__class__", "model_extra", "self", "model_config", "identity"),
    ]
)
_objects = st.builds(
    lambda kind, ids, rest: {**dict.fromkeys(ids, "x-1"), **rest, "eventType": kind},
    st.sampled_from([*DIALECT.events, "brand-new", "\ud800", "<Hangup/>"]),
    st.sets(st.sampled_from(["messageId", "callId", "conferenceId", "recordingId", "from", "to"])),
    st.dictionaries(_names, _value, max_size=6),
)


@settings(max_examples=200, deadline=None, database=None)
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT"]),
    query=_almost,
    body=_almost,
    path=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    headers=st.lists(
        st.tuples(st.sampled_from([b"authorization", b"host", b"content-type", b"x"]), _bytes),
        max_size=3,
    ),
    host=st.just(b"app.test") | _bytes,
)
async def test_arbitrary_bytes_are_answered(
    method: str,
    query: bytes,
    body: bytes,
    path: str,
    headers: list[tuple[bytes, bytes]],
    host: bytes,
) -> None:
    for app, more in ((_PLAIN, []), (_EVERYTHING, []), (_EVERYTHING, PASSWORD)):
        status, reply = await ask(
            app,
            method,
            query=query,
            body=body,
            path="/" + path,
            headers=[*more, *headers],
            host=host,
        )
        assert status in {200, *REFUSED}
        if status == 200 and reply.startswith(b"<?xml"):
            assert verbs_of(reply) == SHAPE


_PLAIN, _EVERYTHING = answering(), with_everything()


@settings(
    max_examples=200, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(data=_objects)
async def test_arbitrary_values_in_every_field_add_no_verb(data: dict[str, Any]) -> None:
    for app in (_PLAIN, _EVERYTHING):
        status, _ = await ask(app, "POST", body=json.dumps(data).encode())
        assert status == 200
        status, reply = await ask(
            app, "GET", query=urlencode(data, errors="surrogatepass").encode()
        )
        assert status == 200
        if reply:
            assert verbs_of(reply) == SHAPE


# Hostile values, each in each field of each event

VALUES: dict[str, str] = {  # as JSON
    "null": "null",
    "true": "true",
    "zero": "0",
    "negative": "-1",
    "float": "1.5",
    "huge float": "1e999",
    "tiny": "1e-999",
    "nan": "NaN",
    "infinity": "-Infinity",
    "long number": "1" * 4300,
    "longer number": "1" * 5000,
    "long decimals": "0." + "1" * 5000,
    "empty": '""',
    "list": "[]",
    "nested list": '[[null],[1,{"a":[]}]]',
    "dict": "{}",
    "nested dict": '{"a":{"b":[1]},"counter":"x","":null}',
    "controls": '"\\u0000\\u0007\\u001b[31m\\r\\n\\t\\u007f\\u0085\\u2028\\ufffe\\uffff"',
    "lone surrogate": '"a\\ud800b"',
    "reversed pair": '"\\udc00\\ud800"',
    "surrogate key": '{"\\ud800":"\\udfff"}',
    "verb": '"<Hangup/>"',
    "end": '"\\"/></SpeakSentence><Redirect requestUrl=\\"http://evil.test/\\"/><!--"',
    "cdata": '"]]>&#0;&lt;&amp;<![CDATA[<Hangup/>]]><?xml ?>"',
    "format": '"%s%n{0}{event}$(id)`id`"',
    "half json": '"{\\"origTo\\":\\"+1"',
    "half list": '"[http://a, http://b"',
    "time": '"9999-12-31T23:59:59-23:59"',
    "early time": '"0001-01-01T00:00:00+23:59"',
    "epoch": "1" * 19,
    "megabyte": json.dumps("a" * 1_000_000),
    "long markup": json.dumps("<" * 20_000),
    "long and wide": json.dumps("\U0001f600" * 5_000),
}
IDS = {"messageId": "m", "callId": "c", "conferenceId": "f", "recordingId": "r"}
IDS |= {"transcriptionId": "t", "from": "1", "to": "2"}


@pytest.mark.parametrize("value", VALUES)
async def test_a_hostile_value_in_any_field_gives_no_500_and_no_verb(
    app: App, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    plain = json.loads(VALUES[value], parse_int=str)
    for kind, cls in DIALECT.events.items():
        # What is dear to parse: once per event is enough.
        names = ["tag"] if len(VALUES[value]) > 9000 else sorted(cls.wire_names)
        for name in names:
            fields = {**{key: json.dumps(text) for key, text in IDS.items()}, name: VALUES[value]}
            fields = {"eventType": json.dumps(kind), **fields}
            body = "{" + ",".join(f'"{key}":{text}' for key, text in fields.items()) + "}"
            status, _ = await ask(app, "POST", body=body.encode())
            assert status == 200 or (name == "eventType" and status == 400), (kind, name)
        # By GET every field but those that name the event, at once, and then those one by one.
        others = dict.fromkeys(set(names) - {*IDS, "eventType"}, plain)
        for more in (others, *({name: plain} for name in names if name not in others)):
            sent = {"eventType": kind, **IDS, **more}
            query = urlencode(sent, errors="surrogatepass").encode()
            status, reply = await ask(app, "GET", query=query)
            assert status in (200, 414) or ("eventType" in more and status == 400), (kind, more)
            if status == 200 and reply:
                assert verbs_of(reply) == SHAPE, (kind, more)
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("value", VALUES)
async def test_a_hostile_value_in_an_unknown_field_or_event_gives_no_500(
    app: App, value: str
) -> None:
    for kind in ("sms", "brand-new"):
        for name in ("x", "", "event_type", "raw", "identity", "duplicate_key", "__class__"):
            fields = {"eventType": kind, **IDS}
            body = json.dumps(fields)[:-1] + f',"{name}":{VALUES[value]}}}'
            assert (await ask(app, "POST", body=body.encode()))[0] == 200
    status, _ = await ask(app, "POST", body=b'{"eventType":' + VALUES[value].encode() + b"}")
    assert status in (200, 400)


# Nasty requests

EVENT = b'"eventType":"sms","messageId":"m","from":"1","to":"2"'

NASTY: dict[str, tuple[str, bytes, bytes, int]] = {  # method, query, body, status
    "nothing": ("GET", b"", b"", 400),
    "no body": ("POST", b"", b"", 400),
    "white space": ("POST", b"", b" \r\n\t" * 1000, 400),
    "an array": ("POST", b"", b"[{" + EVENT + b"}]", 400),
    "a scalar": ("POST", b"", b"5", 400),
    "a string": ("POST", b"", b'"eventType=sms"', 400),
    "null": ("POST", b"", b"null", 400),
    "no eventType": ("POST", b"", b'{"a":1}', 400),
    "eventType null": ("POST", b"", b'{"eventType":null}', 400),
    "eventType list": ("POST", b"", b'{"eventType":["sms"]}', 400),
    "eventType empty": ("GET", b"eventType=", b"", 400),
    "deep lists": ("POST", b"", b'{"eventType":"x","a":' + b"[" * 100_000, 400),
    "deep dicts": ("POST", b"", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "deep and closed": (
        "POST",
        b"",
        b'{"eventType":"x","a":' + b"[" * 9**5 + b"]" * 9**5 + b"}",
        400,
    ),
    "deep in a text": (
        "POST",
        b"",
        b'{"eventType":"answer","callId":"c","diversion":"' + b"[" * 9999 + b'"}',
        200,
    ),
    "duplicate keys": ("POST", b"", b"{" + EVENT + b',"text":"a","text":[],"messageId":"n"}', 200),
    "duplicate eventType": ("POST", b"", b'{"eventType":"mms",' + EVENT + b"}", 200),
    "invalid UTF-8": ("POST", b"", b"{" + EVENT + b',"text":"\xff\xfe\xc0\x80\xed\xa0\x80"}', 200),
    "UTF-16": ("POST", b"", ("{" + EVENT.decode() + "}").encode("utf-16"), 400),
    "UTF-32": ("POST", b"", ("{" + EVENT.decode() + "}").encode("utf-32-le"), 400),
    "gzip": ("POST", b"", b"\x1f\x8b\x08\x00" + bytes(1000), 400),
    "NUL": ("POST", b"", bytes(100_000), 400),
    "100,000 parameters": ("GET", b"eventType=sms&" + b"a=b&" * 100_000, b"", 414),
    "100,000 in a form": ("POST", b"", b"eventType=sms&" + b"a=b&" * 100_000, 400),
    "16,000 parameters": ("GET", b"eventType=sms&" + b"a=b&" * 16_000, b"", 400),
    "100,000 keys": (
        "POST",
        b"",
        b'{"eventType":"x"' + b"".join(b',"%d":1' % n for n in range(10**5)) + b"}",
        200,
    ),
    "escapes": ("GET", b"eventType=answer&callId=c&to=" + b"%" * 60_000, b"", 200),
    "wrong escapes": ("GET", b"eventType=answer&callId=c&to=%zz%f%%%00%ff%u1234%C0%80", b"", 200),
    "escaped separators": ("GET", b"eventType=answer%26callId%3Dc", b"", 200),
    "a million escapes": ("POST", b"", b"eventType=sms&messageId=" + b"%" * 1_000_000, 400),
    "raw bytes": ("GET", bytes(range(256)), b"", 400),
    "a parameter a thousand times": (
        "GET",
        b"eventType=answer&callId=c" + b"&callId=d" * 900,
        b"",
        200,
    ),
    "GET with a body": ("GET", b"eventType=answer&callId=c", b"{" + EVENT + b"}", 200),
    "POST with a query": ("POST", b"eventType=answer&callId=c", b"", 400),
}


@pytest.mark.parametrize("case", NASTY)
@pytest.mark.parametrize("media_type", [b"text/html; charset=utf-16", None])
async def test_nasty_requests_get_the_right_status(
    app: App, case: str, media_type: bytes | None
) -> None:
    method, query, body, expected = NASTY[case]
    headers = [*PASSWORD, *([] if media_type is None else [(b"content-type", media_type)])]
    status, reply = await ask(app, method, query=query, body=body, headers=headers)
    assert status == expected
    if status == 400:
        assert len(reply) < 200
        assert b"sms" not in reply  # nothing of the callback comes back
    # And the next callback is served as always.
    status, reply = await ask(app, "GET", query=b"eventType=answer&callId=c-1")
    assert (status, verbs_of(reply)) == (200, SHAPE)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/\0",
        "/../../etc/passwd",
        "//",
        "/" * 10_000,
        "/%s",
        "/\x1b[31m\r\n",
        "/\ufffd",
        "*",
        "http://u:p@h/",
    ],
)
async def test_nasty_paths_are_served(app: App, path: str) -> None:
    status, reply = await ask(app, "GET", query=b"eventType=answer&callId=c-1", path=path)
    assert (status, verbs_of(reply)) == (200, SHAPE)


async def test_a_huge_text_spoken_back_is_the_reply_too_big_and_the_fallback_is_heard() -> None:
    app = App(fallback=SpeakSentence("Sorry.", voice="susan"))

    @app.on("gather")
    async def echo(event: Any) -> Reply:
        return SpeakSentence(event.digits, voice="susan")

    query = b"eventType=gather&callId=c&digits=" + b"1" * 20_000
    status, reply = await ask(app, "GET", query=query)
    assert status == 200
    (verb,) = parse(reply)
    assert verb == SpeakSentence("Sorry.", voice="susan")


async def test_a_flood_does_not_strand_a_duplicate_that_waits_for_the_first() -> None:
    app = App(duplicates=MemoryDuplicates(size=10))
    go_on = anyio.Event()

    @app.on("sms", tag="slow")
    async def slow(event: Any) -> None:
        await go_on.wait()

    sms = {"eventType": "sms", **IDS, "tag": "slow"}
    statuses: list[int] = []

    async def deliver() -> None:
        statuses.append((await ask(app, "POST", body=json.dumps(sms).encode()))[0])

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(deliver)
            tasks.start_soon(deliver)
            await anyio.wait_all_tasks_blocked()
            for number in range(100):
                other = {"eventType": "sms", **IDS, "messageId": f"m-{number}"}
                await ask(app, "POST", body=json.dumps(other).encode())
            assert not statuses
            go_on.set()
    assert statuses == [200, 200]


# Cost: linear in the size, and bounded against a plain parse of as many bytes


def filled(start: bytes, unit: bytes, end: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: start + unit * ((size - len(start) - len(end)) // len(unit)) + end


def keys(start: bytes) -> Callable[[int], bytes]:
    return lambda size: start + b",".join(b'"k%d":1' % n for n in range((size - 90) // 12)) + b"}"


SMS, MMS = b"{" + EVENT + b",", b"{" + EVENT.replace(b"sms", b"mms") + b","
CALL = b'{"eventType":"answer","callId":"c",'
FORM = b"eventType=sms&messageId=m&from=1&to=2&text="
REPAIRED = SMS + b'"text":"\\ud800",'

COSTLY: dict[str, Callable[[int], bytes]] = {
    "keys": keys(SMS),
    "keys, repaired": keys(REPAIRED),
    "same key": filled(SMS + b'"a":1', b',"a":1', b"}"),
    "numbers, repaired": filled(REPAIRED + b'"x":[1', b",1", b"]}"),
    "lists, repaired": filled(REPAIRED + b'"x":[[]', b",[]", b"]}"),
    "surrogates": filled(SMS + b'"text":"', b"\\ud800", b'"}'),
    "invalid UTF-8": filled(SMS + b'"text":"', b"\xff", b'"}'),
    "nested": lambda size: b'{"a":' * (size // 6) + b"1" + b"}" * (size // 6),
    "nested lists": lambda size: (
        SMS + b'"a":' + b"[" * (size // 2) + b"]" * (size // 2 - 50) + b"}"
    ),
    "digits as id": filled(b'{"eventType":"sms","from":"1","to":"2","messageId":1', b"1", b"}"),
    "digits as number": filled(SMS + b'"segmentCount":1', b"1", b"}"),
    "digits as text": filled(SMS + b'"segmentCount":"1', b"1", b'"}'),
    "digits as exponent": filled(SMS + b'"segmentCount":1e1', b"1", b"}"),
    "decimals": filled(REPAIRED + b'"x":1.', b"1", b"}"),
    "long numbers": filled(REPAIRED + b'"x":[1', b"," + b"9" * 4300, b"]}"),
    "time of digits": filled(SMS + b'"time":"', b"1", b'"}'),
    "time of fractions": filled(SMS + b'"time":":00.', b"1", b'"}'),
    "time of colons": filled(SMS + b'"time":"', b":00.0 ", b'"}'),
    "time of blanks": filled(SMS + b'"time":"x', b" ", b'x"}'),
    "time of a list": filled(SMS + b'"time":[1', b",1", b"]}"),
    "diversion cut short": filled(CALL + b'"diversion":"{\\"a\\":[1', b",1", b'"}'),
    "diversion of brackets": filled(CALL + b'"diversion":"', b"[", b'"}'),
    "diversion of wrong parts": filled(
        CALL + b'"diversion":{"counter":"x","limit":"y","origTo":[],"reason":[],"z":[1',
        b",1",
        b"]}}",
    ),
    "media of commas": filled(MMS + b'"media":"[', b",", b']"}'),
    "media of names": filled(MMS + b'"media":"[', b"u, ", b']"}'),
    "media of JSON": filled(MMS + b'"media":"[1', b",1", b']"}'),
    "media of lists": filled(MMS + b'"media":[[]', b",[]", b"]}"),
    "media of nulls": filled(MMS + b'"media":[null', b",null", b"]}"),
    "eventType of a list": filled(b'{"eventType":[1', b",1", b"]}"),
    "long eventType": filled(b'{"eventType":"', b"a", b'"}'),
    "long id": filled(b'{"eventType":"sms","from":"1","to":"2","messageId":"', b"a", b'"}'),
    "form of escapes": filled(FORM, b"%41"),
    "form of percents": filled(FORM, b"%"),
    "form of mixed escapes": filled(FORM, "é%41".encode()),
    "form of blanks": filled(FORM, b"+"),
    "form of parameters": filled(FORM, b"&a=b"),
    "form of equal signs": filled(FORM, b"="),
    "number of digits": filled(b"eventType=sms&messageId=m&to=2&from=+", b"1"),
    "white space": filled(b"", b" ", SMS + b'"a":1}'),
}


async def cost(app: App, body: bytes) -> float:
    """Seconds of CPU for one callback, the cheapest of three."""
    best = float("inf")
    gc.disable()
    try:
        for _ in range(3):
            started = time.process_time()
            await ask(app, "POST", body=body)
            best = min(best, time.process_time() - started)
    finally:
        gc.enable()
    return best


@pytest.mark.parametrize("case", COSTLY)
async def test_the_cost_of_a_callback_is_bounded_and_grows_with_its_size_and_no_faster(
    case: str,
) -> None:
    small, large = COSTLY[case](MIB // 32), COSTLY[case](MIB // 8)
    plain = b"[" + b"[]," * (len(large) // 3) + b"1]"
    growth = factor = float("inf")
    for _ in range(3):
        started = time.process_time()
        json.loads(plain)
        parsed = time.process_time() - started
        dear = await cost(_PLAIN, large)
        growth = min(growth, dear / await cost(_PLAIN, small))
        factor = min(factor, dear / parsed)
        if growth < 8 and factor < 20:
            break
    assert growth < 8  # for four times the size: 4 is linear, 16 quadratic
    assert factor < 20  # times the cost of parsing as many bytes
    tracemalloc.start()
    try:
        await ask(_PLAIN, "POST", body=large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 120 * len(large)
