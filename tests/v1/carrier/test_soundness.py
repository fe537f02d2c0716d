"""Whatever an app answers and whatever people do: every call ends, nothing is left over, nothing
breaks, and the same happens again (carrier of v1)."""

import os
from collections.abc import Iterator
from html import escape
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from callbackkit.carrier.delivery import Delivery, Outcome
from callbackkit.carrier.gathering import Collecting
from callbackkit.carrier.leg import Pickup
from callbackkit.carrier.scheduler import HANGUP, KEY, TIMER
from callbackkit.carrier.sending import body_of
from callbackkit.carrier.sound import Silence
from callbackkit.carrier.transcript import line_of, transcript
from callbackkit.http import HttpRequest
from callbackkit.v1 import UnknownEvent
from callbackkit.v1.carrier import LEDGER
from callbackkit.v1.carrier.account import Callbacks, MediaFile
from callbackkit.v1.carrier.audio import AudioRequest, play_to_call, stop
from callbackkit.v1.carrier.gathers import CallGather
from callbackkit.v1.carrier.recordings import start_recording, stop_recording
from callbackkit.v1.carrier.rooms import Bridge, Conference, Member, bridge_of, member_of
from callbackkit.v1.wire import decode

PHONES = ["+19195551212", "+14155550111", "+14155550222", "sip:bob@example.com"]
NUMBER = "+19195550100"
APP = "http://app.test"
PAGES = ["/p0", "/p1", "/p2", "/p3"]
MEDIA = "https://api.catapult.inetwork.com/v1/users/u-carrier/media"
LONG = "https://files.example.com/long.mp3"
MANY_STEPS = 30_000
THOROUGH = os.environ.get("CALLBACKKIT_TESTS") == "all"

# What an app answers: mostly what makes sense, as a call would not get far otherwise.


@st.composite
def mostly(
    draw: Any, good: st.SearchStrategy[Any], bad: st.SearchStrategy[Any], one_in: int = 12
) -> Any:
    """Now and then a bad one."""
    return draw(bad if draw(st.integers(1, one_in)) == one_in else good)


def sample(good: list[Any], bad: list[Any]) -> st.SearchStrategy[Any]:
    return mostly(st.sampled_from(good), st.sampled_from(bad))


urls = sample(
    [*PAGES, *(APP + page for page in PAGES)],
    ["p1", "?x=&y", "", "http://[:::]/x", "ftp://x/", "x y"],
)
files = sample(
    [f"{APP}/a.wav", "https://files.example.com/a.wav", f"{MEDIA}/empty.wav", f"{MEDIA}/none.wav"],
    ["https://bob:pw@files.example.com/b.mp3", "http://[:::]/a.wav", "a.wav", ""],
)
numbers = sample(PHONES[1:], ["911", ""])
small = sample(["1", "2", "3", "7"], ["0", "-1", "x", "", "99999"])
keys = sample(["#", "*", "1"], ["12#", "", "A"])
words = sample(["Hello", "Press 1"], ["", "  \n ", "a<b>&\u00e9\U0001f600", "word " * 40])
flags = sample(["true", "false"], ["yes"])


@st.composite
def verb(
    draw: Any,
    name: str,
    inside: st.SearchStrategy[str] | None = None,
    needed: dict[str, st.SearchStrategy[str]] | None = None,
    /,
    **known: st.SearchStrategy[str],
) -> str:
    """An element with some of the attributes that it knows, and almost always those it needs."""
    attributes = {key: draw(value) for key, value in known.items() if draw(st.booleans())}
    for key, value in (needed or {}).items():
        if draw(st.integers(0, 19)) < 19:
            attributes[key] = draw(value)
    shown = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{shown}>{'' if inside is None else draw(inside)}</{name}>"


speak = verb(
    "SpeakSentence",
    words.map(escape),
    voice=sample(["susan"], ["paul", "bob"]),
    gender=sample(["female"], ["male"]),
    locale=sample(["en_US"], ["it"]),
    volume=small,
)
play = verb("PlayAudio", files.map(escape), repeatCount=small)
record = verb(
    "Record",
    None,
    {"requestUrl": urls},
    requestUrlTimeout=small,
    maxDuration=small,
    silenceTimeout=small,
    terminatingDigits=keys,
    fileFormat=sample(["wav", "mp3"], ["ogg"]),
    transcribe=flags,
    transcribeCallbackUrl=urls,
    multiChannel=flags,
)
repeated = verb("PlayAudio", files.map(escape), {"repeatCount": small}, delayBeforeRepeat=small)
prompt = st.one_of(st.just(""), speak, st.lists(speak, max_size=2).map("".join), repeated, play)
gather = verb(
    "Gather",
    mostly(prompt, st.lists(speak | play, max_size=3).map("".join)),
    {"requestUrl": urls},
    requestUrlTimeout=sample(["2000", "60000"], ["0", "x"]),
    maxDigits=small,
    interDigitTimeout=small,
    terminatingDigits=keys,
    tag=words,
    bargeable=flags,
)
number = verb("PhoneNumber", numbers.map(escape))
transfer = verb(
    "Transfer",
    st.lists(number | speak | play | record, max_size=3).map("".join),
    {"transferTo": numbers},
    transferCallerId=sample([NUMBER, "private"], [""]),
    callTimeout=sample(["5", "30", "60"], ["0", "-1", "301"]),
    requestUrl=urls,
    requestUrlTimeout=sample(["2000"], ["0"]),
    tag=words,
)
timeouts = sample(["500", "5000"], ["0", "x"])
redirect = verb("Redirect", None, {"requestUrl": urls, "requestUrlTimeout": timeouts})
pause = verb("Pause", None, length=small)
dtmf = verb("SendDtmf", sample(["1", "1WW,2#", "w"], ["", "A"]))
plain = st.one_of(speak, play, record, gather, transfer, pause, dtmf)
last = st.one_of(gather, gather, transfer, redirect, verb("Hangup"), plain)
odd = st.sampled_from(["<Sing/>", "words", "<Gather><Hangup/></Gather>", "<!-- note -->", "<"])
documents = st.builds(
    lambda before, last: f"<Response>{''.join(before)}{last}</Response>".encode(),
    st.lists(mostly(plain, last), max_size=2),
    mostly(last, mostly(plain, odd)),
)
failed = st.sampled_from(
    [
        Outcome(500, {}, b"<Response/>", "was answered with 500"),
        Outcome(failure="was refused", reached=False),
        Outcome(404, failure="was answered with 404"),
    ]
)
garbage = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([b"", b"  ", b"ok", b"<Response>", b"<Response>" + b"<Pause/>" * 3000]),
)
good = st.builds(lambda body: Outcome(200, {"content-type": "text/xml"}, body), documents)
late = sample([0.0], [0.4, 3.0, 12.0, 45.0])
replies = st.tuples(mostly(good, failed | st.builds(Outcome, st.just(200), body=garbage)), late)
apps = st.fixed_dictionaries(
    {"answer": replies, **{page: st.lists(replies, min_size=1, max_size=2) for page in PAGES}},
    optional=dict.fromkeys(["incomingcall", "hangup", "timeout", "transferComplete"], replies),
)

# What people do.

times = st.sampled_from([0.0, 0.2, 0.7, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 8.0, 13.0, 34.0, 90.0])
presses = st.tuples(st.just("press"), st.sampled_from(["1", "2", "1", "2", "3", "#", "*"]))
deeds = st.one_of(
    presses,
    presses,
    presses,
    st.tuples(st.just("speak"), sample(["hello"], ["", "two\nlines"])),
    st.tuples(st.just("speak for long"), st.just("hello")),
    mostly(presses, st.tuples(st.just("hang_up"), st.just("")), one_in=3),
    st.tuples(st.just("answer"), st.just("")),
    st.tuples(st.just("refuse"), st.sampled_from(["busy", "declined", "unallocated"])),
)
who = sample([0, 0, 1], [2, 3, 4])
# Nobody has all day, but for a few.
put_down = sample([(200.0, 0, ("hang_up", ""))], [(90_000.0, 0, ("hang_up", ""))])
people = st.builds(
    lambda acts, end: [*acts, end],
    st.lists(st.tuples(times, who, deeds), min_size=2, max_size=16),
    put_down,
)
eager = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.3, 1.0, 5.0]), sample(["1", "12", "2#", "#"], ["", "123456"])
    ),
    max_size=6,
)
pickup = st.builds(
    Pickup,
    sample(["answer"], ["busy", "decline", "ignore"]),
    st.sampled_from([0.0, 2.0, 7.0]),
    st.sampled_from([None, 0.0, 4.0, 30.0]),
)
pickups = st.fixed_dictionaries({PHONES[1]: pickup}, optional=dict.fromkeys(PHONES[::2], pickup))
calls = st.lists(
    st.tuples(sample([0.0], [1.0, 5.0]), sample(["dial"], ["create", "text"])),
    min_size=1,
    max_size=3,
)
faults = mostly(
    st.just([]),
    st.lists(
        st.tuples(
            st.sampled_from(["status", "slow", "refuse", "garbage_bxml", "duplicate", "reorder"]),
            st.sampled_from(["*", "/p*", "answer", "hangup", "recording", "gather", "redirect"]),
            st.sampled_from([None, 1, 2]),
        ),
        min_size=1,
        max_size=2,
    ),
    one_in=3,
)
options = st.fixed_dictionaries(
    {},
    optional={name: st.sampled_from(list(options)) for name, options in LEDGER.open.items()},
)


def play_out(
    world: Any,
    app: dict[str, Any],
    begun: list[Any],
    acts: list[Any],
    keen: list[Any],
    phones: dict[str, Pickup],
    wrong: list[Any],
    rules: dict[str, str],
    method: str,
    more: list[Any] = [],  # noqa: B006
) -> Any:
    """All that happens, to its end."""
    w = world(rules=rules, callback_http_method=method)
    carrier = w.carrier
    turns: dict[str, int] = {}

    def page(delivery: Delivery) -> Outcome | None:
        key = delivery.path if delivery.path in app else delivery.event
        found = app.get(key, (Outcome(200), 0.0))
        if isinstance(found, list):
            turns[key] = turns.get(key, -1) + 1
            found = found[turns[key] % len(found)]
        outcome, seconds = found
        assert delivery.query or delivery.method == "POST" or not delivery.event
        if not seconds:
            return outcome
        if seconds > delivery.timeout:
            outcome, seconds = Outcome(failure="took too long"), delivery.timeout
        w.at(w.now + seconds, lambda: carrier.complete(delivery, outcome))
        return None

    w.pages = dict.fromkeys([*app, "/", "/voice", "/a.wav"], page) | {"": page}
    carrier.reaches = lambda url: url.startswith(APP)
    carrier.account.media["empty.wav"] = MediaFile("empty.wav", Silence(0), "audio/wav")
    carrier.application.incoming_call_fallback_url = f"{APP}/p3" if "retry" in rules else None
    carrier.sounds[LONG] = 900.0
    carrier.pickups = phones
    for kind, where, often in wrong:
        given_to = {"status": [500], "slow": [11]}.get(kind, [])
        getattr(carrier.faults, kind)(where, *given_to, times=often)
    for when, how in begun:
        w.at(when, lambda how=how: begin(w, how, method))
    for when, who, (deed, what) in acts:
        rank = HANGUP if deed == "hang_up" else KEY
        w.at(when, lambda who=who, deed=deed, what=what: do(w, who, deed, what), rank)
    for when, what in more:
        w.at(when, lambda what=what: steer(w, what), TIMER)
    run(w, iter(keen))
    return w


def begin(w: Any, how: str, method: Any) -> None:
    carrier = w.carrier
    if how == "dial":
        carrier.dial(PHONES[0], NUMBER)
    elif how == "create":
        to = Callbacks(f"{APP}/voice", f"{APP}/p2", 5.0, method)
        w.call_out(PHONES[1], to, tag="t", timeout=20)
    else:
        carrier.text(PHONES[0], NUMBER, "hi")
        w.send(receipt_requested="all")


def do(w: Any, who: int, deed: str, what: str) -> None:
    """What somebody does with a phone, if that can be done with it just now."""
    legs = w.carrier.legs
    if not legs:
        return
    leg = legs[who % len(legs)]
    if deed == "press" and leg.state == "up":
        leg.press(what)
    elif deed == "speak" and leg.state == "up":
        leg.speak(what)
    elif deed == "speak for long" and leg.state == "up":
        leg.speak(what, 20.0)
    elif deed == "hang_up":
        leg.hang_up()
    elif deed == "answer":
        leg.answer()
    elif deed == "refuse":
        leg.reject(what)


def run(w: Any, keen: Iterator[tuple[float, str]]) -> None:
    """Let everything happen to its end, of which there has to be one. A keen caller presses keys
    some time after each Gather has begun."""
    gathers: Any = None
    for _ in range(MANY_STEPS):
        if not w.step():
            return
        for call in w.carrier.calls.values():
            # Who steers a call does so to its end.
            assert call.over or call.parent or not call.process.done
        listening = [one for leg in w.carrier.legs[:1] for one in leg.listeners]
        if listening and listening[0].what == "Gather" and listening[0] is not gathers:
            gathers = listening[0]
            after, keys = next(keen, (0.0, ""))
            for key in keys:
                w.at(w.now + after, lambda key=key: do(w, 0, "press", key), KEY)
    raise AssertionError("it goes on and on")


def check(w: Any, last_act: float) -> None:
    """Nothing is left over, and everything is in order."""
    carrier, scheduler = w.carrier, w.carrier.scheduler
    for leg in carrier.calls.values():
        assert leg.over, leg
        assert (leg.state, leg.listeners) == ("over", [])
        assert leg.parent is None or leg.ended.at <= leg.parent.ended.at
        assert leg.process is None or leg.process.done
        assert all(0 <= one.start <= one.end for one in leg.heard)
        assert all(one.over for one in leg.heard if one.kind != "voice")
        for recording in leg.recordings:
            assert recording.state == "complete"
            assert recording.start <= recording.end
            assert recording.file in carrier.account.media
    # Some seconds for what is told at the end and may be late, and no timer of what is over.
    assert w.now <= 120 + max([last_act, *(leg.ended.at for leg in carrier.calls.values())])
    assert (scheduler.running, scheduler.timers, scheduler.next) == (0, 0, None)
    assert scheduler.idle
    assert scheduler.current is None
    assert not scheduler._processes
    assert not carrier._waiting
    assert not carrier._held
    assert not carrier._late
    assert not carrier.outbox
    in_order(w)
    told_once(w)


def in_order(w: Any) -> None:
    entries = list(w.carrier.journal)
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert all(entry.cause is None or 0 < entry.cause < entry.id for entry in entries)
    for entry in entries:
        line_of(w.carrier, entry)


def told_once(w: Any) -> None:
    for delivery in w.callbacks:
        assert delivery.outcome is not None, delivery
        (event,) = decode(
            HttpRequest(delivery.method, query=delivery.query.encode(), body=body_of(delivery))
        )
        assert not isinstance(event, UnknownEvent)
    # A call that has its end told has it told last but for what is still saved of it.
    for call in w.carrier.calls.values():
        events = [one.event for one in w.callbacks if one.subject == call.id]
        after = events[events.index("hangup") + 1 :] if "hangup" in events else []
        assert set(after) <= {"hangup", "recording", "transcription", "speak", "playback"}


CALM = {
    "answer": (Outcome(200, {}, b"<Response/>"), 0.0),
    **{p: [(Outcome(200), 0.0)] for p in PAGES},
}


@settings(max_examples=400 if THOROUGH else 100, suppress_health_check=[HealthCheck.too_slow])
@given(apps, calls, people, eager, pickups, faults, options)
@example(CALM, [(0.0, "dial")], [], [], {}, [], {})
def test_a_call_under_BXML(
    world: Any,
    app: dict[str, Any],
    begun: list[Any],
    acts: list[Any],
    keen: list[Any],
    phones: dict[str, Pickup],
    wrong: list[Any],
    rules: dict[str, str],
) -> None:
    inputs = (app, begun, acts, keen, phones, wrong, rules, "GET")
    w = play_out(world, *inputs)
    check(w, max([when for when, *_ in (*acts, *begun)]))
    assert transcript(play_out(world, *inputs).carrier) == transcript(w.carrier)


# What the REST API does to calls, in any order.

orders = st.one_of(
    st.tuples(
        st.sampled_from(
            ["take", "record", "stop recording", "speak", "play", "loop", "stop", "end", "reject"]
        )
    ),
    st.tuples(st.sampled_from(["gather", "confer", "leave", "complete", "bridge", "unbridge"])),
)
steering = st.lists(st.tuples(times, orders), max_size=10)


def steer(w: Any, order: tuple[str]) -> None:
    """What the app does to its latest call."""
    carrier = w.carrier
    live = [call for call in carrier.calls.values() if call.state != "over"]
    if not live:
        return
    call = live[-1]
    if order == ("take",):
        call.take()
    elif order == ("reject",):
        call.end("CALL_REJECTED")
    if call.state != "up":
        return
    member, bridge = member_of(call), bridge_of(call)
    match order[0]:
        case "record":
            start_recording(call)
        case "stop recording":
            stop_recording(call)
        case "speak":
            play_to_call(call, AudioRequest("speak", "Hello"))
        case "play":
            play_to_call(call, AudioRequest("playback", f"{MEDIA}/empty.wav"))
        case "loop":
            play_to_call(call, AudioRequest("playback", LONG, loop=True))
        case "stop":
            stop(call)
        case "end":
            call.end("NORMAL_CLEARING")
        case "gather":
            prompt = [AudioRequest("playback", f"{MEDIA}/empty.wav")]
            collecting = Collecting(2, 5.0, "#")
            CallGather(
                call, carrier.new_id("gtr"), carrier.moment(), collecting, prompt, True, None
            ).start()
        case "confer" if member is None:
            conference = Conference(carrier, NUMBER, Callbacks(f"{APP}/p1"))
            conference.begin()
            for one in live:
                if one.state == "up" and member_of(one) is None:
                    Member(
                        conference, one, join_tone=True, leaving_tone=True, mute=False, hold=False
                    )
        case "leave" if member is not None:
            member.leave()
        case "complete" if member is not None:
            member.conference.complete()
        case "bridge" if bridge is None:
            bridge = Bridge(carrier)
            for one in live[-2:]:
                if one.state == "up" and bridge_of(one) is None:
                    bridge.add(one)
        case "unbridge" if bridge is not None:
            bridge.remove(call)


@settings(max_examples=250 if THOROUGH else 60, suppress_health_check=[HealthCheck.too_slow])
@given(calls, people, pickups, faults, steering)
def test_a_call_under_the_REST_API(
    world: Any,
    begun: list[Any],
    acts: list[Any],
    phones: dict[str, Pickup],
    wrong: list[Any],
    more: list[Any],
) -> None:
    inputs = (CALM, begun, acts, [], phones, wrong, {}, "POST", more)
    w = play_out(world, *inputs)
    check(w, max([when for when, *_ in (*acts, *begun, *more)]))
    assert transcript(play_out(world, *inputs).carrier) == transcript(w.carrier)
