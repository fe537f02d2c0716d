"""Deliveries that come twice: the first does the work, the second gets its reply."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from operator import attrgetter
from typing import NamedTuple, Protocol

from callbackkit.errors import SetupError
from callbackkit.events import Event
from callbackkit.http import HttpResponse
from callbackkit.spelling import did_you_mean

Key = tuple[object, ...]
_State = HttpResponse | asyncio.Future[HttpResponse] | None

_MAX_BYTES = 512 * 1024  # of the replies that one generation remembers


class InWork(Enum):
    """The state of a delivery that another task or process is handling."""

    IN_WORK = "in work"


IN_WORK = InWork.IN_WORK


class DuplicateStore(Protocol):
    """A memory of deliveries. Implement it over a shared store for several workers.

    `claim`, `finish` and `release` have 2 seconds each; one that fails or takes longer is logged,
    and the callback is handled as without a store: better twice than never.

    A key is a tuple of texts and None: the kind of event, then `duplicate_key` and
    `duplicate_details` of its class, or those of `App(duplicate_keys=...)`, in that order; for
    events whose replies are read also the path, last. It comes from outside and may be long: store
    a hash of it.
    """

    async def claim(self, key: Key, seconds: float) -> "HttpResponse | InWork | None":
        """Return None if the caller is to do the work, `IN_WORK` while another one does it, or the
        reply of the delivery that has done it; at once, without waiting for the work.

        A claim ends after `seconds` unless it is finished or released before: that of a worker that
        died frees itself.
        """

    async def wait(self, key: Key) -> HttpResponse | None:
        """Wait until the work on a delivery is over, and return its reply, that of a failure too.

        None stands for work that is over without a reply, as its claim has ended. The app waits no
        longer than handlers of the event have time, and cancels this then.
        """

    async def finish(self, key: Key, reply: HttpResponse) -> None:
        """Remember the reply of work that succeeded: later deliveries get the same one."""

    async def release(self, key: Key, reply: HttpResponse) -> None:
        """Pass the reply of work that failed to waiting deliveries; the next one does it again."""


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
        """Return another one with the same bounds, in which nothing is remembered."""
        return MemoryDuplicates(ttl=self._ttl, size=self._size, clock=self._clock)

    # For the app itself, which awaits nothing here; it knows a delivery by the hash of its key.

    def recall(self, hashed: int) -> _State:
        """Return the reply of a delivery, the future of one in work, or None if the caller is to do
        the work."""
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
        return state

    def remember(self, hashed: int, reply: HttpResponse) -> None:
        """Keep the reply of work that succeeded."""
        generation = self._old if hashed in self._old else self._young
        if (state := generation.get(hashed)) is not None:
            _answer_waiting(state, reply)
        generation[hashed] = reply
        self._bytes += len(reply.body)

    def forget(self, hashed: int, reply: HttpResponse) -> None:
        """Pass the reply of work that failed to waiting deliveries, and keep nothing."""
        generation = self._old if hashed in self._old else self._young
        _answer_waiting(generation.pop(hashed, None), reply)

    # As a DuplicateStore. Claims need no end: what dies here takes the memory with it.

    async def claim(self, key: Key, seconds: float) -> HttpResponse | InWork | None:
        state = self.recall(hash(key))
        return IN_WORK if isinstance(state, asyncio.Future) else state

    async def wait(self, key: Key) -> HttpResponse | None:
        hashed = hash(key)
        state = self._young.get(hashed, self._old.get(hashed))
        return await asyncio.shield(state) if isinstance(state, asyncio.Future) else state

    async def finish(self, key: Key, reply: HttpResponse) -> None:
        self.remember(hash(key), reply)

    async def release(self, key: Key, reply: HttpResponse) -> None:
        self.forget(hash(key), reply)

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


class Remembered(NamedTuple):
    """The key by which deliveries of a class of events differ, and where they are remembered."""

    key: Callable[[Event], Key | None]
    """Return the key of an event, None if it lacks a field of it."""
    by_path: bool
    """True if the path belongs to the key: the same event goes to the fallback URL, where something
    else may be done about it."""
    store: DuplicateStore


Memory = Mapping[type[Event], Remembered]


def memory(
    events: Iterable[type[Event]],
    store: DuplicateStore | None,
    keys: Mapping[type[Event], Sequence[str] | None],
    seconds: Callable[[type[Event]], float | None],
) -> Memory:
    """Return how deliveries are remembered of each class of `events` that has a key.

    `keys` are the user's own, None for none; the nearest class in it counts. `store` None is the
    memory of this process. It keeps a reply that is read for the `seconds` that its handler has:
    nobody waits for it any longer.
    """
    found = {}
    usual = MemoryDuplicates() if store is None else store
    for cls in events:
        own = next((base for base in cls.__mro__ if base in keys), None)
        fields = cls.duplicate_key if own is None else tuple(keys[own] or ())
        if not fields:
            continue
        key = _key_of(cls, fields, cls.duplicate_details if own is None else ())
        read = "yes" in cls.answerable.values()
        kept = seconds(cls) if read else None
        if store is not None:
            found[cls] = Remembered(_in_texts(key), read, store)
        else:
            found[cls] = Remembered(
                key, read, usual if kept is None else MemoryDuplicates(ttl=kept)
            )
    return found


def emptied(memory: Memory) -> Memory:
    """Return the same memory before anything was delivered; stores of the user's stay."""
    fresh = {
        id(one.store): one.store.emptied()
        for one in memory.values()
        if type(one.store) is MemoryDuplicates
    }
    return {
        cls: one._replace(store=fresh.get(id(one.store), one.store)) for cls, one in memory.items()
    }


def _key_of(
    cls: type[Event], fields: Sequence[str], details: Sequence[str]
) -> Callable[[Event], Key | None]:
    values_of: Callable[[Event], Key] = attrgetter(cls.kind_field, *fields, *details)
    if all(cls.model_fields[name].is_required() for name in fields):
        return values_of
    last = 1 + len(fields)

    def key(event: Event) -> Key | None:
        values = values_of(event)
        must = values[:last]
        return None if not all(must) and (None in must or "" in must) else values

    return key


def _in_texts(key: Callable[[Event], Key | None]) -> Callable[[Event], Key | None]:
    def in_texts(event: Event) -> Key | None:
        values = key(event)
        return values and tuple(value if value is None else str(value) for value in values)

    return in_texts


def check_keys(keys: object, events: Iterable[type[Event]]) -> None:
    """Raise SetupError for what `App(duplicate_keys=...)` does not take."""
    if not isinstance(keys, Mapping):
        raise SetupError(
            "duplicate_keys= is a dict from event classes to the names of their fields, or to None,"
            f" not {keys!r}"
        )
    for base, fields in keys.items():
        classes = [cls for cls in events if isinstance(base, type) and issubclass(cls, base)]
        name = getattr(base, "__name__", repr(base))
        if not (classes and issubclass(base, Event)):
            raise SetupError(f"duplicate_keys= has {name}, which no event of this app is")
        if fields is None:
            continue
        texts = isinstance(fields, tuple | list) and all(isinstance(one, str) for one in fields)
        if not (texts and fields):
            raise SetupError(
                f"duplicate_keys= gives {name} a tuple of the names of its fields, or None for"
                f" never, not {fields!r}"
            )
        for cls in classes:
            for field in fields:
                if field not in cls.model_fields:
                    hint = did_you_mean(field, cls.model_fields, "use fields that it has")
                    raise SetupError(
                        f"duplicate_keys= of {name}: {cls.__name__} has no field {field}; {hint}"
                    )
