"""Rules of the code base that no single test of behaviour would notice being broken."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

import callbackkit
from callbackkit import v1
from callbackkit.http import HttpRequest
from callbackkit.v1 import samples

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "callbackkit"
CORE = sorted({*PACKAGE.glob("*.py"), *PACKAGE.glob("bxml/**/*.py")} - {PACKAGE / "__main__.py"})
COMMANDS = {PACKAGE / "__main__.py", *PACKAGE.glob("cli/**/*.py"), PACKAGE / "cli.py"}
DIALECTS = [path.parent.name for path in PACKAGE.glob("*/wire.py")]
MADE_BY_TOOLS = {"__pycache__", "build", "dist"}


def project_files() -> Iterator[Path]:
    """What is or could be committed: nothing that tools leave, and of hidden folders .ci and .github."""
    for top in ROOT.iterdir():
        if top.name == ".git":  # a file where this is a work tree beside another
            continue
        if top.is_file():
            yield top
        elif top.name in (".ci", ".github") or not (
            top.name.startswith(".") or top.name in MADE_BY_TOOLS
        ):
            yield from (
                path
                for path in top.rglob("*")
                if path.is_file() and not MADE_BY_TOOLS.intersection(path.parts[len(ROOT.parts) :])
            )


def imported(path: Path) -> set[str]:
    """Every module that a file names in an import, `from a import b` as both a and a.b."""
    found = set()
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def importers(module: str) -> set[str]:
    """The files of the package that import a module or something in it."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name == module or name.startswith(f"{module}.") for name in imported(path))
    }


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True
    )
    return set(json.loads(done.stdout))


def event_classes(cls: type[v1.Event]) -> Iterator[type[v1.Event]]:
    for below in cls.__subclasses__():
        yield below
        yield from event_classes(below)


# Each dependency has one door.


def test_signatures_are_looked_at_in_one_file() -> None:
    assert importers("inspect") == {"handlers.py"}


def test_xml_is_parsed_in_one_file() -> None:
    assert importers("lxml") == {"bxml/parsing.py"}
    for module in ("xml", "defusedxml"):
        assert importers(module) == set()


def test_an_http_client_has_two_doors_beside_the_commands() -> None:
    commands = {path.relative_to(PACKAGE).as_posix() for path in COMMANDS}
    assert importers("httpx") - commands == {"client/transport.py", "carrier/http.py"}
    for module in ("httpcore", "requests", "urllib.request", "http.client"):
        assert importers(module) == set()


@pytest.mark.parametrize(
    ("module", "door"), [("click", set()), ("uvicorn", {"testing/serving.py"})]
)
def test_only_commands_know_the_command_line_and_a_server(module: str, door: set[str]) -> None:
    commands = {path.relative_to(PACKAGE).as_posix() for path in COMMANDS}
    assert importers(module) - commands == door


def test_starlettes_router_is_known_to_what_mounts_and_to_two_servers() -> None:
    apis = {"carrier/phone_api.py", "carrier/server/routing.py"}
    assert importers("starlette.routing") == {"mounting.py"} | apis


def test_what_costs_or_warns_is_imported_nowhere() -> None:
    for path in [*PACKAGE.rglob("*.py"), *ROOT.glob("examples/**/*.py")]:
        names = imported(path)
        assert not any(name.startswith("starlette.testclient") for name in names), path
        tree = ast.parse(path.read_text("utf-8"))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        used |= {name.rpartition(".")[2] for name in names}
        assert "BaseHTTPMiddleware" not in used, path


# The core knows no dialect, and dialects don't know each other.


def test_there_is_a_dialect() -> None:
    assert "v1" in DIALECTS


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_neither_imports_nor_names_a_dialect(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node) is not None
        and isinstance(node.body[0], ast.Expr)
    }
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
    }
    texts |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    texts |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    texts |= imported(path)
    words = {word for text in texts for word in re.findall(r"[A-Za-z0-9]+", text)}
    assert words.isdisjoint({*DIALECTS, *map(str.upper, DIALECTS)})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialects_import_no_other(dialect: str) -> None:
    for path in PACKAGE.glob(f"{dialect}/**/*.py"):
        for other in set(DIALECTS) - {dialect}:
            assert not any(name.startswith(f"callbackkit.{other}") for name in imported(path)), path


def test_the_core_loads_no_dialect() -> None:
    loaded = loaded_by("import callbackkit, callbackkit.app, callbackkit.bxml.parsing")
    assert "callbackkit.app" in loaded
    assert loaded.isdisjoint(f"callbackkit.{dialect}" for dialect in DIALECTS)


def test_the_door_of_a_dialect_loads_only_what_serving_needs() -> None:
    loaded = loaded_by("import callbackkit.v1")
    top = {name.partition(".")[0] for name in loaded}
    assert top.isdisjoint({"httpx", "lxml", "click", "uvicorn", "fastapi"})
    assert loaded.isdisjoint({"starlette.routing", "starlette.testclient", "starlette.responses"})


# Events and their samples.


def test_every_event_class_has_a_sample_that_becomes_it() -> None:
    seen = set()
    for sample in samples.samples():
        query = sample.get("raw_query", "").encode()
        body = json.dumps(sample["body"]).encode() if "body" in sample else b""
        seen |= {
            type(event)
            for event in v1.DIALECT.decode(HttpRequest(sample["transport"], query=query, body=body))
        }
    declared = {
        cls
        for cls in event_classes(v1.Event)
        if cls.__module__.startswith("callbackkit.")
        and get_args(cls.model_fields["event_type"].annotation)
    }
    assert declared == set(v1.DIALECT.events.values())
    assert declared - seen == set()


def test_every_event_type_has_a_sample_of_its_name() -> None:
    names = {file.name.removesuffix(".json") for file in files(samples).iterdir()}
    assert v1.DIALECT.events.keys() <= names


def test_every_event_can_be_imported_from_the_door() -> None:
    for cls in v1.DIALECT.events.values():
        assert getattr(v1, cls.__name__) is cls
    for module in (v1, callbackkit):
        assert list(module.__all__) == sorted(set(module.__all__), key=_as_ruff_sorts)


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name)


# What a reader finds.


@pytest.mark.parametrize(
    "path",
    sorted([*PACKAGE.rglob("*.py"), *ROOT.glob("examples/**/*.py"), *ROOT.glob("tests/**/*.py")]),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_no_module_is_a_drawer_for_anything() -> None:
    names = {path.stem for path in PACKAGE.rglob("*.py")}
    assert names.isdisjoint({"utils", "util", "helpers", "common", "base", "misc"})


def test_the_top_level_holds_only_what_belongs_there() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    allowed = {"callbackkit", "tests", "examples", "pyproject.toml", "README.md"}
    assert allowed <= found
    assert found - allowed <= {"LICENSE", "CHANGELOG.md", "findings", *MADE_BY_TOOLS}


def test_there_is_no_lock_file() -> None:
    locks = re.compile(r".*\.lock|requirements.*\.txt|constraints.*\.txt|package-lock\.json")
    assert [path for path in project_files() if locks.fullmatch(path.name)] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    # Put together here, so that this file does not name them either.
    roots = "|".join(["work", "root", "home/[a-z]", "Users", "opt", "tmp/[a-z]"])
    hosts = "|".join(["pypi", "pythonhosted", "npmjs", "deb[.]debian", "debian[.]org"])
    wanted = re.compile(rf"(?<![\w.:/~}}])/(?:{roots})/[\w.]+|\b(?:{hosts})[.](?:org|com)\b")
    for path in project_files():
        text = path.read_text("utf-8", errors="ignore")
        assert wanted.search(text) is None, path
