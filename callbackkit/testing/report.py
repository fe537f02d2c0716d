"""What a test run has shown of an app and of the platform's open rules."""

from collections import defaultdict
from collections.abc import Iterator

from callbackkit.carrier.carrier import Carrier
from callbackkit.carrier.ledger import Rule


class Report:
    """Rules that were met, with the readings taken, and what became of each Gather, by the path its
    event went to."""

    def __init__(self) -> None:
        self._rules: dict[str, tuple[Rule, set[str]]] = {}
        self._gathers: dict[str, set[str]] = defaultdict(set)

    def add(self, carrier: Carrier) -> None:
        """What happened on one carrier."""
        for rule_id, reading in carrier.readings.met.items():
            _, readings = self._rules.setdefault(rule_id, (carrier.ledger[rule_id], set()))
            if reading is not None:
                readings.add(reading)
        for delivery in carrier.deliveries:
            if delivery.event == "gather":
                told = delivery.fields
                reason = told.get("reason")
                outcome = "hung up" if reason == "hung-up" else told.get("digits") or "no input"
                self._gathers[delivery.path].add(str(outcome))

    def lines(self) -> Iterator[str]:
        """It all, for people."""
        yield "Open rules that were met (see `callbackkit rules`):"
        for rule_id, (rule, readings) in sorted(
            self._rules.items(), key=lambda item: _order(item[0])
        ):
            read = f" [{', '.join(sorted(readings))}]" if readings else ""
            yield f"  {rule_id:<4} {rule.question}{read}"
        yield "What became of each Gather:"
        for path, outcomes in sorted(self._gathers.items()):
            yield f"  {path}: {', '.join(sorted(outcomes))}"


def _order(rule_id: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, rule_id))
    return (int(digits or 0), rule_id)
