"""Deliveries that come twice: who works on the first, and what the second is told."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from callbackkit.replies import HttpReply

Key = tuple[object, ...]


class DuplicateStore(Protocol):
    """Where deliveries are remembered. Implement it over a shared store for several workers.

    A key is a tuple of texts and None (`duplicate_key` of the event class, in that order). It comes
    from outside and may be long: store a hash of it.
    """

    async def claim(self, key: Key) -> HttpReply | None:
        """None if the caller is to do the work, else the reply of whoever did it.

        While the first delivery is in work, this waits for it: an acknowledgement of its own
        would lose the message if the first fails.
        """

    async def finish(self, key: Key, reply: HttpReply) -> None:
        """The work succeeded: later deliveries get the same reply."""

    async def release(self, key: Key, reply: HttpReply) -> None:
        """The work failed: who waits gets the same reply, the next delivery does the work again."""


class MemoryDuplicates:
    """Remembers deliveries in this process, bounded in number and time.

    `ttl` is in seconds, `size` in deliveries: between one and two times as many are remembered,
    for between one and two times as long. Several worker processes share nothing.
    """

    def __init__(
        self,
        *,
        ttl: float = 600.0,
        size: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl = ttl
        self._size = size
        self._clock = clock
        self._turned = clock()
        # Two generations, the older dropped whole, keyed by a hash (salted for each process): no
        # bookkeeping per delivery, and a key of a megabyte costs as little as any.
        self._young: dict[int, HttpReply] = {}
        self._old: dict[int, HttpReply] = {}
        self._in_work: dict[int, asyncio.Future[HttpReply] | None] = {}

    async def claim(self, key: Key) -> HttpReply | None:
        hashed = hash(key)
        if self._clock() - self._turned >= self._ttl:
            # Idle for a whole further period: what was young then is too old as well.
            self._turn(forget=self._clock() - self._turned >= 2 * self._ttl)
        done = self._young.get(hashed) or self._old.get(hashed)
        if done is not None:
            return done
        if hashed not in self._in_work:
            self._in_work[hashed] = None
            return None
        outcome = self._in_work[hashed]
        if outcome is None:
            outcome = self._in_work[hashed] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(outcome)

    async def finish(self, key: Key, reply: HttpReply) -> None:
        hashed = hash(key)
        if len(self._young) >= self._size:
            self._turn()
        self._young[hashed] = reply
        self._tell(hashed, reply)

    async def release(self, key: Key, reply: HttpReply) -> None:
        self._tell(hash(key), reply)

    def _tell(self, hashed: int, reply: HttpReply) -> None:
        outcome = self._in_work.pop(hashed, None)
        if outcome is not None and not outcome.done():
            outcome.set_result(reply)

    def _turn(self, *, forget: bool = False) -> None:
        self._old, self._young = ({} if forget else self._young), {}
        self._turned = self._clock()
