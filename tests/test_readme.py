"""README promises only what is so: its code runs, its commands exist, its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import callbackkit.v1.quickstart
from callbackkit.cli import main
from callbackkit.v1 import App

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
TESTS = [code for code in PYTHON if "def test_" in code]
SHELL = [code for language, code in BLOCKS if language == "sh"]


def test_the_first_two_commands_install_and_run_the_demo_and_the_tests() -> None:
    # CI takes them from here and runs them as they are.
    assert SHELL[:2] == [
        "pip install . && callbackkit demo\n",
        'pip install -e ".[test]" && python -m pytest\n',
    ]


def test_the_quickstart_is_shown_whole() -> None:
    assert PYTHON[0] == Path(callbackkit.v1.quickstart.__file__).read_text("utf-8")


def test_the_second_piece_of_code_is_a_test_that_passes(tmp_path: Path) -> None:
    assert PYTHON[1:2] == TESTS
    (config,) = (code for language, code in BLOCKS if language == "toml")
    (tmp_path / "pyproject.toml").write_text(config, "utf-8")
    (tmp_path / "test_app.py").write_text(PYTHON[1], "utf-8")
    command = [sys.executable, "-m", "pytest", "-W", "error", "-p", "no:asyncio"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("code", PYTHON[2:], ids=lambda code: code.splitlines()[-1][:40])
def test_every_piece_of_code_makes_an_app_that_passes_its_checks(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("readme_code")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(code, "README.md", "exec"), vars(module))
    assert isinstance(module.app, App)
    module.app.check()


def test_the_table_has_every_command_and_no_other() -> None:
    assert set(re.findall(r"^\| `callbackkit (\w+)", README, re.MULTILINE)) == set(main.commands)


def test_every_option_that_is_named_exists() -> None:
    known = {
        name
        for command in main.commands.values()
        for parameter in command.params
        for name in parameter.opts
    }
    commands = [*SHELL, *re.findall(r"`([^`]*)`", README)]
    named = {
        name
        for text in commands
        if "pip" not in text
        for name in re.findall(r"(?<!\S)--[a-z-]+", text)
    }
    assert named <= known | {"--help"}
    assert named


def test_every_link_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
