"""Call setup: from the first ring to the answer, and on to the app's BXML or REST requests."""

from collections.abc import Coroutine
from typing import Any

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.scheduler import Mailbox
from callbackkit.carrier.script import Reply, Script
from callbackkit.v1.carrier.account import Application
from callbackkit.v1.carrier.calls import CAUSES, Call
from callbackkit.v1.carrier.defaults import LONGEST_UNTAKEN
from callbackkit.v1.carrier.recordings import start_recording
from callbackkit.v1.carrier.transfers import connect, ring_out
from callbackkit.v1.carrier.verbs import LANGUAGE


def receive(call: Call, application: Application | None) -> None:
    """Start a call from a phone to a number of an application."""
    _start(call, _received(call, application))


def place(call: Call) -> None:
    """Start a call that the app has created."""
    _start(call, _placed(call))


def _start(call: Call, work: Coroutine[Any, bool, None]) -> None:
    call.process = call.scheduler.spawn(work, f"call {call.id}", patient=True)


async def _received(call: Call, application: Application | None) -> None:
    await _incoming(call, application)
    await _answered(call)


async def _placed(call: Call) -> None:
    await ring_out(call)
    call.bxml = call.callbacks.method == "GET"
    await _answered(call)


async def _answered(call: Call) -> None:
    call.activate()
    if call.recording.enabled:
        start_recording(call)
    if call.bridge_id in call.carrier.bridges:
        call.carrier.bridges[call.bridge_id].add(call)
    delivery = await call.send_event("answer", {"callState": "active"}, expects_bxml=call.bxml)
    if call.bxml:
        await Script(call, LANGUAGE).run(Reply(delivery, vital=True))
    else:
        if delivery is not None:
            _look_for_bxml(call, delivery)
        await _under_rest(call)


async def _incoming(call: Call, application: Application | None) -> None:
    carrier = call.carrier
    if application is None or application.incoming_call_url is None:
        carrier.rule("untaken-call", call.id)
        _note_missing(call, application)
        await _to_fallback_number(call)
        call.finish(CAUSES.declined)
    call.callbacks = application.calls
    call.bxml = call.callbacks.method == "GET" and application.auto_answer
    # The REST API may take the call before the app has replied.
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
            subject=call.id,
            ledger="no-auto-answer",
        )

    async def announce() -> None:
        if await _unreachable(call):
            changes.put("unreachable")

    carrier.scheduler.spawn(announce(), f"incomingcall of {call.id}")
    until = carrier.now + LONGEST_UNTAKEN
    change = await changes.get(until)
    if change == "unreachable":
        await _to_fallback_number(call)
        change = await changes.get(until)
    if change is None:
        carrier.rule("untaken-call", call.id)
        call.finish(CAUSES.unanswered)


async def _unreachable(call: Call) -> bool:
    """Announce a call to the app; return True if that has failed (rule failed-incoming-call)."""
    delivery = await call.send_event("incomingcall", {"callState": "active"})
    if delivery is None or delivery.failure is None:
        return False
    call.carrier.rule("failed-incoming-call", call.id)
    return True


def _note_missing(call: Call, application: Application | None) -> None:
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
    call.carrier.diagnose("error", code, message, subject=call.id, ledger="untaken-call")


async def _to_fallback_number(call: Call) -> None:
    """Ring the number's fallback number, if it has one, and stay connected to it."""
    owned = call.carrier.account.number(call.number)
    if owned is None or not owned.fallback_number:
        return
    call.activate()
    if await connect(call, owned.fallback_number):
        call.finish(CAUSES.hangup)


async def _under_rest(call: Call) -> None:
    """Wait while the REST API does something to the call."""
    with call.listening("the app", on_key=lambda key: call.start(call.report_key(key), "dtmf")):
        while True:
            await call.scheduler.block()


def _look_for_bxml(call: Call, delivery: Delivery) -> None:
    """Diagnose BXML in a reply that is never run as such."""
    if delivery.body.lstrip()[:1] != b"<":
        return
    call.carrier.diagnose(
        "error",
        "bxml-on-post",
        f"{delivery.event} was sent by {delivery.method} and answered with BXML, which is read only"
        " from replies to GET callbacks of calls that are answered by themselves; set"
        " callbackHttpMethod to GET and autoAnswer to true",
        subject=call.id,
        place=delivery.handler,
    )
