"""Second legs of calls: rung by the Transfer verb, by a fallback number, or by the REST API."""

from collections.abc import Sequence

from callbackkit.carrier.joining import joined, ring_first
from callbackkit.carrier.playing import hear
from callbackkit.v1.carrier.account import Callbacks
from callbackkit.v1.carrier.audio import AudioRequest
from callbackkit.v1.carrier.calls import CAUSES, Call
from callbackkit.v1.carrier.defaults import RING


async def ring(
    call: Call, numbers: Sequence[str], seconds: int = RING, caller_id: str | None = None
) -> Call | None:
    """Ring phones together; return the leg of the first that answers, None if nobody does.

    The legs have no events of their own (rule transfer-leg-events).
    """
    legs = [
        Call(
            call.carrier,
            inbound=False,
            party=number,
            number=caller_id or call.from_,
            callbacks=Callbacks(),
            timeout=seconds,
        )
        for number in numbers
    ]
    winner, causes = await ring_first(call, legs)
    if winner is None:
        unanswered = CAUSES.unanswered in causes
        call.carrier.rule("transfer-ring-timeout" if unanswered else "transfer-refused", call.id)
        return None
    assert isinstance(winner, Call)
    return winner


async def connect(call: Call, number: str) -> bool:
    """Ring a number and connect it with the call until it hangs up; return False if it is not
    answered."""
    other = await ring(call, [number])
    if other is None:
        return False
    try:
        await joined(call, other)
    finally:
        other.end(CAUSES.hangup)
    return True


# By the REST API


def second_leg(call: Call) -> Call | None:
    """Return the leg that a call is being transferred to, or is connected with by a transfer."""
    legs: list[Call] = list(call.carrier.calls.values())
    return next((leg for leg in legs if leg.parent is call and not leg.over), None)


def transfer_by_rest(
    call: Call,
    party: str,
    caller_id: str | None,
    callbacks: Callbacks,
    whisper: Sequence[AudioRequest],
) -> Call:
    """Ring somebody and connect them with a call that is up; return the new leg, which is a call
    with events of its own.

    `whisper` is what only the callee hears first. While it rings the call is transferring; it is
    active again when that is answered, or is not (methods/calls/postTransferCall).
    """
    leg = Call(
        call.carrier,
        inbound=False,
        party=party,
        number=caller_id or call.from_,
        callbacks=callbacks,
    )
    leg.parent = call
    call.transferring = True
    call.journal.add(leg.id, "is created", party=leg.party, number=leg.number)
    call.on_end(lambda: leg.end(CAUSES.hangup if leg.state == "up" else CAUSES.cancel))
    leg.on_end(lambda: _second_leg_over(call, leg))
    leg.process = call.scheduler.spawn(
        _second_leg(call, leg, whisper), f"leg {leg.id}", patient=True
    )
    return leg


def _second_leg_over(call: Call, leg: Call) -> None:
    call.transferring = False
    if not call.over and leg.answered is not None:
        call.carrier.rule("rest-transfer-end", call.id)
        call.end(CAUSES.hangup)


async def _second_leg(call: Call, leg: Call, whisper: Sequence[AudioRequest]) -> None:
    await ring_out(leg)
    leg.activate()
    call.transferring = False
    leg.notify("answer", {"callState": "active"})
    with leg.listening("the app", on_key=lambda key: leg.start(leg.report_key(key), "dtmf")):
        for request in whisper:
            await hear(leg, await request.sounds(leg.carrier, leg.id))
        await joined(call, leg)


async def ring_out(call: Call) -> None:
    """Ring a phone for the app; end the call if it is not answered (rule unanswered)."""
    cause = await call.ring(call.ring_seconds)
    if cause is None:
        return
    notify = True
    if cause == CAUSES.unanswered:
        await call.send_event("timeout")
        notify = call.carrier.rule("unanswered", call.id) != "timeout"
    call.finish(cause, notify=notify)
