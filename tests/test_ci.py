"""Hooks and workflows run the commands in .ci and the tools that are installed, and keep no secret.

They are read as text, as nothing here needs a reader of YAML.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORKFLOWS = ROOT / ".github" / "workflows"

pytestmark = pytest.mark.skipif(not WORKFLOWS.exists(), reason="an sdist has no workflows")


def values_of(key: str, text: str) -> list[str]:
    return re.findall(rf"^[ -]*{key}: (.+)$", text, re.MULTILINE)


def test_hooks_are_local_and_run_what_ci_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    checks = "".join((ROOT / ".ci" / name).read_text("utf-8") for name in ("lint", "types"))
    assert values_of("repo", hooks) == ["local"]
    assert set(values_of("language", hooks)) == {"system"}
    assert values_of("entry", hooks)
    for command in values_of("entry", hooks):
        assert re.search(rf"^{re.escape(command)}\b", checks, re.MULTILINE), command


def test_the_workflow_of_tests_runs_all_that_ci_runs() -> None:
    assert values_of("run", (WORKFLOWS / "test.yml").read_text("utf-8")) == ["bash .ci/run"]
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    for name, started in (("test", ".ci/test"), ("lint", "start lint "), ("types", "start types ")):
        assert (ROOT / ".ci" / name).is_file()
        assert started in run


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_has_few_rights_pinned_actions_and_no_secret(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "\npermissions:\n  contents: read\n" in text
    assert "secrets." not in text
    assert all(re.search(r"@(release/)?v\d+$", action) for action in values_of("uses", text))


def test_publishing_is_by_trusted_publishing() -> None:
    text = (WORKFLOWS / "publish.yml").read_text("utf-8")
    assert "id-token: write" in text
    assert not {"password", "token", "repository-url"} & set(re.findall(r"([\w-]+):", text))
