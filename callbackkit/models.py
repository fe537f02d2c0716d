"""The base of everything read from a platform: frozen models that bear what is unexpected.

Well-formed data goes to pydantic as it came and costs no Python. Only when pydantic refuses it,
exactly the fields it names are mended, or become None with a warning.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from callbackkit.logs import logger

M = TypeVar("M", bound="Model")


def wire_name(name: str) -> str:
    """Return the name on the wire of a Python name: camelCase."""
    return to_camel(name.rstrip("_"))


class Model(BaseModel, frozen=True):
    """A frozen model that keeps unknown fields; its names on the wire are camelCase."""

    model_config = ConfigDict(
        extra="allow",
        coerce_numbers_to_str=True,
        alias_generator=wire_name,
        validate_by_name=True,
    )

    _mends: ClassVar[Mapping[str, Callable[[Any], Any]]] = MappingProxyType({})

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._mends = {
            field.alias or name: mark.mend
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Mend)
        }

    @classmethod
    def read_list(cls, name: str, several: Sequence[str]) -> list[Any]:
        """Return the items of a list that came as several texts, each of which may be a list."""
        items: list[Any] = []
        for text in several:
            try:
                items += cls._mends[name](text) if name in cls._mends else [text]
            except ValueError:
                items.append(text)
        return items


@dataclass(frozen=True)
class Mend:
    """In a field's Annotated: how to read the spellings of it that pydantic refuses.

    `mend` takes what was sent and gives what pydantic accepts. It may raise ValueError.
    """

    mend: Callable[[Any], Any]


class Words:
    """In a field's Annotated: the values that the platform documents. Others do occur."""

    def __init__(self, *words: str) -> None:
        self.words = words


# An offset whose "+" was read as the blank of a query string.
_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d(?::?\d\d)?)$")


def _mend_time(value: Any) -> datetime:
    moment = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", str(value).strip()))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Time = Annotated[AwareDatetime | None, Mend(_mend_time)]
"""A moment, always with a time zone: ISO 8601 (UTC if it names none) or epoch milliseconds."""


class MissingError(ValueError):
    """A field that a model needs is missing. The text is its name on the wire."""


def repaired(
    cls: type[M], data: Mapping[str, Any], originals: dict[str, Any]
) -> tuple[M, list[str]]:
    """Return the model of data that pydantic refused, and the names of the fields that were lost.

    A field is mended; if that doesn't help it becomes None, or only the part of it does that is to
    blame. What was sent is put into `originals`. Raises MissingError.
    """
    lost: dict[str, None] = {}
    while True:
        try:
            model = cls.__pydantic_validator__.validate_python(data, by_alias=True, by_name=False)
            return model, list(lost)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
        data = {**data}
        for name, path in {str(problem["loc"][0]): problem["loc"] for problem in problems}.items():
            value = data.get(name)
            if value is None:
                missing = name
                break
            if name not in originals:
                originals[name] = value
                if name in cls._mends:
                    with suppress(ValueError):
                        data[name] = cls._mends[name](value)
                        continue
            lost[name] = None
            part = path[1] if len(path) > 1 else None
            if isinstance(value, dict) and value.get(part) is not None:
                data[name] = {**value, part: None}
            else:
                data[name] = None
        else:
            continue
        raise MissingError(missing)


def read(cls: type[M], data: Any) -> M:
    """Return the model of JSON as it was decoded: lenient, never silent.

    Raises ValueError, which quotes nothing of the data, if it is no object, or lacks what the model
    can't be without.
    """
    if not isinstance(data, dict):
        raise ValueError(f"{cls.__name__} is an object")
    try:
        return cls.__pydantic_validator__.validate_python(  # type: ignore[no-any-return]
            data, by_alias=True, by_name=False
        )
    except ValidationError:
        pass  # read again outside, so that no error quotes what was sent as its context
    try:
        model, lost = repaired(cls, data, {})
    except MissingError as error:
        missing = str(error)
    else:
        for name in lost:
            logger.warning("a %s has a %s that can't be read: it is None", cls.__name__, name)
        return model
    raise ValueError(f"{cls.__name__} has no {missing} that can be read")
