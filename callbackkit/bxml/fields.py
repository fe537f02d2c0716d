"""Types of an element's fields: URLs, patterns, children."""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pydantic
from pydantic_core import core_schema

from callbackkit.addresses import HTTP_URL, NOT_IN_URLS, REST_OF_URL, fault_in_url
from callbackkit.bxml.text import masked


@dataclasses.dataclass(frozen=True, slots=True)
class Pattern:
    """Metadata of a text field: what it must match, and what an error says when it doesn't.

    Parameters:
        regex: the pattern of the whole text, in the syntax of Rust's regex crate.
        rule: the clause of the error, or a function that words it for the refused value.
        role: "url" marks a URL, "callback-url" one that may be a path below the app.
    """

    regex: str
    rule: str | Callable[[str], str]
    role: Literal["text", "url", "callback-url"] = "text"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: pydantic.GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.str_schema(pattern=f"^(?:{self.regex})$", strict=True)

    @property
    def is_url(self) -> bool:
        return self.role != "text"

    def explain(self, value: str) -> str:
        return self.rule if isinstance(self.rule, str) else self.rule(value)


class Content:
    """Metadata of the field that holds the children: one of them or a sequence."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: pydantic.GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        # Comparing the types of the children with a set is cheaper than a union's validator.
        return core_schema.any_schema()


def _callback_url_rule(value: str) -> str:
    fault = fault_in_url(value)
    if fault is not None:
        return fault
    if value.startswith("//"):
        return "must name its scheme; write https: in front of it"
    if value and ":" not in value:
        path = "/" + value.lstrip("./")
        return f"must be an absolute http(s) URL or a path of this app, such as {masked(path)!r}"
    return "must be an absolute http(s) URL with a host, or a path of this app that starts with /"


def _media_url_rule(value: str) -> str:
    fault = fault_in_url(value)
    if fault is not None:
        return fault
    if value.startswith("/") and not value.startswith("//"):
        return (
            "must be an absolute http(s) URL; for a file below this app's root use"
            f" callback.url({value!r}), and let a host serve it, as an app serves no files"
        )
    return "must be an absolute http(s) URL with a host"


CallbackUrl = Annotated[
    str,
    Pattern(
        # A second slash would name a host.
        rf"{HTTP_URL}|/(?:(?:[^{NOT_IN_URLS}/#%]|%[0-9A-Fa-f]{{2}}){REST_OF_URL})?",
        _callback_url_rule,
        "callback-url",
    ),
]

"""An absolute http(s) URL, or a path that starts with one "/" and is made absolute at render.

Here and in MediaUrl what is not ASCII is percent-encoded; a fragment is refused."""

MediaUrl = Annotated[str, Pattern(HTTP_URL, _media_url_rule, "url")]

"""An absolute http(s) URL."""
