"""Filters on words: spellings that decoding brings in line, and words that are no documented ones."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from callbackkit import SetupError
from callbackkit.testing import Phone
from callbackkit.v1 import (
    AnyRecordingEvent,
    App,
    ConferenceEvent,
    Event,
    GatherEvent,
    HangupEvent,
    MessageEvent,
    RecordingEvent,
    SmsEvent,
    TranscriptionEvent,
)

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.anyio

InProcess = Callable[..., httpx.AsyncClient]

RECORDING = {"eventType": "recording", "recordingId": "rec-1"}
TRANSCRIPTION = {"eventType": "transcription", "transcriptionId": "t-1"}


def app_with(*events: Any, **filters: Any) -> tuple[App, list[Event]]:
    """An app with one handler, and what that has taken."""
    app, taken = App(duplicates=False), []

    @app.on(*events, **filters)
    async def handler(event: Event) -> None:
        taken.append(event)

    return app, taken


@pytest.mark.parametrize("field", ["status", "state"])
@pytest.mark.parametrize("sent", ["complete", "completed"])
@pytest.mark.parametrize("written", ["complete", "completed"])
@pytest.mark.parametrize(
    "events",
    [(RecordingEvent,), (TranscriptionEvent,), (AnyRecordingEvent,),
     (RecordingEvent, TranscriptionEvent)],
)  # fmt: skip
async def test_either_spelling_is_a_filter_for_both(
    events: Any, written: str, sent: str, field: str, in_process: InProcess
) -> None:
    app, taken = app_with(*events, **{field: written})
    async with in_process(app) as client:
        for event in (RECORDING, TRANSCRIPTION):
            for word in (sent, "error"):
                await client.post("/", json={**event, "status": word})
    both = events not in [(RecordingEvent,), (TranscriptionEvent,)]
    assert len(taken) == 1 + both
    assert app.doubts == ()


@pytest.mark.parametrize(
    ("event", "pattern", "word"),
    [
        (RecordingEvent, "completed", "complete"),
        (AnyRecordingEvent, "completed|error", "complete"),
        (TranscriptionEvent, "complete", "completed"),
    ],
)
def test_a_pattern_that_waits_for_the_other_spelling_is_refused(
    event: Any, pattern: str, word: str
) -> None:
    with pytest.raises(SetupError, match=rf"status= waits for .*\.status is '{word}' then"):
        app_with(event, status=re.compile(pattern))
    app_with(event, status=re.compile("completed?"))


def test_an_empty_id_is_refused_as_a_filter() -> None:
    with pytest.raises(SetupError, match="message_id='' never equals"):
        app_with(SmsEvent, message_id="")


@pytest.mark.parametrize(
    ("events", "filters", "meant"),
    [
        ((SmsEvent,), {"direction": "inn"}, "direction='inn' .* SmsEvent.direction; .* 'in'"),
        ((MessageEvent,), {"state": {"received", "Sent"}}, "state='Sent' .* 'sent'"),
        ((SmsEvent,), {"delivery_state": "not_delivered"}, "'not-delivered'"),
        ((GatherEvent,), {"reason": "hung up"}, "'hung-up'"),
        ((HangupEvent,), {"cause": "normal_clearing"}, "'NORMAL_CLEARING'"),
        ((ConferenceEvent,), {"status": "complete"}, "'completed'"),
        ((RecordingEvent,), {"status": "compleet"}, "'complete'"),
        (("transcription",), {"status": "Completed"}, "'completed'"),
    ],
)
def test_a_word_close_to_a_documented_one_is_doubted(events: Any, filters: Any, meant: str) -> None:
    app, _ = app_with(*events, **filters)
    (doubt,) = app.doubts
    assert re.search(meant, doubt)
    assert "test_filter_words.py" in doubt
    assert "did you mean" in doubt


@pytest.mark.parametrize(
    ("events", "filters"),
    [
        ((SmsEvent,), {"direction": "in", "delivery_code": {"752", "7200", "1"}}),
        ((SmsEvent,), {"direction": None, "tag": "inn", "text": "inn"}),
        ((HangupEvent,), {"cause": {"UNSPECIFIED", "SWITCH_CONGESTION", "CALL_AWARDED_DELIVERED",
                                    "NORMAL_CIRCUIT_CONGESTION", "NORMAL_UNSPECIFIED"}}),
        ((GatherEvent,), {"reason": "cancelled"}),
        ((HangupEvent, GatherEvent), {"tag": "complete"}),
        ((SmsEvent,), {"direction": re.compile("inn?")}),
        (("fax",), {"direction": "inn"}),
    ],
)  # fmt: skip
def test_a_word_that_may_well_come_is_not_doubted(events: Any, filters: Any) -> None:
    app, _ = app_with(*events, **filters)
    assert app.doubts == ()


def test_a_word_that_one_of_several_events_has_is_not_doubted() -> None:
    app, _ = app_with(RecordingEvent, GatherEvent, state="completed")
    assert app.doubts == ()


async def test_a_doubt_is_logged_once_and_the_app_serves(
    in_process: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    app, taken = app_with(SmsEvent, direction="inn")
    for _ in range(2):
        app.check()
        async with app.lifespan():
            pass
    async with in_process(app) as client:
        sms = {"eventType": "sms", "messageId": "m-1", "from": "+1", "to": "+2"}
        assert (await client.post("/", json={**sms, "direction": "inn"})).status_code == 200
    assert len(taken) == 1
    (record,) = [one for one in caplog.records if "direction='inn'" in one.getMessage()]
    assert record.levelno == logging.WARNING


async def test_the_kit_finds_a_doubt_once() -> None:
    app, _ = app_with(SmsEvent, direction="inn")
    async with Phone(app) as phone:
        await phone.text(None, "hello")
        await phone.text(None, "hello")
    (found,) = [one for one in phone.diagnostics if one.rule == "unlisted-word"]
    assert found.level == "warning"
    assert "did you mean 'in'?" in found.message


def test_routes_shows_a_doubt(tmp_path: Path) -> None:
    (tmp_path / "doubtful.py").write_text(
        "from callbackkit.v1 import App, SmsEvent\n"
        "app = App()\n"
        "@app.on(SmsEvent, direction='inn')\n"
        "async def texted(event: SmsEvent) -> None: ...\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "callbackkit", "routes", "doubtful:app"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, text=True,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert "texted" in done.stdout
    assert done.stderr.count("did you mean 'in'?") == 1
