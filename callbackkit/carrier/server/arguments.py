"""The arguments of a request, read as its operation declares them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from callbackkit.carrier.server.rejections import Rejection
from callbackkit.rest import Arguments, arguments_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WrongArgument:
    """An argument that is missing or wrong.

    `kind` is pydantic's type of the error, or that of a rule of its own. `path` has the names on
    the wire that lead to it, `value` is what was sent there, `limits` what pydantic says of a
    limit: `ge`, `le`, `max_length` or `expected`. `clause` says what it must be, in words that
    follow its name.
    """

    kind: str
    path: tuple[str, ...]
    value: Any
    limits: Mapping[str, Any]
    clause: str

    @property
    def name(self) -> str:
        """Its name on the wire."""
        return self.path[-1]


def read_arguments(
    declared: type[T],
    values: Mapping[str, Any],
    rejection: Callable[[WrongArgument], Rejection],
) -> T:
    """Return the arguments that a TypedDict declares, from values by their names on the wire.

    Raises the rejection of one that is missing, else of the first that is wrong.
    """
    arguments = arguments_of(cast(type, declared))
    try:
        return cast(T, arguments.decode(values))
    except ValidationError as error:
        wrong = _first(error, values, arguments)
    raise rejection(wrong)  # outside, so that no traceback holds what was sent


def _first(error: ValidationError, values: Any, arguments: Arguments) -> WrongArgument:
    problems = error.errors(include_url=False)
    problem = next((one for one in problems if one["type"] == "missing"), problems[0])
    path: list[str] = []
    for part in problem["loc"]:
        if not isinstance(values, Mapping):
            break  # what follows are positions in a list, or pydantic's names of types
        path.append(str(part))
        values = values.get(part)
    return WrongArgument(
        problem["type"],
        tuple(path),
        problem["input"],
        problem.get("ctx", {}),
        arguments.clause_of(*path),
    )
