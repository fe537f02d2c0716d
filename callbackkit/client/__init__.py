"""The mechanism of every client: authentication, retries, errors, pages, files and resources.

A dialect's client adds its vocabulary: its resources, the shape of its errors, its styles of pages.
"""

from callbackkit.client.auth import Auth, BasicAuth, SendOne
from callbackkit.client.media import Content, Download, Progress
from callbackkit.client.paging import LinkedPages, NumberedPages, PageRequest, Pages, PagingStyle
from callbackkit.client.resource import Created, Resource
from callbackkit.client.responses import ApiResponse, ErrorBody, error_body, segment
from callbackkit.client.rest_client import RestClient
from callbackkit.client.retry import Attempt, Retry
from callbackkit.client.transport import (
    Http,
    PooledTransport,
    Timeout,
    Transport,
    TransportOptions,
    in_process,
)

__all__ = [
    "ApiResponse",
    "Attempt",
    "Auth",
    "BasicAuth",
    "Content",
    "Created",
    "Download",
    "ErrorBody",
    "Http",
    "LinkedPages",
    "NumberedPages",
    "PageRequest",
    "Pages",
    "PagingStyle",
    "PooledTransport",
    "Progress",
    "Resource",
    "RestClient",
    "Retry",
    "SendOne",
    "Timeout",
    "Transport",
    "TransportOptions",
    "error_body",
    "in_process",
    "segment",
]
