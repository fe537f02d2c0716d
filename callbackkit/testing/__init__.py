"""The test kit: phones that call and text an app, in virtual time and without the network.

`Phone` works in any test; with pytest the fixtures `phone` and `sync_phone` are there by
themselves.
"""

from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.leg import Ending, Heard
from callbackkit.testing.blocking import SyncCall, SyncLeg, SyncPhone
from callbackkit.testing.calls import Call, Leg, Line
from callbackkit.testing.failures import PhoneFailure
from callbackkit.testing.phone import Phone
from callbackkit.testing.texts import Inbox, Text

__all__ = [
    "Call",
    "Delivery",
    "Diagnostic",
    "Ending",
    "Heard",
    "Inbox",
    "Leg",
    "Line",
    "Phone",
    "PhoneFailure",
    "SyncCall",
    "SyncLeg",
    "SyncPhone",
    "Text",
]
