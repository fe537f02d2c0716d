"""A call that is placed, waited for, spoken to and hung up."""

import pytest


@pytest.fixture(autouse=True)
def _no_waiting(load, monkeypatch) -> None:
    example = load("call_and_speak")
    monkeypatch.setattr(example, "INTERVAL", 0.001)
    monkeypatch.setattr(example, "SENTENCE", 0.0)


def test_who_picks_up_hears_the_sentence(account, script, capsys) -> None:
    script("call_and_speak", "+19195550101", "+19195550102")

    (call,) = account.calls.values()
    assert (call["from"], call["to"], call["callTimeout"]) == ("+19195550101", "+19195550102", 30)
    assert account.spoken == [("c-1", "Hello From Bandwidth. Goodbye.")]
    assert call["state"] == "completed"
    assert call["seen"] == len(account.states)  # it waited until the call was active
    assert capsys.readouterr().out == "Said it and hung up\n"


def test_nobody_picks_up(account, script) -> None:
    account.states = ("started", "completed")

    with pytest.raises(SystemExit, match="Nobody picked up"):
        script("call_and_speak", "+19195550101", "+19195550102")

    assert account.spoken == []
