"""Rules that a platform's documentation leaves open, and the option that one carrier takes of each.

A rule has its question, what the pages say and what the carrier does; where more than one answer is
believable, it has options.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callbackkit.errors import SetupError
from callbackkit.spelling import closest


@dataclass(frozen=True, slots=True)
class Rule:
    """One question that the documentation leaves open.

    Parameters:
        id: the name of the rule, such as "typeahead".
        question: what is open.
        docs: what the documentation says, or that it is silent.
        pages: where it does.
        answer: what the carrier does by default.
        options: the believable answers with their meaning, in a few words; empty where only one is
            believable. The first is the default: the one under which a fragile app fails in a test
            rather than in production.
    """

    id: str
    question: str
    docs: str
    pages: tuple[str, ...]
    answer: str
    options: Mapping[str, str] | None = None

    @property
    def default(self) -> str | None:
        """The option taken where nothing else is chosen, None where there is no choice."""
        return None if self.options is None else next(iter(self.options))


class Ledger:
    """The rules of one dialect, in the order in which they were given."""

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

    def unknown(self, rule_id: str) -> str:
        """Return the sentence about an id that no rule has."""
        close = closest(rule_id, self._rules)
        mend = f"did you mean {close!r}?" if close else "`callbackkit rules` lists them"
        return f"there is no rule {rule_id!r}; {mend}"

    @property
    def open(self) -> dict[str, Mapping[str, str]]:
        """The options of the rules that have some, by the rule's id."""
        return {rule.id: rule.options for rule in self if rule.options is not None}


class Choices:
    """The options that one carrier takes of the rules of a ledger, and the rules it has met so far.

    `chosen` maps ids of rules to options. Raises SetupError for a rule or an option that does not
    exist.
    """

    def __init__(self, ledger: Ledger, chosen: Mapping[str, str]) -> None:
        self.ledger = ledger
        self.met: dict[str, str | None] = {}
        """The option taken of each rule that was met, None where there is no choice."""
        for rule_id, option in chosen.items():
            if rule_id not in ledger:
                raise SetupError(ledger.unknown(rule_id))
            options = ledger[rule_id].options
            if options is None:
                raise SetupError(f"the rule {rule_id} has no options")
            if option not in options:
                words = " or ".join(map(repr, options))
                raise SetupError(f"the rule {rule_id} is {words}, not {option!r}")
        self._chosen = dict(chosen)

    def of(self, rule_id: str) -> str | None:
        """Return the option taken of a rule, None where there is no choice; the rule counts as
        met."""
        if rule_id not in self.met:
            self.met[rule_id] = self._chosen.get(rule_id, self.ledger[rule_id].default)
        return self.met[rule_id]

    def others(self) -> list[tuple[str, str]]:
        """Return the options that were not taken of the rules that were met, as (id, option)."""
        return [
            (rule_id, other)
            for rule_id, taken in self.met.items()
            for other in self.ledger[rule_id].options or ()
            if other != taken
        ]
