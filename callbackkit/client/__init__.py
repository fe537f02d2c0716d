"""The HTTP side of every client: credentials, retries, errors, pages and streams.

A dialect's client adds its vocabulary: paths, models, and which refusals get better by waiting.
"""

from callbackkit.client.media import Content, Download, Progress
from callbackkit.client.paging import Pages
from callbackkit.client.replies import Problem, Reply, segment
from callbackkit.client.rest_client import Resource, RestClient
from callbackkit.client.retry import Attempt, Retry
from callbackkit.client.transport import Http, PooledTransport, Timeout, Transport, in_process

__all__ = [
    "Attempt",
    "Content",
    "Download",
    "Http",
    "Pages",
    "PooledTransport",
    "Problem",
    "Progress",
    "Reply",
    "Resource",
    "RestClient",
    "Retry",
    "Timeout",
    "Transport",
    "in_process",
    "segment",
]
