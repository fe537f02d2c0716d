"""Guards the ratios of CPU time that `record.json` holds.

A row fails where the best of three measurements is over 10 % dearer than recorded. Ratios depend on
Python and on the other contenders too: where Python's minor version or the major version of a
package differs from the record, differences are only reported.
"""

import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import callbacks
import decoding
import registering
import rendering
from harness import Comparison
from ratios import Figures, IncompleteError, Record, best, compare, figures, middle

ROUNDS = 25  # of 10 ms for each contender: some 15 s for all
SLICE_SECONDS = 0.01

_HERE = Path(__file__).parent
_RECORD = _HERE / "record.json"
_PACKAGES = ("starlette", "pydantic", "lxml", "fastapi", "flask", "bandwidth-sdk")
_MEASUREMENTS = 3


def guarded() -> Iterator[Comparison]:
    """Return the comparisons of CPU time within this process: their ratios are steady."""
    return chain(
        callbacks.comparisons(),
        rendering.comparisons(),
        decoding.comparisons(),
        registering.comparisons(1_000),
    )


def guard() -> bool:
    """Measure up to three times, print how that compares, return False if a row got dearer."""
    record = Record.load(_RECORD.read_text())
    measurements: list[Figures] = []
    try:
        while len(measurements) < _MEASUREMENTS:
            measurements.append(_measure())
            report = compare(record, _with_versions(best(measurements)))
            if not report.worse:
                break  # the best of more could only be better
    except IncompleteError as error:
        print(error)
        return False
    print(report)
    return not report.failures


def record_anew() -> None:
    """Write `record.json`: the middle one of three figures that are each the best of three."""
    bests = []
    for number in range(_MEASUREMENTS):
        print(f"{number * _MEASUREMENTS} of {_MEASUREMENTS**2} measurements", file=sys.stderr)
        bests.append(best([_measure() for _ in range(_MEASUREMENTS)]))
    record = _with_versions(middle(bests))
    _RECORD.write_text(record.dump())
    print(f"{_RECORD.name} has {len(record.rows)} rows. Say in the commit why they changed.")


def _measure() -> Figures:
    """Measure each row in a new process: the layout of memory differs from process to process."""
    command = [sys.executable, str(_HERE), "--guarded", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return figures(json.loads(done.stdout))


def _with_versions(rows: Figures) -> Record:
    return Record(platform.python_version(), {name: version(name) for name in _PACKAGES}, rows)
