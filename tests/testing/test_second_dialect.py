"""The kit with a dialect of toy size: arrays of events with a signature, other verbs and words."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

import pytest

from callbackkit import app as core
from callbackkit.bxml import CallbackUrl, Content, Document, Verb, element
from callbackkit.carrier.call import Call, Causes
from callbackkit.carrier.delivering import send_event
from callbackkit.carrier.delivery import Delivery, Destination
from callbackkit.carrier.gathering import Collected, Collecting
from callbackkit.carrier.ledger import Ledger
from callbackkit.carrier.messaging import Message
from callbackkit.carrier.platform import EPOCH, Platform
from callbackkit.carrier.playing import Sound, hear, sentence
from callbackkit.carrier.script import Language, Reply, Script
from callbackkit.carrier.sending import body_of
from callbackkit.dialect import CarrierOption, Dialect
from callbackkit.errors import SetupError
from callbackkit.events import Event, collect
from callbackkit.http import HttpRequest, HttpResponse
from callbackkit.reading import Reader, read_json
from callbackkit.security import Verifier
from callbackkit.testing import Phone, PhoneFailure

pytestmark = pytest.mark.anyio

SECRET = b"s3cret"
ON_POST: Mapping[str, Literal["yes"]] = MappingProxyType({"POST": "yes"})


# Events


class ToyEvent(Event, frozen=True):
    kind_field = "what"
    reply_timeout = 2.0
    deadline = 1.0
    what: str


class OtherEvent(ToyEvent, frozen=True):
    pass


class StartEvent(ToyEvent, frozen=True):
    answerable = ON_POST
    identity = "leg"
    what: Literal["start"] = "start"
    leg: str


class KeysEvent(ToyEvent, frozen=True):
    answerable = ON_POST
    identity = "leg"
    what: Literal["keys"] = "keys"
    leg: str
    keys: str


class EndEvent(ToyEvent, frozen=True):
    what: Literal["end"] = "end"
    why: str


class TextEvent(ToyEvent, frozen=True):
    what: Literal["text"] = "text"
    words: str


EVENTS = collect(globals())
READER = Reader(EVENTS, OtherEvent)


def decode(request: HttpRequest) -> list[Event]:
    return [READER.value(one) for one in read_json(request.body.decode())]


def signature(body: bytes) -> str:
    return hmac.digest(SECRET, body, "sha256").hex()


class Signed(Verifier):
    def check_request(self, request: HttpRequest) -> HttpResponse | None:
        if dict(request.headers).get(b"x-signature") == signature(request.body).encode():
            return None
        return HttpResponse.text(403, "signed by somebody else\n")


# Documents


@element
class Say(Verb):
    docs: ClassVar[str] = "say"
    words: str = field(kw_only=False)


@element
class Ask(Verb):
    docs: ClassVar[str] = "ask"
    words: str = field(kw_only=False)
    url: CallbackUrl


@element
class Flow(Document):
    docs: ClassVar[str] = "flow"
    max_size: ClassVar[int] = 1000
    content: Annotated[Say | Ask | Sequence[Say | Ask], Content] = field(default=(), kw_only=False)

    @property
    def children(self) -> tuple[Verb, ...]:
        return self.content  # type: ignore[return-value]


async def say(call: "ToyCall", verb: Say, last: bool) -> None:
    await hear(call, sentence(call.carrier, verb.words, call.id))


async def ask(call: "ToyCall", verb: Ask, last: bool) -> Reply:
    async def prompt() -> list[Sound]:
        return sentence(call.carrier, verb.words, call.id)

    found = Collected()
    await Collecting(1, 5.0, "#").run(call, "Ask", prompt(), found)
    to = Destination(verb.url, None, 2.0, "POST")
    values = {"keys": found.digits}
    return Reply(await call.send_event("keys", values, to=to, expects_bxml=True), vital=True)


VOCABULARY = {"Say": Say, "Ask": Ask, "Flow": Flow}
LANGUAGE = Language(VOCABULARY, (Flow,), {}, lambda body: [], verbs={Say: say, Ask: ask}, shown={})


# The carrier


class ToyCall(Call):
    causes: ClassVar[Causes] = Causes(
        hangup="bye",
        cancel="gone",
        unanswered="nobody",
        busy="engaged",
        declined="no",
        unallocated="void",
        failed_callback="lost",
        invalid_document="broken",
    )
    longest: ClassVar[float] = 60.0
    dead_air: ClassVar[float] = 0.0

    def fields(self, event: str) -> dict[str, Any]:
        return {"leg": self.id}

    def report_end(self, cause: str) -> None:
        self.notify("end", {"why": cause})


class Toy(Platform):
    ledger: ClassVar[Ledger] = Ledger()
    pages: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            *("callback-failed", "content-type", "unanswered-handler", "unlistened-keys"),
            *("dead-air", "endless-silence", "lying-prompt", "trap", "unreached-handler"),
        ),
        "toys",
    )
    transcript_fields: ClassVar[Sequence[str]] = ("keys", "why")
    user_agent: ClassVar[str] = "toy"
    file_timeout: ClassVar[float] = 1.0
    array_events: ClassVar[frozenset[str]] = frozenset(EVENTS)
    own_number = "+19195550100"

    def __init__(
        self,
        app_url: str | None,
        *,
        rules: Mapping[str, str] | None = None,
        mood: str = "calm",
        epoch: datetime = EPOCH,
    ) -> None:
        super().__init__(rules, epoch=epoch)
        self.to = Destination(app_url, None, 2.0, "POST")
        self.mood = mood

    def dial(self, party: str, number: str) -> ToyCall:
        call = ToyCall(
            self, inbound=True, party=party, number=number, callbacks=self.to, ring_seconds=5
        )
        self.legs.append(call)
        call.process = self.scheduler.spawn(self._live(call), call.id, patient=True)
        return call

    async def _live(self, call: ToyCall) -> None:
        call.activate()
        delivery = await call.send_event("start", expects_bxml=True)
        await Script(call, LANGUAGE).run(Reply(delivery, vital=True))

    def text(self, party: str, number: str, text: str, media: Sequence[str] = ()) -> Message:
        message = Message("m", "in", party, number, text, (), self.moment(), state="new")
        self.scheduler.spawn(send_event(self, "m", "text", self.to, {"words": text}), "text")
        return message

    def fields(self, event: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"what": event, **values}

    def headers(self, delivery: Delivery) -> Sequence[tuple[str, str]]:
        wrong = self.mood == "wild"
        return [("x-signature", signature(b"" if wrong else body_of(delivery)))]

    def served_at(self, url: str) -> str:
        return url

    def environment(self) -> dict[str, str]:
        return {}

    def summary(self, body: bytes) -> str:
        return LANGUAGE.summary(body)


DIALECT = Dialect(
    name="toy",
    module=__name__,
    decode=decode,
    events=EVENTS,
    unknown=OtherEvent,
    methods=("POST",),
    documents=(Flow,),
    vocabulary=VOCABULARY,
    carrier=lambda: Toy,
    carrier_options=(CarrierOption("mood", ("calm", "wild"), "How it signs."),),
)


class App(core.App):
    dialect: ClassVar[Dialect] = DIALECT


def make_app() -> App:
    app = App(auth=Signed())
    app.texts = []  # type: ignore[attr-defined]

    @app.on(StartEvent)
    async def menu(start: StartEvent) -> Flow:
        return Flow(Ask("Press 1 or 2.", url="/"))

    @app.on(KeysEvent, keys="1")
    async def one(event: KeysEvent) -> Flow:
        return Flow(Say("One."))

    @app.on(KeysEvent)
    async def other(event: KeysEvent) -> Flow:
        return Flow(Say("Another."))

    @app.on(EndEvent)
    async def ended(event: EndEvent) -> None: ...

    @app.on(TextEvent)
    async def keep(event: TextEvent) -> None:
        app.texts.append(event.words)  # type: ignore[attr-defined]

    return app


async def test_a_phone_calls_and_texts_it() -> None:
    app = make_app()
    async with Phone(app) as phone:
        call = await phone.call()
        await call.hears("press 1")
        await call.press("1")
        await call.hears("One")
        assert (await call.ends()).cause == "bye"
        await phone.text(None, "hello")
    assert app.texts == ["hello"]  # type: ignore[attr-defined]
    assert call.callbacks.kinds == ["start", "keys", "end"]
    assert json.loads(body_of(call.callbacks[1])) == [{"what": "keys", "leg": call.id, "keys": "1"}]
    assert "-> POST / keys keys=1" in call.transcript


async def test_a_crawl_names_the_pages_of_the_dialect() -> None:
    async with Phone(make_app()) as phone:
        found = await phone.explore()
    assert [(one.rule, one.path, one.docs) for one in found.findings] == [
        ("lying-prompt", ("2",), "toys")
    ]


async def test_options_are_those_of_its_carrier() -> None:
    phone = Phone(make_app(), mood="wild")
    with pytest.raises(PhoneFailure, match="was answered with 403"):
        async with phone:
            await phone.call()
    with pytest.raises(SetupError, match="the carrier of toy has no option 'limits'; it has mood"):
        Phone(make_app(), limits="off")
