"""Addresses: how telephone numbers, SIP addresses and absolute URLs are written."""

import re
from urllib.parse import urlsplit

E164 = r"\+[1-9][0-9]{2,14}"
"""A telephone number in E.164 (ITU-T): a "+" and 3 to 15 digits."""

# What no URL may hold: white space, controls, and what XML can't hold.
NOT_IN_URLS = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufffe\uffff"

_HOST = rf"(?:[^{NOT_IN_URLS}/?#@:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?"

HTTP_URL = rf"(?i:https?)://(?:{_HOST}|[^{NOT_IN_URLS}/?#@]*@{_HOST})(?:[/?#][^{NOT_IN_URLS}]*)?"
"""An absolute http or https URL, in a syntax that Rust's regex crate knows too."""

_http_url = re.compile(HTTP_URL)


def is_http_url(text: str) -> bool:
    """Return whether a text is an absolute http or https URL, with a port that exists."""
    if not _http_url.fullmatch(text):
        return False
    try:
        return urlsplit(text).port != 0
    except ValueError:
        return False
