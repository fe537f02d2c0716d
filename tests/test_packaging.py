"""What users install: the wheel, away from the checkout, and an editable install of it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import pytest

from callbackkit.dialect import dialects

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LEFT_BY_TOOLS = ("__pycache__", "*.egg-info", "build", "dist", ".*")


def run(command: Sequence[str | Path], cwd: Path) -> str:
    """What a command prints. It fails the test if the command does, or if it sees this checkout."""
    # Neither variables of the checkout's own nor warnings turned into errors reach the command.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    env |= {"PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=env,
        capture_output=True,
        check=False,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass
class Environment:
    """A virtualenv in a folder of its own, and an empty folder to work in."""

    folder: Path

    def __post_init__(self) -> None:
        venv.create(self.folder / "venv")
        self.empty = self.folder / "empty"
        self.empty.mkdir()

    def script(self, name: str) -> Path:
        scripts = self.folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        return scripts / (name + (".exe" if os.name == "nt" else ""))

    def python(self, *arguments: str | Path) -> str:
        return run([self.script("python"), *arguments], self.empty)

    def pip(self, *arguments: str | Path) -> str:
        """Run the pip of the tests on this virtualenv, as making one of its own takes seconds."""
        command = [sys.executable, "-m", "pip", "--python", self.script("python"), *arguments]
        return run(command, self.empty)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, so that building it leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("checkout") / "callbackkit"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_BY_TOOLS))
    return copy


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist, and of the wheel that was built from the sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, checkout], folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (wheel,) = built.glob("callbackkit-*-py3-none-any.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A virtualenv with nothing but the wheel and what it asks for."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.pip("install", "--quiet", "--no-compile", wheel)
    return environment


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packed = {name for name in names if name.startswith("callbackkit/")}
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "callbackkit").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == sources
    assert {path.rpartition(".")[2] for path in packed} <= {"py", "json", "typed"}
    others = {name.partition("/")[0] for name in names - packed}
    assert others == {f"callbackkit-{PROJECT['version']}.dist-info"}


def test_the_sdist_can_be_tested(built: Path) -> None:
    shutil.unpack_archive(*built.glob("*.tar.gz"), built / "unpacked", filter="data")
    (folder,) = (built / "unpacked").iterdir()
    for name in ("callbackkit", "tests", "examples", "pyproject.toml", "README.md", "LICENSE"):
        assert (folder / name).exists(), name


def test_the_wheel_brings_all_that_it_needs(installed: Environment) -> None:
    installed.pip("check")
    code = """if True:
        import importlib, pkgutil, callbackkit
        for module in pkgutil.walk_packages(callbackkit.__path__, "callbackkit."):
            # The one is the command, the other is loaded by pytest, which need not be there.
            if not module.name.endswith(("__main__", "callbackkit.testing.plugin")):
                importlib.import_module(module.name)
        print(callbackkit.__file__)
    """
    where = Path(installed.python("-W", "error", "-c", code).strip())
    assert where.is_relative_to(installed.folder)


def test_the_wheel_brings_its_data(installed: Environment) -> None:
    code = """if True:
        from importlib.resources import files
        from callbackkit.v1 import DIALECT, samples
        assert {sample["id"] for sample in samples.samples()}
        assert all(samples.samples(name) for name in DIALECT.events)
        assert (files("callbackkit") / "py.typed").is_file()
    """
    installed.python("-c", code)


def test_the_installed_command_plays_the_demo(installed: Environment) -> None:
    printed = run([installed.script("callbackkit"), "demo"], installed.empty)
    assert "<Response>" in printed
    assert str(ROOT) not in printed
    assert list(installed.empty.iterdir()) == []
    assert PROJECT["version"] in installed.python("-m", "callbackkit", "--version")
    code = "import callbackkit; print(callbackkit.__version__)"
    assert installed.python("-c", code).strip() == PROJECT["version"]


def test_an_editable_install_serves_the_checkout(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, installed: Environment
) -> None:
    # Last in this file: it replaces the wheel.
    # The wheel of an editable install is built here, as pip would fetch the backend for it.
    folder = tmp_path_factory.mktemp("editable")
    code = f"from hatchling.build import build_editable; print(build_editable({str(folder)!r}))"
    name = run([sys.executable, "-c", code], checkout).split()[-1]
    installed.pip("install", "--quiet", "--no-deps", "--force-reinstall", folder / name)
    code = "import callbackkit.v1; print(callbackkit.__file__)"
    assert Path(installed.python("-c", code).strip()).is_relative_to(checkout)
    assert "<Response>" in run([installed.script("callbackkit"), "demo"], installed.empty)
    assert sorted(path.name for path in checkout.iterdir()) == sorted(
        path.name
        for path in ROOT.iterdir()
        if not any(path.match(pattern) for pattern in LEFT_BY_TOOLS)
    )


def test_an_install_without_sources_knows_its_dialects(tmp_path: Path) -> None:
    shutil.copytree(
        ROOT / "callbackkit", tmp_path / "callbackkit", ignore=shutil.ignore_patterns("__pycache__")
    )
    run([sys.executable, "-m", "compileall", "-q", "-b", tmp_path], tmp_path)
    for source in tmp_path.rglob("*.py"):
        source.unlink()
    code = "from callbackkit.dialect import dialect_named, dialects; print(*map(dialect_named, dialects()))"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("Dialect(name=") == len(dialects())


def test_every_extra_is_there(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    assert metadata.get_all("Provides-Extra") == sorted(PROJECT["optional-dependencies"])
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_every_dependency_has_a_floor_and_no_ceiling() -> None:
    extras = PROJECT["optional-dependencies"].values()
    for requirement in [*PROJECT["dependencies"], *(line for lines in extras for line in lines)]:
        assert re.fullmatch(r"[a-z-]+(\[\w+\])?>=[\d.]+|callbackkit\[(test|aiohttp)\]", requirement)


def test_every_supported_python_is_named() -> None:
    named = {line for line in PROJECT["classifiers"] if "Python :: 3." in line}
    assert PROJECT["requires-python"] == ">=3.11"
    version = f"Programming Language :: Python :: 3.{sys.version_info.minor}"
    assert version in named
