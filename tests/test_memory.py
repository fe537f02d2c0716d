"""Hostile requests by the ten thousand, or hundred thousand, leave nothing behind.

The requests run in a process of their own (this file, as a script), so that what it holds is known.
"""

import asyncio
import json
import logging
import os
import random
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from starlette.responses import PlainTextResponse

from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, Reply, SmsEvent, SpeakSentence

MIB = 1024 * 1024
FEW, MANY = 1_000, 100_000 if os.environ.get("CALLBACKKIT_TESTS") == "all" else 20_000


def test_memory_after_many_hostile_requests_is_that_after_1_000() -> None:
    run = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    seen = json.loads(run.stdout)
    assert seen["statuses"] == [200, 400, 401, 405, 413, 414]
    assert seen["peak many"] - seen["peak few"] < 10 * MIB, seen
    assert seen["loggers many"] == seen["loggers few"]


# The script


def peak() -> int:
    """The most bytes that the process ever had in memory."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    # Not ru_maxrss: on Linux that starts at the size of the process which started this one.
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


AUTH = (b"authorization", b"Basic " + b64encode(b"u:p"))
Request = tuple[str, str, bytes, bytes, list[tuple[bytes, bytes]]]


def hostile(number: int, word: str) -> Request:
    """A request that no other resembles: method, path, query, body, headers."""
    long = word * 100
    host = (b"host", b"app.test")
    sms = {"eventType": "sms", "messageId": word, "from": "+1", "to": "+2", "direction": "in"}
    kinds: list[Callable[[], Request]] = [
        lambda: ("POST", "/", b"", json.dumps({**sms, "text": long}).encode(), [host, AUTH]),
        lambda: ("POST", "/", b"", json.dumps({**sms, "messageId": long}).encode(), [host, AUTH]),
        lambda: ("POST", "/", b"", json.dumps({**sms, "messageId": word * 5, "tag": "echo"}).encode(), [host, AUTH]),
        lambda: ("POST", "/", b"", json.dumps({**sms, "to": None, word: word}).encode(), [host, AUTH]),
        lambda: ("POST", f"/{long}", b"", json.dumps({"eventType": word, word: long}).encode(), [host, AUTH]),
        lambda: ("GET", f"/{word}", f"eventType=answer&callId={word}&{word}={long}".encode(), b"", [(b"host", word.encode() * 11), AUTH]),
        lambda: ("GET", f"/{word}", f"eventType=answer&callId={word}&{word}={long}".encode(), b"", [(b"host", word.encode() * 11), AUTH]),
        lambda: ("GET", f"/{word}", f"eventType=answer&callId={word}&{word}={long}".encode(), b"", [(b"host", word.encode() * 11), AUTH]),
        lambda: ("GET", f"/{word}", f"eventType=answer&callId={word}&{word}={long}".encode(), b"", [(b"host", word.encode() * 11), AUTH]),
        lambda: ("GET", "/fail", f"eventType=gather&callId={word}&tag={long}".encode(), b"", [host, AUTH]),
        lambda: ("GET", "/", b"", b"", [(b"host", f'{word}"/>'.encode()), (b"authorization", b"Basic " + b64encode(long.encode()))]),
        lambda: ("POST", "/", b"", f'{{"eventType":"answer","callId":"{word}","time":"{long}","diversion":"{long}"}}'.encode(), [host, AUTH]),
        lambda: ("POST", "/", long.encode(), b"\xff\xfe" + long.encode(), [host, AUTH]),
        lambda: ("POST", "/", b"", f'{{"eventType":"x","a":"\\ud800{long}"}}'.encode(), [host, AUTH]),
        lambda: (word.upper(), "/", b"", b"", [host, AUTH]),
    ]  # fmt: skip
    if number % 1000 == 0:
        megabyte = word * (MIB // len(word) - 20)
        return "POST", "/", b"", json.dumps({**sms, "messageId": megabyte}).encode(), [host, AUTH]
    if number % 1000 == 1:
        return "POST", "/", b"", b"a" * (MIB + 1), [host, AUTH]
    if number % 1000 == 2:
        return "GET", "/", b"a" * 65_537, b"", [host, AUTH]
    return kinds[number % len(kinds)]()


def words() -> Iterator[str]:
    generator = random.Random(1)
    while True:
        yield f"w{generator.getrandbits(80):020x}"


async def run() -> dict[str, Any]:
    app = App(auth=("u", "p"), plain_http=True, fallback=SpeakSentence("Sorry.", voice="susan"))

    echoing = App(auth=("u", "p"))

    @echoing.on(SmsEvent)
    async def echo(sms: SmsEvent) -> Reply:
        return PlainTextResponse(sms.message_id * 20)

    @app.on(AnswerEvent, when=lambda call: len(call.call_id) % 2)
    async def answer(call: AnswerEvent) -> Reply:
        spoken = SpeakSentence(call.call_id, voice="susan")
        return Gather(spoken, request_url=f"/{call.call_id}", tag=call.call_id)

    @app.on(GatherEvent)
    async def fail(event: GatherEvent) -> Reply:
        raise ValueError(event.tag)

    statuses: set[int] = set()

    async def send(message: Any) -> None:
        statuses.add(message.get("status", 200))

    seen: dict[str, Any] = {}
    for number, word in zip(range(MANY + 1), words(), strict=False):
        if number in (FEW, MANY):
            name = "few" if number == FEW else "many"
            seen[f"peak {name}"] = peak()
            seen[f"loggers {name}"] = len(logging.root.manager.loggerDict)
        method, path, query, body, headers = hostile(number, word)
        received = {"type": "http.request", "body": body, "more_body": False}

        async def receive(received: Any = received) -> Any:
            return received

        scope = {"type": "http", "method": method, "path": path, "query_string": query}
        # Its replies are remembered by their size, which would make others forgotten earlier.
        served = echoing if b'"echo"' in body else app
        await served({**scope, "headers": headers}, receive, send)
    return {**seen, "statuses": sorted(statuses)}


if __name__ == "__main__":
    logging.basicConfig(stream=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    json.dump(asyncio.run(run()), sys.stdout)
