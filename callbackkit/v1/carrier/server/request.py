"""Requests to the carrier of v1, replies, and the mark of what serves them."""

from typing import TypeAlias

from callbackkit.carrier.server import request
from callbackkit.carrier.server.replies import Reply
from callbackkit.carrier.server.serving import serves
from callbackkit.v1.carrier.carrier import Carrier

__all__ = ["Reply", "Request", "serves"]

Request: TypeAlias = request.Request[Carrier]
