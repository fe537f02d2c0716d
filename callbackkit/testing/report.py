"""What a test run has shown of an app and of the platform's open rules."""

from collections import defaultdict
from collections.abc import Iterator

from callbackkit.carrier.ledger import Rule
from callbackkit.carrier.platform import Platform


class Report:
    """Rules that were met, with the options taken, and what became of each Gather, by the path its
    event went to."""

    def __init__(self) -> None:
        self._rules: dict[str, tuple[Rule, set[str]]] = {}
        self._gathers: dict[str, set[str]] = defaultdict(set)

    def add(self, carrier: Platform) -> None:
        """What happened on one carrier."""
        for rule_id, option in carrier.choices.met.items():
            _, options = self._rules.setdefault(rule_id, (carrier.ledger[rule_id], set()))
            if option is not None:
                options.add(option)
        for delivery in carrier.deliveries:
            if delivery.event == "gather":
                told = delivery.fields
                reason = told.get("reason")
                outcome = "hung up" if reason == "hung-up" else told.get("digits") or "no input"
                self._gathers[delivery.path].add(str(outcome))

    def lines(self) -> Iterator[str]:
        """It all, for people."""
        yield "Open rules that were met (see `callbackkit rules`):"
        for rule_id, (rule, options) in sorted(self._rules.items()):
            taken = f" [{', '.join(sorted(options))}]" if options else ""
            yield f"  {rule_id}: {rule.question}{taken}"
        yield "What became of each Gather:"
        for path, outcomes in sorted(self._gathers.items()):
            yield f"  {path}: {', '.join(sorted(outcomes))}"
