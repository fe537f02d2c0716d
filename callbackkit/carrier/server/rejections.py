"""Rejected requests, and the templates of a platform's errors."""

import re
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from callbackkit.bxml.text import masked
from callbackkit.carrier.faults import RestFault

_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_MAX_QUOTED = 200


class Template(NamedTuple):
    """An error of the platform: `text` has placeholders as ${0}, and is None if there is none."""

    status: int
    category: str
    text: str | None


class Rejection(Exception):
    """A request, or one item of it, that is not carried out.

    Parameters:
        key: the template, as "code" or "code:variant" where a code has several.
        values: fill the placeholders, in the order in which these first appear.
        reason: what is wrong, where the template has no words for it; one of the details.
        headers: HTTP headers of the reply.
        details: ids of what the error is about, by their documented names.
        template: used in place of the dialect's own.

    A dialect's subclass brings `templates` by key, `categories` by status (0 for any other), and
    the keys for errors that every server has.
    """

    templates: ClassVar[Mapping[str, Template]]
    categories: ClassVar[Mapping[int, str]]
    unknown_path: ClassVar[str]
    unknown_method: ClassVar[str]
    """With the method as its value."""
    bad_body: ClassVar[str]
    """With a reason."""
    internal: ClassVar[str]
    """A mistake in the carrier itself."""

    def __init__(
        self,
        key: str,
        *values: object,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, str] | None = None,
        template: Template | None = None,
    ) -> None:
        super().__init__(key)
        template = template or self.templates[key]
        self.code = key.partition(":")[0]
        self.status = template.status
        self.category = template.category
        self.message = None if template.text is None else _filled(template.text, values)
        self.headers = dict(headers or {})
        self.details = {name: quoted(value) for name, value in (details or {}).items()}
        if reason is not None:
            self.details["reason"] = reason

    @classmethod
    def declared(cls, fault: RestFault, *values: object) -> "Rejection":
        """Return the rejection that a test has declared, in the words of its code if known."""
        known = cls.templates.get(fault.code) or next(
            (one for key, one in cls.templates.items() if key.partition(":")[0] == fault.code), None
        )
        template = known or Template(
            fault.status,
            cls.categories.get(fault.status, cls.categories[0]),
            f"The request was refused with {fault.code}",
        )
        template = template._replace(status=fault.status)
        return cls(fault.code, *values, template=template)


def quoted(value: object) -> str:
    """Return a value as errors may quote it: short, and without passwords of URLs."""
    text = masked(str(value))
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}..."


def _filled(text: str, values: tuple[object, ...]) -> str:
    names = dict.fromkeys(_PLACEHOLDER.findall(text))
    by_name = {name: quoted(value) for name, value in zip(names, values, strict=False)}
    return _PLACEHOLDER.sub(lambda found: by_name.get(found[0], "?"), text)
