"""Decoding an event against the plainest reading of the same bytes.

Each one has ids of its own, as in life: a parser that keeps the strings it has seen gains nothing.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from harness import Comparison, Row, reads

from callbackkit.http import HttpRequest
from callbackkit.v1.samples import Sample, samples
from callbackkit.v1.wire import decode

_numbers = count(1)


def comparisons() -> Iterator[Comparison]:
    by_id = {sample["id"]: sample for sample in (*samples("sms"), *samples("answer"))}
    yield _of_json("decode a POST sms", by_id["sms-post-1"])
    yield _of_json("decode a POST answer with a diversion", by_id["answer-post-3"])
    yield _of_query("decode a GET answer", by_id["answer-get-1"], 1.0)
    # What the documentation shows is cut short, and is repaired.
    yield _of_query("decode a GET answer with a broken diversion", by_id["answer-get-2"], None)


def _of_json(title: str, sample: Sample) -> Comparison:
    sent = sample["body"]
    inputs = _inputs(json.dumps(sent, separators=(",", ":")), sent)
    return Comparison(
        title,
        [
            reads(
                "callbackkit",
                decode,
                lambda number: [HttpRequest("POST", body=body) for body in inputs(number)],
                _is(lambda request: json.loads(request.body)),
            ),
            reads("json.loads", json.loads, inputs, lambda data, _: data.keys() == sent.keys()),
        ],
        [Row("callbackkit", "json.loads", "of its cost", 1.0)],
    )


def _of_query(title: str, sample: Sample, goal: float | None) -> Comparison:
    sent = sample["query"]
    inputs = _inputs(sample["raw_query"], sent)

    def plain(query: bytes) -> dict[str, str]:
        return dict(parse_qsl(query.decode()))

    return Comparison(
        title,
        [
            reads(
                "callbackkit",
                decode,
                lambda number: [HttpRequest("GET", query=query) for query in inputs(number)],
                _is(lambda request: plain(request.query)),
            ),
            reads("parse_qsl", plain, inputs, lambda data, _: data.keys() == sent.keys()),
        ],
        [Row("callbackkit", "parse_qsl", "of its cost", goal)],
    )


def _inputs(text: str, sent: dict[str, Any]) -> Callable[[int], Sequence[bytes]]:
    """Make callbacks that differ in their ids."""
    own = sent.get("messageId") or sent["callId"]
    template = text.encode().replace(b"%", b"%%").replace(own.encode(), b"c-%(n)023d")
    return lambda number: [template % {b"n": next(_numbers)} for _ in range(number)]


def _is(plain: Callable[[Any], dict[str, Any]]) -> Callable[[Any, Any], bool]:
    """Return a check that an event has all that a plain reading finds, and a time that is one."""

    def check(events: Any, given: Any) -> bool:
        (event,) = events
        sent = plain(given)
        return (
            event.event_type == sent["eventType"]
            and getattr(event, event.identity) == (sent.get("messageId") or sent["callId"])
            and event.from_ == sent["from"]
            and event.time.year == int(sent["time"][:4])
            and event.dump().keys() == sent.keys()
        )

    return check
