"""Secrets and private texts: found in what is sent, and kept out of messages."""

import json
from collections.abc import Collection, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote


def hidden(text: str, private: Collection[str]) -> str:
    """Return a text of the platform's without private texts, however they are spelt."""
    spellings: set[str] = set()
    for value in private:
        # Shorter values are in any text, and hiding them would only show where they are.
        if len(value) >= 3:
            spellings |= {value, quote(value), quote(value, safe=""), escape(value)}
            spellings |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, "[hidden]")
    return text


def private_texts(body: Any, names: Collection[str]) -> Iterator[str]:
    """Yield the texts of a body that stand under one of the names."""
    if isinstance(body, Mapping):
        for name, value in body.items():
            if name in names and isinstance(value, str):
                yield value
            else:
                yield from private_texts(value, names)
    elif isinstance(body, list | tuple):
        for item in body:
            yield from private_texts(item, names)
