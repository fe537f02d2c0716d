"""Responses of a platform: read if they are a success, and made an exception if not."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from callbackkit.errors import (
    ApiError,
    ArgumentError,
    AuthenticationError,
    BadReplyError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
)
from callbackkit.models import Model, read

M = TypeVar("M", bound=Model)

Hide = Callable[[str], str]
"""Returns a text without what must be in no message."""


def segment(text: str) -> str:
    """Return a text as one segment of a path, escaped.

    Raises ArgumentError for what is empty or a dot segment: it would name another resource.
    """
    if text in ("", ".", ".."):
        raise ArgumentError(f"{text!r} can't be part of a path: it would name something else")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ArgumentError("a lone surrogate can't be part of a path") from None


@dataclass(frozen=True)
class ErrorBody:
    """The body of an error, as far as it has a shape that the dialect knows."""

    category: str | None = None
    code: str | None = None
    message: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def error_body(
    data: Any,
    *,
    category: str = "",
    code: str,
    message: str,
    details: tuple[str, str, str] = ("", "", ""),
) -> ErrorBody:
    """Return what an object says of an error, under these names, as far as it says it.

    `details` are the name of a list, and the names for a name and a value in each of its items.
    """
    if not isinstance(data, dict):
        return ErrorBody()
    listed, name, value = details
    items = data.get(listed)
    named = {
        item[name]: _text(item.get(value)) or ""
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict) and isinstance(item.get(name), str)
    }
    return ErrorBody(
        _text(data.get(category)), _text(data.get(code)), _text(data.get(message)), named
    )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None


@dataclass(frozen=True)
class ApiResponse:
    """A whole response. `path` is that of the request, without its query."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By name, in any case."""
    content: bytes = field(repr=False)
    request_id: str | None = None

    def json(self) -> Any:
        """Return the body, decoded. Raises BadReplyError if it isn't JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            pass  # raised outside, so that no error quotes the body as its context
        what = "isn't JSON that can be read" if self.content else "is empty"
        raise self.bad(f"the body {what}")

    def json_or_none(self) -> Any:
        """Return the body, decoded, or None if it isn't JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    def model(self, cls: type[M]) -> M:
        """Return the resource in the body. Raises BadReplyError."""
        data = self.json()
        try:
            return read(cls, data)
        except ValueError as error:
            problem = str(error)
        raise self.bad(problem)  # outside, so that no error quotes what was sent

    def models(self, cls: type[M]) -> list[M]:
        """Return the resources in a list. Raises BadReplyError."""
        data = self.json()
        if not isinstance(data, list):
            raise self.bad("the page isn't a list")
        items: list[M] = []
        try:
            for item in data:
                items.append(read(cls, item))
            return items
        except ValueError as error:
            problem = f"item {len(items)} of the page: {error}"
        raise self.bad(problem)  # outside, so that no error quotes what was sent

    @property
    def location_id(self) -> str:
        """The id of the resource that was created: the end of Location. Raises BadReplyError
        without one."""
        try:
            path = urlsplit(self.headers.get("location", "")).path
        except ValueError:
            path = ""
        found = unquote(path.rstrip("/").rpartition("/")[2])
        if not found:
            raise self.bad("no Location names what was created")
        return found

    def bad(self, problem: str) -> BadReplyError:
        """Return the error of a success that can't be used."""
        return BadReplyError(
            f"{self.status}, but {problem}",
            method=self.method,
            path=self.path,
            status=self.status,
            request_id=self.request_id,
            maybe_executed=True,
        )


_CLASSES: Mapping[int, type[ApiError]] = {
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: NotFoundError,
    429: RateLimitError,
}


def class_for(status: int) -> type[ApiError]:
    """Return the class of errors with this status, unless their code is more precise."""
    if status >= 500 or status == 408:  # 408: the server waited for us, or lost sight of us
        return ServerError
    return _CLASSES.get(status, InvalidRequestError)


def described(response: ApiResponse, body: ErrorBody, hide: Hide) -> str:
    """Return an error in one line."""
    said = ": ".join(part for part in (body.code, body.message) if part)
    if said:
        return f"{response.status} {one_line(hide(said))}"
    if not response.content:
        return f"{response.status} without a body"
    kind = response.headers.get("content-type", "").partition(";")[0] or "of no declared type"
    text = hide(response.content[:50_000].decode("utf-8", "replace"))
    # Pages of proxies: without their markup, and without the query of a URL that they show.
    text = _MARKUP.sub(" ", _QUERY.sub("?", text))
    return f"{response.status} with an undocumented body ({one_line(kind)}): {one_line(text)}"


_MARKUP = re.compile(r"<(style|script|head)\b[^<]*</\1>|<[^<>]*>", re.IGNORECASE)
_QUERY = re.compile(r"""\?[^\s"'<>]+""")


def one_line(text: str) -> str:
    """Return text from outside on one line, printable and short."""
    line = " ".join(text.split())
    line = line if len(line) <= 300 else line[:297] + "..."
    return line if line.isprintable() else ascii(line)[1:-1]
