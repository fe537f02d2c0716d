"""Legs that hear each other: phones that ring together, two that are connected, rooms."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from callbackkit.carrier.call import Call
from callbackkit.carrier.leg import Leg, Speech
from callbackkit.carrier.scheduler import Mailbox


async def ring_first(call: Call, legs: Sequence[Call]) -> tuple[Call | None, list[str | None]]:
    """Ring phones together for a call; return the leg of the first that answers, None if nobody
    does, and the causes why others did not. All other legs end.
    """
    answers: Mailbox[tuple[Call, str | None]] = Mailbox(call.scheduler)

    async def ring_one(leg: Call) -> None:
        cause: str | None = leg.causes.cancel
        try:
            cause = await leg.ring(leg.ring_seconds)
        finally:
            # Also when it is ended from elsewhere.
            answers.put((leg, cause))

    for leg in legs:
        leg.parent = call
        leg.process = call.scheduler.spawn(ring_one(leg), f"leg {leg.id}", patient=True)
    winner: Call | None = None
    causes: list[str | None] = []
    try:
        while len(causes) < len(legs) and winner is None:
            answer = await answers.get()
            assert answer is not None
            leg, cause = answer
            causes.append(cause)
            if cause is None and not leg.over:
                winner = leg
            elif not leg.over:
                leg.end(cause or leg.causes.hangup)
    finally:
        for leg in legs:
            if leg is not winner and not leg.over:
                leg.end(leg.causes.cancel)
    if winner is not None:
        winner.activate()
    return winner, causes


async def whisper(call: Call, other: Call, work: Callable[[], Awaitable[object]]) -> bool:
    """Run something for the other leg alone while the call waits; return False if that leg ends
    meanwhile."""
    scheduler = call.scheduler
    process = scheduler.current
    assert process is not None
    other.on_end(process.wake)

    async def whispering() -> None:
        await work()
        process.wake()

    task = other.start(whispering(), "whisper")
    while not task.done and not other.over:
        await scheduler.block()
    return not other.over


async def joined(call: Call, other: Call) -> None:
    """Connect two legs until the other one ends."""
    scheduler = call.scheduler
    process = scheduler.current
    assert process is not None
    other.on_end(process.wake)
    call.journal.add(call.id, "is connected", party=other.party)
    with (
        linked(call, "the other party", lambda: (other,)),
        linked(other, "the other party", lambda: (call,)),
    ):
        while not other.over:
            await scheduler.block()


@contextmanager
def linked(
    leg: Leg, what: str, others: Callable[[], Iterable[Leg]], *, keys: bool = True
) -> Iterator[None]:
    """Connect other legs to the speech of a leg, and with `keys` to its keys, within the block."""

    def spoken(speech: Speech) -> None:
        for other in others():
            other.overhear(speech)

    def pressed(key: str) -> None:
        for other in others() if keys else ():
            other.receive(key)

    with leg.listening(what, on_key=pressed, on_speech=spoken):
        yield
