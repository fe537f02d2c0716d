"""`python tests/benchmarks` measures callbackkit against others and prints a table of ratios."""

import argparse
import json
import platform
import sys
import time
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from itertools import chain

import callbacks
import client
import decoding
import guard
import importing
import phoning
import registering
import rendering
from harness import Comparison, Result, measure

_PACKAGES = (
    "starlette",
    "pydantic",
    "lxml",
    "fastapi",
    "flask",
    "bandwidth-sdk",
    "httpx",
    "aiohttp",
    "uvicorn",
)
_HEAD = f"{'against':33} {'cost':>11} {'its cost':>11}  {'ratio':>6}  {'quartiles':13}  goal"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, help="interleaved rounds (60, or 5 if quick)")
    parser.add_argument("--quick", action="store_true", help="a first look in some 20 seconds")
    parser.add_argument(
        "--only", action="append", metavar="TEXT", help="comparisons with this in their title"
    )
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.add_argument(
        "--guarded", action="store_true", help="only the comparisons that --guard measures"
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--guard",
        action="store_true",
        help="exit with 1 if a ratio of CPU time is over 10 %% worse than in record.json",
    )
    action.add_argument(
        "--record",
        action="store_true",
        help="write record.json anew, in some minutes; use the newest Python, as .ci/run does",
    )
    options = parser.parse_args()
    if options.guard:
        sys.exit(not guard.guard())
    if options.record:
        guard.record_anew()
        return
    rounds = options.rounds or (5 if options.quick else guard.ROUNDS if options.guarded else 60)
    slice_seconds = 0.005 if options.quick else guard.SLICE_SECONDS if options.guarded else 0.02
    every = chain(
        callbacks.comparisons(),
        rendering.comparisons(),
        decoding.comparisons(),
        registering.comparisons(1_000 if options.quick else 10_000),
        importing.comparisons(),
        phoning.comparisons(),
        client.comparisons(200 if options.quick else 2000),
    )
    found = [
        comparison
        for comparison in (guard.guarded() if options.guarded else every)
        if not options.only or any(text in comparison.title for text in options.only)
    ]
    if not found:
        parser.error("no comparison has that in its title")
    start = time.perf_counter()
    if options.json:
        json.dump([_as_json(c, measure(c, rounds, slice_seconds)) for c in found], sys.stdout)
        return
    print(f"Python {platform.python_version()}, {', '.join(map(_version, _PACKAGES))}")
    print(f"CPU time per operation; ratios are medians of {rounds} interleaved rounds")
    for comparison in found:
        _print(comparison, measure(comparison, rounds, slice_seconds))
    print(f"\n{time.perf_counter() - start:.0f} s")


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


def _print(comparison: Comparison, results: list[Result]) -> None:
    subject = ""
    for result in results:
        row = result.row
        if row.subject != subject:
            subject = row.subject
            print(f"\n{comparison.title}: {subject}\n  {_HEAD}")
        if result.ratio is None:
            print(f"  {row.against:33} not installed: {result.missing} (extra: bench)")
            continue
        goal = ""
        if row.goal is not None:
            sign = "<=" if row.way == "of its cost" else ">="
            goal = f"{sign} {row.goal:g} {'met' if result.met else 'MISSED'}"
        unit = row.unit.split()[-1]
        costs = [f"{cost:.4g} {unit}" for cost in (result.cost, result.against_cost)]
        print(
            f"  {row.against:33} {costs[0]:>11} {costs[1]:>11}"
            f"  {result.ratio:6.2f}  {result.low:5.2f}-{result.high:<7.2f}"
            f"  {row.way}{f' ({row.unit})' if ' ' in row.unit else ''}"
            f"{f', goal {goal}' if goal else ''}"
        )
    sys.stdout.flush()


def _as_json(comparison: Comparison, results: list[Result]) -> object:
    return {
        "title": comparison.title,
        "contenders": [
            {
                "name": c.name,
                "missing": c.missing,
                "checked": c.run is not None,
                "rounds": len(c.samples),
            }
            for c in comparison.contenders
        ],
        "rows": [{**asdict(result), "met": result.met} for result in results],
    }


if __name__ == "__main__":
    main()
