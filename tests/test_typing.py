"""What the type checkers tell a user: right code passes both, and every wrong line is found."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "typing"
PASSING = sorted(path.name for path in FOLDER.glob("*_pass.py"))
FAILING = sorted(path.name for path in FOLDER.glob("*_fail.py"))

# Each line that a checker refuses, with what it says: {file name: {line: messages}}.
Found = dict[str, dict[int, list[str]]]


FILES = sorted(map(str, FOLDER.glob("*.py")))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The output of each checker over all files, run side by side, outside of the project."""
    folder = tmp_path_factory.mktemp("checker")
    commands = {
        "mypy": (
            *("mypy", "--strict", "--output=json", "--no-incremental"),
            *("--config-file", "", "--cache-dir", str(folder)),
        ),
        "pyright": ("pyright", "--outputjson", "--pythonpath", sys.executable),
    }
    with ThreadPoolExecutor() as threads:
        runs = {
            name: threads.submit(
                subprocess.run,
                [sys.executable, "-m", *command, *FILES],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            for name, command in commands.items()
        }
    for run in runs.values():
        assert run.result().returncode == 1, run.result().stdout + run.result().stderr
    return {name: run.result().stdout for name, run in runs.items()}


def problems_of(name: str, printed: str) -> Iterator[tuple[str, int, str]]:
    """File, line and message of each error that a checker prints."""
    if name == "mypy":
        for line in printed.splitlines():
            problem = json.loads(line)
            if problem["severity"] == "error":
                yield problem["file"], problem["line"], problem["message"]
    else:
        for problem in json.loads(printed)["generalDiagnostics"]:
            if problem["severity"] == "error":
                line = problem["range"]["start"]["line"] + 1
                yield problem["file"], line, problem["message"]


@pytest.fixture(scope="module", params=["mypy", "pyright"])
def found(request: pytest.FixtureRequest, printed: dict[str, str]) -> Found:
    found: Found = {}
    for file, line, message in problems_of(request.param, printed[request.param]):
        found.setdefault(Path(file).name, {}).setdefault(line, []).append(message)
    return found


@pytest.mark.parametrize("name", PASSING)
def test_right_code_passes(found: Found, name: str) -> None:
    assert found.get(name, {}) == {}


@pytest.mark.parametrize("name", FAILING)
def test_exactly_the_wrong_lines_are_refused(found: Found, name: str) -> None:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    wrong = {number for number, line in enumerate(lines, 1) if line.endswith("  # error")}
    refused = found.get(name, {})
    missed = [f"{number}: {lines[number - 1]}" for number in sorted(wrong - refused.keys())]
    surplus = {number: refused[number] for number in sorted(refused.keys() - wrong)}
    assert wrong
    assert (missed, surplus) == ([], {})


def test_there_are_files_of_both_kinds() -> None:
    kinds = [{name.rpartition("_")[0] for name in names} for names in (PASSING, FAILING)]
    assert kinds[0] == kinds[1] >= {"client", "handlers", "verbs"}
    assert {path.name for path in FOLDER.glob("*.py")} == {*PASSING, *FAILING}
