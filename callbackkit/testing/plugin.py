"""The pytest plugin: fixtures for phones, without a line of configuration.

It is loaded by its entry point whenever pytest runs, so it imports nothing of the kit before a test
asks for a phone.
"""

import functools
import tomllib
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from callbackkit.testing.blocking import SyncPhone
    from callbackkit.testing.phone import Phone
    from callbackkit.testing.report import Report

MARKER = "callbackkit"

_NONE: Any = object()

_option = pytest.StashKey[dict[str, str]]()
_others = pytest.StashKey[list[tuple[str, str]]]()
_report = pytest.StashKey["Report"]()
_made = pytest.StashKey[dict[str, Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("callbackkit").addoption(
        "--callbackkit-report",
        action="store_true",
        help="show the open rules of the platform that the calls met, and the input at each Gather",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(app=..., rules={{}}, **options): the app that `phone` calls, as an object,"
        ' "module:name", a URL, or None; rules="all" runs the test under each option of the'
        " rules that it met; options are those of callbackkit.testing.Phone",
    )


@pytest.fixture
def phone_app(request: pytest.FixtureRequest) -> Any:
    """The app under test: of the marker `callbackkit`, else of [tool.callbackkit] in pyproject.toml
    (`app = "main:app"`). Override it to make one of your own."""
    from callbackkit.loading import LoadError, load

    marked = _marked(request.node)
    app = marked["app"] if "app" in marked else _configured(request.config).get("app", _NONE)
    if app is _NONE:
        raise pytest.UsageError(
            'which app does the phone call? Write [tool.callbackkit] with app = "main:app" into'
            ' pyproject.toml, mark the test with callbackkit(app="main:app"), or override the'
            " fixture phone_app"
        )
    if not isinstance(app, str) or "://" in app:
        return app
    try:
        return load(app, request.config.rootpath)
    except LoadError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture
def phone(phone_app: Any, request: pytest.FixtureRequest) -> "Phone":
    """A phone outside, which calls the app in an async test: see `callbackkit.testing.Phone`."""
    from callbackkit.testing.phone import Phone

    made = Phone(phone_app, **_options(request.node))
    _phones(request.node)["phone"] = made
    return made


@pytest.fixture
def sync_phone(phone_app: Any, request: pytest.FixtureRequest) -> "Iterator[SyncPhone]":
    """A phone outside, which calls the app in a plain test."""
    from callbackkit.testing.blocking import SyncPhone

    phone = SyncPhone(phone_app, **_options(request.node))
    _phones(request.node)["sync_phone"] = phone
    phone.__enter__()
    yield phone
    phone.strict = False  # what there was to say was said in the test
    phone.__exit__(None, None, None)


def _phones(item: Any) -> dict[str, Any]:
    """Return the phones of a test that our fixtures made: a project may have its own `phone`."""
    found: dict[str, Any] = item.stash.setdefault(_made, {})
    return found


def _marked(item: Any) -> dict[str, Any]:
    """Return the arguments of a test's marks; the closest mark wins."""
    found: dict[str, Any] = {}
    for mark in item.iter_markers(MARKER):
        if mark.args:
            raise pytest.UsageError(
                f"{item.nodeid}: the mark takes its values by name: {MARKER}(app=...)"
            )
        found = {**mark.kwargs, **found}
    return found


def _options(item: Any) -> dict[str, Any]:
    options = {name: value for name, value in _marked(item).items() if name != "app"}
    rules = options.get("rules", {})
    chosen = {} if rules == "all" else rules
    return {**options, "rules": {**chosen, **item.stash.get(_option, {})}}


@functools.cache
def _configured(config: pytest.Config) -> Mapping[str, Any]:
    path = config.rootpath / "pyproject.toml"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        found: Mapping[str, Any] = tomllib.load(file).get("tool", {}).get("callbackkit", {})
    if unknown := found.keys() - {"app"}:
        raise pytest.UsageError(
            f"[tool.callbackkit] has no {', '.join(sorted(unknown))}; it has app"
        )
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Run an async test inside the phone's `async with`, in the test's own event loop and task, and
    fail both kinds of tests for what was diagnosed."""
    phones = _phones(item)
    if not phones or not isinstance(item, pytest.Function):
        return (yield)
    from callbackkit.handlers import is_async

    test = item.obj
    if "phone" in phones:
        if not is_async(test):
            raise pytest.UsageError(f"{item.nodeid} is a plain test, which takes `sync_phone`")
        item.obj = _entered(test, phones["phone"])
    try:
        result = yield
        if "sync_phone" in phones:
            phones["sync_phone"].check()
        return result
    finally:
        item.obj = test
        for one in phones.values():
            item.stash[_others] = one.carrier.choices.others()
            if item.config.getoption("--callbackkit-report"):
                _report_of(item.config).add(one.carrier)


def _entered(test: Any, phone: "Phone") -> Any:
    @functools.wraps(test)
    async def entered(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        async with phone:
            return await test(*args, **kwargs)

    return entered


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test with rules="all" once, and again for each other option of the rules it met."""
    rules = _marked(item).get("rules", {})
    if isinstance(rules, Mapping):
        return None
    if rules != "all":
        raise pytest.UsageError(
            f'{item.nodeid}: rules= is "all" or maps rules to options, not {rules!r}'
        )
    from _pytest.runner import runtestprotocol

    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    others: list[tuple[str, str]] = []
    while True:
        item.stash[_option] = dict(others[:1])
        _phones(item).clear()
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        for report in reports:
            for name, option in others[:1]:
                report.sections.append(("callbackkit", f"the rule {name}={option}"))
                if not hasattr(item.config, "workerinput"):  # xdist knows items by their names
                    file, line, domain = report.location
                    report.nodeid = _renamed(report.nodeid, f"{name}={option}")
                    report.location = (file, line, _renamed(domain, f"{name}={option}"))
            item.ihook.pytest_runtest_logreport(report=report)
        if any(report.failed for report in reports):
            break
        # Only of the first run: under another option other rules may be met.
        others = others[1:] if others else item.stash.get(_others, [])
        if not others:
            break
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _renamed(name: str, words: str) -> str:
    """Return the name of a test with more words in its brackets."""
    return f"{name[:-1]}-{words}]" if name.endswith("]") else f"{name}[{words}]"


def _report_of(config: pytest.Config) -> "Report":
    from callbackkit.testing.report import Report

    return config.stash.setdefault(_report, Report())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    report = config.stash.get(_report, None)
    if report is not None:
        terminalreporter.section("callbackkit")
        for line in report.lines():
            terminalreporter.write_line(line)
