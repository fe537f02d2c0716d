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
    from callbackkit.testing.blocking import SyncCall, SyncCallLeg, SyncPhone
    from callbackkit.testing.calls import Call, CallLeg
    from callbackkit.testing.explore import Exploration, FlowFinding
    from callbackkit.testing.failures import PhoneFailure
    from callbackkit.testing.phone import Phone
    from callbackkit.testing.texts import Inbox, Text

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
    "Phone",
    "PhoneFailure",
    "SyncCall",
    "SyncCallLeg",
    "SyncPhone",
    "Text",
]

# Not for type checkers: to them any misspelt name would be there.
if not TYPE_CHECKING:
    _MODULES = {
        "Call": "calls",
        "CallLeg": "calls",
        "Delivery": "callbackkit.carrier.delivery",
        "Diagnostic": "callbackkit.carrier.diagnostics",
        "Ending": "callbackkit.carrier.leg",
        "Exploration": "explore",
        "FlowFinding": "explore",
        "Heard": "callbackkit.carrier.leg",
        "Inbox": "texts",
        "Phone": "phone",
        "PhoneFailure": "failures",
        "SyncCall": "blocking",
        "SyncCallLeg": "blocking",
        "SyncPhone": "blocking",
        "Text": "texts",
    }

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        module = _MODULES[name]
        return getattr(import_module(module if "." in module else f"{__name__}.{module}"), name)
