"""The local carrier of v1: its rules, and what the platform did by its documents."""

from callbackkit.v1.carrier.carrier import BASE_URL, Carrier
from callbackkit.v1.carrier.rules import LEDGER

__all__ = ["BASE_URL", "LEDGER", "Carrier"]
