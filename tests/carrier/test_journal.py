"""The journal and the ledger: what happened, why, and by which rule."""

import pytest

from callbackkit.carrier.diagnostics import Diagnostic
from callbackkit.carrier.journal import Journal
from callbackkit.carrier.ledger import Choices, Ledger, Rule
from callbackkit.carrier.scheduler import Scheduler
from callbackkit.errors import SetupError

# The journal.


def test_an_entry_has_its_time_its_subject_and_its_cause() -> None:
    scheduler = Scheduler()
    journal = Journal(scheduler)
    first = journal.add("c-1", "calls", party="+1")
    second = journal.add("c-1", "rings")
    scheduler.cause = None
    scheduler.now = 4.5
    third = journal.add("c-2", "calls")
    assert [entry.id for entry in journal] == [1, 2, 3]
    assert (first.at, first.data, first.cause) == (0, {"party": "+1"}, None)
    assert (second.cause, third.at, third.cause) == (1, 4.5, None)
    assert (len(journal), journal[2]) == (3, second)
    assert journal.of("c-1") == [first, second]
    assert journal.of("c-2", "c-1") == [first, second, third]
    assert journal.of("c-3") == []
    assert first.wall > 1_700_000_000


def test_entries_of_a_timer_have_its_setter_as_their_cause() -> None:
    scheduler = Scheduler()
    journal = Journal(scheduler)
    journal.add("c-1", "calls")
    scheduler.at(5, lambda: journal.add("c-1", "later"))
    journal.add("c-1", "rings")
    scheduler.run()
    scheduler.now = 5
    scheduler.fire()
    assert journal[3].cause == 1


# The ledger.

TYPEAHEAD = {"drop": "they are lost", "buffer": "they are kept"}
RULES = (
    Rule("duration", "How long?", "Nothing is said.", ("page",), "10 s."),
    Rule("typeahead", "What of keys?", "Nothing is said.", ("page",), "Lost.", TYPEAHEAD),
    Rule("loop", "In loops?", "Nothing is said.", ("page",), "No.", {"0": "", "1": ""}),
)


def test_a_ledger_knows_its_rules_and_options() -> None:
    ledger = Ledger(*RULES)
    assert (list(ledger), len(ledger), ledger["typeahead"]) == (list(RULES), 3, RULES[1])
    assert "loop" in ledger
    assert "other" not in ledger
    assert ledger.open == {"typeahead": TYPEAHEAD, "loop": {"0": "", "1": ""}}
    assert [rule.default for rule in RULES] == [None, "drop", "0"]
    with pytest.raises(SetupError, match="same id"):
        Ledger(*RULES, RULES[0])


def test_choices_are_the_defaults_or_what_was_chosen() -> None:
    choices = Choices(Ledger(*RULES), {"loop": "1"})
    assert (choices.met, choices.others()) == ({}, [])
    assert [choices.of(rule) for rule in ("duration", "typeahead", "loop", "loop")] == [
        None,
        "drop",
        "1",
        "1",
    ]
    assert choices.met == {"duration": None, "typeahead": "drop", "loop": "1"}
    assert choices.others() == [("typeahead", "buffer"), ("loop", "0")]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"loops": "1"}, "there is no rule 'loops'; did you mean 'loop'?"),
        ({"loop": "2"}, "the rule loop is '0' or '1', not '2'"),
    ],
)
def test_an_unknown_rule_or_option_is_refused(chosen: dict[str, str], message: str) -> None:
    with pytest.raises(SetupError) as raised:
        Choices(Ledger(*RULES), chosen)
    assert str(raised.value) == message


# What is found wrong.


def test_a_diagnostic_on_a_line() -> None:
    plain = Diagnostic("error", "too-big", "It is too big", None, "bxml/bxml")
    assert str(plain) == "error: It is too big [too-big, bxml/bxml]"
    full = Diagnostic(
        "warning",
        "unlistened-keys",
        "the key 1 is lost",
        7,
        "bxml/verbs/gather",
        subject="c-1",
        at=2.5,
        ledger="typeahead",
        place="app.py:31",
        detail="Traceback",
    )
    assert str(full) == (
        "warning: c-1 app.py:31: line 7: the key 1 is lost"
        " [unlistened-keys, typeahead, bxml/verbs/gather]\nTraceback"
    )
