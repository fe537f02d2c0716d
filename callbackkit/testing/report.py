"""The report of a test run: the platform's open rules that were met, and the input of callers."""

from collections import defaultdict
from collections.abc import Iterator

from callbackkit.carrier.ledger import Rule
from callbackkit.carrier.platform import Platform


class Report:
    """The rules that were met, with the options taken, and what callers did at each Gather, by the
    path of its event."""

    def __init__(self) -> None:
        self._rules: dict[str, tuple[Rule, set[str]]] = {}
        self._gathers: dict[str, set[str]] = defaultdict(set)

    def add(self, carrier: Platform) -> None:
        """Add what happened on one carrier."""
        for rule_id, option in carrier.choices.met.items():
            _, options = self._rules.setdefault(rule_id, (carrier.ledger[rule_id], set()))
            if option is not None:
                options.add(option)
        over = set()
        for entry in carrier.journal:
            if entry.kind == "ends":
                over.add(entry.subject)
            elif entry.kind == "callback" and entry.data["delivery"].event == "gather":
                delivery = entry.data["delivery"]
                pressed = str(delivery.fields.get("digits") or "no input")
                outcome = "hung up" if entry.subject in over else pressed
                self._gathers[delivery.path].add(outcome)

    def lines(self) -> Iterator[str]:
        """Return the report, line by line."""
        yield "Open rules that were met (see `callbackkit rules`):"
        for rule_id, (rule, options) in sorted(self._rules.items()):
            taken = f" [{', '.join(sorted(options))}]" if options else ""
            yield f"  {rule_id}: {rule.question}{taken}"
        yield "What callers did at each Gather:"
        for path, outcomes in sorted(self._gathers.items()):
            yield f"  {path}: {', '.join(sorted(outcomes))}"
