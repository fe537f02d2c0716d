"""Rules of the code base that no single test of behaviour would notice being broken."""

import ast
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeGuard, get_args

import pytest

import callbackkit
from callbackkit import v1
from callbackkit.carrier.ledger import Ledger
from callbackkit.dialect import dialect_named, dialects
from callbackkit.http import HttpRequest
from callbackkit.models import Model
from callbackkit.rest import Operation
from callbackkit.v1 import samples

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "callbackkit"
COMMANDS = {PACKAGE / "__main__.py", *PACKAGE.glob("cli/**/*.py"), PACKAGE / "cli.py"}
DIALECTS = dialects()
NEUTRAL = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in DIALECTS
)
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


def in_package(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


parsed = cache(ast.parse)


def tree_of(path: Path) -> ast.Module:
    return parsed(path.read_text("utf-8"))


@cache
def imported(path: Path) -> frozenset[str]:
    """Every module that a file names in an import, `from a import b` as both a and a.b."""
    found = set()
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def importers(module: str) -> set[str]:
    """The files of the package that import a module or something in it."""
    return {
        in_package(path)
        for path in PACKAGE.rglob("*.py")
        if any(name == module or name.startswith(f"{module}.") for name in imported(path))
    }


def file_of(module: str) -> Path | None:
    base = PACKAGE.parent.joinpath(*module.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def imported_files(path: Path) -> set[Path]:
    """The files of the package that a file imports, also in functions and for type checkers.

    `from package import name` is the submodule where it is one, else the package.
    """
    found = set()
    for node in ast.walk(tree_of(path)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                names.append(whole if file_of(whole) else node.module)
        found |= {file for name in names if (file := file_of(name)) is not None}
    return found


def circles(graph: dict[Path, set[Path]]) -> list[set[str]]:
    """The sets of more than one file in which each leads to each (Tarjan)."""
    order: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    found: list[set[str]] = []

    def visit(path: Path) -> None:
        order[path] = low[path] = len(order)
        stack.append(path)
        for other in graph[path]:
            if other not in order:
                visit(other)
            if other in stack:
                low[path] = min(low[path], low[other])
        if low[path] == order[path]:
            circle = set()
            while path not in circle:
                circle.add(stack.pop())
            if len(circle) > 1:
                found.append({in_package(member) for member in circle})

    for path in graph:
        if path not in order:
            visit(path)
    return found


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
    commands = {in_package(path) for path in COMMANDS}
    assert importers("httpx") - commands == {"client/transport.py", "carrier/http.py"}
    for module in ("httpcore", "requests", "urllib.request", "http.client"):
        assert importers(module) == set()


@pytest.mark.parametrize(
    ("module", "door"), [("click", set()), ("uvicorn", {"testing/serving.py"})]
)
def test_only_commands_know_the_command_line_and_a_server(module: str, door: set[str]) -> None:
    commands = {in_package(path) for path in COMMANDS}
    assert importers(module) - commands == door


def test_starlettes_router_is_known_to_what_mounts_and_to_two_servers() -> None:
    apis = {"carrier/phone_api.py", "carrier/server/routing.py"}
    assert importers("starlette.routing") == {"mounting.py"} | apis


def test_slow_and_deprecated_modules_are_imported_nowhere() -> None:
    for path in [*PACKAGE.rglob("*.py"), *ROOT.glob("examples/**/*.py")]:
        names = imported(path)
        assert not any(name.startswith("starlette.testclient") for name in names), path
        tree = tree_of(path)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        used |= {name.rpartition(".")[2] for name in names}
        assert "BaseHTTPMiddleware" not in used, path


# The core knows no dialect, and dialects don't know each other.


def test_there_is_a_dialect() -> None:
    assert "v1" in DIALECTS


@pytest.mark.parametrize("path", NEUTRAL, ids=in_package)
def test_neutral_packages_import_no_dialect(path: Path) -> None:
    for dialect in DIALECTS:
        assert not any(name.startswith(f"callbackkit.{dialect}") for name in imported(path))


# Imports lead one way.

# To be emptied: files that are still in a circle of imports; delete each with its circle.
KNOWN_CIRCLES: list[set[str]] = []


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {path: imported_files(path) for path in sorted(PACKAGE.rglob("*.py"))}
    assert sorted(map(sorted, circles(graph))) == sorted(map(sorted, KNOWN_CIRCLES))


def test_a_circle_is_found() -> None:
    first, second, third = (PACKAGE / f"{name}.py" for name in "abc")
    graph = {first: {second}, second: {third, second}, third: {second}}
    assert circles(graph) == [{"b.py", "c.py"}]
    graph[third] = set()
    assert circles(graph) == []


# Packages that every dialect shares hold no word of a single one: in `call.max_digits`, in
# "eventType", in a page of its documentation. What is looked for comes from the dialects' own
# classes. What differs between protocols is data of the dialect (callbackkit/dialect.py) or of its
# classes: ask those instead of naming the word.

FREE = {
    # Plain words that happen to be a kind of event.
    *("answer", "conference", "error", "gather", "hangup", "playback", "recording", "redirect"),
    *("reject", "speak", "timeout", "transcription", "sms", "mms", "dtmf"),
    # Elements of both protocols (verbs.json of either).
    *("Gather", "Hangup", "Pause", "PhoneNumber", "PlayAudio", "Record", "Redirect", "Response"),
    *("SendDtmf", "SpeakSentence", "Transfer"),
    # Fields that say in both what they say everywhere.
    *("callback_url", "fallback_url", "file_format"),
}

# To be emptied: each line names words that a file still holds; delete it with the last of them.
KNOWN_WORDS: dict[str, set[str]] = {}


def everything_below(cls: type[Any]) -> Iterator[type[Any]]:
    for below in cls.__subclasses__():
        yield below
        yield from everything_below(below)


def modules_of(dialect: str) -> list[Any]:
    names = pkgutil.walk_packages([str(PACKAGE / dialect)], f"callbackkit.{dialect}.")
    return [import_module(found.name) for found in names]


def is_compound(word: str) -> bool:
    """Whether it is camelCase, or snake_case of two words or more."""
    return re.search(r"[a-z0-9][A-Z]|[a-z0-9]_[a-z0-9]", word) is not None


def snake_case(word: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0]}", word).lower()


@cache
def words_of(dialect: str) -> frozenset[str]:
    """Its name, kinds of events, elements, and every field name that is no plain word."""
    spoken = dialect_named(dialect)
    fields: set[str] = set()
    for module in modules_of(dialect):
        for operation in vars(module).values():
            if isinstance(operation, Operation):
                fields.update(operation.path_names)
                if operation.takes is not None:
                    fields |= operation.takes.names
                    fields.update(*[name.split(".") for name in operation.takes.wire_names])
    for cls in everything_below(Model):
        if cls.__module__.startswith(f"{spoken.module}."):
            for name, field in cls.model_fields.items():
                fields |= {name, field.alias or name}
    for element in spoken.vocabulary.values():
        for attribute in element.shape.attributes.values():
            fields |= {attribute.name, attribute.xml_name}
    fields |= {snake_case(field) for field in fields}
    compound = {field.rstrip("_") for field in fields if is_compound(field.rstrip("_"))}
    return frozenset({dialect, *spoken.events, *spoken.vocabulary, *compound} - FREE)


@cache
def folders_of_pages(dialect: str) -> frozenset[str]:
    """The top folders of its documentation, such as "bxml/"."""
    spoken = dialect_named(dialect)
    pages = {element.docs for element in spoken.vocabulary.values()} | {*spoken.pages.values()}
    for module in modules_of(dialect):
        for value in vars(module).values():
            if isinstance(value, Ledger):
                pages.update(*[rule.pages for rule in value])
    return frozenset(page.partition("/")[0] + "/" for page in pages)


@cache
def limits_of(dialect: str) -> frozenset[int]:
    return frozenset(document.max_size for document in dialect_named(dialect).documents)


def told_to_users(node: ast.AST) -> bool:
    """Whether the docstring of a function is the help of a command."""
    decorators = getattr(node, "decorator_list", ())
    return any("command" in ast.unparse(one) or "group" in ast.unparse(one) for one in decorators)


def is_docstring(node: ast.AST) -> TypeGuard[ast.Expr]:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def texts_and_names(path: Path) -> Iterator[str | int]:
    """What the code of a file says, without its comments and docstrings."""
    tree = tree_of(path)
    skipped = {
        child.value
        for node in ast.walk(tree)
        if not told_to_users(node)
        for child in ast.iter_child_nodes(node)
        if is_docstring(child)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in skipped:
            if isinstance(node.value, str | int):
                yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def protocol_words(path: Path) -> set[str]:
    """The words in a file that belong to one protocol."""
    found: set[str] = set()
    words = {word for dialect in DIALECTS for word in words_of(dialect)}
    folders = tuple({folder for dialect in DIALECTS for folder in folders_of_pages(dialect)})
    limits = {limit for dialect in DIALECTS for limit in limits_of(dialect)}
    for text in texts_and_names(path):
        if isinstance(text, int):
            found |= {str(text)} if text in limits else set()
            continue
        # A page may be part of a longer text, and so may a word.
        found |= {token for token in re.findall(r"[\w/-]+", text) if token.startswith(folders)}
        found |= words.intersection(word.strip("_") for word in re.findall(r"[\w-]+", text))
    return found


@pytest.mark.parametrize("path", NEUTRAL, ids=in_package)
def test_neutral_packages_hold_no_word_of_one_dialect(path: Path) -> None:
    # Commands that take no app have one dialect, named in one place.
    allowed = {*DIALECTS} if in_package(path) == "cli/loading.py" else set()
    assert protocol_words(path) - allowed == KNOWN_WORDS.get(in_package(path), set())


def test_a_word_of_one_protocol_is_found(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(
        '''"""Docstrings may say eventType."""\n'''
        'def f(call_id):\n    """And v1."""\n    return call_id.dtmfDigit\n'
        'x = ["see bxml/verbs/gather", "incomingcall", 16384, "callbackkit.v1", "a gather_id"]\n'
    )
    assert protocol_words(sample) == {
        *("call_id", "dtmfDigit", "bxml/verbs/gather", "incomingcall", "16384", "v1", "gather_id"),
    }
    sample.write_text("text = state = Gather = SpeakSentence = answer = timeout = 10\n")
    assert protocol_words(sample) == set()


def test_known_words_are_of_files_that_exist() -> None:
    assert KNOWN_WORDS.keys() <= {in_package(path) for path in NEUTRAL}


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
    assert loaded.isdisjoint({"callbackkit.client", "callbackkit.rest", "callbackkit.v1.resources"})


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


@pytest.mark.parametrize("module", [v1, callbackkit])
def test_every_exported_name_is_there_once(module: Any) -> None:
    assert len(module.__all__) == len({*module.__all__})
    assert all(hasattr(module, name) for name in module.__all__)


# What a reader finds.


@pytest.mark.parametrize(
    "path",
    sorted([*PACKAGE.rglob("*.py"), *ROOT.glob("examples/**/*.py"), *ROOT.glob("tests/**/*.py")]),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


def test_no_module_has_a_name_that_could_hold_anything() -> None:
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


# A docstring says what something is or does: "Return ...", "The target of ...".
RELATIVE = ("What", "Whether", "Who", "Whoever", "Whatever", "How", "Let", "Where", "Why", "When")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=in_package)
def test_no_docstring_begins_with_a_relative_clause(path: Path) -> None:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(node) for node in ast.walk(tree_of(path)) if isinstance(node, kinds)]
    assert [
        text for text in texts if text and text.startswith(tuple(f"{w} " for w in RELATIVE))
    ] == []
