"""The benchmarks run, check what every contender puts out, and name those that are not installed.

Nothing here asserts how long anything takes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# All of them take long; .ci/run has them all.
SOME = (
    ()
    if os.environ.get("CALLBACKKIT_TESTS") == "all"
    else ("--only", "POST sms", "--only", "decode")
)
EXTRA = ("aiohttp", "bandwidth", "fastapi", "flask", "httpx_aiohttp")


def run(*options: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(path)} if path else dict(os.environ)
    command = [sys.executable, str(HERE), "--quick", "--rounds", "1", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def without_extra(folder: Path) -> Path:
    """A folder that hides the packages of the extra `bench`, as if they were not installed."""
    for name in EXTRA:
        error = f'raise ModuleNotFoundError("No module named {name}", name="{name}")\n'
        (folder / f"{name}.py").write_text(error)
    return folder


def test_every_contender_is_checked_and_timed_or_named_as_missing(tmp_path: Path) -> None:
    comparisons: list[dict[str, Any]] = json.loads(
        run("--json", *SOME, path=without_extra(tmp_path)).stdout
    )

    titles = [comparison["title"] for comparison in comparisons]
    assert len(titles) == len(set(titles))
    for comparison in comparisons:
        names = {contender["name"] for contender in comparison["contenders"]}
        assert {row["row"]["subject"] for row in comparison["rows"]} <= names
        for contender in comparison["contenders"]:
            needs_extra = any(word in contender["name"].lower() for word in EXTRA)
            assert (contender["missing"] in EXTRA) == needs_extra, contender
            assert contender["checked"] != needs_extra, contender
            assert contender["rounds"] == (0 if needs_extra else 1)
        for row in comparison["rows"]:
            assert (row["ratio"] is None) == (row["missing"] is not None)
    if not SOME:
        recorded = json.loads((HERE / "record.json").read_text())["rows"]
        assert recorded.keys() <= {
            f"{comparison['title']}: {row['row']['subject']} / {row['row']['against']}"
            for comparison in comparisons
            for row in comparison["rows"]
        }
    against = {row["row"]["against"] for row in comparisons[0]["rows"]}
    assert {"a bare ASGI function", "a Starlette route", "FastAPI with pydantic"} <= against
    assert "Flask with bandwidth-sdk" in against


def test_the_table_names_what_is_missing(tmp_path: Path) -> None:
    shown = run("--only", "POST sms", path=without_extra(tmp_path)).stdout

    assert "FastAPI with pydantic             not installed: fastapi (extra: bench)" in shown
    assert "Flask with bandwidth-sdk          not installed: bandwidth (extra: bench)" in shown
    assert "of its cost, goal <= 1.5 " in shown


def test_a_contender_with_wrong_output_is_not_timed() -> None:
    program = (
        "import harness\n"
        "wrong = harness.calls('wrong', lambda: lambda: 1, lambda output: output == 2)\n"
        "comparison = harness.Comparison('x', [wrong], [])\n"
        "try:\n"
        "    harness.measure(comparison, 1, 0.001)\n"
        "except harness.WrongOutput as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "wrong gives 1\n", done.stderr
