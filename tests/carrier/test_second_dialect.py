"""The mechanism of a carrier with a dialect of its own: nothing in it knows the words of v1.

This dialect signs its events, sends texts as arrays, tries again for a minute, and has two verbs.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Annotated, Any, ClassVar

from callbackkit.bxml import CallbackUrl, Content, Document, Verb, element
from callbackkit.carrier.call import Call, Causes
from callbackkit.carrier.delivering import send_event
from callbackkit.carrier.delivery import Delivery, Destination, Outcome
from callbackkit.carrier.joining import joined, ring_first
from callbackkit.carrier.ledger import Ledger
from callbackkit.carrier.leg import Pickup
from callbackkit.carrier.messaging import Message
from callbackkit.carrier.platform import Platform
from callbackkit.carrier.playing import hear, sentence
from callbackkit.carrier.script import Language, Reply, Script
from callbackkit.carrier.sending import body_of, headers_of, outcome_of
from callbackkit.carrier.transcript import transcript

PHONE, NUMBER, FRIEND = "+19195551212", "+19195550100", "+14155550111"
APP = "http://app.test/"


@element
class Say(Verb):
    docs: ClassVar[str] = "say"
    words: str = field(kw_only=False)


@element
class Fetch(Verb):
    docs: ClassVar[str] = "fetch"
    url: CallbackUrl


@element
class Join(Verb):
    docs: ClassVar[str] = "join"
    number: str


@element
class Flow(Document):
    docs: ClassVar[str] = "flow"
    max_size: ClassVar[int] = 1000
    content: Annotated[Say | Fetch | Join | Sequence[Say | Fetch | Join], Content] = field(
        default=(), kw_only=False
    )

    @property
    def children(self) -> tuple[Verb, ...]:
        return self.content  # type: ignore[return-value]


@element
class Brief(Document):
    docs: ClassVar[str] = "brief"
    max_size: ClassVar[int] = 60
    content: Annotated[Say | Sequence[Say], Content] = field(default=(), kw_only=False)

    @property
    def children(self) -> tuple[Verb, ...]:
        return self.content  # type: ignore[return-value]


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
    ledger: ClassVar[Ledger] = Ledger()  # all its questions have an answer in its documentation
    pages: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("callback-failed", "content-type", "unanswered-handler", "unlistened-keys"), "toys"
    )
    transcript_fields: ClassVar[Sequence[str]] = ("why",)
    user_agent: ClassVar[str] = "toy"
    file_timeout: ClassVar[float] = 1.0
    array_events: ClassVar[frozenset[str]] = frozenset({"text"})
    own_number = NUMBER

    def dial(self, party: str, number: str) -> ToyCall:
        call = self.leg(party, inbound=True)
        self.legs.append(call)
        call.process = self.scheduler.spawn(self._live(call), call.id, patient=True)
        return call

    def leg(self, party: str, *, inbound: bool) -> ToyCall:
        to = Destination(APP if inbound else None, None, 2.0, "POST")
        return ToyCall(
            self, inbound=inbound, party=party, number=NUMBER, callbacks=to, ring_seconds=5
        )

    async def _live(self, call: ToyCall) -> None:
        call.activate()
        delivery = await call.send_event("start", expects_bxml=True)
        await Script(call, LANGUAGE).run(Reply(delivery, vital=True))

    def text(self, party: str, number: str, text: str, media: Sequence[str] = ()) -> Message:
        message = Message("m", "in", party, number, text, (), self.moment(), state="new")
        to = Destination(APP, None, 2.0, "POST")
        values = {"words": text}
        self.scheduler.spawn(send_event(self, "m", "text", to, values), "text")
        return message

    def fields(self, event: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"kind": event, **values}

    def headers(self, delivery: Delivery) -> Sequence[tuple[str, str]]:
        return [("x-size", str(len(body_of(delivery))))]

    def retry_delays(self, delivery: Delivery) -> Iterable[float]:
        return () if delivery.expects_bxml else (10.0, 20.0, 30.0)

    def served_at(self, url: str) -> str:
        return url

    def environment(self) -> dict[str, str]:
        return {}

    def summary(self, body: bytes) -> str:
        return LANGUAGE.summary(body)


async def say(call: ToyCall, verb: Say, last: bool) -> None:
    await hear(call, sentence(call.carrier, verb.words, call.id))


async def fetch(call: ToyCall, verb: Fetch, last: bool) -> Reply:
    to = Destination(verb.url, None, 2.0, "POST")
    return Reply(await call.send_event("next", to=to, expects_bxml=True), vital=True)


async def join(call: ToyCall, verb: Join, last: bool) -> None:
    carrier = call.carrier
    assert isinstance(carrier, Toy)
    other, _ = await ring_first(call, [carrier.leg(verb.number, inbound=False)])
    if other is not None:
        await joined(call, other)


LANGUAGE = Language(
    {"Say": Say, "Fetch": Fetch, "Join": Join, "Flow": Flow, "Brief": Brief},
    (Flow, Brief),
    {},
    lambda body: [],
    verbs={Say: say, Fetch: fetch, Join: join},
    shown={Say: lambda verb: verb.words},
)


def run(carrier: Toy, app: Callable[[Delivery], Outcome]) -> list[Delivery]:
    """Let all happen that can, with an app that answers at once."""
    sent = []
    scheduler = carrier.scheduler
    while True:
        scheduler.run()
        if carrier.outbox:
            delivery = carrier.outbox.popleft()
            sent.append(delivery)
            carrier.complete(delivery, app(delivery))
        elif (when := scheduler.next) is not None:
            scheduler.now = when
            scheduler.fire()
        else:
            return sent


def flow(*verbs: Verb) -> Outcome:
    return outcome_of(200, {"content-type": "text/xml"}, Flow(verbs).render("http://app.test"))


def kinds(sent: list[Delivery]) -> list[str]:
    return [delivery.event for delivery in sent]


def test_documents_of_other_verbs_run_to_the_end_of_a_call() -> None:
    carrier = Toy()
    pages = {"start": flow(Say("one"), Fetch(url="/more")), "next": flow(Say("two"))}
    call = carrier.dial(PHONE, NUMBER)
    sent = run(carrier, lambda delivery: pages.get(delivery.event, Outcome(200)))
    assert kinds(sent) == ["start", "next", "end"]
    assert call.heard == ["one", "two"]
    # Nothing follows the last verb in this dialect: no silence before the end.
    assert (call.ended.cause, call.ended.at) == ("bye", 1.0)  # type: ignore[union-attr]
    assert sent[-1].fields == {"kind": "end", "leg": call.id, "why": "bye"}
    assert "Say(one), Fetch" in transcript(carrier)
    assert "end why=bye" in transcript(carrier)
    assert carrier.diagnostics == []


def test_each_root_has_a_size_of_its_own() -> None:
    for words, heard in (("hi", ["hi"]), ("hi " * 20, [])):
        carrier = Toy()
        body = f"<Brief><Say>{words}</Say></Brief>".encode()
        call = carrier.dial(PHONE, NUMBER)
        run(carrier, lambda delivery, body=body: outcome_of(200, {}, body))  # type: ignore[misc]
        assert call.heard == heard
        assert call.ended is not None
        assert call.ended.cause == ("bye" if heard else "broken")


def test_the_ends_of_a_call_have_the_words_of_the_dialect() -> None:
    for reply, cause in ((Outcome(500, failure="was answered with 500"), "lost"),
                         (outcome_of(200, {}, b"<Flow><Sing/></Flow>"), "broken")):  # fmt: skip
        carrier = Toy()
        call = carrier.dial(PHONE, NUMBER)
        run(carrier, lambda delivery, reply=reply: reply)  # type: ignore[misc]
        assert call.ended is not None
        assert call.ended.cause == cause


def test_two_legs_are_joined_until_one_hangs_up() -> None:
    carrier = Toy()
    carrier.pickups[FRIEND] = Pickup("answer", after=1.0, stays=3.0)
    call = carrier.dial(PHONE, NUMBER)
    carrier.scheduler.at(2.0, lambda: call.speak("hello"))
    run(carrier, lambda delivery: flow(Join(number=FRIEND)) if delivery.event == "start"
        else Outcome(200))  # fmt: skip
    friend = carrier.legs[-1]
    assert (friend.party, friend.heard, friend.ended.cause) == (FRIEND, ["hello"], "bye")  # type: ignore[union-attr]
    assert call.ended is not None
    assert call.ended.at == 4.0


def test_an_event_is_sent_again_as_often_as_the_dialect_does() -> None:
    carrier = Toy()
    carrier.text(PHONE, NUMBER, "hi")
    replies = iter([Outcome(failure="was refused"), Outcome(503, failure="failed"), Outcome(200)])
    sent = run(carrier, lambda delivery: next(replies))
    assert kinds(sent) == ["text", "text", "text"]
    assert carrier.now == 30.0
    assert [found.rule for found in carrier.diagnostics] == ["callback-failed"] * 2


def test_events_have_the_form_and_the_headers_of_the_dialect() -> None:
    carrier = Toy()
    carrier.text(PHONE, NUMBER, "hi")
    (sent,) = run(carrier, lambda delivery: Outcome(200))
    assert json.loads(body_of(sent)) == [{"kind": "text", "words": "hi"}]
    headers = dict(headers_of(sent))
    assert (headers["x-size"], headers["user-agent"]) == (str(len(body_of(sent))), "toy")
