"""What a request says, read with a check for each property: of a JSON object, or of a query.

Numbers and booleans may be written as text, as the samples have them ("2000", "true"); null means
that a property was not given. Properties that nobody asks for are ignored: SDKs send some.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from callbackkit.v1.carrier.server.rejections import RestRejection

_NUMBER = re.compile(r"\+[1-9][0-9]{2,14}")
_SIP = re.compile(r"sip:\S+", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


def is_number(text: str) -> bool:
    """Whether a text is a telephone number in E.164."""
    return _NUMBER.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether a text is a telephone number in E.164, or a SIP URI; SIPS is not supported
    (methods/calls/postCalls)."""
    return is_number(text) or _SIP.fullmatch(text) is not None


def is_url(text: str) -> bool:
    """Whether a text is an absolute http or https URL."""
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)


class RequestFields:
    """The properties of an object or a query. `resource` is what messages call it.

    Each method returns None for a property that is missing and raises RestRejection for one that is
    wrong.
    """

    def __init__(self, values: Mapping[str, Any], resource: str) -> None:
        self.resource = resource
        self._values = values

    @classmethod
    def of(cls, value: Any, resource: str) -> "RequestFields":
        """What is given by a JSON value, which has to be an object."""
        if not isinstance(value, dict):
            raise RestRejection("validation-error", reason=f"the {resource} is no JSON object")
        return cls(value, resource)

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def names(self) -> set[str]:
        """All that is given."""
        return {name for name in self._values if name in self}

    def raw(self, name: str) -> Any:
        """A property as it is."""
        return self._values.get(name)

    def wrong(self, name: str, what: str) -> RestRejection:
        """The refusal of a property that no template has words for."""
        return RestRejection("validation-error", reason=f"{self.resource}.{name} is {what}")

    # Kinds of properties

    def text(self, name: str, *, most: int | None = None) -> str | None:
        """A text of `most` characters."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        if most is not None and len(value) > most:
            raise RestRejection("validation-error:limit", self.resource, name, most)
        return value

    def needed(self, name: str, *, most: int | None = None) -> str:
        """A text that has to be there, and not blank."""
        value = self.named(name, most=most)
        if value is None:
            raise RestRejection("missing-property", self.resource, name)
        return value

    def named(self, name: str, *, most: int | None = None) -> str | None:
        """A text that is not blank, if it is there."""
        value = self.text(name, most=most)
        if value is not None and not value.strip():
            raise RestRejection("blank-property", self.resource, name)
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return value
        word = value.lower() if isinstance(value, str) else None
        if word not in ("true", "false"):
            raise RestRejection("validation-error:words", self.resource, name, "true, false")
        return word == "true"

    def whole(self, name: str, *, low: int = 1, high: int | None = None) -> int | None:
        """A whole number in a range that includes both ends."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(name, "a whole number")
        self._in_range(name, value, low, high)
        return value

    def seconds(self, name: str, *, high: float) -> float | None:
        """A number of seconds from 0."""
        value = self.raw(name)
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise self.wrong(name, "a number") from None
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(name, "a number")
        if not -1e9 < value < 1e9 or not math.isfinite(value):
            raise self.wrong(name, "a number of seconds")
        self._in_range(name, value, 0, high)
        return float(value)

    def _in_range(self, name: str, value: float, low: int, high: float | None) -> None:
        if value < low:
            raise RestRejection("validation-error:greater", self.resource, name, low - 1)
        if high is not None and value > high:
            raise RestRejection("validation-error:limit", self.resource, name, f"{high:g}")

    def word(self, name: str, words: Iterable[str]) -> str | None:
        """One of some words, in any case: samples spell the same ones in several."""
        value = self.raw(name)
        if value is None:
            return None
        found = {word.lower(): word for word in words}
        if not isinstance(value, str) or value.lower() not in found:
            raise RestRejection(
                "validation-error:words", self.resource, name, ", ".join(found.values())
            )
        return found[value.lower()]

    def callback_url(self, name: str) -> str | None:
        """Where callbacks go; an empty text is none, as samples have it
        (methods/messages/postMessages)."""
        value = self.text(name)
        if not value:
            return None
        if not is_url(value):
            raise RestRejection("callback-invalid-url", value)
        return value

    def media_url(self, name: str) -> str | None:
        """Where a file is; an empty text stays one."""
        value = self.text(name)
        if value and not is_url(value):
            raise RestRejection("media-invalid-url", value)
        return value

    def part(self, name: str) -> "RequestFields | None":
        """An object in the object."""
        value = self.raw(name)
        return None if value is None else RequestFields.of(value, name)

    def texts(self, name: str) -> list[str] | None:
        """A list of texts, or one text for a list of one."""
        value = self.raw(name)
        if value is None:
            return None
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self.wrong(name, "a list of texts")
        return list(found)
