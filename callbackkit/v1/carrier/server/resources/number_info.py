"""The numberInfo resource: the names of numbers, which a test puts into the account."""

from typing import Any

from callbackkit.carrier.server.replies import resource
from callbackkit.v1.carrier.server.own_numbers import is_number
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Request, serves
from callbackkit.v1.resources import number_info as api


@serves(api.GET)
def get_number_info(request: Request) -> dict[str, Any]:
    """Reply with the name of a number (methods/numberInfo/getNumberInfo)."""
    number = request.parameters["number"]
    if not is_number(number):
        raise RestRejection("invalid-cnam-search", number)
    name = find(request.carrier.account.names, number, "cnam-not-found")
    # Nothing says since when a name is known: since the clock started.
    since = request.carrier.moment(0.0)
    return resource(api.NumberInfo, number=number, name=name, created=since, updated=since)
