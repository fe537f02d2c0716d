"""What the type checkers tell a user: right code passes both, and every wrong line is found."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "typing"
PASSING = sorted(path.name for path in FOLDER.glob("*_pass.py"))
FAILING = sorted(path.name for path in FOLDER.glob("*_fail.py"))

# Each line that a checker refuses, with what it says: {file name: {line: messages}}.
Found = dict[str, dict[int, list[str]]]


def mypy(folder: Path) -> Found:
    """One run over all files, with its cache outside of the project."""
    command = [sys.executable, "-m", "mypy", "--strict", "--output=json", "--no-incremental"]
    command += ["--config-file", "", "--cache-dir", str(folder)]
    done = subprocess.run(
        [*command, *map(str, FOLDER.glob("*.py"))],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: Found = {}
    for line in done.stdout.splitlines():
        problem = json.loads(line)
        if problem["severity"] == "error":
            lines = found.setdefault(Path(problem["file"]).name, {})
            lines.setdefault(problem["line"], []).append(problem["message"])
    return found


def pyright(folder: Path) -> Found:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable),
            *map(str, FOLDER.glob("*.py")),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: Found = {}
    for problem in json.loads(done.stdout)["generalDiagnostics"]:
        if problem["severity"] == "error":
            line = problem["range"]["start"]["line"] + 1
            lines = found.setdefault(Path(problem["file"]).name, {})
            lines.setdefault(line, []).append(problem["message"])
    return found


@pytest.fixture(scope="module", params=[mypy, pyright], ids=["mypy", "pyright"])
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Found:
    check: Callable[[Path], Found] = request.param
    return check(tmp_path_factory.mktemp("checker"))


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
