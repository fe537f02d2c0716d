"""No example without a test that runs it."""

from pathlib import Path

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parents[1] / "examples"


def test_every_example_has_a_test() -> None:
    names = {
        path.stem
        for path in EXAMPLES.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }

    assert names
    assert {name for name in names if not (TESTS / f"test_{name}.py").exists()} == set()


def test_every_example_says_how_to_run_it() -> None:
    for path in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*/main.py")]:
        module = ".".join(path.relative_to(EXAMPLES).with_suffix("").parts)
        text = path.read_text("utf-8")
        command = f"python {path.name} " if "__main__" in text else f"uvicorn {module}:"
        assert command in text.split('"""')[1], path
