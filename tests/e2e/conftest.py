"""Tests that need more than the extra `test`: npm, packages that are installed on the way."""

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("CALLBACKKIT_TESTS") != "all":
        skip = pytest.mark.skip(
            reason="needs npm and packages from outside; CALLBACKKIT_TESTS=all runs it"
        )
        for item in items:
            if "e2e" in item.path.parts:
                item.add_marker(skip)
