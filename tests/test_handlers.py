"""What a handler may be: every kind of callable is taken rightly, or refused in one sentence."""

import functools
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, MagicMock, create_autospec

import httpx
import pytest
from typing_extensions import TypeAliasType

from callbackkit import SetupError
from callbackkit.handlers import arms, type_name
from callbackkit.v1 import App, MmsEvent, SmsEvent

SMS = {"eventType": "sms", "messageId": "m-1", "from": "+19195551212", "to": "+19195550100"}
InProcess = Callable[..., httpx.AsyncClient]

pytestmark = pytest.mark.anyio


async def plain(event: SmsEvent) -> None:
    taken.append(event.from_)


taken: list[str] = []


@pytest.fixture(autouse=True)
def nothing_taken() -> None:
    taken.clear()


class Bot:
    async def bound(self, event: SmsEvent) -> None:
        taken.append(event.from_)

    @staticmethod
    async def static(event: SmsEvent) -> None:
        taken.append(event.from_)

    @classmethod
    async def of_class(cls, event: SmsEvent) -> None:
        taken.append(event.from_)

    async def tagged(self, tag: str, event: SmsEvent) -> None:
        taken.append(event.from_)

    partial = functools.partialmethod(tagged, "x")

    async def __call__(self, event: SmsEvent) -> None:
        taken.append(event.from_)


class Proxy:
    """A transparent wrapper with attributes of its own, as libraries of decorators make them."""

    def __init__(self, wrapped: Any) -> None:
        self.__wrapped__ = wrapped

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)


@functools.wraps(plain)
async def wrapped(*args: Any, **kwargs: Any) -> None:
    await plain(*args, **kwargs)


@functools.wraps(plain)
def wrapped_by_a_plain_function(*args: Any, **kwargs: Any) -> Any:
    return plain(*args, **kwargs)


def in_a_thread(event: SmsEvent) -> None:
    taken.append(event.from_)


@pytest.mark.parametrize(
    "handler",
    [
        plain,
        wrapped,
        wrapped_by_a_plain_function,
        in_a_thread,
        Bot().bound,
        Bot.static,
        Bot.of_class,
        Bot().partial,
        Bot(),
        functools.partial(Bot().tagged, "x"),
        functools.partial(functools.partial(Bot().tagged, "x")),
        Proxy(plain),
        Proxy(Proxy(Bot().bound)),
        create_autospec(plain, side_effect=plain),
    ],
)
async def test_every_kind_of_callable_is_called(handler: Any, in_process: InProcess) -> None:
    app = App()
    app.on(SmsEvent)(handler)
    async with in_process(app) as client:
        assert (await client.post("/", json=SMS)).status_code == 200
    assert taken == ["+19195551212"]


class Everything:
    """It has every attribute, and another one below each, and so on."""

    def __getattr__(self, name: str) -> Any:
        return Everything()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return None


class WithoutSignature:
    def __call__(self, event: Any) -> None: ...

    @property
    def __signature__(self) -> Any:
        raise ValueError("no signature found")


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (AsyncMock(), r"\*args hides the event; name the first parameter"),
        (MagicMock(), r"\*args hides the event; name the first parameter"),
        (Everything(), r"\*args hides the event|can't be read; wrap it in a def"),
        (WithoutSignature(), r"the parameters of \S+ can't be read; wrap it in a def"),
        (Bot.__dict__["partial"], "is not callable; give it a function"),
        (Bot.bound, r"is a method that has no object yet"),
    ],
)
def test_everything_else_is_refused_in_a_sentence(handler: Any, words: str) -> None:
    app = App()
    with pytest.raises(SetupError, match=words) as refused:
        app.on(SmsEvent)(handler)
    assert "\n" not in str(refused.value)


# What `type Message = SmsEvent | MmsEvent` makes; the statement needs Python 3.12.
Message = TypeAliasType("Message", SmsEvent | MmsEvent)
Texts = TypeAliasType("Texts", list[str])
Either = TypeAliasType("Either", Message | None)


async def test_a_type_alias_is_read_through(in_process: InProcess) -> None:
    app = App()
    app.provide(Texts, lambda: taken)

    @app.on(Message)  # type: ignore[arg-type]
    async def keep(event: Message, texts: Texts) -> None:
        texts.append(event.text or "")

    async with in_process(app) as client:
        await client.post("/", json={**SMS, "text": "Hello"})
    assert taken == ["Hello"]


def test_a_type_alias_of_other_events_is_refused() -> None:
    app = App()
    with pytest.raises(SetupError, match=r"is annotated SmsEvent \| MmsEvent, but it is regist"):

        @app.on("hangup")
        async def keep(event: Message) -> None: ...


def test_unions_are_named_alike_everywhere() -> None:
    assert arms(Either) == (SmsEvent, MmsEvent, type(None))
    assert type_name(SmsEvent | None) == "SmsEvent | None"
    assert type_name(Either) == "Either"
    assert type_name(str | int) == "str | int"
    assert type_name(list[str]) == "list[str]"
