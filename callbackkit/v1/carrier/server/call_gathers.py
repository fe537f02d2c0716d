"""Gathers: digits that are collected on a call under the API."""

import re
from typing import Annotated, Any, Literal

from starlette.responses import Response
from typing_extensions import TypedDict

from callbackkit.carrier.gathering import Collecting
from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply, resource
from callbackkit.rest import ANY_CASE
from callbackkit.v1.carrier.gathers import CallGather, gather_on
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.call_updates import call_of, check_steerable
from callbackkit.v1.carrier.server.prompts import prompt_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request, Served
from callbackkit.v1.resources import calls as api

MAX_DIGITS, PAUSE = 30, 5.0
"""Digits of a gather, and seconds between two, by default (methods/calls/postCallsCallIdGather)."""

_DIGITS = re.compile(r"[A-D0-9#*]+")


class _End(TypedDict):
    state: Annotated[Literal["completed"], ANY_CASE]


def create_gather(request: Request) -> Response:
    """Start to collect digits (methods/calls/postCallsCallIdGather)."""
    call = call_of(request)
    given = read(request, api.NewGather)
    terminating, pause = given.get("terminating_digits"), given.get("inter_digit_timeout")
    if terminating is not None and not _DIGITS.fullmatch(terminating):
        reason = "gather.terminatingDigits is made of 0-9, A-D, # and *"
        raise RestRejection("validation-error", reason=reason)
    check_steerable(call)
    if gather_on(call) is not None:
        raise RestRejection("call-duplicate-gather-error", call.id)
    carrier, prompt = call.carrier, given.get("prompt")
    gather = CallGather(
        call,
        carrier.new_id("gtr"),
        carrier.moment(),
        Collecting(
            given.get("max_digits") or MAX_DIGITS,
            PAUSE if pause is None else float(pause),
            terminating or "#",
        ),
        prompt_of(prompt),
        prompt is not None and bool(prompt.loop_enabled),
        given.get("tag"),
    )
    gather.start()
    return created_reply(f"{call.uri}/gather/{gather.id}")


def get_gather(request: Request) -> Response:
    """Reply with a gather and the digits so far (methods/calls/getCallsCallIdGatherGatherId)."""
    return json_reply(_shown(_gather_of(request)))


def stop_gather(request: Request) -> Response:
    """End a gather (methods/calls/postCallsCallIdGatherGatherId)."""
    gather = _gather_of(request)
    read(request, _End)
    gather.stop()
    return empty_reply()


def _gather_of(request: Request) -> CallGather:
    found = request.carrier.gathers.get(request.parameters["gather_id"])
    if found is None or found.call is not call_of(request):
        # No page has a code for a gather that is not there.
        raise RestRejection("resource-not-found")
    return found


def _shown(gather: CallGather) -> dict[str, Any]:
    return resource(
        api.CallGather,
        gather,
        state="started" if gather.completed is None else "completed",
        reason=gather.reason,
        created_time=gather.created,
        completed_time=gather.completed,
        call=gather.call.uri,
        digits=gather.found.digits,
    )


SERVED: Served = {
    api.GATHER: create_gather,
    api.GET_GATHER: get_gather,
    api.STOP_GATHER: stop_gather,
}
