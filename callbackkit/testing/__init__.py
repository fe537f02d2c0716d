"""The test kit: phones that call and text an app, in virtual time and without the network.

`Phone` works in any test; with pytest the fixtures `phone` and `sync_phone` are there by
themselves. What is imported from here is loaded when it is used, as pytest loads the plugin in this
folder whether a test has a phone or not.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callbackkit.carrier.delivery import Delivery
    from callbackkit.carrier.diagnostics import Diagnostic
    from callbackkit.carrier.leg import Ending, Heard
    from callbackkit.carrier.messaging import Message
    from callbackkit.testing.blocking import SyncCall, SyncCallLeg, SyncPhone
    from callbackkit.testing.calls import Call, CallLeg
    from callbackkit.testing.explore import Exploration, FlowFinding
    from callbackkit.testing.failures import PhoneFailure
    from callbackkit.testing.inbox import Inbox
    from callbackkit.testing.phone import Phone

__all__ = [
    "Call",
    "CallLeg",
    "Delivery",
    "Diagnostic",
    "Ending",
    "Exploration",
    "FlowFinding",
    "Heard",
    "Inbox",
    "Message",
    "Phone",
    "PhoneFailure",
    "SyncCall",
    "SyncCallLeg",
    "SyncPhone",
]

# Not for type checkers: to them any misspelt name would be there.
if not TYPE_CHECKING:
    _MODULES = {
        "callbackkit.carrier.delivery": ("Delivery",),
        "callbackkit.carrier.diagnostics": ("Diagnostic",),
        "callbackkit.carrier.leg": ("Ending", "Heard"),
        "callbackkit.carrier.messaging": ("Message",),
        "callbackkit.testing.blocking": ("SyncCall", "SyncCallLeg", "SyncPhone"),
        "callbackkit.testing.calls": ("Call", "CallLeg"),
        "callbackkit.testing.explore": ("Exploration", "FlowFinding"),
        "callbackkit.testing.failures": ("PhoneFailure",),
        "callbackkit.testing.inbox": ("Inbox",),
        "callbackkit.testing.phone": ("Phone",),
    }

    def __getattr__(name: str) -> Any:
        for module, names in _MODULES.items():
            if name in names:
                from importlib import import_module

                return getattr(import_module(module), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
