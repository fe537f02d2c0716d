"""The names that numbers have in caller id directories (CNAM)."""

from typing_extensions import TypedDict

from callbackkit.models import Model, Time
from callbackkit.rest import Operation
from callbackkit.v1.resources.values import E164


class NumberInfo(Model, frozen=True):
    """The name of a number (methods/numberInfo/getNumberInfo)."""

    number: str
    """E.164."""
    name: str | None = None
    created: Time = None
    updated: Time = None


class NumberLookup(TypedDict):
    """The number that is looked up, which is a part of the path
    (methods/numberInfo/getNumberInfo)."""

    number: E164


GET = Operation(
    "number_info.get", "GET", "/phoneNumbers/numberInfo/{number}", NumberLookup, NumberInfo
)
