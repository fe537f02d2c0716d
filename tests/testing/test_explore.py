"""The crawl: what it finds wrong, and the graph that it draws."""

import pytest

from callbackkit.testing import Phone
from callbackkit.testing.graph import Edge, Node, dot, label, mermaid
from callbackkit.testing.prompts import named_keys
from callbackkit.v1 import (
    AnswerEvent,
    App,
    Gather,
    GatherEvent,
    Hangup,
    Pause,
    PlayAudio,
    Redirect,
    RedirectEvent,
    Reply,
    SpeakSentence,
    Transfer,
)

pytestmark = pytest.mark.anyio


def say(text: str) -> SpeakSentence:
    return SpeakSentence(text, voice="julie")


def menu(**choices: Reply) -> App:
    """An app whose menu has some choices; `other` is what every other key does."""
    app = App()

    @app.on(AnswerEvent, RedirectEvent)
    async def ask(call: AnswerEvent | RedirectEvent) -> Reply:
        return Gather(say("Press 1 for one, or 2 for two."), request_url="/picked", max_digits=1)

    @app.on(GatherEvent, path="/picked")
    async def picked(event: GatherEvent) -> Reply:
        default = choices.get("other", [say("Goodbye."), Hangup()])
        return choices.get(f"key{event.digits}", default)

    return app


async def rules(app: App, **options: int) -> dict[str, tuple[str, ...]]:
    """The findings of an app, by rule, each with its path."""
    async with Phone(app, strict=False) as phone:
        found = await phone.explore(**options)
    return {trouble.rule: trouble.path for trouble in found.findings}


ONE = [say("This is one."), Hangup()]


async def test_a_sound_menu_has_no_findings() -> None:
    async with Phone(menu(key1=ONE, key2=[say("Two."), Hangup()])) as phone:
        found = await phone.explore()

    assert found.findings == []
    assert found.complete
    assert found.calls == 1 + 12 + 2  # each key, silence, hanging up
    assert found.longest == ()
    edges = {edge.inputs for edge in found.edges}
    assert {("1",), ("2",), ("0", *"3456789*#", "silence")} <= edges


async def test_the_phone_itself_is_as_before() -> None:
    async with Phone(menu(key1=ONE)) as phone:
        call = await phone.call()
        await phone.explore(depth=1)
        await call.press("1")
        await call.hears("This is one")
        assert len(phone.calls) == 1


@pytest.mark.parametrize(
    ("choices", "rule", "path"),
    [
        ({"key2": [say("Goodbye."), Hangup()]}, "lying-prompt", ("2",)),
        ({"key1": [Pause(length=1)]}, "dead-air", ("1",)),
        ({"other": Redirect(request_url="/")}, "endless-silence", ()),
        ({"key7": [PlayAudio("http://app.test/none.wav"), Hangup()]}, "broken-audio", ("7",)),
    ],
)
async def test_a_trouble_is_found_with_the_way_to_it(choices, rule, path) -> None:
    found = await rules(menu(**{"key1": ONE, "key2": [say("Two."), Hangup()], **choices}))

    assert found[rule] == path


async def test_a_place_without_a_way_out_is_a_trap() -> None:
    app = App()

    @app.on(AnswerEvent, GatherEvent)
    async def ask(call: AnswerEvent | GatherEvent) -> Reply:
        return Gather(say("Say what you want."), request_url="/", max_digits=1)

    assert set(await rules(app)) == {"trap", "endless-silence"}


async def test_a_handler_that_fails_is_found() -> None:
    app = menu(key1=ONE, key2=[say("Two."), Hangup()])

    @app.on(GatherEvent, path="/never")
    async def never(event: GatherEvent) -> Reply:
        return Hangup()

    found = await rules(app)
    assert set(found) == {"unreached-handler"}

    failing = App()

    @failing.on(AnswerEvent)
    async def answer(call: AnswerEvent) -> Reply:
        return Gather(say("Press 1."), request_url="/", max_digits=1)

    @failing.on(GatherEvent, digits="1")
    async def fine(event: GatherEvent) -> Reply:
        return ONE

    @failing.on(GatherEvent)
    async def broken(event: GatherEvent) -> Reply:
        raise LookupError(event.digits)

    found = await rules(failing)
    assert found["handler-raised"] == ("0",)


async def test_a_transfer_is_tried_with_and_without_an_answer() -> None:
    transfer = [Transfer(transfer_to="+19195550111"), say("Nobody."), Hangup()]
    async with Phone(menu(key1=transfer, key2=ONE)) as phone:
        found = await phone.explore()

    inputs = {edge.inputs for edge in found.edges}
    assert ("somebody answers",) in inputs
    assert ("nobody answers",) in inputs
    assert found.findings == []


async def test_it_stops_at_its_limits() -> None:
    def deeper(text: str) -> Reply:
        return Gather(say(text), request_url=f"/{len(text)}", max_digits=1)

    app = App()

    @app.on(AnswerEvent)
    async def answer(call: AnswerEvent) -> Reply:
        return deeper("a")

    @app.on(GatherEvent)
    async def more(event: GatherEvent) -> Reply:
        return deeper("a" * (int(event.tag or 0) + 2)) if event.digits == "1" else [*ONE]

    async with Phone(app) as phone:
        shallow = await phone.explore(depth=1)
        few = await phone.explore(calls=5)

    assert not shallow.complete
    assert (few.calls, few.complete) == (5, False)
    assert "there is more beyond the limit" in str(few)


@pytest.mark.parametrize(
    ("prompt", "keys"),
    [
        ("For sales, press 1. Press two for support.", {"1", "2"}),
        ("To go back, press star, or push the pound key.", {"*", "#"}),
        ("dial 0 or hit 9", {"0", "9"}),
        ("Press 1 for one, 2 for two, or three for three.", {"1", "2", "3"}),
        ("Press 1 or 2.", {"1", "2"}),
        ("Press 1, 2, or 3", {"1", "2", "3"}),
        ("Press 1 to buy, 2 to sell", {"1", "2"}),
        ("Press 1 for sales. 2 for support.", {"1", "2"}),
        ("Select option '4' or choose number 5.", {"4", "5"}),
        ("Press one, one of us will answer.", {"1"}),
        ("We are open from 9 to 5, press release 10.", set()),
        ("Press 10 for nothing that a key has.", set()),
    ],
)
def test_keys_are_named_in_words_too(prompt: str, keys: set[str]) -> None:
    assert named_keys(prompt) == keys


def test_graphs_hold_any_text() -> None:
    nodes = [Node("start", "start", "a call"), Node("S1", "failure", 'Say "#1" <now> \\ \n please')]
    edges = [Edge("start", "S1", ()), Edge("S1", "S1", ("1", "2", "3", "7", "#", "silence"))]

    assert label(edges[1].inputs) == "1-3, 7, #, silence"
    drawn = mermaid(nodes, edges)
    assert 'S1["Say #quot;#35;1#quot; #lt;now#gt; \\ please"]' in drawn
    assert 'S1 -->|"1-3, 7, #35;, silence"| S1' in drawn
    drawn = dot(nodes, edges)
    assert 'S1 [label="Say \\"#1\\" <now> \\\\ please", shape=box, color=red];' in drawn
    assert 'start -> S1 [label=""];' in drawn
