"""Rules that a platform's documentation leaves open: each with its question, what the pages say,
what the carrier does, and, where both readings are believable, a knob."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callbackkit.errors import SetupError


@dataclass(frozen=True, slots=True)
class Knob:
    """A choice between believable readings; the first one is the default.

    The default is the reading under which a fragile app fails in a test rather than in production.
    """

    name: str
    readings: Mapping[str, str]
    """What each reading means, in a few words."""

    @property
    def default(self) -> str:
        return next(iter(self.readings))


@dataclass(frozen=True, slots=True)
class Rule:
    """One question that the documentation leaves open.

    `docs` is what it says, or that it is silent; `pages` are where. `ours` is what the carrier does
    by default.
    """

    id: str
    question: str
    docs: str
    pages: tuple[str, ...]
    ours: str
    knob: Knob | None = None


class Ledger:
    """The rules of one dialect, in the order of their ids."""

    def __init__(self, *rules: Rule) -> None:
        self._rules = {rule.id: rule for rule in rules}
        if len(self._rules) != len(rules):
            raise SetupError("two rules of the ledger have the same id")

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)

    def __getitem__(self, rule_id: str) -> Rule:
        return self._rules[rule_id]

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules

    @property
    def knobs(self) -> dict[str, Rule]:
        """The rules that have a knob, by the knob's name."""
        return {rule.knob.name: rule for rule in self if rule.knob is not None}


class Readings:
    """How one carrier reads the rules of a ledger, and which of them it has met so far.

    `chosen` names readings by the name of their knob. Raises SetupError for a knob or a reading
    that does not exist.
    """

    def __init__(self, ledger: Ledger, chosen: Mapping[str, str]) -> None:
        self.ledger = ledger
        self.met: dict[str, str | None] = {}
        """The reading taken of each rule that was met, None where there is no choice."""
        knobs = ledger.knobs
        self._taken: dict[str, str] = {}
        for name, reading in chosen.items():
            if name not in knobs:
                raise SetupError(f"there is no knob {name!r}; there are {', '.join(sorted(knobs))}")
            knob = knobs[name].knob
            assert knob is not None
            if reading not in knob.readings:
                words = " or ".join(map(repr, knob.readings))
                raise SetupError(f"the knob {name} is {words}, not {reading!r}")
            self._taken[knobs[name].id] = reading

    def of(self, rule_id: str) -> str | None:
        """How a rule is read, which counts as having met it; None where there is no choice."""
        if rule_id in self.met:
            return self.met[rule_id]
        knob = self.ledger[rule_id].knob
        reading = None if knob is None else self._taken.get(rule_id, knob.default)
        self.met[rule_id] = reading
        return reading

    def others(self) -> list[tuple[str, str]]:
        """The readings that were not taken of the rules that were met, as knob and reading."""
        found = []
        for rule_id, taken in self.met.items():
            knob = self.ledger[rule_id].knob
            if knob is not None:
                found += [(knob.name, other) for other in knob.readings if other != taken]
        return found
