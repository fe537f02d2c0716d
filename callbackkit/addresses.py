"""Addresses: how telephone numbers, SIP addresses and absolute URLs are written."""

import re
from urllib.parse import quote, urlsplit

E164 = r"\+[1-9][0-9]{2,14}"
"""A telephone number in E.164 (ITU-T): a "+" and 3 to 15 digits."""

# What no URL may hold: white space, controls, and what XML can't hold.
NOT_IN_URLS = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufffe\uffff"

_ESCAPE = "%[0-9A-Fa-f]{2}"
_NAME = rf"[^{NOT_IN_URLS}/?#@:%\[\]]"
_HOST = rf"(?:(?:{_NAME}+|{_ESCAPE}{_NAME}*)(?:{_ESCAPE}{_NAME}*)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?"
_USERINFO = rf"[^{NOT_IN_URLS}/?#@%]*(?:{_ESCAPE}[^{NOT_IN_URLS}/?#@%]*)*"

REST_OF_URL = rf"[^{NOT_IN_URLS}#%]*(?:{_ESCAPE}[^{NOT_IN_URLS}#%]*)*"
"""The rest of a path and its query: no fragment, which is never sent, and whole escapes."""

HTTP_URL = rf"(?i:https?)://(?:{_HOST}|{_USERINFO}@{_HOST})(?:[/?]{REST_OF_URL})?"
"""An absolute http or https URL (RFC 3986, 4.3), in a syntax that Rust's regex crate knows too."""

_http_url = re.compile(HTTP_URL)
_NOT_ASCII = re.compile(rf"[^\x00-\x7f{NOT_IN_URLS}\ud800-\udfff]+")


def is_http_url(text: str) -> bool:
    """Return whether a text is an absolute http or https URL, with a port that exists."""
    if not _http_url.fullmatch(text):
        return False
    try:
        return urlsplit(text).port != 0
    except ValueError:
        return False


def percent_encoded(url: str) -> str:
    """Return a URL with what is not ASCII percent-encoded as UTF-8 (RFC 3986, 2.5).

    Characters that no URL may hold stay as they are.
    """
    return url if url.isascii() else _NOT_ASCII.sub(lambda found: quote(found[0]), url)


def fault_in_url(url: str) -> str | None:
    """Return the rule that a character of a URL breaks, with the mend; None if none does."""
    if re.search(r"\s", url):
        return "must hold no white space; percent-encode it as %20"
    if "#" in url:
        return (
            'must hold no "#", as nothing from there on is sent: write %23, or let'
            " callback.url(path, query={...}) write it"
        )
    if re.search("%(?![0-9A-Fa-f]{2})", url):
        return (
            'must have two hexadecimal digits after each "%": write %25 for the sign itself, or let'
            " callback.url(path, query={...}) write it"
        )
    if re.search(f"[{NOT_IN_URLS}]", url):
        return "must hold no control characters"
    return None
