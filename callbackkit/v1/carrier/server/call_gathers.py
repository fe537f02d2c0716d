"""Gathers: digits that are collected on a call under the API."""

import re
from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.gathers import CallGather, Collecting
from callbackkit.v1.carrier.server.call_updates import call_of, steered
from callbackkit.v1.carrier.server.prompts import prompt_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of

MAX_DIGITS = 30
"""Digits of a gather, also by default (methods/calls/postCallsCallIdGather)."""
MAX_PAUSE, PAUSE = 30.0, 5.0
"""Seconds between two digits, at most and by default (methods/calls/postCallsCallIdGather)."""

_DIGITS = re.compile(r"[A-D0-9#*]+")


def create_gather(request: Request) -> Response:
    """Start to collect digits (methods/calls/postCallsCallIdGather)."""
    call = call_of(request)
    given = body_of(request, "gather")
    pause = given.seconds("interDigitTimeout", high=MAX_PAUSE)
    terminating = given.named("terminatingDigits")
    if terminating is not None and not _DIGITS.fullmatch(terminating):
        raise given.wrong("terminatingDigits", "made of 0-9, A-D, # and *")
    collecting = Collecting(
        given.whole("maxDigits", high=MAX_DIGITS) or MAX_DIGITS,
        PAUSE if pause is None else pause,
        terminating or "#",
    )
    tag = given.text("tag")
    prompt = given.part("prompt")
    asked = prompt_of(prompt)
    repeats = prompt is not None and bool(prompt.flag("loopEnabled"))
    steered(call)
    if call.gather is not None:
        raise RestRejection("call-duplicate-gather-error", call.id)
    carrier = call.carrier
    gather = CallGather(
        call, carrier.new_id("gtr"), carrier.moment(), collecting, asked, repeats, tag
    )
    gather.start()
    return created_reply(request.carrier.uri(f"calls/{call.id}/gather/{gather.id}"))


def get_gather(request: Request) -> Response:
    """A gather, with the digits so far (methods/calls/getCallsCallIdGatherGatherId)."""
    return json_reply(_shown(_gather_of(request)))


def stop_gather(request: Request) -> Response:
    """End a gather (methods/calls/postCallsCallIdGatherGatherId)."""
    gather = _gather_of(request)
    given = body_of(request, "gather")
    if given.word("state", ("completed",)) is None:
        raise RestRejection("missing-property", "gather", "state")
    gather.stop()
    return empty_reply()


def _gather_of(request: Request) -> CallGather:
    found = call_of(request).gathers.get(request.parameters["gather_id"])
    if found is None:
        # No page has a code for a gather that is not there.
        raise RestRejection("resource-not-found")
    return found


def _shown(gather: CallGather) -> dict[str, Any]:
    completed = gather.completed
    return {
        "id": gather.id,
        "state": "started" if completed is None else "completed",
        "reason": gather.found.reason,
        "createdTime": iso(gather.created),
        "completedTime": None if completed is None else iso(completed),
        "call": gather.call.uri,
        "digits": gather.found.digits,
    }


OPERATIONS: Operations = {
    "/users/{user_id}/calls/{call_id}/gather": {"POST": create_gather},
    "/users/{user_id}/calls/{call_id}/gather/{gather_id}": {
        "GET": get_gather,
        "POST": stop_gather,
    },
}
