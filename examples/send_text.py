"""Sends "Hello World" as a text message.

Put your credentials into BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET, and run
it with a number of yours and the number that the text goes to:

    python send_text.py +19195550101 +19195550102
"""

import asyncio
import sys

from callbackkit.v1 import Client


async def main(yours: str, theirs: str) -> None:
    async with Client() as client:
        message = await client.messages.send(from_=yours, to=theirs, text="Hello World")
        print(f"Sent as {message.id}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
