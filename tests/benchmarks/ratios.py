"""Compares measured ratios with recorded ones; nothing here measures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

TOLERANCE = 0.10
"""How much more than recorded a row may cost."""
RECORD_ANEW = "python tests/benchmarks --record"


class IncompleteError(Exception):
    """Some rows can't be compared, as they are not measured or not recorded."""


@dataclass(frozen=True)
class Figure:
    """A ratio with its quartiles; `way` is "of its cost" or "times cheaper"."""

    way: str
    ratio: float
    low: float
    high: float

    @property
    def cost(self) -> float:
        """The cost as a part of the other contender's: less is better."""
        return 1 / self.ratio if self.way == "times cheaper" else self.ratio


Figures = Mapping[str, Figure]
"""A figure for each row, by the row's name."""


@dataclass(frozen=True)
class Record:
    """Figures, and the versions of Python and of packages that they were measured with."""

    python: str
    packages: Mapping[str, str]
    rows: Figures

    @classmethod
    def load(cls, text: str) -> "Record":
        """Return the record that a JSON text holds."""
        data = json.loads(text)
        rows = {name: Figure(**figure) for name, figure in data["rows"].items()}
        return cls(data["python"], data["packages"], rows)

    def dump(self) -> str:
        """Return the record as a JSON text."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def __str__(self) -> str:
        packages = (f"{name} {version}" for name, version in self.packages.items())
        return ", ".join([f"Python {self.python}", *packages])


def figures(comparisons: Sequence[Mapping[str, Any]]) -> Figures:
    """Return the figures in the output of `--json`.

    Raises IncompleteError if a contender is not installed.
    """
    found = {}
    for comparison in comparisons:
        for result in comparison["rows"]:
            row, missing = result["row"], result["missing"]
            name = f"{comparison['title']}: {row['subject']} / {row['against']}"
            if missing is not None:
                raise IncompleteError(f"{name}: {missing} is not installed (extra: bench)")
            quartiles = (round(result[key], 4) for key in ("ratio", "low", "high"))
            found[name] = Figure(row["way"], *quartiles)
    return found


def ranked(measurements: Sequence[Figures]) -> Mapping[str, Sequence[Figure]]:
    """Return the figures that measurements found for each row, the best first."""
    return {
        name: sorted((each[name] for each in measurements), key=lambda figure: figure.cost)
        for name in measurements[0]
    }


def best(measurements: Sequence[Figures]) -> Figures:
    """Return the best figure of each row."""
    return {name: found[0] for name, found in ranked(measurements).items()}


def middle(measurements: Sequence[Figures]) -> Figures:
    """Return the middle figure of each row."""
    return {name: found[len(found) // 2] for name, found in ranked(measurements).items()}


@dataclass(frozen=True)
class Report:
    """A comparison of a measurement with a record.

    `worse` has a sentence for each row that is over 10 % dearer, `other` one for each version that
    is too far from the recorded one to compare costs.
    """

    table: str
    worse: Sequence[str]
    other: Sequence[str]

    @property
    def failures(self) -> Sequence[str]:
        """The sentences about rows that got dearer; none where versions are too far apart."""
        return () if self.other else self.worse

    def __str__(self) -> str:
        lines = [self.table, "", *self.worse]
        if self.other:
            lines += [*self.other, f"So nothing fails. To guard these versions: {RECORD_ANEW}"]
        elif not self.worse:
            lines.append(f"No row is over {_percent(TOLERANCE)} dearer than recorded.")
        return "\n".join(lines)


def compare(record: Record, measured: Record) -> Report:
    """Compare a measurement with a record.

    Raises IncompleteError if one has a row that the other lacks.
    """
    lost = [f"{name}: recorded, but not measured" for name in record.rows.keys() - measured.rows]
    lost += [f"{name}: measured, but not recorded" for name in measured.rows.keys() - record.rows]
    if lost:
        raise IncompleteError("\n".join([*sorted(lost), f"If that is meant: {RECORD_ANEW}"]))
    wide = max(len(name.split(": ", 1)[1]) for name in record.rows) + 2
    lines = [
        f"recorded with {record}",
        f"measured with {measured}",
        f"{'':{wide}} {'recorded':>8} {'measured':>8} {'cost':>7}",
    ]
    worse = []
    shown = ""
    for name, recorded in record.rows.items():
        found = measured.rows[name]
        change = found.cost / recorded.cost - 1
        title, row = name.split(": ", 1)
        if title != shown:
            shown = title
            lines.append(title)
        failed = change > TOLERANCE
        lines.append(
            f"  {row:{wide - 2}} {recorded.ratio:8.3g} {found.ratio:8.3g} {100 * change:+5.0f} %"
            f"{' WORSE' if failed else ''}"
        )
        if failed:
            worse.append(
                f"{name}: recorded as {recorded.ratio:.3g} {recorded.way}, at best"
                f" {found.ratio:.3g} now, which is {_percent(change)} dearer. Make it cheaper, or record"
                f" anew and say in the commit what it is worth: {RECORD_ANEW}"
            )
    return Report("\n".join(lines), worse, _too_far(record, measured))


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %"


def _too_far(record: Record, measured: Record) -> list[str]:
    pairs = [("Python", record.python, measured.python, 2)]
    pairs += [(name, old, measured.packages[name], 1) for name, old in record.packages.items()]
    return [
        f"The record is of {name} {old}, and this is {new}."
        for name, old, new, parts in pairs
        if old.split(".")[:parts] != new.split(".")[:parts]
    ]
