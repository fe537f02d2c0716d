"""Deliveries that come twice: who works on the first, and what the second is told."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from callbackkit.http import HttpResponse

Key = tuple[object, ...]
_State = HttpResponse | asyncio.Future[HttpResponse] | None

_MAX_BYTES = 512 * 1024  # of the replies that one generation remembers


class DuplicateStore(Protocol):
    """Where deliveries are remembered. Implement it over a shared store for several workers.

    A key is a tuple of texts and None (`duplicate_key` of the event class, in that order). It comes
    from outside and may be long: store a hash of it.
    """

    async def claim(self, key: Key) -> HttpResponse | None:
        """None if the caller is to do the work, else the reply of whoever did it.

        While the first delivery is in work, this waits for it: an acknowledgement of its own
        would lose the message if the first fails.
        """

    async def finish(self, key: Key, reply: HttpResponse) -> None:
        """The work succeeded: later deliveries get the same reply."""

    async def release(self, key: Key, reply: HttpResponse) -> None:
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
        # bookkeeping per delivery, and a key of a megabyte costs as little as any. A delivery in
        # work is None, or the future that its duplicates wait for.
        self._young: dict[int, _State] = {}
        self._old: dict[int, _State] = {}
        self._bytes = 0

    def emptied(self) -> "MemoryDuplicates":
        """Another one with the same bounds, in which nothing is remembered."""
        return MemoryDuplicates(ttl=self._ttl, size=self._size, clock=self._clock)

    async def claim(self, key: Key) -> HttpResponse | None:
        hashed = hash(key)
        age = self._clock() - self._turned
        if age >= self._ttl or len(self._young) >= self._size or self._bytes >= _MAX_BYTES:
            self._turn(age)
        generation = self._young if hashed in self._young else self._old
        if hashed not in generation:
            self._young[hashed] = None
            return None
        state = generation[hashed]
        if state is None:
            state = generation[hashed] = asyncio.get_running_loop().create_future()
        return state if isinstance(state, HttpResponse) else await asyncio.shield(state)

    async def finish(self, key: Key, reply: HttpResponse) -> None:
        hashed = hash(key)
        generation = self._old if hashed in self._old else self._young
        _answer_waiting(generation.get(hashed), reply)
        generation[hashed] = reply
        self._bytes += len(reply.body)

    async def release(self, key: Key, reply: HttpResponse) -> None:
        hashed = hash(key)
        generation = self._old if hashed in self._old else self._young
        _answer_waiting(generation.pop(hashed, None), reply)

    def _turn(self, age: float) -> None:
        # Idle for a whole further period: what was young then is too old as well.
        idle = age >= 2 * self._ttl
        dropped = {**self._old, **self._young} if idle else self._old
        self._old = {} if idle else self._young
        # What is in work stays, however long it takes: its duplicates wait for it.
        self._young = {k: s for k, s in dropped.items() if not isinstance(s, HttpResponse)}
        # A turn that comes late makes nothing last longer; one for the number comes early.
        self._turned += self._ttl if self._ttl <= age and not idle else age
        self._bytes = 0


def _answer_waiting(state: _State, reply: HttpResponse) -> None:
    if isinstance(state, asyncio.Future) and not state.done():
        state.set_result(reply)
