"""The test kit for plain tests: its methods wait by themselves, as the event loop has a thread of
its own."""

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
from callbackkit.carrier.platform import Platform
from callbackkit.errors import SetupError
from callbackkit.testing.calls import Call, CallbackList, CallLeg
from callbackkit.testing.phone import Phone
from callbackkit.testing.texts import Inbox, Text

K_co = TypeVar("K_co", covariant=True)
L_co = TypeVar("L_co", bound=CallLeg, covariant=True)
P = ParamSpec("P")
R = TypeVar("R")


class _Blocking(Generic[K_co]):
    """Something of the kit, and the way to its event loop."""

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
    """A method of the kit that returns when it is done."""

    @wraps(method)
    def call(self: _Blocking[Any], /, *args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        return self._portal.call(partial(method, self._kit, *args, **kwargs))

    return call


class _OnCall(_Blocking[L_co]):
    """What a leg and a call share."""

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

    @property
    def id(self) -> str:
        return self._kit.id

    @property
    def number(self) -> str:
        return self._kit.number

    @property
    def heard(self) -> list[Heard]:
        return self._kit.heard

    @property
    def keys_received(self) -> str:
        return self._kit.keys_received

    @property
    def ringing(self) -> bool:
        return self._kit.ringing

    @property
    def answered(self) -> bool:
        return self._kit.answered

    @property
    def ended(self) -> Ending | None:
        return self._kit.ended

    @property
    def duration(self) -> float:
        return self._kit.duration

    @property
    def transcript(self) -> str:
        return self._kit.transcript

    @property
    def journal(self) -> list[Entry]:
        return self._kit.journal

    @property
    def listening(self) -> list[Listening]:
        return self._kit.listening

    def why_over(self) -> str:
        return self._kit.why_over()


class SyncCallLeg(_OnCall[CallLeg]):
    """One phone on a call: see `CallLeg`."""


class SyncCall(_OnCall[Call]):
    """A call with the app: see `Call`."""

    @property
    def callbacks(self) -> CallbackList:
        return self._kit.callbacks

    @property
    def bxml(self) -> list[bytes]:
        return self._kit.bxml

    @property
    def recordings(self) -> list[Any]:
        return self._kit.recordings

    @property
    def rest(self) -> list[Entry]:
        return self._kit.rest

    def rings(self, number: str | None = None) -> SyncCallLeg:
        __tracebackhide__ = True
        return SyncCallLeg(self._portal.call(self._kit.rings, number), self._portal)


class SyncInbox(_Blocking[Inbox]):
    """The app's messages to phones outside: see `Inbox`."""

    next = _blocking(Inbox.next)

    def __len__(self) -> int:
        return len(self._kit)

    def __getitem__(self, number: int) -> Text:
        return self._kit[number]


class SyncPhone(_Blocking[Phone]):
    """A phone, and all others outside, for tests that are no coroutines: `with SyncPhone(app) as
    phone`. The arguments are those of `Phone`."""

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

    def call(self, to: str | None = None, *, from_: str | None = None, **details: Any) -> SyncCall:
        __tracebackhide__ = True
        made = self._portal.call(partial(self._kit.call, to, from_=from_, **details))
        return SyncCall(made, self._portal)

    def rings(self, number: str | None = None) -> SyncCall:
        __tracebackhide__ = True
        return SyncCall(self._portal.call(self._kit.rings, number), self._portal)

    def answers(
        self, number: str | None = None, *, after: float = 0.0, stays: float | None = None
    ) -> None:
        self._kit.answers(number, after=after, stays=stays)

    def is_busy(self, number: str) -> None:
        self._kit.is_busy(number)

    def declines(self, number: str) -> None:
        self._kit.declines(number)

    def allow(self, *rules: str) -> None:
        self._kit.allow(*rules)

    def check(self) -> None:
        __tracebackhide__ = True
        self._kit.check()

    @property
    def inbox(self) -> SyncInbox:
        return SyncInbox(self._kit.inbox, self._portal)

    @property
    def calls(self) -> list[SyncCall]:
        return [SyncCall(call, self._portal) for call in self._kit.calls]

    @property
    def legs(self) -> list[SyncCallLeg]:
        return [SyncCallLeg(leg, self._portal) for leg in self._kit.legs]

    @property
    def number(self) -> str:
        return self._kit.number

    @property
    def carrier(self) -> Platform:
        return self._kit.carrier

    @property
    def faults(self) -> Faults:
        return self._kit.faults

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self._kit.diagnostics

    @property
    def rest_url(self) -> str | None:
        return self._kit.rest_url

    @property
    def strict(self) -> bool:
        return self._kit.strict

    @strict.setter
    def strict(self, strict: bool) -> None:
        self._kit.strict = strict

    @property
    def transcript(self) -> str:
        return self._kit.transcript

    @property
    def app(self) -> App:
        return self._kit.app

    @property
    def now(self) -> float:
        return self._kit.now

    @property
    def time(self) -> datetime:
        return self._kit.time
