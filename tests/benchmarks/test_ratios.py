"""The guard fails for what got dearer, only reports where versions differ, and refuses to compare
what is missing. Its figures are made up here; nothing is measured."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

_spec = spec_from_file_location("ratios", Path(__file__).parent / "ratios.py")
assert _spec is not None
assert _spec.loader is not None
ratios: Any = module_from_spec(_spec)
_spec.loader.exec_module(ratios)

PART = "POST sms: callbackkit / a bare ASGI function"
TIMES = "POST sms: callbackkit / Flask"


def figures(part: float, times: float) -> Any:
    return {
        PART: ratios.Figure("of its cost", part, part - 0.01, part + 0.01),
        TIMES: ratios.Figure("times cheaper", times, times - 1, times + 1),
    }


def record(
    part: float = 0.8, times: float = 20, *, python: str = "3.13.1", flask: str = "3.1.0"
) -> Any:
    return ratios.Record(python, {"flask": flask, "lxml": "6.1.3"}, figures(part, times))


@pytest.mark.parametrize(
    "measured",
    [record(), record(0.87, 18.5), record(0.2, 80), record(python="3.13.9", flask="3.9.0")],
)
def test_what_costs_at_most_a_tenth_more_passes(measured: Any) -> None:
    report = ratios.compare(record(), measured)
    assert not report.failures
    assert str(report).endswith("\nNo row is over 10 % dearer than recorded.")


def test_each_row_that_got_dearer_fails_with_a_sentence() -> None:
    (failure,) = ratios.compare(record(), record(part=0.9)).failures
    assert failure.startswith(f"{PART}: recorded as 0.8 of its cost, at best 0.9 now, ")
    assert "12 % dearer" in failure
    assert "python tests/benchmarks --record" in failure
    (failure,) = ratios.compare(record(), record(times=18)).failures
    assert failure.startswith(f"{TIMES}: recorded as 20 times cheaper, at best 18 now, ")
    report = ratios.compare(record(), record(0.9, 18))
    assert len(report.failures) == 2
    for failure in report.failures:
        assert failure in str(report)


@pytest.mark.parametrize(
    ("measured", "sentence"),
    [
        (record(2, 2, python="3.14.1"), "The record is of Python 3.13.1, and this is 3.14.1."),
        (record(2, 2, flask="4.0.0"), "The record is of flask 3.1.0, and this is 4.0.0."),
    ],
)
def test_other_versions_are_only_reported(measured: Any, sentence: str) -> None:
    report = ratios.compare(record(), measured)
    assert not report.failures
    assert sentence in str(report)
    assert f"{PART}: recorded as 0.8" in str(report)


def test_a_row_that_is_missing_is_refused() -> None:
    whole, part = record(), record()
    del part.rows[TIMES]
    with pytest.raises(ratios.IncompleteError, match=f"{TIMES}: recorded, but not measured"):
        ratios.compare(whole, part)
    with pytest.raises(ratios.IncompleteError, match=f"{TIMES}: measured, but not recorded"):
        ratios.compare(part, whole)


def test_a_contender_that_is_not_installed_is_refused() -> None:
    row = {"subject": "callbackkit", "against": "Flask", "way": "times cheaper"}
    measured = {"row": row, "missing": None, "ratio": 20.0, "low": 19.0, "high": 21.0}
    lacking = {"row": row, "missing": "flask", "ratio": None, "low": None, "high": None}
    found = ratios.figures([{"title": "POST sms", "rows": [measured]}])
    assert found == {TIMES: ratios.Figure("times cheaper", 20.0, 19.0, 21.0)}
    with pytest.raises(ratios.IncompleteError, match=r"flask is not installed \(extra: bench\)"):
        ratios.figures([{"title": "POST sms", "rows": [lacking]}])


def test_best_and_middle_are_of_the_cost() -> None:
    three = [figures(0.8, 20), figures(0.7, 10), figures(0.9, 40)]
    assert ratios.best(three) == figures(0.7, 40)
    assert ratios.middle(three) == figures(0.8, 20)


def test_a_record_is_read_as_it_was_written() -> None:
    assert ratios.Record.load(record().dump()) == record()
