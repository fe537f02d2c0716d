"""The errors resource: what went wrong, requests of the app and callbacks to it alike."""

from typing import Any

from callbackkit.carrier.server.replies import resource
from callbackkit.v1.carrier.account import UserError
from callbackkit.v1.carrier.server.paging import paged
from callbackkit.v1.carrier.server.rejections import find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.resources import errors as api


@serves(api.LIST)
def list_errors(request: Request) -> Reply:
    """Reply with a page of the errors (methods/errors/getErrors)."""
    return paged(request, list(request.carrier.account.errors.values()), _shown)


@serves(api.GET)
def get_error(request: Request) -> dict[str, Any]:
    """Reply with an error, with its time in milliseconds and its category in capitals, as in the
    sample (methods/errors/getErrorsErrorId)."""
    errors = request.carrier.account.errors
    error = find(errors, request.parameters["error_id"], "user-error-not-found")
    time = round(error.time.timestamp() * 1000)
    category = error.category.upper().replace("-", "_")
    return _shown(error, time=time, category=category)


def _shown(error: UserError, **values: Any) -> dict[str, Any]:
    number = error.id.rpartition("-")[2]
    details = [
        {"id": f"ued-{number}-{place}", **detail} for place, detail in enumerate(error.details, 1)
    ]
    return resource(api.UserError, error, details=details, **values)
