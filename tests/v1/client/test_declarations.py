"""What is declared of each REST resource is what its page says: the third witness of client and
carrier, which both use the declarations.

`operations.json` holds what the pages say; a name with a dot is one inside an object, "[]." one
inside a list.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from callbackkit.rest import Operation, operations_in
from callbackkit.v1 import resources

DOCUMENTED = json.loads(Path(__file__).with_name("operations.json").read_text("utf-8"))


OPERATIONS = list(operations_in(resources))


def place(path: str) -> str:
    """A path whose variable parts have no names: pages choose others."""
    return re.sub(r"\{\w+\}", "{}", path)


def names(operation: Operation) -> set[str]:
    """What an operation sends, by names on the wire."""
    taken = set() if operation.takes is None else operation.takes.wire_names
    sent = {name for name in (*taken, *operation.sends) if name not in operation.path_names}
    return {f"[].{name}" if operation.listed else name for name in sent}


def documented(operation: Operation) -> list[dict[str, Any]]:
    """The pages of an operation: those of one that sends a list are their own."""
    return [
        page
        for page in DOCUMENTED
        if (page["method"], place(page["path"])) == (operation.method, place(operation.path))
        and any(name.startswith("[]") for name in page["body"]) == operation.listed
    ]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_documented_with_all_that_it_sends(operation: Operation) -> None:
    pages = documented(operation)
    assert pages
    known = {name for page in pages for name in page["query" if operation.in_query else "body"]}
    assert names(operation) <= known


@pytest.mark.parametrize("page", DOCUMENTED, ids=lambda page: page["operation"])
def test_a_documented_operation_is_declared_with_all_that_it_takes(page: dict[str, Any]) -> None:
    found = [operation for operation in OPERATIONS if page in documented(operation)]
    assert {name for operation in found for name in names(operation)} >= {
        *page["query"],
        *page["body"],
    }
    response = page["response"]
    if response == "location":
        # A created domain is the one thing that no page says how to read alone.
        assert any(one.created or one.name == "domains.create" for one in found)
    elif response not in (None, "binary"):
        assert any(one.returns for one in found)
    if page["pagination"]:
        assert page["pagination"] in {one.paging for one in found}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_only_creations_and_commands_are_not_repeated(operation: Operation) -> None:
    assert operation.repeatable or operation.method == "POST"
    if operation.created is not None:
        assert not operation.repeatable
