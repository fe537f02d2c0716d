"""Calls somebody, waits until they pick up, speaks a sentence and hangs up.

Put your credentials into BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET, and run
it with a number of yours and the number to call:

    python call_and_speak.py +19195550101 +19195550102

It asks how the call is doing, as it has no URL that could be told. An app has one: see
outbound_call.py.
"""

import asyncio
import sys

from callbackkit.errors import WaitError
from callbackkit.v1 import Client

RINGING = 30  # seconds
INTERVAL = 2.0  # seconds between two looks at the call
SENTENCE = 5.0  # seconds; only a callback would tell when a sentence has been spoken


async def main(yours: str, theirs: str) -> None:
    async with Client() as client:
        call = await client.calls.create(from_=yours, to=theirs, call_timeout=RINGING)
        try:
            await client.calls.wait(call.id, "active", timeout=2 * RINGING, interval=INTERVAL)
        except WaitError:
            sys.exit("Nobody picked up")
        await client.calls.speak_sentence(call.id, "Hello From Bandwidth. Goodbye.")
        await asyncio.sleep(SENTENCE)
        await client.calls.hangup(call.id)
        print("Said it and hung up")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
