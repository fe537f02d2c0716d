"""Call setup: from the first ring to the answer, and to whoever steers the call from then on."""

from typing import TYPE_CHECKING

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.scheduler import Mailbox
from callbackkit.v1.carrier.recordings import start_recording
from callbackkit.v1.carrier.rules import LONGEST_RING
from callbackkit.v1.carrier.scripts import Script
from callbackkit.v1.carrier.transfers import connect

if TYPE_CHECKING:
    from callbackkit.v1.carrier.account import Application
    from callbackkit.v1.carrier.calls import Call


def begin(call: "Call") -> None:
    """Start what the platform does with a call."""
    call.process = call.carrier.scheduler.spawn(_live(call), f"call {call.id}", patient=True)


async def _live(call: "Call") -> None:
    if call.inbound:
        await _incoming(call)
    else:
        await _outgoing(call)
    call.activate()
    if call.recording_enabled:
        start_recording(call)
    if call.bridge_id in call.carrier.bridges:
        call.carrier.bridges[call.bridge_id].add(call)
    told = await call.send_event("answer", {"callState": "active"}, expects_bxml=call.bxml)
    if call.bxml:
        await Script(call).run(told)
    else:
        if told is not None:
            _look_for_bxml(call, told)
        await _steered_by_rest(call)


async def _incoming(call: "Call") -> None:
    carrier, application = call.carrier, call.application
    if application is None or application.incoming_call_url is None:
        carrier.rule("untaken-call", call.id)
        _note_missing(call, application)
        await _to_fallback_number(call)
        call.finish("CALL_REJECTED")
    call.callbacks = application.calls
    call.bxml = call.callbacks.method == "GET" and application.auto_answer
    # The REST API may take the call while the app is still told of it.
    changes = call.changes = Mailbox(carrier.scheduler)
    if application.auto_answer:
        if await _unreachable(call):
            await _to_fallback_number(call)
        return
    if call.callbacks.method == "GET":
        carrier.rule("no-auto-answer", call.id)
        carrier.diagnose(
            "warning",
            "no-auto-answer",
            "the application has autoAnswer off, so that no reply is run as BXML; switch it on, or"
            " take the call through the REST API",
            "bxml/bxmlOverview",
            subject=call.id,
            ledger="no-auto-answer",
        )

    async def tell() -> None:
        if await _unreachable(call):
            changes.put("unreachable")

    carrier.scheduler.spawn(tell(), f"incomingcall of {call.id}")
    until = carrier.now + LONGEST_RING
    change = await changes.get(until)
    if change == "unreachable":
        await _to_fallback_number(call)
        change = await changes.get(until)
    if change is None:
        carrier.rule("untaken-call", call.id)
        call.finish("NO_ANSWER")


async def _unreachable(call: "Call") -> bool:
    """Tell the app of a call: whether that has failed for good (failed-incoming-call)."""
    told = await call.send_event("incomingcall", {"callState": "active"})
    if told is None or told.outcome is None or told.outcome.failure is None:
        return False
    call.carrier.rule("failed-incoming-call", call.id)
    return True


def _note_missing(call: "Call", application: "Application | None") -> None:
    number = call.number
    if application is None:
        code = "no-application-for-number"
        message = f"No application is configured for number {number}"
    else:
        code = "no-callback-for-call"
        message = (
            f'Application {application.id} ("{application.name}") for number {number} does not'
            " specify a URL for call events"
        )
    call.carrier.note_error("unavailable", code, message, callId=call.id, number=number)
    call.carrier.diagnose(
        "error", code, message, "methods/errors/getErrors", subject=call.id, ledger="untaken-call"
    )


async def _to_fallback_number(call: "Call") -> None:
    """Let the number's fallback number ring, if it has one, and stay connected to it."""
    owned = call.carrier.account.number(call.number)
    if owned is None or not owned.fallback_number:
        return
    call.activate()
    if await connect(call, owned.fallback_number):
        call.finish("NORMAL_CLEARING")


async def _outgoing(call: "Call") -> None:
    cause = await call.ring(call.ring_seconds)
    if cause == "NO_ANSWER":
        await call.send_event("timeout")
        if call.carrier.rule("unanswered", call.id) == "timeout":
            call.finish("NO_ANSWER", notify=False)
    if cause is not None:
        call.finish(cause)
    call.bxml = call.callbacks.method == "GET"


async def _steered_by_rest(call: "Call") -> None:
    """Wait for whatever the REST API does to the call."""

    def pressed(key: str) -> None:
        call.start(call.send_event("dtmf", {"dtmfDigit": key}), "dtmf")

    with call.listening("the app", on_key=pressed):
        while True:
            await call.carrier.scheduler.block()


def _look_for_bxml(call: "Call", told: Delivery) -> None:
    """Tell of BXML in a reply that is never run as such."""
    if told.body.lstrip()[:1] != b"<":
        return
    call.carrier.diagnose(
        "error",
        "bxml-on-post",
        f"{told.event} was sent by {told.method} and answered with BXML, which is read only from"
        " replies to GET callbacks of calls that are answered by themselves; set"
        " callbackHttpMethod to GET and autoAnswer to true",
        "bxml/bxmlOverview",
        subject=call.id,
        place=told.handler,
    )
