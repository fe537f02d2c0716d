"""The support line: calls and messages of two routers, over one store, behind a password."""

import pytest

from callbackkit.v1 import Gather, Hangup, Redirect


@pytest.fixture
def line(platform, load, monkeypatch: pytest.MonkeyPatch):
    """The line with a password, its URL having it as the platform would be told."""
    monkeypatch.setenv("SUPPORT_LINE_PASSWORD", "se:cr@t")
    line = platform("support_line.main:app")
    line.url = line.url.replace("://", "://bandwidth:se%3Acr%40t@")
    return line


def test_a_text_becomes_a_ticket_that_a_caller_hears(line) -> None:
    line.post("sms", text="Where is <Hangup/>?")

    (gather,) = line.get("answer")
    assert isinstance(gather, Gather)
    speech, end = line.get("gather", gather.request_url, digits="100")

    assert speech.text == "You asked: Where is <Hangup/>?"
    assert end == Hangup()


def test_an_unknown_ticket_is_asked_for_again(line) -> None:
    (gather,) = line.get("answer")

    speech, redirect = line.get("gather", gather.request_url, digits="999")

    assert speech.text == "There is no such ticket."
    assert isinstance(redirect, Redirect)
    assert line.get("redirect", redirect.request_url).children == (gather,)


def test_silence_ends_the_call(line) -> None:
    (gather,) = line.get("answer")

    assert line.get("gather", gather.request_url, digits="").children[-1] == Hangup()


def test_pictures_are_tickets_and_calls_are_counted(line, load) -> None:
    tickets = load("support_line.tickets").Tickets()
    main = load("support_line.main")

    with main.app.override(type(tickets), tickets):
        line.post("mms", direction="in")
        line.get("hangup")

    assert tickets.question("100")
    assert tickets.calls == 1


def test_only_health_needs_no_password(line) -> None:
    open_url = line.url.replace("bandwidth:se%3Acr%40t@", "")

    assert line.client.get(open_url).status_code == 401
    assert line.client.get(f"{open_url}health").status_code == 200


def test_without_a_password_everybody_may_call(platform, monkeypatch) -> None:
    monkeypatch.delenv("SUPPORT_LINE_PASSWORD", raising=False)

    assert platform("support_line.main:app").get("answer") is not None
