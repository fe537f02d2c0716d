"""The numberInfo resource: the names of numbers, which a test puts into the account."""

from starlette.responses import Response

from callbackkit.carrier.server.replies import json_reply
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.server.bodies import is_number
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request


def get_number_info(request: Request) -> Response:
    """The name of a number (methods/numberInfo/getNumberInfo)."""
    number = request.parameters["number"]
    if not is_number(number):
        raise RestRejection("invalid-cnam-search", number)
    name = request.carrier.account.names.get(number)
    if name is None:
        raise RestRejection("cnam-not-found", number)
    # Since when a name is known nobody says: since the beginning of time.
    since = iso(request.carrier.moment(0.0))
    return json_reply({"name": name, "number": number, "created": since, "updated": since})


OPERATIONS: Operations = {"/phoneNumbers/numberInfo/{number}": {"GET": get_number_info}}
