"""The test kit for plain tests: methods that block, as the event loop runs in another thread."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from callbackkit.app import App
from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.faults import Faults
from callbackkit.carrier.journal import Entry
from callbackkit.carrier.leg import Ending, Heard, Listening
from callbackkit.carrier.messaging import Message
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.sound import Recording
from callbackkit.errors import SetupError
from callbackkit.testing.calls import Call, CallbackList, CallLeg
from callbackkit.testing.inbox import Inbox
from callbackkit.testing.phone import Phone

K_co = TypeVar("K_co", covariant=True)
L_co = TypeVar("L_co", bound=CallLeg, covariant=True)
P = ParamSpec("P")
R = TypeVar("R")


class _Blocking(Generic[K_co]):
    """An object of the kit, and the way to its event loop."""

    def __init__(self, kit: K_co, portal: BlockingPortal) -> None:
        self._kit = kit
        self._portal = portal

    def __repr__(self) -> str:
        return repr(self._kit)

    def __str__(self) -> str:
        return str(self._kit)


def _blocking(
    method: Callable[Concatenate[Any, P], Awaitable[R]],
) -> Callable[Concatenate[_Blocking[Any], P], R]:
    """Forward to a method of the kit, and return when it is done."""

    @wraps(method)
    def call(self: _Blocking[Any], /, *args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        return self._portal.call(partial(method, self._kit, *args, **kwargs))

    return call


class _Value(Generic[R]):
    """Forwards to the attribute of the kit that has the same name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, kit: _Blocking[Any], owner: type) -> R:
        found: R = getattr(kit._kit, self._name)
        return found

    def __set__(self, kit: _Blocking[Any], value: R) -> None:
        setattr(kit._kit, self._name, value)


def _plain(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """Forward to a method of the kit that needs no event loop."""

    @wraps(method)
    def call(self: _Blocking[Any], /, *args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        return method(self._kit, *args, **kwargs)

    return call


class _OnCall(_Blocking[L_co]):
    """The part that legs and calls share."""

    hears = _blocking(CallLeg.hears)
    press = _blocking(CallLeg.press)
    speaks = _blocking(CallLeg.speaks)
    stays_silent = _blocking(CallLeg.stays_silent)
    wait = _blocking(CallLeg.wait)
    hang_up = _blocking(CallLeg.hang_up)
    ends = _blocking(CallLeg.ends)
    answer = _blocking(CallLeg.answer)
    busy = _blocking(CallLeg.busy)
    decline = _blocking(CallLeg.decline)
    ignore = _blocking(CallLeg.ignore)
    until = _blocking(CallLeg.until)
    why_over = _plain(CallLeg.why_over)

    id = _Value[str]()
    number = _Value[str]()
    heard = _Value[list[Heard]]()
    keys_received = _Value[str]()
    ringing = _Value[bool]()
    answered = _Value[bool]()
    ended = _Value[Ending | None]()
    duration = _Value[float]()
    transcript = _Value[str]()
    journal = _Value[list[Entry]]()
    listening = _Value[list[Listening]]()


class SyncCallLeg(_OnCall[CallLeg]):
    """One phone on a call: see `CallLeg`."""


class SyncCall(_OnCall[Call]):
    """A call with the app: see `Call`."""

    callbacks = _Value[CallbackList]()
    bxml = _Value[list[bytes]]()
    recordings = _Value[list[Recording]]()
    rest = _Value[list[Entry]]()

    def rings(self, number: str | None = None) -> SyncCallLeg:
        __tracebackhide__ = True
        return SyncCallLeg(self._portal.call(self._kit.rings, number), self._portal)


class SyncInbox(_Blocking[Inbox]):
    """The app's messages to phones outside: see `Inbox`."""

    next = _blocking(Inbox.next)

    def __len__(self) -> int:
        return len(self._kit)

    def __getitem__(self, number: int) -> Message:
        return self._kit[number]


class SyncPhone(_Blocking[Phone]):
    """A phone, and all others outside, for tests that are not coroutines.

    Use it as `with SyncPhone(app) as phone`. The arguments are those of `Phone`.
    """

    def __init__(self, app: Any, **options: Any) -> None:
        self._kit = Phone(app, **options)
        self._stack: ExitStack | None = None

    def __enter__(self) -> Self:
        if self._stack is None:
            with ExitStack() as stack:
                self._portal = stack.enter_context(start_blocking_portal("asyncio"))
                stack.enter_context(self._portal.wrap_async_context_manager(self._kit))
                self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        stack, self._stack = self._stack, None
        if stack is not None:
            stack.__exit__(kind, error, traceback)

    if not TYPE_CHECKING:  # which would take any name for one of its attributes

        def __getattr__(self, name):
            if name == "_portal":
                raise SetupError("the phone is not in use: write `with SyncPhone(app) as phone:`")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    text = _blocking(Phone.text)
    wait = _blocking(Phone.wait)
    settle = _blocking(Phone.settle)
    quiet = _blocking(Phone.quiet)
    until = _blocking(Phone.until)
    explore = _blocking(Phone.explore)
    answers = _plain(Phone.answers)
    is_busy = _plain(Phone.is_busy)
    declines = _plain(Phone.declines)
    allow = _plain(Phone.allow)
    check = _plain(Phone.check)

    number = _Value[str]()
    strict = _Value[bool]()
    carrier = _Value[Platform]()
    rest_url = _Value[str | None]()
    app = _Value[App]()
    faults = _Value[Faults]()
    diagnostics = _Value[list[Diagnostic]]()
    transcript = _Value[str]()
    now = _Value[float]()
    time = _Value[datetime]()

    def call(self, to: str | None = None, *, from_: str | None = None, **details: Any) -> SyncCall:
        __tracebackhide__ = True
        made = self._portal.call(partial(self._kit.call, to, from_=from_, **details))
        return SyncCall(made, self._portal)

    def rings(self, number: str | None = None) -> SyncCall:
        __tracebackhide__ = True
        return SyncCall(self._portal.call(self._kit.rings, number), self._portal)

    @property
    def inbox(self) -> SyncInbox:
        return SyncInbox(self._kit.inbox, self._portal)

    @property
    def calls(self) -> list[SyncCall]:
        return [SyncCall(call, self._portal) for call in self._kit.calls]

    @property
    def legs(self) -> list[SyncCallLeg]:
        return [SyncCallLeg(leg, self._portal) for leg in self._kit.legs]
