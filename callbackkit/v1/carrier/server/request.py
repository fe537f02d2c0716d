"""Requests to the carrier of v1, and what serves them."""

from typing import TypeAlias

from callbackkit.carrier.server import request
from callbackkit.v1.carrier.carrier import Carrier

Request: TypeAlias = request.Request[Carrier]
Served: TypeAlias = request.Served[Carrier]
