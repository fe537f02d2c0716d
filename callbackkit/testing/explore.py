"""A crawl through everything that a caller can do, with its findings and a graph."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from callbackkit.bxml import Finding
from callbackkit.bxml.linting import Level
from callbackkit.bxml.text import masked
from callbackkit.testing.graph import Edge, Node, dot, mermaid
from callbackkit.testing.prompts import named_keys
from callbackkit.testing.session import Session
from callbackkit.testing.walk import ANSWER, DEAD_AIR, HANG_UP, HUNG_UP, SILENCE, Point, Walk


@dataclass(frozen=True, slots=True)
class FlowFinding(Finding):
    """Something that is wrong with a call flow.

    Parameters:
        path: the inputs that lead there.
        place: the handler that gave the last reply, as file:line, if that is known.
    """

    path: tuple[str, ...] = ()
    place: str | None = None

    def __str__(self) -> str:
        way = " then ".join(self.path) or "at the start"
        place = "" if self.place is None else f"{self.place}: "
        return f"{self.level}: {place}{self.message} (after: {way}) [{self.rule}, {self.docs}]"


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one input."""

    point: Point
    heard: tuple[str, ...]
    place: str | None
    prompt: tuple[str, ...] = ()
    """The part of the prompt that was heard before the input had an effect."""


@dataclass(slots=True)
class State:
    """A point that calls reach, with the result of each input there."""

    id: str
    point: Point
    path: tuple[str, ...]
    prompt: tuple[str, ...]
    place: str | None
    steps: dict[str, Step] = field(default_factory=dict)


@dataclass(frozen=True)
class Exploration:
    """The result of a crawl.

    Parameters:
        calls: the number of calls that were made.
        complete: True if everything within the depth was tried.
        longest: the longest path without a loop.
        unreached: the handlers that no call reached.
        nodes, edges: the graph of the call flow.
        findings: what is wrong, in the order of discovery.
    """

    calls: int
    complete: bool
    longest: tuple[str, ...]
    unreached: Sequence[str]
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    findings: Sequence[FlowFinding]

    def mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart."""
        return mermaid(self.nodes, self.edges)

    def dot(self) -> str:
        """Return the graph in Graphviz's DOT language."""
        return dot(self.nodes, self.edges)

    def __str__(self) -> str:
        points = sum(node.kind in ("listens", "rings") for node in self.nodes)
        lines = [f"{self.calls} calls, {points} points where something depends on the caller"]
        if not self.complete:
            lines[0] += "; there is more beyond the limit"
        lines += map(str, self.findings)
        return "\n".join(lines)


async def explore(
    session: Session, from_: str, to: str | None, *, depth: int, keys: str, calls: int
) -> Exploration:
    """Call from one number to another, again and again: see `Phone.explore`."""
    return await _Crawl(session, from_, to, depth, keys, calls).run()


class _Crawl:
    def __init__(
        self, session: Session, from_: str, to: str | None, depth: int, keys: str, calls: int
    ) -> None:
        self._session = session
        self._from = from_
        self._to = to
        self._depth = depth
        self._keys = keys
        self._left = calls
        self._made = 0
        self._complete = True
        self._states: dict[str, State] = {}
        self._ends: dict[str, Point] = {}
        self._findings: dict[object, FlowFinding] = {}
        self._reached: set[str] = set()
        self._first: Step | None = None

    async def run(self) -> Exploration:
        waiting: deque[State] = deque()
        self._first = first = await self._try(())
        if first is not None and first.point.choices:
            waiting.append(self._state(first, ()))
        while waiting:
            state = waiting.popleft()
            if len(state.path) >= self._depth:
                self._complete = False
                continue
            for choice in state.point.choices:
                if self._left <= 0:
                    self._complete = False
                    break
                path = (*state.path, choice)
                step = await self._try(path)
                if step is None:
                    continue
                state.steps[choice] = step
                if step.point.choices and step.point.key not in self._states:
                    waiting.append(self._state(step, path))
        self._judge()
        return self._result()

    def _state(self, step: Step, path: tuple[str, ...]) -> State:
        number = len(self._states) + 1
        state = State(f"S{number}", step.point, path, step.heard, step.place)
        self._states[step.point.key] = state
        return state

    # One call

    async def _try(self, path: tuple[str, ...]) -> Step | None:
        """Call, follow a path of inputs, and return the step at its end; None if the app took
        another way than before."""
        self._left -= 1
        self._made += 1
        session = self._session
        async with session.apart():
            walk = Walk(session, await session.dial(self._from, self._to))
            await walk.arrive()
            prompted = before = 0
            for choice in path:
                prompted = len(walk.leg.heard)
                if not walk.takes(choice):
                    return None
                before = await walk.do(choice)
                await walk.arrive()
            await session.quiet()
            heard = walk.leg.heard
            step = Step(
                walk.point(self._keys),
                tuple(map(str, heard[before:])),
                walk.place,
                tuple(map(str, heard[prompted:before])),
            )
            point = step.point
            if not point.choices:
                self._ends.setdefault(point.key, point)
            await session.settle()
            self._collect(path)
            return step

    def _collect(self, path: tuple[str, ...]) -> None:
        """Keep the carrier's diagnostics, one for each handler and rule, with the first path."""
        carrier = self._session.carrier
        self._reached.update(d.handler for d in carrier.deliveries if d.handler)
        for found in carrier.diagnostics:
            # Keys that nothing takes are the crawl's own, and whether a document that may end in
            # silence does, it sees by itself.
            if found.level == "info" or found.rule in ("unlistened-keys", "dead-air"):
                continue
            key = (found.rule, found.place or found.message)
            level: Level = "error" if found.level == "error" else "warning"
            self._note(
                level, found.rule, found.message, path, found.place, docs=found.docs, key=key
            )

    def _note(
        self,
        level: Level,
        rule: str,
        message: str,
        path: tuple[str, ...],
        place: str | None,
        *,
        docs: str | None = None,
        key: object = None,
    ) -> None:
        key = key or (rule, message, place)
        if key not in self._findings:
            page = docs or self._session.carrier.pages[rule]
            self._findings[key] = FlowFinding(
                level, rule, message, None, page, path=path, place=place
            )

    # What is wrong

    def _judge(self) -> None:
        first = self._first
        silence = "nothing more is heard until the call is cut"
        for state in self._states.values():
            self._judge_keys(state)
        for state, choice, step in self._all_steps():
            if step.point.key == DEAD_AIR and choice != HANG_UP:
                path = (*state.path, choice)
                self._note("error", "dead-air", f"after {choice} {silence}", path, step.place)
        if first is not None and first.point.key == DEAD_AIR:
            self._note("error", "dead-air", silence, (), first.place)
        self._judge_loops()
        self._judge_traps()

    def _all_steps(self) -> Iterator[tuple[State, str, Step]]:
        for state in self._states.values():
            for choice, step in state.steps.items():
                yield state, choice, step

    def _judge_keys(self, state: State) -> None:
        """Find keys that a prompt names, but that do the same as keys it does not name."""
        if not state.steps:
            return
        rest = state.steps[SILENCE].prompt if SILENCE in state.steps else ()
        named = named_keys(" ".join((*state.prompt, *rest)))
        others = Counter(
            (step.point.key, step.heard)
            for choice, step in state.steps.items()
            if len(choice) == 1 and choice not in named
        )
        if not others:
            return
        nowhere = others.most_common(1)[0][0]
        for key in sorted(named):
            step = state.steps.get(key)
            if step is not None and (step.point.key, step.heard) == nowhere:
                does = "which does the same as keys that it does not name"
                message = f"the prompt names the key {key}, {does}"
                self._note("error", "lying-prompt", message, (*state.path, key), state.place)

    def _judge_loops(self) -> None:
        """Find states that silence leads back to: a silent caller is kept for ever."""
        noted = set()
        for state in self._states.values():
            seen: list[str] = []
            here: State | None = state
            while here is not None and here.point.key not in seen:
                seen.append(here.point.key)
                step = here.steps.get(SILENCE)
                here = self._states.get(step.point.key) if step is not None else None
            if here is None or here.point.key in noted:
                continue
            cycle = seen[seen.index(here.point.key) :]
            noted.update(cycle)
            over = f"over {len(cycle)} prompts; hang up after some"
            message = f"silence leads back here for ever, {over}"
            self._note("warning", "endless-silence", message, here.path, here.place)

    def _judge_traps(self) -> None:
        """Find states from which nothing leads to an end by the app, or to a person."""
        back: dict[str, set[str]] = defaultdict(set)
        good: set[str] = set()
        for state, choice, step in self._all_steps():
            back[step.point.key].add(state.point.key)
            if choice == ANSWER or (step.point.key == HUNG_UP and choice != HANG_UP):
                good.add(state.point.key)
        # What was not tried may be a way out.
        good.update(
            key
            for key, state in self._states.items()
            if len(state.steps) < len(state.point.choices)
        )
        waiting = list(good)
        while waiting:
            for key in back[waiting.pop()]:
                if key not in good:
                    good.add(key)
                    waiting.append(key)
        for key, state in self._states.items():
            if key not in good:
                message = "nothing that a caller can do here leads to an end but hanging up"
                self._note("error", "trap", message, state.path, state.place)

    # The result

    def _result(self) -> Exploration:
        nodes = [Node("start", "start", "a call comes in")]
        ids = {key: state.id for key, state in self._states.items()}
        for state in self._states.values():
            text = " ".join(state.prompt).strip() or state.point.label
            nodes.append(Node(state.id, state.point.kind, _short(text)))
        for number, (key, point) in enumerate(self._ends.items(), 1):
            ids[key] = f"E{number}"
            nodes.append(Node(ids[key], point.kind, point.label))
        edges: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
        if self._first is not None and self._first.point.key in ids:
            edges["start", ids[self._first.point.key], self._first.heard] = []
        for state, choice, step in self._all_steps():
            # Hanging up is possible everywhere and would only clutter the graph.
            if choice != HANG_UP and step.point.key in ids:
                edges[state.id, ids[step.point.key], step.heard].append(choice)
        drawn = [Edge(a, b, tuple(inputs), heard) for (a, b, heard), inputs in edges.items()]
        unreached = self._unreached()
        used = {node for edge in drawn for node in (edge.source, edge.target)} | {"start"}
        return Exploration(
            calls=self._made,
            complete=self._complete,
            longest=max((state.path for state in self._states.values()), key=len, default=()),
            unreached=unreached,
            nodes=[node for node in nodes if node.id in used],
            edges=drawn,
            findings=list(self._findings.values()),
        )

    def _unreached(self) -> list[str]:
        """Return the handlers of events with verbs in the reply that no call reached."""
        missing = []
        for app in self._session.target.apps:
            for route in app.handlers:
                classes = [
                    app.dialect.events.get(one) if isinstance(one, str) else one
                    for one in route.events
                ]
                steering = any(cls is not None and cls.answerable for cls in classes)
                if steering and route.handler.where not in self._reached:
                    missing.append(route.handler.place)
        for place in missing:
            message = f"{place} was never reached"
            self._note("warning", "unreached-handler", message, (), None)
        return missing


def _short(text: str) -> str:
    text = masked(text)  # before a URL loses its end, by which a password is known as such
    return text if len(text) <= 60 else text[:57] + "..."
