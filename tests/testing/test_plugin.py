"""The pytest plugin in a project of its own: nothing but a pyproject.toml and a test file."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

MAIN = """
from callbackkit.v1 import AnswerEvent, App, Gather, GatherEvent, Hangup, Reply, SpeakSentence

app = App()

@app.on(AnswerEvent)
async def menu(call: AnswerEvent) -> Reply:
    question = SpeakSentence("Press 1 for sales.", voice="julie")
    return Gather(question, request_url="/picked", max_digits=1)

@app.on(GatherEvent)
async def picked(event: GatherEvent) -> Reply:
    return [SpeakSentence(f"You pressed {event.digits}.", voice="julie"), Hangup()]
"""
TEST = """
async def test_menu(phone):
    call = await phone.call("+19195550100")
    await call.hears("Press 1")
    await call.press("1")
    await call.hears("You pressed 1")
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`project(test, *options)` runs pytest on a project that has an app in main.py, and gives what
    it prints; in a process of its own where `fresh`, else in this one, which is much quicker."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.syspath_prepend(pytester.path)

    def run(
        test: str,
        *options: str,
        config: str = 'anyio_mode = "auto"',
        kit: str = 'app = "main:app"',
        main: str = MAIN,
        fresh: bool = False,
    ) -> str:
        pytester.makepyfile(main=main, test_main=test)
        pytester.makepyprojecttoml(
            f"[tool.callbackkit]\n{kit}\n\n[tool.pytest.ini_options]\n{config}\n"
        )
        plugins = [] if "asyncio" in config else ["-p", "no:asyncio"]
        run = pytester.runpytest_subprocess if fresh else pytester.runpytest_inprocess
        done = run("-p", "no:cacheprovider", *plugins, *options)
        return f"{done.stdout}{done.stderr}"

    return run


def test_a_test_needs_nothing_but_the_name_of_its_app(project) -> None:
    assert "1 passed" in project(TEST, "-W", "error", fresh=True)


def test_the_asyncio_plugin_runs_it_as_well(project) -> None:
    config = 'asyncio_mode = "auto"\nasyncio_default_fixture_loop_scope = "function"'

    assert "1 passed" in project(TEST, "-W", "error", config=config, fresh=True)


def test_a_plain_test_has_a_phone_too(project) -> None:
    test = """
def test_menu(sync_phone):
    call = sync_phone.call()
    call.press("1")
    call.hears("You pressed 1")
    assert call.ends().cause == "NORMAL_CLEARING"
"""
    assert "1 passed" in project(test, "-W", "error")


def test_a_failure_prints_the_transcript_with_the_handlers_line(project) -> None:
    printed = project(TEST.replace("You pressed 1", "You pressed 2"))

    assert '"You pressed 2" was not heard: the call ended' in printed
    assert re.search(r"answer +200  Gather\(maxDigits=1\)  main\.py:5", printed)
    assert "1 failed" in printed
    assert "callbackkit/testing" not in printed.replace(os.sep, "/").replace("testing.failures", "")


def test_an_error_that_nobody_looked_for_fails_the_test_itself(project) -> None:
    broken = MAIN.replace('return [SpeakSentence(f"You', '1 / 0\n    return [SpeakSentence(f"You')
    test = """
async def test_async(phone):
    await (await phone.call()).press("1")

def test_plain(sync_phone):
    sync_phone.call().press("1")

async def test_told_otherwise(phone):
    phone.strict = False
    await (await phone.call()).press("1")
"""
    printed = project(test, main=broken)

    assert "2 failed, 1 passed" in printed
    assert "handler-raised" in printed
    assert "ZeroDivisionError" in printed


def test_each_reading_of_the_rules_that_were_met_is_tried(project) -> None:
    test = """
import pytest

@pytest.mark.callbackkit(rules="all")
async def test_silence(phone):
    call = await phone.call()
    await call.stays_silent()
    await call.hears("You pressed")

@pytest.mark.callbackkit(rules="all")
async def test_a_key(phone):
    call = await phone.call()
    await call.press("1")
    await call.hears("You pressed")
"""
    printed = project(test, "-v")

    assert re.search(r"test_silence\S* PASSED", printed)
    assert re.search(r"test_silence\S*no-input=next\S* FAILED", printed)
    assert re.search(r"test_a_key\S* PASSED", printed)
    assert len(re.findall(r"test_a_key\S* PASSED", printed)) == 1
    assert "1 failed, 2 passed" in printed


def test_options_are_those_of_the_phone(project) -> None:
    test = """
import pytest
import main
from callbackkit.v1 import App

pytestmark = pytest.mark.callbackkit(number="+19195550042", rules={"typeahead": "buffer"})

@pytest.mark.callbackkit(app=main.app)
async def test_marks_join(phone):
    assert phone.number == "+19195550042"
    assert phone.carrier.rule("typeahead") == "buffer"
    assert phone.app is main.app

@pytest.fixture
def phone_app():
    return App()

async def test_the_fixture_can_be_overridden(phone):
    assert phone.app is not main.app
"""
    printed = project(test)

    assert "1 failed, 1 passed" in printed  # the fixture takes the place of every mark
    assert "2 passed" in project(test.replace("    assert phone.app is main.app\n", ""))


@pytest.mark.parametrize(
    ("kit", "words"),
    [
        ("", "which app does the phone call?"),
        ('app = "main:ap"', "did you mean main:app?"),
        ('app = "mian:app"', "there is no module mian here"),
        ('aap = "main:app"', "[tool.callbackkit] has no aap; it has app"),
    ],
)
def test_a_wrong_configuration_is_one_sentence(project, kit: str, words: str) -> None:
    assert words in project(TEST, kit=kit)


def test_a_wrong_value_of_rules_is_refused(project) -> None:
    test = f'import pytest\npytestmark = pytest.mark.callbackkit(rules="some")\n{TEST}'

    assert 'rules= is "all" or maps rules to options' in project(test)


def test_the_report_shows_rules_and_the_outcome_of_each_gather(project) -> None:
    test = (
        TEST
        + """
async def test_silence(phone):
    call = await phone.call()
    await call.stays_silent()
    await (await phone.call()).hang_up()
"""
    )
    printed = project(test, "--callbackkit-report")

    assert re.search(
        r"no-input: What does a Gather do when no key is pressed at all\? \[event\]", printed
    )
    assert "  /picked: 1, hung up, no input\n" in printed


def test_the_plugin_imports_no_carrier_before_a_phone_is_used() -> None:
    code = (
        "import sys, callbackkit.testing.plugin; print([m for m in sys.modules if 'carrier' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_readings_are_tried_by_xdist_too(project) -> None:
    test = f'import pytest\npytestmark = pytest.mark.callbackkit(rules="all")\n{TEST}'
    silence = """
async def test_silence(phone):
    call = await phone.call()
    await call.stays_silent()
    await call.hears("You pressed")
"""
    printed = project(test + silence, "-n", "1", fresh=True)

    assert "INTERNALERROR" not in printed
    assert "1 failed, 2 passed" in printed
    assert "the rule no-input=next" in printed


def test_a_project_may_have_a_phone_of_its_own(project) -> None:
    test = """
import pytest

@pytest.fixture
def phone():
    return "+19195551212"

def test_plain(phone):
    assert phone == "+19195551212"

async def test_async(phone):
    assert phone == "+19195551212"
"""
    assert "2 passed" in project(test)


def test_an_async_phone_in_a_plain_test_names_the_right_fixture(project) -> None:
    printed = project("def test_plain(phone):\n    pass\n")

    assert "test_plain is a plain test, which takes `sync_phone`" in printed
    assert "passed" not in printed


def test_marks_take_their_values_by_name(project) -> None:
    test = f'import pytest\npytestmark = pytest.mark.callbackkit("main:app")\n{TEST}'

    assert "takes its values by name: callbackkit(app=...)" in project(test)
