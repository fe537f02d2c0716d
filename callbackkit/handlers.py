"""From a user's function to a compiled call: the only file that looks into signatures.

Everything is looked up once, when a function is registered and when the app is prepared; serving
a callback looks at nothing.
"""

import functools
import inspect
import os
import sys
import typing
from collections.abc import Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from types import CodeType, SimpleNamespace, UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from typing_extensions import TypeAliasType

from callbackkit.errors import SetupError

if sys.version_info >= (3, 14):
    from annotationlib import Format

    def _signature(fn: Callable[..., Any]) -> inspect.Signature:
        # Annotations are evaluated late there; the return annotation never has to be.
        return inspect.signature(fn, annotation_format=Format.FORWARDREF)

else:
    _signature = inspect.signature


MISSING: Any = inspect.Parameter.empty

# `type X = ...` of Python 3.12 makes the one of typing, which typing_extensions may not share.
_TYPE_ALIASES = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))


def where(fn: Any) -> str:
    """Return `file:line` of a function, the file relative to the working directory if below it."""
    plain = _plain(fn)
    code = getattr(plain, "__code__", None)
    if not isinstance(code, CodeType):  # written in C, or a mock
        module = getattr(plain, "__module__", None)
        return module if isinstance(module, str) else type(fn).__module__
    return _at(code.co_filename, code.co_firstlineno)


class Caller(NamedTuple):
    """A place that calls a function: `line` is its `file:line`, `names` are its local names.

    The names of a module are global anyway and left out.
    """

    line: str
    names: Mapping[str, Any]


def caller(depth: int = 1) -> Caller:
    """Return the place that calls the function that calls this one, or one `depth` calls above."""
    frame = sys._getframe(depth + 1)
    names = {} if frame.f_locals is frame.f_globals else dict(frame.f_locals)
    return Caller(_at(frame.f_code.co_filename, frame.f_lineno), names)


def _at(file: str, line: int) -> str:
    return f"{file.removeprefix(os.getcwd() + os.sep)}:{line}"


def name_of(fn: Any) -> str:
    """Return what a function is called in messages."""
    plain = _plain(fn)
    qualname = getattr(plain, "__qualname__", None)
    if not isinstance(qualname, str):
        qualname = type(fn).__qualname__
    return qualname.rpartition("<locals>.")[2]


def place_of(fn: Any) -> str:
    """Return a function with its place, as errors begin: `main.py:12 menu`."""
    return f"{where(fn)} {name_of(fn)}"


def _plain(fn: Any) -> Any:
    """Return the function below partials, wrappers, methods and callable objects.

    By type and in the object's own attributes: some objects, as mocks, have every attribute.
    """
    while isinstance(fn, functools.partial):
        fn = fn.func
    seen = {id(fn)}
    while callable(below := inspect.getattr_static(fn, "__wrapped__", None)):
        below = getattr(fn, "__wrapped__", below)
        if id(below) in seen:
            break
        seen.add(id(below))
        fn = below
    if not (inspect.isroutine(fn) or inspect.isclass(fn)) and callable(fn):
        fn = type(fn).__call__
    return getattr(fn, "__func__", fn)


def is_async(fn: Any) -> bool:
    """Return whether calling it gives a coroutine."""
    return inspect.iscoroutinefunction(fn) or (
        callable(fn) and inspect.iscoroutinefunction(type(fn).__call__)
    )


def asynchronous(fn: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return the function itself if it is async, else one that runs it in a worker thread."""
    if is_async(fn):
        return fn

    async def threaded(*args: Any, **kwargs: Any) -> Any:
        from anyio.to_thread import run_sync

        # A thread can't be stopped: past the deadline it runs on, and its result is dropped.
        result = await run_sync(lambda: fn(*args, **kwargs), abandon_on_cancel=True)
        return await result if inspect.isawaitable(result) else result

    return threaded


def managed(factory: Callable[..., Any]) -> Callable[..., Any]:
    """Return a factory, or the context manager that one written as a generator stands for."""
    if inspect.isasyncgenfunction(factory):
        return asynccontextmanager(factory)
    if inspect.isgeneratorfunction(factory):
        return contextmanager(factory)
    return factory


@dataclass(frozen=True)
class Dependency:
    """A parameter whose argument is chosen by its annotation."""

    name: str
    annotation: Any
    default: Any
    keyword_only: bool

    def types(self) -> tuple[Any, ...]:
        """Return the annotation, then its T if it is `Annotated[T, ...]` or `T | None`."""
        found = [self.annotation]
        if (plain := _read_through(self.annotation)) is not self.annotation:
            found.append(plain)
        if get_origin(plain) is Annotated:
            found.append(get_args(plain)[0])
        for arm in arms(found[-1]):
            if arm is not type(None) and arm not in found:
                found.append(arm)
        return tuple(found)


def _read_through(annotation: Any) -> Any:
    """Return the type that a type alias stands for."""
    while isinstance(annotation, _TYPE_ALIASES):
        annotation = annotation.__value__
    return annotation


def arms(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, those of unions and type aliases within it too, or the
    annotation itself."""
    annotation = _read_through(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return tuple(arm for member in get_args(annotation) for arm in arms(member))
    return (annotation,)


def type_name(annotation: Any) -> str:
    """Return a type as messages name it, the same on every Python: `SmsEvent | None`."""
    if isinstance(annotation, _TYPE_ALIASES):
        return str(annotation.__name__)
    if get_origin(annotation) in (Union, UnionType):
        return " | ".join(map(type_name, get_args(annotation)))
    if annotation is type(None):
        return "None"
    if get_args(annotation):
        return str(annotation).replace("typing.", "")
    return getattr(annotation, "__name__", None) or str(annotation).replace("typing.", "")


def _resolved(annotation: Any, fn: Any, names: Mapping[str, Any]) -> Any:
    """Return an annotation as an object. Raises NameError while it names something unknown."""
    # Also names within it, as `Optional["Database"]` has them, or a type checker's imports in 3.14.
    holder = SimpleNamespace(__annotations__={"it": annotation})
    try:
        return get_type_hints(holder, _global_names(_plain(fn)), names, include_extras=True)["it"]
    except NameError:
        raise
    except Exception as error:
        raise NameError(str(annotation)) from error


def _global_names(fn: Any) -> dict[str, Any]:
    """Return the global names of the module that defines a function or a class."""
    if inspect.isclass(fn):
        return vars(sys.modules[fn.__module__])
    found: dict[str, Any] = getattr(fn, "__globals__", {})
    return found


def dependencies(
    fn: Any, names: Mapping[str, Any], place: str, *, skip: int = 0
) -> list[Dependency]:
    """Return the parameters after the first `skip` that have to be provided.

    `names` are the local names where the function was registered, at `place`. Raises SetupError for
    what can never be provided, and NameError for an annotation that names nothing yet.
    """
    found = []
    positional_only = inspect.Parameter.POSITIONAL_ONLY
    for parameter in _parameters(fn, place)[skip:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise SetupError(
                f"{place}: {str(parameter).partition(':')[0]} can't be filled by type; name each"
                " parameter and annotate it"
            )
        if parameter.kind is positional_only and parameter.default is not MISSING:
            raise SetupError(
                f"{place}: parameter {parameter.name} has a default that could not be left out,"
                " because it is positional-only; remove the slash"
            )
        if parameter.annotation is MISSING:
            if parameter.default is MISSING:
                raise SetupError(
                    f"{place}: parameter {parameter.name} has no annotation, and parameters are"
                    " chosen by type; annotate it"
                )
            continue  # its default stays
        found.append(
            Dependency(
                parameter.name,
                _resolved(parameter.annotation, fn, names),
                parameter.default,
                # Where a default before it was skipped, only a keyword reaches the parameter.
                parameter.kind is parameter.KEYWORD_ONLY or parameter.default is not MISSING,
            )
        )
    return found


def _parameters(fn: Any, place: str) -> list[inspect.Parameter]:
    try:
        return list(_signature(fn).parameters.values())
    except (ValueError, TypeError):  # written in C, some of it without a signature; some mocks
        raise SetupError(
            f"{place}: the parameters of {name_of(fn)} can't be read; wrap it in a def"
        ) from None


def check_callable(fn: Any, what: str, line: str) -> None:
    """Raise SetupError for what can't be called, and for generators, which give no reply."""
    if not callable(fn):
        raise SetupError(f"{line} {what}: {fn!r} is not callable; give it a function")
    plain = _plain(fn)
    if inspect.isasyncgenfunction(plain) or inspect.isgeneratorfunction(plain):
        raise SetupError(
            f"{place_of(fn)}: yields, so nobody would run it; return the reply instead"
        )


def makes(fn: Any) -> bool:
    """Return whether something is a function that can be called without arguments."""
    if not inspect.isfunction(fn) or is_async(fn):
        return False
    try:
        inspect.signature(fn).bind()
    except TypeError:
        return False
    return True


def check_takes(fn: Any, arguments: str) -> None:
    """Raise SetupError for what can't be called with `arguments`, named with commas between."""
    with suppress(ValueError):  # written in C, some of it without a signature
        try:
            inspect.signature(fn).bind(*arguments.split(", "))
        except TypeError:
            raise SetupError(
                f"{place_of(fn)}: is called with ({arguments}) and nothing else"
            ) from None


@dataclass(eq=False)
class Handler:
    """A user's function that takes an event (or an error) and things chosen by type.

    `names` are the local names of the place that registered it, dropped once all annotations are
    resolved. `invoke` is set when the app is prepared.
    """

    fn: Callable[..., Any]
    first: tuple[type, ...]
    what: str
    names: Mapping[str, Any] = field(repr=False)
    name: str = field(init=False)
    where: str = field(init=False)
    invoke: Callable[..., Coroutine[Any, Any, Any]] = field(init=False, repr=False)
    _dependencies: list[Dependency] | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        self.name = name_of(self.fn)
        self.where = where(self.fn)
        with suppress(NameError):  # known when the app is prepared, or an error then
            self.dependencies()

    @property
    def place(self) -> str:
        """The start of errors about this handler: `main.py:12 menu`."""
        return f"{self.where} {self.name}"

    def dependencies(self) -> list[Dependency]:
        """Return the parameters beside the first. Raises NameError, SetupError."""
        if self._dependencies is None:
            self._check_first()
            self._dependencies = dependencies(self.fn, self.names, self.place, skip=1)
            self.names = {}
        return self._dependencies

    def _check_first(self) -> None:
        parameters = _parameters(self.fn, self.place)
        if not parameters or parameters[0].kind in (
            inspect.Parameter.KEYWORD_ONLY,
            inspect.Parameter.VAR_KEYWORD,
        ):
            raise SetupError(f"{self.place}: takes no {self.what}; make it the first parameter")
        if parameters[0].kind is inspect.Parameter.VAR_POSITIONAL:
            raise SetupError(
                f"{self.place}: *{parameters[0].name} hides the {self.what}; name the first"
                " parameter"
            )
        if parameters[0].annotation is MISSING:
            if parameters[0].name == "self" and "." in self.name:
                method = self.name.rpartition(".")[2]
                raise SetupError(
                    f"{self.place}: is a method that has no object yet; register that of an"
                    f" instance, app.on(...)(instance.{method})"
                )
            return
        annotation = _read_through(_resolved(parameters[0].annotation, self.fn, self.names))
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        takes = [_bound(arm) for arm in arms(annotation)]
        for given in self.first:
            if not any(t is Any or _is_kind(given, t) for t in takes):
                shown = " | ".join(map(type_name, takes))
                raise SetupError(
                    f"{self.place}: its first parameter {parameters[0].name} is annotated {shown},"
                    f" but it is registered for {given.__name__}; make the two agree"
                )


def _is_kind(given: type, annotation: Any) -> bool:
    """Return whether a type fits an annotation; for a Protocol only a type checker knows."""
    if getattr(annotation, "_is_protocol", False):
        return True
    return isinstance(annotation, type) and issubclass(given, annotation)


def _bound(annotation: Any) -> Any:
    return annotation.__bound__ or Any if isinstance(annotation, TypeVar) else annotation
