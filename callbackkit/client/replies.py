"""What a platform answered: read if it is a success, and made an exception if not."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
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

Scrub = Callable[[str], str]
"""Takes out of a text what must be in no message."""


def segment(text: str) -> str:
    """A text as one segment of a path, escaped.

    Raises ArgumentError for what is empty or a dot segment: it would name another resource.
    """
    if text in ("", ".", ".."):
        raise ArgumentError(f"{text!r} can't be part of a path: it would name something else")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise ArgumentError("a lone surrogate can't be part of a path") from None


@dataclass(frozen=True)
class Problem:
    """What the body of a refusal says, as far as it says it."""

    category: str | None = None
    code: str | None = None
    message: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """A whole reply. `path` is that of the request, without its query."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By name, in any case."""
    content: bytes = field(repr=False)
    request_id: str | None = None

    def json(self) -> Any:
        """The body. Raises BadReplyError if it isn't JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            pass  # raised outside, so that no error quotes the body as its context
        what = "isn't JSON that can be read" if self.content else "is empty"
        raise self.bad(f"the body {what}")

    @property
    def location_id(self) -> str:
        """The id of what was created: the end of Location. Raises BadReplyError without one."""
        try:
            path = urlsplit(self.headers.get("location", "")).path
        except ValueError:
            path = ""
        found = unquote(path.rstrip("/").rpartition("/")[2])
        if not found:
            raise self.bad("no Location names what was created")
        return found

    def bad(self, problem: str) -> BadReplyError:
        """The error of a success that can't be used."""
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
    """The class of errors with this status, unless their code tells more."""
    if status >= 500 or status == 408:  # 408: the server waited for us, or lost sight of us
        return ServerError
    return _CLASSES.get(status, InvalidRequestError)


def problem_of(data: Any) -> Problem:
    """The refusal as far as it has the usual shape: category, code, message, details."""
    if not isinstance(data, dict):
        return Problem()
    details = {}
    items = data.get("details")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            details[item["name"]] = _text(item.get("value")) or ""
    return Problem(
        _text(data.get("category")), _text(data.get("code")), _text(data.get("message")), details
    )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None


def read_problem(reply: Reply) -> Any:
    """The JSON of a refusal, or None."""
    try:
        return json.loads(reply.content)
    except (ValueError, RecursionError):
        return None


def described(reply: Reply, problem: Problem, scrub: Scrub) -> str:
    """A refusal in one line."""
    said = ": ".join(part for part in (problem.code, problem.message) if part)
    if said:
        return f"{reply.status} {one_line(scrub(said))}"
    if not reply.content:
        return f"{reply.status} without a body"
    kind = reply.headers.get("content-type", "").partition(";")[0] or "of no declared type"
    text = scrub(reply.content[:50_000].decode("utf-8", "replace"))
    # Pages of proxies: without their markup, and without the query of a URL that they show.
    text = _MARKUP.sub(" ", _QUERY.sub("?", text))
    return f"{reply.status} with an undocumented body ({one_line(kind)}): {one_line(text)}"


_MARKUP = re.compile(r"<(style|script|head)\b[^<]*</\1>|<[^<>]*>", re.IGNORECASE)
_QUERY = re.compile(r"""\?[^\s"'<>]+""")


def one_line(text: str) -> str:
    """Text from outside on one line, printable and short."""
    line = " ".join(text.split())
    line = line if len(line) <= 300 else line[:297] + "..."
    return line if line.isprintable() else ascii(line)[1:-1]
