"""Text on its way into XML: what XML can't hold is taken out, the rest is escaped or masked."""

import re

# The characters that the production "Char" of XML 1.0 leaves out.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_USERINFO = re.compile(r"((?:[a-z][a-z0-9+.-]*:)?//|\bsips?:)([^\s/?#@:]*)(:[^\s/?#]*)?@", re.I)


def clean(text: str) -> str:
    """`text` without the characters that no XML 1.0 document can hold, not even escaped."""
    # isprintable() is several times cheaper than the search and true for nearly all text.
    return text if str.isprintable(text) else _NOT_IN_XML.sub("", text)


def masked(text: str) -> str:
    """`text` with the passwords in its URLs replaced by ***."""
    return _USERINFO.sub(_mask, text) if "@" in text else text


def _mask(found: re.Match[str]) -> str:
    scheme, user, secret = found.groups()
    if secret:
        return f"{scheme}{user}:***@"
    # A lone user of an http URL may be a token; that of a SIP address is a name.
    return f"{scheme}***@" if scheme.endswith("//") else found[0]


def escape_text(text: str) -> str:
    """`text` as the content of an element."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:  # a parser turns a bare one into \n
        text = text.replace("\r", "&#13;")
    return text


def escape_attribute(text: str) -> str:
    """`text` as the value of an attribute in double quotes."""
    text = escape_text(text)
    if '"' in text:
        text = text.replace('"', "&quot;")
    if "\n" in text:  # a parser turns white space of an attribute into spaces
        text = text.replace("\n", "&#10;")
    if "\t" in text:
        text = text.replace("\t", "&#9;")
    return text


def quoted(value: object, *, url: bool = False) -> str:
    """Return a value as an error shows it: short, on one line, without what a URL keeps secret."""
    if isinstance(value, str):
        # What is no URL may hold its userinfo anywhere, so all up to the last @ goes.
        text = re.sub(r"(?s)^((?:[A-Za-z]+:)?//)?.*@", r"\1***@", value) if url else masked(value)
        return repr(text if len(text) <= 60 else text[:60] + "\u2026")
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)[:60]
    return f"an object of type {type(value).__name__}"
