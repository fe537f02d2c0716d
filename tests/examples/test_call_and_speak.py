"""A call that is placed, waited for, spoken to and hung up."""

import pytest

pytestmark = pytest.mark.callbackkit(app=None, serve=True, numbers=["+19195550101"])


@pytest.fixture(autouse=True)
def _no_waiting(load, monkeypatch) -> None:
    example = load("call_and_speak")
    monkeypatch.setattr(example, "INTERVAL", 0.001)
    monkeypatch.setattr(example, "SENTENCE", 0.0)


def test_who_picks_up_hears_the_sentence(sync_phone, script, capsys) -> None:
    sync_phone.answers("+19195550102")

    script("call_and_speak", "+19195550101", "+19195550102")

    (call,) = sync_phone.calls
    assert (call.number, call.heard) == ("+19195550102", ["Hello From Bandwidth. Goodbye."])
    assert call.ended.cause == "NORMAL_CLEARING"
    assert capsys.readouterr().out == "Said it and hung up\n"


def test_who_is_busy_hears_nothing(sync_phone, script) -> None:
    sync_phone.is_busy("+19195550102")

    with pytest.raises(SystemExit, match="Nobody picked up"):
        script("call_and_speak", "+19195550101", "+19195550102")

    (call,) = sync_phone.calls
    assert call.heard == []
    assert call.ended.cause == "USER_BUSY"
