"""What an import costs in a fresh interpreter, beyond what the interpreter itself costs."""

import json
import subprocess
import sys
from collections.abc import Iterator

from harness import Comparison, Contender, Row, Run, Sample, WrongOutput

UNWANTED = (
    "bandwidth",
    "fastapi",
    "flask",
    "httpx",
    "lxml",
    "starlette",
    "uvicorn",
    "callbackkit.v2",
)
"""What `import callbackkit.v1` leaves to those who use it."""

_NONE_OF_THEM = (
    f"import sys, callbackkit.v1\nsys.exit(repr([m for m in {UNWANTED!r} if m in sys.modules]))"
)


# A process starts with the peak memory of the one that starts it: so a small one does.
_LAUNCHER = """
import os, sys, time

def cost(program):
    start = time.perf_counter()
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    assert status == 0, program
    memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return {"ms": (usage.ru_utime + usage.ru_stime) * 1e3, "wall ms": wall * 1e3, "MiB": memory}

empty, full = cost("pass"), cost(sys.argv[1])
print(str({unit: full[unit] - empty[unit] for unit in full}).replace("'", '"'))
"""


def comparisons() -> Iterator[Comparison]:
    ours, theirs = "import callbackkit.v1", "import bandwidth"
    yield Comparison(
        "import in a fresh interpreter",
        [_import(ours, _NONE_OF_THEM, "[]"), _import(theirs, theirs, "")],
        [
            Row(ours, theirs, "of its cost", 0.34, unit="ms"),
            Row(ours, theirs, "of its cost", unit="wall ms"),
            Row(ours, theirs, "of its cost", unit="MiB"),
        ],
        share=0.2,
    )


def _import(name: str, program: str, expected: str) -> Contender:
    def ready() -> Run:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        last = done.stderr.strip().rpartition("\n")[2]
        if "No module named" in last:
            raise ImportError(last, name=name.rsplit(maxsplit=1)[-1])
        if last != expected:
            raise WrongOutput(f"{name} loads {last}")

        def run(operations: int) -> Sample:
            totals = dict.fromkeys(("ms", "wall ms", "MiB"), 0.0)
            for _ in range(operations):
                done = subprocess.run(
                    [sys.executable, "-c", _LAUNCHER, name], stdout=subprocess.PIPE, check=True
                )
                added: Sample = json.loads(done.stdout)
                for unit in totals:
                    totals[unit] += added[unit] / operations
            return totals

        return run

    return Contender(name, ready, operations=1)
