"""Sending a text: what the platform gets, and what a refusal looks like."""

import pytest

from callbackkit.errors import ApiError, AuthenticationError, SetupError


def test_hello_world_is_sent(account, script, capsys) -> None:
    script("send_text", "+19195550101", "+19195550102")

    message = {"from": "+19195550101", "to": "+19195550102", "text": "Hello World"}
    assert account.messages == {"m-1": message}
    assert capsys.readouterr().out == "Sent as m-1\n"


def test_a_number_of_somebody_else_is_refused_with_the_platforms_words(account, script) -> None:
    with pytest.raises(ApiError, match=r"does not have permission to use number") as refused:
        script("send_text", "+19195550199", "+19195550102")

    assert refused.value.status == 401
    assert refused.value.code == "number-access-denied"
    assert account.messages == {}


def test_a_missing_credential_is_named(account, script, monkeypatch) -> None:
    monkeypatch.delenv("BANDWIDTH_API_SECRET")

    with pytest.raises(SetupError, match="BANDWIDTH_API_SECRET"):
        script("send_text", "+19195550101", "+19195550102")


def test_wrong_credentials_are_refused_and_not_shown(account, script, monkeypatch) -> None:
    monkeypatch.setenv("BANDWIDTH_API_SECRET", "s-mistyped")

    with pytest.raises(AuthenticationError) as refused:
        script("send_text", "+19195550101", "+19195550102")

    assert "s-mistyped" not in repr(refused.value)
    assert account.messages == {}
