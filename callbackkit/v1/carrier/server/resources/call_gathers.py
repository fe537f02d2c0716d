"""Gathers: digits that are collected on a call under the API."""

import re
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from callbackkit.carrier.gathering import Collecting
from callbackkit.carrier.server.replies import created, resource
from callbackkit.rest import ANY_CASE
from callbackkit.v1.carrier.gathers import CallGather, gather_on
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.prompts import prompt_of
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.call_updates import call_of, check_steerable
from callbackkit.v1.resources import calls as api

MAX_DIGITS, PAUSE = 30, 5.0
"""Digits of a gather, and seconds between two, by default (methods/calls/postCallsCallIdGather)."""

_DIGITS = re.compile(r"[A-D0-9#*]+")


class _End(TypedDict):
    state: Annotated[Literal["completed"], ANY_CASE]


@serves(api.GATHER)
def create_gather(request: Request) -> Reply:
    """Start to collect digits (methods/calls/postCallsCallIdGather)."""
    call = call_of(request)
    args = read(request, api.NewGather)
    terminating, pause = args.get("terminating_digits"), args.get("inter_digit_timeout")
    if terminating is not None and not _DIGITS.fullmatch(terminating):
        reason = "gather.terminatingDigits is made of 0-9, A-D, # and *"
        raise RestRejection("validation-error", reason=reason)
    check_steerable(call)
    if gather_on(call) is not None:
        raise RestRejection("call-duplicate-gather-error", call.id)
    carrier, prompt = call.carrier, args.get("prompt")
    gather = CallGather(
        call,
        carrier.new_id("gtr"),
        carrier.moment(),
        Collecting(
            args.get("max_digits") or MAX_DIGITS,
            PAUSE if pause is None else float(pause),
            terminating or "#",
        ),
        prompt_of(prompt),
        prompt is not None and bool(prompt.loop_enabled),
        args.get("tag"),
    )
    gather.start()
    return created(f"{call.uri}/gather/{gather.id}")


@serves(api.GET_GATHER)
def get_gather(request: Request) -> dict[str, Any]:
    """Reply with a gather and the digits so far (methods/calls/getCallsCallIdGatherGatherId)."""
    return _shown(_gather_of(request))


@serves(api.STOP_GATHER)
def stop_gather(request: Request) -> None:
    """End a gather (methods/calls/postCallsCallIdGatherGatherId)."""
    gather = _gather_of(request)
    read(request, _End)
    gather.stop()


def _gather_of(request: Request) -> CallGather:
    call = call_of(request)
    # No page has a code of its own for it.
    found = find(request.carrier.gathers, request.parameters["gather_id"], "resource-not-found")
    if found.call is not call:
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
