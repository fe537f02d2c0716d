"""Arguments by type: built in, or provided by the user, for the app or a callback."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import (
    AsyncContextDecorator,
    AsyncExitStack,
    ContextDecorator,
    contextmanager,
    suppress,
)
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from callbackkit.background import After
from callbackkit.callback import Callback
from callbackkit.dialect import Dialect
from callbackkit.errors import SetupError
from callbackkit.handlers import (
    MISSING,
    Dependency,
    Handler,
    asynchronous,
    dependencies,
    managed,
    type_name,
)
from callbackkit.spelling import did_you_mean

Scope = Literal["app", "callback"]
T = TypeVar("T")


@dataclass(eq=False)
class Provider:
    """A provided type: how it is made, how long it lives, and the app-scoped instance."""

    key: Any
    factory: Any
    scope: Scope
    names: Mapping[str, Any] = field(repr=False)
    line: str
    built_in: bool = False
    is_value: bool = field(init=False, default=False)
    sources: "list[Source]" = field(init=False, default_factory=list, repr=False)
    opened: bool = field(init=False, default=False)
    value: Any = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        if self.scope not in ("app", "callback"):
            raise SetupError(f'{self.place}: scope is "app" or "callback", not {self.scope!r}')
        if isinstance(self.factory, ContextDecorator | AsyncContextDecorator):
            raise SetupError(
                f"{self.place}: what a context manager function returned can be entered only once;"
                " give it the function itself, without calling it"
            )
        # A Protocol that is not checkable at run time has no instances to tell.
        with suppress(TypeError):
            self.is_value = isinstance(self.factory, self.key)
        self.is_value = self.is_value or not callable(self.factory)
        if not self.is_value:
            self.factory = managed(self.factory)

    @property
    def place(self) -> str:
        return f"{self.line} provide({type_name(self.key)})"

    def dependencies(self) -> list[Dependency]:
        return [] if self.is_value else dependencies(self.factory, self.names, self.place)

    async def make(self, lifetime: "Lifetime") -> Any:
        """Return a fresh instance, closed together with `lifetime`."""
        if self.is_value:
            return self.factory
        args, kwargs = [], {}
        for source in self.sources:
            value = await source.open(lifetime)
            if source.keyword is None:
                args.append(value)
            else:
                kwargs[source.keyword] = value
        made = self.factory(*args, **kwargs)
        if hasattr(made, "__await__") and not hasattr(made, "__aenter__"):
            made = await made
        if hasattr(made, "acquire") and hasattr(made, "release"):
            return made  # a lock is for handlers to enter
        if hasattr(made, "__aenter__"):
            return await lifetime.stack.enter_async_context(made)
        if hasattr(made, "__enter__"):
            return lifetime.stack.enter_context(made)
        return made


@dataclass
class Lifetime:
    """Instances made for one lifetime, closed in reverse with its stack."""

    stack: AsyncExitStack
    callback: Callback | None = None
    made: dict[Provider, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """The source of a parameter's value: a provider, or a function of the callback."""

    key: Any
    provider: Provider | None
    get: Callable[[Callback], Any]
    keyword: str | None

    @property
    def lives(self) -> Scope:
        return "callback" if self.provider is None else self.provider.scope

    async def open(self, lifetime: Lifetime) -> Any:
        provider = self.provider
        if provider is None:
            if lifetime.callback is None:
                raise SetupError(f"{type_name(self.key)} belongs to a callback, and here is none")
            return self.get(lifetime.callback)
        if provider.scope == "app":
            return provider.value
        if provider not in lifetime.made:
            lifetime.made[provider] = await provider.make(lifetime)
        return lifetime.made[provider]


class Providers:
    """All that one app can inject, by type."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._table: dict[Any, Provider] = {}

    def add(
        self, key: Any, factory: Any, scope: Scope, names: Mapping[str, Any], line: str
    ) -> None:
        known = self._table.get(key)
        if (known is not None and not known.built_in) or key in (Callback, After):
            raise SetupError(
                f"{line} provide({type_name(key)}): already provided; override() replaces it in"
                " tests"
            )
        self._table[key] = Provider(key, factory, scope, names, line)

    @contextmanager
    def override(
        self, key: Any, factory: Any, names: Mapping[str, Any], line: str
    ) -> Iterator[None]:
        before = self._table.get(key)
        scope: Scope = before.scope if before is not None else "app"
        self._table[key] = Provider(key, factory, scope, names, line)
        try:
            yield
        finally:
            if before is None:
                del self._table[key]
            else:
                self._table[key] = before

    def prepare(self) -> None:
        """Resolve the dependencies of providers. Raises SetupError."""
        for provider in list(self._table.values()):
            try:
                found = provider.dependencies()
            except NameError as error:
                raise SetupError(_unresolved(provider.place, error)) from None
            provider.sources = [
                source for one in found if (source := self._source(one, provider.place)) is not None
            ]
            for source in provider.sources:
                if provider.scope == "app" and source.lives == "callback":
                    raise SetupError(
                        f"{provider.place}: lives as long as the app, so it can't need"
                        f" {type_name(source.key)},"
                        ' which lives for one callback; give it scope="callback"'
                    )
        done: set[Provider] = set()
        for provider in self._table.values():
            _refuse_cycles(provider, (), done)

    async def open(self, stack: AsyncExitStack) -> None:
        """Make the app-scoped instances that are not made yet, their dependencies first."""
        lifetime = Lifetime(stack)

        async def open_one(provider: Provider) -> None:
            for source in provider.sources:
                if source.provider is not None:
                    await open_one(source.provider)
            if provider.scope == "app" and not provider.opened:
                provider.value = await provider.make(lifetime)
                provider.opened = True
                stack.callback(_forget, provider)

        for provider in list(self._table.values()):
            await open_one(provider)

    def is_open(self, key: Any) -> bool:
        """Return whether `get` can give it as it is. Raises SetupError if nobody provides it."""
        provider = self._find(key)
        if provider is None:
            wanted = type_name(key)
            raise SetupError(
                f"provided({wanted}): nobody provides it; app.provide({wanted}, ...) adds it"
            )
        return provider.opened or provider.scope == "callback"

    async def get(self, key: Any, stack: AsyncExitStack) -> Any:
        """Return the instance of an open app; what lives for one callback closes with `stack`."""
        provider = self._find(key)
        assert provider is not None
        return await Source(key, provider, _held(provider), None).open(Lifetime(stack))

    def forget(self) -> None:
        """Drop instances that belong to an event loop that is gone."""
        for provider in self._table.values():
            _forget(provider)

    def bind(self, handler: Handler) -> None:
        """Compile a handler's call. Raises SetupError for a type that nobody provides."""
        try:
            found = handler.dependencies()
        except NameError as error:
            raise SetupError(_unresolved(handler.place, error)) from None
        sources = [
            source for one in found if (source := self._source(one, handler.place)) is not None
        ]
        handler.invoke = _compiled(handler.fn, sources)

    def _source(self, dependency: Dependency, place: str) -> Source | None:
        keyword = dependency.name if dependency.keyword_only else None
        for key in dependency.types():
            if (provider := self._find(key)) is not None:
                return Source(key, provider, _held(provider), keyword)
            if (get := _builtin(key)) is not None:
                return Source(key, None, get, keyword)
        if dependency.default is not MISSING:
            return None
        known = [type_name(key) for key in (Callback, After, *self._table)] + ["Request"]
        others = f"known are {', '.join(sorted(known))};"
        wanted = type_name(dependency.annotation)
        hint = did_you_mean(wanted, known, others)
        raise SetupError(
            f"{place}: nobody provides {wanted} for its parameter {dependency.name}; {hint}"
            f" app.provide({wanted}, ...) adds it"
        )

    def _find(self, key: Any) -> Provider | None:
        try:
            found = self._table.get(key)
        except TypeError:  # an annotation that can't be hashed is nobody's key
            return None
        if found is None and self._is_client(key):
            # The parameters of the client itself are not chosen by type.
            made = lambda: key()  # noqa: E731, PLW0108
            found = Provider(key, made, "app", {}, self._dialect.module, built_in=True)
            self._table[key] = found
        return found

    def _is_client(self, key: Any) -> bool:
        """Return whether a type is the dialect's client.

        An app that annotates with it has imported it, so that looking only at classes from within
        the dialect's module imports nothing needlessly.
        """
        load = self._dialect.client
        inside = str(getattr(key, "__module__", "")).startswith(f"{self._dialect.module}.")
        return load is not None and inside and key is load()


def _compiled(fn: Callable[..., Any], sources: list[Source]) -> Callable[..., Any]:
    call = asynchronous(fn)
    if any(source.lives == "callback" and source.provider is not None for source in sources):

        async def invoke_within(first: Any, callback: Callback) -> Any:
            # Closed before the reply is sent: a transaction that fails to commit fails the reply.
            async with AsyncExitStack() as stack:
                lifetime = Lifetime(stack, callback)
                args, kwargs = [], {}
                try:
                    for source in sources:
                        value = await source.open(lifetime)
                        if source.keyword is None:
                            args.append(value)
                        else:
                            kwargs[source.keyword] = value
                    return await call(first, *args, **kwargs)
                except BaseException as error:
                    failure = error
                    raise
            # A provider that rolls back may swallow the failure; the callback failed all the same.
            raise failure

        return invoke_within
    if not sources:
        return lambda first, callback: call(first)
    if len(sources) == 1 and sources[0].keyword is None:
        get = sources[0].get
        return lambda first, callback: call(first, get(callback))
    gets = [source.get for source in sources if source.keyword is None]
    named = [(source.keyword, source.get) for source in sources if source.keyword is not None]
    if not named:
        return lambda first, callback: call(first, *[get(callback) for get in gets])
    return lambda first, callback: call(
        first,
        *[get(callback) for get in gets],
        **{keyword: get(callback) for keyword, get in named},
    )


def _builtin(key: Any) -> Callable[[Callback], Any] | None:
    if key is Callback:
        return lambda callback: callback
    if key is After:
        return _after
    # Starlette is not imported for this: an app that annotates with its Request has done so.
    if getattr(key, "__qualname__", "") == "Request" and key.__module__ == "starlette.requests":
        return lambda callback: callback.request
    return None


def _held(provider: Provider) -> Callable[[Callback], Any]:
    return lambda callback: provider.value


def _after(callback: Callback) -> After:
    if callback.after is None:
        callback.after = After()
    return callback.after


def _forget(provider: Provider) -> None:
    provider.opened = False
    provider.value = None


def _refuse_cycles(provider: Provider, path: tuple[Provider, ...], done: set[Provider]) -> None:
    if provider in path:
        names = " needs ".join(type_name(p.key) for p in (*path[path.index(provider) :], provider))
        raise SetupError(f"{provider.place}: {names}, which never ends; break the circle")
    if provider in done:
        return
    for source in provider.sources:
        if source.provider is not None:
            _refuse_cycles(source.provider, (*path, provider), done)
    done.add(provider)


def _unresolved(place: str, error: NameError) -> str:
    return (
        f"{place}: an annotation names {error.name or error}, which is unknown at run time; import"
        " it outside TYPE_CHECKING"
    )
