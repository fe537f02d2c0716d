"""Sending a text: what its receiver gets, and what a refusal looks like."""

import pytest

from callbackkit import ApiError, AuthenticationError, SetupError

pytestmark = pytest.mark.callbackkit(app=None, serve=True, numbers=["+19195550101"])


def test_hello_world_is_sent(sync_phone, script, capsys) -> None:
    script("send_text", "+19195550101", "+19195550102")

    text = sync_phone.inbox.next()
    assert (text.from_, text.to) == ("+19195550101", "+19195550102")
    assert text.text == "Hello World"
    assert capsys.readouterr().out == f"Sent as {text.id}\n"


def test_a_number_of_somebody_else_is_refused_with_the_platforms_words(sync_phone, script) -> None:
    sync_phone.allow("unowned-number")

    with pytest.raises(ApiError, match=r"does not have permission to use number") as refused:
        script("send_text", "+19195550199", "+19195550102")

    assert refused.value.status == 401
    assert refused.value.code == "number-access-denied"
    assert len(sync_phone.inbox) == 0


def test_a_missing_credential_is_named(script, monkeypatch) -> None:
    monkeypatch.delenv("BANDWIDTH_API_SECRET")

    with pytest.raises(SetupError, match="BANDWIDTH_API_SECRET"):
        script("send_text", "+19195550101", "+19195550102")


def test_wrong_credentials_are_refused_and_not_shown(sync_phone, script, monkeypatch) -> None:
    monkeypatch.setenv("BANDWIDTH_API_SECRET", "s-mistyped")

    with pytest.raises(AuthenticationError) as refused:
        script("send_text", "+19195550101", "+19195550102")

    assert "s-mistyped" not in repr(refused.value)
    assert len(sync_phone.inbox) == 0
