"""The errors of this API: as they are raised, and as JSON."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from callbackkit.carrier.server.rejections import Rejection, Template
from callbackkit.carrier.server.replies import without_none
from callbackkit.v1.carrier.server.templates import CATEGORIES, OURS, TEMPLATES

T = TypeVar("T")


class RestRejection(Rejection):
    """A rejected request, in the words of the platform's templates."""

    templates: ClassVar[Mapping[str, Template]] = {**TEMPLATES, **OURS}
    categories = CATEGORIES
    unknown_path = "resource-not-found"
    unknown_method = "method-not-allowed"
    bad_body = "validation-error"
    internal = "internal-error"


def error_body(rejection: Rejection, about: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON of an error, with more details about the request."""
    details = {**rejection.details, **about}
    found = {
        "category": rejection.category,
        "code": rejection.code,
        "message": rejection.message,
        "details": [{"name": name, "value": value} for name, value in details.items()],
    }
    return without_none(found)


def find(things: Mapping[str, T], thing_id: str, error: str, detail: str | None = None) -> T:
    """Return a thing by its id. Raises RestRejection, with the id as a detail where one has a
    name."""
    if thing_id in things:
        return things[thing_id]
    raise RestRejection(error, thing_id, details={detail: thing_id} if detail else None)
