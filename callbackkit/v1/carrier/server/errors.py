"""The errors resource: what went wrong, requests of the app and callbacks to it alike."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply, resource
from callbackkit.v1.carrier.account import UserError
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.paging import list_reply, page_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request, Served
from callbackkit.v1.resources import errors as api
from callbackkit.v1.resources.values import Paging


def list_errors(request: Request) -> Response:
    """Reply with a page of the errors (methods/errors/getErrors)."""
    found = list(request.carrier.account.errors.values())
    items, links = page_of(request, read(request, Paging), found)
    return list_reply(request, map(_shown, items), links)


def get_error(request: Request) -> Response:
    """Reply with an error, with its time in milliseconds and its category in capitals, as in the
    sample (methods/errors/getErrorsErrorId)."""
    error_id = request.parameters["error_id"]
    error = request.carrier.account.errors.get(error_id)
    if error is None:
        raise RestRejection("user-error-not-found", error_id)
    time = round(error.time.timestamp() * 1000)
    category = error.category.upper().replace("-", "_")
    return json_reply(_shown(error, time=time, category=category))


def _shown(error: UserError, **values: Any) -> dict[str, Any]:
    number = error.id.rpartition("-")[2]
    details = [
        {"id": f"ued-{number}-{place}", **detail} for place, detail in enumerate(error.details, 1)
    ]
    return resource(api.UserError, error, details=details, **values)


SERVED: Served = {api.LIST: list_errors, api.GET: get_error}
