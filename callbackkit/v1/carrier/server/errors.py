"""The errors resource: what went wrong, requests of the app and callbacks to it alike."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply
from callbackkit.v1.carrier.account import UserError
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request


def list_errors(request: Request) -> Response:
    """All errors (methods/errors/getErrors)."""
    found = list(request.carrier.account.errors.values())
    return paged(request, "error", found, lambda error: {**_shown(error), "time": iso(error.time)})


def get_error(request: Request) -> Response:
    """An error, with its time in milliseconds and its category in capitals, as in the sample
    (methods/errors/getErrorsErrorId)."""
    error_id = request.parameters["error_id"]
    error = request.carrier.account.errors.get(error_id)
    if error is None:
        raise RestRejection("user-error-not-found", error_id)
    return json_reply(
        {
            **_shown(error),
            "time": round(error.time.timestamp() * 1000),
            "category": error.category.upper().replace("-", "_"),
        }
    )


def _shown(error: UserError) -> dict[str, Any]:
    number = error.id.rpartition("-")[2]
    return {
        "id": error.id,
        "time": None,
        "category": error.category,
        "code": error.code,
        "message": error.message,
        "details": [
            {"id": f"ued-{number}-{place}", **detail}
            for place, detail in enumerate(error.details, 1)
        ],
    }


OPERATIONS: Operations = {
    "/users/{user_id}/errors": {"GET": list_errors},
    "/users/{user_id}/errors/{error_id}": {"GET": get_error},
}
