"""Events sent to an app: again after a failure where a dialect does so, and with a diagnosis."""

from collections.abc import Mapping
from typing import Any

from callbackkit.bxml.linting import Level
from callbackkit.bxml.text import masked
from callbackkit.carrier.delivery import Delivery, Destination
from callbackkit.carrier.platform import Platform


async def send_event(
    carrier: Platform,
    subject: str,
    event: str,
    to: Destination,
    values: Mapping[str, Any],
    *,
    expects_bxml: bool = False,
) -> Delivery:
    """Send an event to a destination that has a URL, and return the last delivery.

    After a failure it goes to the fallback URL; without one it is repeated as the dialect does
    (`Platform.retry_delays`).
    """
    assert to.url is not None

    async def attempt(url: str) -> Delivery:
        fields = carrier.fields(event, to.method, values)
        delivery = Delivery(
            subject,
            event,
            to.method,
            url,
            fields,
            to.timeout,
            carrier.user_agent,
            in_array=event in carrier.array_events,
        )
        delivery.headers = carrier.headers(delivery)
        outcome = await carrier.deliver(delivery, expects_bxml=expects_bxml)
        if outcome.failure is not None:
            carrier.rule("failed-callback", subject)
            carrier.on_failed(delivery)
        examine(carrier, delivery, advice=not expects_bxml)
        return delivery

    delivery = await attempt(to.url)
    if delivery.failure is None:
        return delivery
    if to.fallback_url is not None:
        return await attempt(to.fallback_url)
    for delay in carrier.retry_delays(delivery):
        if delay:
            await carrier.scheduler.sleep(delay)
        delivery = await attempt(to.url)
        if delivery.failure is None:
            break
    return delivery


def examine(carrier: Platform, delivery: Delivery, *, advice: bool = False) -> None:
    """Diagnose the outcome of a delivery, and with `advice` also what the app's log says of it."""
    assert delivery.outcome is not None
    event, failure, took = delivery.event, delivery.outcome.failure, delivery.outcome.took
    kind = delivery.advice.kind if delivery.advice and advice else None
    level: Level = "warning"
    if delivery.traceback is not None:
        last = delivery.traceback.rpartition("\n")[2]
        level, rule, message = "error", "handler-raised", f"the handler of {event} raised {last}"
    elif failure is not None:
        # A failure that a test has declared is not the app's fault.
        level, rule = "info" if delivery.faulty else "error", "callback-failed"
        message = f"{event} to {masked(delivery.url)} {failure}"
    elif took > delivery.timeout / 2:
        rule = "slow-callback"
        message = f"{event} took {took:.1f} s of the {delivery.timeout:g} s that it may take"
    elif kind == "unread":
        level, rule = carrier.unread_reply(delivery)
        message = delivery.advice.words if delivery.advice else ""
    elif kind == "unhandled":
        rule, message = "unhandled-event", delivery.advised
    else:
        return
    carrier.diagnose(
        level,
        rule,
        message,
        subject=delivery.subject,
        ledger="failed-callback" if rule == "callback-failed" else None,
        place=delivery.handler,
        detail=delivery.traceback,
    )
