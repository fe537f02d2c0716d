"""The numberInfo resource: the names of numbers, which a test puts into the account."""

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply, resource
from callbackkit.v1.carrier.server.own_numbers import is_number
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Request, Served
from callbackkit.v1.resources import number_info as api


def get_number_info(request: Request) -> Response:
    """Reply with the name of a number (methods/numberInfo/getNumberInfo)."""
    number = request.parameters["number"]
    if not is_number(number):
        raise RestRejection("invalid-cnam-search", number)
    name = request.carrier.account.names.get(number)
    if name is None:
        raise RestRejection("cnam-not-found", number)
    # Nothing says since when a name is known: since the clock started.
    since = request.carrier.moment(0.0)
    shown = resource(api.NumberInfo, number=number, name=name, created=since, updated=since)
    return json_reply(shown)


SERVED: Served = {api.GET: get_number_info}
