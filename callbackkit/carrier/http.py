"""The door to httpx for callbacks that go over real HTTP."""

import asyncio
import time

import httpx

from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.driver import Sender
from callbackkit.carrier.sending import MAX_REPLY, body_of, headers_of, outcome_of


class OverHttp(Sender):
    """Sends by HTTP, and waits for each reply as long as the delivery says."""

    def __init__(self) -> None:
        # A proxy of the environment can't reach what runs here.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(None), trust_env=False, follow_redirects=False
        )

    async def send(self, delivery: Delivery) -> Outcome:
        started = time.perf_counter()
        try:
            url = httpx.URL(delivery.url).copy_with(userinfo=b"")
            url = url.copy_with(query=delivery.query.encode() or None)
            async with asyncio.timeout(delivery.timeout):
                async with self._client.stream(
                    delivery.method,
                    url,
                    content=body_of(delivery),
                    # httpx writes the host itself, also one that is not ASCII.
                    headers=[pair for pair in headers_of(delivery) if pair[0] != "host"],
                ) as response:
                    body = bytearray()
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > MAX_REPLY:
                            break
        except TimeoutError:
            return Outcome(
                failure=f"took longer than {delivery.timeout:g} s", took=delivery.timeout
            )
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            return Outcome(failure=f"can't be reached: {type(error).__name__}", reached=False)
        except Exception as error:
            # Also what is no error of httpx, such as that of a port that can't be.
            return Outcome(failure=f"got no reply: {type(error).__name__}")
        took = time.perf_counter() - started
        headers = {name.lower(): value for name, value in response.headers.items()}
        return outcome_of(response.status_code, headers, bytes(body), took)

    async def aclose(self) -> None:
        await self._client.aclose()
