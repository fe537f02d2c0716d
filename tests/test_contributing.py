"""Each recipe of CONTRIBUTING names every place to touch: a copy of the tree that was touched there,
and nowhere else, has what the recipe adds."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = dict(re.findall(r"(?ms)^### (Add [^\n]+)\n(.*?)(?=^##)", TEXT))
STEP = re.compile(r"(?ms)(?P<before>.*?)^```(?P<language>\w+)(?P<run> run)?\n(?P<code>.*?)^```$")
PLACE = re.compile(
    r"At the end of `(?P<end>[^`]+)`:|New file `(?P<new>[^`]+)`:"
    r"|In `(?P<path>[^`]+)`, (?P<side>above|below) `(?P<anchor>[^`]+)`:"
)


def touch(tree: Path, where: str, code: str) -> None:
    """Do one step of a recipe in a copy of the tree."""
    place = PLACE.fullmatch(where)
    assert place is not None, f"no place: {where}"
    path = tree / (place["end"] or place["new"] or place["path"])
    if place["new"]:
        assert not path.exists()
        path.write_text(code, "utf-8")
        return
    text = path.read_text("utf-8")
    if place["end"]:
        path.write_text(f"{text}\n\n{code}" if code[:1].strip() else f"{text}{code}", "utf-8")
        return
    lines = text.splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if line.startswith(place["anchor"]))
    gap = "\n\n" if place["side"] == "above" and not code.endswith("\n\n") else ""
    lines.insert(number + (place["side"] == "below"), f"{code}{gap}")
    path.write_text("".join(lines), "utf-8")


def test_the_four_recipes_are_there() -> None:
    assert {"Add an event", "Add a verb", "Add a rule of the carrier"} <= set(RECIPES)
    assert "Add an operation of the REST API" in RECIPES


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_names_every_place_to_touch(name: str, tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "callbackkit",
        tmp_path / "callbackkit",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    programs = []
    for step in STEP.finditer(RECIPES[name]):
        if step["run"]:
            programs.append(step["code"])
        else:
            touch(tmp_path, step["before"].strip().rpartition("\n")[2], step["code"])
    assert programs
    for program in programs:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_the_map_names_what_there_is() -> None:
    drawn = TEXT.partition("```text\n")[2].partition("```")[0]
    for name in re.findall(r"[\w/]+\.py|[\w/]+/(?=\s|$)", drawn):
        assert list(ROOT.rglob(name.rstrip("/"))), name
    folders = {
        path.name for path in (ROOT / "callbackkit").iterdir() if (path / "__init__.py").is_file()
    }
    assert folders <= {name.rstrip("/") for name in re.findall(r"(?m)^  (\w+)/", drawn)}
