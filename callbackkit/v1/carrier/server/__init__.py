"""The REST API of the local carrier: the documented operations of v1, over its state."""

from callbackkit.v1.carrier.server.api import rest_app

__all__ = ["rest_app"]
