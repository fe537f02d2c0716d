"""The HTTP side of every client: credentials, retries, errors, pages and streams.

A dialect's client adds its vocabulary: paths, models, and which refusals get better by waiting.
"""

from callbackkit.rest.client import Resource, RestClient
from callbackkit.rest.media import Content, Download, Progress
from callbackkit.rest.paging import Pages
from callbackkit.rest.replies import Problem, Reply, segment
from callbackkit.rest.retry import Attempt, Retry
from callbackkit.rest.transport import Http, Spread, Timeout, Transport, in_process

__all__ = [
    "Attempt",
    "Content",
    "Download",
    "Http",
    "Pages",
    "Problem",
    "Progress",
    "Reply",
    "Resource",
    "RestClient",
    "Retry",
    "Spread",
    "Timeout",
    "Transport",
    "in_process",
    "segment",
]
