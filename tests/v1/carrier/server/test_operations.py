"""No documented operation is without a test of what it does to the carrier."""

import ast
import json
from pathlib import Path

import pytest

from callbackkit.rest import operations_in
from callbackkit.v1 import resources
from callbackkit.v1.carrier import Carrier
from callbackkit.v1.carrier.server import rest_app
from callbackkit.v1.carrier.server.api import SERVED

HERE = Path(__file__).parent
OPERATIONS = json.loads((HERE.parents[1] / "client" / "operations.json").read_text("utf-8"))
TESTS = {
    node.name
    for path in HERE.glob("test_*.py")
    for node in ast.parse(path.read_text("utf-8")).body
    if isinstance(node, ast.AsyncFunctionDef)
}
# What only SDKs know: served where it is no guess, refused otherwise.
UNDOCUMENTED = {
    ("GET", "/users/{}/domains/{}"),
    ("POST", "/users/{}/domains/{}/endpoints/{}/tokens"),
    ("DELETE", "/users/{}/domains/{}/endpoints/{}/tokens/{}"),
    ("HEAD", "/users/{}/media/{}"),
}


def plain(path: str) -> str:
    return "/".join("{}" if "{" in part else part for part in path.split("/"))


@pytest.mark.parametrize("operation", [one["operation"] for one in OPERATIONS])
def test_an_operation_has_a_test(operation: str) -> None:
    assert [name for name in TESTS if name == f"test_{operation}"]


def test_what_is_served_is_what_is_documented() -> None:
    documented = {(one["method"], plain(one["path"])) for one in OPERATIONS}
    served = {(operation.method, plain(operation.path)) for operation in SERVED}
    assert served == documented | UNDOCUMENTED


def test_a_declared_operation_is_served_and_nothing_else_is() -> None:
    declared = set(operations_in(resources))
    assert declared <= SERVED.keys()
    others = {(one.method, plain(one.path)) for one in SERVED.keys() - declared}
    assert others == UNDOCUMENTED


def test_a_path_and_method_have_one_function_which_has_no_other() -> None:
    places = {(serve, one.method, plain(one.path)) for one, serve in SERVED.items()}
    documented = [place for place in places if place[1:] not in UNDOCUMENTED]
    assert len({place[1:] for place in documented}) == len(documented)
    assert len({place[0] for place in documented}) == len(documented)


def test_the_carrier_gives_out_its_api() -> None:
    assert callable(rest_app(Carrier(), lambda action, *args: action(*args)))
