"""Buys a number in an area and has its text messages sent to an app.

Put your credentials into BANDWIDTH_USER_ID, BANDWIDTH_API_TOKEN and BANDWIDTH_API_SECRET, and run
it with an area code and the address that your app is reached at. It costs money:

    python buy_number.py 919 https://example.com/bandwidth
"""

import asyncio
import sys

from callbackkit.v1 import Client


async def main(area_code: str, url: str) -> None:
    async with Client() as client:
        search = client.available_numbers.search_local(area_code=area_code, quantity=1)
        numbers = [found.number async for found in search]
        if not numbers:
            sys.exit(f"There is no number with the area code {area_code} to be had")
        ordered = await client.phone_numbers.order(number=numbers[0])
        application = await client.applications.create(
            name=f"Messages to {numbers[0]}", incoming_message_url=url
        )
        await client.phone_numbers.update(ordered.id, application_id=application.id)
        print(f"{numbers[0]} is yours; its messages go to {url}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
